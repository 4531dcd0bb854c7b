"""The minimum of each hypothesis: complete, up to renaming, and nothing smaller, by brute force."""

from itertools import combinations, permutations, product
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples import asked, deciding
from tellapart.theory.counterexamples.minimum import Minimum
from tellapart.theory.counterexamples.relations import closed, pair_depths
from tellapart.theory.counterexamples.search import smallest_counterexamples
from tellapart.theory.counterexamples.tables import dynamics_up_to_renaming, groupings
from tellapart.theory.counterexamples.verify import verify_specimen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.forced import forced_merges

#: Observations, actions, codes, label values, extra, and counterexamples up to renaming.
KNOWN = {
    "aux_loss": (2, 1, 1, 2, 0, 3),
    "dynamics_loss": (3, 1, 2, 2, 0, 6),
    "joint_training": (2, 1, 1, 2, 0, 3),
    "determinism": (2, 1, 1, 2, 1, 4),
    "full_coverage": (3, 1, 2, 2, 1, 12),
    "action_conditioning": (2, 2, 1, 2, 0, 4),
    "exact_zero": (3, 1, 2, 2, 0, 6),
    "markov_observation": (2, 1, 1, 2, 1, 3),
    "informative_label": (2, 1, 1, 2, 0, 3),
}


def raw_counterexamples(brute, drop, n, m, most_labels=2, min_depth=0):
    """Every structure of a size that satisfies the definition, with its codes, labels and extra.

    Added and missing rows: of any number. All names are fixed; nothing is left out by symmetry.
    """
    identity = tuple(range(n))
    for flat in product(range(n), repeat=n * m):
        table = tuple(tuple(flat[o * m : (o + 1) * m]) for o in range(n))
        world = brute.rows_of(table)
        for labels in brute.partitions(n):
            if max(labels) + 1 > most_labels or max(labels) == 0:
                continue
            for triples, shown, looks, rows in _extras(brute, drop, table, world, identity):
                data_labels = (0,) * n if drop == "informative_label" else labels
                derived = drop in ("determinism", "action_conditioning", "markov_observation")
                every = [brute.least(n, triples, looks)] if derived else brute.partitions(n)
                for codes in every:
                    groups = brute.claims(
                        drop, table, labels, data_labels, triples, shown, codes, looks
                    )
                    if groups is None:
                        continue
                    depth = brute.merged_depth(table, labels, groups)
                    if depth is not None and depth >= min_depth:
                        yield table, labels, codes, looks, frozenset(rows)


def _extras(brute, drop, table, world, identity):
    """Data, whether they show actions, looks, and the rows that changed."""
    n, m = len(table), len(table[0])
    if drop == "full_coverage":
        for size in range(1, n * m + 1):
            for gone in combinations(sorted(world), size):
                yield world - set(gone), True, identity, [row[:2] for row in gone]
    elif drop == "determinism":
        free = sorted(set(product(range(n), range(m), range(n))) - world)
        for size in range(1, len(free) + 1):
            for more in combinations(free, size):
                yield world | set(more), True, identity, more
    elif drop == "action_conditioning":
        yield {(o, 0, end) for o, _, end in world}, False, identity, ()
    elif drop == "markov_observation":
        for looks in brute.partitions(n):
            if looks != identity:
                yield world, True, looks, ()
    else:
        yield world, True, identity, ()


def size_of(structure):
    """Codes, label values and extra, in the order that sizes are compared in."""
    _, labels, codes, looks, rows = structure
    return max(codes) + 1, max(labels) + 1, len(rows) + len(looks) - len(set(looks))


def structure_of(specimen):
    """The structure of a specimen, from its public fields."""
    world, data = specimen.world, specimen.data
    table = tuple(map(tuple, world.successors.tolist()))
    rows = {(o, a, end) for o, row in enumerate(table) for a, end in enumerate(row)}
    seen = set(map(tuple, data.triples.tolist()))
    changed = frozenset()
    if data.n_actions == world.n_actions:
        changed = frozenset(seen - rows) | {row[:2] for row in rows - seen}
    order = list(dict.fromkeys(specimen.shows))
    looks = tuple(order.index(look) for look in specimen.shows)
    return table, tuple(world.label_ids.tolist()), specimen.codes, looks, changed


def assert_complete(brute, minimum, raw):
    """The orbits of the specimens are disjoint and make up exactly what brute force has."""
    orbits = [brute.orbit(structure_of(specimen)) for specimen in minimum.specimens]
    assert sum(map(len, orbits)) == len(set().union(*orbits)), "two specimens are renamings"
    assert set().union(*orbits) == raw
    assert minimum.n_specimens == len(orbits) == burnside(brute, raw)


def burnside(brute, raw):
    """The number of orbits by counting fixed points: no canonical forms, no orbits."""
    n, m = len(next(iter(raw))[0]), len(next(iter(raw))[0][0])
    fixed = sum(
        brute.renamed(structure, s, t) == structure
        for s in permutations(range(n))
        for t in permutations(range(m))
        for structure in raw
    )
    assert fixed % (factorial(n) * factorial(m)) == 0
    return fixed // (factorial(n) * factorial(m))


@pytest.mark.parametrize("drop", KNOWN)
def test_the_minimum_is_known(drop):
    found = smallest_counterexamples(drop)
    size = (found.n_observations, found.n_actions, found.n_codes, found.n_labels, found.n_extra)
    assert (*size, found.n_specimens) == KNOWN[drop]
    assert found.counted
    assert len(found.specimens) == found.n_specimens


@pytest.mark.parametrize("drop", KNOWN)
def test_the_minimum_is_complete_and_nothing_is_smaller(brute, drop):
    found = smallest_counterexamples(drop)
    n, m = found.n_observations, found.n_actions
    examined = [(size.n_observations, size.n_actions) for size in found.sizes]
    assert examined == [(p, q) for p in range(1, n + 1) for q in (1, 2) if (p, q) <= (n, m)]
    for smaller in examined[:-1]:
        assert not list(raw_counterexamples(brute, drop, *smaller))
    raw = set(raw_counterexamples(brute, drop, n, m))
    least = min(map(size_of, raw))
    assert least == (found.n_codes, found.n_labels, found.n_extra)
    assert_complete(brute, found, {one for one in raw if size_of(one) == least})


@pytest.mark.parametrize(
    ("drop", "n", "m"),
    [
        *((drop, 3, 1) for drop in KNOWN if drop != "action_conditioning"),
        ("aux_loss", 3, 2),
        ("dynamics_loss", 3, 2),
        ("action_conditioning", 2, 3),
    ],
)
def test_every_size_is_counted_as_by_brute_force(brute, drop, n, m):
    """Sizes above the minimum too, where more tables have symmetries."""
    found = smallest_counterexamples(drop, observations=n, actions=m)
    raw = set(raw_counterexamples(brute, drop, n, m))
    least = min(map(size_of, raw))
    best = {one for one in raw if size_of(one) == least}
    if drop == "joint_training":
        best = {one for one in best if size_of(one)[0] == found.n_codes}
    if drop == "markov_observation":
        # Its two ways are counted apart; together they are all.
        ways = [one for one in (found, *found.others) if one.found and _size(one) == least]
        specimens = tuple(specimen for way in ways for specimen in way.specimens)
        orbits = [brute.orbit(structure_of(specimen)) for specimen in specimens]
        assert sum(map(len, orbits)) == len(set().union(*orbits))
        assert set().union(*orbits) == best
        assert len(orbits) == burnside(brute, best)
    else:
        assert_complete(brute, found, best)


def _size(minimum):
    return minimum.n_codes, minimum.n_labels, minimum.n_extra


@pytest.mark.parametrize("drop", ["dynamics_loss", "informative_label"])
def test_deep_pairs_are_counted_as_by_brute_force(brute, drop):
    found = smallest_counterexamples(drop, min_depth=2, max_actions=1)
    assert (found.n_observations, found.n_actions) == (4, 1)
    raw = set(raw_counterexamples(brute, drop, 4, 1, min_depth=2))
    least = min(map(size_of, raw))
    assert_complete(brute, found, {one for one in raw if size_of(one) == least})
    assert all(len(specimen.word) >= 2 for specimen in found.specimens)
    assert not list(raw_counterexamples(brute, drop, 3, 1, min_depth=2))


@pytest.mark.parametrize("drop", list(Hypothesis))
@pytest.mark.parametrize("options", [{}, {"min_depth": 2}, {"observations": 3, "actions": 2}])
def test_every_specimen_is_confirmed_independently(drop, options):
    found = smallest_counterexamples(drop, most=40, **options)
    for minimum in (found, *found.others):
        assert minimum.found
        for specimen in minimum.specimens:
            check = verify_specimen(specimen)
            assert check, check.failure


@pytest.mark.parametrize("drop", list(Hypothesis))
def test_losses_are_what_the_hypothesis_leaves(drop):
    for specimen in smallest_counterexamples(drop).specimens:
        losses = specimen.losses
        assert losses.is_exact
        if drop in (Hypothesis.FULL_COVERAGE, Hypothesis.INFORMATIVE_LABEL):
            assert losses.is_zero
        else:
            assert losses.dynamics + losses.auxiliary > 0
            assert losses.dynamics == 0 or losses.auxiliary == 0


def test_joint_training_has_two_ways():
    found = smallest_counterexamples("joint_training")
    (other,) = found.others
    assert (found.n_observations, found.n_specimens) == (2, 3)
    assert (other.n_observations, other.n_codes, other.n_specimens) == (3, 2, 6)
    assert all(one.losses.dynamics == 0 < one.losses.auxiliary for one in found.specimens)
    assert all(one.losses.auxiliary == 0 < one.losses.dynamics for one in other.specimens)
    assert "The other way" in found.explain()


def test_hidden_states_contradict_labels_or_only_successors():
    found = smallest_counterexamples("markov_observation")
    (other,) = found.others
    assert all(one.word == () for one in found.specimens)
    assert (other.n_observations, other.n_codes, other.n_specimens) == (3, 1, 6)
    assert all(len(one.word) == 1 for one in other.specimens)


@pytest.mark.parametrize(
    ("n", "m"), [(1, 1), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (4, 1)]
)
def test_dynamics_up_to_renaming_are_counted_by_fixed_points(n, m):
    fixed = 0
    for s in permutations(range(n)):
        for t in permutations(range(m)):
            for flat in product(range(n), repeat=n * m):
                fixed += all(
                    flat[s[o] * m + t[a]] == s[flat[o * m + a]] for o in range(n) for a in range(m)
                )
    assert len(dynamics_up_to_renaming(n, m).tables) * factorial(n) * factorial(m) == fixed


def test_functional_graphs_are_counted_as_in_the_literature():
    """OEIS A001372: mappings from n points to themselves up to renaming."""
    assert [len(dynamics_up_to_renaming(n, 1).tables) for n in range(1, 7)] == [
        1, 3, 7, 19, 47, 130,
    ]  # fmt: skip


def test_groupings_are_counted_by_bell_and_stirling_numbers():
    assert [len(list(groupings(n))) for n in range(1, 7)] == [1, 2, 5, 15, 52, 203]
    assert [len(list(groupings(5, k))) for k in range(1, 6)] == [1, 15, 25, 10, 1]


@given(st.integers(1, 5), st.integers(1, 3), st.data())
def test_depths_and_closures_agree_with_the_library(n, m, data):
    count = data.draw(st.integers(1, 3))
    cell = st.integers(0, n - 1)
    flat = data.draw(st.lists(cell, min_size=count * n * m, max_size=count * n * m))
    tables = np.array(flat, dtype=np.int8).reshape(count, n, m)
    labels = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    depths = pair_depths(tables, labels)
    together = [[(o, tables[:, o, a]) for o in range(n) for a in range(m)]]
    start = np.broadcast_to(np.arange(n, dtype=np.int8), (count, n))
    classes = closed(together, start)
    for index, table in enumerate(tables.tolist()):
        found = bisimulation(DeterministicMDP(table, labels), method="numpy")
        for x, y in product(range(n), repeat=2):
            word = found.distinguishing_word(x, y)
            assert depths[index, x, y] == (-1 if word is None else len(word))
        triples = [(o, 0, end) for o in range(n) for end in table[o]]
        names = range(n)
        forced = forced_merges(TransitionData(triples, None, names), method="reference")
        assert [forced.blocks[block][0] for block in forced.ids] == classes[index].tolist()


def test_the_same_search_gives_the_same_bytes_and_loads_back():
    for drop in Hypothesis:
        found = smallest_counterexamples(drop)
        text = found.to_json()
        assert smallest_counterexamples(drop.value.replace("_", "-")).to_json() == text
        assert Minimum.from_json(text) == found
        assert Minimum.from_json(text).to_json() == text


def test_nothing_in_the_bounds_is_said_not_raised():
    found = smallest_counterexamples("dynamics_loss", max_observations=2)
    assert not found.found
    assert found.specimens == ()
    assert [(size.n_observations, size.n_actions) for size in found.sizes] == [
        (1, 1), (1, 2), (2, 1), (2, 2),
    ]  # fmt: skip
    assert "No counterexample in the bounds" in found.explain()
    with pytest.raises(InvalidArgumentError, match="it has no size"):
        _ = found.n_codes


def test_hiding_actions_needs_two_of_them():
    assert not smallest_counterexamples("action_conditioning", max_actions=1).found


def test_the_list_can_be_cut_but_the_count_is_whole():
    whole = smallest_counterexamples("full_coverage")
    cut = smallest_counterexamples("full_coverage", most=2)
    assert cut.specimens == whole.specimens[:2]
    assert cut.n_specimens == whole.n_specimens == 12
    assert "and 10 more" in cut.explain()


def test_the_number_of_codes_can_be_asked_for():
    found = smallest_counterexamples("aux_loss", observations=3, actions=1, codes=2)
    assert found.n_codes == 2
    assert smallest_counterexamples("aux_loss", observations=3, actions=1).n_codes == 1


def test_progress_names_each_size():
    lines = []
    smallest_counterexamples("dynamics_loss", progress=lines.append)
    assert [line.split(":")[0] for line in lines] == [
        "1 observations, 1 actions",
        "1 observations, 2 actions",
        "2 observations, 1 actions",
        "2 observations, 2 actions",
        "3 observations, 1 actions",
    ]


def test_explain_is_a_table_with_its_proof():
    text = smallest_counterexamples("aux_loss").explain()
    assert "Smallest: 2 observations, 1 action, 1 code, 2 label values; 3 up to renaming." in text
    assert "every candidate was examined" in text
    assert len([line for line in text.splitlines() if line.startswith("s")]) == 3


@pytest.mark.parametrize(
    ("options", "culprit"),
    [
        ({"max_observations": 0}, "max_observations is 0"),
        ({"observations": True}, "observations is True"),
        ({"actions": 1.5}, "actions is 1.5"),
        ({"codes": 0}, "codes is 0"),
        ({"max_labels": "2"}, "max_labels is '2'"),
        ({"min_depth": -1}, "min_depth is -1"),
        ({"most": 0}, "most is 0"),
    ],
)
def test_bad_numbers_are_refused(options, culprit):
    with pytest.raises(InvalidArgumentError, match=culprit):
        smallest_counterexamples("aux_loss", **options)


def test_unknown_hypotheses_and_sizes_too_large_are_refused(monkeypatch):
    with pytest.raises(InvalidArgumentError, match="no hypothesis named 'luck'"):
        smallest_counterexamples("luck")
    with pytest.raises(InvalidArgumentError, match="method is 'guess'; it must be one of 'auto'"):
        smallest_counterexamples("aux_loss", method="guess")
    with pytest.raises(BudgetExceededError, match="tables of 8 observations"):
        smallest_counterexamples("aux_loss", observations=8, actions=1, method="enumeration")
    with pytest.raises(BudgetExceededError, match="at most 24 are given to the SAT solver"):
        smallest_counterexamples("aux_loss", observations=9, actions=3)
    monkeypatch.setattr(deciding, "MOST_CANDIDATES", 10)
    with pytest.raises(BudgetExceededError, match="More than 10 candidates"):
        smallest_counterexamples("dynamics_loss")


def test_without_python_sat_large_sizes_are_refused_with_the_fix(monkeypatch):
    monkeypatch.setattr(asked, "has_sat", lambda: False)
    monkeypatch.setattr(deciding, "has_sat", lambda: False)
    with pytest.raises(InvalidArgumentError, match=r"Install tellapart\[formal\]"):
        smallest_counterexamples("aux_loss", method="sat")
    with pytest.raises(BudgetExceededError, match=r"install tellapart\[formal\]"):
        smallest_counterexamples("aux_loss", observations=9, actions=1)
    assert smallest_counterexamples("aux_loss").n_specimens == 3


def test_an_exact_number_of_codes_is_not_said_to_be_the_fewest():
    text = smallest_counterexamples("aux_loss", observations=3, actions=1, codes=2).explain()
    assert "This size has none with fewer label values:" in text
    assert "fewer codes" not in text
