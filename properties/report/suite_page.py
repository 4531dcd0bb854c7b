"""One self-contained HTML page for a run of the suite: overview, checks, a page for each case."""

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tellapart.properties.report.page import environment
from tellapart.properties.report.suite_case import CaseView, case_views
from tellapart.properties.report.suite_case_commands import anchors, run_command
from tellapart.properties.report.suite_case_facts import advice_rows
from tellapart.properties.report.suite_page_rows import (
    GROUPS,
    case_counts,
    exit_words,
    grade_rows,
    run_chart,
    run_depths,
    run_facts,
    verdict_rows,
    verdict_strips,
)
from tellapart.properties.report.wording import count, integer, name_text, number
from tellapart.properties.suite.registry import Tier
from tellapart.theory.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.properties.suite.results import CheckResult, Report

__all__ = ["MOST_CASES", "render_suite"]

#: Cases on one page; of more, those that fail are shown first.
MOST_CASES = 2000
_MOST_TEXT, _MOST_NOTES = 600, 12


def render_suite(
    report: "Report", *, most_cases: int = MOST_CASES, store: str | Path | None = None
) -> str:
    """Return the page of one run.

    Parameters
    ----------
    report
        What to show.
    most_cases
        How many cases are shown at most, at least 1; of more, those that fail come first.
    store
        The file with all cases, to be named where the page cannot show all of them.

    Returns
    -------
    str
        HTML with its style, its script and its pictures inside; it loads nothing. The same report
        gives the same text. Without scripts everything is there as one long page.

    Raises
    ------
    InvalidArgumentError
        When ``report`` is none, or ``most_cases`` is not a positive integer.

    Notes
    -----
    Pictures and saved cases are put in only for cases that do not hold, up to a total size, so that
    2,000 cases stay below 10 MB. The policy of the page allows the one script by its SHA-256 and no
    other, so that a name which looks like one cannot run.
    """
    from tellapart.properties.suite.results import Report

    if not isinstance(report, Report):
        raise InvalidArgumentError(
            f"render_suite got a {type(report).__name__}; give it the result of check_encoder()."
        )
    if isinstance(most_cases, bool) or not isinstance(most_cases, int) or most_cases < 1:
        raise InvalidArgumentError(f"most_cases is {most_cases!r}; it must be an integer >= 1.")
    views = case_views(report, most_cases)
    script = environment().get_template("suite_page.js.jinja").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    groups = _groups(report, views)
    context = {
        "title": f"suite on {name_text(report.subject, 120)}",
        "script": Markup(script),  # a template of ours that takes nothing from the report
        "script_digest": digest,
        "report": report,
        "facts": run_facts(report),
        "banner": ("holds", "collapsed", "", "vacuous")[report.exit_code],
        "exit_words": exit_words(report),
        "command": run_command(report),
        "verdicts": verdict_rows(report),
        "strips": verdict_strips(report),
        "depths": run_depths(report),
        "chart": run_chart(report),
        "grades": grade_rows(report),
        "warnings": [name_text(text, _MOST_TEXT) for text in report.warnings],
        "notes": [name_text(text, _MOST_TEXT) for text in report.notes],
        "tiers": [tier.value for tier in Tier if any(r.tier == tier for r in report.results)],
        "filters": _filters(report),
        "groups": groups,
        "cases": [case for group in groups for check in group["checks"] for case in check["cases"]],
        "hidden": _hidden(report, views, store),
    }
    return environment().get_template("suite_page.html.jinja").render(context)


def _filters(report: "Report") -> list[str]:
    """Return the verdicts that a check or a case of the run has."""
    found = {one.verdict.value for one in report.results} | set(case_counts(report))
    return [one.value for one in GROUPS if one.value in found]


def _groups(report: "Report", views: dict[str, tuple[CaseView, ...]]) -> list[dict[str, Any]]:
    """Return the checks by verdict."""
    places = anchors((name_text(one.check) for one in report.results), "check-")
    rows = [
        (one.verdict, _check(one, place, views[one.check]))
        for one, place in zip(report.results, places, strict=True)
    ]
    return [
        {"verdict": verdict, "checks": checks}
        for verdict in GROUPS
        if (checks := [row for found, row in rows if found is verdict])
    ]


def _check(result: "CheckResult", place: str, cases: tuple[CaseView, ...]) -> dict[str, Any]:
    facts = [f"premise: {_counted(result.grades)}"] if result.grades else []
    if result.margin is not None:
        facts.append(f"smallest certified margin {number(result.margin)}")
    if result.verdict.is_inconclusive:
        facts.append(
            f"{result.share_vacuous:.0%} of the cases show nothing, at most "
            f"{result.most_vacuous:.0%} may"
        )
    facts.append(f"{result.seconds:.1f} s")
    return {
        "anchor": place,
        "id": name_text(result.check),
        "tier": name_text(result.tier),
        "verdict": result.verdict,
        "measured": result.measured,
        "advisory": result.advisory,
        "title": name_text(result.title, _MOST_TEXT),
        "why": name_text(result.why, _MOST_TEXT),
        "reason": name_text(result.reason, _MOST_TEXT),
        "counts": [(name_text(name), integer(number)) for name, number in result.counts],
        "facts": "; ".join(facts),
        "notes": [name_text(note, _MOST_TEXT) for note in result.notes[:_MOST_NOTES]],
        "advice": advice_rows(result.advice),
        "cases": cases,
        "n_cases": result.n_cases,
        "n_hidden": result.n_cases - len(cases),
        "opened": result.verdict.fails or result.verdict.is_inconclusive,
    }


def _counted(counts: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{integer(number)} {name_text(name)}" for name, number in counts)


def _hidden(
    report: "Report", views: dict[str, tuple[CaseView, ...]], store: str | Path | None
) -> str:
    """Say how many cases are not on the page; empty when all are."""
    shown = sum(map(len, views.values()))
    missing = report.n_cases - shown
    if missing <= 0:
        return ""
    where = "" if store is None else f" All of them are in {name_text(str(store), 200)}."
    return (
        f"{integer(shown)} of {count(report.n_cases, 'case')} are on this page, those that fail "
        f"first; the numbers above count all of them.{where}"
    )
