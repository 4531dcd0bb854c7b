"""S9: when a label forces a target apart, and which symmetries forbid it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

from tellapart.properties.laws.claims import (
    broken,
    facts_of,
    levels,
    pairs_merged,
    separating_words,
)
from tellapart.properties.laws.instances import LawTarget, symmetric_systems, targets
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.choice.symmetry import Symmetry, automorphism_moving
from tellapart.theory.choice.targets import suffices
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["LAWS"]

Suffices = Callable[[DeterministicMDP, Partition], Any]
Find = Callable[[DeterministicMDP, Hashable, Hashable], Symmetry | None]


@dataclass(frozen=True)
class _Answer:
    """What a known-bad subject says, in the form of a ``Sufficiency``."""

    holds: bool
    n_missing: int = 0
    witness: tuple[Hashable, Hashable] | None = None


def _as_many_values(mdp: DeterministicMDP, target: Partition) -> _Answer:
    """Call a label sufficient that has as many values as the target has blocks: known bad."""
    return _Answer(len(mdp.label_values) >= target.n_blocks)


def _labels_only(mdp: DeterministicMDP, target: Partition) -> Any:
    """Ask whether the label itself, without the dynamics, refines the target: known bad."""
    stay = [[o] * mdp.n_actions for o in range(mdp.n_obs)]
    return suffices(DeterministicMDP(stay, mdp.labels, mdp.observations, mdp.actions), target)


def _check_suffices(example: LawTarget, decide: Suffices) -> Seen:
    mdp, facts = example.mdp, facts_of(example.mdp)
    wanted = set(combinations(range(facts.n), 2)) - pairs_merged(example.target.ids.tolist())
    missing = wanted - set(separating_words(facts))
    found = decide(mdp, example.target)
    if bool(found.holds) != (not missing):
        x, y = (facts.names[o] for o in (min(missing) if missing else min(wanted, default=(0, 0))))
        says = "suffices" if found.holds else "does not suffice"
        broken(f"It is said that the label {says}, but see {x!r} and {y!r}.")
    if missing and found.n_missing != len(missing):
        broken(f"{len(missing)} pairs are not forced apart, and {found.n_missing} were said.")
    if missing and _pair(facts.names, found.witness) not in missing:
        broken(f"{found.witness!r} is given as a pair that is not forced apart, and it is.")
    history = levels(facts)
    notes = {"suffices": not missing}
    why = None if wanted else "the target keeps nothing apart"
    return Seen(why, len(history) - 1, 1 + max(history[-1]), None, notes)


def _pair(names: Sequence[Hashable], pair: tuple[Hashable, Hashable] | None) -> tuple[int, ...]:
    return () if pair is None else tuple(sorted(names.index(name) for name in pair))


def _never(mdp: DeterministicMDP, x: Hashable, y: Hashable) -> None:
    """Find no symmetry: known bad."""


def _swap(mdp: DeterministicMDP, x: Hashable, y: Hashable) -> Symmetry:
    """Swap the two and leave all others, whatever the dynamics: known bad."""
    return Symmetry(x, y, ((x, y), (y, x)), respects_labels=True)


def _check_symmetry(example: LawTarget, find: Find) -> Seen:
    mdp, facts = example.mdp, facts_of(example.mdp)
    if facts.n == 1:
        return Seen("one observation has no pair")
    known = _automorphisms(mdp)
    words, found_some = separating_words(facts), False
    for x, y in combinations(range(facts.n), 2):
        one, other = facts.names[x], facts.names[y]
        found = find(mdp, one, other)
        exists = any(image[x] == y for image in known)
        if (found is not None) != exists:
            which = "exists" if exists else "does not exist"
            broken(f"A symmetry that moves {one!r} to {other!r} {which}.")
        if found is None:
            continue
        found_some = True
        if _image(mdp, found) not in known or _image(mdp, found)[x] != y:
            broken(
                f"{found!r} is no symmetry of dynamics and label that moves {one!r} to {other!r}."
            )
        if (x, y) in words:
            broken(f"A symmetry moves {one!r} to {other!r}, and yet a word tells them apart.")
    history = levels(facts)
    return Seen(None, len(history) - 1, 1 + max(history[-1]), None, {"symmetric": found_some})


def _automorphisms(mdp: DeterministicMDP) -> set[tuple[int, ...]]:
    """Return every permutation that dynamics and label respect, by trying all."""
    after, labels, n = mdp.successors.tolist(), mdp.labels, mdp.n_obs
    return {
        image
        for image in permutations(range(n))
        if all(
            labels[image[o]] == labels[o] and [image[s] for s in after[o]] == after[image[o]]
            for o in range(n)
        )
    }


def _image(mdp: DeterministicMDP, found: Symmetry) -> tuple[int, ...]:
    moves = dict(found.moves)
    names = list(mdp.observations)
    return tuple(names.index(moves.get(name, name)) for name in names)


LAWS: tuple[Law, ...] = (
    Law(
        id="S9",
        statement="S9",
        title="a label suffices for a target when words tell all pairs of the target apart",
        text="It is said to suffice exactly when, for every pair that the target keeps apart, some "
        "word leads to different labels; otherwise the number of pairs is right and the pair that "
        "is named is one of them.",
        cost=Cost.EXACT,
        cases=targets,
        check=_check_suffices,
        subject=suffices,
        bad={"as many values": _as_many_values, "labels only": _labels_only},
    ),
    Law(
        id="S9-symmetry",
        statement="S9",
        title="a symmetry is found where there is one, and no label it respects tells its pairs "
        "apart",
        text="Among all permutations of the observations, one that dynamics and label respect "
        "moves x to y exactly when one is found, and then no word tells x from y.",
        cost=Cost.EXACT,
        cases=symmetric_systems,
        check=_check_symmetry,
        subject=automorphism_moving,
        bad={"never finds one": _never, "swaps the two": _swap},
    ),
)
