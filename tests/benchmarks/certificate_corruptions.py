"""Margin certificates with one entry changed, and whether the checker sees through each.

Usage: ``python tests/benchmarks/certificate_corruptions.py 1000 --seed 0``

Certificates of small models are made, one entry of each is changed (a margin, a bound, a constant,
a support, a form, a weight, an observation, a label, a successor, a step of a path, an index), and
every statement of the result is evaluated with 60 decimal digits by the plain formulas of this
file. Where some statement became false, the checker must reject the certificate; the first N such
corruptions are counted. Exit code 1 when one was accepted.
"""

import argparse
import collections
import functools
import itertools
import json
import random
import sys
from fractions import Fraction

import numpy as np
from mpmath import MPContext

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import TellapartError
from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.margin_checker.checker import check_margins
from tellapart.theory.margins.certificate import MarginCertificate
from tellapart.theory.margins.maker import certify_margins
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.program import NetworkModel, Operation, Program

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


# -- models ---------------------------------------------------------------------------------------


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


# -- the plain evaluation -------------------------------------------------------------------------


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


# -- corruptions ----------------------------------------------------------------------------------


def scaled(text, factor):
    return str(Fraction(text) * Fraction(factor))


def _items(data, field):
    return data[field]["tuple"]


def change_margin(data, rng):
    margins = _items(data, "margins")
    i = rng.randrange(len(margins))
    margins[i] = scaled(margins[i], rng.choice(["101/100", "3/2", "10", "1000000"]))


def change_bound(field):
    def change(data, rng):
        bounds = _items(data, field)
        i = rng.randrange(len(bounds))
        if bounds[i] is not None:
            bounds[i] = rng.choice(["0", scaled(bounds[i], "1/2"), scaled(bounds[i], "99/100")])

    return change


def change_predictor_constant(data, rng):
    constants = _items(data, "predictor_constants")
    i = rng.randrange(len(constants))
    if constants[i] is not None:
        constants[i] = scaled(constants[i], rng.choice(["0", "1/2", "9/10", "999/1000"]))


def change_head_constant(data, rng):
    if data["head_constant"] is not None:
        factor = rng.choice(["0", "1/2", "9/10", "999/1000"])
        data["head_constant"] = scaled(data["head_constant"], factor)


def change_source(data, rng):
    other = {"points": "norm", "norm": "points"}
    if rng.random() < 0.5:
        data["head_source"] = other[data["head_source"]]
    else:
        sources = _items(data, "predictor_sources")
        i = rng.randrange(len(sources))
        sources[i] = other[sources[i]]


def change_support(data, rng):
    supports = data["supports"]["array"]
    most = len(_items(data, "dynamics_bounds"))
    supports[rng.randrange(len(supports))] = rng.randrange(-1, most)


def change_form(data, rng):
    forms = _items(data, "forms")
    forms[rng.randrange(len(forms))] = rng.choice(["label", "step", "path"])


def change_pair(data, rng):
    pairs = data["pairs"]["array"]
    pairs[rng.randrange(len(pairs))] = rng.randrange(max(pairs) + 1)


def change_path(data, rng):
    paths = [path for path in _items(data, "paths") if path["tuple"]]
    if paths:
        step = rng.choice(rng.choice(paths)["tuple"])["tuple"]
        step[rng.randrange(2)] = rng.randrange(len(_items(data, "dynamics_bounds")))


def _programs(data):
    model = data["model"]
    return [model["encoder"], *_items(model, "predictors"), model["head"]]


def change_weight(data, rng):
    constants = [c for p in _programs(data) for c in _items(p, "constants")]
    array = rng.choice(constants)["array"]
    i = rng.randrange(len(array))
    array[i] = rng.choice([-array[i], array[i] * 1.5, array[i] + 0.125, array[i] * (1 + 2**-30)])


def change_operation(data, rng):
    steps = [s for p in _programs(data) for s in _items(p, "operations")]
    if steps:
        step = rng.choice(steps)
        others = {"add": "sub", "tanh": "sigmoid", "sigmoid": "relu", "relu": "abs"}
        step["name"] = others.get(step["name"], step["name"])


def change_index(data, rng):
    takes = [s for p in _programs(data) for s in _items(p, "operations") if s["indices"]]
    if takes:
        array = rng.choice(takes)["indices"]["array"]
        array[rng.randrange(len(array))] = rng.randrange(len(array))


def change_observation(data, rng):
    if data["model"]["observations"] is not None:
        array = data["model"]["observations"]["array"]
        i = rng.randrange(len(array))
        array[i] = rng.choice([-array[i], array[i] + 0.5, array[i] * 2])


def change_label(data, rng):
    system = data["system"]
    if rng.random() < 0.5:
        ids = system["label_ids"]
        i = rng.randrange(len(ids))
        if ids[i] >= 0:
            ids[i] = rng.randrange(len(system["label_values"]))
    else:
        values = system["label_values"]
        i = rng.randrange(len(values))
        values[i] = values[i] + rng.choice([-0.5, 0.25, 7])


def change_successor(data, rng):
    system = data["system"]
    row = rng.choice(system.get("successors") or system["triples"])
    last = len(row) - 1 if "triples" in system else rng.randrange(len(row))
    row[last] = rng.randrange(len(system["label_ids"]))


CORRUPTIONS = {
    "margin": change_margin,
    "dynamics bound": change_bound("dynamics_bounds"),
    "label bound": change_bound("aux_bounds"),
    "predictor constant": change_predictor_constant,
    "head constant": change_head_constant,
    "source of a constant": change_source,
    "support": change_support,
    "form": change_form,
    "pair": change_pair,
    "path step": change_path,
    "weight": change_weight,
    "operation": change_operation,
    "index": change_index,
    "observation": change_observation,
    "label": change_label,
    "successor": change_successor,
}


def corrupted(text, kind, rng):
    """Return the text of a certificate with one entry changed, or None when nothing changed."""
    data = json.loads(text)
    CORRUPTIONS[kind](data, rng)
    changed = json.dumps(data)
    return None if changed == json.dumps(json.loads(text)) else changed


def first_falsehood(text):
    """Return a statement that is false by plain evaluation, or None; ``unreadable`` is one."""
    try:
        certificate = MarginCertificate.from_json(text)
    except TellapartError:
        return "unreadable"
    return next(falsehoods(certificate), None)


def accepts(text):
    """Tell whether the checker accepts a text; one that it cannot read it does not."""
    try:
        return bool(check_margins(text))
    except TellapartError:
        return False


def survey(count, seed, *, n_certificates=18):
    """Corrupt until ``count`` certificates are false; return what became of each kind.

    Returns
    -------
    Counters by kind: false ones, false ones that were accepted, and true ones that were refused.
    """
    rng = random.Random(seed)
    found = {name: collections.Counter() for name in ("false", "accepted", "refused")}
    kinds = sorted(CORRUPTIONS)
    for attempt in itertools.count():
        if sum(found["false"].values()) >= count:
            return found
        kind = kinds[attempt % len(kinds)]
        text = corrupted(honest_certificate(rng.randrange(n_certificates)), kind, rng)
        if text is None:
            continue
        reason = first_falsehood(text)
        if reason == "unreadable":
            continue
        if reason is None:
            found["refused"][kind] += not accepts(text)
        else:
            found["false"][kind] += 1
            found["accepted"][kind] += accepts(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    found = survey(arguments.count, arguments.seed)
    print(f"{'changed entry':22}{'false':>7}{'accepted':>10}{'true, refused':>15}")
    for kind in sorted(CORRUPTIONS):
        print(f"{kind:22}{found['false'][kind]:7}{found['accepted'][kind]:10}"
              f"{found['refused'][kind]:15}")  # fmt: skip
    total = sum(found["accepted"].values())
    print(f"{sum(found['false'].values())} false certificates, {total} accepted")
    return int(total > 0)


if __name__ == "__main__":
    sys.exit(main())
