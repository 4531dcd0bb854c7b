"""The SAT search finds what enumeration finds, and nothing where there is nothing."""

from itertools import product

import pytest

from tellapart.theory.counterexamples import deciding
from tellapart.theory.counterexamples.building import build_specimen
from tellapart.theory.counterexamples.places import place_of
from tellapart.theory.counterexamples.rules import RULES
from tellapart.theory.counterexamples.sat_search import SatSize, find_one
from tellapart.theory.counterexamples.search import smallest_counterexamples
from tellapart.theory.counterexamples.tables import dynamics_up_to_renaming, groupings
from tellapart.theory.counterexamples.verify import verify_specimen
from tellapart.theory.hypotheses import Hypothesis


def shape(minimum):
    """The size of a minimum, and of those of the other ways."""
    every = sorted((minimum, *minimum.others), key=lambda one: one.variant)
    return [
        (one.n_observations, one.n_actions, one.n_codes, one.n_labels, one.n_extra)
        if one.found
        else None
        for one in every
    ]


@pytest.mark.parametrize("drop", list(Hypothesis))
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_observations": 2},
        {"min_depth": 1},
        {"min_depth": 2, "max_actions": 1},
        {"observations": 3, "max_actions": 1, "codes": 2},
        {"observations": 3, "max_actions": 1, "codes": 3},
        {"observations": 3, "actions": 1, "max_labels": 3, "codes": 1},
        {"observations": 4, "actions": 1, "codes": 3},
    ],
)
def test_both_methods_find_the_same_sizes(drop, options):
    counted = smallest_counterexamples(drop, method="enumeration", most=1, **options)
    solved = smallest_counterexamples(drop, method="sat", **options)
    assert shape(solved) == shape(counted)
    for minimum in (solved, *solved.others):
        assert all(size.n_dynamics == size.n_examined == 0 for size in minimum.sizes)
        for specimen in minimum.specimens:
            assert not minimum.counted
            assert verify_specimen(specimen), verify_specimen(specimen).failure
            assert len(specimen.word) >= options.get("min_depth", 0)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.hypothesis}-{rule.variant}")
def test_both_methods_agree_on_every_number_of_codes_labels_and_extras(rule):
    """Not only where the search stops: every cell of three observations and one action."""
    for n_codes, n_labels, extra in product((1, 2, 3), (1, 2, 3), rule.extra_sizes(3, 1)[:2]):
        found = find_one(SatSize(rule.hypothesis, rule.variant, 3, 1, n_codes, n_labels, extra, 0))
        assert (found is not None) == bool(_decided(rule, n_codes, n_labels, extra))
        if found is not None:
            specimen = build_specimen(rule.hypothesis, *found)
            assert specimen.n_codes == n_codes
            assert len(specimen.world.label_values) == n_labels
            assert verify_specimen(specimen)


def _decided(rule, n_codes, n_labels, extra):
    """The hits of the enumeration in one cell."""
    places = [
        place_of(dynamics_up_to_renaming(3, 1), labels, 0) for labels in groupings(3, n_labels)
    ]
    return [
        hit
        for place in places
        if len(place)
        for found in rule.decide(place, n_codes, extra)
        for hit in found.hits
    ]


def test_sizes_beyond_enumeration_go_to_the_solver():
    found = smallest_counterexamples("full_coverage", observations=6, actions=2, min_depth=3)
    assert not found.counted
    (specimen,) = found.specimens
    assert verify_specimen(specimen)
    assert len(specimen.word) >= 3
    assert "a SAT solver decided" in found.explain()
    assert "one is shown" in found.explain()


def test_a_mixed_search_says_who_decided_what(monkeypatch):
    monkeypatch.setattr(deciding, "MOST_OBSERVATIONS", 3)
    found = smallest_counterexamples("dynamics_loss", max_actions=1, min_depth=2)
    assert (found.n_observations, found.counted) == (4, False)
    assert "and a SAT solver decided 4 x 1" in found.proof()
    (specimen,) = found.specimens
    assert verify_specimen(specimen)
    assert len(specimen.word) == 2
