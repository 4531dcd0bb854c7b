import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import event, given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models.evaluation import evaluate
from tellapart.models.first_order import Scaling
from tellapart.models.fit import FitProgress, FitResult, FitStatus, fit
from tellapart.models.networks import (
    MLPEncoder,
    MLPPredictor,
    TableEncoder,
    dual_size,
    reference_sizes,
    reference_subject,
)
from tellapart.models.subject import Subject, SubjectError
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import combination_lock, counting_chain, grid, random_mdp
from tellapart.theory.mdp import DeterministicMDP

CHAIN = counting_chain(9)


class ReluPredictor(nn.Module):
    def __init__(self, d, n_actions):
        super().__init__()
        self.n_actions = n_actions
        self.layers = nn.Sequential(nn.Linear(d + n_actions, 64), nn.ReLU(), nn.Linear(64, d))

    def forward(self, codes, actions):
        chosen = nn.functional.one_hot(actions, self.n_actions).to(codes)
        return self.layers(torch.cat([codes, chosen], dim=1))


def user_subject(mdp, seed=0, **changes):
    """What a user writes: float32 modules, nothing of ours."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = nn.Sequential(nn.Linear(mdp.n_obs, 64), nn.ReLU(), nn.Linear(64, 8))
        predictor = ReluPredictor(8, mdp.n_actions)
        head = nn.Linear(8, mdp.label_vectors.shape[1])
    return Subject(encoder, predictor, head, **changes)


def weights(subject):
    return [p.detach().clone() for part in subject.modules for p in part.parameters()]


def same_bytes(left, right):
    return all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


@st.composite
def small_mdps(draw):
    n, n_actions = draw(st.integers(1, 8)), draw(st.integers(1, 2))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    labels = rng.choice(np.array([0.0, 1.0, -100.0, 1e-3]), size=n)
    return DeterministicMDP(rng.integers(n, size=(n, n_actions)), labels)


def test_at_least_nine_of_ten_small_mdps_converge():
    converged = []

    @settings(max_examples=40)
    @given(small_mdps(), st.integers(0, 5))
    def train(mdp, seed):
        subject = reference_subject(mdp, seed=seed)
        result = fit(subject, mdp, seed=seed)
        event(result.status.name)
        converged.append(result.status is FitStatus.CONVERGED)
        if not result.resolved:
            return
        # The conclusion of S4 on a trained network: what must be told apart is told apart.
        codes, ids = evaluate(subject, mdp).codes, bisimulation(mdp).partition.ids
        for x in range(mdp.n_obs):
            assert not (np.all(codes[x] == codes[ids != ids[x]], axis=1)).any()

    train()
    assert np.mean(converged) >= 0.9


@pytest.mark.parametrize(
    "mdp", [grid(4, 4), combination_lock(6), counting_chain(25), random_mdp(24, 3, 3, seed=1)]
)
def test_gallery_systems_converge(mdp):
    result = fit(reference_subject(mdp), mdp)
    assert (result.status, result.method, result.restarts) == (FitStatus.CONVERGED, "lm", 0)
    assert result.ratio < 1e-9


def test_rewards_of_any_scale_and_rank_converge():
    mdp = DeterministicMDP.from_gymnasium("FrozenLake-v1", is_slippery=False)
    assert mdp.label_vectors.shape[1] == 4
    assert fit(reference_subject(mdp), mdp).status is FitStatus.CONVERGED


@pytest.mark.parametrize("factory", [user_subject, lambda m: reference_subject(m, seed=7)])
def test_the_same_seed_gives_the_same_bytes(factory):
    first, second = factory(CHAIN), factory(CHAIN)
    results = [fit(s, CHAIN, seed=3, max_steps=40) for s in (first, second)]
    assert same_bytes(weights(first), weights(second))
    assert results[0].to_json() == results[1].to_json()
    assert not same_bytes(weights(first), weights(factory(CHAIN)))


def test_the_number_of_threads_is_put_back():
    before = torch.get_num_threads()
    seen = []

    def own(subject, mdp, seed):
        seen.append(torch.get_num_threads())

    fit(replace(user_subject(CHAIN), fit=own), CHAIN)
    assert seen == [1]
    assert torch.get_num_threads() == before


def test_the_global_generator_is_put_back():
    before = torch.random.get_rng_state()
    fit(user_subject(CHAIN), CHAIN, max_steps=5)
    reference_subject(CHAIN, seed=5)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize(("method", "used"), [("auto", "lm"), ("first-order", "first-order")])
def test_a_users_modules_are_resolved(method, used):
    lock = combination_lock(6)
    result = fit(user_subject(lock), lock, method=method)
    assert result.method == used
    assert result.status is FitStatus.RESOLVED
    assert result.resolved


def test_labels_far_from_zero_are_reached_and_folded_into_the_last_layer():
    lock = combination_lock(6)
    far = lock.with_labels([1000.0 * float(v) - 5000.0 for v in lock.labels])
    subject = user_subject(far)
    fit(subject, far)
    found = evaluate(subject, far)
    assert found.resolution(far, bisimulation(far).partition).aux_ratio < 1
    assert np.abs(found.read - far.label_vectors).max() < 500


def test_scaling_leaves_other_heads_alone():
    labels = torch.tensor([[1.0], [5.0]])
    for head in (nn.Linear(2, 1, bias=False), nn.Linear(2, 3), lambda z: z, nn.Sequential()):
        scaling = Scaling(head, labels)
        assert torch.equal(scaling(labels), labels)
    layer = nn.Linear(2, 1)
    scaling, z = Scaling(nn.Sequential(nn.Tanh(), layer), labels), torch.ones(3, 2)
    expected = scaling(layer(z))
    scaling.fold()
    assert torch.allclose(layer(z), expected)
    assert torch.equal(scaling(labels), labels)


@pytest.mark.parametrize(
    ("objective", "still"),
    [("dynamics", "head"), ("aux", "predictor"), ("joint", None), ("decoupled", None)],
)
def test_each_objective_moves_its_parts_only(objective, still):
    subject = user_subject(CHAIN)
    before = {k: weights_of(getattr(subject, k)) for k in ("encoder", "predictor", "head")}
    fit(subject, CHAIN, objective=objective, max_steps=5)
    for part, old in before.items():
        assert same_bytes(old, weights_of(getattr(subject, part))) == (part == still)


def weights_of(part):
    return [p.detach().clone() for p in part.parameters()]


def test_decoupled_training_fits_the_predictor_on_frozen_latents():
    both, aux = user_subject(CHAIN), user_subject(CHAIN)
    fit(both, CHAIN, objective="decoupled", max_steps=50)
    fit(aux, CHAIN, objective="aux", max_steps=50)
    assert same_bytes(weights_of(both.encoder), weights_of(aux.encoder))
    frozen, after = evaluate(aux, CHAIN), evaluate(both, CHAIN)
    assert after.dynamics_loss < frozen.dynamics_loss


def test_frozen_parts_stay():
    subject = user_subject(CHAIN)
    subject.encoder.requires_grad_(False)
    before = weights_of(subject.encoder)
    fit(subject, CHAIN, max_steps=5)
    assert same_bytes(before, weights_of(subject.encoder))


def test_nothing_to_train():
    subject = Subject(lambda x: x, lambda z, a: z, lambda z: z[:, :1])
    result = fit(subject, CHAIN)
    assert (result.status, result.steps) == (FitStatus.UNTRAINED, 0)


def test_own_fit_replaces_ours():
    calls = []
    subject = user_subject(CHAIN, fit=lambda s, mdp, seed: calls.append((s, mdp, seed)))
    before = weights(subject)
    result = fit(subject, CHAIN, seed=11)
    assert calls == [(subject, CHAIN, 11)]
    assert result.status is FitStatus.OWN
    assert same_bytes(before, weights(subject))


def test_what_an_own_fit_raises_is_reported():
    def broken(subject, mdp, seed):
        raise KeyError("learning_rate")

    with pytest.raises(SubjectError, match="KeyError") as caught:
        fit(user_subject(CHAIN, fit=broken), CHAIN)
    assert caught.value.part == "fit"


def test_unusable_parts_are_named_before_training():
    subject = user_subject(CHAIN)
    wrong = Subject(subject.encoder, subject.predictor, nn.Linear(8, 2))
    with pytest.raises(SubjectError) as caught:
        fit(wrong, CHAIN)
    assert caught.value.part == "head"


def test_divergence_is_reported():
    result = fit(user_subject(CHAIN), CHAIN, method="first-order", learning_rate=1e30, max_steps=50)
    assert result.status is FitStatus.DIVERGED
    assert result.ratio == math.inf
    assert FitResult.from_json(result.to_json()) == result


def test_progress_is_reported_and_ends_with_the_measured_ratio():
    seen = []
    result = fit(reference_subject(CHAIN), CHAIN, progress=seen.append)
    assert all(isinstance(p, FitProgress) for p in seen)
    assert seen[-1].ratio == result.ratio
    assert seen[-1].step == result.steps
    assert "converged" in result.explain()
    assert FitResult.from_json(result.to_json()) == result


@pytest.mark.parametrize(
    "changes",
    [
        {"objective": "labels"},
        {"method": "sgd"},
        {"seed": -1},
        {"max_steps": 0},
        {"method": "lm", "objective": "aux"},
        {"seed": True},
        {"seed": 1.0},
        {"max_steps": True},
        {"encoder_scale": 0.0},
        {"encoder_scale": 1.5},
        {"encoder_scale": True},
        {"anchor": -0.1},
        {"anchor": math.inf},
        {"anchor": "0.3"},
        {"target": 0.0},
        {"target": math.nan},
        {"learning_rate": 0.0},
        {"weight_decay": -1.0},
    ],
)
def test_bad_arguments_are_refused(changes):
    with pytest.raises(InvalidArgumentError, match=next(iter(changes))):
        fit(reference_subject(CHAIN), CHAIN, **changes)


@pytest.mark.parametrize("factory", [user_subject, reference_subject])
@pytest.mark.parametrize("changes", [{"encoder_scale": 0.5}, {"anchor": 0.0}])
def test_scale_of_the_encoder_and_anchor_change_the_training(factory, changes):
    plain, other = factory(CHAIN), factory(CHAIN)
    assert fit(plain, CHAIN).resolved
    assert fit(other, CHAIN, **changes).resolved
    assert not same_bytes(weights(plain), weights(other))


def test_the_defaults_are_those_documented():
    plain, said = reference_subject(CHAIN), reference_subject(CHAIN)
    fit(plain, CHAIN)
    fit(said, CHAIN, encoder_scale=0.1, anchor=0.3)
    assert same_bytes(weights(plain), weights(said))


def test_without_an_anchor_only_the_anchor_is_missing():
    big = random_mdp(160, 3, 2, seed=0)
    sizes = []
    for anchor in (10.0, 0.0):
        subject = reference_subject(big)
        fit(subject, big, max_steps=30, anchor=anchor, encoder_scale=1.0)
        table = subject.encoder.table.detach()
        sizes.append(float((table.square().mean(dim=0) - 1).abs().max()))
    assert sizes[0] < sizes[1]


def test_training_goes_on_to_the_target():
    coarse, fine = user_subject(CHAIN), user_subject(CHAIN)
    first = fit(coarse, CHAIN, target=0.5)
    second = fit(fine, CHAIN)
    assert second.ratio <= 1e-5 < first.ratio <= 0.5
    assert first.steps < second.steps


def test_lm_is_refused_where_it_cannot_train():
    big = counting_chain(400)
    for subject in (reference_subject(big), user_subject(big)):
        with pytest.raises(InvalidArgumentError, match="'auto'"):
            fit(subject, big, method="lm")


def test_reference_networks_are_recognised():
    d = 4
    base = reference_subject(CHAIN)
    mixed = Subject(MLPEncoder(9, 16, d), MLPPredictor(d, 2, 16), base.head)
    assert fit(mixed, CHAIN).method == "lm"
    table = Subject(TableEncoder(9, d), MLPPredictor(d, 2, 16), base.head)
    assert fit(table, CHAIN).method == "lm"
    assert fit(table, CHAIN, method="first-order", max_steps=3).method == "first-order"


def test_a_large_reference_subject_is_resolved():
    mdp = random_mdp(160, 3, 2, seed=0)
    d, hidden = reference_sizes(mdp)
    assert dual_size(mdp, 6) > 2000
    assert (d, hidden) == (48, 512)
    subject = reference_subject(mdp)
    result = fit(subject, mdp)
    assert (result.method, result.status) == ("table-adam", FitStatus.RESOLVED)
    measured = evaluate(subject, mdp).resolution(mdp, bisimulation(mdp).partition)
    assert measured.ratio == result.ratio < 1


class ConstantHead(nn.Module):
    """Reads nothing from the codes, so its loss moves nothing."""

    def forward(self, codes):
        return torch.zeros(len(codes), 1)


@pytest.mark.parametrize("objective", ["joint", "aux", "decoupled"])
def test_a_head_that_reads_nothing_ends_unresolved_and_raises_nothing(objective):
    encoder, predictor = MLPEncoder(9, 8, 4, 0).float(), MLPPredictor(4, 2, 8, 0).float()
    subject = Subject(encoder, predictor, ConstantHead())
    result = fit(subject, CHAIN, objective=objective, max_steps=20)
    assert not result.resolved
