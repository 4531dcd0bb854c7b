"""The plugin: settings, a header, markers, fixtures, and nothing heavy at load."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.pytest_session import PROFILES, settings_of
from tellapart.properties.suite import registry, spec
from tellapart.properties.suite.profiles import SUITE_PROFILES
from tellapart.properties.suite.running import check_encoder

pytest_plugins = ["pytester"]

PLAIN = ("-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error", "--strict-markers")


class OnlyIni:
    """A configuration of pytest with nothing on the command line."""

    def __init__(self, **values):
        self.rootpath = Path("/project")
        self._values = {"tellapart_profile": "ci", "tellapart_seed": 0, "tellapart_cases": ""}
        self._values |= {"tellapart_max_vacuous": None, "tellapart_expected_failures": []}
        self._values |= values

    def getoption(self, name):
        return None

    def getini(self, name):
        return self._values[name]


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)


@given(st.dictionaries(words, st.lists(words, min_size=1, max_size=4).map(": ".join), max_size=4))
def test_expected_failures_are_read_as_they_were_meant(expected):
    lines = [f"{check}:  {reason} " for check, reason in expected.items()]
    assert settings_of(OnlyIni(tellapart_expected_failures=lines)).expected == expected


@given(st.sampled_from(PROFILES), st.integers(0, 2**53), st.floats(0, 1))
def test_settings_are_the_same_as_text_and_as_numbers(profile, seed, share):
    # before pytest 8.4 the ini file holds texts only
    typed = OnlyIni(
        tellapart_profile=profile, tellapart_seed=seed, tellapart_max_vacuous=share
    )  # fmt: skip
    text = OnlyIni(
        tellapart_profile=profile, tellapart_seed=str(seed), tellapart_max_vacuous=repr(share)
    )
    found = settings_of(typed)
    assert found == settings_of(text)
    assert (found.profile, found.seed, found.max_vacuous) == (profile, seed, share)


def test_loading_the_plugin_imports_no_torch():
    code = (
        "import sys, tellapart.properties.pytest_plugin\n"
        "heavy = {'torch', 'numpy', 'hypothesis', 'networkx', 'gymnasium', 'numba'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_theory_imports_no_torch():
    code = (
        "import sys, tellapart.theory\n"
        "heavy = {'torch', 'hypothesis', 'networkx', 'gymnasium', 'numba'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_run_without_our_tests_imports_nothing_heavy(tmp_path):
    test = tmp_path / "test_alone.py"
    test.write_text("def test_alone():\n    pass\n")
    code = (
        "import sys, pytest\n"
        f"code = pytest.main(['-q', '-p', 'no:hypothesispytest', {str(test)!r}])\n"
        "assert 'tellapart.properties.pytest_plugin' in sys.modules\n"
        "loaded = [name for name in sys.modules if name.startswith('tellapart.')]\n"
        "assert len(loaded) < 8, loaded\n"
        "heavy = {'torch', 'numpy', 'hypothesis', 'networkx', 'gymnasium', 'numba'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_names_that_are_written_twice_agree():
    assert tuple(SUITE_PROFILES) == PROFILES
    assert spec.SPEC == registry.SPEC


def test_the_fixture_checks_an_encoder(tellapart_check):
    assert tellapart_check("exact", on="gallery:counting-9").verdict == "holds"


def test_the_header_names_version_spec_profile_and_seed(pytester):
    pytester.makeini("[pytest]\ntellapart_profile = nightly\ntellapart_seed = 7\n")
    shown = pytester.runpytest_inprocess(*PLAIN)
    shown.stdout.fnmatch_lines([f"tellapart: *, spec {spec.SPEC}, profile nightly, seed 7"])
    shown = pytester.runpytest_inprocess(
        *PLAIN, "--tellapart-profile=smoke", "--tellapart-seed=3", "--tellapart-cases=found"
    )
    shown.stdout.fnmatch_lines(
        [f"tellapart: *, profile smoke, seed 3, cases {pytester.path}/found"]
    )


def test_native_toml_holds_numbers(pytester):
    pytester.makepyprojecttoml(
        '[tool.pytest]\ntellapart_seed = 5\ntellapart_max_vacuous = 0.5\ntellapart_cases = "c"\n'
        'tellapart_expected_failures = ["exact-counting: because"]\n'
    )
    shown = pytester.runpytest_inprocess(*PLAIN)
    shown.stdout.fnmatch_lines([f"tellapart: *, seed 5, cases {pytester.path}/c"])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tellapart_profile = fast", "*tellapart_profile is 'fast'*smoke, ci, nightly, campaign*"),
        ("tellapart_seed = -1", "*tellapart_seed is -1*integer >= 0*"),
        ("tellapart_seed = one", "*tellapart_seed *'one'*"),
        ("tellapart_max_vacuous = 2", "*tellapart_max_vacuous is 2*[[]0, 1]*"),
        ("tellapart_max_vacuous = nan", "*tellapart_max_vacuous is nan*[[]0, 1]*"),
        ("tellapart_expected_failures = exact-counting", "*'exact-counting'*check: reason*"),
    ],
)
def test_settings_that_cannot_be_used_are_told_before_anything_runs(pytester, line, told):
    pytester.makeini(f"[pytest]\n{line}\n")
    shown = pytester.runpytest_inprocess(*PLAIN)
    assert shown.ret == pytest.ExitCode.USAGE_ERROR
    shown.stderr.fnmatch_lines([told])


def test_the_marker_and_the_ini_keys_are_registered(pytester):
    shown = pytester.runpytest_inprocess(*PLAIN, "--markers")
    shown.stdout.fnmatch_lines(["@pytest.mark.tellapart(tier, check): *"])
    shown = pytester.runpytest_inprocess(*PLAIN, "--help")
    for name in ("profile", "seed", "cases"):
        shown.stdout.fnmatch_lines([f"*--tellapart-{name}*", f"*tellapart_{name} *"])
    shown.stdout.fnmatch_lines(["*tellapart_max_vacuous *", "*tellapart_expected_failures *"])


def test_the_fixture_runs_the_suite_as_the_session_says(pytester):
    check_encoder("exact", profile="smoke", only=["exact-capacity"])  # loads what the run needs
    pytester.makeini(
        "[pytest]\ntellapart_profile = smoke\ntellapart_seed = 4\n"
        "tellapart_expected_failures = exact-capacity: too small\n"
    )
    pytester.makepyfile(
        """
        def test_session(tellapart_suite):
            report = tellapart_suite("exact", only=["exact-capacity"])
            assert (report.profile, report.seed) == ("smoke", 4)
            assert report.result("exact-capacity").verdict == "xpass"

        def test_own(tellapart_suite):
            report = tellapart_suite(
                "exact", only=["exact-capacity"], seed=5, expected_failed_checks={}
            )
            assert report.seed == 5 and report.result("exact-capacity").verdict == "holds"

        def test_story(tellapart_suite):
            tellapart_suite("constant", only=["exact-capacity"], expected_failed_checks=None)
        """
    )
    shown = pytester.runpytest_inprocess(*PLAIN)
    shown.assert_outcomes(passed=2, failed=1)
    shown.stdout.fnmatch_lines(["*SuiteFailed: exact-capacity [[]exact]: infeasible*"])
    assert "running.py" not in shown.stdout.str()
    assert "pytest_questions.py" not in shown.stdout.str()
