"""Random systems of eight kinds for the training benchmarks, and the measure of success."""

import numpy as np

from tellapart.models.evaluation import evaluate
from tellapart.models.subject import Subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.mdp import DeterministicMDP

KINDS = (
    "random", "permutation", "sparse label", "blow-up", "chain", "counter", "disconnected",
    "self-loops",
)  # fmt: skip


def mixed_systems(n: int, count: int, seed: int) -> list[DeterministicMDP]:
    """Draw systems with n observations, two actions and two labels, each kind in turn."""
    rng = np.random.default_rng(seed)
    return [_system(KINDS[place % len(KINDS)], n, rng) for place in range(count)]


def _system(kind: str, n: int, rng: np.random.Generator) -> DeterministicMDP:
    everything = np.arange(n)
    successors = rng.integers(n, size=(n, 2))
    labels = rng.integers(2, size=n)
    rare = (everything == rng.integers(n)).astype(int)
    if kind == "permutation":
        successors = np.stack([rng.permutation(n), rng.permutation(n)], axis=1)
    elif kind == "sparse label":
        labels = rare
    elif kind == "blow-up":
        successors, labels = _blow_up(n, rng)
    elif kind == "chain":
        before, after = np.maximum(everything - 1, 0), np.minimum(everything + 1, n - 1)
        successors, labels = np.stack([before, after], axis=1), rare
    elif kind == "counter":
        reset = np.where(rng.random(n) < 0.5, 0, everything)
        successors = np.stack([(everything + 1) % n, reset], axis=1)
        labels = (everything == 0).astype(int)
    elif kind == "disconnected":
        half = n // 2
        parts = rng.integers(half, size=(half, 2)), rng.integers(half, n, size=(n - half, 2))
        successors = np.concatenate(parts)
    elif kind == "self-loops":
        successors = np.where(rng.random((n, 2)) < 0.4, everything[:, None], successors)
    if len(np.unique(labels)) == 1:  # with one label there is nothing to tell apart
        labels[0] = 1 - labels[0]
    return DeterministicMDP(successors, labels.astype(float).tolist())


def _blow_up(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Copy the observations of a system half the size."""
    half = max(2, n // 2)
    successors, labels = rng.integers(half, size=(half, 2)), rng.integers(2, size=half)
    origin = np.concatenate([np.arange(half), rng.integers(half, size=n - half)])
    copies = [np.flatnonzero(origin == one) for one in range(half)]
    table = [[rng.choice(copies[to]) for to in successors[origin[o]]] for o in range(n)]
    return np.array(table), labels[origin]


def residual_over_gap(subject: Subject, mdp: DeterministicMDP) -> float:
    """Return the largest residual divided by the smallest gap between blocks of B*.

    Computed from the outputs alone, pair by pair; residuals are those of all transitions and
    labels, the gap is the smallest distance of two codes that must be told apart.
    """
    found, ids = evaluate(subject, mdp), bisimulation(mdp).partition.ids
    gap = min(
        float(np.linalg.norm(found.codes[x] - found.codes[y]))
        for x in range(mdp.n_obs)
        for y in range(x)
        if ids[x] != ids[y]
    )
    residual = max(
        float(np.linalg.norm(found.predicted[o, a] - found.codes[mdp.successors[o, a]]))
        for o in range(mdp.n_obs)
        for a in range(mdp.n_actions)
    )
    read = max(
        float(np.linalg.norm(found.read[o] - mdp.label_vectors[o])) for o in range(mdp.n_obs)
    )
    return max(residual, read) / gap if gap > 0 else float("inf")
