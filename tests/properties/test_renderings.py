"""What the strategy for renderings promises about every example."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.evaluation import evaluate
from tellapart.models.networks import LinearHead, LinearPredictor, MLPEncoder
from tellapart.models.subject import Subject
from tellapart.properties.renderings import RENDERINGS, rendered, renderings
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partition import Partition, kernel

CHAIN = counting_chain(9)
numbers = st.integers(1, 40)
types = st.sampled_from([torch.float64, torch.float32])


@given(numbers, types, st.data())
def test_every_observation_has_a_look_of_its_own(n, dtype, data):
    shown = data.draw(renderings(n, dtype=dtype))
    assert len(shown) == n
    assert shown.dtype == dtype
    assert bool(torch.isfinite(shown).all())
    assert kernel(shown.reshape(n, -1)) == Partition.identity(n)


@given(st.integers(2, 40), st.sampled_from(RENDERINGS), st.data())
def test_look_alikes_are_one_pair_and_no_more(n, kind, data):
    shown = data.draw(renderings(n, [kind], look_alikes=True))
    assert sorted(kernel(shown.reshape(n, -1)).sizes.tolist()) == [*[1] * (n - 2), 2]


@given(numbers, st.integers(0, 2**16))
def test_images_are_small_and_grey(n, seed):
    shown = rendered(n, "images", seed)
    assert shown.ndim == 4
    assert shown.shape[1] == 1
    assert shown.shape[2] == shown.shape[3]
    assert 8 <= shown.shape[2] <= 16
    assert 0 <= float(shown.min()) <= float(shown.max()) <= 1
    changing = (shown != shown[:1]).any(dim=0)
    assert int(changing.sum()) == (n - 1).bit_length()


@given(numbers, st.sampled_from(RENDERINGS), st.integers(0, 2**16))
def test_the_seed_decides_everything(n, kind, seed):
    assert torch.equal(rendered(n, kind, seed), rendered(n, kind, seed))


def test_thousands_of_observations_differ():
    for kind in ("features", "images"):
        shown = rendered(5000, kind, 3, dtype=torch.float32)
        assert len(np.unique(shown.reshape(5000, -1).numpy(), axis=0)) == 5000


@given(renderings(CHAIN), st.integers(0, 99))
def test_subjects_can_be_shown_renderings(shown, seed):
    size = shown[0].numel()
    subject = Subject(
        MLPEncoder(size, 8, 3, seed), LinearPredictor(3, 2, seed), LinearHead(3, 1, seed),
        observations=shown,
    )  # fmt: skip
    assert evaluate(subject, CHAIN).codes.shape == (9, 3)


def test_known_shapes():
    assert torch.equal(rendered(3), torch.eye(3, dtype=torch.float64))
    assert rendered(2, "one-hot", alike=(0, 1)).tolist() == [[1.0, 0.0], [1.0, 0.0]]
    data = TransitionData([[0, 0, 1]], None)
    kinds = []

    @given(renderings(data))
    def collect(shown):
        assert len(shown) == 2
        kinds.append(shown.ndim)

    collect()
    assert set(kinds) == {2, 4}


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: renderings(0), "nothing to render for 0"),
        (lambda: renderings(True), "nothing to render for True"),
        (lambda: renderings("9"), "nothing to render for '9'"),
        (lambda: renderings(3, ["video"]), "choose at least one of one-hot, features, images"),
        (lambda: renderings(3, []), "choose at least one of"),
        (lambda: renderings(1, look_alikes=True), "look_alikes needs two observations"),
        (lambda: renderings(3, dtype=torch.int64), "dtype is torch.int64"),
        (lambda: rendered(3, "video"), "kind is 'video'"),
        (lambda: rendered(3, seed=-1), "seed is -1"),
        (lambda: rendered(3, alike=(0, 0)), r"alike is \(0, 0\)"),
        (lambda: rendered(3, alike=(0, 3)), r"alike is \(0, 3\)"),
        (lambda: rendered(3, alike=7), "alike is 7"),
    ],
)
def test_what_has_no_looks_is_refused(build, message):
    with pytest.raises(InvalidArgumentError, match=message):
        build()
