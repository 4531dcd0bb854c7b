"""Random partial data with evidence, sound and corrupted, and what brute force says of the claims.

Used by ``extracted_agreement.py`` and by the tests of the verified checkers. Corrupted steps name
all earlier steps as their reasons, so that the checker that follows reasons and the one that
replays merges are asked the same question.
"""

import dataclasses
import itertools
import random

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.chain import Infeasibility, check_infeasibility, infeasibility
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.merge_proof import merge_steps
from tellapart.theory.partial.pairs import PairSeparation, separation_of
from tellapart.theory.partial.proof import Clash, MergeStep
from tellapart.theory.partial.proof_checker import check_merges
from tellapart.theory.partial.separation_checker import check_separation
from tellapart.theory.partition import Partition
from tellapart.theory.verified_data_checker import (
    check_forced_verified,
    check_infeasibility_verified,
    check_separation_verified,
)

SMALL = 6


@dataclasses.dataclass(frozen=True)
class Forced:
    """The claim that a partition is F(D), with its merges."""

    partition: Partition
    steps: tuple[MergeStep, ...]


Evidence = Forced | Infeasibility | PairSeparation


def random_data(rng: random.Random) -> TransitionData:
    """Return data of 2 to 12 observations, with gaps and with several successors."""
    n, m = rng.choice((rng.randint(2, SMALL), rng.randint(2, 12))), rng.randint(1, 2)
    rows = [
        (rng.randrange(n), rng.randrange(m), rng.randrange(n)) for _ in range(rng.randint(1, 2 * n))
    ]
    labels = {o: rng.randrange(3) for o in range(n) if rng.random() < 0.4}
    return TransitionData(rows, labels, [f"o{o}" for o in range(n)], range(m))


def evidence_of(data: TransitionData, rng: random.Random) -> Evidence:
    """Return one claim of the library with its evidence."""
    witness = infeasibility(data)
    if rng.random() < 0.3 or (witness is None and data.n_obs < 2):
        classes = forced_classes(data)
        return Forced(classes.partition, merge_steps(classes))
    if witness is not None:
        return witness
    return separation_of(data, *rng.sample(data.observations, 2))


def verdicts(data: TransitionData, evidence: Evidence) -> tuple[bool, bool]:
    """Return what the extracted and the fast checker say."""
    match evidence:
        case Forced(partition, steps):
            extracted = check_forced_verified(data, partition, steps)
            return extracted.ok, check_merges(data, steps, partition).ok
        case Infeasibility():
            extracted = check_infeasibility_verified(data, evidence)
            return extracted.ok, check_infeasibility(data, evidence).ok
        case PairSeparation():
            extracted = check_separation_verified(data, evidence)
            return extracted.ok, check_separation(data, evidence).ok
    raise TypeError(type(evidence).__name__)


def corrupted(data: TransitionData, evidence: Evidence, rng: random.Random) -> Evidence:
    """Return the evidence with one to three changes; some of it may still be right."""
    for _ in range(rng.randint(1, 3)):
        evidence = _changed(data, evidence, rng)
    return evidence


def _changed(data: TransitionData, evidence: Evidence, rng: random.Random) -> Evidence:
    supposed = isinstance(evidence, PairSeparation)
    changes: dict[str, object] = {"word": None} if supposed else {}
    clash, partition = getattr(evidence, "clash", None), getattr(evidence, "partition", None)
    chance = rng.random()
    if supposed and chance < 0.15:
        changes["x"], changes["y"] = rng.sample(data.observations, 2)
    elif partition is not None and (supposed or chance < 0.5):
        ids = partition.ids.tolist()
        ids[rng.randrange(len(ids))] = rng.randrange(len(ids))
        changes["partition"] = Partition(ids)
    else:
        steps = evidence.steps
        if clash is not None and chance < 0.4:
            clash = _other_clash(data, clash, rng)
        else:
            steps = rebuilt(data, _other_rows(data, steps, rng), supposed)
        if clash is not None:
            because = tuple(range(0 if supposed else 1, len(steps) + 1))
            changes["clash"] = dataclasses.replace(clash, because=because)
        changes["steps"] = steps
    return dataclasses.replace(evidence, **changes)


def _other_clash(data: TransitionData, clash: Clash, rng: random.Random) -> Clash:
    o = rng.randrange(data.n_obs)
    label = data.label_of(o) if rng.random() < 0.8 else rng.randrange(3)
    if rng.random() < 0.5:
        return dataclasses.replace(clash, x=data.observations[o], x_label=label)
    return dataclasses.replace(clash, y=data.observations[o], y_label=label)


def _other_rows(
    data: TransitionData, steps: tuple[MergeStep, ...], rng: random.Random
) -> list[tuple[int, int]]:
    """Return the rows of the steps with one changed, dropped, added or swapped."""
    row_of = {tuple(row): t for t, row in enumerate(data.triples.tolist())}
    o, a = data.observation_index, data.action_index
    pairs = [
        (
            row_of[o(step.x), a(step.action), o(step.x_next)],
            row_of[o(step.y), a(step.action), o(step.y_next)],
        )
        for step in steps
    ]
    same = [
        (s, t)
        for s, t in itertools.product(range(data.n_transitions), repeat=2)
        if data.action_ids[s] == data.action_ids[t]
    ]
    kind = rng.choice(("change", "drop", "add", "swap")) if pairs else "add"
    i, j = (rng.randrange(len(pairs) or 1) for _ in range(2))
    if kind == "change":
        pairs[i] = rng.choice(same)
    elif kind == "drop":
        del pairs[i]
    elif kind == "add":
        pairs.insert(i, rng.choice(same))
    else:
        pairs[i], pairs[j] = pairs[j], pairs[i]
    return pairs


def rebuilt(
    data: TransitionData, pairs: list[tuple[int, int]], supposed: bool
) -> tuple[MergeStep, ...]:
    """Return steps with these rows, each resting on all before it."""
    names = data.observations
    return tuple(
        MergeStep(
            number=number,
            action=data.actions[int(data.action_ids[p])],
            x=names[int(data.sources[p])],
            x_next=names[int(data.targets[p])],
            x_row=data.row_text(p),
            y=names[int(data.sources[q])],
            y_next=names[int(data.targets[q])],
            y_row=data.row_text(q),
            because=tuple(range(0 if supposed else 1, number)),
        )
        for number, (p, q) in enumerate(pairs, start=1)
    )


class Truth:
    """All partitions that are closed (D4 ii), and those that also respect the labels."""

    def __init__(self, data: TransitionData) -> None:
        partitions: list[tuple[int, ...]] = [()]
        for _ in range(data.n_obs):
            partitions = [(*ids, b) for ids in partitions for b in range(max(ids, default=-1) + 2)]
        rows = data.triples.tolist()
        labels = [data.label_of(o) for o in range(data.n_obs)]
        self.index = data.observation_index
        self.closed = [ids for ids in partitions if self._is_closed(rows, ids)]
        self.admissible = [ids for ids in self.closed if self._respects(labels, ids)]

    @staticmethod
    def _is_closed(rows: list[list[int]], ids: tuple[int, ...]) -> bool:
        return all(
            ids[s] != ids[t] or a != b or ids[x] == ids[y]
            for (s, a, x), (t, b, y) in itertools.combinations(rows, 2)
        )

    @staticmethod
    def _respects(labels: list[object], ids: tuple[int, ...]) -> bool:
        known = [o for o, label in enumerate(labels) if label is not None]
        return all(
            ids[x] != ids[y] or labels[x] == labels[y] for x, y in itertools.combinations(known, 2)
        )

    def is_true(self, evidence: Evidence) -> bool:
        """Tell whether the claim is true, whatever the evidence for it."""
        match evidence:
            case Forced(partition, _):
                least = max(self.closed, key=lambda ids: max(ids))
                return partition == Partition(least)
            case Infeasibility():
                return not self.admissible
            case PairSeparation():
                x, y = self.index(evidence.x), self.index(evidence.y)
                merged = any(ids[x] == ids[y] for ids in self.admissible)
                return evidence.separated != merged
        raise TypeError(type(evidence).__name__)
