"""What the strategies for subjects promise about every example."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.designs import constant_subject
from tellapart.models.evaluation import evaluate
from tellapart.models.exact import verify_exact
from tellapart.models.networks import reference_subject
from tellapart.models.recipes import SubjectRecipe
from tellapart.models.subject import Subject
from tellapart.properties import strategies
from tellapart.properties.strategies import deterministic_mdps
from tellapart.properties.subject_strategies import (
    DrawnSubject,
    perturbed_subjects,
    subject_recipes,
    trained_subjects,
    zero_loss_subjects,
)
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain
from tellapart.theory.partition import Partition, kernel

CHAIN = counting_chain(5)
BLOWN = blow_up(CHAIN, 2)


@given(zero_loss_subjects(max_observations=7))
def test_both_losses_are_zero_bit_for_bit(drawn):
    found = evaluate(drawn.subject, drawn.mdp)
    assert np.array_equal(found.predicted, found.codes[drawn.mdp.successors])
    assert np.array_equal(found.read, drawn.mdp.label_vectors)
    assert verify_exact(drawn.mdp, drawn.subject.tables, found)
    assert kernel(found.codes) == drawn.partition
    assert drawn.resolved
    assert drawn.epsilon == 0


@given(zero_loss_subjects())
def test_no_pair_that_must_be_told_apart_shares_a_code(drawn):
    """S4 itself, on every kind."""
    assert kernel(drawn.evaluation.codes).refines(bisimulation(drawn.mdp).partition)


@given(zero_loss_subjects(BLOWN, kinds=["krylov", "quotient"]))
def test_two_kinds_have_the_fewest_codes(drawn):
    assert drawn.mdp is BLOWN
    assert drawn.partition == bisimulation(BLOWN).partition
    assert drawn.kind in ("krylov", "quotient")


@given(perturbed_subjects(min_epsilon=1e-6, max_epsilon=0.5))
def test_the_largest_residuals_are_epsilon(drawn):
    assert 1e-6 <= drawn.epsilon <= 0.5
    found = evaluate(drawn.subject, drawn.mdp)
    assert found.dynamics_residuals.max() == drawn.epsilon == found.aux_residuals.max()
    assert kernel(found.codes) == drawn.partition


@given(st.one_of(zero_loss_subjects(), perturbed_subjects()))
def test_a_recipe_builds_the_subject_again(drawn):
    again = DrawnSubject.of(drawn.recipe)
    for name in ("codes", "predicted", "read"):
        first, second = (getattr(one.evaluation, name) for one in (drawn, again))
        assert first.tobytes() == second.tobytes()
    assert repr(again) == repr(drawn)


@settings(max_examples=20)
@given(trained_subjects())
def test_trained_subjects_say_whether_the_premise_is_met(drawn):
    assert drawn.kind == "trained"
    assert drawn.recipe is None
    assert drawn.mdp.n_obs <= 5
    top = bisimulation(drawn.mdp).partition
    assert drawn.resolved is drawn.evaluation.resolution(drawn.mdp, top).resolved
    assert drawn.partition == kernel(evaluate(drawn.subject, drawn.mdp).codes)
    if drawn.resolved:
        assert drawn.partition.refines(top)


@settings(max_examples=10)
@given(st.data())
def test_training_is_drawn_by_its_seed_alone(data):
    drawn = data.draw(trained_subjects(CHAIN))
    again = reference_subject(CHAIN, seed=drawn.seed)
    built = data.draw(trained_subjects(CHAIN, factory=lambda mdp, seed: again))
    assert built.subject is again


@settings(max_examples=10)
@given(trained_subjects(CHAIN, factory=lambda mdp, seed: constant_subject(mdp)))
def test_without_the_premise_a_subject_is_drawn_all_the_same(drawn):
    assert not drawn.resolved
    assert drawn.partition.n_blocks == 1


@settings(max_examples=5)
@given(st.data())
def test_a_fit_of_its_own_is_called(data):
    calls = []

    def own(mdp, seed):
        plain = reference_subject(mdp, seed=seed)
        return Subject(
            plain.encoder, plain.predictor, plain.head,
            fit=lambda subject, system, number: calls.append((system, number)),
        )  # fmt: skip

    drawn = data.draw(trained_subjects(CHAIN, factory=own))
    assert calls == [(CHAIN, drawn.seed)]


def test_a_strategy_for_systems_is_drawn_from():
    systems = deterministic_mdps(families=["chain"], min_observations=3)

    @given(subject_recipes(systems))
    def check(recipe):
        assert recipe.mdp.n_obs >= 3

    check()


def test_a_drawn_subject_explains_itself():
    recipe = SubjectRecipe(CHAIN, Partition.identity(5), "piecewise", seed=2, epsilon=0.125)
    text = DrawnSubject.of(recipe).explain()
    assert "5 codes in 1 latent dimensions" in text
    assert "dynamics 0.125, labels 0.125. The premise of S13 is met." in text


def test_every_strategy_can_be_imported_from_one_place():
    assert strategies.zero_loss_subjects is zero_loss_subjects
    assert strategies.perturbed_subjects is perturbed_subjects
    assert strategies.trained_subjects is trained_subjects
    names = ("transition_data", "words", "renderings")
    assert [getattr(strategies, name).__name__ for name in names] == list(names)
    with pytest.raises(AttributeError, match="no attribute 'wordz'"):
        strategies.wordz  # noqa: B018


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: zero_loss_subjects(kinds=["tables"]), "choose at least one of quotient, table"),
        (lambda: zero_loss_subjects(kinds=[]), "choose at least one of"),
        (lambda: zero_loss_subjects([[0]]), "mdp is a list"),
        (lambda: zero_loss_subjects(CHAIN, max_actions=2), "max_actions bound systems"),
        (lambda: zero_loss_subjects(max_actions=0), "bounds on actions"),
        (lambda: perturbed_subjects(kinds="krylov"), "choose at least one of quotient, table"),
        (lambda: perturbed_subjects(min_epsilon=0), "min_epsilon is 0; it must be at least"),
        (lambda: perturbed_subjects(min_epsilon=float("nan")), "min_epsilon is nan"),
        (lambda: perturbed_subjects(max_epsilon=True), "max_epsilon is True"),
        (lambda: perturbed_subjects(max_epsilon="1"), "max_epsilon is '1'"),
        (lambda: perturbed_subjects(min_epsilon=0.5, max_epsilon=0.25), "must be in order"),
        (lambda: perturbed_subjects(min_epsilon=0.51, max_epsilon=0.52), "give wider bounds"),
        (lambda: trained_subjects(CHAIN, max_observations=3), "max_observations bound systems"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(build, message):
    with pytest.raises(InvalidArgumentError, match=message):
        build()
