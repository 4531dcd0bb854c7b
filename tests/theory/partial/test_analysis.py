"""The facade: everything in one object, reasons for what is missing, and JSON."""

import subprocess
import sys

import pytest

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import random_mdp
from tellapart.theory.partial.analysis import PartialAnalysis, analyse


def test_parts_agree_with_each_other(counting_without):
    told = []
    found = analyse(counting_without, progress=told.append)
    assert told == ["forced merges", "pairs to tell apart", "fewest codes", "coverage"]
    assert found.feasible
    assert (found.n_forced_pairs, found.relation.n_must_separate, found.codes.value) == (0, 35, 8)
    assert found.separation(7, 8).partition == found.relation.as_partition()
    text = found.explain()
    assert "3 by merging and folding only" in text
    assert "log action -1 in observation 7" in text
    copy = PartialAnalysis.from_json(found.to_json())
    assert copy == found
    assert copy.to_json() == found.to_json()
    assert copy.separation(5, 7) == found.separation(5, 7)


def test_infeasible_data_are_explained():
    found = analyse(TransitionData([[0, 0, 1], [0, 0, 2]], {1: "a", 2: "b"}))
    assert not found.feasible
    assert (found.relation, found.coverage, found.codes.value) == (None, None, None)
    assert found.n_forced_pairs == 1
    assert "Zero loss is impossible:\n1. row 0" in found.explain()
    assert repr(found).endswith("infeasible)")
    assert PartialAnalysis.from_json(found.to_json()) == found
    with pytest.raises(InvalidArgumentError, match="infeasible"):
        found.separation(0, 1)


def test_large_systems_answer_pair_by_pair():
    mdp = random_mdp(n=5000, actions=2, labels=2, seed=1)
    found = analyse(mdp)
    assert found.relation is None
    assert "There are 5000 classes" in found.relation_note
    assert found.relation_note in found.explain()
    assert (found.codes.lower, found.codes.upper) == (2, 5000)
    result = found.separation(0, 1)
    assert result.separated
    assert mdp.label_trace(0, [int(a) for a in result.word]) == result.x_trace


def test_without_the_relation_labels_bound_the_codes(counting_without):
    found = analyse(counting_without, max_classes=5)
    assert found.relation is None
    assert found.coverage is None
    assert (found.codes.value, found.codes.method) == (8, "SAT")
    assert len(found.codes.clique) == 2
    assert PartialAnalysis.from_json(found.to_json()) == found


def test_bad_arguments(counting_without):
    with pytest.raises(InvalidArgumentError, match="max_classes is -1"):
        analyse(counting_without, max_classes=-1)
    with pytest.raises(InvalidArgumentError, match="data is a str"):
        analyse("data.csv")
    with pytest.raises(InvalidArgumentError, match="time_limit"):
        analyse(counting_without, time_limit=None)


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys; from tellapart.theory.partial.analysis import analyse; "
        "from tellapart.theory.data.transitions import TransitionData; "
        "analyse(TransitionData([[0, 0, 2], [1, 0, 3]], {2: 'a', 3: 'b'})); "
        "print(sorted({'numba', 'pysat', 'networkx', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
