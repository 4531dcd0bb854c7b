"""A run of the suite as JUnit XML, which GitLab, Jenkins and others show beside other tests."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Literal

from tellapart.properties.report.suite_rows import replay_command, tiers
from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.wording import count

__all__ = ["suite_junit"]

#: What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Answer = Literal["passed", "failure", "error", "skipped"]
_COUNTED = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))


@dataclass(frozen=True)
class _Test:
    """One test case of the file."""

    classname: str
    name: str
    seconds: float
    answer: Answer
    type: str = ""
    message: str = ""
    text: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    output: str = ""


def suite_junit(report: Report) -> str:
    """Return a run as JUnit XML: a suite for each tier, a test for each case.

    Parameters
    ----------
    report
        What came of the run.

    Returns
    -------
    str
        The same report gives the same text. There is a failure or an error in it if and only if
        the exit code of the report is not 0.

    Notes
    -----
    A vacuous case is a failure where the whole check shows too little, and skipped where it is
    within the limit: never passed. Failures that are expected, and those of advisory checks, are
    skipped, with the reason. Cases that were only counted (of very many that hold) are named in
    the output of their suite. Characters that XML cannot hold become the replacement mark.
    """
    suites = {
        tier: [test for one in results for test in _tests(report, one)]
        for tier, results in tiers(report).items()
    }
    broken = {test.answer for tests in suites.values() for test in tests} & {"failure", "error"}
    if not report.ok and not broken:
        suites["run"] = [_unfinished(report)]
    root = ET.Element("testsuites")
    _set(root, {"name": f"tellapart {report.subject}", "time": f"{report.seconds:.3f}"})
    _count(root, [test for tests in suites.values() for test in tests])
    del root.attrib["skipped"]  # the schema of Jenkins has none here
    for tier, tests in suites.items():
        root.append(_suite(report, tier, tests))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="utf-8"?>\n', "\n")
    )


def _suite(report: Report, tier: str, tests: list[_Test]) -> ET.Element:
    element = ET.Element("testsuite")
    _set(element, {"name": f"tellapart.{tier}"})
    _count(element, tests)
    _set(element, {"time": f"{sum(test.seconds for test in tests):.3f}"})
    facts = (
        ("subject", report.subject), ("profile", report.profile), ("seed", str(report.seed)),
        ("spec", report.spec), *report.versions,
    )  # fmt: skip
    _add_properties(element, facts)
    for test in tests:
        element.append(_element(test))
    uncounted = [_not_listed(one) for one in report.results if one.tier == tier]
    told = "\n".join(line for line in uncounted if line)
    if told:
        ET.SubElement(element, "system-out").text = _clean(told)
    return element


def _count(element: ET.Element, tests: list[_Test]) -> None:
    numbers = {name: sum(t.answer == answer for t in tests) for name, answer in _COUNTED}
    _set(element, {"tests": str(len(tests)), **{name: str(n) for name, n in numbers.items()}})


def _element(test: _Test) -> ET.Element:
    element = ET.Element("testcase")
    _set(
        element,
        {"classname": test.classname, "name": test.name, "time": f"{test.seconds:.3f}"},
    )
    _add_properties(element, test.properties)
    if test.answer != "passed":
        told = ET.SubElement(element, test.answer)
        _set(told, {"type": test.type, "message": " ".join(test.message.split())})
        told.text = _clean(test.text) or None
    if test.output:
        ET.SubElement(element, "system-out").text = _clean(test.output)
    return element


def _add_properties(element: ET.Element, pairs: tuple[tuple[str, str], ...]) -> None:
    if pairs:
        inner = ET.SubElement(element, "properties")
        for name, value in pairs:
            _set(ET.SubElement(inner, "property"), {"name": name, "value": value})


def _set(element: ET.Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        element.set(name, _clean(value))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


def _tests(report: Report, one: CheckResult) -> list[_Test]:
    """Return the cases of a check; one more where none of those that are kept shows its fault."""
    tests = [_test(report, one, case) for case in one.cases]
    wrong = one in report.failed or one in report.inconclusive
    if wrong and not any(test.answer in ("failure", "error") for test in tests):
        answer: Answer = "error" if one.verdict is SuiteVerdict.ERROR else "failure"
        tests.append(
            _Test(
                _classname(report, one.check),
                "(all cases)",
                0.0,
                answer,
                one.verdict.value,
                one.verdict.meaning,
                one.explain(),
            )
        )
    return tests


def _test(report: Report, one: CheckResult, case: CaseResult) -> _Test:
    outcome, verdict = case.outcome, case.verdict
    answer, why = _answer(report, one, verdict)
    again = "" if answer in ("passed", "skipped") else f"\n\n{replay_command(report, case)}"
    stale = f"expected to fail ({one.reason}) and holds: remove the entry."
    facts = (
        ("verdict", verdict.value),
        ("seed", str(case.seed)),
        ("grade", outcome.grade),
        ("system", None if outcome.system is None else outcome.system.fingerprint),
        ("case", None if outcome.case is None else outcome.case.digest),
    )
    return _Test(
        _classname(report, case.check),
        case.scenario,
        case.seconds,
        answer,
        verdict.value,
        f"{why}{verdict}: {outcome.summary}",
        case.explain() + again,
        tuple((name, value) for name, value in facts if value is not None),
        stale if one.verdict is SuiteVerdict.XPASS else "",
    )


def _answer(report: Report, one: CheckResult, verdict: SuiteVerdict) -> tuple[Answer, str]:
    """Return how a case counts, and why when that is not for its own verdict."""
    if verdict is SuiteVerdict.HOLDS:
        return "passed", ""
    if verdict is SuiteVerdict.SKIPPED:
        return "skipped", ""
    if one.verdict is SuiteVerdict.XFAIL:
        return "skipped", f"expected ({one.reason}): "
    if one.advisory:
        return "skipped", "advisory, never decides: "
    if one in report.failed:
        if verdict.is_inconclusive:
            return "skipped", ""
        return ("error" if verdict is SuiteVerdict.ERROR else "failure"), ""
    if one in report.inconclusive:
        return "failure", f"the check shows too little ({one.share_vacuous:.0%} of its cases): "
    return "skipped", f"within the limit of {one.most_vacuous:.0%}: "


def _classname(report: Report, check: str) -> str:
    """Return subject and check; dots would be read as packages."""
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '_', report.subject)}.{check}"


def _not_listed(one: CheckResult) -> str:
    missing = one.n_cases - len(one.cases)
    return f"{one.check}: {count(missing, 'more case')} counted, not listed" if missing else ""


def _unfinished(report: Report) -> _Test:
    """Return a test that fails for a run of which nothing else does, and which is no pass."""
    why = "it was stopped early" if report.interrupted else "nothing was run"
    return _Test(
        _classname(report, "run"), "complete", 0.0, "error", "incomplete",
        f"The run shows nothing: {why}.", report.summary(),
    )  # fmt: skip
