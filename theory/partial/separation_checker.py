"""Independent check of a decision about a pair: plain Python, nothing shared with the decision."""

from collections.abc import Hashable, Sequence

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.pairs import PairSeparation
from tellapart.theory.partial.proof_checker import ProofCheck, check_proof

__all__ = ["check_separation"]


def check_separation(data: TransitionData, result: PairSeparation) -> ProofCheck:
    """Check the evidence of :func:`~tellapart.theory.partial.pairs.separation_of`.

    A separated pair has a proof, followed row by row, and perhaps a word, walked from both
    observations. The other pairs have a partition that must merge them and satisfy D4. That a word
    is a shortest one, or that there is none, is not checked.

    Notes
    -----
    O(size of the proof) for a proof; O(m) for a partition; a word through non-functional data
    needs the forced merges, which are computed here in a simple way: O(m) for each round.

    Examples
    --------
    >>> from tellapart.theory.partial.pairs import separation_of
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: "goal", 3: "road"})
    >>> check_separation(data, separation_of(data, 0, 1)).explain()
    'Proof confirmed.'
    """
    try:
        x, y = data.observation_index(result.x), data.observation_index(result.y)
    except InvalidArgumentError as error:
        return ProofCheck(False, str(error))
    if not result.separated:
        reason = _wrong_partition(data, result, x, y)
        return ProofCheck(not reason, reason)
    if result.clash is None:
        return ProofCheck(False, "a separated pair needs a contradiction.")
    checked = check_proof(data, result.steps, result.clash, (result.x, result.y))
    if checked and result.word is not None:
        reason = _wrong_word(data, result, x, y)
        return ProofCheck(not reason, reason)
    return checked


def _wrong_partition(data: TransitionData, result: PairSeparation, x: int, y: int) -> str:
    if result.partition is None or len(result.partition) != data.n_obs:
        return "a pair that need not be told apart needs a partition of the observations."
    ids = result.partition.ids.tolist()
    if ids[x] != ids[y]:
        return f"the partition does not merge {result.x!r} and {result.y!r}."
    label_of_block: dict[int, int] = {}
    for o, label in enumerate(data.label_ids.tolist()):
        if label >= 0 and label_of_block.setdefault(ids[o], label) != label:
            return f"the block of {data.observations[o]!r} has two labels."
    end_of: dict[tuple[int, int], int] = {}
    for s, a, t in data.triples.tolist():
        if end_of.setdefault((ids[s], a), ids[t]) != ids[t]:
            return f"the block of {data.observations[s]!r} has two successors for one action."
    return ""


def _wrong_word(data: TransitionData, result: PairSeparation, x: int, y: int) -> str:
    ids = _forced(data)
    for start, trace in ((x, result.x_trace), (y, result.y_trace)):
        if _walk(data, ids, start, result.word or ()) != list(trace):
            return f"the labels along the word from {data.observations[start]!r} are not {trace!r}."
    ends = result.x_trace[-1], result.y_trace[-1]
    return "" if None not in ends and ends[0] != ends[1] else "the word ends in no two labels."


def _walk(
    data: TransitionData, ids: Sequence[int], start: int, word: Sequence[Hashable]
) -> list[Hashable] | None:
    """Return the labels of the forced classes along a word, or None where it is not covered."""
    members: dict[int, list[int]] = {}
    for o, block in enumerate(ids):
        members.setdefault(block, []).append(o)

    def label(block: int) -> Hashable:
        known = [data.label_of(o) for o in members[block] if data.label_ids[o] >= 0]
        return known[0] if known else None

    here = ids[start]
    labels = [label(here)]
    for name in word:
        action = data.action_index(name)
        ends = [t for o in members[here] for t in data.successors_of(o, action)]
        if not ends:
            return None
        here = ids[ends[0]]
        labels.append(label(here))
    return labels


def _forced(data: TransitionData) -> list[int]:
    """Merge co-successors by going through all rows until nothing changes."""
    ids = list(range(data.n_obs))
    while True:
        end_of: dict[tuple[int, int], int] = {}
        renamed: dict[int, int] = {}
        for s, a, t in data.triples.tolist():
            known = end_of.setdefault((ids[s], a), ids[t])
            if known != ids[t]:
                renamed[max(known, ids[t])] = min(known, ids[t])
        if not renamed:
            return ids
        ids = [renamed.get(block, block) for block in ids]
