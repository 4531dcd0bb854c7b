import copy

import pytest
import torch
from adapted_shapes import net
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.adapters.modules import from_modules
from tellapart.models.subject import SubjectError
from tellapart.properties.check import check
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain, pick
from tellapart.theory.verdict import Verdict

MDPS = deterministic_mdps(max_observations=6, max_actions=4, max_labels=3)
FORMS = ("index", "onehot", "concat")
D = 3


class Indexed(nn.Module):
    def __init__(self, n_actions):
        super().__init__()
        self.maps = nn.Parameter(torch.randn(n_actions, D, D))

    def forward(self, z, a):
        return torch.einsum("bij,bj->bi", self.maps[a], z)


class Vectored(nn.Module):
    def __init__(self, n_actions):
        super().__init__()
        self.net = nn.Linear(D + n_actions, D)

    def forward(self, z, a):
        return self.net(torch.cat([z, a], dim=-1))


def predictor_of(form, n_actions):
    if form == "index":
        return Indexed(n_actions)
    return Vectored(n_actions) if form == "onehot" else nn.Linear(D + n_actions, D)


def one_row(form, predictor, z, a, n_actions):
    """What the predictor says about one latent and one action, called by hand."""
    vector = [1.0 if i == a else 0.0 for i in range(n_actions)]
    if form == "index":
        return predictor.maps[a] @ z
    layer = predictor.net if form == "onehot" else predictor
    return layer.weight @ torch.tensor([*z.tolist(), *vector]) + layer.bias


def build(mdp, form, option=None, **options):
    torch.manual_seed(0)
    parts = (
        nn.Linear(mdp.n_obs, D),
        predictor_of(form, mdp.n_actions),
        nn.Linear(D, mdp.label_vectors.shape[1]),
    )
    return from_modules(*parts, mdp, action=form if option is None else option, **options)


@given(MDPS, st.sampled_from(FORMS), st.integers(0, 1000))
def test_actions_arrive_as_when_called_by_hand(mdp, form, seed):
    subject = build(mdp, form)
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn((5, D), generator=generator)
    actions = torch.randint(mdp.n_actions, (5,), generator=generator)
    answer = subject.predictor(z, actions)
    for row in range(5):
        by_hand = one_row(form, subject.origin[1], z[row], int(actions[row]), mdp.n_actions)
        assert torch.allclose(answer[row], by_hand, atol=1e-5)


@given(MDPS.filter(lambda mdp: mdp.n_actions > 1), st.sampled_from(FORMS), st.sampled_from(FORMS))
def test_a_wrong_form_is_refused_and_the_right_one_is_named(mdp, form, chosen):
    if form == chosen:
        assert build(mdp, form, chosen).origin[0] is not None
        return
    with pytest.raises(SubjectError, match=rf"It fits with .*action='{form}'") as caught:
        build(mdp, form, chosen)
    assert caught.value.part == "predictor"


@pytest.mark.parametrize("action", ["onehot", "concat"])
def test_sequences_of_one_step(action):
    class OverTime(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Linear(D + 2, D)

        def forward(self, *given):
            joined = torch.cat(given, dim=-1)
            assert joined.ndim == 3
            return self.net(joined)

    mdp = counting_chain(4)
    predictor, head = OverTime(), nn.Linear(D, 1)
    with pytest.raises(SubjectError, match=r"action='onehot', sequence=\('predictor',\)"):
        from_modules(nn.Linear(4, D), predictor, head, mdp, action=action)
    subject = from_modules(
        nn.Linear(4, D), predictor, head, mdp, action=action, sequence=("predictor",)
    )
    z = torch.randn(6, D)
    expected = predictor.net(torch.cat([z, torch.tensor([[0.0, 1.0]]).expand(6, 2)], dim=1))
    assert torch.allclose(subject.predictor(z, torch.ones(6, dtype=torch.int64)), expected)


def test_an_encoder_of_sequences():
    class OverTime(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.GRU(4, D, batch_first=True)

        def forward(self, clips):
            return self.rnn(clips)[0]

    mdp = counting_chain(4)
    parts = (OverTime(), nn.Linear(D + 2, D), nn.Linear(D, 1))
    with pytest.raises(SubjectError, match="sequence="):
        from_modules(lambda shown: parts[0](shown.unsqueeze(1)), *parts[1:], mdp, action="concat")
    subject = from_modules(*parts, mdp, action="concat", sequence=("encoder",))
    shown = subject.inputs(4)
    assert torch.equal(subject.encoder(shown), parts[0](shown.unsqueeze(1))[:, 0])


def test_vectors_of_actions():
    mdp = counting_chain(4)
    table = torch.tensor([[-1.0, 0.5, 2.0], [1.0, 0.0, 0.0]])
    layer = nn.Linear(D + 3, D)
    subject = from_modules(
        nn.Linear(4, D), layer, nn.Linear(D, 1), mdp, action="concat", vectors=table
    )
    z = torch.randn(2, D)
    expected = layer(torch.cat([z, table.flip(0)], dim=1))
    assert torch.allclose(subject.predictor(z, torch.tensor([1, 0])), expected)
    embedding = nn.Embedding(2, 3)
    learned = from_modules(
        nn.Linear(4, D), layer, nn.Linear(D, 1), mdp, action="concat", vectors=embedding
    )
    assert any(w is embedding.weight for w in learned.trainable_weights()["predictor"])


def test_untouched_parts_are_passed_through():
    subject = build(counting_chain(4), "index")
    assert (subject.encoder, subject.predictor, subject.head) == subject.origin
    assert subject.dropped == ()
    assert "No hypothesis" in subject.explain()


def test_looking_at_shapes_moves_nothing():
    mdp = counting_chain(4)
    encoder = nn.Sequential(nn.Linear(4, D), nn.BatchNorm1d(D), nn.Dropout(0.5))
    predictor, head = nn.Linear(D + 2, D), nn.Linear(D, 1)
    before = copy.deepcopy(encoder.state_dict())
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    from_modules(encoder, predictor, head, mdp, action="concat")
    assert torch.equal(torch.rand(2), expected)
    assert all(torch.equal(before[name], value) for name, value in encoder.state_dict().items())
    assert encoder.training


@pytest.mark.parametrize(
    ("change", "part", "message"),
    [
        ({"encoder": nn.Linear(3, D)}, "encoder", "given \\[2, 4\\]"),
        ({"encoder": nn.Unflatten(1, (2, 2))}, "encoder", "flatten its output"),
        ({"encoder": 3}, "encoder", "cannot be called"),
        ({"head": nn.Linear(D, 2)}, "head", "labels of this system have 1 coordinates"),
        ({"head": nn.Linear}, "head", "is the class Linear"),
        ({"predictor": nn.Linear(D, 7)}, "predictor", "No way to pass 2 actions fits"),
        ({"predictor": lambda z: (z, z)}, "predictor", "returned tuple"),
    ],
)
def test_misfits_name_the_part_and_the_fix(change, part, message):
    parts = {
        "encoder": nn.Linear(4, D),
        "predictor": nn.Linear(D + 2, D),
        "head": nn.Linear(D, 1),
        **change,
    }
    with pytest.raises(SubjectError, match=message) as caught:
        from_modules(**parts, mdp=counting_chain(4), action="concat")
    assert caught.value.part == part


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"action": "one-hot"}, "choose one of index, onehot, concat"),
        ({"action": "index", "vectors": torch.eye(2)}, "action='index' passes indices"),
        ({"action": "concat", "vectors": torch.eye(3)}, r"floating tensor \[2, A\]"),
        ({"action": "concat", "vectors": torch.full((2, 2), torch.nan)}, "NaN"),
        ({"sequence": "predictor"}, "it names the parts"),
        ({"sequence": ("head",)}, "it names the parts"),
        ({"mdp": "gallery:pick"}, "pass it on"),
    ],
)
def test_unknown_options_are_refused(options, message):
    given = {"mdp": counting_chain(4), **options}
    with pytest.raises(InvalidArgumentError, match=message):
        from_modules(nn.Linear(4, D), nn.Linear(D + 2, D), nn.Linear(D, 1), **given)


def test_three_modules_pass_a_check():
    def factory(mdp, seed):
        torch.manual_seed(seed)
        parts = (nn.Linear(mdp.n_obs, 6), net(6 + mdp.n_actions, 6), nn.Linear(6, 1))
        return from_modules(*parts, mdp, action="concat")

    report = check(factory, on=pick())
    assert report.verdict is Verdict.HOLDS, report.explain()
