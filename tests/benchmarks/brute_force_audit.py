"""What partial data force, against brute force over all partitions.

Usage: ``python tests/benchmarks/brute_force_audit.py --examples 2000 --max-observations 7``

Every drawn data set (total, partial, non-functional, partly labelled) is decided twice: by the
library, and by going through all partitions of its observations and keeping the admissible ones
(D4). Both must agree on F(D), feasibility, every pair, the smallest number of codes, and on every
proof; total systems also on B*.
"""

import argparse
import collections
import itertools
import random

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partial.chain import check_infeasibility, infeasibility
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.closure import has_numba
from tellapart.theory.partial.forced import forced_merges
from tellapart.theory.partial.min_codes import minimum_codes
from tellapart.theory.partial.pairs import separation_of
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.partial.separation_checker import check_separation


def all_partitions(n):
    """Every partition of 0 .. n-1 as a tuple of block ids by first appearance."""
    found = [()]
    for _ in range(n):
        found = [(*ids, b) for ids in found for b in range(max(ids, default=-1) + 2)]
    return found


def is_stable(triples, ids):
    """D4 (ii), read off the definition."""
    return all(
        ids[s] != ids[t] or a != b or ids[x] == ids[y]
        for (s, a, x), (t, b, y) in itertools.product(triples, repeat=2)
    )


def respects(labels, ids):
    """D4 (i), read off the definition; ``labels`` has None where it is not known."""
    known = [o for o, label in enumerate(labels) if label is not None]
    return all(
        ids[x] != ids[y] or labels[x] == labels[y] for x, y in itertools.combinations(known, 2)
    )


class Truth:
    """What brute force says of one data set."""

    def __init__(self, data):
        n = data.n_obs
        triples = [tuple(row) for row in data.triples.tolist()]
        labels = [data.label_of(o) for o in range(n)]
        self.stable = [ids for ids in all_partitions(n) if is_stable(triples, ids)]
        self.admissible = [ids for ids in self.stable if respects(labels, ids)]
        self.pairs = list(itertools.combinations(range(n), 2))
        self.forced = {
            (x, y) for x, y in self.pairs if all(ids[x] == ids[y] for ids in self.stable)
        }
        self.separated = {
            (x, y) for x, y in self.pairs if not any(ids[x] == ids[y] for ids in self.admissible)
        }
        self.feasible = bool(self.admissible)
        self.min_codes = min((max(ids) + 1 for ids in self.admissible), default=None)


def compare(data):
    """Assert that the library and brute force agree on everything; return what kind it was."""
    truth = Truth(data)
    methods = ("reference", "compiled") if has_numba() else ("reference",)
    for method in methods:
        forced = forced_merges(data, method=method)
        assert {(x, y) for x, y in truth.pairs if forced.same_block(x, y)} == truth.forced
    witness = infeasibility(data)
    assert (witness is None) == truth.feasible
    if witness is not None:
        assert check_infeasibility(data, witness), witness.explain()
        assert minimum_codes(data).value is None
        return "infeasible"
    compare_pairs(data, truth)
    codes = minimum_codes(data)
    assert codes.value == codes.lower == codes.upper == truth.min_codes
    assert is_admissible_for(data, codes.partition)
    assert codes.partition.n_blocks == truth.min_codes
    if data.is_total and data.is_functional and data.is_fully_labelled:
        relation = separation_relation(data)
        assert relation.as_partition() == bisimulation(data.to_mdp()).partition
        return "total"
    return "non-functional" if not data.is_functional else "partial"


def compare_pairs(data, truth):
    """Compare every pair, one by one and in the relation, and its evidence."""
    classes = forced_classes(data)
    for backend in ("reference", "compiled") if has_numba() else ("reference",):
        relation = separation_relation(classes, method=backend)
        by_name = {
            (x, y)
            for x, y in truth.pairs
            if relation.must_separate(data.observations[x], data.observations[y])
        }
        assert by_name == truth.separated
        assert relation.n_must_separate == len(truth.separated)
        assert relation.n_may_merge == len(truth.pairs) - len(truth.separated)
        assert relation.is_transitive == is_transitive(data.n_obs, truth.separated)
    for x, y in truth.pairs:
        result = separation_of(classes, data.observations[x], data.observations[y])
        assert result.separated == ((x, y) in truth.separated)
        check = check_separation(data, result)
        assert check, (check.explain(), result.explain())
        length = relation.word_length(data.observations[x], data.observations[y])
        assert length == (None if result.word is None else len(result.word))


def is_transitive(n, separated):
    """Read off the definition whether the other pairs form an equivalence relation."""
    together = [[(min(x, y), max(x, y)) not in separated for y in range(n)] for x in range(n)]
    return all(
        together[x][z] or not (together[x][y] and together[y][z])
        for x, y, z in itertools.product(range(n), repeat=3)
    )


def draw(generator, max_observations):
    """Draw one data set: density, number of successors and labels vary from case to case."""
    n = generator.randint(1, max_observations)
    actions = generator.randint(1, 3)
    density, double = generator.random(), generator.choice([0, 0, 0.1, 0.4])
    total = generator.random() < 0.2
    triples = []
    for o, a in itertools.product(range(n), range(actions)):
        if total or generator.random() < density:
            triples.append((o, a, generator.randrange(n)))
        if not total and generator.random() < double:
            triples.append((o, a, generator.randrange(n)))
    triples = triples or [(0, 0, 0)]
    known = 1.0 if total else generator.choice([1.0, 0.7, 0.4])
    n_labels = generator.randint(1, 3)
    labels = {o: generator.randrange(n_labels) for o in range(n) if generator.random() < known}
    return TransitionData(triples, labels, observations=range(n), actions=range(actions))


def main():
    """Run the comparison and print how many cases of each kind agreed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=2000)
    parser.add_argument("--max-observations", type=int, default=7)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    kinds = collections.Counter(
        compare(draw(generator, options.max_observations)) for _ in range(options.examples)
    )
    print(f"{options.examples} data sets agree with brute force over all partitions:")
    for kind, count in sorted(kinds.items()):
        print(f"  {kind:<15}{count:>6}")


if __name__ == "__main__":
    main()
