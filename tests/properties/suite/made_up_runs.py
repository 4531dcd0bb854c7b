"""Reports that nobody measured: every verdict in every place, with names of the nasty kind."""

from hypothesis import strategies as st

from tellapart.properties.cases.case import case_of
from tellapart.properties.suite.advice import Advice
from tellapart.properties.suite.events import (
    CaseDone,
    CheckDone,
    Resumed,
    Started,
    Stopped,
    Warned,
)
from tellapart.properties.suite.outcomes import CaseResult, DepthShare, Outcome, SystemFacts
from tellapart.properties.suite.registry import Check, SuiteCost, Tier
from tellapart.properties.suite.results import Report, result_of
from tellapart.properties.suite.tally import tally_of
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.partition import Partition
from tellapart.theory.verdict import CollapseWitness

NASTY = (
    "plain", "a|b", "<script>alert(1)</script>", "]]>&amp;", "```\n# title", "@someone #12",
    "\x1b[31mred\x1b[0m", "\x00\x0b\ufffe", "tab\tand\r\nlines", "\ud800", "caf\u00e9 \u03b1",
)  # fmt: skip
OF_CASES = tuple(one for one in SuiteVerdict if one not in (SuiteVerdict.XFAIL, SuiteVerdict.XPASS))

texts = st.sampled_from(NASTY) | st.text(max_size=30)


def case_result(check, scenario, tier, verdict, summary="", story="", seed=7, seconds=0.25, **more):
    return CaseResult(
        check, scenario, tier, seed, Outcome(verdict, summary, story, **more), seconds
    )


@st.composite
def outcomes(draw):
    """What may come of a case, with everything that a report shows, or nothing of it."""
    verdict = draw(st.sampled_from(OF_CASES))
    full = draw(st.booleans())
    name = draw(texts)
    advice = Advice("plateau", draw(texts), draw(texts), "measured", (("loss", 0.5),))
    return Outcome(
        verdict=verdict,
        summary=draw(texts),
        story=draw(texts),
        grade=draw(st.sampled_from([None, "exact", "certified", "resolved", "unmet"])),
        system=SystemFacts(name, "ab" * 32, 9, 2, 9, 4) if full else None,
        by_depth=(DepthShare(0, 8, 1, 0.5),) if full else (),
        margin=draw(st.sampled_from([None, 0.25])),
        losses=(0.5, float("inf")) if full else None,
        witness=CollapseWitness(name, "y", ("a",), (0, 0), (0, 1), 0.0, 0.5) if full else None,
        advice=(advice,) if verdict.is_inconclusive else (),
        notes=draw(st.lists(texts, max_size=1).map(tuple)),
        case=case_of("check", name, Partition([0, 0]), {}) if full else None,
    )


def a_check(id, tier, advisory=False):
    return Check(
        id, tier, SuiteCost.INSTANT, f"Title of {id}", "Why | it matters.", frozenset(), (),
        lambda profile: (), lambda trial: Outcome(SuiteVerdict.HOLDS, ""),
        ("exact",), ("constant",), advisory,
    )  # fmt: skip


def a_report(results, subject="joint", **fields):
    return Report(
        subject=subject, profile="smoke", seed=3, spec="2026.1", versions=(("python", "3.11"),),
        results=tuple(results), seconds=1.5, **fields,
    )  # fmt: skip


@st.composite
def reports(draw):
    """Any report: some checks of some tiers, some expected to fail, some advisory."""
    results = []
    order = list(Tier)
    for tier in sorted(draw(st.sets(st.sampled_from(order), max_size=3)), key=order.index):
        for number in range(draw(st.integers(1, 2))):
            id = f"{tier.value}-check-{number}"
            found = draw(st.lists(outcomes(), min_size=1, max_size=4))
            cases = [
                CaseResult(id, f"case-{i}", tier.value, 10 * i, outcome, 0.25)
                for i, outcome in enumerate(found)
            ]
            reason = draw(st.none() | texts)
            check = a_check(id, tier, draw(st.booleans()))
            results.append(result_of(check, tally_of(cases), 0.2, reason))
    return a_report(
        results,
        draw(texts),
        warnings=draw(st.lists(texts, max_size=1).map(tuple)),
        interrupted=draw(st.booleans()),
    )


def events_of(report):
    """Return what the engine tells of a run that gives this report."""
    told = [
        Started(report.subject, report.profile, report.seed, report.spec, 1, 2, 1),
        Resumed(1),
    ]
    for one in report.results:
        told += [CaseDone(case) for case in one.cases]
        told.append(CheckDone(one))
    return [*told, *map(Warned, report.warnings), Stopped(report)]
