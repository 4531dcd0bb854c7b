"""Reports of designs with chosen numbers, to compare: nothing is trained."""

from dataclasses import replace

from made_up_runs import a_check, a_report

from tellapart.properties.suite.outcomes import CaseResult, DepthShare, Outcome, SystemFacts
from tellapart.properties.suite.registry import Tier
from tellapart.properties.suite.results import result_of
from tellapart.properties.suite.tally import tally_of
from tellapart.properties.suite.verdicts import SuiteVerdict

HOLDS, VACUOUS, COLLAPSED = SuiteVerdict.HOLDS, SuiteVerdict.VACUOUS, SuiteVerdict.COLLAPSED


def a_case(
    number, verdict=HOLDS, *, distance=0.5, margin=0.1, merged=0, grade=None, system=None,
    check="random-mine", seconds=0.5,
):  # fmt: skip
    """A case on a system of two depths, the deeper one merged where something is."""
    chosen = grade or ("certified" if verdict is HOLDS else "unmet")
    fingerprint = system or f"{number:02d}" * 32
    outcome = Outcome(
        verdict,
        "A summary.",
        grade=chosen,
        system=SystemFacts("a system", fingerprint, 9, 2, 9, 1),
        by_depth=(DepthShare(0, 20, 0, 1.0), DepthShare(1, 16, merged, distance)),
        n_must_separate=36,
        n_merged=merged,
        ratio=0.5 if chosen != "unmet" else float("inf"),
        margin=margin,
        numbers=(("RankMe", 3.0 + number / 10), ("LiDAR", 2.0)),
    )
    return CaseResult(check, f"case-{number}", "random", number, outcome, seconds)


def a_result(cases, check="random-mine", tier=Tier.RANDOM, advisory=False, expected=None):
    cases = [replace(one, check=check, tier=tier.value) for one in cases]
    return result_of(a_check(check, tier, advisory), tally_of(cases), 0.2, expected)


def a_run(cases, check="random-mine", subject="mine", **fields):
    """A report of one check."""
    return a_report([a_result(cases, check)], subject, **fields)


def many(n, *args, **options):
    return [a_case(number, *args, **options) for number in range(n)]
