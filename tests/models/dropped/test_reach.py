"""A collapse is found where one is reachable, and what prevents it is named where not."""

import numpy as np
import pytest
import torch
from dropped_designs import KEPT, REACHED, with_encoder
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models.dropped.reach import reach_without_aux, reach_without_dynamics
from tellapart.models.dropped.result import Reach, ReachWay, TraitKind
from tellapart.models.subject import Subject, SubjectError
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, cycle, gallery_mdp
from tellapart.theory.hypotheses import Hypothesis

CHAIN = counting_chain(5)


@settings(max_examples=4)
@given(deterministic_mdps(min_observations=2, max_observations=6), st.integers(0, 5))
def test_a_plain_network_collapses_on_any_system_without_labels(mdp, seed):
    assume(bisimulation(mdp).partition.n_blocks > 1)
    found = reach_without_aux(REACHED["tanh"], mdp, seed)
    assert found.reached
    assert found.mechanism is None
    last = found.tries[-1]
    assert last.n_unresolved == 0
    assert last.distance <= 1e-3
    assert bisimulation(mdp).separation_depth(*found.pair) == len(found.word)


@settings(max_examples=5)
@given(deterministic_mdps(min_observations=2, max_observations=6), st.integers(0, 5))
def test_a_one_hot_encoder_never_collapses(mdp, seed):
    assume(bisimulation(mdp).partition.n_blocks > 1)
    found = reach_without_aux(KEPT["one-hot"][0], mdp, seed)
    assert not found.reached
    assert found.mechanism.n_groups == mdp.n_obs
    assert found.mechanism.closest == pytest.approx(1.0)
    assert len(found.tries) == 1


@pytest.mark.parametrize("name", REACHED)
def test_these_collapse(name):
    found = reach_without_aux(REACHED[name], CHAIN)
    assert found.reached, found.explain()
    assert found.by_architecture
    assert found.tries[-1].n_groups == 1
    assert found.pair == (0, 4)
    assert len(found.word) == 2
    assert "a collapse is reached" in found.explain()


@pytest.mark.parametrize("name", KEPT)
def test_these_do_not_and_the_mechanism_is_named(name):
    factory, cause = KEPT[name]
    found = reach_without_aux(factory, CHAIN, seeds=1, max_steps=60)
    assert not found.reached
    assert found.way is found.pair is None
    assert found.mechanism.causes[0].name is cause, found.explain()
    assert found.mechanism.name == cause.value
    assert cause.value in found.explain()
    assert cause.value in repr(found)


def test_norms_are_named_by_the_path_of_their_module():
    kinds = {
        "layer-norm": (TraitKind.LAYER_NORM, "encoder.3"),
        "sphere": (TraitKind.UNIT_SPHERE, "encoder"),
    }
    for name, (kind, where) in kinds.items():
        traits = reach_without_aux(REACHED[name], CHAIN, seeds=1, max_steps=10).traits
        assert [(trait.name, trait.where) for trait in traits] == [(kind, where)]
    softmax = with_encoder(lambda n: nn.Sequential(nn.Linear(n, 4), nn.Softmax(dim=1)))
    traits = reach_without_aux(softmax, CHAIN, seeds=1, max_steps=10).traits
    assert [(trait.name, trait.where) for trait in traits] == [(TraitKind.SIMPLEX, "encoder.1")]
    found = reach_without_aux(KEPT["batchnorm"][0], CHAIN, seeds=1, max_steps=10)
    assert found.mechanism.causes[0].where == "encoder.3"
    assert reach_without_aux(REACHED["relu"], CHAIN).traits == ()


def test_a_norm_inside_the_encoder_is_no_norm_of_the_codes():
    inside = with_encoder(
        lambda n: nn.Sequential(nn.Linear(n, 8), nn.LayerNorm(8), nn.ReLU(), nn.Linear(8, 4))
    )
    assert reach_without_aux(inside, CHAIN, seeds=1, max_steps=10).traits == ()


def test_codes_that_fade_are_not_merged():
    found = reach_without_aux(KEPT["scaled"][0], CHAIN, seeds=1, max_steps=40)
    assert all(one.turned < 1e-5 for one in found.tries)
    assert all(one.closest == pytest.approx(1.0, rel=1e-3) for one in found.tries)


def test_the_ways_are_tried_in_turn_with_every_seed_and_progress_tells():
    seen = []
    factory = KEPT["appended"][0]
    found = reach_without_aux(
        factory, CHAIN, 3, seeds=2, max_steps=20, progress=lambda *now: seen.append(now)
    )
    assert [(one.way, one.seed) for one in found.tries] == [
        (way, seed) for way in ReachWay for seed in (3, 4)
    ]
    assert [now[1] for now in seen] == list(range(6))
    assert {now[0] for now in seen} == {"dropped"}
    assert {now[2] for now in seen} == {6}
    assert found.tries[0].fixed == tuple(range(2, 7))


def test_the_same_call_gives_the_same_bytes_and_they_load():
    for factory in (REACHED["relu"], KEPT["appended"][0]):
        one, other = (reach_without_aux(factory, CHAIN, seeds=1, max_steps=20) for _ in range(2))
        assert one.to_json() == other.to_json()
        again = Reach.from_json(one.to_json())
        assert again == one
        assert again.explain() == one.explain()


def test_global_random_state_and_threads_are_left_alone():
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    state = np.random.get_state()[1].tolist()  # noqa: NPY002
    reach_without_aux(REACHED["dropout"], CHAIN, max_steps=10, seeds=1)
    assert torch.equal(before, torch.random.get_rng_state())
    assert state == np.random.get_state()[1].tolist()  # noqa: NPY002
    assert threads == torch.get_num_threads()


def test_without_the_dynamics_loss_what_has_one_label_merges():
    for name in ("joint", "layer-norm"):
        found = reach_without_dynamics(REACHED[name], CHAIN)
        assert found.reached, found.explain()
        assert found.dropped is Hypothesis.DYNAMICS_LOSS
        assert found.n_codes == 2
        x, y = found.pair
        assert CHAIN.labels[x] == CHAIN.labels[y]
    redundant = gallery_mdp("redundant-pick")
    assert reach_without_dynamics(REACHED["relu"], redundant).reached


def test_without_the_dynamics_loss_a_one_hot_encoder_keeps_all_apart():
    found = reach_without_dynamics(KEPT["one-hot"][0], CHAIN)
    assert not found.reached
    assert found.mechanism.n_groups == 5


def test_nothing_to_merge_is_said():
    with pytest.raises(InvalidArgumentError, match="informative labels"):
        reach_without_aux(REACHED["relu"], CHAIN.with_labels([0] * 5))
    with pytest.raises(InvalidArgumentError, match="labels say less"):
        reach_without_dynamics(REACHED["relu"], CHAIN.with_labels(list(range(5))))
    assert reach_without_aux(REACHED["relu"], cycle(3)).reached


def test_what_cannot_be_used_is_refused_by_name():
    for bad, word in (
        ({"seed": -1}, "seed"),
        ({"seeds": True}, "seeds"),
        ({"max_steps": 0}, "max_steps"),
    ):
        with pytest.raises(InvalidArgumentError, match=f"^{word} is"):
            reach_without_aux(REACHED["relu"], CHAIN, **bad)
    with pytest.raises(InvalidArgumentError, match="factory is a int"):
        reach_without_aux(3, CHAIN)
    with pytest.raises(InvalidArgumentError, match="mdp is a str"):
        reach_without_aux(REACHED["relu"], "chain")
    with pytest.raises(SubjectError, match="returned str"):
        reach_without_aux(lambda mdp, seed: "no", CHAIN)
    nan = with_encoder(lambda n: lambda o: o[:, :4] * float("nan"))
    with pytest.raises(SubjectError, match=r"The encoder of mine .* not finite"):
        reach_without_aux(nan, CHAIN)
    flat = lambda mdp, seed: Subject(lambda o: o, lambda z, a: z[:, :2], lambda z: z)  # noqa: E731
    with pytest.raises(SubjectError, match="The predictor of"):
        reach_without_aux(flat, CHAIN)
    broken = with_encoder(lambda n: nn.Linear(n + 1, 4))
    with pytest.raises(SubjectError, match="raised RuntimeError"):
        reach_without_aux(broken, CHAIN)
