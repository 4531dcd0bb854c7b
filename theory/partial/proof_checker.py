"""Independent check of proofs about partial data: plain Python over names, one step at a time."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.proof import Clash, MergeStep
from tellapart.theory.partition import Partition

__all__ = ["ProofCheck", "check_merges", "check_proof"]

Pair = tuple[Hashable, Hashable]


@dataclass(frozen=True, slots=True)
class ProofCheck:
    """Whether a proof was confirmed; ``bool()`` of it is the answer.

    Attributes
    ----------
    ok
        The answer.
    reason
        What is wrong; empty when it was confirmed.
    """

    ok: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.ok

    def explain(self) -> str:
        """Return the answer as a sentence."""
        return "Proof confirmed." if self.ok else f"Proof refused: {self.reason}"


def check_proof(
    data: TransitionData,
    steps: Sequence[MergeStep],
    clash: Clash,
    assumption: Pair | None = None,
) -> ProofCheck:
    """Follow every step and the contradiction at its end; nothing is computed anew.

    Parameters
    ----------
    data
        The data that the proof speaks of.
    steps, clash
        The proof.
    assumption
        Names of two observations that are supposed to share a code, as step 0; or None.

    Notes
    -----
    O(size of the steps with their reasons), and O(log m) for each row.
    """
    shown: list[Pair | None] = [assumption]
    for step in steps:
        reason = _wrong_step(data, step, shown)
        if reason:
            return ProofCheck(False, f"step {step.number}: {reason}")
        shown.append((step.x_next, step.y_next))
    reason = _wrong_clash(data, clash, shown)
    return ProofCheck(not reason, reason)


def check_merges(
    data: TransitionData, steps: Sequence[MergeStep], partition: Partition
) -> ProofCheck:
    """Follow every step, and compare what they join with a partition that claims to be F(D) (S2).

    Parameters
    ----------
    data
        The data that the proof speaks of.
    steps
        Merges, as :func:`tellapart.theory.partial.merge_proof.merge_steps` makes them.
    partition
        The claim: the steps must join exactly its blocks, and it must be closed under D4 (ii).

    Notes
    -----
    O(size of the steps with their reasons), O(log m) for each row, and O(m log m) for D4 (ii).

    Examples
    --------
    >>> from tellapart.theory.partial.classes import forced_classes
    >>> from tellapart.theory.partial.merge_proof import merge_steps
    >>> data = TransitionData([[0, 0, 1], [0, 0, 2], [1, 0, 3], [2, 0, 4]])
    >>> found = forced_classes(data)
    >>> check_merges(data, merge_steps(found), found.partition).explain()
    'Proof confirmed.'
    """
    if not isinstance(partition, Partition) or len(partition) != data.n_obs:
        return ProofCheck(False, "it needs a partition of the observations.")
    shown: list[Pair | None] = [None]
    blocks: dict[int, int] = {}  # only what some step joins
    for step in steps:
        reason = _wrong_step(data, step, shown)
        if reason:
            return ProofCheck(False, f"step {step.number}: {reason}")
        shown.append((step.x_next, step.y_next))
        _join(blocks, *(data.observation_index(name) for name in (step.x_next, step.y_next)))
    ids = np.arange(data.n_obs)
    ids[list(blocks)] = [_root(blocks, o) for o in blocks]
    if Partition(ids) != partition:
        return ProofCheck(False, "the steps join other blocks than those of the partition.")
    return _closed(data, partition)


def _root(blocks: dict[int, int], o: int) -> int:
    while blocks.setdefault(o, o) != o:
        blocks[o] = o = blocks[blocks[o]]
    return o


def _join(blocks: dict[int, int], x: int, y: int) -> None:
    low, high = sorted((_root(blocks, x), _root(blocks, y)))
    blocks[high] = low


def _closed(data: TransitionData, partition: Partition) -> ProofCheck:
    keys = partition.ids[data.sources].astype(np.int64) * data.n_actions + data.action_ids
    order = np.argsort(keys, kind="stable")
    ends = partition.ids[data.targets[order]]
    left = np.flatnonzero((np.diff(keys[order]) == 0) & (np.diff(ends) != 0))
    if not left.size:
        return ProofCheck(True)
    name = data.observations[int(data.sources[order[left[0]]])]
    return ProofCheck(False, f"the block of {name!r} has two successors for one action.")


def _wrong_step(data: TransitionData, step: MergeStep, shown: Sequence[Pair | None]) -> str:
    if step.number != len(shown):
        return f"it should be number {len(shown)}."
    for source, successor, row in (
        (step.x, step.x_next, step.x_row),
        (step.y, step.y_next, step.y_row),
    ):
        if not _is_covered(data, source, step.action, successor, row):
            return f"({source!r}, {step.action!r}) -> {successor!r} is not {row} of the data."
    return _wrong_reason(step.x, step.y, step.because, shown)


def _is_covered(
    data: TransitionData, source: Hashable, action: Hashable, successor: Hashable, row: str
) -> bool:
    try:
        s, a = data.observation_index(source), data.action_index(action)
        target = data.observation_index(successor)
    except InvalidArgumentError:
        return False
    key = np.asarray(s, dtype=data.sources.dtype)  # another type would copy the whole column
    low, high = (int(np.searchsorted(data.sources, key, side=side)) for side in ("left", "right"))
    here = slice(low, high)
    found = np.flatnonzero((data.action_ids[here] == a) & (data.targets[here] == target))
    return any(data.row_text(low + t) == row for t in found.tolist())


def _wrong_reason(
    x: Hashable, y: Hashable, because: Iterable[int], shown: Sequence[Pair | None]
) -> str:
    """Say why the steps named do not chain ``x`` to ``y``; empty when they do."""
    group: dict[Hashable, set[Hashable]] = {}
    for number in because:
        pair = shown[number] if 0 <= number < len(shown) else None
        if pair is None:
            return f"it rests on step {number}, which is not before it."
        joined = group.get(pair[0], {pair[0]}) | group.get(pair[1], {pair[1]})
        for name in joined:
            group[name] = joined
    if x == y or y in group.get(x, ()):
        return ""
    return f"its reasons do not join {x!r} and {y!r}."


def _wrong_clash(data: TransitionData, clash: Clash, shown: Sequence[Pair | None]) -> str:
    for name, label in ((clash.x, clash.x_label), (clash.y, clash.y_label)):
        try:
            o = data.observation_index(name)
        except InvalidArgumentError:
            return f"there is no observation {name!r}."
        if data.label_ids[o] < 0 or data.label_of(o) != label:
            return f"{name!r} does not have the label {label!r}."
    if clash.x_label == clash.y_label:
        return f"{clash.x!r} and {clash.y!r} have the same label."
    reason = _wrong_reason(clash.x, clash.y, clash.because, shown)
    return reason and f"the contradiction: {reason}"
