"""What a run of the suite came to, short enough to be committed and compared with later runs."""

import math
from dataclasses import dataclass
from pathlib import Path

from tellapart.properties.suite.outcomes import CaseResult, DepthShare
from tellapart.properties.suite.results import CheckResult, Counts, Report
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.naming import row_named
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["SCHEMA", "Baseline", "KnownCase", "KnownCheck", "known_run", "load_baseline"]

#: Version of the layout of the file.
SCHEMA = 1
_DIGITS = 16  # of a fingerprint: more than enough to tell a handful of systems apart
_EXACT, _TIMES = 6, 2  # significant digits


@register
@dataclass(frozen=True)
class KnownCase(Saved):
    """One case of a check as it was.

    Attributes
    ----------
    scenario
        Its name.
    verdict
        The conclusion.
    grade
        Of the premise; None where the check has none.
    system
        First 16 digits of the fingerprint of the system; None where there was none.
    distance
        Smallest distance between codes of a pair that must be told apart, relative to the rms
        distance between blocks; None where nothing was measured.
    margin
        Smallest certified margin, relative likewise; None without a certificate.
    ratio
        Resolution ratio (S13).
    merged
        Pairs (depth, merged pairs), where there are merged ones.
    depths
        The depths at which pairs must be told apart.
    """

    scenario: str
    verdict: SuiteVerdict
    grade: str | None = None
    system: str | None = None
    distance: float | None = None
    margin: float | None = None
    ratio: float | None = None
    merged: tuple[tuple[int, int], ...] = ()
    depths: tuple[int, ...] = ()

    @classmethod
    def of(cls, case: CaseResult) -> "KnownCase":
        """Keep of a case what later runs are compared with."""
        outcome = case.outcome
        distance = outcome.number("smallest relative distance")
        if outcome.by_depth:
            distance = min(row.relative for row in outcome.by_depth)
        return cls(
            scenario=case.scenario,
            verdict=outcome.verdict,
            grade=outcome.grade,
            system=None if outcome.system is None else outcome.system.fingerprint[:_DIGITS],
            distance=_short(distance),
            margin=_short(outcome.margin),
            ratio=_short(outcome.ratio),
            merged=tuple((row.depth, row.n_merged) for row in outcome.by_depth if row.n_merged),
            depths=tuple(row.depth for row in outcome.by_depth),
        )


@register
@dataclass(frozen=True)
class KnownCheck(Saved):
    """One check as it was.

    Attributes
    ----------
    check
        Its id.
    verdict, advisory, counts, grades, by_depth, margin, seconds
        As in :class:`~tellapart.properties.suite.results.CheckResult`; two digits of the seconds.
    cases
        The cases by name; of very many, those that do not hold.
    """

    check: str
    verdict: SuiteVerdict
    advisory: bool
    counts: Counts
    grades: Counts
    by_depth: tuple[DepthShare, ...]
    margin: float | None
    seconds: float
    cases: tuple[KnownCase, ...]

    @classmethod
    def of(cls, result: CheckResult) -> "KnownCheck":
        """Keep of a check what later runs are compared with."""
        rows = (
            DepthShare(row.depth, row.n_pairs, row.n_merged, _rounded(row.relative, _EXACT))
            for row in result.by_depth
        )
        return cls(
            check=result.check,
            verdict=result.verdict,
            advisory=result.advisory,
            counts=tuple(sorted(result.counts)),
            grades=tuple(sorted(result.grades)),
            by_depth=tuple(rows),
            margin=_short(result.margin),
            seconds=_rounded(result.seconds, _TIMES),
            cases=tuple(sorted(map(KnownCase.of, result.cases), key=lambda one: one.scenario)),
        )

    @property
    def name(self) -> str:
        """The id of the check."""
        return self.check

    @property
    def n_cases(self) -> int:
        """Number of cases."""
        return sum(number for _, number in self.counts)

    @property
    def n_run(self) -> int:
        """Number of cases that were run."""
        return self.n_cases - self.n(SuiteVerdict.SKIPPED) - self.n(SuiteVerdict.TIMEOUT)

    def n(self, *verdicts: SuiteVerdict) -> int:
        """Return the number of cases with one of these verdicts."""
        return sum(number for verdict, number in self.counts if verdict in verdicts)

    @property
    def is_complete(self) -> bool:
        """Whether every case is there, and not only those that do not hold."""
        return len(self.cases) == self.n_cases

    def __repr__(self) -> str:
        return f"KnownCheck({self.check}: {self.verdict}, {count(self.n_cases, 'case')})"


@register
@dataclass(frozen=True, repr=False)
class Baseline(Saved):
    """A run of the suite to compare later ones with.

    Attributes
    ----------
    subject, profile, seed, spec, versions, merge_tolerance
        As in :class:`~tellapart.properties.suite.results.Report`.
    checks
        What was found, by id.

    Notes
    -----
    The file has one line for each check and each case, sorted, so that a change of one case is a
    change of one line. Numbers have six digits, seconds two: the same run on the same machine gives
    the same file but for the seconds.
    """

    subject: str
    profile: str
    seed: int
    spec: str
    versions: tuple[tuple[str, str], ...]
    checks: tuple[KnownCheck, ...]
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE

    @classmethod
    def of(cls, report: Report) -> "Baseline":
        """Keep of a report what later runs are compared with.

        Raises
        ------
        InvalidArgumentError
            When it is no report, or one of a run that was interrupted.
        """
        if not isinstance(report, Report):
            raise InvalidArgumentError(
                f"A baseline is made of a Report, not of a {type(report).__name__}; use what "
                "check_encoder() returned."
            )
        if report.interrupted:
            raise InvalidArgumentError(
                f"The run of {report.subject} was interrupted; a baseline of it would miss what "
                "did not run. Run it to the end."
            )
        return known_run(report)

    def check(self, id: str) -> KnownCheck:
        """Return a check by its id.

        Raises
        ------
        InvalidArgumentError
            When there is none of that id.
        """
        return row_named(self.checks, id, "check")

    def to_json(self) -> str:
        """Return the text of the file."""
        from tellapart.properties.suite.baseline_text import write_baseline

        return write_baseline(self)

    @classmethod
    def from_json(cls, text: str) -> "Baseline":
        """Load what :meth:`to_json` wrote, in this version of tellapart or an older one.

        Raises
        ------
        InvalidArgumentError
            When the text is no baseline, or one of a newer version.
        """
        from tellapart.properties.suite.baseline_text import read_baseline

        return read_baseline(text)

    def save(self, path: str | Path) -> None:
        """Write the file, completely or not at all."""
        from tellapart.properties.files import write_atomically

        write_atomically(Path(path), self.to_json() + "\n")

    def explain(self) -> str:
        """Say what was found, one line a check."""
        lines = [f"Baseline of {self.subject}: profile {self.profile}, seed {self.seed}."]
        for one in self.checks:
            told = ", ".join(f"{number} {verdict}" for verdict, number in one.counts)
            lines.append(f"  {one.check}: {one.verdict} ({told or 'no case'})")
        return "\n".join(lines)

    def __repr__(self) -> str:
        cases = count(sum(one.n_cases for one in self.checks), "case")
        return f"Baseline({self.subject}: {count(len(self.checks), 'check')}, {cases})"


def load_baseline(path: str | Path) -> Baseline:
    """Load a baseline from its file.

    Raises
    ------
    InvalidArgumentError
        When there is no such file, or when it is something else.
    """
    try:
        return Baseline.from_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidArgumentError(
            f"The baseline {path} cannot be read ({error.strerror or error}); write one with "
            "Baseline.of(report).save(path), or with --update-baseline."
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(
            f"The baseline {path} is no text file ({error.reason}); name the file that "
            "Baseline.save() wrote."
        ) from error
    except InvalidArgumentError as error:
        raise InvalidArgumentError(f"The baseline {path}: {error}") from error


def known_run(report: Report) -> Baseline:
    """Keep what is there, also of a run that was interrupted."""
    checks = sorted(map(KnownCheck.of, report.results), key=lambda one: one.check)
    return Baseline(
        report.subject, report.profile, report.seed, report.spec, report.versions, tuple(checks),
        report.merge_tolerance,
    )  # fmt: skip


def _short(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else _rounded(value, _EXACT)


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
