import pickle

import pytest
import torch
from torch import nn

from tellapart.models.subject import Encoder, Subject, SubjectError


def identity(z, *_):
    return z


def test_parts_must_be_callable_objects():
    with pytest.raises(SubjectError, match="cannot be called") as caught:
        Subject(3, identity, identity)
    assert caught.value.part == "encoder"
    with pytest.raises(SubjectError, match=r"write Linear\(\.\.\.\)") as caught:
        Subject(identity, nn.Linear, identity)
    assert caught.value.part == "predictor"
    with pytest.raises(SubjectError, match="The fit "):
        Subject(identity, identity, identity, fit="adam")


@pytest.mark.parametrize("observations", [[[1.0]], torch.zeros(3, 2, dtype=torch.int64)])
def test_observations_must_be_floating_tensors(observations):
    with pytest.raises(SubjectError, match="floating tensor"):
        Subject(identity, identity, identity, observations=observations)


def test_one_hot_inputs_take_the_type_of_the_encoder():
    subject = Subject(nn.Linear(4, 2, dtype=torch.float64), identity, identity)
    shown = subject.inputs(4)
    assert shown.dtype == torch.float64
    assert torch.equal(shown, torch.eye(4, dtype=torch.float64))
    assert torch.equal(subject.inputs(4, torch.tensor([2])), shown[2:3])
    assert Subject(identity, identity, identity).inputs(4).dtype == torch.get_default_dtype()


def test_shared_parts_count_once():
    shared = nn.Linear(4, 4)
    assert Subject(shared, shared, identity).n_parameters == 20
    assert "20 parameters" in repr(Subject(shared, shared, identity))


def test_functions_are_encoders_and_errors_survive_pickling():
    assert isinstance(identity, Encoder)
    error = pickle.loads(pickle.dumps(SubjectError("head", "returned None.")))
    assert (error.part, str(error)) == ("head", "The head returned None.")
