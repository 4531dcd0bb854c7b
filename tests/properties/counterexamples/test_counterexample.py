"""The counterexample to each hypothesis: found, verified, told, saved."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.models.counterexamples.verify import verify_collapse
from tellapart.properties.cases.case import fingerprint
from tellapart.properties.cases.pytest_text import case_to_pytest
from tellapart.properties.cases.replaying import replay_case
from tellapart.properties.counterexamples.counterexample import (
    Counterexample,
    counterexample,
    counterexample_of,
)
from tellapart.properties.counterexamples.story import data_lines, story
from tellapart.theory.counterexamples.search import smallest_counterexamples
from tellapart.theory.counterexamples.verify import verify_specimen
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis


@cache
def found(name):
    return counterexample(name, trained=False)


@pytest.mark.parametrize("hypothesis", list(Hypothesis), ids=str)
def test_each_is_a_counterexample_and_says_the_exact_losses(hypothesis):
    one = found(hypothesis.value)
    assert verify_specimen(one.specimen)
    assert one.trained is None
    text = one.explain()
    assert text.startswith(f"Counterexample without {hypothesis.value}\n")
    losses = one.specimen.losses
    rows = [line.split()[:2] for line in text.splitlines() if line.startswith("  ")]
    assert ["dynamics", str(losses.dynamics)] in rows
    assert ["auxiliary", str(losses.auxiliary)] in rows
    assert hypothesis.dropped in text
    assert hypothesis.needed[1:] in text
    assert "labels differ" in text
    assert text.count("merged") == 2


@given(st.sampled_from(list(Hypothesis)), st.data())
@settings(max_examples=30)
def test_every_smallest_one_can_be_told_saved_and_replayed(hypothesis, data):
    specimen = data.draw(st.sampled_from(found(hypothesis.value).specimens))
    one = counterexample_of(specimen, design=None)
    again = Counterexample.from_json(one.to_json())
    assert again.explain() == one.explain()
    assert again.to_json() == one.to_json()
    case = one.case()
    assert replay_case(case), replay_case(case).explain()


def test_a_trained_one_is_replayed_with_its_training():
    one = counterexample("aux_loss")
    assert one.trained.collapsed
    assert verify_collapse(one.specimen, one.trained)
    case = one.case()
    assert dict(case.outcome)["collapsed"] is True
    assert replay_case(case)
    assert "A trained encoder" in one.explain()
    assert "trained: by itself, with weight decay)" in repr(one)


def test_the_case_as_a_pytest_file_is_the_test_of_its_own():
    one = found("determinism")
    assert case_to_pytest(one.case()) == one.to_pytest()


def test_a_replay_notices_codes_that_are_no_counterexample():
    case = found("aux_loss").case()
    specimen = replace(case.content.specimen, codes=(0, 1))
    content = replace(case.content, specimen=specimen)
    changed = replace(case, content=content, digest=fingerprint(content))
    names = [name for name, _, _ in replay_case(changed).differences]
    assert "is a counterexample" in names
    assert "auxiliary loss" in names


def test_known_counts():
    assert len(found("aux_loss").specimens) == 3
    assert len(found("dynamics_loss").specimens) == 6
    assert "3 counterexamples up to renaming" in found("aux_loss").explain()
    assert "6 counterexamples up to renaming" in found("dynamics_loss").explain()


def test_all_of_them_are_listed_when_asked():
    one = found("dynamics_loss")
    listed = one.explain(show_all=True).split("All of this size, up to renaming\n")[1]
    assert len(listed.splitlines()) == 7  # a head and six


def test_the_two_ways_to_drop_joint_training_are_told():
    text = found("joint_training").explain()
    assert "Here the encoder is trained by the dynamics loss." in text
    assert "The other way, trained by the auxiliary loss: 3 observations" in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("determinism", "Another successor: s0 under a0 to s1."),
        ("full_coverage", "Not in the data: s0 under a0 to s0."),
        ("action_conditioning", "The transitions of the world without their actions:"),
        ("markov_observation", "s1 looks like s0."),
        ("informative_label", "The label 0 in every observation."),
    ],
)
def test_what_the_losses_see_is_said(name, said):
    one = found(name)
    assert said in data_lines(one.specimen)
    assert said in story(one)


def test_where_the_data_are_the_world_nothing_is_said():
    for name in ("aux_loss", "dynamics_loss", "joint_training", "exact_zero"):
        assert data_lines(found(name).specimen) == []
        assert "What the losses see" not in story(found(name))


def test_exact_zero_says_how_far_to_shrink():
    assert "s = 0.00173 gives a loss of 1e-06" in found("exact_zero").explain()


def test_a_factory_of_the_user_is_trained_and_noted_in_the_case():
    from tellapart.models.networks import reference_subject

    def mine(mdp, seed):
        return reference_subject(mdp, seed=seed, name="mine")

    one = counterexample("aux_loss", design=mine)
    assert one.trained.collapsed
    assert one.design is None
    case = one.case()
    assert case.content.design is None
    assert "not trained again" in replay_case(case).explain()


def test_dashes_count_as_underscores():
    assert counterexample("aux-loss", trained=False).hypothesis is Hypothesis.AUX_LOSS


def test_what_cannot_be_is_refused():
    with pytest.raises(InvalidArgumentError, match="no hypothesis named 'luck'"):
        counterexample("luck")
    with pytest.raises(InvalidArgumentError, match="at most 1 observations"):
        counterexample("aux_loss", max_observations=1)
    with pytest.raises(InvalidArgumentError, match="max_observations"):
        counterexample("aux_loss", max_observations=0)
    with pytest.raises(InvalidArgumentError, match="seed"):
        counterexample("aux_loss", seed=True, trained=False)
    with pytest.raises(InvalidArgumentError, match="design"):
        counterexample("aux_loss", design="nothing")


def test_codes_that_merge_nothing_are_no_counterexample():
    specimen = replace(found("aux_loss").specimen, codes=(0, 1))
    with pytest.raises(InvalidArgumentError, match="no counterexample"):
        counterexample_of(specimen, design=None)
    with pytest.raises(InternalError, match="no counterexample"):
        counterexample_of(specimen, minimum=smallest_counterexamples("aux_loss"), design=None)


def test_progress_is_told():
    lines = []
    counterexample("aux_loss", progress=lines.append)
    assert lines[-1] == "training an encoder"
    assert len(lines) > 1
