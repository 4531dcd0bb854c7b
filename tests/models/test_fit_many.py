import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.evaluation import evaluate
from tellapart.models.fit import FitStatus, fit
from tellapart.models.fit_many import ManyProgress, fit_many
from tellapart.models.networks import reference_subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.mdp import DeterministicMDP


def systems(count, n=6, seed=0):
    return [random_mdp(n, 2, 2, seed=seed + k) for k in range(count)]


def weights(trained):
    return [p for part in trained.subject.modules for p in part.parameters()]


def residual_over_gap(trained, mdp):
    found = evaluate(trained.subject, mdp).resolution(mdp, bisimulation(mdp).partition)
    return max(found.max_dynamics_residual, found.max_aux_residual) / found.smallest_gap


@st.composite
def mixed_lists(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    sizes = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 2)), min_size=0, max_size=6))
    return [
        DeterministicMDP(rng.integers(n, size=(n, a)), rng.choice([0.0, 1.0, -100.0], size=n))
        for n, a in sizes
    ]


def test_nearly_all_systems_of_any_shapes_converge():
    converged = []

    @settings(max_examples=15)
    @given(mixed_lists(), st.integers(0, 5))
    def train(mdps, seed):
        many = fit_many(mdps, seed=seed)
        assert len(many) == len(mdps)
        for mdp, trained in zip(mdps, many, strict=True):
            measured = evaluate(trained.subject, mdp)
            found = measured.resolution(mdp, bisimulation(mdp).partition)
            assert trained.result.ratio == pytest.approx(found.ratio, rel=1e-3, abs=1e-10)
            converged.append(trained.result.status is FitStatus.CONVERGED)

    train()
    assert np.mean(converged) >= 0.95


def test_residuals_reach_the_level_of_rounding():
    mdps = [*systems(40, n=8), *systems(4, n=16)]
    ratios = [
        residual_over_gap(trained, mdp) for mdp, trained in zip(mdps, fit_many(mdps), strict=True)
    ]
    assert np.mean(np.array(ratios) < 1e-10) >= 0.95
    assert np.median(ratios) < 1e-13


def test_each_is_trained_as_it_is_alone():
    mdps = systems(5, seed=20)
    for place, (mdp, trained) in enumerate(zip(mdps, fit_many(mdps, seed=3), strict=True)):
        subject = reference_subject(mdp, seed=3 + place)
        alone = fit(subject, mdp, seed=3 + place)
        assert alone.status is trained.result.status
        assert trained.result.seed == 3 + place
        expected = subject.encoder.table
        assert torch.allclose(trained.subject.encoder.table, expected, rtol=1e-6, atol=1e-6)


def test_the_same_call_gives_the_same_bytes():
    mdps = [*systems(3), counting_chain(5)]
    first, second = fit_many(mdps, seed=1), fit_many(mdps, seed=1)
    for x, y in zip(first, second, strict=True):
        assert x.result.to_json() == y.result.to_json()
        assert all(torch.equal(a, b) for a, b in zip(weights(x), weights(y), strict=True))
    other = fit_many(mdps, seed=2)
    assert not torch.equal(other[0].subject.encoder.table, first[0].subject.encoder.table)


def test_what_fails_begins_again_once():
    mdps = systems(2, n=12)
    many = fit_many(mdps, latent_dim=1, hidden=1, max_steps=5)
    assert [trained.result.restarts for trained in many] == [1, 1]
    assert all(trained.result.status is FitStatus.STEP_LIMIT for trained in many)
    assert all(trained.result.steps <= 10 for trained in many)


def test_systems_too_large_for_the_batch_are_trained_too():
    large = random_mdp(160, 3, 2, seed=0)
    small, big = fit_many([counting_chain(4), large], max_steps=30)
    assert (small.result.method, big.result.method) == ("lm", "table-adam")


def test_progress_counts_the_systems():
    seen = []
    fit_many(systems(3), progress=seen.append)
    assert seen[-1] == ManyProgress(3, 3, 3)
    assert "CONVERGED" in repr(fit_many(systems(1))[0].result)
    assert "converged" in fit_many(systems(1))[0].explain()


def test_options_change_the_training():
    mdps = systems(2)
    plain = fit_many(mdps)
    for changes in ({"encoder_scale": 1.0}, {"anchor": 0.0}, {"hidden": 40}, {"latent_dim": 5}):
        other = fit_many(mdps, **changes)
        assert all(trained.result.resolved for trained in other)
        shapes = [w.shape for w in weights(other[0])] != [w.shape for w in weights(plain[0])]
        table = other[0].subject.encoder.table
        assert shapes or not torch.equal(table, plain[0].subject.encoder.table)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mdps": counting_chain(4)}, "list of DeterministicMDP"),
        ({"mdps": [counting_chain(4), "chain"]}, r"mdps\[1\] is of type str"),
        ({"mdps": [], "seed": -1}, "seed is -1"),
        ({"mdps": [], "seed": True}, "seed is True"),
        ({"mdps": [], "max_steps": 0}, "max_steps is 0"),
        ({"mdps": [], "encoder_scale": 0.0}, "encoder_scale is 0.0"),
        ({"mdps": [], "encoder_scale": 1.5}, "encoder_scale is 1.5"),
        ({"mdps": [], "anchor": float("nan")}, "anchor is nan"),
        ({"mdps": [], "latent_dim": 0}, "latent_dim is 0"),
        ({"mdps": [], "hidden": 2.5}, "hidden is 2.5"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        fit_many(**arguments)


def test_nothing_gives_nothing():
    assert fit_many([]) == ()
