"""Gallery MDPs against an independent refinement loop, and lookup by name."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import (
    blow_up,
    combination_lock,
    counting_chain,
    cycle,
    de_bruijn,
    gallery,
    gallery_mdp,
    grid,
    hopcroft_ullman,
    pick,
    random_mdp,
    redundant_pick,
    shift_register,
    tree,
)


def blocks_by_depth(mdp):
    """|B_0|, |B_1|, ... from traces of all words: slow, and unrelated to refinement by rounds."""
    counts = []
    for k in range(mdp.n_obs + 1):
        words = list(itertools.product(range(mdp.n_actions), repeat=k))
        counts.append(len({tuple(mdp.label_trace(o, w) for w in words) for o in range(mdp.n_obs)}))
        if len(counts) > 1 and counts[-1] == counts[-2]:
            return counts[:-1]
    return counts


def blocks(mdp):
    """B* as a set of frozensets of names, by splitting until stable."""
    ids = list(mdp.label_ids.tolist())
    while True:
        rows = mdp.successors.tolist()
        signatures = [(ids[o], *(ids[t] for t in row)) for o, row in enumerate(rows)]
        numbers = {signature: n for n, signature in enumerate(dict.fromkeys(signatures))}
        if len(numbers) == len(set(ids)):
            break
        ids = [numbers[signature] for signature in signatures]
    return {
        frozenset(name for name, i in zip(mdp.observations, ids, strict=True) if i == block)
        for block in set(ids)
    }


@pytest.mark.parametrize("entry", gallery(), ids=lambda entry: entry.name)
def test_known_answers(entry):
    mdp = entry.build()
    counts = blocks_by_depth(mdp)
    assert (mdp.n_obs, counts[-1], len(counts) - 1) == (entry.n_obs, entry.n_blocks, entry.depth)
    assert entry.name in entry.explain()


def test_counting_chain_of_the_paper():
    mdp = counting_chain()
    assert blocks_by_depth(mdp) == [2, 4, 6, 8, 9]
    assert mdp.labels == (0, 0, 0, 0, 1, 0, 0, 0, 0)
    dense = [1 - abs(c - 4) / 8 + (c == 4) for c in range(9)]
    assert blocks_by_depth(mdp.with_labels(dense)) == [5, 9]
    assert blocks_by_depth(mdp.with_labels([0] * 9)) == [1]


@pytest.mark.parametrize("n", [1, 3, 5, 7])
def test_counting_chain_sizes(n):
    counts = blocks_by_depth(counting_chain(n))
    assert (counts[-1], len(counts) - 1) == (n, (n - 1) // 2)


@pytest.mark.parametrize("n", range(1, 7))
def test_cycle_and_lock_sizes(n):
    counts = blocks_by_depth(cycle(n))
    assert (counts[-1], len(counts) - 1) == (n, max(0, n - 2))
    counts = blocks_by_depth(combination_lock(n))
    assert (counts[-1], len(counts) - 1) == (n + 1, n - 1)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_every_combination_has_the_same_answers(combination):
    n = len(combination)
    counts = blocks_by_depth(combination_lock(n, combination))
    assert (counts[-1], len(counts) - 1) == (n + 1, n - 1)


@pytest.mark.parametrize("k", range(1, 5))
def test_shift_registers_and_de_bruijn_cycles(k):
    for mdp in (shift_register(k), de_bruijn(k)):
        counts = blocks_by_depth(mdp)
        assert counts == [2 ** (i + 1) for i in range(k)]
    bits = de_bruijn(k).labels * 2
    windows = {bits[i : i + k] for i in range(2**k)}
    assert len(windows) == 2**k


@pytest.mark.parametrize("depth", range(4))
def test_trees_have_one_block_for_each_level(depth):
    counts = blocks_by_depth(tree(depth))
    assert (counts[-1], len(counts) - 1) == (depth + 1, max(0, depth - 1))
    levels = {frozenset(n for n in tree(depth).observations if level(n) == k)
              for k in range(depth + 1)}  # fmt: skip
    assert blocks(tree(depth)) == levels


def level(name):
    return 0 if name == "root" else len(name)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 4), (2, 3), (4, 4)])
def test_grids_have_trivial_quotients(rows, columns):
    mdp = grid(rows, columns)
    assert len(blocks(mdp)) == rows * columns
    assert mdp.observations[-1] == (rows - 1, columns - 1)
    right = mdp.action_index("right")
    assert mdp.run(0, [right] * columns) == columns - 1


def test_published_blocks():
    assert {"".join(sorted(block)) for block in blocks(hopcroft_ullman())} == {
        "AE", "BH", "C", "DF", "G"
    }  # fmt: skip
    assert len(blocks(pick())) == 5
    assert blocks(redundant_pick()) == {
        *(frozenset({f"puck at {p}", f"puck at {p}, again"}) for p in range(1, 5)),
        frozenset({"picked"}),
    }


@given(deterministic_mdps(max_observations=4), st.integers(1, 3), st.integers(0, 9))
def test_blow_ups_keep_blocks_and_depth(mdp, copies, seed):
    blown = blow_up(mdp, copies, seed)
    assert blown == blow_up(mdp, copies, seed)
    assert blown.n_obs == copies * mdp.n_obs
    expected = {frozenset((o, c) for o in block for c in range(copies)) for block in blocks(mdp)}
    assert blocks(blown) == expected
    assert blocks_by_depth(blown) == blocks_by_depth(mdp)


def test_random_mdps_depend_on_the_seed_only():
    assert random_mdp(20, 3, 2, 5) == random_mdp(20, 3, 2, 5)
    assert random_mdp(20, 3, 2, 5) != random_mdp(20, 3, 2, 6)
    assert (random_mdp(20, 3).n_obs, random_mdp(20, 3).n_actions) == (20, 3)


def test_names_with_sizes():
    assert gallery_mdp("counting-5") == counting_chain(5)
    assert gallery_mdp("grid-2x5") == grid(2, 5)
    assert gallery_mdp("blow-up:blow-up:pick:2:3") == blow_up(blow_up(pick(), 2), 3)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("countng-9", "Did you mean 'counting-9'"),
        ("counting", "Did you mean 'counting-"),
        ("zzz", "There is no gallery MDP named 'zzz'. Names: counting-N, pick"),
        ("counting-0", "n is 0"),
        ("grid-0x3", "rows is 0"),
        ("blow-up:pick:0", "copies is 0"),
        ("blow-up:nothing:2", "named 'nothing'"),
        ("counting-99999999999999999999999999", "the bound is 10000000"),
        ("shift-register-9999999", "the bound is 10000000"),
        ("tree-60", "the bound is 10000000"),
        ("blow-up:counting-9:9999999", "the bound is 10000000"),
        ("counting-\u0669", "There is no gallery MDP"),
    ],
)
def test_names_that_cannot_be_built_are_refused(name, message):
    with pytest.raises(InvalidArgumentError, match=message):
        gallery_mdp(name)


@pytest.mark.parametrize(
    "build",
    [
        lambda: counting_chain(3, 3),
        lambda: combination_lock(2, [0]),
        lambda: combination_lock(1, [-1]),
        lambda: random_mdp(seed=-1),
        lambda: random_mdp(0),
    ],
)
def test_parameters_out_of_range_are_refused(build):
    with pytest.raises(InvalidArgumentError, match=r"must be|give"):
        build()
