"""Irreducible loss: the smallest loss that given codes allow, over all T and P (S11).

It takes no training: for fixed codes the best prediction is the mean of what follows equal codes,
and what remains is the spread around it.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.losses.code_rows import CodeRows, code_rows
from tellapart.theory.losses.group_spread import exact_squares, one_hot_squares
from tellapart.theory.losses.parts import (
    LossPart,
    MixedGroup,
    Number,
    as_float,
    code_squares,
    mixed_groups,
    number_text,
    part_of,
    rounded,
    worst_group,
)
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

__all__ = ["IrreducibleLoss", "irreducible_loss"]

IntArray = npt.NDArray[np.int64]


@register
@dataclass(frozen=True, repr=False)
class IrreducibleLoss(Saved):
    """The smallest dynamics and auxiliary loss of fixed codes; made by :func:`irreducible_loss`.

    Losses are fractions where codes and labels are exact, floats otherwise.

    Attributes
    ----------
    n_obs, n_codes, n_transitions, n_labelled
        Observations, distinct codes, transitions and labelled observations.
    dynamics
        Smallest mean of ``||T(E(o), a) - E(o')||^2`` over the transitions, for any T.
    auxiliary
        Smallest mean of ``||P(E(o)) - p(o)||^2`` over the labelled observations, for any P; 0
        without labels.
    code_spread, label_spread
        Mean squared deviation of all codes, and of all known label vectors, from their mean.
    dynamics_relative, auxiliary_relative
        The losses over the spreads: they do not change when codes or labels are scaled. None when
        the spread is 0 (one code, one label or none): then there is no scale, and the loss is 0.
    n_mixed_dynamics, n_mixed_labels
        Groups of equal (code, action) with different successor codes, and of equal code with
        different labels.
    worst_dynamics, worst_label
        The groups that contribute most; None when there are none.
    """

    n_obs: int
    n_codes: int
    n_transitions: int
    n_labelled: int
    dynamics: Number
    auxiliary: Number
    code_spread: Number
    label_spread: Number
    dynamics_relative: Number | None
    auxiliary_relative: Number | None
    n_mixed_dynamics: int
    n_mixed_labels: int
    worst_dynamics: MixedGroup | None
    worst_label: MixedGroup | None

    @property
    def is_zero(self) -> bool:
        """Whether some T and P reach zero loss: the kernel of the codes is admissible (D4, S1).

        Decided by comparing codes and labels for equality, not by the size of a float.
        """
        return not (self.n_mixed_dynamics or self.n_mixed_labels)

    @property
    def is_exact(self) -> bool:
        """Whether both losses are fractions, computed without rounding."""
        return isinstance(self.dynamics, Fraction) and isinstance(self.auxiliary, Fraction)

    def explain(self) -> str:
        """Say in a few sentences what the numbers mean."""
        head = (
            f"{self.n_obs} observations with {self.n_codes} codes, {self.n_transitions} "
            f"transitions, {self.n_labelled} labels."
        )
        if self.is_zero:
            return f"{head}\nSome T and P reach zero loss: the kernel of the codes is admissible."
        lines = [
            head,
            "No T and P reach zero loss with these codes.",
            _part_text("dynamics", self.dynamics, self.dynamics_relative, "codes"),
            _part_text("auxiliary", self.auxiliary, self.auxiliary_relative, "labels")
            if self.n_labelled
            else "No label is known, so there is no auxiliary loss.",
        ]
        for group, kind in ((self.worst_dynamics, "transitions"), (self.worst_label, "labels")):
            if group is not None:
                lines.append(f"Worst {kind}: {group.explain()}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"IrreducibleLoss(dynamics={number_text(self.dynamics)}, "
            f"auxiliary={number_text(self.auxiliary)}, is_zero={self.is_zero}, "
            f"n_codes={self.n_codes})"
        )


def irreducible_loss(system: DeterministicMDP | TransitionData, codes: Any) -> IrreducibleLoss:
    """Compute the smallest loss over all T and P for fixed codes (S11).

    Parameters
    ----------
    system
        An MDP, or transition data: partial and non-functional data are taken as they are, each
        distinct transition once; labels count where they are known.
    codes
        One code for each observation, in their order: an array or tensor ``[n_obs, d]``, or a
        list of rows (or of numbers) of int, ``Fraction`` or float.

    Returns
    -------
    IrreducibleLoss
        Losses are means over transitions and over labelled observations, as those of
        ``tellapart.models.Evaluation``.

    Raises
    ------
    InvalidArgumentError
        For another system, a wrong number of codes, rows of different lengths, NaN or infinity.

    Notes
    -----
    O((n + m) d) for m transitions. Float codes share a group when they are equal bit for bit
    (0.0 and -0.0 are equal), as in :func:`.partition.kernel`: codes that differ by rounding are
    different codes, and then nothing is irreducible. Round codes first if you mean "nearly equal".
    Losses of float codes overflow to infinity beyond 1e308; the relative ones do not.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> found = irreducible_loss(counting_chain(9), [count % 3 for count in range(9)])
    >>> found
    IrreducibleLoss(dynamics=8/27, auxiliary=2/27, is_zero=False, n_codes=3)
    >>> found.worst_label.members, found.worst_label.values
    ((1, 4, 7), (0, 1, 0))
    """
    if not isinstance(system, DeterministicMDP | TransitionData):
        raise InvalidArgumentError(
            f"irreducible_loss needs a DeterministicMDP or TransitionData, and got a "
            f"{type(system).__name__}."
        )
    rows = code_rows(codes, system.observations)
    dynamics = _dynamics(system, rows)
    labels = _labels(system, rows)
    return IrreducibleLoss(
        n_obs=system.n_obs,
        n_codes=rows.n_codes,
        n_transitions=dynamics.count,
        n_labelled=labels.count,
        dynamics=dynamics.loss,
        auxiliary=labels.loss,
        code_spread=dynamics.spread,
        label_spread=labels.spread,
        dynamics_relative=dynamics.relative,
        auxiliary_relative=labels.relative,
        n_mixed_dynamics=dynamics.n_mixed,
        n_mixed_labels=labels.n_mixed,
        worst_dynamics=dynamics.worst,
        worst_label=labels.worst,
    )


def _dynamics(system: DeterministicMDP | TransitionData, rows: CodeRows) -> LossPart:
    sources, actions, targets = _transitions(system)
    order, starts = mixed_groups(rows.ids[sources] * system.n_actions + actions, rows.ids[targets])
    squares, spread, exponent = code_squares(rows, targets[order], starts)

    def name(transition: int) -> tuple[Hashable, Hashable]:
        names = system.observations
        return names[int(sources[transition])], names[int(targets[transition])]

    def action(transition: int) -> Hashable:
        return system.actions[int(actions[transition])]

    worst = worst_group(squares, exponent, order, starts, name, action)
    return part_of(squares, spread, exponent, len(sources), worst)


def _labels(system: DeterministicMDP | TransitionData, rows: CodeRows) -> LossPart:
    """Compute the auxiliary part; always over the rationals, rounded at the end for floats."""
    known = np.flatnonzero(system.label_ids >= 0)
    if not len(known):
        nothing = LossPart(0, Fraction(0), Fraction(0), None, 0, None)
        return nothing if rows.scale is not None else rounded(nothing)
    labels = exact_labels(system.label_values)
    ids = system.label_ids.astype(np.int64)
    order, starts = mixed_groups(rows.ids[known], ids[known])
    whole = np.zeros(1, dtype=np.int64)
    if labels.is_one_hot:
        squares = one_hot_squares(ids, known[order], starts)
        spread = one_hot_squares(ids, known, whole)[0] / len(known)
    else:
        scale = lcm(*labels.scales)
        table = np.array([[int(x * scale) for x in labels.vector(i)] for i in range(labels.count)],
                         dtype=object)  # fmt: skip
        squares = [s / scale**2 for s in exact_squares(table, ids[known[order]], starts)]
        spread = exact_squares(table, ids[known], whole)[0] / scale**2 / len(known)

    def name(position: int) -> tuple[Hashable, Hashable]:
        o = int(known[position])
        return system.observations[o], system.label_values[int(ids[o])]

    worst = worst_group(squares, 0, order, starts, name, lambda _: None)
    part = part_of(squares, spread, 0, len(known), worst)
    return part if rows.scale is not None and not labels.has_floats else rounded(part)


def _transitions(
    system: DeterministicMDP | TransitionData,
) -> tuple[IntArray, IntArray, IntArray]:
    if isinstance(system, TransitionData):
        columns = (system.sources, system.action_ids, system.targets)
        return tuple(column.astype(np.int64) for column in columns)  # type: ignore[return-value]
    n, width = system.successors.shape
    sources, actions = np.repeat(np.arange(n), width), np.tile(np.arange(width), n)
    return sources, actions, system.successors.reshape(-1).astype(np.int64)


def _part_text(name: str, loss: Number, relative: Number | None, of: str) -> str:
    if relative is None:
        return f"Smallest {name} loss: {number_text(loss)} (all {of} are equal)."
    return (
        f"Smallest {name} loss: {number_text(loss)}, which is {as_float(relative):.3g} of the "
        f"variance of the {of}."
    )
