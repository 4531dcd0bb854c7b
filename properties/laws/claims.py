"""What decides the truth of a law: definitions of the theory as plain loops, by nothing else.

Nothing here calls the code that the laws test. Codes are tuples of block ids by observation, and
systems are small: brute force runs over every partition of at most seven observations.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import dist
from typing import Any, NoReturn

from tellapart.properties.laws.law import LawBroken
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "Codes",
    "Facts",
    "admissible_kernels",
    "all_partitions",
    "broken",
    "clash_of",
    "closed_kernels",
    "facts_of",
    "inside",
    "label_clash",
    "levels",
    "pairs_merged",
    "relative_margin",
    "row_clash",
    "separating_words",
    "wrong_proof",
]

Codes = tuple[int, ...]
Row = tuple[int, int, int]


@dataclass(frozen=True)
class Facts:
    """A system as rows and labels, by integer index.

    Attributes
    ----------
    names, actions
        Names of observations and of actions.
    rows
        Triples (observation, action, successor).
    labels
        The label of each observation, None where it is not known.
    """

    names: tuple[Hashable, ...]
    actions: tuple[Hashable, ...]
    rows: tuple[Row, ...]
    labels: tuple[Hashable, ...]

    @property
    def n(self) -> int:
        """Number of observations."""
        return len(self.names)

    def label(self, name: Hashable) -> Hashable:
        """Return the label of a named observation."""
        return self.labels[self.names.index(name)]

    def has_row(self, source: Hashable, action: Hashable, successor: Hashable) -> bool:
        """Tell whether the data hold a transition, by names."""
        known = source in self.names and successor in self.names and action in self.actions
        return known and (
            self.names.index(source), self.actions.index(action), self.names.index(successor)
        ) in self.rows  # fmt: skip


def facts_of(system: DeterministicMDP | TransitionData) -> Facts:
    """Read rows and labels off a system."""
    names, actions = tuple(system.observations), tuple(system.actions)
    if isinstance(system, TransitionData):
        rows = tuple((o, a, s) for o, a, s in system.triples.tolist())
        return Facts(names, actions, rows, tuple(system.label_of(o) for o in range(len(names))))
    table = enumerate(system.successors.tolist())
    rows = tuple((o, a, s) for o, row in table for a, s in enumerate(row))
    return Facts(names, actions, rows, system.labels)


def broken(message: str) -> NoReturn:
    """Say that an example contradicts the law."""
    raise LawBroken(message)


@lru_cache(maxsize=16)
def all_partitions(n: int) -> tuple[Codes, ...]:
    """Return every partition of ``0 .. n-1``: blocks are numbered by their smallest member.

    Examples
    --------
    >>> all_partitions(3)
    ((0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (0, 1, 2))
    """
    found: list[Codes] = [()]
    for _ in range(n):
        found = [(*ids, b) for ids in found for b in range(max(ids, default=-1) + 2)]
    return tuple(found)


def row_clash(facts: Facts, codes: Sequence[Hashable]) -> tuple[Row, Row] | None:
    """Return two rows that leave no room for a latent dynamics on these codes (D4 ii), or None."""
    table: dict[tuple[Hashable, int], Row] = {}
    for row in facts.rows:
        first = table.setdefault((codes[row[0]], row[1]), row)
        if codes[first[2]] != codes[row[2]]:
            return first, row
    return None


def label_clash(facts: Facts, codes: Sequence[Hashable]) -> tuple[int, int] | None:
    """Return two observations that leave no room for a head on these codes (D4 i), or None."""
    first: dict[Hashable, int] = {}
    for o, label in enumerate(facts.labels):
        if label is None:
            continue
        known = first.setdefault(codes[o], o)
        if facts.labels[known] != label:
            return known, o
    return None


def clash_of(facts: Facts, codes: Sequence[Hashable]) -> str | None:
    """Say by names why no model with these codes has zero loss (D1); None when one has."""
    pair = label_clash(facts, codes)
    if pair is not None:
        x, y = (facts.names[o] for o in pair)
        return f"{x!r} and {y!r} share a code and have different labels"
    rows = row_clash(facts, codes)
    if rows is None:
        return None
    (x, a, s), (y, _, t) = rows
    names = [repr(facts.names[o]) for o in (x, y, s, t)]
    return "{} and {} share a code, and action {!r} leads to {} and {}, which do not".format(
        *names[:2], facts.actions[a], *names[2:]
    )


def closed_kernels(facts: Facts) -> list[Codes]:
    """Return all partitions on which some latent dynamics has zero loss (D4 ii)."""
    return [ids for ids in all_partitions(facts.n) if row_clash(facts, ids) is None]


def admissible_kernels(facts: Facts) -> list[Codes]:
    """Return the kernels of all zero-loss models: those on which tables T and P exist (D1)."""
    return [ids for ids in closed_kernels(facts) if label_clash(facts, ids) is None]


def pairs_merged(codes: Sequence[Hashable]) -> set[tuple[int, int]]:
    """Return the pairs of observations that share a code (D2)."""
    return {(x, y) for x, y in combinations(range(len(codes)), 2) if codes[x] == codes[y]}


def inside(fine: Sequence[Hashable], coarse: Sequence[Hashable]) -> bool:
    """Tell whether every pair that ``fine`` merges is merged by ``coarse``."""
    return pairs_merged(fine) <= pairs_merged(coarse)


def _numbered(keys: Iterable[Hashable]) -> Codes:
    seen: dict[Hashable, int] = {}
    return tuple(seen.setdefault(key, len(seen)) for key in keys)


def levels(facts: Facts) -> list[Codes]:
    """Return ``B_0 .. B_depth`` of a total, fully labelled system, read off D3."""
    after: list[list[int]] = [[0] * len(facts.actions) for _ in facts.names]
    for o, a, s in facts.rows:
        after[o][a] = s
    found = [_numbered(facts.labels)]
    while True:
        last = found[-1]
        following = _numbered(
            (facts.labels[o], *(last[s] for s in after[o])) for o in range(facts.n)
        )
        if following == last:
            return found
        found.append(following)


def separating_words(facts: Facts) -> dict[tuple[int, int], int]:
    """Return how long a shortest distinguishing word of each pair is, for pairs that have one (S7).

    Words may run through covered transitions only, and end where both labels are known. A search
    in the pairs that words reach, anew for every pair; several successors are all followed.
    """
    after: dict[int, dict[int, list[int]]] = {}
    for o, a, s in facts.rows:
        after.setdefault(o, {}).setdefault(a, []).append(s)
    lengths = {}
    for pair in combinations(range(facts.n), 2):
        for (x, y), length in _reached(after, pair):
            known = facts.labels[x] is not None and facts.labels[y] is not None
            if known and facts.labels[x] != facts.labels[y]:
                lengths[pair] = length
                break
    return lengths


def _reached(
    after: dict[int, dict[int, list[int]]], pair: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield the pairs that words lead to, nearest first, with the length of the word."""
    seen, waiting = {pair}, deque([(pair, 0)])
    while waiting:
        here, length = waiting.popleft()
        yield here, length
        one, other = (after.get(o, {}) for o in here)
        for a in one.keys() & other.keys():
            for following in ((s, t) for s in one[a] for t in other[a]):
                if following not in seen:
                    seen.add(following)
                    waiting.append((following, length + 1))


def relative_margin(codes: Any, pairs: Iterable[tuple[int, int]]) -> float | None:
    """Return the smallest distance of codes over ``pairs``, in parts of the largest of any pair.

    ``codes`` is float ``[n, d]``. None without pairs; 0 when a pair shares a code.
    """
    rows = [[float(part) for part in code] for code in codes]

    def distance(x: int, y: int) -> float:
        return dist(rows[x], rows[y])

    wanted = [distance(x, y) for x, y in pairs]
    if not wanted:
        return None
    widest = max(distance(x, y) for x, y in combinations(range(len(rows)), 2))
    return min(wanted) / widest if widest else 0.0


def wrong_proof(
    facts: Facts, steps: Sequence[Any], clash: Any, assumption: tuple[Hashable, Hashable] | None
) -> str | None:
    """Follow a proof that two observations of different labels share a code; None when it stands.

    Parameters
    ----------
    facts
        The data.
    steps, clash
        Merges, each with the numbers of those it rests on, and the contradiction at the end:
        the fields of :class:`~tellapart.theory.partial.proof.MergeStep` and ``Clash``.
    assumption
        Names of two observations supposed to share a code: step 0.
    """
    shown = {0: assumption} if assumption is not None else {}
    for step in steps:
        for source, successor in ((step.x, step.x_next), (step.y, step.y_next)):
            if not facts.has_row(source, step.action, successor):
                return f"step {step.number}: {source!r}, {step.action!r} never led to {successor!r}"
        if not _joined(step.x, step.y, [shown.get(k) for k in step.because]):
            return f"step {step.number}: nothing shows that {step.x!r} and {step.y!r} share a code"
        shown[step.number] = (step.x_next, step.y_next)
    one, other = facts.label(clash.x), facts.label(clash.y)
    if one is None or other is None or one == other:
        return f"{clash.x!r} and {clash.y!r} do not have two different labels"
    if not _joined(clash.x, clash.y, [shown.get(k) for k in clash.because]):
        return f"nothing shows that {clash.x!r} and {clash.y!r} share a code"
    return None


def _joined(x: Hashable, y: Hashable, links: Sequence[tuple[Hashable, Hashable] | None]) -> bool:
    """Tell whether the links, all of them shown before, lead from x to y."""
    if None in links:
        return False
    reached = {x}
    for _ in links:
        reached |= {end for link in links if link and reached & set(link) for end in link}
    return y in reached
