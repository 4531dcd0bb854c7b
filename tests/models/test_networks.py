import pytest
import torch
from torch.func import jacrev

from tellapart.models.networks import (
    LinearHead,
    LinearPredictor,
    MLPEncoder,
    MLPPredictor,
    TableEncoder,
    fresh_weights,
    reference_sizes,
    reference_subject,
)
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP

NETWORKS = {
    "table": lambda seed: TableEncoder(5, 3, seed),
    "mlp-encoder": lambda seed: MLPEncoder(5, 7, 3, seed),
    "linear": lambda seed: LinearPredictor(3, 2, seed),
    "mlp": lambda seed: MLPPredictor(3, 2, 7, seed),
    "head": lambda seed: LinearHead(3, 2, seed),
}


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_weights_are_float64_and_follow_the_seed_alone(name):
    torch.manual_seed(1)
    first = NETWORKS[name](4).state_dict()
    state = torch.random.get_rng_state()
    again, other = NETWORKS[name](4).state_dict(), NETWORKS[name](5).state_dict()
    assert torch.equal(state, torch.random.get_rng_state())
    assert all(weight.dtype == torch.float64 for weight in first.values())
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert any(not torch.equal(first[k], other[k]) for k in first)


def test_table_takes_one_hot_and_indices():
    encoder = TableEncoder(5, 3)
    rows = torch.tensor([4, 0])
    assert torch.equal(encoder(rows), encoder(torch.eye(5)[rows]))
    assert torch.equal(encoder(rows), encoder.table[rows])


@pytest.mark.parametrize("predictor", [LinearPredictor(3, 2, 1), MLPPredictor(3, 2, 7, 1)])
def test_predictors_see_the_action_of_their_own_row(predictor):
    z = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    mixed = predictor(z, torch.tensor([0, 1, 1, 0]))
    for action in (0, 1):
        alone = predictor(z, torch.full((4,), action))
        rows = [0, 3] if action == 0 else [1, 2]
        assert torch.allclose(mixed[rows], alone[rows])
    assert not torch.allclose(
        predictor(z, torch.zeros(4).long()), predictor(z, torch.ones(4).long())
    )


def test_linear_parts_are_affine():
    predictor, z = LinearPredictor(3, 2, 1), torch.zeros(3, dtype=torch.float64)
    slope = jacrev(lambda x: predictor(x[None], torch.tensor([1]))[0])(z)
    assert torch.allclose(slope, predictor.weight[1].T)


def test_mlp_encoder_flattens_images():
    assert MLPEncoder(12, 7, 3)(torch.zeros(2, 3, 2, 2)).shape == (2, 3)


def test_sizes_are_checked():
    with pytest.raises(InvalidArgumentError, match="hidden is 0"):
        MLPPredictor(3, 2, 0)


def test_reference_sizes_grow_with_the_system_and_with_the_labels():
    assert reference_sizes(counting_chain(9)) == (4, 72)
    assert reference_sizes(counting_chain(64)) == (6, 384)
    assert reference_sizes(counting_chain(400))[0] == 48
    rows = [(float(i == 0), float(i == 1), float(i == 2)) for i in range(16)]
    assert reference_sizes(DeterministicMDP([[0]] * 16, rows)) == (8, 96)


def test_fresh_weights_are_those_of_a_new_subject():
    mdp = counting_chain(9)
    old, new = reference_subject(mdp, seed=1), reference_subject(mdp, seed=2)
    fresh_weights(old.encoder, old.predictor, old.head, 2)
    for left, right in zip(old.modules, new.modules, strict=True):
        assert all(
            torch.equal(a, b) for a, b in zip(left.parameters(), right.parameters(), strict=True)
        )
