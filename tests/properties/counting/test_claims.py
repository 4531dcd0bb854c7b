"""Claims and bars follow the numbers: opposite numbers give opposite verdicts."""

import math
import re
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from study_cases import POINTS, run, runs, study

from tellapart.models.counting.emergence import Emergence, Look
from tellapart.models.counting.plan import CountingPlan
from tellapart.properties.counting.bars import BARS, judge_bars
from tellapart.properties.counting.claims import CLAIMS, judge_claims
from tellapart.properties.counting.claims_controls import (
    noise_accuracy,
    rank_of_extremes,
    share_before_extremes,
)
from tellapart.properties.counting.statistics import t_interval
from tellapart.properties.counting.study import StudyRuns
from tellapart.properties.counting.wording import lost_counts
from tellapart.theory.errors import InvalidArgumentError

SEEDS = dict.fromkeys(("joint", "reward-only", "dynamics-only"), (10, 11, 12))
WORDS = {"shown", "not shown", "the opposite", "not measured"}


def verdicts(found):
    return {claim.name: claim.verdict for claim in judge_claims(StudyRuns(found))}


def text_of(found, name):
    return next(c.measured for c in judge_claims(StudyRuns(found)) if c.name == name)


#: As the paper has it, and a world in which everything is the other way round.
AS_CLAIMED = study()
REVERSED = study(
    joint="one", reward="nine", dynamics="nine", random="nine", glyphs=("nine", "nine"),
    ordinary=("nine", "two"), blunder=-1e-3, wobble=0.3,
)  # fmt: skip


def test_numbers_as_claimed_and_opposite_numbers():
    claimed, opposite = verdicts(AS_CLAIMED), verdicts(REVERSED)
    assert claimed.keys() == opposite.keys() == {spec.name for spec in CLAIMS}
    for name in (
        "joint-nine", "reward-few", "joint-over-reward", "dynamics-one", "random-none",
        "loss-on-glyphs", "premise",
    ):  # fmt: skip
        assert (claimed[name], opposite[name]) == ("shown", "the opposite"), name
    assert (claimed["loss-on-frames"], opposite["loss-on-frames"]) == ("the opposite", "shown")


def test_the_sentences_quote_the_numbers():
    assert "9 groups on each seed" in text_of(AS_CLAIMED, "joint-nine")
    assert "1 group on each seed" in text_of(REVERSED, "joint-nine")
    assert "The contrast is there" in text_of(AS_CLAIMED, "loss-on-glyphs")
    assert "The contrast is absent" in text_of(REVERSED, "loss-on-glyphs")
    assert "(n = 5" in text_of(AS_CLAIMED, "loss-on-glyphs")
    for found in (AS_CLAIMED, REVERSED):
        gap = t_interval(
            a.measures.at_noise(0.02).accuracy - b.measures.at_noise(0.02).accuracy
            for a, b in zip(found[:3], found[3:6], strict=True)
        )
        assert gap.text() in text_of(found, "joint-over-reward")


def test_a_wide_smear_is_no_collapse():
    joint = runs("nine", "joint")
    small, wide = runs("one", "dynamics-only", wobble=1e-5), runs("one", "dynamics-only", wobble=1)
    assert {one.measures.groups for one in (*small, *wide)} == {1}
    assert verdicts([*joint, *small])["dynamics-one"] == "shown"
    assert verdicts([*joint, *wide])["dynamics-one"] == "not shown"


def test_a_scale_that_is_not_known_is_no_collapse():
    small = runs("one", "dynamics-only", wobble=1e-5)
    for joint in ([], runs("nine", "joint")[:2]):
        assert verdicts([*joint, *small])["dynamics-one"] == "not shown"
        text = text_of([*joint, *small], "dynamics-one")
        assert "scale of joint is not known on seed" in text
        assert ("10, 11, 12" in text) == (not joint)
    assert verdicts(runs("nine", "dynamics-only"))["dynamics-one"] == "the opposite"


def test_collapsed_latents_have_dropped_nothing():
    for kind, verdict in (("nine", "shown"), ("one", "not shown"), ("three", "not shown")):
        plain = [with_probe(one, 1e-3 * k) for k, one in enumerate(runs(kind, "joint"))]
        turned = [
            with_bit(one, 0.5 + 1e-3 * k)
            for k, one in enumerate(runs(kind, "joint", control="distractor"))
        ]
        for found, name in ((plain, "joint-drops"), (turned, "background-dropped")):
            assert verdicts(found)[name] == verdict, (kind, name)
            lost = "The counts are not held on every seed" in text_of(found, name)
            assert lost == (kind != "nine")
    mixed = [*plain[:1], *[with_probe(one, 0.001) for one in runs("nine", "joint")[1:]]]
    assert verdicts(mixed)["joint-drops"] == "not shown"
    assert lost_counts(runs("nine", "joint", control="no-zero")) == ""


def test_a_kept_background_is_kept_also_where_counts_are_lost():
    found = [
        with_bit(one, 0.95 + 1e-3 * k)
        for k, one in enumerate(runs("two", "joint", control="distractor"))
    ]
    assert verdicts(found)["background-dropped"] == "the opposite"
    assert "The counts are not held" in text_of(found, "background-dropped")


def test_two_groups_are_clusters_of_counts():
    for kind, verdict in (("one", "shown"), ("two", "not shown"), ("nine", "the opposite")):
        assert verdicts(runs(kind, "random-aux"))["random-none"] == verdict


def test_the_controls_claim_what_they_measure():
    claims = {claim.name: claim for claim in judge_claims(StudyRuns(AS_CLAIMED))}
    for name in ("loss-on-glyphs", "loss-on-frames"):
        assert claims[name].by == "theory"
        assert claims[name].claim.startswith("Joint training separates more than reward-only")
    found = study(glyphs=("three", "one"))
    assert verdicts(found)["loss-on-glyphs"] == "shown"
    reached = "Joint itself reaches 3, 3, 3, 3, 3 of 9 groups under 2 % noise."
    assert reached in text_of(found, "loss-on-glyphs")


def test_a_contrast_between_two_failures_is_none():
    found = study(glyphs=("one", "one"))
    assert verdicts(found)["loss-on-glyphs"] == "not shown"
    assert "no answer" in text_of(found, "loss-on-glyphs")


def with_errors(one, shares):
    """Give a run the dynamics errors of +1 by count."""
    rows = tuple(
        replace(row, share=shares.get(row.count, 0.02)) if row.action == "+1" else row
        for row in one.measures.transitions
    )
    return replace(one, measures=replace(one.measures, transitions=rows))


def forced(errors, *, plain=(0.01, 0.01, 0.01), next_error=0.02, other=0.02):
    """Return hue runs with these errors of +1 from 0, and runs without colour beside them."""
    network = {"labels": "hue", "architecture": "default-cnn"}
    found = [
        with_errors(one, {0: error, 1: next_error, 5: other})
        for one, error in zip(runs("nine", "joint", **network), errors, strict=True)
    ]
    found += [
        with_errors(one, {0: error, 1: 0.02})
        for one, error in zip(
            runs("nine", "joint", architecture="default-cnn"), plain, strict=False
        )
    ]
    return [*found, *runs("nine", "joint", control="no-zero", **network)]


@pytest.mark.parametrize(
    ("errors", "verdict"),
    [
        ((0.1, 0.11, 0.09), "shown"), ((0.01, 0.012, 0.009), "the opposite"),
        ((0.1, 0.01, 0.05), "not shown"), ((0.03, 0.031, 0.03), "not shown"),
    ],
)  # fmt: skip
def test_the_forced_colour_is_judged_by_its_ratio(errors, verdict):
    assert verdicts(forced(errors))["forced-colour"] == verdict
    mean = math.exp(sum(math.log(error / 0.02) for error in errors) / 3)
    assert f"mean {mean:.2g}" in text_of(forced(errors), "forced-colour")


@pytest.mark.parametrize(
    ("errors", "following"),
    [
        ((0.0, 0.0, 0.0), 0.0), ((0.1, 0.11, 0.09), 0.0), ((math.inf, math.inf, 0.1), math.inf),
        ((math.inf, 0.1, 0.1), 0.02), ((0.1, math.nan, 0.1), 0.02),
    ],
)  # fmt: skip
def test_a_ratio_that_is_not_finite_decides_nothing(errors, following):
    found = forced(errors, next_error=following, other=0.0)
    assert verdicts(found)["forced-colour"] == "not shown"
    assert "the ratio decides nothing" in text_of(found, "forced-colour")
    assert "not known" in text_of(found, "forced-colour")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"other": 0.1}, "do not single this one out"),
        ({"plain": (0.1, 0.2, 0.1)}, "not above the ratio without colour"),
        ({"plain": (0.01, 0.01, 0.12)}, "not above the ratio without colour"),
        ({"plain": (0.01,)}, "Fewer than two of these seeds"),
        ({"plain": ()}, "Fewer than two of these seeds"),
    ],
)
def test_a_large_ratio_alone_does_not_show_that_colour_costs_it(options, why):
    errors = (0.1, 0.11, 0.09)
    assert verdicts(forced(errors))["forced-colour"] == "shown"
    found = forced(errors, **options)
    assert verdicts(found)["forced-colour"] == "not shown"
    assert why in text_of(found, "forced-colour")


def with_looks(one, last):
    """Let (0, 8) come apart last, or first, or let another pair stay merged."""
    pairs = list(combinations(range(9), 2))
    other = [pair for pair in pairs if pair != (0, 8)]
    looks = {
        "last": (Look(5, tuple(pairs)), Look(10, ((0, 8),)), Look(20, ())),
        "first": (Look(5, tuple(pairs)), Look(10, tuple(other)), Look(20, ())),
        "never": (Look(5, tuple(pairs)), Look(20, ((0, 8),))),
        "middle": (Look(5, tuple(pairs)), Look(10, tuple(other[:10])), Look(20, ())),
    }
    return replace(one, emergence=Emergence(tuple(range(9)), looks[last]))


@pytest.mark.parametrize(
    ("when", "verdict", "share", "named"),
    [
        ("last", "shown", 1.0, "(0, 8)"), ("never", "shown", 1.0, "(0, 8)"),
        ("first", "the opposite", 0.0, "(0, 1) and (0, 2) and 33 more"),
        ("middle", "the opposite", 12.5 / 35, "(0, 1) and (0, 2) and 8 more"),
    ],
)  # fmt: skip
def test_the_deepest_pair_is_judged_by_when_it_comes_apart(when, verdict, share, named):
    found = [with_looks(one, when) for one in runs("nine", "joint")]
    assert [share_before_extremes(one) for one in found] == [pytest.approx(share)] * 3
    assert verdicts(found)["deepest-last"] == verdict
    assert f"to come apart: {named}, {named}, {named}." in text_of(found, "deepest-last")
    mixed = [*(with_looks(one, "last") for one in found[:2]), with_looks(found[2], "first")]
    assert verdicts(mixed)["deepest-last"] == "not shown"


def test_a_run_that_was_not_watched_says_nothing_of_order():
    unseen = [replace(one, emergence=None) for one in runs("nine", "joint")]
    assert verdicts(unseen)["deepest-last"] == "not measured"
    with pytest.raises(ValueError, match="was not watched"):
        share_before_extremes(unseen[0])


def test_the_rank_of_the_deepest_pair_follows_its_separation():
    one = runs("nine", "joint")[0]
    for value, rank in ((-1.0, 1), (1e9, 36)):
        table = [list(row) for row in one.measures.separation]
        table[0][8] = table[8][0] = value
        measures = replace(one.measures, separation=tuple(map(tuple, table)))
        assert rank_of_extremes(replace(one, measures=measures)) == (rank, 36)


def with_probe(one, value):
    probes = replace(one.measures.probes, place=value, shape=0.25, colour=0.0)
    return replace(one, measures=replace(one.measures, probes=probes))


def with_bit(one, accuracy):
    probes = replace(one.measures.probes, bit=accuracy)
    return replace(one, measures=replace(one.measures, probes=probes))


@pytest.mark.parametrize(
    ("accuracy", "verdict"), [(0.51, "shown"), (0.65, "not shown"), (0.98, "the opposite")]
)
def test_a_dropped_background_is_judged_by_its_probe(accuracy, verdict):
    found = [
        with_bit(one, accuracy + 1e-3 * k)
        for k, one in enumerate(runs("nine", "joint", control="distractor"))
    ]
    assert verdicts(found)["background-dropped"] == verdict


def with_in_sample(one, gain):
    accuracy = one.measures.accuracy + gain
    return replace(one, measures=replace(one.measures, in_sample_accuracy=accuracy))


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.05, "shown"), (0.3, "not shown"), (0.8, "the opposite")]
)
def test_what_latents_drop_is_judged_by_the_best_probe(value, verdict):
    found = [with_probe(one, value + 1e-3 * k) for k, one in enumerate(runs("nine", "joint"))]
    assert verdicts(found)["joint-drops"] == verdict
    best = t_interval(value + 1e-3 * k for k in range(3)).text(2)
    assert f"the best of the three, from 0 (chance) to 1, {best}" in text_of(found, "joint-drops")


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        (0.0, "shown"), (0.03, "not shown"), (0.3, "the opposite"), (-0.03, "not shown"),
        (-0.08, "the opposite"),
    ],
)  # fmt: skip
def test_in_sample_accuracy_is_judged_by_what_is_held_out(gain, verdict):
    for design in ("random-aux", "dynamics-only"):
        found = [with_in_sample(one, gain) for one in runs("one", design)]
        assert verdicts(found)["in-sample"] == verdict


def test_noise_alone_looks_like_clusters_in_sample():
    assert noise_accuracy(2) < 0.3 < noise_accuracy(64) < noise_accuracy(256)
    assert noise_accuracy(256) > 0.85


@given(st.sampled_from(sorted(POINTS)), st.sampled_from(["joint", "reward-only", "dynamics-only"]))
def test_one_seed_decides_nothing(kind, design):
    found = [run(kind, design)]
    assert set(verdicts(found).values()) <= {"not shown", "not measured"}
    text = "\n".join(claim.measured for claim in judge_claims(StudyRuns(found)))
    assert "One seed decides nothing" in text
    assert re.search(r"\[-?\d", text) is None  # no interval


def test_without_runs_nothing_is_measured():
    assert set(verdicts([]).values()) == {"not measured"}
    assert set(verdicts(AS_CLAIMED).values()) <= WORDS - {"not measured"}


def test_a_users_encoder_is_no_evidence():
    theirs = [
        replace(one, plan=replace(one.plan, encoder="my.py:factory"))
        for one in runs("one", "joint")
    ]
    assert verdicts(theirs)["joint-nine"] == "not measured"
    assert verdicts([*AS_CLAIMED, *theirs]) == verdicts(AS_CLAIMED)


def test_a_seed_counts_once():
    with pytest.raises(InvalidArgumentError, match="twice"):
        StudyRuns([run("nine"), run("nine")])


def test_bars_are_met_missed_or_not_measured():
    found = {bar.name: bar for bar in judge_bars(StudyRuns(AS_CLAIMED), SEEDS)}
    assert {bar.outcome for bar in found.values()} == {"met"}
    missed = {bar.name: bar for bar in judge_bars(StudyRuns(REVERSED), SEEDS)}
    assert {bar.outcome for bar in missed.values()} == {"missed"}
    assert missed["joint-accuracy"].seeds == (10, 11, 12)
    few = judge_bars(StudyRuns(AS_CLAIMED[:2]), SEEDS)
    assert {bar.outcome for bar in few} == {"not measured"}
    assert {bar.outcome for bar in judge_bars(StudyRuns(REVERSED[:1]), {"joint": (10, 11)})} == {
        "missed"
    }
    assert {bar.name.split("-accuracy")[0] for bar in judge_bars(StudyRuns([]), {})} == set()


def test_every_bar_names_its_limit():
    for bar in BARS:
        assert bar.reason
        assert bar.met(bar.limit)
        assert not bar.met(bar.limit + (-1e-6 if bar.at_least else 1e-6))


def test_the_plans_of_the_runs_are_those_that_the_claims_look_for():
    assert all(isinstance(one.plan, CountingPlan) for one in AS_CLAIMED)
    assert len({repr(one.plan) for one in AS_CLAIMED}) == len(AS_CLAIMED)
