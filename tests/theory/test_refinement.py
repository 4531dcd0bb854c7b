"""The three engines: one history, down to the block ids, whatever the phases."""

import importlib.util
import subprocess
import sys

import numba
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain, de_bruijn, random_mdp
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.refinement import bulk_kernels, engines
from tellapart.theory.refinement import log as run_log
from tellapart.theory.refinement.compiled import is_warm, refine_compiled
from tellapart.theory.refinement.log_kernels import moves_by_observation
from tellapart.theory.refinement.reference import refine_reference, signature_rounds
from tellapart.theory.refinement.vectorised import refine_numpy

MDPS = deterministic_mdps(max_observations=40, max_actions=3, max_labels=3)
#: inf: incremental rounds from the start; 0: bulk rounds only; 2: what users get.
GROWTHS = (2.0, float("inf"), 0.0)


def _assert_same_history(found, expected):
    assert found is not None
    assert found.ids.tolist() == expected.ids.tolist()
    assert found.block_counts.tolist() == expected.block_counts.tolist()
    for k in range(expected.depth + 1):
        assert Partition(found.ids_at(k)) == Partition(expected.ids_at(k))
    assert found.pair_counts() == expected.pair_counts()


@given(MDPS)
def test_every_engine_gives_the_history_of_the_reference_in_every_phase(mdp):
    expected = refine_reference(mdp.successors, mdp.label_ids)
    for growth in GROWTHS:
        for engine in (refine_numpy, refine_compiled):
            found = engine(mdp.successors, mdp.label_ids, growth=growth)
            _assert_same_history(found, expected)
            assert len(found.parents) == found.block_counts[-1]


@given(MDPS)
@example(counting_chain(9))
def test_reference_is_the_definition(mdp):
    """B_0 and the step from B_k to B_{k+1}, pair by pair, straight from D3."""
    history = signature_rounds(mdp.successors.tolist(), mdp.label_ids.tolist())
    pairs = [(x, y) for x in range(mdp.n_obs) for y in range(x)]
    labels, table = mdp.labels, mdp.successors.tolist()
    for x, y in pairs:
        assert (history[0][x] == history[0][y]) == (labels[x] == labels[y])
    for before, after in zip(history, [*history[1:], history[-1]], strict=True):
        for x, y in pairs:
            step = labels[x] == labels[y] and all(
                before[p] == before[q] for p, q in zip(table[x], table[y], strict=True)
            )
            assert (after[x] == after[y]) == step
    assert len({len(set(ids)) for ids in history}) == len(history)


@given(MDPS, st.data())
def test_the_log_answers_for_every_observation_and_round(mdp, data):
    growth = data.draw(st.sampled_from(GROWTHS))
    found = refine_compiled(mdp.successors, mdp.label_ids, growth=growth)
    tables = [found.ids_at(k).tolist() for k in range(found.depth + 1)]
    for k, ids in enumerate(tables):
        assert [found.id_at(o, k) for o in range(mdp.n_obs)] == ids
    x, y = (data.draw(st.integers(0, mdp.n_obs - 1)) for _ in range(2))
    differs = [k for k, ids in enumerate(tables) if ids[x] != ids[y]]
    assert found.first_difference(x, y) == (differs[0] if differs else None)


@given(MDPS)
def test_no_observation_moves_more_than_log_n_times(mdp):
    for engine in (refine_numpy, refine_compiled):
        found = engine(mdp.successors, mdp.label_ids, growth=float("inf"))
        most = np.bincount(found.moved, minlength=mdp.n_obs).max()
        assert 2**most <= mdp.n_obs


@pytest.mark.parametrize(
    "mdp",
    [
        counting_chain(301),
        blow_up(counting_chain(41), copies=20, seed=1),
        blow_up(random_mdp(n=60, seed=3), copies=20, seed=2),
        de_bruijn(8),
        random_mdp(n=3000, actions=3, labels=2, seed=4),
    ],
    ids=["chain", "blown-up chain", "blown-up random", "de Bruijn", "random"],
)
def test_engines_agree_on_deep_and_redundant_families(mdp):
    expected = refine_reference(mdp.successors, mdp.label_ids)
    for engine in (refine_numpy, refine_compiled):
        _assert_same_history(engine(mdp.successors, mdp.label_ids), expected)


def test_a_log_that_outgrows_its_room_is_copied():
    """In a de Bruijn cycle most blocks halve in every round: more moves than observations."""
    n = 256
    mdp = de_bruijn(8)
    found = refine_compiled(mdp.successors, mdp.label_ids, growth=float("inf"))
    assert len(found.moved) > n
    _assert_same_history(found, refine_reference(mdp.successors, mdp.label_ids))


def test_numpy_gives_up_after_the_rounds_it_may_take():
    chain = counting_chain(101)
    assert refine_numpy(chain.successors, chain.label_ids, max_rounds=10) is None
    assert refine_numpy(chain.successors, chain.label_ids, max_rounds=50) is not None


def test_auto_prefers_numpy_when_small_and_cold_and_compiled_when_deep(monkeypatch):
    small, deep = counting_chain(9), counting_chain(41)
    monkeypatch.setattr(engines, "_is_warm", lambda: False)
    assert engines.refine(small.successors, small.label_ids)[1] == "numpy"
    monkeypatch.setattr(engines, "SMALL_ROUNDS", 5)
    assert engines.refine(deep.successors, deep.label_ids)[1] == "compiled"
    monkeypatch.setattr(engines, "SMALL_ROUNDS", 500)
    monkeypatch.setattr(engines, "SMALL", 10)
    assert engines.refine(deep.successors, deep.label_ids)[1] == "compiled"


def test_auto_is_compiled_once_the_kernels_are_warm():
    chain = counting_chain(9)
    refine_compiled(chain.successors, chain.label_ids)
    assert is_warm()
    assert engines.refine(chain.successors, chain.label_ids)[1] == "compiled"


def test_without_numba_numpy_does_it_and_compiled_says_what_to_do(monkeypatch):
    chain = counting_chain(9)
    found_by = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "numba" else found_by(name)
    )
    found, engine = engines.refine(chain.successors, chain.label_ids)
    assert (engine, found.depth) == ("numpy", 4)
    with pytest.raises(InvalidArgumentError, match=r"needs numba.*method='numpy'"):
        engines.refine(chain.successors, chain.label_ids, "compiled")


def test_kernels_compile_without_a_cache_where_nothing_is_writable(monkeypatch):
    real = numba.njit

    def without_locator(*args, **options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'f': no locator available for file 'f.py'")
        return real(*args, **options)

    monkeypatch.setattr(numba, "njit", without_locator)
    assert bulk_kernels.jit(lambda x: x + 1)(2) == 3


def test_importing_the_theory_loads_neither_numba_nor_torch():
    code = (
        "import sys, tellapart.theory, tellapart.theory.bisimulation; "
        "print([m for m in ('numba', 'torch', 'networkx', 'gymnasium') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_writable_and_read_only_tables_share_one_compiled_kernel():
    table, labels = np.array([[1], [2], [2]], dtype=np.int32), np.array([0, 0, 1], dtype=np.int32)
    kernels = (bulk_kernels.direct_round, bulk_kernels.grouped_round)
    frozen = DeterministicMDP(table, labels)
    refine_compiled(frozen.successors, frozen.label_ids)
    before = [len(kernel.signatures) for kernel in kernels]
    assert refine_compiled(table, labels).ids.tolist() == [0, 1, 2]
    assert [len(kernel.signatures) for kernel in kernels] == before


def _one_round(mdp, ids, expected):
    """Refine ``ids`` by the grouped kernel; None chooses the direct one."""
    n, n_actions = mdp.successors.shape
    n_ids = int(ids.max()) + 1
    if expected is None:
        table = np.empty(n_ids ** (n_actions + 1), dtype=np.int32)
        return bulk_kernels.direct_round(
            mdp.successors, ids.astype(np.uint16), n_ids, table
        )  # fmt: skip
    table = np.empty(4 * n + 4, dtype=np.int32)
    firsts = np.empty((n, n_actions), dtype=np.int32)
    records = np.empty((2, n + 1, n_actions + 3), dtype=np.int32)
    return bulk_kernels.grouped_round(mdp.successors, ids, n_ids, expected, table, firsts, *records)


@given(MDPS, st.sampled_from([0, 10**9]))
def test_both_bulk_kernels_number_parts_alike(mdp, expected):
    """The first part that is met keeps the id of its block, the others are numbered in order."""
    ids, count = _one_round(mdp, mdp.label_ids, None)
    grouped, grouped_count = _one_round(mdp, mdp.label_ids, expected)
    assert grouped.tolist() == ids.tolist()
    assert grouped_count == count == len(set(ids.tolist()))
    kept = set()
    for before, after in zip(mdp.label_ids.tolist(), ids.tolist(), strict=True):
        assert before in kept or after == before
        kept.add(before)


def test_buckets_of_the_grouped_kernel_lose_nothing():
    """More signatures than one bucket takes, one by one against a dictionary."""
    mdp = random_mdp(n=20_000, actions=3, labels=40, seed=9)
    ids = mdp.label_ids
    signatures = [(b, *row) for b, row in zip(ids, ids[mdp.successors].tolist(), strict=True)]
    numbers = {}
    expected = [numbers.setdefault(signature, len(numbers)) for signature in signatures]
    for guess in (0, 10**9):
        found, count = _one_round(mdp, ids, guess)
        assert Partition(found) == Partition(expected)
        assert count == len(numbers)


@given(MDPS)
def test_bulk_rounds_are_few_even_when_they_are_slow(mdp):
    found = refine_compiled(mdp.successors, mdp.label_ids)
    assert 2 ** (len(found.snapshots) - 1) <= max(mdp.n_obs, 1)


@given(MDPS)
def test_the_log_is_sorted_alike_with_and_without_the_compiled_kernel(mdp):
    found = refine_compiled(mdp.successors, mdp.label_ids, growth=float("inf"))
    log = (found.moved, found.moved_to, found.offsets)
    assert len(found.moved) < run_log._LONG_LOG
    starts, rounds, targets = found._moves_by_observation
    compiled = moves_by_observation(*log, mdp.n_obs, found.last_snapshot + 1)
    assert [part.tolist() for part in compiled] == [
        starts.tolist(), rounds.tolist(), targets.tolist()
    ]  # fmt: skip


def test_a_long_log_is_sorted_by_the_kernel_and_answers_alike(monkeypatch):
    mdp = de_bruijn(8)
    found = refine_compiled(mdp.successors, mdp.label_ids, growth=float("inf"))
    expected = [found.first_difference(0, o) for o in range(256)]
    monkeypatch.setattr(run_log, "_LONG_LOG", 0)
    again = refine_compiled(mdp.successors, mdp.label_ids, growth=float("inf"))
    assert [again.first_difference(0, o) for o in range(256)] == expected
