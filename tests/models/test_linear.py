from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.evaluation import evaluate
from tellapart.models.exact import verify_exact
from tellapart.models.linear import linear_subject
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.gallery import counting_chain, gallery, random_mdp
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.linear.realisation import realise
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import kernel

LABELS = ([0, 1], [0.25, -8, 3], [(1, 0), (0, 1), (1, 1)], ["goal", "road"], [0], [3, 1, 7])
ROUNDED = ([0.1, 0.2, 0.3], [2**70, 5, -7], [1e-300, 1e300, 1.0], [3.7, 0.9])


@st.composite
def labelled(draw: st.DrawFn, choices) -> DeterministicMDP:
    mdp = draw(deterministic_mdps(max_observations=7))
    values = draw(st.sampled_from(choices))
    return mdp.with_labels([values[i % len(values)] for i in mdp.label_ids.tolist()])


def subject_or_reason(mdp, affine, dtype):
    try:
        return linear_subject(mdp, affine, dtype=dtype)
    except (InvalidArgumentError, InvalidLabelError) as error:
        return str(error)


def assert_zero_bit_for_bit(subject, mdp):
    found = evaluate(subject, mdp)
    assert found.dynamics_loss == 0.0
    assert found.aux_loss == 0.0
    assert np.array_equal(found.predicted, found.codes[mdp.successors])
    assert np.array_equal(found.read, mdp.label_vectors)
    assert kernel(found.codes) == bisimulation(mdp).partition
    return found


@given(labelled(LABELS), st.booleans(), st.sampled_from([torch.float64, torch.float32]))
def test_zero_loss_in_the_smallest_dimension(mdp, affine, dtype):
    subject = subject_or_reason(mdp, affine, dtype)
    if isinstance(subject, str):  # thirds, from labels such as 3 and 7
        assert "not exact" in subject
        assert not realise(mdp, affine).is_integral
        return
    found = assert_zero_bit_for_bit(subject, mdp)
    size = capacity(mdp)
    assert found.latent_dim == max(1, size.affine if affine else size.linear)
    assert verify_exact(mdp, subject.tables, found)
    assert subject.n_parameters == 0


@given(labelled(ROUNDED), st.booleans(), st.sampled_from([torch.float64, torch.float32]))
def test_never_nearly_zero(mdp, affine, dtype):
    """Where rounding could show, the subject is refused; where it is given, it is exact."""
    subject = subject_or_reason(mdp, affine, dtype)
    if isinstance(subject, str):
        assert "realise(mdp).verify(mdp)" in subject
        assert realise(mdp, affine).verify(mdp)
    else:
        assert_zero_bit_for_bit(subject, mdp)


@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
@pytest.mark.parametrize("affine", [False, True])
def test_gallery(entry, affine):
    mdp = entry.build()
    found = assert_zero_bit_for_bit(linear_subject(mdp, affine), mdp)
    assert found.latent_dim <= entry.n_blocks - affine


@pytest.mark.parametrize(("affine", "d"), [(False, 9), (True, 8)])
def test_counting_chain_known_answer(affine, d):
    subject = linear_subject(counting_chain(9), affine)
    assert evaluate(subject, counting_chain(9)).latent_dim == d
    assert subject.name == ("affine" if affine else "linear")


def test_hundreds_of_observations():
    mdp = random_mdp(200, 2, 2, seed=0)
    found = assert_zero_bit_for_bit(linear_subject(mdp), mdp)
    assert found.latent_dim < bisimulation(mdp).partition.n_blocks


@given(labelled(LABELS[:2]), st.booleans())
def test_the_parts_are_affine_in_the_codes(mdp, affine):
    subject = subject_or_reason(mdp, affine, torch.float64)
    if isinstance(subject, str):
        return
    d = subject.encoder.codes.shape[1]
    x, y = torch.randn(2, 3, d, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    actions = torch.arange(3) % mdp.n_actions
    zero = torch.zeros_like(x)
    for part in (lambda z: subject.predictor(z, actions), subject.head):
        assert torch.allclose(part(x + y), part(x) + part(y) - part(zero))
        assert affine or not part(zero).any()


LOOPS = [[0], [1], [2]]


@pytest.mark.parametrize(
    ("mdp", "options", "error", "said"),
    [
        (counting_chain(3), {"dtype": torch.int64}, InvalidArgumentError, "torch.float64 or"),
        (counting_chain(3), {"dtype": torch.float16}, InvalidArgumentError, "torch.float32"),
        (
            DeterministicMDP(LOOPS, [Fraction(1, 3), 0, 1]), {}, InvalidLabelError,
            r"Fraction\(1, 3\) of observation 0 is not exact",
        ),
        (DeterministicMDP(LOOPS, [2**53 + 1, 2**53, 0]), {}, InvalidLabelError, "9007199254740993"),
        (DeterministicMDP(LOOPS, [1e300, 1e-300, 1.0]), {}, InvalidArgumentError, "too large"),
        (
            DeterministicMDP(LOOPS, [2**24 + 1, 3, 1]), {"dtype": torch.float32},
            InvalidArgumentError, "not exact in torch.float32",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(mdp, options, error, said):
    with pytest.raises(error, match=said):
        linear_subject(mdp, **options)


def test_sums_that_could_round_are_refused():
    """Every number is exact in float32, but 2^23 + 1/4 is not, and it comes up on the way."""
    labels = [(2**23, 1, 0), (0.25, 0, 1), (2**23, 0, 0), (0.25, 1, 1)]
    loops = DeterministicMDP([[0], [1], [2], [3]], labels)
    assert evaluate(linear_subject(loops), loops).aux_loss == 0.0
    with pytest.raises(InvalidArgumentError, match=r"more digits than torch\.float32"):
        linear_subject(loops, dtype=torch.float32)
