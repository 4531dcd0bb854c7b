"""The checker of specimens accepts what the definition accepts and nothing else."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.scaling import scale_for
from tellapart.theory.counterexamples.search import smallest_counterexamples
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.counterexamples.verify import verify_specimen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.losses.irreducible import irreducible_loss
from tellapart.theory.mdp import DeterministicMDP

MDPS = deterministic_mdps(max_observations=4, max_actions=2, max_labels=2)
KNOWN = {
    drop: [
        *smallest_counterexamples(drop).specimens,
        *smallest_counterexamples(drop, observations=3, actions=2, most=30).specimens,
    ]
    for drop in Hypothesis
}


def parts_of(specimen):
    """What the oracle takes, from the fields of a specimen."""
    world, data = specimen.world, specimen.data
    table = tuple(map(tuple, world.successors.tolist()))
    order = list(dict.fromkeys(specimen.shows))
    looks = tuple(order.index(look) for look in specimen.shows)
    triples = set(map(tuple, data.triples.tolist()))
    labels = [data.label_of(o) for o in range(data.n_obs)]
    shown = tuple(data.actions) == tuple(world.actions)
    return table, tuple(world.labels), labels, triples, shown, specimen.codes, looks


def is_true(brute, specimen):
    """The whole definition by brute force; the fields must be well formed."""
    table, labels, *rest = parts_of(specimen)
    groups = brute.claims(specimen.hypothesis, table, labels, *rest)
    names = specimen.world.observations
    x, y = names.index(specimen.x), names.index(specimen.y)
    if groups is None or groups[x] != groups[y]:
        return False
    p, q = x, y
    for action in specimen.word:
        a = specimen.world.actions.index(action)
        p, q = table[p][a], table[q][a]
    return labels[p] != labels[q] and brute.shortest(table, labels, x, y) == len(specimen.word)


@st.composite
def made_up(draw, brute):
    """Specimens drawn part by part, each part mostly as some hypothesis would have it."""
    drop = draw(st.sampled_from(list(Hypothesis)))
    mdp = draw(MDPS)
    n, m = mdp.n_obs, mdp.n_actions
    table = mdp.successors.tolist()
    world = DeterministicMDP(table, mdp.label_ids, [f"s{o}" for o in range(n)])
    triples = {(o, a, end) for o, row in enumerate(table) for a, end in enumerate(row)}
    kind = draw(st.sampled_from(["whole", "more", "fewer", "hidden", drop.value]))
    actions, labels = list(world.actions), list(world.labels)
    cell = st.integers(0, n - 1)
    if kind in ("more", "determinism"):
        triples |= draw(st.sets(st.tuples(cell, st.integers(0, m - 1), cell), max_size=2))
    elif kind in ("fewer", "full_coverage"):
        triples -= draw(st.sets(st.sampled_from(sorted(triples)), max_size=2))
    elif kind in ("hidden", "action_conditioning"):
        triples, actions = {(o, 0, end) for o, _, end in triples}, ["hidden"]
    if kind == "informative_label":
        labels = [0] * n
    looks = tuple(range(n))
    if kind == "markov_observation":
        looks = brute.by_first(draw(st.lists(cell, min_size=n, max_size=n)))
    codes = brute.by_first(draw(st.lists(cell, min_size=n, max_size=n)))
    if draw(st.booleans()):
        codes = brute.least(n, triples, looks)
    elif draw(st.booleans()):
        codes = brute.by_first(labels)
    rows = sorted(triples) or [(0, 0, 0)]
    data = TransitionData(rows, labels, world.observations, actions)
    x, y = draw(cell), draw(cell)
    found = bisimulation(world, method="numpy").distinguishing_word(f"s{x}", f"s{y}")
    wild = st.lists(st.integers(0, m - 1), max_size=2).map(tuple)
    word = found if found is not None and draw(st.integers(0, 5)) else draw(wild)
    shows = tuple(looks.index(look) for look in looks)
    return Specimen(drop, world, data, shows, codes, f"s{x}", f"s{y}", word)


@given(st.data())
def test_made_up_specimens_are_confirmed_exactly_when_they_are_true(brute, data):
    specimen = data.draw(made_up(brute))
    check = verify_specimen(specimen)
    event(f"true: {check.holds}")
    assert check.holds == is_true(brute, specimen), check.explain()
    assert check.holds == (check.failure is None)


@given(st.data())
def test_corrupted_specimens_are_confirmed_exactly_when_still_true(brute, data):
    """Known specimens with one part changed: nearly true, which is what a bug would give."""
    drop = data.draw(st.sampled_from(list(Hypothesis)))
    specimen = data.draw(st.sampled_from(KNOWN[drop]))
    n, m = specimen.n_observations, specimen.n_actions
    part = data.draw(st.sampled_from(["codes", "pair", "word", "world", "label", "rows", "drop"]))
    cell, action = st.integers(0, n - 1), st.integers(0, m - 1)
    world, seen = specimen.world, specimen.data
    if part == "codes":
        changed = brute.by_first(data.draw(st.lists(cell, min_size=n, max_size=n)))
        specimen = replace(specimen, codes=changed)
    elif part == "pair":
        names = st.sampled_from(world.observations)
        specimen = replace(specimen, x=data.draw(names), y=data.draw(names))
    elif part == "word":
        word = data.draw(st.lists(st.sampled_from(world.actions), max_size=2))
        specimen = replace(specimen, word=tuple(word))
    elif part == "drop":
        specimen = replace(specimen, hypothesis=data.draw(st.sampled_from(list(Hypothesis))))
    elif part == "rows":
        row = data.draw(st.tuples(cell, st.integers(0, seen.n_actions - 1), cell))
        rows = set(map(tuple, seen.triples.tolist())) ^ {row}
        if not rows:
            return
        seen = TransitionData(sorted(rows), _labels(seen), seen.observations, seen.actions)
        specimen = replace(specimen, data=seen)
    elif part == "label":
        labels = _labels(seen)
        labels[data.draw(cell)] = data.draw(st.integers(0, 1))
        seen = TransitionData(seen.triples, labels, seen.observations, seen.actions)
        specimen = replace(specimen, data=seen)
    else:
        table = world.successors.copy()
        table[data.draw(cell), data.draw(action)] = data.draw(cell)
        other = DeterministicMDP(table, world.labels, world.observations, world.actions)
        specimen = replace(specimen, world=other)
    check = verify_specimen(specimen)
    event(f"{part}: {check.holds}")
    assert check.holds == is_true(brute, specimen), (part, check.explain())


def _labels(data):
    return [data.label_of(o) for o in range(data.n_obs)]


def first(drop):
    return KNOWN[Hypothesis(drop)][0]


@pytest.mark.parametrize(
    ("drop", "changes", "reason"),
    [
        ("aux_loss", {"codes": (0, 1)}, "have the codes 0 and 1"),
        ("aux_loss", {"codes": (0,)}, "1 codes for 2 observations"),
        ("aux_loss", {"codes": (1, 1)}, "numbered by first appearance"),
        ("aux_loss", {"codes": (False, False)}, "numbered by first appearance"),
        ("aux_loss", {"word": ("a0",)}, "does not tell them apart"),
        ("aux_loss", {"word": ("jump",)}, "no action 'jump'"),
        ("aux_loss", {"x": "s7"}, "no observation 's7'"),
        ("aux_loss", {"shows": (0, 5)}, "shows must hold"),
        ("aux_loss", {"shows": (0, 0)}, "only markov_observation"),
        ("aux_loss", {"hypothesis": Hypothesis.DYNAMICS_LOSS}, "the auxiliary loss is not zero"),
        ("aux_loss", {"hypothesis": Hypothesis.FULL_COVERAGE}, "not all"),
        ("aux_loss", {"hypothesis": Hypothesis.DETERMINISM}, "some more"),
        ("aux_loss", {"hypothesis": Hypothesis.INFORMATIVE_LABEL}, "must be constant"),
        ("aux_loss", {"hypothesis": Hypothesis.MARKOV_OBSERVATION}, "do not look alike"),
        ("dynamics_loss", {"hypothesis": Hypothesis.AUX_LOSS}, "dynamics loss is not zero"),
        ("determinism", {"hypothesis": Hypothesis.AUX_LOSS}, "other rows"),
        ("action_conditioning", {"hypothesis": Hypothesis.DETERMINISM}, "name other actions"),
        ("markov_observation", {"shows": (1, 1)}, "first state that looks the same"),
    ],
)
def test_refusals_say_what_is_false(drop, changes, reason):
    check = verify_specimen(replace(first(drop), **changes))
    assert not check
    assert reason in check.failure
    assert check.explain() == f"The specimen is refused: {check.failure}"


def test_a_longer_word_than_needed_is_refused():
    world = DeterministicMDP([[1], [0]], [0, 1], ["s0", "s1"], ["a0"])
    specimen = replace(
        first("aux_loss"), world=world, data=TransitionData.from_mdp(world), word=("a0",)
    )
    assert "not a shortest one: 0 actions suffice" in verify_specimen(specimen).failure


def test_codes_finer_or_coarser_than_the_forced_merges_are_refused():
    specimen = next(one for one in KNOWN[Hypothesis.DETERMINISM] if one.n_observations == 3)
    check = verify_specimen(replace(specimen, codes=(0, 0, 1)))
    assert "not the classes (0, 0, 0)" in check.failure or "have the codes" in check.failure


def test_the_merged_pair_of_feasible_data_is_no_counterexample():
    """Two equal actions: hiding them loses nothing."""
    world = DeterministicMDP([[0, 0], [1, 1]], [0, 1], ["s0", "s1"], ["a0", "a1"])
    data = TransitionData([[0, 0, 0], [1, 0, 1]], [0, 1], ["s0", "s1"], ["hidden"])
    specimen = replace(first("action_conditioning"), world=world, data=data, codes=(0, 0))
    assert "some encoder reaches zero" in verify_specimen(specimen).failure


def test_something_else_is_refused():
    with pytest.raises(InvalidArgumentError, match="needs a Specimen, got dict"):
        verify_specimen({})
    with pytest.raises(InvalidArgumentError, match="needs a Specimen, got int"):
        scale_for(3, 1)


@given(st.fractions(min_value=Fraction(1, 10**30), max_value=10**6), st.integers(0, 5))
def test_scaled_codes_reach_any_loss(loss, which):
    specimen = smallest_exact_zero()[which]
    scale = scale_for(specimen, loss)
    latents = [[scale * (code == k) for k in range(specimen.n_codes)] for code in specimen.codes]
    found = irreducible_loss(specimen.data, latents)
    assert found.auxiliary == 0
    assert 0 < found.dynamics <= loss
    assert found.dynamics > loss * (1 - Fraction(1, 2**60))
    assert len(set(map(tuple, latents))) == specimen.n_codes


def smallest_exact_zero():
    return [one for one in KNOWN[Hypothesis.EXACT_ZERO] if one.n_actions == 1]


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (0, "above 0"),
        (Fraction(-1, 2), "above 0"),
        (0.1, "of type float"),
        (True, "of type bool"),
        ("small", "no number"),
        ("1/0", "no number"),
    ],
)
def test_bad_losses_are_refused(loss, reason):
    with pytest.raises(InvalidArgumentError, match=reason):
        scale_for(first("exact_zero"), loss)


def test_only_codes_with_zero_auxiliary_loss_can_be_scaled():
    with pytest.raises(InvalidArgumentError, match="Scaling latents changes the dynamics loss"):
        scale_for(first("aux_loss"), 1)
    assert scale_for(first("exact_zero"), "1/3") == 1
