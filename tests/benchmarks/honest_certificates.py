"""Small models with valid margin certificates, to be corrupted."""

import functools

import numpy as np
from certificate_truth import ACTIVATIONS, mpf

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.margins.maker import certify_margins
from tellapart.theory.networks.program import NetworkModel, Operation, Program


def mlp(first, bias, second, activation):
    """Return ``f(z W1 + b) W2`` as a program."""
    d, h = first.shape
    steps = (
        Operation("matmul", (0, 1), (1, h)),
        Operation("add", (4, 2), (1, h)),
        Operation(activation, (5,), (1, h)),
        Operation("matmul", (6, 3), (1, second.shape[1])),
    )
    return Program(((1, d),), (first, bias, second), steps, 7)


def affine(weight, bias):
    """Return ``z W + b`` as a program."""
    steps = (
        Operation("matmul", (0, 1), (1, weight.shape[1])),
        Operation("add", (3, 2), (1, weight.shape[1])),
    )
    return Program(((1, len(weight)),), (weight, bias), steps, 4)


def fitted(inputs, wanted, rng, activation):
    """Return a program that maps rows to rows: random features, then least squares."""
    n, d = inputs.shape
    if activation is None:
        columns = np.hstack([inputs, np.ones((n, 1))])
        solution = np.linalg.lstsq(columns, wanted, rcond=None)[0]
        return affine(solution[:d], solution[d:])
    first, bias = rng.normal(size=(d, 2 * n)), rng.normal(size=(1, 2 * n))
    features = np.vectorize(lambda x: float(ACTIVATIONS[activation][0](mpf(x))))
    hidden = features(inputs @ first + bias)
    return mlp(first, bias, np.linalg.lstsq(hidden, wanted, rcond=None)[0], activation)


def build_model(system, seed, activation, shown):
    """Return a model with small residuals on a system, without training.

    ``shown``: the encoder reads observations, through indices that reverse them; else it is a
    table.
    """
    rng = np.random.default_rng(seed)
    n = system.n_obs
    d = 3 if activation else n
    if shown:
        seen = rng.normal(size=(n, 4))
        weight = rng.normal(size=(4, d))
        steps = (
            Operation("take", (0,), (1, 4), indices=np.array([[3, 2, 1, 0]])),
            Operation("matmul", (2, 1), (1, d)),
            Operation("relu", (3,), (1, d)),
        )
        encoder = Program(((1, 4),), (weight,), steps, 4)
        codes = np.maximum(seen[:, ::-1] @ weight, 0)
    else:
        seen = None
        codes = rng.normal(size=(n, d))
        encoder = Program((), (codes,), (), 0)
    predictors = []
    for action in range(system.n_actions):
        known = system.successors[:, action]
        predictors.append(fitted(codes, codes[known], rng, activation))
    head = fitted(codes, system.label_vectors, rng, activation)
    return NetworkModel(encoder, tuple(predictors), head, seen, "float64")


@functools.lru_cache(maxsize=32)
def honest_certificate(number):
    """Return the JSON text of the number-th honest certificate."""
    kind = number % 6
    seed = number // 6
    if kind in (0, 3):
        mdp = counting_chain(5)
    else:
        mdp = random_mdp(n=4 + seed % 3, actions=2, labels=2, seed=seed)
    activation = [None, "tanh", "relu", "tanh", "sigmoid", "tanh"][kind]
    model = build_model(mdp, seed, activation, shown=kind in (1, 2, 5))
    system = mdp
    if kind == 5:
        triples = TransitionData.from_mdp(mdp).triples[seed % 2 :: 1][:-1]
        labels = {o: mdp.labels[o] for o in range(mdp.n_obs - 1)}
        system = TransitionData(triples, labels, mdp.observations, mdp.actions)
    return certify_margins(system, model, threshold=False).certificate.to_json()
