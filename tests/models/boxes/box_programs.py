"""Encoders as programs, written by hand or drawn, and what they answer at points of a box."""

import numpy as np

from tellapart.theory.networks.program import Operation, Program
from tellapart.theory.networks.running import run


class Builder:
    """Collects constants and operations; constants are numbered when the program is done."""

    def __init__(self, size):
        self.shapes = {("slot", 0): (1, size)}
        self.size = size
        self.constants = []
        self.operations = []

    def constant(self, array):
        self.constants.append(np.asarray(array, dtype=np.float64))
        key = ("constant", len(self.constants) - 1)
        self.shapes[key] = self.constants[-1].shape
        return key

    def add(self, name, arguments, shape, axes=(), indices=None):
        self.operations.append((name, arguments, shape, axes, indices))
        key = ("operation", len(self.operations) - 1)
        self.shapes[key] = shape
        return key

    def program(self, output):
        def slot(key):
            kind, number = key
            first = {"slot": 0, "constant": 1, "operation": 1 + len(self.constants)}
            return first[kind] + number

        steps = tuple(
            Operation(name, tuple(slot(k) for k in arguments), shape, axes, indices)
            for name, arguments, shape, axes, indices in self.operations
        )
        return Program(((1, self.size),), tuple(self.constants), steps, slot(output))


def mlp(widths, activation="relu", seed=0):
    """A row program of linear layers with one activation between them."""
    rng = np.random.default_rng(seed)
    build = Builder(widths[0])
    here = ("slot", 0)
    for k in range(len(widths) - 1):
        shape = (1, widths[k + 1])
        weights = rng.normal(size=(widths[k], widths[k + 1])) / np.sqrt(widths[k])
        here = build.add("matmul", (here, build.constant(weights)), shape)
        here = build.add("add", (here, build.constant(rng.normal(size=shape[1]) * 0.3)), shape)
        if k < len(widths) - 2:
            here = build.add(activation, (here,), shape)
    return build.program(here)


RATIONAL = ("relu", "abs", "clamp", "largest", "pick", "join", "halve", "pairmax")
SMOOTH = ("tanh", "sigmoid", "erf", "gate", "grow", "normalise", "square")


def drawn_program(seed, kinds=RATIONAL + SMOOTH, depth=3, size=4):
    """A random program that uses several kinds of operations, of width about ``size``."""
    rng = np.random.default_rng(seed)
    build = Builder(size)
    here, width = ("slot", 0), size
    for _ in range(depth):
        new = int(rng.integers(2, size + 2))
        weights = rng.normal(size=(width, new)) / np.sqrt(width)
        here = build.add("matmul", (here, build.constant(weights)), (1, new))
        here = build.add("sub", (here, build.constant(rng.normal(size=(new,)))), (1, new))
        width = new
        here, width = _layer(build, str(rng.choice(kinds)), here, width, rng)
    weights = rng.normal(size=(width, 2))
    return build.program(build.add("matmul", (here, build.constant(weights)), (1, 2)))


def _layer(build, kind, here, width, rng):
    shape = (1, width)
    if kind in ("relu", "abs", "tanh", "sigmoid", "erf"):
        return build.add(kind, (here,), shape), width
    if kind == "clamp":
        low = build.add("maximum", (build.constant(-0.5), here), shape)
        return build.add("minimum", (low, build.constant(np.full(width, 0.7))), shape), width
    if kind == "largest":
        top = build.add("max", (here,), (1, 1), axes=(1,))
        return build.add("sub", (here, top), shape), width
    if kind == "pick":
        indices = rng.integers(0, width, size=(1, width))
        return build.add("take", (here,), shape, indices=indices), width
    if kind == "join":
        joined = build.add("concat", (here, build.constant([0.5, -1.0]), here), (2 * width + 2,))
        flat = build.add(
            "take", (joined,), (1, 2 * width + 2), indices=np.arange(2 * width + 2)[None]
        )
        return flat, 2 * width + 2
    if kind == "halve":
        total = build.add("sum", (here,), (1, 1), axes=(1,))
        part = build.add("div", (total, build.constant(4.0)), (1, 1))
        return build.add("add", (here, part), shape), width
    if kind == "pairmax":
        turned = build.add("take", (here,), shape, indices=np.arange(width)[None, ::-1].copy())
        return build.add("maximum", (here, build.add("neg", (turned,), shape)), shape), width
    if kind == "gate":
        return build.add("mul", (here, build.add("sigmoid", (here,), shape)), shape), width
    if kind == "square":
        return build.add("mul", (here, here), shape), width
    if kind == "grow":
        return build.add("exp", (build.add("tanh", (here,), shape),), shape), width
    scale = build.add("exp", (here,), shape)
    total = build.add("sum", (scale,), (1, 1), axes=(1,))
    return build.add("div", (scale, total), shape), width


def answers(program, points):
    """Codes of points ``[..., size]`` in plain float64: ``[..., d]``."""
    flat = points.reshape(-1, *program.inputs[0])
    return run(program, [flat]).reshape(*points.shape[:-1], -1)


def sampled(region, rng, n):
    """Random points of every box, corners among them: ``[n, boxes, size]``."""
    share = rng.random((n, *region.centres.shape))
    share[: n // 2] = share[: n // 2].round()
    lo, hi = region.inner_lo, region.inner_hi
    return np.clip(lo + share * (hi - lo), lo, hi)
