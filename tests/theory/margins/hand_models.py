"""Small models as programs, written by hand."""

import numpy as np

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.networks.evaluation import label_targets
from tellapart.theory.networks.program import NetworkModel, Operation, Program


def table(values):
    """A closed program: its output is written down."""
    return Program((), (np.asarray(values, dtype=np.float64),), (), 0)


def linear(weight):
    """``z W``."""
    d, width = weight.shape
    return Program(((1, d),), (weight,), (Operation("matmul", (0, 1), (1, width)),), 2)


def mlp(first, shift, second, offset, activation="tanh"):
    """``act(z W + b) V + c``; the activation is a name, or a function that adds operations.

    Such a function gets the slot of its argument, the next free slot and the hidden width, and
    returns operations, the last of which is the result.
    """
    (d, h), width = first.shape, second.shape[1]
    steps = [Operation("matmul", (0, 1), (1, h)), Operation("add", (5, 2), (1, h))]
    if callable(activation):
        steps += activation(6, 7, h)
    else:
        steps.append(Operation(activation, (6,), (1, h)))
    last = 4 + len(steps)
    steps.append(Operation("matmul", (last, 3), (1, width)))
    steps.append(Operation("add", (last + 1, 4), (1, width)))
    return Program(((1, d),), (first, shift, second, offset), tuple(steps), last + 2)


def silu(slot, free, h):
    """``x sigmoid(x)``."""
    return [Operation("sigmoid", (slot,), (1, h)), Operation("mul", (slot, free), (1, h))]


def square(slot, free, h):
    """``x x``."""
    return [Operation("mul", (slot, slot), (1, h))]


def negative_exp(slot, free, h):
    """``exp(-x)``."""
    return [Operation("neg", (slot,), (1, h)), Operation("exp", (free,), (1, h))]


def rms(slot, free, h):
    """``x / sqrt(sum x²)``."""
    return [
        Operation("mul", (slot, slot), (1, h)),
        Operation("sum", (free,), (1, 1), axes=(1,)),
        Operation("sqrt", (free + 1,), (1, 1)),
        Operation("div", (slot, free + 2), (1, h)),
    ]


def fold(slot, free, h):
    """``min(max(-x, x), b)`` with the shift b, which holds in slot 2."""
    return [
        Operation("neg", (slot,), (1, h)),
        Operation("maximum", (free, slot), (1, h)),
        Operation("minimum", (free + 1, 2), (1, h)),
    ]


SMOOTH = ("tanh", "sigmoid", "erf", silu, negative_exp, rms)
KINKED = ("relu", "abs", square, fold)


def random_model(system, seed, activation="tanh", d=3, h=6):
    """An untrained model."""
    rng = np.random.default_rng(seed)

    def part(width):
        if activation == "linear":
            return linear(rng.standard_normal((d, width)))
        return mlp(*_layers(rng, d, h, width), activation)

    predictors = tuple(part(d) for _ in range(system.n_actions))
    codes = rng.standard_normal((system.n_obs, d))
    return NetworkModel(table(codes), predictors, part(_width(system)), None, "float64")


def fitted_model(system, successors, seed, activation="tanh", d=3, noise=1e-9):
    """Random features, and a last layer by least squares: residuals about as small as the noise.

    Linear models get as many dimensions as there are observations.
    """
    rng = np.random.default_rng(seed)
    d = system.n_obs if activation == "linear" else d
    codes, h = rng.standard_normal((system.n_obs, d)), 4 * system.n_obs

    def part(targets):
        if activation == "linear":
            weight = np.linalg.solve(codes, targets)
            return linear(weight + noise * rng.standard_normal(weight.shape))
        first, shift, _, _ = _layers(rng, d, h, 1)
        features = mlp(first, shift, np.eye(h), np.zeros(h), activation)
        seen = _evaluate(features, codes)
        last = np.linalg.lstsq(seen, targets, rcond=None)[0]
        last += noise * rng.standard_normal(last.shape)
        return mlp(first, shift, last, np.zeros(last.shape[1]), activation)

    predictors = tuple(part(codes[column]) for column in np.asarray(successors).T)
    head = part(np.nan_to_num(label_targets(system)))
    return NetworkModel(table(codes), predictors, head, None, "float64")


def quotient_model(mdp):
    """One-hot codes of the blocks of B*, and matrices of zeros and ones: no loss at all."""
    partition = bisimulation(mdp).partition
    codes, first = np.eye(partition.n_blocks)[partition.ids], partition.representatives
    predictors = tuple(linear(codes[column[first]]) for column in mdp.successors.T)
    head = linear(np.asarray(mdp.label_vectors[first]))
    return NetworkModel(table(codes), predictors, head, None, "float64")


def counting_model(n, target, drift=0.0):
    """Codes 0 .. n-1 of the counting chain, clipped by two relus; the head reads the target."""
    far = n - 1.0

    def step(by):
        shift = np.array([by, by - far])
        return mlp(np.ones((1, 2)), shift, np.array([[1.0], [-1.0]]), np.array([drift]), "relu")

    shift = np.array([1.0, 0.0, -1.0]) - target
    head = mlp(np.ones((1, 3)), shift, np.array([[1.0], [-2.0], [1.0]]), np.zeros(1), "relu")
    codes = np.arange(float(n))[:, None]
    return NetworkModel(table(codes), (step(-1.0), step(1.0)), head, None, "float64")


def _layers(rng, d, h, width):
    first, second = rng.standard_normal((d, h)), rng.standard_normal((h, width)) / h
    return first, rng.standard_normal(h), second, rng.standard_normal(width)


def _width(system):
    return label_targets(system).shape[1]


def _evaluate(program, rows):
    """Run a program on points, roughly."""
    from tellapart.theory.networks.enclosing import enclose
    from tellapart.theory.networks.points import Interval

    found = enclose(program, (Interval(rows[:, None], rows[:, None]),))
    return (found.lo[:, 0] + found.hi[:, 0]) / 2
