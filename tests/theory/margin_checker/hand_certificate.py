"""A certificate made by hand, with a claim of each form."""

import numpy as np

from tellapart.theory.margins.certificate import MarginCertificate
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.program import NetworkModel, Operation, Program

LATENT = ((1, 1),)


def times(factor, shift=0.0):
    """Return z -> factor z + shift in one dimension."""
    steps = (Operation("mul", (0, 1), (1, 1)), Operation("add", (3, 2), (1, 1)))
    return Program(LATENT, (np.array([[factor]]), np.array([[shift]])), steps, 4)


def table(*codes):
    return Program((), (np.array(codes, dtype=float).reshape(-1, 1),), (), 0)


def by_hand(**changes):
    """Return a certificate of a chain of three, a -> b -> c -> c, with codes 0, 1, 2.

    It is exact, with a claim of each form; the empty path is for the pair (a, c).
    """
    mdp = DeterministicMDP([[1], [2], [2]], [0.0, 0.0, 2.0], ["a", "b", "c"], ["up"])
    # T(0) = 1, T(1) = T(2) = 2: z - relu(z - 1) + 1.
    steps = (
        Operation("sub", (0, 1), (1, 1)),
        Operation("relu", (2,), (1, 1)),
        Operation("sub", (0, 3), (1, 1)),
        Operation("add", (4, 1), (1, 1)),
    )
    up = Program(LATENT, (np.array([[1.0]]),), steps, 5)
    # P(0) = P(1) = 0, P(2) = 2: 2 relu(z - 1).
    steps = (
        Operation("sub", (0, 1), (1, 1)),
        Operation("relu", (3,), (1, 1)),
        Operation("mul", (4, 2), (1, 1)),
    )
    head = Program(LATENT, (np.array([[1.0]]), np.array([[2.0]])), steps, 5)
    fields = {
        "system": mdp,
        "model": NetworkModel(table(0, 1, 2), (up,), head, None, "float64"),
        "dynamics_bounds": ("0", "0", "0"),
        "aux_bounds": ("0", "0", "0"),
        "predictor_constants": ("1",),
        "predictor_sources": ("points",),
        "head_constant": "2",
        "head_source": "points",
        "pairs": np.array([[1, 2], [0, 2], [0, 1]]),
        "margins": ("1", "1", "1"),
        "forms": ("label", "path", "step"),
        "supports": np.array([[-1, -1], [0, -1], [0, 1]]),
        "paths": ((),),
    }
    return MarginCertificate(**(fields | changes))
