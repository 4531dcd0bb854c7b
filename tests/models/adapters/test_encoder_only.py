import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.adapters.encoder_only import CodesAudit, EncoderOnly, encoder_only
from tellapart.models.subject import SubjectError
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import is_admissible
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partition import Partition
from tellapart.theory.verdict import Verdict

MDPS = deterministic_mdps(max_observations=7, max_actions=2, max_labels=3)


def table(codes):
    return encoder_only(lambda shown: shown @ torch.tensor(codes, dtype=shown.dtype))


def told_apart_by_some_word(mdp, x, y):
    """Follow all words up to length n by brute force; nothing of the library."""
    pairs, successors = {(x, y)}, mdp.successors.tolist()
    for _ in range(mdp.n_obs):
        if any(mdp.label_ids[p] != mdp.label_ids[q] for p, q in pairs):
            return True
        pairs |= {
            (successors[p][a], successors[q][a]) for p, q in pairs for a in range(mdp.n_actions)
        }
    return any(mdp.label_ids[p] != mdp.label_ids[q] for p, q in pairs)


@given(st.data(), MDPS)
def test_collapsed_exactly_when_a_needed_pair_is_merged(data, mdp):
    ids = data.draw(st.lists(st.integers(0, 3), min_size=mdp.n_obs, max_size=mdp.n_obs))
    alone = table([[float(i)] for i in ids])
    found = alone.audit(mdp)
    merged = [
        (x, y)
        for x, y in itertools.combinations(range(mdp.n_obs), 2)
        if ids[x] == ids[y] and told_apart_by_some_word(mdp, x, y)
    ]
    assert found.separation.n_merged == len(merged)
    assert found.verdict is (Verdict.COLLAPSED if merged else Verdict.VACUOUS)
    assert found.n_codes == len(set(ids))
    assert alone.irreducible_loss(mdp).is_zero == bool(is_admissible(mdp, Partition(ids)))
    assert found.irreducible.is_zero or not is_admissible(mdp, Partition(ids))


@given(MDPS)
def test_perfect_codes_never_hold(mdp):
    found = table(np.eye(mdp.n_obs).tolist()).audit(mdp)
    assert found.verdict is Verdict.VACUOUS
    assert found.irreducible.is_zero
    assert CodesAudit.from_json(found.to_json()) == found


def test_codes_and_nearly_equal_codes():
    mdp = counting_chain(5)
    codes = [[0.0], [1.0], [2.0], [3.0], [1e-5]]
    alone = table(codes)
    assert np.allclose(alone.codes(mdp), codes)
    assert alone.irreducible_loss(mdp).is_zero
    assert not alone.irreducible_loss(mdp, tolerance=1e-3).is_zero
    found = alone.audit(mdp)
    assert (found.verdict, found.n_codes) == (Verdict.COLLAPSED, 4)
    assert found.separation.merged[0].distance == pytest.approx(1e-5, rel=1e-2)
    assert "0 and 4" in found.explain()
    assert "collapsed" in repr(found)
    assert alone.audit(mdp, merge_tolerance=0.0).verdict is Verdict.VACUOUS
    assert "luck" in alone.audit(mdp, merge_tolerance=0.0).explain()


def test_observations_are_shown():
    images = torch.arange(4.0).reshape(4, 1, 1, 1).expand(4, 1, 2, 2).contiguous()
    alone = encoder_only(nn.Flatten(), images, name="pixels")
    assert alone.codes(counting_chain(4)).tolist() == [[c] * 4 for c in range(4)]
    assert "pixels" in repr(alone)
    assert "codes only" in repr(alone)


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        (nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5)), "not deterministic"),
        (nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)), "BatchNorm"),
        (lambda shown: shown * torch.nan, "NaN"),
        (nn.Linear(3, 2), "raised"),
        (lambda shown: shown.sum(1), "returned shape"),
    ],
)
def test_bad_encoders_are_named(encoder, message):
    with pytest.raises(SubjectError, match=message) as caught:
        encoder_only(encoder).audit(counting_chain(4))
    assert caught.value.part == "encoder"


def test_bad_arguments_are_refused():
    with pytest.raises(SubjectError, match="cannot be called"):
        EncoderOnly(None)
    with pytest.raises(SubjectError, match="floating tensor"):
        encoder_only(nn.Identity(), torch.zeros(3, dtype=torch.int64))
    with pytest.raises(InvalidArgumentError, match="DeterministicMDP"):
        encoder_only(nn.Identity()).codes("gallery:pick")
    with pytest.raises(InvalidArgumentError, match="tolerance"):
        encoder_only(nn.Identity()).irreducible_loss(counting_chain(3), tolerance=-1.0)
