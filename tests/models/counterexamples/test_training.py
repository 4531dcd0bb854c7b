"""Real encoders collapse on every smallest counterexample, and say truly how."""

from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models.counterexamples.collapse import TrainedCollapse, Way
from tellapart.models.counterexamples.networks import BiasedEncoder, small_subject
from tellapart.models.counterexamples.training import train_dropped
from tellapart.models.counterexamples.verify import verify_collapse
from tellapart.models.networks import LinearHead, LinearPredictor
from tellapart.models.subject import Subject, SubjectError
from tellapart.theory.counterexamples.search import smallest_counterexamples
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis


@cache
def specimens(hypothesis):
    return smallest_counterexamples(hypothesis).specimens


@given(st.data())
@settings(max_examples=10)
def test_an_encoder_collapses_on_any_smallest_counterexample(data):
    hypothesis = data.draw(st.sampled_from(list(Hypothesis)))
    specimen = data.draw(st.sampled_from(specimens(hypothesis)))
    found = train_dropped(specimen, seed=data.draw(st.integers(0, 5)))
    assert found.collapsed
    assert found.distance <= found.threshold
    assert verify_collapse(specimen, found), verify_collapse(specimen, found).failure


@pytest.mark.parametrize("hypothesis", list(Hypothesis), ids=str)
def test_the_trained_losses_are_zero_and_the_others_at_their_floor(hypothesis):
    specimen = specimens(hypothesis)[0]
    found = train_dropped(specimen)
    assert found.collapsed
    assert found.way in (Way.ITSELF, Way.DECAY)
    losses = {"dynamics": found.dynamics_loss, "auxiliary": found.auxiliary_loss}
    if hypothesis is Hypothesis.EXACT_ZERO:
        assert found.trained == ("dynamics", "auxiliary")
        assert 0 < max(losses.values()) <= 1e-4
        return
    assert all(losses[name] < 1e-20 for name in found.trained)
    if "auxiliary" not in found.trained:
        assert found.auxiliary_floor == specimen.losses.auxiliary > 0
        assert found.auxiliary_loss == pytest.approx(float(found.auxiliary_floor), rel=1e-6)
    if "dynamics" not in found.trained:
        assert specimen.losses.dynamics > 0
        assert found.dynamics_loss == pytest.approx(found.dynamics_floor, rel=1e-2)
        assert found.dynamics_floor > 0


def test_merges_that_the_data_force_need_neither_decay_nor_a_pull():
    for hypothesis in ("determinism", "action_conditioning", "markov_observation"):
        for specimen in specimens(Hypothesis(hypothesis)):
            assert train_dropped(specimen).way is Way.ITSELF


def test_states_that_look_alike_have_one_code_bit_for_bit():
    found = train_dropped(specimens(Hypothesis.MARKOV_OBSERVATION)[0])
    assert found.distance == found.distance_before == 0.0
    assert found.threshold > 0


def test_the_same_call_gives_the_same_bytes_and_they_load():
    specimen = specimens(Hypothesis.FULL_COVERAGE)[3]
    one, other = train_dropped(specimen, seed=2), train_dropped(specimen, seed=2)
    assert one.to_json() == other.to_json()
    assert TrainedCollapse.from_json(one.to_json()).explain() == one.explain()


def test_global_random_state_is_left_alone():
    before = torch.random.get_rng_state()
    train_dropped(specimens(Hypothesis.DETERMINISM)[0])
    assert torch.equal(before, torch.random.get_rng_state())


def test_what_does_not_collapse_by_itself_is_pulled_together_and_says_so():
    specimen = specimens(Hypothesis.EXACT_ZERO)[0]
    found = train_dropped(specimen, design="joint")
    assert found.collapsed
    assert found.way is Way.ADVERSARIAL
    assert found.attempts > 3
    assert verify_collapse(specimen, found)
    assert "did not collapse by itself" in found.explain()
    assert "latents were shrunk" in found.explain()


class Scaled(nn.Module):
    """E(o) = s times the one-hot vector: it can only collapse to a code of nothing."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0, dtype=torch.float64))

    def forward(self, observations):
        return self.scale * observations.double()


def stubborn(mdp, seed):
    return Subject(
        Scaled(),
        LinearPredictor(mdp.n_obs, mdp.n_actions, seed),
        LinearHead(mdp.n_obs, 1),
        name="s",
    )


def test_an_encoder_that_cannot_merge_the_pair_does_not_collapse():
    specimen = specimens(Hypothesis.DYNAMICS_LOSS)[0]
    found = train_dropped(specimen, design=stubborn)
    assert not found.collapsed
    assert found.attempts == 9
    assert found.distance > found.threshold
    assert verify_collapse(specimen, found)  # its numbers are true all the same
    assert "did not collapse" in found.explain()
    assert "not collapsed" in repr(found)


class Float32Encoder(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(n, 8), nn.Tanh(), nn.Linear(8, 3))

    def forward(self, observations):
        return self.layers(observations)


class Float32Predictor(nn.Module):
    def __init__(self, n_actions):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(3, 3) for _ in range(n_actions))

    def forward(self, codes, actions):
        moved = torch.stack([layer(codes) for layer in self.layers])
        return moved[actions, torch.arange(len(codes))]


def in_float32(mdp, seed):
    torch.manual_seed(seed)
    return (Float32Encoder(mdp.n_obs), Float32Predictor(mdp.n_actions), nn.Linear(3, 1))


@pytest.mark.parametrize("hypothesis", ["aux_loss", "dynamics_loss", "determinism"])
def test_modules_of_the_user_in_float32_collapse_too(hypothesis):
    specimen = specimens(Hypothesis(hypothesis))[0]
    found = train_dropped(specimen, design=in_float32)
    assert found.collapsed, found
    assert found.zero == pytest.approx(64 * torch.finfo(torch.float32).eps)
    assert verify_collapse(specimen, found)


def test_what_cannot_be_used_is_refused_by_name():
    specimen = specimens(Hypothesis.AUX_LOSS)[0]
    with pytest.raises(InvalidArgumentError, match="specimen is a str"):
        train_dropped("aux_loss")
    for seed in (-1, True, 0.5):
        with pytest.raises(InvalidArgumentError, match="seed"):
            train_dropped(specimen, seed=seed)
    with pytest.raises(InvalidArgumentError, match="no design named 'nothing'"):
        train_dropped(specimen, design="nothing")
    with pytest.raises(InvalidArgumentError, match="design is a int"):
        train_dropped(specimen, design=3)
    with pytest.raises(SubjectError, match="nothing to train"):
        train_dropped(specimen, design="constant")
    with pytest.raises(SubjectError, match="returned str"):
        train_dropped(specimen, design=lambda mdp, seed: "no subject")


def test_the_small_subject_has_biases_and_repeats():
    mdp = specimens(Hypothesis.AUX_LOSS)[0].world
    one, other = small_subject(mdp, 3), small_subject(mdp, 3)
    assert isinstance(one.encoder, BiasedEncoder)
    assert all(
        torch.equal(a, b)
        for a, b in zip(one.encoder.parameters(), other.encoder.parameters(), strict=True)
    )
    assert not torch.equal(one.encoder.bias_out, small_subject(mdp, 4).encoder.bias_out)
