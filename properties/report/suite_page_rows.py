"""The overview of a run of the suite as rows of text and small pictures."""

from collections import Counter
from typing import TYPE_CHECKING

from markupsafe import Markup

from tellapart.properties.report.suite_page_charts import depth_chart, strip
from tellapart.properties.report.wording import count, integer, name_text, number
from tellapart.properties.suite.outcomes import DepthShare
from tellapart.properties.suite.registry import Tier
from tellapart.properties.suite.tally import add_depths
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.verdict import Grade

if TYPE_CHECKING:
    from tellapart.properties.suite.results import Report

__all__ = [
    "GROUPS", "case_counts", "exit_words", "grade_rows", "run_chart", "run_depths", "run_facts",
    "verdict_rows", "verdict_strips",
]  # fmt: skip

#: Groups of the page, in this order: what is wrong, what shows nothing, what is as expected.
GROUPS = (
    SuiteVerdict.COLLAPSED, SuiteVerdict.BROKEN, SuiteVerdict.ERROR, SuiteVerdict.VACUOUS,
    SuiteVerdict.INFEASIBLE, SuiteVerdict.TIMEOUT, SuiteVerdict.XPASS, SuiteVerdict.XFAIL,
    SuiteVerdict.HOLDS, SuiteVerdict.SKIPPED,
)  # fmt: skip


def run_facts(report: "Report") -> list[tuple[str, str]]:
    """Return what was run, and how, as (name, value)."""
    versions = ", ".join(f"{name_text(n)} {name_text(v)}" for n, v in report.versions)
    return [
        ("subject", name_text(report.subject, 400)),
        ("profile", name_text(report.profile)),
        ("seed", str(report.seed)),
        ("set of checks", name_text(report.spec)),
        ("versions", versions),
        ("time", f"{report.seconds:.1f} s"),
    ]


def exit_words(report: "Report") -> str:
    """Say what the exit code of the run means."""
    code = report.exit_code
    if code == 1:
        names = _listed([one.check for one in report.failed])
        return f"Exit code 1: {count(len(report.failed), 'check')} found a violation ({names})."
    if code == 0:
        return "Exit code 0: nothing fails, and every check that decides shows something."
    if report.interrupted:
        return "Exit code 3: nothing fails so far, but the run was stopped before its end."
    if not report.inconclusive:
        return "Exit code 3: nothing was run, so nothing is shown."
    names = _listed([one.check for one in report.inconclusive])
    return (
        f"Exit code 3: nothing fails, but {count(len(report.inconclusive), 'check')} "
        f"({names}) cannot be decided, which is never a pass."
    )


def _listed(names: list[str]) -> str:
    more = len(names) - 6
    return ", ".join([*map(name_text, names[:6]), *([f"{more} more"] if more > 0 else [])])


def case_counts(report: "Report") -> Counter[str]:
    """Count the verdicts of all cases, also of those that are not on the page."""
    found: Counter[str] = Counter()
    for one in report.results:
        found.update(dict(one.counts))
    return found


def verdict_rows(report: "Report") -> list[tuple[SuiteVerdict, str, str]]:
    """Return verdict, number of checks and number of cases, in the order of the groups."""
    checks = Counter(one.verdict for one in report.results)
    cases = case_counts(report)
    return [
        (verdict, integer(checks[verdict]), integer(cases[verdict]))
        for verdict in GROUPS
        if checks[verdict] or cases[verdict]
    ]


def verdict_strips(report: "Report") -> list[tuple[str, Markup]]:
    """Draw how the verdicts of checks, and of cases, share the run."""
    found = []
    checks = Counter(one.verdict.value for one in report.results)
    for noun, counts in (("check", checks), ("case", case_counts(report))):
        rows = [(one.value, counts[one.value]) for one in GROUPS if counts[one.value]]
        if rows:
            total = count(sum(number for _, number in rows), noun)
            told = ", ".join(f"{integer(number)} {name}" for name, number in rows)
            found.append((total, strip(rows, f"{total}: {told}.")))
    return found


def _by_depth(report: "Report") -> list[DepthShare]:
    """Add up the depths of all checks whose merges tell of the design as it is."""
    depths: dict[int, DepthShare] = {}
    for one in report.results:
        if not one.advisory and one.tier != Tier.DROPPED:
            add_depths(depths, one.by_depth)
    return [depths[depth] for depth in sorted(depths) if depths[depth].n_pairs]


def run_depths(report: "Report") -> list[tuple[str, str, str, str]]:
    """Return depth, pairs, merged pairs and smallest relative distance over the whole run."""
    return [
        (str(row.depth), integer(row.n_pairs), integer(row.n_merged), number(row.relative))
        for row in _by_depth(report)
    ]


def run_chart(report: "Report") -> Markup | None:
    """Draw separation by depth over the whole run; None where no pair was compared."""
    rows = _by_depth(report)
    return depth_chart(rows) if rows else None


def grade_rows(report: "Report") -> list[tuple[str, str, str, str]]:
    """Return grade, number of cases, share as a percentage, meaning; the most proved first."""
    found: Counter[str] = Counter()
    for one in report.results:
        found.update(dict(one.grades))
    total = max(sum(found.values()), 1)
    meanings = {grade.value: grade.meaning for grade in Grade}
    order = [*meanings, *sorted(set(found) - set(meanings))]
    return [
        (name_text(grade), integer(found[grade]), f"{100 * found[grade] / total:.1f}",
         meanings.get(grade, ""))
        for grade in order
        if found[grade]
    ]  # fmt: skip
