"""Which cases a page shows when it cannot show all of them."""

from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.verdicts import FAILING, INCONCLUSIVE, SuiteVerdict

__all__ = ["chosen_cases", "severity"]


def severity(case: CaseResult) -> int:
    """Return how much a case has to say: 0 fails, 1 shows nothing, 2 holds, 3 was not run."""
    if case.verdict in FAILING:
        return 0
    if case.verdict in INCONCLUSIVE:
        return 1
    return 3 if case.verdict is SuiteVerdict.SKIPPED else 2


def chosen_cases(report: Report, most: int) -> list[CaseResult]:
    """Return the cases that are shown, those with most to say first, check after check in turn."""
    ranked = []
    for place, result in enumerate(report.results):
        for turn, case in enumerate(_worst_first(result)):
            ranked.append(((severity(case), turn, place), case))
    ranked.sort(key=lambda item: item[0])
    return [case for _, case in ranked[:most]]


def _worst_first(result: CheckResult) -> list[CaseResult]:
    unique = {case.id: case for case in result.cases}
    return sorted(unique.values(), key=severity)
