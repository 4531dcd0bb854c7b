"""Drawn systems, by family and by depth; what fails is made small."""

from dataclasses import replace
from functools import partial

from tellapart.models.subject import SubjectError
from tellapart.properties.families import FAMILIES
from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Check, Scenario, SuiteCost, Tier, all_but, check
from tellapart.properties.suite.shrinking import shrink_system
from tellapart.properties.suite.systems import DEPTHS, DepthClass, families_of, seeded_system
from tellapart.properties.suite.trial import Trial, outcome_of
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.wording import count

__all__ = ["RANDOM"]

#: How often a failing design is trained again to make its system smaller.
_MOST_TRIES = 40


def _scenarios(family: str, profile: SuiteProfile) -> tuple[Scenario, ...]:
    return tuple(
        Scenario(f"{depth}-{index}", partial(_system, family, depth))
        for index in range(profile.per_family)
        for depth in DEPTHS
        if family in families_of(depth)
    )


def _system(family: str, depth: DepthClass, seed: int) -> DeterministicMDP:
    return seeded_system(family, seed, depth=depth)


def _run(family: str, trial: Trial) -> Outcome:
    """Train on a drawn system and look at all pairs; make the first collapse of a kind small."""
    report = trial.check()
    title = f"{family}, {trial.scenario.name}"
    outcome = outcome_of(report, title)
    if outcome.verdict is not SuiteVerdict.COLLAPSED or not trial.scenario.name.endswith("-0"):
        return outcome
    return _shrunk(trial, report.mdp, outcome, title)


def _shrunk(trial: Trial, mdp: DeterministicMDP, outcome: Outcome, title: str) -> Outcome:
    """Return the outcome with the smallest system found on which the design collapses too."""
    found = shrink_system(mdp, partial(_collapses, trial), max_tries=_MOST_TRIES)
    tried = count(found.n_tried, "other system")
    if not found.steps:
        none = f"No smaller system was found on which it collapses too ({tried} tried)."
        return replace(outcome, story=f"{outcome.story}\n{none}")
    smaller = outcome_of(trial.check(found.mdp), title)
    story = (
        f"{outcome.story}\nMade small ({tried} tried): {found.mdp.n_obs} of {mdp.n_obs} "
        f"observations are left.\n{smaller.story}"
    )
    return replace(outcome, story=story, witness=smaller.witness, case=smaller.case)


def _collapses(trial: Trial, mdp: DeterministicMDP) -> bool:
    try:
        return trial.check(mdp).verdict.value == SuiteVerdict.COLLAPSED.value
    except SubjectError:  # the design cannot be built for every system
        return False


def _check_of(family: str) -> Check:
    run = partial(_run, family)
    run.__module__ = __name__
    return check(
        id=f"random-{family}",
        tier=Tier.RANDOM,
        cost=SuiteCost.TRAINED,
        title=f"Drawn systems of the family {family} are kept apart",
        why="Named systems can be learned by heart; what is drawn by a seed cannot, and its depth "
        "says how far from the label a design still looks.",
        assumes=all_but(),
        scenarios=partial(_scenarios, family),
        passes=["joint", "exact"],
        fails=["constant"],
    )(run)


#: One check for each family.
RANDOM: tuple[Check, ...] = tuple(_check_of(family) for family in FAMILIES)
