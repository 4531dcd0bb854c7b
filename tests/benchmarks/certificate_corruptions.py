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
import itertools
import json
import random
import sys
from fractions import Fraction

from certificate_truth import falsehoods
from honest_certificates import honest_certificate

from tellapart.theory.errors import TellapartError
from tellapart.theory.margin_checker.checker import check_margins
from tellapart.theory.margins.certificate import MarginCertificate


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
