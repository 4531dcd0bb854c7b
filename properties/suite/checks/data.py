"""Logged data: partial coverage, states that look alike, and nuisance that means nothing."""

from functools import partial

from tellapart.models.zoo.data_sets import data_set
from tellapart.properties.check_data import DataCheckReport, check_data
from tellapart.properties.suite.outcomes import Outcome, SystemFacts
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import (
    Capability,
    Scenario,
    SuiteCost,
    Tier,
    all_but,
    check,
)
from tellapart.properties.suite.trial import Trial, depth_shares, summary_of
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError
from tellapart.theory.hypotheses import Hypothesis

__all__ = ["aliasing", "coverage", "fixed_nuisance", "redrawn_nuisance"]

_COVERAGE = Hypothesis.FULL_COVERAGE


def _scenarios(
    names: tuple[str, ...], profile: SuiteProfile, slow: bool = False
) -> tuple[Scenario, ...]:
    if slow and profile.size == 0:  # one action with several successors takes thousands of steps
        return ()
    return tuple(
        Scenario(f"{name}-seed-{repeat}", partial(_data, name))
        for repeat in range(profile.seeds)
        for name in names
    )


def _data(name: str, seed: int) -> TransitionData:
    return data_set(name).make(seed)


def _run(trial: Trial) -> Outcome:
    """Train on the data and look at the pairs that they require to be told apart (S3)."""
    report = check_data(
        trial.source, trial.data, seed=trial.seed, merge_tolerance=trial.merge_tolerance
    )
    return _outcome(report, trial.scenario.name)


def _outcome(report: DataCheckReport, title: str) -> Outcome:
    judgement, data = report.judgement, report.data
    apart = judgement.separation
    if apart is None:
        raise InternalError(f"The data set {title} contradicts itself; that is a bug in tellapart.")
    facts = SystemFacts(title, data.fingerprint, data.n_obs, data.n_actions, None, None)
    return Outcome(
        verdict=SuiteVerdict(report.verdict.value),
        summary=summary_of(title, apart, judgement.grade, judgement.ratio),
        story=judgement.explain(),
        grade=judgement.grade.value,
        system=facts,
        by_depth=depth_shares(apart),
        n_must_separate=apart.n_must_separate,
        n_merged=apart.n_merged,
        ratio=judgement.ratio,
        losses=(report.dynamics_loss, report.aux_loss),
        steps=None if report.training is None else report.training.steps,
    )


@check(
    id="data-partial-coverage",
    tier=Tier.DATA,
    cost=SuiteCost.TRAINED,
    title="What partial data require is told apart",
    why="Logs do not hold every action in every state. Less must be told apart then (S3), but that "
    "must be; what only missing transitions tell apart may be merged.",
    requires=[Capability.OUR_TRAINER],
    assumes=all_but(_COVERAGE),
    scenarios=partial(_scenarios, ("expert-coverage", "random-half")),
    passes=["joint"],
    fails=["constant", "modulo-3"],
)
def coverage(trial: Trial) -> Outcome:
    """Train on an expert's steps, and on half of all transitions."""
    return _run(trial)


@check(
    id="data-aliasing",
    tier=Tier.DATA,
    cost=SuiteCost.TRAINED,
    title="States that look alike do not spoil what can be told apart",
    why="Where two states show one observation, one action has two successors, and these must "
    "share a code (S2); everything else must stay apart.",
    requires=[Capability.OUR_TRAINER],
    assumes=all_but(_COVERAGE, Hypothesis.MARKOV_OBSERVATION),
    scenarios=partial(_scenarios, ("aliased-rooms",), slow=True),
    passes=["joint"],
    fails=["constant"],
)
def aliasing(trial: Trial) -> Outcome:
    """Train on data in which one observation and action have two successors."""
    return _run(trial)


@check(
    id="data-fixed-nuisance",
    tier=Tier.DATA,
    cost=SuiteCost.TRAINED,
    title="Nuisance that is fixed in an episode is no reason to merge counts",
    why="Nothing forces the views of a count together, and nothing asks for them apart; two counts "
    "must not meet in any view.",
    requires=[Capability.OUR_TRAINER],
    assumes=all_but(_COVERAGE),
    scenarios=partial(_scenarios, ("views-per-episode",)),
    passes=["joint"],
    fails=["constant", "modulo-3"],
)
def fixed_nuisance(trial: Trial) -> Outcome:
    """Train on counts in three views, one for each episode."""
    return _run(trial)


@check(
    id="data-redrawn-nuisance",
    tier=Tier.DATA,
    cost=SuiteCost.SLOW,
    title="Nuisance that is redrawn at every step is no reason to merge counts",
    why="One action leads to any view, which forces the views of a count together (S2); two counts "
    "must not meet.",
    requires=[Capability.OUR_TRAINER],
    assumes=all_but(_COVERAGE, Hypothesis.DETERMINISM),
    scenarios=partial(_scenarios, ("views-per-step",), slow=True),
    passes=["joint"],
    fails=["constant", "modulo-3"],
)
def redrawn_nuisance(trial: Trial) -> Outcome:
    """Train on counts in three views, drawn anew at every step."""
    return _run(trial)
