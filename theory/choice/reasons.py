"""Why fewer labels do not suffice: twins, disjoint supports, symmetries (S9)."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.choice.folds import Fold, LabelProblem
from tellapart.theory.choice.symmetry import Symmetry, automorphism_moving
from tellapart.theory.errors import BudgetExceededError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import register

__all__ = [
    "LabelReason",
    "Need",
    "NeedGroup",
    "disjoint_needs",
    "explain_needs",
    "refuted",
    "twin_clique",
    "value_twins",
]

#: All pairs are looked at for twins up to this many observations; beyond, equal rows only.
_PAIRWISE = 512
#: Symmetries are looked for up to this many observations and groups.
_SYMMETRY_SIZE, _SYMMETRY_GROUPS = 2000, 50


@dataclass(frozen=True)
class Need:
    """By index: ``count`` of the ``members`` must be labelled, or the pair stays merged."""

    members: tuple[int, ...]
    count: int
    pair: tuple[int, int]
    twins: bool


@register
@dataclass(frozen=True)
class NeedGroup:
    """Observations of which some must be labelled apart, whatever the others show.

    Attributes
    ----------
    members
        Names.
    needs
        How many of them need a label.
    pair
        Two of them that stay merged otherwise.
    twins
        Whether any two of the members fold onto nothing but themselves.
    symmetry
        An automorphism that moves one of the pair to the other and nothing outside ``members``;
        None where none was looked for or found.
    """

    members: tuple[Hashable, ...]
    needs: int
    pair: tuple[Hashable, Hashable]
    twins: bool
    symmetry: Symmetry | None = None


@register
@dataclass(frozen=True)
class LabelReason:
    """Why a smaller number of labelled observations or values does not suffice.

    Attributes
    ----------
    cause
        ``"nothing"`` (nothing has to be told apart), ``"constant"`` (a constant label tells
        nothing apart), ``"twins"``, ``"symmetry"``, ``"disjoint supports"``, or ``"exhausted"``
        (the solver refuted every smaller labelling).
    groups
        Disjoint groups whose needs add up to the number; one clique of twins for values.
    text
        The reason in a sentence.
    """

    cause: str
    groups: tuple[NeedGroup, ...]
    text: str

    def explain(self) -> str:
        """Return the reason, with the first groups."""
        lines = [self.text]
        for group in self.groups[:6]:
            names = ", ".join(map(repr, group.members[:8]))
            more = f", .. ({len(group.members)} in all)" if len(group.members) > 8 else ""
            one, other = group.pair
            lines.append(
                f"  {group.needs} of {{{names}{more}}}, or {one!r} and {other!r} may be merged"
            )
            if group.symmetry is not None:
                shown = ", ".join(f"{u!r} -> {v!r}" for u, v in group.symmetry.moves[:8])
                end = ", .." if len(group.symmetry.moves) > 8 else ""
                lines.append(f"    symmetry: {shown}{end}")
        if len(self.groups) > 6:
            lines.append(f"  .. ({len(self.groups)} groups in all)")
        return "\n".join(lines)


def disjoint_needs(problem: LabelProblem, folds: Iterable[Fold]) -> list[Need]:
    """Choose disjoint groups, each of which needs labelled observations of its own, greedily.

    The sum of their counts is a lower bound on the labelled observations (own values or not).
    """
    needs = [_twin_need(problem, twins.tolist()) for twins in problem.twins]
    needs += [
        Need(
            tuple(sorted(each.support)),
            1,
            (min(each.x, each.y), max(each.x, each.y)),
            len(each.edges) == 1,
        )
        for each in folds
        if each.complete
    ]
    used: set[int] = set()
    chosen: list[Need] = []
    for need in sorted(needs, key=_tightness):
        if used.isdisjoint(need.members):
            used.update(need.members)
            chosen.append(need)
    return chosen


def _tightness(need: Need) -> tuple[int, int, tuple[int, ...]]:
    """Sort groups that leave few members unlabelled first, and of those the larger."""
    return len(need.members) - need.count, -need.count, need.members


def _twin_need(problem: LabelProblem, members: list[int]) -> Need:
    parts = Counter(problem.target[members].tolist())
    first = members[0]
    other = next(o for o in members if problem.target[o] != problem.target[first])
    count = len(members) - max(parts.values())
    return Need(tuple(members), count, (first, other), True)


def twin_clique(problem: LabelProblem) -> tuple[int, ...]:
    """Return observations of which any two are twins that the target separates, as many as found.

    Each needs a value of its own. At least one observation; O(n² |A|) up to 512 observations,
    beyond that only classes of equal successors are looked at.
    """
    best: tuple[int, ...] = (0,)
    for twins in problem.twins:
        firsts = np.unique(problem.target[twins], return_index=True)[1]
        if len(firsts) > len(best):
            best = tuple(sorted(twins[firsts].tolist()))
    if problem.n > _PAIRWISE:
        return best
    are_twins = _twin_matrix(problem)
    for o in np.flatnonzero(are_twins.sum(axis=1) >= len(best)).tolist():
        clique, candidates = [o], are_twins[o].copy()
        while candidates.any():
            options = np.flatnonzero(candidates)
            inside = are_twins[np.ix_(options, options)].sum(axis=1)
            clique.append(int(options[int(np.argmax(inside))]))
            candidates &= are_twins[clique[-1]]
        if len(clique) > len(best):
            best = tuple(sorted(clique))
    return best


def _twin_matrix(problem: LabelProblem) -> npt.NDArray[np.bool_]:
    """Tell for all pairs whether they are separated by the target and fold onto themselves only."""
    here = np.arange(problem.n)
    alike: npt.NDArray[np.bool_] = problem.target[:, None] != problem.target[None, :]
    for column in problem.successors.T:
        of_x, of_y = column[:, None], column[None, :]
        stay = (of_x == here[:, None]) & (of_y == here[None, :])
        swap = (of_x == here[None, :]) & (of_y == here[:, None])
        alike &= (of_x == of_y) | stay | swap
    return alike


def explain_needs(mdp: DeterministicMDP, needs: Sequence[Need]) -> LabelReason:
    """Turn disjoint groups into a reason, with symmetries where the dynamics have them."""
    small = mdp.n_obs <= _SYMMETRY_SIZE and len(needs) <= _SYMMETRY_GROUPS
    groups = tuple(_group(mdp, need, small) for need in needs)
    total = sum(group.needs for group in groups)
    if all(group.twins for group in groups):
        cause, text = (
            "twins",
            (
                f"Fewer than {total} do not suffice: twins have the same successors (or stay where "
                "they are), so only labels of their own tell them apart."
            ),
        )
    elif all(group.symmetry is not None for group in groups):
        cause, text = (
            "symmetry",
            (
                f"Fewer than {total} do not suffice: each of these groups has a symmetry of the "
                "dynamics that a label respects unless it marks one of the group."
            ),
        )
    else:
        cause, text = (
            "disjoint supports",
            (
                f"Fewer than {total} do not suffice: these groups are disjoint and each needs "
                "labelled observations of its own."
            ),
        )
    return LabelReason(cause, groups, text)


def value_twins(mdp: DeterministicMDP, clique: Sequence[int]) -> LabelReason:
    """Return the reason that a clique of twins needs as many values as it has members."""
    members = tuple(mdp.observations[o] for o in clique)
    group = NeedGroup(members, len(members), (members[0], members[1]), True)
    return LabelReason(
        "twins",
        (group,),
        f"Fewer than {len(members)} values do not suffice: any two of these have the same "
        "successors (or stay, or swap), so only different values tell them apart.",
    )


def _group(mdp: DeterministicMDP, need: Need, with_symmetry: bool) -> NeedGroup:
    names = mdp.observations
    pair = (names[need.pair[0]], names[need.pair[1]])
    members = tuple(names[o] for o in need.members)
    symmetry = None
    if with_symmetry and need.count == 1:
        try:
            symmetry = automorphism_moving(mdp, *pair, respect_labels=False, max_steps=2000)
        except BudgetExceededError:
            symmetry = None
        if symmetry is not None and not set(symmetry.moved) <= set(members):
            symmetry = None  # it moves more, so marks elsewhere would break it as well
    return NeedGroup(members, need.count, pair, need.twins, symmetry)


def refuted(number: int, what: str, remark: str = "") -> LabelReason:
    """Return the reason that the solver refuted every label with one fewer."""
    fewer = f"{number - 1} {what}{'s' * (number != 2)}{remark}"
    return LabelReason("exhausted", (), f"The solver refuted every label with {fewer}.")
