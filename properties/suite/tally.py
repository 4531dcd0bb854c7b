"""The cases of one check, counted as they come, so that a hundred thousand fit into memory."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tellapart.properties.suite.advice import Advice
from tellapart.properties.suite.outcomes import CaseResult, DepthShare
from tellapart.properties.suite.verdicts import SuiteVerdict

__all__ = [
    "MOST_ADVISED",
    "MOST_KEPT",
    "PLAIN",
    "Place",
    "Recalled",
    "Tally",
    "add_depths",
    "place_of",
    "tally_of",
]

T = TypeVar("T")
#: Where a case stands among those of its check; it depends on its name and on nothing else.
Place = tuple[str, str]

#: Up to this many cases of a check all are kept; beyond, those that hold are only counted.
MOST_KEPT = 500
#: Advice of this many cases is enough to put it together.
MOST_ADVISED = 50
#: Verdicts of cases that are let go once there are many.
PLAIN = (SuiteVerdict.HOLDS, SuiteVerdict.SKIPPED)

_DIGITS = re.compile(r"\d+")


def place_of(scenario: str) -> Place:
    """Return the place of a case: by name, numbers by their value.

    Examples
    --------
    >>> sorted(["chain-10", "chain-9", "box-2"], key=place_of)
    ['box-2', 'chain-9', 'chain-10']
    """
    return _DIGITS.sub(lambda found: found[0].zfill(20), scenario), scenario


@dataclass
class _Least(Generic[T]):
    """Of everything that is added, what comes first: the same in whatever order it is added."""

    most: int
    _items: list[tuple[tuple[int, Place], T]] = field(default_factory=list)

    def add(self, rank: int, place: Place, item: T) -> None:
        self._items.append(((rank, place), item))
        if len(self._items) > 2 * self.most:
            self._cut()

    def _cut(self) -> None:
        self._items.sort(key=lambda one: one[0])
        del self._items[self.most :]

    def first(self) -> list[tuple[Place, T]]:
        """Return the first ones by rank and place."""
        self._cut()
        return [(place, item) for (_, place), item in self._items]

    def clear(self) -> None:
        self._items.clear()


@dataclass
class Tally:
    """What came of the cases of one check so far; it does not depend on their order.

    Attributes
    ----------
    most_kept
        Up to so many cases all are kept; beyond, those that do not hold, failing ones first.
    verdicts, grades
        How many cases had each.
    depths
        Separation by depth, over all cases.
    margin
        The smallest certified margin.
    seconds
        Time of all cases.
    """

    most_kept: int = MOST_KEPT
    verdicts: Counter[SuiteVerdict] = field(default_factory=Counter)
    grades: Counter[str] = field(default_factory=Counter)
    depths: dict[int, DepthShare] = field(default_factory=dict)
    margin: float | None = None
    seconds: float = 0.0
    _notes: dict[str, tuple[Place, int]] = field(default_factory=dict)
    _skipped: tuple[Place, str] | None = None
    _advised: _Least[tuple[Advice, ...]] = field(default_factory=lambda: _Least(MOST_ADVISED))
    _open: _Least[CaseResult] = field(init=False)
    _plain: _Least[CaseResult] = field(init=False)

    def __post_init__(self) -> None:
        self._open, self._plain = _Least(self.most_kept), _Least(self.most_kept)

    def add(self, case: CaseResult) -> None:
        """Count one more case."""
        outcome, place = case.outcome, place_of(case.scenario)
        self.verdicts[outcome.verdict] += 1
        if outcome.grade is not None:
            self.grades[outcome.grade] += 1
        add_depths(self.depths, outcome.by_depth)
        self.add_margin(outcome.margin)
        self.seconds += case.seconds
        self.add_notes(place, outcome.notes)
        if outcome.verdict is SuiteVerdict.SKIPPED:
            self.add_skipped(place, outcome.summary)
        if outcome.advice:
            self.add_advice(place, outcome.advice)
        self.keep(case)

    def add_margin(self, margin: float | None) -> None:
        """Take account of a certified margin."""
        if margin is not None:
            self.margin = margin if self.margin is None else min(margin, self.margin)

    def add_notes(self, place: Place, notes: Sequence[str]) -> None:
        """Take account of the notes on a case."""
        for position, note in enumerate(notes):
            here = (place, position)
            self._notes[note] = min(here, self._notes.get(note, here))

    def add_skipped(self, place: Place, summary: str) -> None:
        """Take account of the reason why a case was skipped."""
        here = (place, summary)
        self._skipped = here if self._skipped is None else min(here, self._skipped)

    def add_advice(self, place: Place, advice: tuple[Advice, ...]) -> None:
        """Take account of the advice on a case."""
        self._advised.add(0, place, advice)

    def keep(self, case: CaseResult) -> None:
        """Keep a case that is counted already, if it is one of those to keep."""
        many, place = self.n_cases > self.most_kept, place_of(case.scenario)
        if case.verdict not in PLAIN:
            self._open.add(0 if case.verdict.fails else 1, place, case)
        elif not many:
            self._plain.add(0, place, case)
        if many:
            self._plain.clear()

    @property
    def n_cases(self) -> int:
        """Number of cases."""
        return self.verdicts.total()

    @property
    def cases(self) -> list[CaseResult]:
        """The cases that are kept, by place."""
        kept = self._open.first()
        if self.n_cases <= self.most_kept:
            kept = kept + self._plain.first()
        return [case for _, case in sorted(kept, key=lambda one: one[0])]

    @property
    def notes(self) -> list[str]:
        """What changes the meaning of the results, each once, by the place of its first case."""
        return sorted(self._notes, key=lambda note: self._notes[note])

    @property
    def advice(self) -> list[tuple[Advice, ...]]:
        """Advice on the first cases that got some."""
        return [advice for _, advice in self._advised.first()]

    @property
    def skipped_because(self) -> str:
        """Why the first of the skipped cases was skipped; empty when none was."""
        return "" if self._skipped is None else self._skipped[1]


@dataclass(frozen=True)
class Recalled:
    """What an earlier run left of a plan.

    Attributes
    ----------
    ids
        Of the cases that are done.
    tallies
        What came of them, by check; none for checks of which nothing is done.
    """

    ids: frozenset[str] = frozenset()
    tallies: Mapping[str, Tally] = field(default_factory=dict)


def add_depths(into: dict[int, DepthShare], rows: Sequence[DepthShare]) -> None:
    """Add separation by depth to what is there."""
    for row in rows:
        old = into.get(row.depth)
        into[row.depth] = (
            row
            if old is None
            else DepthShare(
                row.depth,
                old.n_pairs + row.n_pairs,
                old.n_merged + row.n_merged,
                min(old.relative, row.relative),
            )
        )


def tally_of(cases: Iterable[CaseResult]) -> Tally:
    """Count cases."""
    made = Tally()
    for case in cases:
        made.add(case)
    return made
