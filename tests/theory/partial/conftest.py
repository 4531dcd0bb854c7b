"""Brute force over all partitions, shared with the benchmark that runs it thousands of times."""

import importlib.util
import sys
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).parents[2] / "benchmarks" / "brute_force_audit.py"


@pytest.fixture(scope="session")
def brute():
    """The module ``tests/benchmarks/brute_force_audit.py``."""
    name = "tellapart_brute_force_audit"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _SCRIPT)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def counting_without():
    """The counting chain without the transition (7, -1), as data."""
    from tellapart.theory.data.transitions import TransitionData
    from tellapart.theory.gallery import counting_chain

    chain = counting_chain(9)
    whole = TransitionData.from_mdp(chain).triples.tolist()
    rows = [row for row in whole if row[:2] != [7, 0]]
    return TransitionData(rows, chain.labels, actions=chain.actions)
