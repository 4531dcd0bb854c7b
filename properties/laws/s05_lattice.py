"""S5: the admissible partitions are a lattice, from the identity to bisimilarity."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Protocol

from tellapart.properties.laws.claims import (
    Codes,
    admissible_kernels,
    all_partitions,
    broken,
    facts_of,
    inside,
    levels,
)
from tellapart.properties.laws.examples import LawData, LawSystem, data_examples, systems
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.lattice.admissible import AdmissibleLattice, admissible_lattice
from tellapart.theory.lattice.count import count_admissible
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["LAWS"]

#: Pairs of partitions of which join and meet are compared; beyond, every so many-th.
_MOST_PAIRS = 120


class Listed(Protocol):
    """What the law asks of a lattice."""

    @property
    def partitions(self) -> Sequence[Partition]:
        """All partitions."""

    @property
    def covers(self) -> Sequence[tuple[int, int]]:
        """Positions (finer, coarser) with nothing between."""

    def join(self, one: Partition, other: Partition) -> Partition | None:
        """Return the least one above both."""

    def meet(self, one: Partition, other: Partition) -> Partition:
        """Return the largest one below both."""


def _check_lattice(example: LawSystem, list_all: Callable[[DeterministicMDP], Listed]) -> Seen:
    """Check that the list is complete and in order, and closed under join and meet."""
    facts = facts_of(example.mdp)
    wanted = admissible_kernels(facts)  # each of these is realised: T and P are tables
    lattice = list_all(example.mdp)
    listed = [tuple(p.ids.tolist()) for p in lattice.partitions]
    for ids in sorted(set(wanted) ^ set(listed)):
        said = "listed, and no model" if ids in listed else "not listed, and a model"
        broken(f"{Partition(ids)!r} is {said} with this kernel has zero loss.")
    if len(listed) != len(wanted):
        broken(f"{len(listed)} partitions are listed, some twice; there are {len(wanted)}.")
    history = levels(facts)
    top = history[-1]
    for ids in listed:
        if not inside(ids, top):
            broken(f"{Partition(ids)!r} is not inside bisimilarity, {Partition(top)!r}.")
    if top not in listed or tuple(range(facts.n)) not in listed:
        broken(f"The identity or bisimilarity, {Partition(top)!r}, is not in the list.")
    _check_operations(lattice, listed)
    _check_covers(lattice, listed)
    return Seen(None, len(history) - 1, 1 + max(top), notes={"partitions": min(len(listed), 8)})


def _check_operations(lattice: Listed, listed: Sequence[Codes]) -> None:
    pairs = list(combinations(range(len(listed)), 2))
    for i, j in pairs[:: 1 + len(pairs) // _MOST_PAIRS]:
        one, other = lattice.partitions[i], lattice.partitions[j]
        for name, got, want in (
            ("join", lattice.join(one, other), _closure(listed[i], listed[j])),
            ("meet", lattice.meet(one, other), _common(listed[i], listed[j])),
        ):
            if got is None or tuple(got.ids.tolist()) != want:
                broken(f"The {name} of {one!r} and {other!r} is {Partition(want)!r}, and {got!r} "
                       "was returned.")  # fmt: skip
            if want not in listed:
                broken(f"The {name} of {one!r} and {other!r} is not in the list.")


def _closure(one: Codes, other: Codes) -> Codes:
    """Return the transitive closure of the union, by repeated spreading of the smallest member."""
    least = list(range(len(one)))
    for _ in one:
        for codes in (one, other):
            least = [min(least[y] for y in range(len(one)) if codes[y] == codes[x])
                     for x in range(len(one))]  # fmt: skip
    return _canonical(least)


def _common(one: Codes, other: Codes) -> Codes:
    return _canonical(list(zip(one, other, strict=True)))


def _canonical(keys: Sequence[object]) -> Codes:
    seen: dict[object, int] = {}
    return tuple(seen.setdefault(key, len(seen)) for key in keys)


def _check_covers(lattice: Listed, listed: Sequence[Codes]) -> None:
    """Compare the edges with the definition: strictly below, and nothing strictly between."""
    below = [{i for i, p in enumerate(listed) if p != q and inside(p, q)} for q in listed]
    wanted = {
        (i, j)
        for j, lower in enumerate(below)
        for i in lower
        if not any(i in below[k] for k in lower)
    }
    wrong = sorted(wanted ^ set(lattice.covers))
    if wrong:
        i, j = wrong[0]
        said = "is missing from" if (i, j) in wanted else "does not belong in"
        broken(f"The edge from {Partition(listed[i])!r} to {Partition(listed[j])!r} {said} the "
               "diagram.")  # fmt: skip


def _check_count(example: LawData, count: Callable[[TransitionData], int]) -> Seen:
    """Compare the number with what going through all partitions gives."""
    wanted = len(admissible_kernels(facts_of(example.data)))
    got = count(example.data)
    if got != wanted:
        broken(f"{wanted} partitions of the observations are kernels of zero-loss models, and "
               f"{got} were counted.")  # fmt: skip
    return Seen(notes={"partitions": min(wanted, 8)})


@dataclass(frozen=True)
class _Altered:
    """A lattice with a mistake in it."""

    lattice: AdmissibleLattice
    partitions: Sequence[Partition]
    covers: Sequence[tuple[int, int]]
    closed: bool = True

    def join(self, one: Partition, other: Partition) -> Partition | None:
        if self.closed:
            return self.lattice.join(one, other)
        # The union as if it were transitive already: the first partner in either stands for all.
        partners = (one.ids, other.ids)
        return Partition([min(int((ids == ids[o]).argmax()) for ids in partners)
                          for o in range(len(one))])  # fmt: skip

    def meet(self, one: Partition, other: Partition) -> Partition:
        return self.lattice.meet(one, other)


def _plain_union(mdp: DeterministicMDP) -> Listed:
    true = admissible_lattice(mdp)
    return _Altered(true, true.partitions, true.covers, closed=False)


def _without_one(mdp: DeterministicMDP) -> Listed:
    true = admissible_lattice(mdp)
    middle = len(true) // 2
    kept = [p for k, p in enumerate(true.partitions) if k != middle or len(true) < 3]
    return _Altered(true, kept, true.covers)


def _without_dynamics(mdp: DeterministicMDP) -> Listed:
    """List everything inside bisimilarity, whether the dynamics respect it or not."""
    true, top = admissible_lattice(mdp), bisimulation(mdp).partition
    inner = [p for p in map(Partition, all_partitions(mdp.n_obs)) if p.refines(top)]
    more = [p for p in inner if p not in true]
    return _Altered(true, [*true.partitions, *more], true.covers)


def _count(data: TransitionData) -> int:
    return count_admissible(data).value


def _count_inside_tops(data: TransitionData) -> int:
    """Count all partitions inside the coarsest, as if nothing folded."""
    lattice = admissible_lattice(data)
    if not lattice.feasible:
        return 0
    return prod(len(all_partitions(size)) for size in lattice.tops[0].sizes.tolist())


LAWS: tuple[Law, ...] = (
    Law(
        id="S5",
        statement="S5",
        title="the admissible partitions form a lattice from the identity to bisimilarity",
        text="The list holds exactly the kernels of zero-loss models; the identity is its "
        "bottom and bisimilarity its top; meets are intersections and joins transitive closures "
        "of unions, both in the list; its edges are the covers.",
        cost=Cost.EXACT,
        cases=lambda: systems(most=5, actions=2),
        check=_check_lattice,
        subject=admissible_lattice,
        bad={
            "union without its closure": _plain_union,
            "one partition is left out": _without_one,
            "everything inside bisimilarity": _without_dynamics,
        },
    ),
    Law(
        id="S5-count",
        statement="S5",
        title="the number of admissible partitions is right",
        text="For any data, the count in closed form equals the number of partitions, of all of "
        "them, on which tables for T and P exist; 0 when zero loss is impossible.",
        cost=Cost.EXACT,
        cases=lambda: data_examples(most=6, also=("few labels", "forks", "folds")),
        check=_check_count,
        subject=_count,
        bad={"everything inside a largest one": _count_inside_tops},
    ),
)
