"""Examples of the laws S1 to S7: every family reaches what it is drawn for."""

import itertools

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from tellapart.properties.laws import s02_forced
from tellapart.properties.laws.claims import admissible_kernels, facts_of, separating_words
from tellapart.properties.laws.examples import (
    LawData,
    any_kernels,
    data_examples,
    kernels,
    systems,
    trainings,
)
from tellapart.theory.partial.forced import forced_merges
from tellapart.theory.partial.min_codes import minimum_codes
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.serialise import dumps, loads
from tellapart.theory.stability import is_admissible

GENERATE = settings(
    max_examples=300,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def feasible(data):
    return bool(admissible_kernels(facts_of(data)))


def has_fold_only(data):
    return feasible(data) and separation_relation(data).n_by_fold_only > 0


def is_above_its_clique(data):
    found = minimum_codes(data)
    return found.upper is not None and found.upper > len(found.clique)


def greed_costs_a_code(data):
    return feasible(data) and minimum_codes(data, exact=False).upper > minimum_codes(data).upper


def merges_in_two_rounds(data):
    once = s02_forced.LAWS[0].bad["stops after one round"](data)
    return once != forced_merges(data)


@pytest.mark.parametrize(
    ("family", "reached"),
    [
        ("few labels", lambda data: 0 < data.n_labelled < data.n_obs),
        ("forks", lambda data: not data.is_functional and not feasible(data)),
        ("forks", merges_in_two_rounds),
        ("folds", has_fold_only),
        ("rings", is_above_its_clique),
        ("traps", greed_costs_a_code),
    ],
)
def test_every_family_reaches_what_it_is_for(family, reached):
    find(data_examples(also=(family,)), lambda example: reached(example.data), settings=GENERATE)


@pytest.mark.parametrize(
    "strategy",
    [systems(), data_examples(also=("few labels", "forks", "folds", "rings", "traps")), kernels(),
     any_kernels(), trainings()],
    ids=["systems", "data", "kernels", "any kernels", "trainings"],
)  # fmt: skip
def test_examples_are_data(strategy):
    @settings(max_examples=20)
    @given(strategy)
    def run(example):
        text = dumps(example)
        again = loads(text, type(example))
        assert again == example
        assert dumps(again) == text

    run()


@given(kernels())
def test_kernels_are_admissible(example):
    assert is_admissible(example.mdp, example.partition)


def test_any_kernels_are_admissible_and_not():
    for wanted in (True, False):
        found = find(
            any_kernels(),
            lambda e, wanted=wanted: bool(is_admissible(e.mdp, e.partition)) is wanted,
            settings=GENERATE,
        )
        assert len(found.partition) == found.mdp.n_obs


@settings(max_examples=40)
@given(trainings(), kernels(informative=True))
def test_something_must_be_told_apart(training, kernel):
    assert separating_words(facts_of(training.mdp))
    assert separating_words(facts_of(kernel.mdp))


def test_names_are_not_always_indices():
    found = find(
        systems(least=2),
        lambda example: list(example.mdp.observations) != list(range(example.mdp.n_obs)),
        settings=GENERATE,
    )
    assert sorted(found.mdp.observations) == list(range(found.mdp.n_obs))


def test_the_smallest_example_of_data_is_one_self_loop():
    smallest = find(data_examples(), lambda example: True, settings=settings(database=None))
    assert isinstance(smallest, LawData)
    data = smallest.data
    assert (data.n_obs, data.triples.tolist()) == (1, [[0, 0, 0]])


def test_folds_separate_where_no_word_does():
    found = find(data_examples(also=("folds",)), lambda e: has_fold_only(e.data), settings=GENERATE)
    facts = facts_of(found.data)
    may = [
        (x, y)
        for x, y in itertools.combinations(range(facts.n), 2)
        if any(ids[x] == ids[y] for ids in admissible_kernels(facts))
    ]
    undecided = set(itertools.combinations(range(facts.n), 2)) - set(separating_words(facts))
    assert undecided - set(may)
