"""The suite as tests of pytest: ids, outcomes, gates, case files."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.cases.files import load_case
from tellapart.properties.suite import registry
from tellapart.properties.suite.pytest_questions import _labels
from tellapart.properties.suite.pytest_way import is_later, parametrize_with_checks
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.spec import SPEC
from tellapart.theory.errors import InvalidArgumentError

pytest_plugins = ["pytester"]

PLAIN = ("-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error", "--strict-markers")
SMOKE = (*PLAIN, "--tellapart-profile=smoke")

#: Checks of a user's own that answer what they are told, in the tier exact and in the tier random.
OWN = """
from tellapart.properties import parametrize_with_checks
from tellapart.properties.suite.checks.exact import named_systems
from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.registry import SuiteCost, Tier, check
from tellapart.properties.suite.verdicts import SuiteVerdict

def made_up(id, verdict, tier=Tier.EXACT, advisory=False):
    def run(trial):
        if verdict == "ctrl-c":
            raise KeyboardInterrupt
        return Outcome(SuiteVerdict(verdict), f"made up: {verdict}.")
    check(
        id=id, tier=tier, cost=SuiteCost.INSTANT, title="Made up", why="To be seen",
        scenarios=named_systems(["pick"], repeated=False), passes=["joint"], fails=["constant"],
        advisory=advisory,
    )(run)
"""


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """Import what a run imports on the way: pytester forgets what is imported inside of it."""
    only = ["contract", "exact-capacity", "exact-counting"]
    check_encoder("constant", profile="smoke", only=only, on_fail=None)
    check_encoder("joint", profile="smoke", only=only, on_fail=None)


@pytest.fixture
def own(pytester, monkeypatch):
    """Return a function that runs made-up checks, which are forgotten afterwards."""
    monkeypatch.setattr(registry, "_CHECKS", dict(registry.all_checks()))

    def run(text, *options):
        pytester.makepyfile(OWN + text)
        return pytester.runpytest_inprocess(*SMOKE, *options, no_reraise_ctrlc=True)

    return run


def asking(*checks, arguments=""):
    """Return a test function that asks made-up checks of a design."""
    lines = [f"made_up({check})" for check in checks]
    ids = [check.split(",")[0].strip("'") for check in checks]
    return "\n".join(lines) + (
        f"\n\n@parametrize_with_checks(['joint'], only={ids}{arguments})"
        "\ndef test_it(subject, check):\n    check(subject)\n"
    )


@given(st.lists(st.text(max_size=8), max_size=6))
def test_labels_are_plain_and_different(names):
    labels = _labels(names)
    assert len(set(labels)) == len(labels) == len(names)
    assert all(label and label.isascii() and not set(label) & set(" /:[]<>") for label in labels)
    assert labels == _labels(names)


@given(st.integers(2000, 2999), st.integers(1, 99), st.integers(2000, 2999), st.integers(1, 99))
def test_versions_of_the_checks_are_ordered_as_numbers(year, number, other_year, other):
    assert is_later(f"{year}.{number}", f"{other_year}.{other}") == (
        (year, number) > (other_year, other)
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"subjects": []}, "subjects is empty"),
        ({"subjects": "joint"}, "subjects is of type str"),
        ({"subjects": len}, "subjects is of type builtin"),
        ({"subjects": ["joint"], "only": "exact"}, "only is of type str"),
        ({"subjects": ["joint"], "exclude": 3}, "exclude is of type int"),
        ({"subjects": ["joint"], "expected_failed_checks": ["exact"]}, "is a list"),
        ({"subjects": ["joint"], "seed": -1}, "seed is -1"),
        ({"subjects": ["joint"], "seed": True}, "seed is True"),
        ({"subjects": ["joint"], "spec": "2999.1"}, f"has the checks of {SPEC}"),
        ({"subjects": ["joint"], "spec": 2026.1}, "spec is 2026.1"),
    ],
)
def test_arguments_that_cannot_be_used(arguments, told):
    with pytest.raises(InvalidArgumentError, match=told):
        parametrize_with_checks(**arguments)


def test_what_is_decorated_takes_subject_and_check():
    decorate = parametrize_with_checks(["joint"])
    for wrong in (lambda subject: None, type("TestIt", (), {})):
        with pytest.raises(InvalidArgumentError, match="arguments subject and check"):
            decorate(wrong)
    twice = decorate(lambda subject, check: None)
    with pytest.raises(InvalidArgumentError, match="decorated twice"):
        decorate(twice)


def test_ids_name_subject_and_check_and_nothing_else(pytester):
    pytester.makepyfile(
        """
        import functools
        from tellapart.properties import parametrize_with_checks

        def factory(mdp, seed):
            pass

        class Here:
            @parametrize_with_checks(
                [factory, "joint", lambda mdp, seed: None, functools.partial(factory), factory],
                only=["contract-shapes", "exact-counting/counting-9-seed-0"],
            )
            def test_it(self, subject, check):
                check(subject)
        """
    )
    shown = pytester.runpytest_inprocess(
        *SMOKE, "-q", "--collect-only", "-o", "python_classes=Here", "-m", "tellapart"
    )
    ids = [line.partition("[")[2] for line in shown.outlines if "::" in line]
    names = ("factory", "joint", "lambda", "factory-2", "factory-3")
    checks = ("contract-shapes", "exact-counting")
    assert ids == [f"{name}-{check}]" for name in names for check in checks]
    shown = pytester.runpytest_inprocess(
        *SMOKE, "-q", "--collect-only", "-o", "python_classes=Here", "-m", "tellapart(tier='exact')"
    )
    assert sum("exact-counting]" in line for line in shown.outlines) == 5
    assert not any("contract-shapes]" in line for line in shown.outlines)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("['joint'], only=['exact-countin']", "*No check matches 'exact-countin'*"),
        ("['joint'], exclude=['*']", "*No check is left to run*"),
        ("['joint'], expected_failed_checks={'exact-nothing': 'why'}", "*exact-nothing*"),
        ("['joint'], profile='fast'", "*fast*"),
        ("['joint'], spec='2025.9'", "*None of the checks*in spec 2025.9*"),
        ("['join']", "*no design named 'join'*"),
    ],
)
def test_what_does_not_exist_is_an_error_of_collection(pytester, line, told):
    pytester.makepyfile(
        "from tellapart.properties import parametrize_with_checks\n"
        f"@parametrize_with_checks({line})\ndef test_it(subject, check): check(subject)\n"
    )
    shown = pytester.runpytest_inprocess(*SMOKE)
    shown.assert_outcomes(errors=1)
    shown.stdout.fnmatch_lines([told])
    assert "pytest_questions.py" not in shown.stdout.str()


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        ("holds", "passed"), ("collapsed", "failed"), ("broken", "failed"), ("error", "failed"),
        ("vacuous", "failed"), ("infeasible", "failed"), ("skipped", "skipped"),
    ],
)  # fmt: skip
def test_every_verdict_has_an_outcome(own, verdict, outcome):
    shown = own(asking(f"'exact-own', {verdict!r}"), "-ra")
    shown.assert_outcomes(**{outcome: 1})
    if outcome == "failed":
        shown.stdout.fnmatch_lines(
            [
                f"joint {'shows too little: inconclusive' if verdict[0] in 'vi' else 'fails'}*",
                "exact-own/pick (seed *): *made up*",
                "Again: pytest '*[[]joint-exact-own]' --tellapart-profile smoke --tellapart*",
                "=* tellapart =*",
                f"joint exact-own: {verdict}",
            ]
        )
        assert "pytest_questions.py" not in shown.stdout.str()
    if outcome == "skipped":
        shown.stdout.fnmatch_lines(["SKIPPED*made up: skipped.*"])


@pytest.mark.parametrize("verdict", ["collapsed", "vacuous"])
def test_an_advisory_check_never_fails_and_tells_what_it_saw(own, verdict):
    shown = own(asking(f"'exact-own', {verdict!r}, advisory=True"), "-rP")
    shown.assert_outcomes(passed=1)
    shown.stdout.fnmatch_lines([f"*made up: {verdict}.*"])


def test_expected_failures(own):
    expected = ", expected_failed_checks={'exact-fails': 'windows', 'exact-holds': 'old', "
    expected += "'random-holds': 'old'}"
    asked = asking(
        "'exact-fails', 'vacuous'", "'exact-holds', 'holds'",
        "'random-holds', 'holds', Tier.RANDOM", arguments=expected,
    )  # fmt: skip
    shown = own(asked, "-ra")
    shown.assert_outcomes(xfailed=1, failed=1, passed=1)
    shown.stdout.fnmatch_lines(
        [
            "*joint: exact-holds was expected to fail (old) and holds: remove the entry.",
            "=* tellapart =*",
            "joint random-holds: was expected to fail (old) and holds: remove the entry.",
            "XFAIL*windows*",
        ]
    )
    own(asked, "--runxfail").assert_outcomes(failed=2, passed=1)


def test_the_ini_file_expects_failures_too(own, pytester):
    pytester.makeini(
        "[pytest]\ntellapart_expected_failures =\n    exact-own: the window is short\n"
    )
    own(asking("'exact-own', 'collapsed'")).assert_outcomes(xfailed=1)


def test_the_limit_of_vacuous_cases_is_that_of_the_session(own, pytester):
    pytester.makeini("[pytest]\ntellapart_max_vacuous = 1\n")
    # a check of which every case is vacuous shows nothing at any limit
    own(asking("'exact-own', 'vacuous'")).assert_outcomes(failed=1)


def test_checks_that_came_later_are_left_out(own):
    asked = asking("'exact-old', 'holds'", "'exact-new', 'collapsed'", arguments=", spec='2025.1'")
    change = """
from dataclasses import replace
from tellapart.properties.suite import registry
registry._CHECKS["exact-old"] = replace(registry._CHECKS["exact-old"], spec="2024.12")
"""
    own(asked + change).assert_outcomes(passed=1)


def test_ctrl_c_stops_the_session(own):
    shown = own(asking("'exact-own', 'ctrl-c'"))
    assert shown.ret == pytest.ExitCode.INTERRUPTED


GATED = """
from tellapart.properties import parametrize_with_checks

def broken(mdp, seed):
    return {factory}

@parametrize_with_checks([broken, "joint"], only=["contract", "exact-capacity"])
def test_it(subject, check):
    check(subject)
"""
BACKWARDS = "def pytest_collection_modifyitems(items):\n    items.reverse()\n"


@pytest.mark.parametrize("conftest", ["", BACKWARDS])
def test_a_broken_gate_is_one_story_in_any_order(pytester, conftest):
    pytester.makeconftest(conftest)
    pytester.makepyfile(GATED.format(factory="None"))
    shown = pytester.runpytest_inprocess(*SMOKE, "-rs", "-k", "shapes or capacity")
    shown.assert_outcomes(failed=1, skipped=1, passed=2, deselected=36)
    shown.stdout.fnmatch_lines(
        ["*The factory*returned NoneType*", "SKIPPED*the subject breaks contract-shapes*"]
    )


def test_a_gate_that_nobody_asks_hides_nothing(pytester):
    pytester.makepyfile(GATED.format(factory="None"))
    shown = pytester.runpytest_inprocess(*SMOKE, "-k", "capacity")
    shown.assert_outcomes(failed=1, passed=1, deselected=38)


CASES = """
from tellapart.properties import parametrize_with_checks

@parametrize_with_checks(["constant", "joint"], only=["exact-counting", "exact-capacity"])
def test_it(subject, check):
    check(subject)
"""


def junit(path):
    """Return the properties of each test in a JUnit file."""
    return {
        test.get("name"): [(one.get("name"), one.get("value")) for one in test.iter("property")]
        for test in ET.parse(path).iter("testcase")
    }


def assert_cases_are_attached(folder, shown):
    found = junit(folder / "suite.xml")
    assert len(found) == 4
    facts = dict(found["test_it[constant-exact-counting]"])
    assert facts["tellapart_verdict"] == "collapsed"
    assert facts["tellapart_seed"] == "3"
    assert facts["tellapart_replay"] == f"tellapart replay {facts['tellapart_case']}"
    case = load_case(folder / facts["tellapart_case"])
    assert case.digest == facts["tellapart_digest"]
    assert "tellapart_case" not in dict(found["test_it[joint-exact-counting]"])
    files = [one.name for one in (folder / "found").iterdir()]
    assert files == [Path(facts["tellapart_case"]).name], "and nothing that was half written"
    shown.stdout.fnmatch_lines(["=* tellapart =*", f"  {facts['tellapart_replay']}"])
    shown.stdout.fnmatch_lines(["tellapart: *profile smoke, seed 3, cases *found"])


@pytest.mark.parametrize("workers", [0, 2])
def test_case_files_are_saved_and_attached_to_junit(pytester, workers):
    pytester.makepyfile(CASES)
    arguments = ["--tellapart-profile=smoke", "--tellapart-seed=3", "--tellapart-cases=found"]
    arguments += ["--junit-xml=suite.xml", "-p", "no:cacheprovider", "-W", "error"]
    if workers:
        shown = pytester.runpytest_subprocess(*arguments, "-n", str(workers))
    else:
        shown = pytester.runpytest_inprocess(*arguments, "-p", "no:xdist")
    shown.assert_outcomes(failed=2, passed=2)
    assert_cases_are_attached(pytester.path, shown)


def test_the_decorator_imports_no_torch():
    code = (
        "import sys\nfrom tellapart.properties import parametrize_with_checks\n"
        "@parametrize_with_checks(['joint'])\ndef test_it(subject, check): pass\n"
        "heavy = {'torch', 'hypothesis', 'numba', 'networkx', 'pytest'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
