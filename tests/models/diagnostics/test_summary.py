import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tellapart.models.designs import constant_subject
from tellapart.models.diagnostics.readings import DIAGNOSTICS
from tellapart.models.diagnostics.summary import Diagnostics, diagnose, diagnose_subject
from tellapart.models.diagnostics.truth import Truth
from tellapart.models.exact import exact_subject
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain

MDPS = deterministic_mdps(max_observations=6, max_actions=2)


@given(MDPS, st.data())
def test_any_codes_give_a_complete_answer_that_saves(mdp, data):
    shape = (mdp.n_obs, data.draw(st.integers(1, 3)))
    codes = data.draw(hnp.arrays(np.float64, shape, elements=st.integers(-3, 3).map(float)))
    found = diagnose(mdp, codes, directions=8)
    assert Diagnostics.from_json(found.to_json()) == found
    assert "nan" not in found.to_json().lower()
    assert [row.name for row in found.readings] == list(DIAGNOSTICS)
    text = found.explain()
    assert all(name in text for name in DIAGNOSTICS)
    assert text.count("(wrong)") == len(found.wrong)
    assert diagnose(Truth(mdp), codes, directions=8) == found
    healthy = not found.exact.collapsed
    for row in found.readings:
        told = row.healthy is not None and bool(found.exact.n_must_separate)
        assert (row.name in found.wrong) == (told and row.healthy is not healthy)


@given(MDPS)
def test_a_constructed_and_a_constant_subject(mdp):
    exact = diagnose_subject(mdp, exact_subject(mdp))
    assert not exact.exact.collapsed
    assert exact.dynamics_loss == exact.aux_loss == 0
    constant = diagnose_subject(mdp, constant_subject(mdp))
    assert constant.exact.n_merged == constant.exact.n_must_separate
    assert constant.rank_me == constant.effective_rank == constant.numerical_rank == 0


def test_one_observation_in_one_dimension():
    found = diagnose([0], [[2.0]])
    assert found.vicreg_variance is found.vicreg_covariance is found.lidar is found.accuracy is None
    assert found.inverse is None
    assert found.wrong == ()
    assert found.explain().count("not defined") == 8


def test_what_is_defined_where():
    chain = counting_chain(9)
    single = diagnose(chain, np.eye(9))
    assert single.lidar is single.accuracy is None
    views = blow_up(chain, copies=3)
    many = diagnose(views, np.repeat(np.eye(9), 3, axis=0))
    assert many.n_classes == 9
    assert many.accuracy.held_out == 1
    assert many.lidar == pytest.approx(8, rel=1e-3)
    data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: 0, 3: 1})
    assert diagnose(data, np.arange(4.0)).inverse is None
    assert diagnose([0, 0, 1, 1], np.array([[0.0], [0.1], [1.0], [1.1]])).accuracy.in_sample == 1


def test_it_prints_the_answer_beside_the_numbers():
    codes = np.eye(9)
    codes[8] = codes[0]
    found = diagnose(counting_chain(9), codes, dynamics_loss=1e-25)
    assert repr(found).endswith("exact: 1 of 36 pairs merged)")
    last = found.explain().splitlines()[-1]
    assert last.startswith("Exact answer: collapsed. 1 of 36 pairs")
    assert "dynamics loss                1.0e-25" in found.explain()
    assert json.loads(found.to_json())["exact"]["n_merged"] == 1


def test_bad_arguments():
    with pytest.raises(InvalidArgumentError, match="row 3 holds nan"):
        diagnose(counting_chain(4), [1, 2, 3, np.nan])
    with pytest.raises(InvalidArgumentError, match="5 rows and the system 4"):
        diagnose(counting_chain(4), np.zeros(5))
    with pytest.raises(InvalidArgumentError, match="needs a DeterministicMDP, got list"):
        diagnose_subject([0, 1], exact_subject(counting_chain(2)))
