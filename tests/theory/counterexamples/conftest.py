"""The definition of a counterexample by brute force: all words, all partitions, all renamings."""

from functools import lru_cache
from itertools import combinations, permutations, product
from types import SimpleNamespace

import pytest


@lru_cache(maxsize=8)
def partitions(n):
    """All partitions of 0 .. n-1 as group numbers by first appearance."""
    return [ids for ids in product(range(n), repeat=n) if ids == by_first(ids)]


def by_first(ids):
    order = list(dict.fromkeys(ids))
    return tuple(order.index(one) for one in ids)


@lru_cache(maxsize=100_000)
def shortest(table, labels, x, y):
    """Length of a shortest distinguishing word, by trying all words; None: bisimilar."""
    n, m = len(table), len(table[0])
    for length in range(n):
        for word in product(range(m), repeat=length):
            p, q = x, y
            for action in word:
                p, q = table[p][action], table[q][action]
            if labels[p] != labels[q]:
                return length
    return None


def respects(codes, triples):
    """Rule (ii) of D4."""
    return all(
        codes[end] == codes[other]
        for o, a, end in triples
        for p, b, other in triples
        if a == b and codes[o] == codes[p]
    )


def agrees(codes, labels):
    """Rule (i) of D4."""
    n = len(codes)
    return all(labels[o] == labels[p] for o in range(n) for p in range(n) if codes[o] == codes[p])


def coarser(codes, looks):
    return agrees(looks, codes)


def least(n, triples, looks):
    """F(D) above the looks: the intersection of every partition that respects the data."""
    every = [one for one in partitions(n) if coarser(one, looks) and respects(one, triples)]
    return by_first([tuple(one[o] for one in every) for o in range(n)])


def feasible(n, triples, labels, looks):
    """Whether some encoder that sees only the looks has zero loss."""
    return any(
        coarser(one, looks) and respects(one, triples) and agrees(one, labels)
        for one in partitions(n)
    )


def rows_of(table):
    return {(o, a, end) for o, row in enumerate(table) for a, end in enumerate(row)}


def merged_depth(table, labels, groups):
    """Depth of the deepest pair inside a group that a word tells apart; None without any."""
    pairs = [(x, y) for x, y in combinations(range(len(table)), 2) if groups[x] == groups[y]]
    found = [shortest(table, labels, x, y) for x, y in pairs]
    return max((length for length in found if length is not None), default=None)


def claims(drop, table, labels, data_labels, triples, actions_shown, codes, looks):
    """Whether data and codes are what the definition for a dropped hypothesis asks for.

    The pair is not part of it. Returns the groups among which the pair has to be, or None.
    """
    n, world = len(table), rows_of(table)
    triples = set(triples)
    alike = looks != tuple(range(n))
    whole = triples == world and actions_shown
    if alike != (drop == "markov_observation"):
        return None
    if drop == "informative_label":
        good = whole and len(set(data_labels)) == 1 and respects(codes, triples)
        return codes if good else None
    if tuple(data_labels) != tuple(labels):
        return None
    dynamics, auxiliary = respects(codes, triples), agrees(codes, labels)
    forced = codes == least(n, triples, looks) and not feasible(n, triples, labels, looks)
    if drop == "aux_loss":
        return codes if whole and dynamics else None
    if drop == "dynamics_loss":
        return codes if whole and auxiliary else None
    if drop == "joint_training":
        return codes if whole and dynamics != auxiliary else None
    if drop == "exact_zero":
        return codes if whole and auxiliary and not dynamics else None
    if drop == "full_coverage":
        return codes if actions_shown and triples < world and dynamics and auxiliary else None
    if drop == "determinism":
        return codes if actions_shown and triples > world and forced else None
    if drop == "action_conditioning":
        hidden = not actions_shown and triples == {(o, 0, end) for o, _, end in world}
        return codes if hidden and forced else None
    assert drop == "markov_observation"
    return looks if whole and forced else None


def renamed(structure, observations, actions):
    """The structure (table, labels, codes, looks, rows) under a renaming."""
    table, labels, codes, looks, rows = structure
    n, m = len(table), len(table[0])
    moved = [[0] * m for _ in range(n)]
    for o in range(n):
        for a in range(m):
            moved[observations[o]][actions[a]] = observations[table[o][a]]
    back = [observations.index(o) for o in range(n)]

    def groups(ids):
        return by_first([ids[o] for o in back])

    changed = frozenset(
        (observations[row[0]], actions[row[1]], *(observations[e] for e in row[2:])) for row in rows
    )
    return tuple(map(tuple, moved)), groups(labels), groups(codes), groups(looks), changed


def orbit(structure):
    n, m = len(structure[0]), len(structure[0][0])
    return {
        renamed(structure, s, t) for s in permutations(range(n)) for t in permutations(range(m))
    }


@pytest.fixture(scope="session")
def brute():
    """The functions of this file."""
    names = (by_first, claims, feasible, least, merged_depth, orbit, partitions, renamed, rows_of)
    return SimpleNamespace(**{one.__name__: one for one in names}, shortest=shortest, agrees=agrees)
