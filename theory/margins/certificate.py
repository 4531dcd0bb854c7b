"""The certificate of margins (S10): claims about pairs of codes, with all that is needed to check.

Nothing in it has to be believed. :mod:`tellapart.theory.margin_checker` evaluates the programs once
more in integer arithmetic, and re-derives every bound, every constant and every margin.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.program import NetworkModel
from tellapart.theory.serialise import Saved, register

__all__ = ["ConstantSource", "Form", "MarginCertificate"]

Form = Literal["label", "step", "path"]
ConstantSource = Literal["points", "norm"]


@register
@dataclass(frozen=True, eq=False)
class MarginCertificate(Saved):
    """Claims ``|E(x) - E(y)| >= margin`` in the sup norm, each with the inequality that gives it.

    All numbers that are claimed are rationals, written ``"p/q"`` or ``"p"``. Transitions are
    numbered as in ``system``: observation by observation and action by action for a
    ``DeterministicMDP`` (``o * n_actions + a``), in the order of ``triples`` for
    ``TransitionData``. Norms are sup norms, of latents and of labels.

    Attributes
    ----------
    system, model
        What was certified, on what.
    dynamics_bounds
        For each transition (o, a, o'), an upper bound of ``|T(E(o), a) - E(o')|``.
    aux_bounds
        For each observation, an upper bound of ``|P(E(o)) - p(o)|``; None where it has no label.
    predictor_constants, predictor_sources
        For each action, L_a with ``|T(E(x), a) - T(E(y), a)| <= L_a |E(x) - E(y)|``; None where
        there is none. The source says for which x, y: ``"points"``: all observations x, y of the
        system from which the action is covered. ``"norm"``: all pairs of latents whatever, by
        the largest column sum of the absolute values of an interval matrix that contains every
        difference quotient of the program.
    head_constant, head_source
        K with ``|P(E(x)) - P(E(y))| <= K |E(x) - E(y)|``, for all labelled observations or for
        all latents; None where there is none.
    pairs
        int64 ``[k, 2]``, observations ``x < y``, each pair once.
    margins
        k positive rationals, the claims.
    forms
        How each claim follows. ``"label"``: ``(|p(x) - p(y)| - δ(x) - δ(y)) / K``. ``"step"``:
        ``(m - ε(s) - ε(t)) / L_a``, with the transitions s from x and t from y under the same
        action a, and m the claim of the pair that they lead to. ``"path"``: along a word, by
        difference quotients (see the notes).
    supports
        int64 ``[k, 2]``. ``"step"``: the transitions s and t. ``"path"``: the number of the path
        and -1. ``"label"``: -1 and -1.
    paths
        For each path the pairs of transitions (s_1, t_1), ..., (s_k, t_k), from x and y along one
        word of actions.

    Notes
    -----
    Steps must be well founded: following supports from any claim ends at a label or a path.

    A path: let M_i be a matrix with ``T(E(x_i), a) - T(E(y_i), a) = (E(x_i) - E(y_i)) M_i`` (the
    product of weight matrices and of the difference quotients of the activations), W the same for
    the head, ``S_i = M_i M_{i+1} ... W``, ρ_i the difference of the two signed dynamics residuals
    of step i and κ that of the two signed label residuals at the end. For each label coordinate j,
    ``|p(x_k) - p(y_k)|_j <= |E(x) - E(y)| Σ_r |S_0[r, j]| + Σ_i |ρ_i S_{i+1}|_j + |κ_j|``, which
    bounds ``|E(x) - E(y)|`` from below. For linear T this is the norm of the product along the
    word (S10).
    """

    system: DeterministicMDP | TransitionData
    model: NetworkModel
    dynamics_bounds: tuple[str, ...]
    aux_bounds: tuple[str | None, ...]
    predictor_constants: tuple[str | None, ...]
    predictor_sources: tuple[ConstantSource, ...]
    head_constant: str | None
    head_source: ConstantSource
    pairs: npt.NDArray[np.int64]
    margins: tuple[str, ...]
    forms: tuple[Form, ...]
    supports: npt.NDArray[np.int64]
    paths: tuple[tuple[tuple[int, int], ...], ...]

    def __repr__(self) -> str:
        counts = {form: self.forms.count(form) for form in ("label", "step", "path")}
        listed = ", ".join(f"{n} by {form}" for form, n in counts.items() if n)
        return f"MarginCertificate({len(self.pairs)} pairs: {listed or 'none'})"
