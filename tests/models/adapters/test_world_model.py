from types import SimpleNamespace

import pytest
import torch
from adapted_shapes import WorldModel
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.adapters.rewards import TwoHot, reward_labels
from tellapart.models.adapters.world_model import from_world_model
from tellapart.models.subject import SubjectError
from tellapart.properties.check import check
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, pick
from tellapart.theory.verdict import Verdict

MDPS = deterministic_mdps(max_observations=5, max_actions=3, max_labels=2)


def factory(bins):
    def build(mdp, seed):
        torch.manual_seed(seed)
        return from_world_model(WorldModel(mdp.n_obs, mdp.n_actions, bins=bins), mdp)

    return build


@given(MDPS, st.sampled_from([1, 5]), st.integers(0, 100))
def test_parts_are_the_methods(mdp, bins, seed):
    torch.manual_seed(seed)
    mdp = reward_labels(mdp)
    model = WorldModel(mdp.n_obs, mdp.n_actions, bins=bins)
    subject = from_world_model(model, mdp)
    shown, eye = subject.inputs(mdp.n_obs), torch.eye(mdp.n_actions)
    z = model.encode(shown, None)
    assert torch.equal(subject.encoder(shown), z)
    decode = (lambda x: x) if bins == 1 else TwoHot(bins, -2.0, 2.0)
    for a in range(mdp.n_actions):
        vectors = eye[a].expand(mdp.n_obs, -1)
        moved = subject.predictor(z, torch.full((mdp.n_obs,), a))
        assert torch.allclose(moved, model.next(z, vectors, None), atol=1e-6)
        expected = decode(model.reward(z, vectors, None))[:, 0]
        assert torch.allclose(subject.head(z)[:, a], expected, atol=1e-5)


def test_each_part_owns_the_weights_that_it_uses():
    mdp = reward_labels(pick())
    model = WorldModel(mdp.n_obs, mdp.n_actions, bins=11)
    owned = from_world_model(model, mdp).trainable_weights()
    by_hand = {"encoder": model._encoder, "predictor": model._dynamics, "head": model._reward}
    for part, module in by_hand.items():
        assert {id(w) for w in owned[part]} == {id(w) for w in module.parameters()}
    critic = {id(w) for w in model._Q.parameters()}
    assert not critic & {id(w) for weights in owned.values() for w in weights}


def test_weights_of_every_action_are_found():
    class Routed(WorldModel):
        def __init__(self, n_in, n_actions):
            super().__init__(n_in, n_actions)
            self.maps = nn.ModuleList([nn.Linear(8, 8) for _ in range(n_actions)])

        def next(self, z, a, task):
            return torch.stack(
                [self.maps[int(i)](row) for i, row in zip(a.argmax(1), z, strict=True)]
            )

    mdp = reward_labels(pick())
    model = Routed(mdp.n_obs, mdp.n_actions)
    owned = from_world_model(model, mdp).trainable_weights()["predictor"]
    assert {id(w) for w in owned} == {id(w) for w in model.maps.parameters()}


@pytest.mark.parametrize("bins", [1, 11])
def test_a_world_model_passes_a_check_on_its_rewards(bins):
    report = check(factory(bins), on=reward_labels(pick()))
    assert report.verdict is Verdict.HOLDS, report.explain()


def test_labels_of_observations_need_a_head():
    with pytest.raises(SubjectError, match="reward_labels") as caught:
        factory(1)(pick(), 0)
    assert caught.value.part == "head"

    def with_head(mdp, seed):
        torch.manual_seed(seed)
        model = WorldModel(mdp.n_obs, mdp.n_actions)
        del model._reward
        return from_world_model(model, mdp, head=nn.Linear(8, 1))

    report = check(with_head, on=pick())
    assert report.verdict is Verdict.HOLDS, report.explain()


def test_logits_need_bins():
    mdp = reward_labels(counting_chain(4))
    model = WorldModel(4, 2, bins=7)
    model.cfg = SimpleNamespace()
    with pytest.raises(SubjectError, match=r"decode=TwoHot\(7, low, high\)"):
        from_world_model(model, mdp)
    subject = from_world_model(model, mdp, decode=TwoHot(7, -1, 1, symlog=False))
    assert float(subject.head(torch.zeros(1, 8)).detach().abs().max()) <= 1
    with pytest.raises(InvalidArgumentError, match="decode is of type int"):
        from_world_model(model, mdp, decode=3)


def test_methods_without_task_and_actions_as_numbers():
    class Scalar:
        def encode(self, obs):
            return obs

        def next(self, z, a):
            return z + a

        def reward(self, z, a):
            return z[:, :1] * a

    mdp = reward_labels(counting_chain(3))
    vectors = torch.tensor([[-1.0], [1.0]])
    subject = from_world_model(Scalar(), mdp, vectors=vectors)
    z = torch.eye(3)
    assert torch.equal(subject.predictor(z, torch.zeros(3, dtype=torch.int64)), z - 1)
    assert subject.head(z).tolist() == [[-1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    assert subject.n_parameters == 0


def test_the_task_is_passed_on():
    class Tasked(WorldModel):
        def encode(self, obs, task):
            return super().encode(obs, task) + task

    torch.manual_seed(0)
    mdp = reward_labels(counting_chain(3))
    model = Tasked(3, 2)
    moved = from_world_model(model, mdp, task=2.0).encoder(torch.eye(3))
    assert torch.allclose(moved, model._encoder(torch.eye(3)) + 2)


def test_a_detached_encoder_owns_nothing():
    class Detached(WorldModel):
        def encode(self, obs, task):
            return super().encode(obs, task).detach()

    mdp = reward_labels(counting_chain(3))
    model = Detached(3, 2).double()
    subject = from_world_model(model, mdp)
    assert subject.trainable_weights()["encoder"] == []
    assert subject.inputs(3).dtype == torch.float64


def test_modes_reach_the_model():
    model = WorldModel(3, 2)
    from_world_model(model, reward_labels(counting_chain(3))).encoder.eval()
    assert not model.training


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Identity(), "has no 'encode'"),
        (SimpleNamespace(model=WorldModel(3, 2)), "Pass agent.model"),
        (SimpleNamespace(encode=lambda o: o, next=lambda z, a: z), "has no 'reward'"),
    ],
)
def test_missing_methods_are_named(model, message):
    with pytest.raises(InvalidArgumentError, match=message):
        from_world_model(model, reward_labels(counting_chain(3)))


def test_misfits_name_the_option():
    mdp = reward_labels(counting_chain(3))
    with pytest.raises(SubjectError, match="action='index'") as caught:
        from_world_model(WorldModel(3, 5), mdp)
    assert caught.value.part == "predictor"
    with pytest.raises(SubjectError, match="observations=") as caught:
        from_world_model(WorldModel(4, 2), mdp)
    assert caught.value.part == "encoder"
    with pytest.raises(InvalidArgumentError, match="choose one of index, onehot"):
        from_world_model(WorldModel(3, 2), mdp, action="concat")
