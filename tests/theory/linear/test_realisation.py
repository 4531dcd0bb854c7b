import dataclasses
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain, gallery_mdp, random_mdp
from tellapart.theory.linear import realisation, realisation_check
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.linear.realisation import LinearRealisation, realise
from tellapart.theory.linear.realisation_check import RealisationCheck
from tellapart.theory.mdp import DeterministicMDP

LABELS = (
    [0, 1],
    [0.1, 0.2, 0.3],
    [2**70, 5, -7],
    [(1, 0), (0, 1), (1, 1)],
    ["goal", "road"],
    [Fraction(1, 3), 2, 0],
    [0],
    [5],
)
COORDINATES = ["observations", "words"]


@st.composite
def labelled(draw: st.DrawFn) -> DeterministicMDP:
    mdp = draw(deterministic_mdps(max_observations=7))
    values = draw(st.sampled_from(LABELS))
    return mdp.with_labels([values[i % len(values)] for i in mdp.label_ids.tolist()])


def has_zero_loss(mdp, model):
    """D1 with object matrices, one transition at a time."""
    labels = exact_labels(mdp.label_values)
    for o in range(mdp.n_obs):
        z = model.codes[o]
        read = z @ model.head + model.head_offset if model.dimension else model.head_offset
        if list(read) != list(labels.vector(int(mdp.label_ids[o]))):
            return False
        for a in range(mdp.n_actions):
            moved = z @ model.matrices[a] + model.offsets[a]
            if list(moved) != list(model.codes[mdp.successors[o, a]]):
                return False
    return True


@given(labelled(), st.booleans(), st.sampled_from(COORDINATES))
def test_the_smallest_model_has_zero_loss_and_the_dimension_of_the_capacity(mdp, affine, kind):
    model = realise(mdp, affine, coordinates=kind)
    found = capacity(mdp)
    assert model.dimension == (found.affine if affine else found.linear)
    assert has_zero_loss(mdp, model)
    assert model.verify(mdp)
    assert affine or not (model.offsets.any() or model.head_offset.any())


@given(labelled(), st.booleans())
def test_codes_are_integers_or_labels_along_words(mdp, affine):
    by_core = realise(mdp, affine)
    assert all(type(x) is int for x in by_core.codes.reshape(-1).tolist())
    model = realise(mdp, affine, coordinates="words")
    labels = exact_labels(mdp.label_values)
    for j, (word, coordinate) in enumerate(zip(model.words, model.word_labels, strict=True)):
        for o in range(mdp.n_obs):
            end = mdp.run(o, [mdp.action_index(a) for a in word])
            assert model.codes[o, j] == labels.value(int(mdp.label_ids[end]), coordinate)


@given(labelled(), st.booleans(), st.sampled_from(COORDINATES), st.data())
def test_one_changed_number_anywhere_is_found(mdp, affine, kind, data):
    model = realise(mdp, affine, coordinates=kind)
    names = ["codes", "matrices", "offsets", "head", "head_offset"]
    name = data.draw(st.sampled_from([n for n in names if getattr(model, n).size]))
    changed = getattr(model, name).copy()
    place = data.draw(st.integers(0, changed.size - 1))
    changed.reshape(-1)[place] += Fraction(1, 10**9)
    broken = dataclasses.replace(model, **{name: changed})
    # A code may be moved where nothing shows it; the check says what multiplying out says.
    assert bool(broken.verify(mdp)) == has_zero_loss(mdp, broken)
    if name in ("offsets", "head_offset"):
        assert not broken.verify(mdp)


@given(labelled(), st.booleans(), st.sampled_from(COORDINATES))
def test_json_round_trip(mdp, affine, kind):
    model = realise(mdp, affine, coordinates=kind)
    copy = LinearRealisation.from_json(model.to_json())
    assert copy.to_json() == model.to_json()
    assert copy.verify(mdp)
    assert RealisationCheck.from_json(model.verify(mdp).to_json()) == model.verify(mdp)


@given(labelled())
def test_the_modular_way_gives_the_same_matrices(mdp):
    slow, fast = (realise(mdp, True, method=method) for method in ("reference", "modular"))
    assert slow.to_json() == fast.to_json()


def test_counting_chain():
    chain = counting_chain(9)
    linear, affine = realise(chain), realise(chain, affine=True)
    assert (linear.dimension, affine.dimension) == (9, 8)
    assert linear.is_integral
    assert linear.codes.tolist() == np.eye(9, dtype=int).tolist()
    assert affine.codes[0].tolist() == [0] * 8
    assert affine.core == tuple(range(9))
    words = realise(chain, coordinates="words")
    assert words.words[:4] == ((), ("-1",), ("+1",), ("-1", "-1"))
    assert words.codes[:, 0].tolist() == list(chain.labels)
    assert "labels after the words: (empty word), -1, +1, -1 -1" in words.explain()
    assert "8 latent dimensions; all its numbers are integers" in affine.explain()
    assert repr(affine) == "LinearRealisation(affine, d=8, 9 observations, 2 actions)"


def test_fewer_dimensions_than_blocks():
    register = gallery_mdp("shift-register-4")
    model = realise(register, affine=True)
    assert model.dimension == 4
    assert len({tuple(row) for row in model.codes.tolist()}) == 16
    assert model.verify(register)


def test_bisimilar_observations_share_a_code():
    twice = blow_up(counting_chain(5), 3, seed=1)
    model = realise(twice)
    assert model.dimension == 5
    assert (model.codes[0::3] == model.codes[1::3]).all()
    assert model.verify(twice).n_transitions == 30


def test_hundreds_of_observations():
    mdp = random_mdp(200, 2, 2, seed=0)
    model = realise(mdp)
    assert model.dimension == capacity(mdp).linear < capacity(mdp).n_blocks
    assert model.is_integral
    assert model.verify(mdp)


def test_another_system_is_refused_with_a_reason():
    model = realise(counting_chain(9))
    assert "the shapes" in model.verify(counting_chain(7)).explain()
    moved = model.verify(counting_chain(9, 3))
    assert moved.failure == "the label read from 3 is not 1."
    swapped = DeterministicMDP(
        counting_chain(9).successors[:, ::-1], counting_chain(9).labels, actions=("-1", "+1")
    )
    assert (
        "from 0 with action '-1' the model predicts another code" in model.verify(swapped).failure
    )


@pytest.mark.parametrize(
    ("system", "options", "error", "said"),
    [
        (TransitionData([[0, 0, 1]]), {}, InvalidArgumentError, "realise needs a Determ"),
        (counting_chain(3), {"coordinates": "other"}, InvalidArgumentError, "'words'"),
        (counting_chain(3), {"method": "other"}, InvalidArgumentError, "'modular'"),
        (counting_chain(31), {"max_blocks": 30}, BudgetExceededError, "31 blocks"),
        (counting_chain(121), {"coordinates": "words"}, BudgetExceededError, "limited to 100"),
    ],
)
def test_bad_arguments(system, options, error, said):
    with pytest.raises(error, match=said):
        realise(system, **options)
    with pytest.raises(InvalidArgumentError, match="verify needs"):
        realise(counting_chain(3)).verify("counting-3")


def test_fractions_beyond_the_bounds_are_an_error(monkeypatch):
    from tellapart.theory.linear import word_closure_modular

    monkeypatch.setattr(word_closure_modular, "reconstruct_all", lambda *_: None)
    monkeypatch.setattr(word_closure_modular, "WORK", 10)
    with pytest.raises(BudgetExceededError, match="fractions too large"):
        realise(counting_chain(9), method="modular")


def test_the_check_shares_no_code_with_the_construction():
    used = {
        value.__module__
        for value in vars(realisation_check).values()
        if getattr(value, "__module__", "").startswith("tellapart.")
    }
    assert used == {
        "tellapart.theory.linear.exact_labels",
        "tellapart.theory.mdp",
        "tellapart.theory.linear.realisation_check",
        "tellapart.theory.serialise",
    }
    assert realisation.check_realisation is realisation_check.check_realisation
