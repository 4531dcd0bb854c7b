"""One round of Hypothesis over the examples of a law, and the count of what came."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.errors import Unsatisfiable, UnsatisfiedAssumption

from tellapart.properties.laws.law import Law, LawBroken, Seen

__all__ = ["Limits", "Tally", "explore"]

_PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.target, Phase.shrink)


class _Broken(AssertionError):
    """The example contradicts the law; one type from one line: shrinking may go anywhere."""


class _Crashed(AssertionError):
    """The example made the subject raise."""


class _TimeOver(KeyboardInterrupt):
    """Ends a round as Ctrl-C does: nothing is recorded as a failure."""


@dataclass(frozen=True)
class Limits:
    """What one round may take.

    Attributes
    ----------
    examples
        How many are drawn.
    ends
        ``time.monotonic()`` after which no further example is begun; None: no limit.
    shrink_seconds
        Time for making a failing example small.
    database
        Folder in which failing examples are kept for the next run; None: they are not.
    """

    examples: int
    ends: float | None
    shrink_seconds: float
    database: Path | None = None


@dataclass
class Tally:
    """What came of the examples; counts stop at the first failure, what follows is shrinking."""

    law: Law
    subject: Any
    begun: int = 0
    checked: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    depths: Counter[int] = field(default_factory=Counter)
    blocks: Counter[int] = field(default_factory=Counter)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)
    best: float | None = None
    message: str | None = None
    failing: Any = None
    shrinks: int = 0
    failed_at: float = 0.0

    @property
    def is_broken(self) -> bool:
        """Whether something failed."""
        return self.message is not None

    def record(self, seen: Seen) -> None:
        """Count an example that keeps the law."""
        if self.is_broken:
            return
        self.checked += 1
        if seen.vacuous is not None:
            self.reasons[seen.vacuous] += 1
        if seen.depth is not None:
            self.depths[seen.depth] += 1
        if seen.n_blocks is not None:
            self.blocks[seen.n_blocks] += 1
        self.notes.update((key, str(value)) for key, value in seen.notes.items())
        if seen.target is not None and (self.best is None or seen.target > self.best):
            self.best = seen.target

    def fail(self, example: Any, message: str) -> None:
        """Keep a failing example; the last one is the smallest so far."""
        if not self.is_broken:
            self.checked += 1
            self.failed_at = time.monotonic()
        else:
            self.shrinks += 1
        self.failing, self.message = example, message


def explore(
    tally: Tally, seed: int, limits: Limits, on_example: Callable[[Tally], None] | None = None
) -> None:
    """Run one round; everything that comes of it is in ``tally``.

    Notes
    -----
    No global profile of Hypothesis is read or changed, except for its storage folder (constants of
    local modules are kept there).
    """
    database = None
    if limits.database is not None:
        database = DirectoryBasedExampleDatabase(limits.database / tally.law.id)

    @settings(
        max_examples=limits.examples,
        deadline=None,
        database=database,
        derandomize=False,
        phases=_PHASES,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    @hypothesis.seed(seed)  # below the settings: it forgets the database of those it meets
    @given(example=_counted(tally.law.cases(), tally))
    def trial(example: Any) -> None:
        _stop_when_over(tally, limits)
        _check_one(tally, example)
        if on_example is not None:
            on_example(tally)

    try:
        trial()
    except (_Broken, _Crashed, _TimeOver):
        pass
    except Unsatisfiable:
        tally.reasons["no example could be drawn"] += 1
    except Exception as error:  # the strategy, or a failure that did not come again
        if not tally.is_broken:
            tally.message = f"drawing an example raised {type(error).__name__}: {error}"


@st.composite
def _counted(draw: st.DrawFn, cases: st.SearchStrategy[Any], tally: Tally) -> Any:
    if not tally.is_broken:
        tally.begun += 1
    return draw(cases)


def _stop_when_over(tally: Tally, limits: Limits) -> None:
    now = time.monotonic()
    if tally.is_broken:
        if now >= tally.failed_at + limits.shrink_seconds:
            raise _TimeOver
    elif limits.ends is not None and now >= limits.ends:
        tally.begun -= 1  # drawn, but neither checked nor thrown away
        raise _TimeOver


def _check_one(tally: Tally, example: Any) -> None:
    crash: str | None = None
    try:
        seen = tally.law.check(example, tally.subject)
    except UnsatisfiedAssumption:  # assume() in a check: the example is discarded
        raise
    except LawBroken as error:
        tally.fail(example, str(error))
    except Exception as error:
        crash = f"{type(error).__name__}: {error}"
        tally.fail(example, f"the check raised {crash}")
    else:
        tally.record(seen)
        _tell_hypothesis(tally.law, seen)
        return
    # Raised here, with nothing chained to them, failures of one kind count as one failure.
    if crash is None:
        raise _Broken(tally.message)
    raise _Crashed(tally.message)


def _tell_hypothesis(law: Law, seen: Seen) -> None:
    if seen.vacuous is not None:
        hypothesis.event(f"vacuous: {seen.vacuous}")
    if seen.depth is not None:
        hypothesis.event(f"depth {seen.depth}")
    if seen.n_blocks is not None:
        hypothesis.event(f"blocks {seen.n_blocks}")
    if seen.target is not None and math.isfinite(seen.target):
        hypothesis.target(float(seen.target), label=law.id)
