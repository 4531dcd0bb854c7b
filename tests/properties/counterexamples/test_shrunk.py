"""Small counterexamples from collapses that happened."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tellapart.properties.cases.case import case_of
from tellapart.properties.cases.files import save_case
from tellapart.properties.check import check
from tellapart.properties.counterexamples.counterexample import counterexample
from tellapart.properties.counterexamples.shrunk import (
    counterexample_from,
    shrunk_counterexample,
)
from tellapart.properties.errors import ReplayError
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.verify import verify_specimen
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.hypotheses import Hypothesis


@given(deterministic_mdps(max_observations=7), st.data())
@settings(max_examples=40)
def test_any_merge_of_what_must_be_told_apart_becomes_a_counterexample(mdp, data):
    codes = data.draw(st.lists(st.integers(0, 2), min_size=mdp.n_obs, max_size=mdp.n_obs))
    blocks = bisimulation(mdp).partition.ids.tolist()
    pairs = set(zip(codes, blocks, strict=True))
    assume(len(pairs) > len(set(codes)))  # two blocks in one code
    found = shrunk_counterexample(mdp, codes, design=None)
    assert verify_specimen(found.specimen)
    assert found.specimen.n_observations <= mdp.n_obs
    assert f"{mdp.n_obs} observations" in found.explain()


def test_a_total_collapse_shrinks_to_two_observations():
    found = shrunk_counterexample(counting_chain(9), [0] * 9, design=None)
    assert found.hypothesis is Hypothesis.AUX_LOSS
    assert (found.specimen.n_observations, found.specimen.n_actions) == (2, 1)
    assert found.minimum is None


def test_codes_that_keep_labels_apart_lacked_the_dynamics_loss():
    chain = counting_chain(9)
    found = shrunk_counterexample(chain, chain.labels, design=None)
    assert found.hypothesis is Hypothesis.DYNAMICS_LOSS
    assert found.specimen.n_observations == 3


def test_nearly_equal_codes_count_up_to_the_tolerance():
    chain = counting_chain(3)
    codes = [0.0, 1e-9, 5.0]
    with pytest.raises(InvalidArgumentError):
        shrunk_counterexample(chain, codes, design=None)
    assert shrunk_counterexample(chain, codes, tolerance=1e-6, design=None).specimen.n_codes == 1


def test_a_report_of_a_check_is_shrunk(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(check("constant", on="gallery:counting-9").to_json())
    found = counterexample_from(path, design=None)
    assert found.hypothesis is Hypothesis.AUX_LOSS
    assert found.origin.startswith("constant on gallery:counting-9")
    assert "Shrunk from constant on gallery:counting-9" in found.explain()


def test_a_case_of_a_check_is_shrunk(tmp_path):
    from tellapart.properties.cases.check_cases import case_of_check

    case = case_of_check(check("constant", on="gallery:counting-5"))
    found = counterexample_from(save_case(case, tmp_path), design=None)
    assert found.specimen.n_observations == 2


def test_a_case_of_a_counterexample_is_told_again(tmp_path):
    one = counterexample("full_coverage", trained=False)
    again = counterexample_from(save_case(one.case(), tmp_path), design=None)
    assert again.specimen == one.specimen


def test_what_holds_cannot_be_shrunk(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(check("exact", on="gallery:counting-5").to_json())
    with pytest.raises(InvalidArgumentError, match="no collapse to shrink"):
        counterexample_from(path, design=None)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "x.json"
    with pytest.raises(ReplayError, match="cannot be read"):
        counterexample_from(path)
    for text, said in (("[1]", "cannot be read"), ("{}", "no saved result"), ("no", "cannot be"),
                       ('{"kind": "Audit"}', "holds a Audit")):  # fmt: skip
        path.write_text(text)
        with pytest.raises(ReplayError, match=said):
            counterexample_from(path)
    with pytest.raises(InvalidArgumentError, match="mdp is a str"):
        shrunk_counterexample("mdp", [0])


def test_a_case_about_something_else_is_refused(tmp_path):
    from tellapart.properties.counterexamples.shrunk import _from_case

    case = case_of("law", "S4", counterexample("aux_loss", trained=False).specimen, {})
    with pytest.raises(ReplayError, match="case about a law"):
        _from_case(case, None, 0, None)
