"""Designs side by side: the same checks, one column a design, for a paper's appendix."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tellapart.properties.suite.outcomes import CaseResult, DepthShare
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.tally import add_depths
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Grade
from tellapart.theory.wording import count

__all__ = ["CheckCell", "CheckRow", "Comparison", "DesignColumn", "Point", "compare_reports"]


@register
@dataclass(frozen=True)
class Point(Saved):
    """One case of one design that was measured.

    Attributes
    ----------
    case
        ``check/scenario``.
    apart
        Whether every pair that must be told apart is.
    distance
        Smallest relative distance of such a pair; None where nothing must be told apart.
    margin
        Certified margin, relative to the rms distance between blocks; None without a certificate.
    numbers
        Diagnostics as pairs (name, value).
    """

    case: str
    apart: bool
    distance: float | None
    margin: float | None
    numbers: tuple[tuple[str, float], ...]


@register
@dataclass(frozen=True)
class CheckCell(Saved):
    """One check of one design.

    Attributes
    ----------
    verdict, margin, seconds, by_depth
        As in :class:`~tellapart.properties.suite.results.CheckResult`.
    n_held, n_run
        Cases that hold, and cases that were run.
    n_met, n_graded
        Cases whose premise is met, and cases that have one.
    """

    verdict: SuiteVerdict
    n_held: int
    n_run: int
    n_met: int
    n_graded: int
    margin: float | None
    seconds: float
    by_depth: tuple[DepthShare, ...]


@register
@dataclass(frozen=True)
class CheckRow(Saved):
    """One check of all designs.

    Attributes
    ----------
    check, tier, title
        What is asked.
    cells
        One for each design; None where it was not asked.
    """

    check: str
    tier: str
    title: str
    cells: tuple[CheckCell | None, ...]

    @property
    def is_shared(self) -> bool:
        """Whether every design was asked and answered."""
        return all(one is not None and one.n_run for one in self.cells)


@register
@dataclass(frozen=True)
class DesignColumn(Saved):
    """One design over the checks that all designs share.

    Attributes
    ----------
    name
        Of the column: unique.
    seed, seconds
        Of its report.
    n_met, n_graded
        Cases whose premise is met, and cases that have one.
    by_depth
        Separation by depth.
    points
        The cases that were measured.
    """

    name: str
    seed: int
    seconds: float
    n_met: int
    n_graded: int
    by_depth: tuple[DepthShare, ...]
    points: tuple[Point, ...]

    @property
    def margins(self) -> tuple[float, ...]:
        """All certified margins, the smallest first."""
        return tuple(sorted(one.margin for one in self.points if one.margin is not None))

    def values(self, diagnostic: str) -> tuple[float, ...]:
        """Return a diagnostic of all cases that have it."""
        return tuple(value for one in self.points for name, value in one.numbers
                     if name == diagnostic)  # fmt: skip

    def median(self, diagnostic: str) -> float | None:
        """Return the median of a diagnostic; None where no case has it."""
        values = self.values(diagnostic)
        return statistics.median(values) if values else None


@register
@dataclass(frozen=True)
class Comparison(Saved):
    """Designs side by side.

    Attributes
    ----------
    profile, spec
        Of the reports; several, where they differ, joined by a comma.
    designs
        The columns.
    checks
        The rows.
    """

    profile: str
    spec: str
    designs: tuple[DesignColumn, ...]
    checks: tuple[CheckRow, ...]

    @property
    def n_shared(self) -> int:
        """Number of checks that all designs answered; the sums are over them."""
        return sum(one.is_shared for one in self.checks)

    @property
    def diagnostics(self) -> tuple[str, ...]:
        """Names of what was measured beside the verdicts."""
        names = (name for d in self.designs for one in d.points for name, _ in one.numbers)
        return tuple(dict.fromkeys(names))

    @property
    def depths(self) -> tuple[int, ...]:
        """All depths at which pairs must be told apart."""
        return tuple(sorted({row.depth for one in self.designs for row in one.by_depth}))

    def explain(self) -> str:
        """Return tables that fit 100 columns."""
        from tellapart.properties.report.suite_comparison import comparison_text

        return comparison_text(self)

    def svg(self) -> str:
        """Return one figure for paper: separation by depth, certified margins, diagnostics."""
        from tellapart.properties.report.suite_comparison_figure import draw_comparison

        return str(draw_comparison(self))

    def to_html(self, path: str | Path) -> None:
        """Write one page that needs no network."""
        from tellapart.properties.files import write_atomically
        from tellapart.properties.report.suite_comparison import render_comparison

        write_atomically(Path(path), render_comparison(self))

    def to_latex(self) -> str:
        """Return the tables for LaTeX with ``booktabs``."""
        from tellapart.properties.report.suite_comparison import comparison_latex

        return comparison_latex(self)

    def __repr__(self) -> str:
        names = ", ".join(one.name for one in self.designs)
        return f"Comparison({names}: {count(len(self.checks), 'check')})"


def compare_reports(reports: Sequence[Report]) -> Comparison:
    """Put reports side by side.

    Parameters
    ----------
    reports
        Two or more of :func:`~tellapart.properties.suite.running.check_encoder`. Designs of one
        name are called ``name #1``, ``name #2``.

    Raises
    ------
    InvalidArgumentError
        For fewer than two, or for reports of another profile or spec whose checks differ.

    Notes
    -----
    Sums (separation by depth, premise, margins, diagnostics) are over the checks that every design
    answered, so that no design looks better because it was asked less.
    """
    if isinstance(reports, str | Report) or not isinstance(reports, Sequence):
        raise InvalidArgumentError(
            f"reports is a {type(reports).__name__}; give a list of two reports or more."
        )
    for one in reports:
        if not isinstance(one, Report):
            raise InvalidArgumentError(
                f"{one!r:.60} is a {type(one).__name__}, not a Report; give what check_encoder() "
                "returned."
            )
    if len(reports) < 2:
        raise InvalidArgumentError(
            f"There is nothing to compare {count(len(reports), 'report')} with; give two or more."
        )
    for one, other in pairwise(reports):
        _check_comparable(one, other)
    rows = _rows(reports)
    shared = [row.check for row in rows if row.is_shared]
    names = _names(reports)
    return Comparison(
        ", ".join(dict.fromkeys(one.profile for one in reports)),
        ", ".join(dict.fromkeys(one.spec for one in reports)),
        tuple(_design(name, one, shared) for name, one in zip(names, reports, strict=True)),
        rows,
    )


def _check_comparable(one: Report, other: Report) -> None:
    """Refuse runs of different checks, unless somebody chose them at one profile and spec."""
    for field in ("profile", "spec"):
        here, there = getattr(one, field), getattr(other, field)
        ids, others = ({r.check for r in report.results} for report in (one, other))
        if here != there and ids != others:
            raise InvalidArgumentError(
                f"The {field} of {one.subject} is {here!r} and that of {other.subject} is "
                f"{there!r}, and their checks differ ({', '.join(sorted(ids ^ others)[:3])}); run "
                "both with the same profile and version."
            )
    if one.merge_tolerance != other.merge_tolerance:
        raise InvalidArgumentError(
            f"The merge tolerance of {one.subject} is {one.merge_tolerance:g} and that of "
            f"{other.subject} is {other.merge_tolerance:g}, so merged is not the same for both; "
            "run both with the same one."
        )


def _names(reports: Sequence[Report]) -> list[str]:
    """Return a name for each report: the factory alone where that is enough, else numbered."""
    shorts = [one.subject.rpartition(":")[2] or one.subject for one in reports]
    if len(set(shorts)) < len({one.subject for one in reports}):
        shorts = [one.subject for one in reports]  # two files call their factory the same
    counts, seen = Counter(shorts), Counter[str]()
    names = []
    for short in shorts:
        seen[short] += 1
        names.append(f"{short} #{seen[short]}" if counts[short] > 1 else short)
    return names


def _rows(reports: Sequence[Report]) -> tuple[CheckRow, ...]:
    results = [{one.check: one for one in report.results} for report in reports]
    first = {id: one for found in reversed(results) for id, one in found.items()}
    order = [id for found in results for id in found]
    return tuple(
        CheckRow(id, first[id].tier, first[id].title,
                 tuple(_cell(found[id]) if id in found else None for found in results))
        for id in dict.fromkeys(order)
    )  # fmt: skip


def _cell(one: CheckResult) -> CheckCell:
    grades = dict(one.grades)
    graded = sum(grades.values())
    return CheckCell(
        verdict=one.verdict,
        n_held=one.n(SuiteVerdict.HOLDS),
        n_run=one.n_run - one.n(SuiteVerdict.TIMEOUT),
        n_met=graded - grades.get(Grade.UNMET.value, 0),
        n_graded=graded,
        margin=one.margin,
        seconds=one.seconds,
        by_depth=one.by_depth,
    )


def _design(name: str, report: Report, shared: Sequence[str]) -> DesignColumn:
    depths: dict[int, DepthShare] = {}
    results = [one for one in report.results if one.check in shared]
    cells = [_cell(one) for one in results]
    for cell in cells:
        add_depths(depths, cell.by_depth)
    return DesignColumn(
        name=name,
        seed=report.seed,
        seconds=report.seconds,
        n_met=sum(cell.n_met for cell in cells),
        n_graded=sum(cell.n_graded for cell in cells),
        by_depth=tuple(depths[depth] for depth in sorted(depths)),
        points=tuple(_point(case) for one in results for case in one.cases
                     if case.outcome.by_depth or case.outcome.numbers),
    )  # fmt: skip


def _point(case: CaseResult) -> Point:
    outcome = case.outcome
    distance = min((row.relative for row in outcome.by_depth), default=None)
    return Point(case.id, outcome.n_merged == 0, distance, outcome.margin, outcome.numbers)
