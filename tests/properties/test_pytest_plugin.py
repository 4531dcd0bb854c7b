"""The plugin: a header, one fixture, and nothing heavy at load."""

import subprocess
import sys


def test_loading_the_plugin_imports_no_torch():
    code = (
        "import sys, tellapart.properties.pytest_plugin\n"
        "heavy = {'torch', 'hypothesis', 'networkx', 'gymnasium', 'numba'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_theory_imports_no_torch():
    code = (
        "import sys, tellapart.theory\n"
        "heavy = {'torch', 'hypothesis', 'networkx', 'gymnasium', 'numba'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_fixture_checks_an_encoder(tellapart_check):
    assert tellapart_check("exact", on="gallery:counting-9").verdict == "holds"


def test_the_header_names_the_version(pytestconfig):
    lines = pytestconfig.hook.pytest_report_header(config=pytestconfig, start_path=None)
    assert any("tellapart: " in str(line) for line in lines)
