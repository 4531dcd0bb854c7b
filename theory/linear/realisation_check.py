"""Check of a linear model in exact arithmetic; shares no code with its construction (D1)."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

__all__ = ["RealisationCheck", "check_realisation"]

Objects = npt.NDArray[np.object_]
Sparse = dict[int, Fraction]


@register
@dataclass(frozen=True, slots=True)
class RealisationCheck(Saved):
    """Whether a linear model has zero loss (D1) in exact arithmetic; ``bool()`` is the answer.

    Attributes
    ----------
    holds
        The answer.
    n_transitions, n_observations
        How many equations of each kind there are.
    failure
        The first equation that fails, in words; None when all hold.
    """

    holds: bool
    n_transitions: int
    n_observations: int
    failure: str | None = None

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return the result as a sentence."""
        if not self.holds:
            return f"Not exactly zero loss (D1): {self.failure}"
        return (
            f"Zero loss, exactly (D1): {self.n_transitions} transitions and "
            f"{self.n_observations} labels compared as rational numbers."
        )


def check_realisation(
    system: DeterministicMDP,
    codes: Objects,
    matrices: Objects,
    offsets: Objects,
    head: Objects,
    head_offset: Objects,
) -> RealisationCheck:
    """Multiply out ``E[o] T_a + b_a`` and ``E[o] P + c`` for every observation, and compare.

    Parameters
    ----------
    system
        The MDP.
    codes, matrices, offsets, head, head_offset
        As in :class:`.realisation.LinearRealisation`.

    Returns
    -------
    RealisationCheck

    Notes
    -----
    O(n |A| k²) operations on numbers that are not 0, of which a code has k; equal codes with
    equal successors are multiplied once.
    """
    failure = _wrong_shape(system, codes, matrices, offsets, head, head_offset)
    if failure is None:
        failure = _wrong_transition(system, codes, matrices, offsets)
    if failure is None:
        failure = _wrong_label(system, codes, head, head_offset)
    pairs = system.n_obs * system.n_actions
    return RealisationCheck(failure is None, pairs, system.n_obs, failure)


def _wrong_shape(system: DeterministicMDP, codes: Objects, *others: Objects) -> str | None:
    d = codes.shape[1] if codes.ndim == 2 else 0
    width = exact_labels(system.label_values).dim
    wanted = [(system.n_obs, d), (system.n_actions, d, d), (system.n_actions, d), (d, width),
              (width,)]  # fmt: skip
    found = [array.shape for array in (codes, *others)]
    if found == wanted:
        return None
    return f"the matrices have the shapes {found}; for {system!r} they must be {wanted}."


def _wrong_transition(
    system: DeterministicMDP, codes: Objects, matrices: Objects, offsets: Objects
) -> str | None:
    rows = [_sparse(row) for row in codes]
    shown = [tuple(row.tolist()) for row in codes]
    for action in range(system.n_actions):
        moved = [_sparse(row) for row in matrices[action]]
        shift = _sparse(offsets[action])
        known: dict[tuple[object, ...], Sparse] = {}
        for o, target in enumerate(system.successors[:, action].tolist()):
            if shown[o] not in known:
                known[shown[o]] = _combine(rows[o], moved, shift)
            if known[shown[o]] != rows[target]:
                return (
                    f"from {system.observations[o]!r} with action {system.actions[action]!r} the "
                    f"model predicts another code than that of {system.observations[target]!r}."
                )
    return None


def _wrong_label(
    system: DeterministicMDP, codes: Objects, head: Objects, head_offset: Objects
) -> str | None:
    labels = exact_labels(system.label_values)
    wanted = [_sparse(labels.vector(label)) for label in range(labels.count)]
    weights, shift = [_sparse(row) for row in head], _sparse(head_offset)
    for o, label in enumerate(system.label_ids.tolist()):
        if _combine(_sparse(codes[o]), weights, shift) != wanted[label]:
            return (
                f"the label read from {system.observations[o]!r} is not "
                f"{system.label_values[label]!r}."
            )
    return None


def _sparse(row: "Objects | tuple[Fraction, ...]") -> Sparse:
    return {j: entry for j, entry in enumerate(row) if entry}


def _combine(weights: Sparse, rows: list[Sparse], shift: Sparse) -> Sparse:
    total = dict(shift)
    for i, weight in weights.items():
        for j, entry in rows[i].items():
            total[j] = total.get(j, Fraction(0)) + weight * entry
    return {j: entry for j, entry in total.items() if entry}
