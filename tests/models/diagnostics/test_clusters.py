import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.diagnostics.clusters import ClusterAccuracy, cluster_accuracy, lidar
from tellapart.theory.errors import InvalidArgumentError


@st.composite
def labelled_codes(draw):
    n, d = draw(st.integers(1, 10)), draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(st.integers(-4, 4), min_size=d, max_size=d),
                         min_size=n, max_size=n))  # fmt: skip
    classes = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return np.array(rows, dtype=float), classes


def accuracy_by_hand(fit, test):
    """Share of (code, class) in ``test`` strictly nearest to its class mean over ``fit``."""
    means = {c: np.mean([z for z, k in fit if k == c], axis=0) for _, c in fit}
    hits = [
        all(
            np.linalg.norm(z - means[c]) < np.linalg.norm(z - mean) - 1e-9
            for other, mean in means.items()
            if other != c
        )
        for z, c in test
    ]
    return sum(hits) / len(hits)


@given(labelled_codes())
def test_accuracies_against_loops(case):
    codes, classes = case
    found = cluster_accuracy(codes, classes)
    members = {c: [z for z, k in zip(codes, classes, strict=True) if k == c] for c in set(classes)}
    if len(members) < 2 or max(map(len, members.values())) < 2:
        assert found is None
        return
    pairs = list(zip(codes, classes, strict=True))
    fit = [(z, c) for c, m in members.items() for z in m[: (len(m) + 1) // 2]]
    test = [(z, c) for c, m in members.items() for z in m[(len(m) + 1) // 2 :]]
    assert found.in_sample == pytest.approx(accuracy_by_hand(pairs, pairs))
    assert found.held_out == pytest.approx(accuracy_by_hand(fit, test))
    assert (found.n_in_sample, found.n_held_out) == (len(pairs), len(test))
    assert ClusterAccuracy.from_json(found.to_json()) == found


@given(labelled_codes())
def test_lidar_against_the_definition(case):
    codes, classes = case
    found = lidar(codes, classes)
    members = [codes[np.array(classes) == c] for c in sorted(set(classes))]
    if len(members) < 2 or max(map(len, members)) < 2:
        assert found is None
        return
    d = codes.shape[1]
    means = np.array([m.mean(axis=0) for m in members])
    inner = np.concatenate([m - m.mean(axis=0) for m in members])
    within = inner.T @ inner / max(1, len(codes) - len(members)) + 1e-4 * np.eye(d)
    between = np.atleast_2d(np.cov(means.T))
    # Σ_w^{-1} Σ_b has the eigenvalues of the symmetric form.
    values = np.maximum(np.linalg.eigvals(np.linalg.solve(within, between)).real, 0)
    if values.sum() < 1e-9:
        assert found == 0
        return
    p = values / values.sum() + 1e-7
    assert found == pytest.approx(float(np.exp(-(p * np.log(p)).sum())), rel=1e-4)


def test_known_answers():
    corners = np.repeat(np.eye(4), 3, axis=0)
    classes = np.repeat(np.arange(4), 3)
    assert lidar(corners, classes) == pytest.approx(3, rel=1e-3)  # four means span three directions
    assert cluster_accuracy(corners, classes).held_out == 1
    assert lidar(np.ones((12, 2)), classes) == 0
    assert cluster_accuracy(np.ones((12, 2)), classes).in_sample == 0
    assert lidar(np.eye(4), range(4)) is cluster_accuracy(np.eye(4), range(4)) is None


def test_overfitting_shows_only_in_sample():
    """Noise in many dimensions: each code pulls its own centroid."""
    noise = np.random.default_rng(0).standard_normal((40, 400))
    found = cluster_accuracy(noise, np.repeat(np.arange(10), 4))
    assert found.in_sample == 1
    assert found.held_out < 0.5


def test_bad_groups():
    with pytest.raises(InvalidArgumentError, match="one integer for each of the 3 rows"):
        lidar(np.eye(3), [0, 1])
    with pytest.raises(InvalidArgumentError, match="nan"):
        cluster_accuracy([[np.nan]], [0])
