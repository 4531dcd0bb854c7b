from types import SimpleNamespace

import pytest
import torch
from adapted_shapes import LatentModel
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.adapters.encode_predict import from_encode_predict
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
    return from_encode_predict(LatentModel(mdp.n_obs, mdp.n_actions), mdp, head=head)


@given(MDPS, st.integers(0, 100))
def test_parts_are_the_methods_on_one_step(mdp, seed):
    subject = joint(mdp, seed)
    model, shown = subject.origin, subject.inputs(mdp.n_obs)
    z = subject.encoder(shown)
    assert torch.equal(z, model.encode({"pixels": shown[:, None]})["emb"][:, 0])
    for a in range(mdp.n_actions):
        vectors = torch.eye(mdp.n_actions)[a].expand(mdp.n_obs, 1, -1)
        expected = model.predict(z[:, None], model.action_encoder(vectors))[:, 0]
        moved = subject.predictor(z, torch.full((mdp.n_obs,), a))
        assert torch.allclose(moved, expected, atol=1e-6)


def test_weights_are_shared_out_by_use():
    subject = joint(pick(), 0)
    model, owned = subject.origin, subject.trainable_weights()
    assert {id(w) for w in owned["encoder"]} == {id(w) for w in model.encoder.parameters()}
    used = (model.predictor, model.action_encoder)
    assert {id(w) for w in owned["predictor"]} == {id(w) for p in used for w in p.parameters()}


def test_with_a_head_it_passes_a_check():
    report = check(joint, on=pick())
    assert report.verdict is Verdict.HOLDS, report.explain()


def test_without_a_head_it_is_measured_as_it_is():
    def frozen(mdp, seed):
        torch.manual_seed(seed)
        return from_encode_predict(LatentModel(mdp.n_obs, mdp.n_actions), mdp)

    assert frozen(pick(), 0).dropped == (Hypothesis.JOINT_TRAINING,)
    assert check(frozen, on=pick()).verdict is Verdict.VACUOUS


def test_a_constant_encoder_is_collapsed():
    def constant(mdp, seed):
        torch.manual_seed(seed)
        model = LatentModel(mdp.n_obs, mdp.n_actions)
        for weight in model.encoder.parameters():
            weight.data.zero_()
        return from_encode_predict(model, mdp)

    assert check(constant, on=pick()).verdict is Verdict.COLLAPSED


def test_plain_tensors_without_time():
    class Plain:
        def encode(self, shown):
            return 2 * shown

        def predict(self, z, a):
            return z + a.unsqueeze(1)

    mdp = counting_chain(3)
    subject = from_encode_predict(Plain(), mdp, key=None, time=False, action="index")
    z = torch.eye(3)
    assert torch.equal(subject.encoder(z), 2 * z)
    assert torch.equal(subject.predictor(z, torch.ones(3, dtype=torch.int64)), z + 1)


def test_misfits_are_named():
    mdp = counting_chain(4)
    with pytest.raises(InvalidArgumentError, match=r"has no 'predict'.*from_world_model"):
        from_encode_predict(SimpleNamespace(encode=lambda o: o), mdp)
    with pytest.raises(SubjectError, match=r"keys \['emb', 'pixels'\]"):
        from_encode_predict(LatentModel(4, 2), mdp, latent="z")
    with pytest.raises(SubjectError, match="key=") as caught:
        from_encode_predict(LatentModel(4, 2), mdp, head=nn.Linear(6, 1), key="obs")
    assert caught.value.part == "encoder"
    with pytest.raises(SubjectError, match="time=False") as caught:
        from_encode_predict(LatentModel(4, 3), mdp, head=nn.Linear(6, 1))
    assert caught.value.part == "predictor"
    with pytest.raises(InvalidArgumentError, match="name entries"):
        from_encode_predict(LatentModel(4, 2), mdp, latent=None)
