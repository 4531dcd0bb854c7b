"""Subjects for translation: seven observations, and programs compared with torch."""

import numpy as np
import pytest
import torch
from torch import nn

from tellapart.models.subject import Subject
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.models.translation.subject import translate
from tellapart.theory.gallery import counting_chain
from tellapart.theory.networks.running import run

CHAIN = counting_chain(7)


@pytest.fixture
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


@pytest.fixture
def program_of(seeded):
    """Translate an encoder in eval mode; insist that its program answers as torch does."""

    def translated(encoder, observations):
        if isinstance(encoder, nn.Module):
            encoder = encoder.double().eval()
        with torch.no_grad():
            codes = encoder(observations)
        head = nn.Linear(codes.shape[1], 1, dtype=codes.dtype)
        subject = Subject(encoder, lambda z, a: z, head, observations=observations)
        model = translate(subject, CHAIN)
        inputs = [] if model.encoder.is_closed else [model.observations[:, None]]
        found = run(model.encoder, inputs).reshape(codes.shape)
        assert np.allclose(found, codes.double().numpy(), rtol=1e-9, atol=1e-12)
        return model.encoder

    return translated


@pytest.fixture
def refusal_of(seeded):
    """Return the error that says why an encoder is not translated."""

    def refused(encoder, observations):
        if isinstance(encoder, nn.Module):
            encoder = encoder.double()
        subject = Subject(encoder, lambda z, a: z, lambda z: z[:, :1], observations=observations)
        with pytest.raises(NotExactlyEvaluable) as caught:
            translate(subject, CHAIN)
        assert caught.value.part == "encoder"
        return caught.value

    return refused
