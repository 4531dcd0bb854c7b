from types import SimpleNamespace

import pytest
import torch
from adapted_shapes import Jepa, StatePredictor, VideoEncoder, net
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.adapters.capabilities import capabilities
from tellapart.models.adapters.frozen_head import FrozenHead
from tellapart.models.adapters.jepa import from_jepa
from tellapart.models.fit import fit
from tellapart.models.subject import SubjectError
from tellapart.properties.check import check
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, pick
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.verdict import Verdict

MDPS = deterministic_mdps(max_observations=5, max_actions=3, max_labels=2)


def joint(mdp, seed):
    torch.manual_seed(seed)
    head = nn.Linear(6, mdp.label_vectors.shape[1])
    return from_jepa(Jepa(mdp.n_obs, mdp.n_actions), mdp, head=head)


@given(MDPS, st.integers(0, 100))
def test_parts_are_those_of_the_model_on_clips_of_one_frame(mdp, seed):
    subject = joint(mdp, seed)
    model, shown = subject.origin, subject.inputs(mdp.n_obs)
    state = model.encoder(shown[:, :, None, None, None])
    z = subject.encoder(shown)
    assert torch.equal(z, state.flatten(1))
    for a in range(mdp.n_actions):
        action = torch.eye(mdp.n_actions)[a].expand(mdp.n_obs, -1)[:, :, None]
        expected = model.predictor(state, model.action_encoder(action)).flatten(1)
        moved = subject.predictor(z, torch.full((mdp.n_obs,), a))
        assert torch.allclose(moved, expected, atol=1e-6)
    own = {id(w) for w in subject.trainable_weights()["predictor"]}
    used = (model.predictor, model.action_encoder)
    assert own == {id(w) for part in used for w in part.parameters()}


def test_with_a_head_it_passes_a_check():
    report = check(joint, on=pick())
    assert report.verdict is Verdict.HOLDS, report.explain()


def test_without_a_head_joint_training_is_dropped_and_nothing_is_trained():
    torch.manual_seed(0)
    model = Jepa(5, 4)
    before = [w.detach().clone() for w in model.parameters()]
    subject = from_jepa(model, pick())
    assert isinstance(subject.head, FrozenHead)
    assert subject.dropped == (Hypothesis.JOINT_TRAINING,)
    assert not capabilities(subject).has_head
    fit(subject, pick())
    assert all(torch.equal(x, y) for x, y in zip(before, model.parameters(), strict=True))
    report = check(lambda mdp, seed: from_jepa(model, mdp), on=pick())
    assert report.verdict is Verdict.VACUOUS


def test_the_regulariser_is_found_by_the_fit():
    seen = []

    def own(subject, mdp, seed):
        seen.append(subject.origin.regularizer)

    model = Jepa(4, 2)
    mdp = counting_chain(4)
    fit(from_jepa(model, mdp, fit=own), mdp)
    assert seen == [model.regularizer]


@pytest.mark.parametrize("frames", [(3, 2, 2), (3, 1, 2, 2)])
def test_images_and_maps_of_features(frames):
    class Maps(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv3d(3, 2, 1)

        def forward(self, clips):
            return self.conv(clips)

    class Shift(nn.Module):
        def forward(self, state, action):
            return state + action[:, :1, :, None, None]

    mdp = counting_chain(4)
    images = torch.randn(4, *frames)
    model = SimpleNamespace(encoder=Maps(), predictor=Shift())
    subject = from_jepa(model, mdp, head=nn.Linear(8, 1), observations=images)
    z = subject.encoder(images)
    clips = images.reshape(4, 3, 1, 2, 2)
    assert torch.equal(z, model.encoder(clips).flatten(1))
    assert torch.equal(subject.predictor(z, torch.zeros(4, dtype=torch.int64)), z + 1)
    assert torch.equal(subject.predictor(z, torch.ones(4, dtype=torch.int64)), z)
    assert capabilities(subject).images


def test_plain_vectors_and_embedded_indices():
    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
            self.aencoder, self.predictor = nn.Embedding(2, 2), Joined()

    class Joined(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net(5, 3)

        def forward(self, z, a):
            return self.net(torch.cat([z, a], dim=1))

    mdp = counting_chain(4)
    model = Plain()
    subject = from_jepa(model, mdp, head=nn.Linear(3, 1), action="index")
    z, actions = torch.randn(2, 3), torch.tensor([1, 0])
    assert torch.equal(subject.predictor(z, actions), model.predictor(z, model.aencoder(actions)))


def test_misfits_are_named():
    mdp = counting_chain(4)
    with pytest.raises(InvalidArgumentError, match=r"has no 'predictor'.*from_modules"):
        from_jepa(SimpleNamespace(encoder=nn.Identity()), mdp)
    with pytest.raises(SubjectError, match="channels") as caught:
        from_jepa(Jepa(3, 2), mdp)
    assert caught.value.part == "encoder"
    with pytest.raises(SubjectError, match="action='index'") as caught:
        from_jepa(SimpleNamespace(encoder=VideoEncoder(4, 6), predictor=StatePredictor(6, 5)), mdp)
    assert caught.value.part == "predictor"
    with pytest.raises(SubjectError, match="label_dim") as caught:
        from_jepa(Jepa(4, 2), mdp, head=nn.Linear(6, 3))
    assert caught.value.part == "head"
    with pytest.raises(InvalidArgumentError, match="choose one of"):
        from_jepa(Jepa(4, 2), mdp, action="concat")
