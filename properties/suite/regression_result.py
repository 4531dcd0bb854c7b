"""The answer of a comparison with a baseline: what changed, what is known, what is no chance."""

from collections.abc import Sequence
from dataclasses import dataclass

from tellapart.properties.suite.drops import DropTest
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["Change", "Regression", "TimeRatio", "some_of"]

_MOST_NAMED = 5


@register
@dataclass(frozen=True)
class Change(Saved):
    """One check whose verdict is another one now.

    Attributes
    ----------
    check
        Its id.
    before, after
        Verdicts; None before: the check is new.
    summary
        What came out now, in one sentence; empty where that is not needed.
    """

    check: str
    before: SuiteVerdict | None
    after: SuiteVerdict
    summary: str = ""

    def explain(self) -> str:
        """Say it in one line."""
        told = f" {self.summary}" if self.summary else ""
        return f"{self.check}: {self.before or 'new'} -> {self.after}.{told}"

    def __repr__(self) -> str:
        return f"Change({self.check}: {self.before or 'new'} -> {self.after})"


@register
@dataclass(frozen=True)
class TimeRatio(Saved):
    """Seconds a case now by seconds a case before, over checks; it never decides anything.

    Attributes
    ----------
    median, low, high
        The median ratio with its interval.
    coverage
        How sure the interval is.
    n
        Number of checks.
    """

    median: float
    low: float
    high: float
    coverage: float
    n: int

    def explain(self) -> str:
        """Say it in one line."""
        return (
            f"Time of a case: {self.median:.2g} times that of the baseline (median of "
            f"{count(self.n, 'check')}; {100 * self.coverage:.3g} % interval {self.low:.2g} to "
            f"{self.high:.2g}). Machines differ, so this decides nothing."
        )


@register
@dataclass(frozen=True)
class Regression(Saved):
    """A run compared with a baseline.

    Attributes
    ----------
    subject
        Of the run.
    error_rate
        Chance of any significant drop when nothing has changed.
    violations
        Checks that fail and did not, or are new.
    fixed
        Checks that were known to fail and hold.
    inconclusive
        Checks that show nothing now, and did show something, or are new.
    known
        Checks that fail, or show nothing, as before.
    added, removed
        Ids of checks that only the run has, or that do not exist any more.
    not_run
        Ids of checks of the baseline that exist, but were left out of the run.
    n_same, n_other_system
        Cases on the same system, compared one by one, and cases of the same name on another one.
    tests
        All numbers that were compared.
    times
        None where nothing took measurable time.
    n_run
        Cases that were run.
    interrupted
        Whether the run was stopped before its time.
    warnings
        Entries of the baseline that are stale, and differences between the runs.
    """

    subject: str
    error_rate: float
    violations: tuple[Change, ...]
    fixed: tuple[Change, ...]
    inconclusive: tuple[Change, ...]
    known: tuple[Change, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    not_run: tuple[str, ...]
    n_same: int
    n_other_system: int
    tests: tuple[DropTest, ...]
    times: TimeRatio | None
    n_run: int
    interrupted: bool
    warnings: tuple[str, ...]

    @property
    def drops(self) -> tuple[DropTest, ...]:
        """The tests that are significant."""
        return tuple(one for one in self.tests if one.significant)

    @property
    def exit_code(self) -> int:
        """1: a new violation or a drop. 3: something shows nothing that did. 0: neither."""
        if self.violations or self.drops:
            return 1
        return 3 if self.inconclusive or self.interrupted or not self.n_run else 0

    @property
    def ok(self) -> bool:
        """Whether the exit code is 0."""
        return self.exit_code == 0

    def explain(self, warnings: bool = True) -> str:
        """Say what changed, with every significant drop and what could have been seen.

        Parameters
        ----------
        warnings
            Whether the warnings are told as well.
        """
        lines = [self.summary()]
        for title, changes in (
            ("New violation", self.violations), ("Shows nothing now", self.inconclusive),
            ("Fixed", self.fixed), ("Known", self.known),
        ):  # fmt: skip
            lines += [f"  {title}: {one.explain()}" for one in changes]
        lines += [f"  New check: {one}" for one in self.added]
        lines += [f"  Gone: {one}" for one in self.removed]
        if self.not_run:
            lines.append(f"  Left out of this run: {some_of(self.not_run)}.")
        lines += [f"  Drop: {one.explain()}" for one in self.drops]
        lines += self._tested()
        if self.times is not None:
            lines.append(f"  {self.times.explain()}")
        if warnings:
            lines += [f"Warning: {text}" for text in self.warnings]
        return "\n".join(lines)

    def _tested(self) -> list[str]:
        """Return the tests of the whole run, and how many more there are."""
        if not self.tests:
            return ["  No numbers were compared: no case of both runs is on the same system."]
        whole = [one for one in self.tests if not one.check and one.depth is None]
        shown = [one for one in whole or self.tests if not one.significant]
        lines = [
            f"  {count(len(self.tests), 'number')} compared, error rate of all tests together "
            f"{self.error_rate:g}; cases on the same system: {self.n_same}, on another one: "
            f"{self.n_other_system}."
        ]
        return lines + [f"  {one.explain()}" for one in shown[:_MOST_NAMED]]

    def summary(self) -> str:
        """Return one line."""
        parts = [
            count(len(self.violations), "new violation"), count(len(self.drops), "drop"),
            f"{len(self.inconclusive)} now inconclusive", f"{len(self.fixed)} fixed",
            f"{len(self.known)} known",
        ]  # fmt: skip
        stopped = "; the run was interrupted" if self.interrupted else ""
        return f"{self.subject} against its baseline: {', '.join(parts)}{stopped}."

    def __repr__(self) -> str:
        return f"Regression({self.summary()})"


def some_of(items: Sequence[str]) -> str:
    """Name a few items, and say how many more there are."""
    more = len(items) - _MOST_NAMED
    return ", ".join(items[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
