"""Every statement of a margin certificate, evaluated by plain formulas with 60 decimal digits."""

import functools
import itertools
from fractions import Fraction

import numpy as np
from mpmath import MPContext

from tellapart.theory.mdp import DeterministicMDP

mp = MPContext()  # of its own: others may use mpmath with other digits
mp.dps = 60
mpf = mp.mpf
#: Smaller violations than this are left to exact tests.
TOLERANCE = mpf(10) ** -45
ACTIVATIONS = {
    "tanh": (mp.tanh, lambda x: 1 - mp.tanh(x) ** 2),
    "relu": (lambda x: max(x, mpf(0)), lambda x: mpf(x > 0)),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), lambda x: mp.exp(-x) / (1 + mp.exp(-x)) ** 2),
    "abs": (abs, lambda x: mpf(1 if x > 0 else -1)),
}
RANGES = {"tanh": (0, 1), "relu": (0, 1), "sigmoid": (0, mpf(1) / 4), "abs": (-1, 1)}


def numbers(array):
    """Return an array of exact floats as numbers of many digits."""
    found = np.empty(np.shape(array), dtype=object)
    for index, value in np.ndenumerate(array):
        found[index] = mpf(float(value))
    return found


def each(function, array):
    found = np.empty(array.shape, dtype=object)
    for index, value in np.ndenumerate(array):
        found[index] = function(value)
    return found


def run(program, given):
    """Return what every slot holds, for one row."""
    slots = [] if program.is_closed else [given]
    slots += [numbers(constant) for constant in program.constants]
    for step in program.operations:
        a = slots[step.arguments[0]]
        b = slots[step.arguments[-1]]
        if step.name in ACTIVATIONS:
            slots.append(each(ACTIVATIONS[step.name][0], a))
        elif step.name == "take":
            slots.append(a.reshape(-1)[step.indices])
        else:
            plain = {"matmul": lambda a, b: a @ b, "add": lambda a, b: a + b,
                     "sub": lambda a, b: a - b, "mul": lambda a, b: a * b}  # fmt: skip
            slots.append(plain[step.name](a, b))
    return slots


def answers(program, rows, n):
    """Return the result for each row; a closed program has them all."""
    if program.is_closed:
        return list(run(program, None)[program.output].reshape(n, -1))
    return [run(program, row.reshape(program.inputs[0]))[program.output][0] for row in rows]


def matrix_along(program, slope_of):
    """Return (lo, hi), the product of weights and slopes, row by row of the input."""
    d = program.inputs[0][1]
    held = {0: (numbers(np.eye(d)), numbers(np.eye(d)))}
    for number, step in enumerate(program.operations, program.first_result):
        constant = [
            None if program.dependent[slot] else numbers(program.constants[slot - 1])
            for slot in step.arguments
        ]
        if step.name in ACTIVATIONS:
            low, high = slope_of(step.name, step.arguments[0])
            ends = [end * s for end in held[step.arguments[0]] for s in (low, high)]
            held[number] = functools.reduce(np.minimum, ends), functools.reduce(np.maximum, ends)
        elif step.name == "matmul":
            low, high = held[step.arguments[0]]
            up, down = np.maximum(constant[1], 0), np.minimum(constant[1], 0)
            held[number] = low @ up + high @ down, high @ up + low @ down
        else:  # a bias
            held[number] = held[step.arguments[0]]
    return held[program.output]


def quotient(program, x, y):
    """Return the difference quotient of a program between two rows."""
    at_x, at_y = (run(program, row.reshape(1, -1)) for row in (x, y))

    def slope_of(name, slot):
        function, derivative = ACTIVATIONS[name]
        pairs = zip(at_x[slot][0], at_y[slot][0], strict=True)
        found = np.array(
            [derivative(a) if a == b else (function(a) - function(b)) / (a - b) for a, b in pairs],
            dtype=object,
        )
        return found, found

    return matrix_along(program, slope_of)[0]


def gap(one, other):
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


class Evaluated:
    """Everything that a certificate speaks of, with 60 digits."""

    def __init__(self, certificate):
        self.certificate = certificate
        self.system, self.model = certificate.system, certificate.model
        n = self.system.n_obs
        if isinstance(self.system, DeterministicMDP):
            table = self.system.successors
            self.transitions = [(o, a, int(table[o, a])) for o, a in np.ndindex(table.shape)]
            labels = self.system.label_vectors
        else:
            self.transitions = [tuple(row) for row in self.system.triples.tolist()]
            labels = [value if isinstance(value, tuple) else (value,)
                      for value in self.system.label_values]  # fmt: skip
            labels = [labels[i] if i >= 0 else None for i in self.system.label_ids]
        self.labels = [None if row is None else list(numbers(row)) for row in labels]
        seen = self.model.observations
        rows = None if seen is None else [numbers(row) for row in seen]
        self.codes = answers(self.model.encoder, rows, n)
        self.read = answers(self.model.head, self.codes, n)
        self.predicted = [answers(p, self.codes, n) for p in self.model.predictors]

    def residual(self, transition):
        source, action, successor = self.transitions[transition]
        return self.predicted[action][source] - self.codes[successor]


def value(text):
    fraction = Fraction(text)
    return mpf(fraction.numerator) / mpf(fraction.denominator)


def less(one, other):
    """Tell whether a number is smaller by more than the evaluation can be off."""
    return one < other - TOLERANCE * (1 + abs(other))


def falsehoods(certificate):
    """Go through the false statements of a certificate."""
    e = Evaluated(certificate)
    for number, bound in enumerate(certificate.dynamics_bounds):
        if less(value(bound), max(map(abs, e.residual(number)))):
            yield "dynamics bound"
    for o, bound in enumerate(certificate.aux_bounds):
        if bound is not None and less(value(bound), gap(e.read[o], e.labels[o])):
            yield "label bound"
    covered = [{s for s, a, _ in e.transitions if a == b} for b in range(len(e.predicted))]
    rules = list(
        zip(certificate.predictor_constants, certificate.predictor_sources, e.predicted, covered,
            certificate.model.predictors, strict=True)
    )  # fmt: skip
    labelled = {o for o, label in enumerate(e.labels) if label is not None}
    head = certificate.model.head
    rules.append((certificate.head_constant, certificate.head_source, e.read, labelled, head))
    for constant, source, images, rows, program in rules:
        if constant is None:
            continue
        if source == "norm":
            low, high = matrix_along(program, lambda name, _: RANGES[name])
            sums = np.maximum(abs(low), abs(high)).sum(axis=0)
            if less(value(constant), max(sums)):
                yield "norm"
        for x, y in itertools.combinations(sorted(rows), 2):
            reach = value(constant) * gap(e.codes[x], e.codes[y])
            if source == "points" and less(reach, gap(images[x], images[y])):
                yield "constant"
    yield from false_claims(e)


def false_claims(e):
    c = e.certificate
    number = {tuple(pair): i for i, pair in enumerate(c.pairs.tolist())}
    steps = {}
    for i, ((x, y), form, support) in enumerate(
        zip(c.pairs.tolist(), c.forms, c.supports.tolist(), strict=True)
    ):
        margin = value(c.margins[i])
        if less(gap(e.codes[x], e.codes[y]), margin):
            yield "distance"
        if form == "label":
            if support != [-1, -1] or None in (e.labels[x], e.labels[y], c.head_constant):
                yield "label claim without what it needs"
                continue
            left = gap(e.labels[x], e.labels[y]) - value(c.aux_bounds[x]) - value(c.aux_bounds[y])
            if less(left, margin * value(c.head_constant)):
                yield "label claim"
        elif form == "step":
            if min(support) < 0 or max(support) >= len(e.transitions):
                yield "step without transitions"
                continue
            (s, a, s_next), (t, b, t_next) = (e.transitions[k] for k in support)
            led_to = number.get((min(s_next, t_next), max(s_next, t_next)))
            if {s, t} != {x, y} or a != b or led_to is None or c.predictor_constants[a] is None:
                yield "step that is none"
                continue
            steps[i] = led_to
            left = value(c.margins[led_to]) - sum(value(c.dynamics_bounds[k]) for k in support)
            if less(left, margin * value(c.predictor_constants[a])):
                yield "step claim"
        elif support[1] != -1 or not 0 <= support[0] < len(c.paths):
            yield "path claim without a path"
        elif not path_shows(e, (x, y), c.paths[support[0]], margin):
            yield "path claim"
    for start in steps:
        here, seen = start, set()
        while here in steps and here not in seen:
            seen.add(here)
            here = steps[here]
        if here in seen:
            yield "cycle"


def path_shows(e, pair, path, margin):
    here = pair
    if path and e.transitions[path[0][0]][0] == pair[1]:
        here = pair[::-1]
    matrices, residuals = [], []
    for s, t in path:
        (x, a, x_next), (y, b, y_next) = e.transitions[s], e.transitions[t]
        if (x, y) != here or a != b:
            return False
        matrices.append(quotient(e.model.predictors[a], e.codes[x], e.codes[y]))
        residuals.append(e.residual(s) - e.residual(t))
        here = (x_next, y_next)
    x, y = here
    if e.labels[x] is None or e.labels[y] is None:
        return False
    product = quotient(e.model.head, e.codes[x], e.codes[y])
    wanted = [np.array(e.labels[o], dtype=object) for o in here]
    lost = abs((e.read[x] - wanted[0]) - (e.read[y] - wanted[1]))
    for matrix, residual in zip(matrices[::-1], residuals[::-1], strict=True):
        lost = lost + abs(residual @ product)
        product = matrix @ product
    left = abs(wanted[0] - wanted[1]) - lost
    return any(not less(a, margin * b) for a, b in zip(left, abs(product).sum(axis=0), strict=True))
