import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.adapters.capabilities import Capabilities, capabilities
from tellapart.models.adapters.encoder_only import encoder_only
from tellapart.models.adapters.modules import from_modules
from tellapart.models.designs import constant_subject
from tellapart.models.networks import reference_subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain

MDP = counting_chain(4)


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_every_flag_follows_what_is_there(head, dropout, norm, frozen, images):
    layers = [nn.Flatten(), nn.Linear(4, 3)]
    layers += [nn.Dropout(0.5)] * dropout + [nn.BatchNorm1d(3)] * norm
    encoder = nn.Sequential(*layers).requires_grad_(not frozen)
    shown = torch.eye(4).reshape(4, 1, 2, 2) if images else None
    subject = from_modules(
        encoder, lambda z, a: z, nn.Linear(3, 1) if head else None, MDP, observations=shown
    )
    found = capabilities(subject)
    assert found == Capabilities(head, True, not frozen, images, dropout, norm)
    alone = capabilities(encoder_only(encoder, shown))
    assert alone == Capabilities(False, False, not frozen, images, dropout, norm)
    assert Capabilities.from_json(found.to_json()) == found
    encoder.eval()
    assert not capabilities(subject).stochastic
    assert not capabilities(subject).batched_only


def test_any_subject_has_capabilities():
    assert capabilities(reference_subject(MDP)).trainable
    assert not capabilities(constant_subject(MDP)).trainable


def test_batch_statistics_without_memory_stay_in_eval_mode():
    encoder = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3, track_running_stats=False)).eval()
    assert capabilities(encoder_only(encoder)).batched_only


def test_explanations_differ():
    flags = itertools.product((False, True), repeat=6)
    texts = [Capabilities(*row).explain() for row in flags]
    assert len(set(texts)) == 64
    assert "complete" in Capabilities(True, True, True, False, False, False).explain()


def test_other_objects_are_refused():
    with pytest.raises(InvalidArgumentError, match="not of Linear"):
        capabilities(nn.Linear(2, 2))
