"""Hypotheses dropped from training: what keeps codes apart when a loss is gone."""

from tellapart.models.dropped.reach import reach_without_aux, reach_without_dynamics
from tellapart.models.dropped.result import Reach
from tellapart.properties.suite.checks.exact import named_systems
from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.registry import SuiteCost, Tier, all_but, check
from tellapart.properties.suite.trial import Trial, system_facts
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.hypotheses import Hypothesis

__all__ = ["without_aux", "without_dynamics"]


def _outcome(trial: Trial, found: Reach) -> Outcome:
    """Say whether a collapse was reached; what stands in its way is a note, not a failure."""
    headline, _, rest = found.explain().partition("\n")
    last = found.tries[-1]
    facts = system_facts(trial.system, trial.scenario.name)
    numbers = (("groups of codes", float(last.n_groups)), ("effective rank", last.rank))
    if found.reached:
        return Outcome(SuiteVerdict.HOLDS, headline, rest, system=facts, numbers=numbers)
    loss = "auxiliary" if found.dropped is Hypothesis.AUX_LOSS else "dynamics"
    kept = "" if found.mechanism is None else found.mechanism.name
    note = (
        f"Something besides the {loss} loss keeps codes apart ({kept}). Other verdicts on this "
        "design may owe to it rather than to the losses; what it does not keep apart, no theorem "
        "promises."
    )
    return Outcome(
        SuiteVerdict.VACUOUS, headline, rest, system=facts, numbers=numbers, notes=(note,)
    )


@check(
    id="dropped-aux-loss",
    tier=Tier.DROPPED,
    cost=SuiteCost.SLOW,
    title="Without the auxiliary loss a collapse can be reached",
    why="One code for everything has no dynamics loss (S8). A design that cannot get there has "
    "another mechanism against collapse, and what that one preserves is not what the theorem says.",
    assumes=all_but(Hypothesis.AUX_LOSS),
    scenarios=named_systems(["counting-5"], repeated=False),
    passes=["joint"],
    fails=["exact", "eb-jepa-pick"],
    advisory=True,
)
def without_aux(trial: Trial) -> Outcome:
    """Train on the dynamics loss alone, with decay, and while codes are pulled together."""
    return _outcome(trial, reach_without_aux(trial.source.factory, trial.system, trial.seed))


@check(
    id="dropped-dynamics-loss",
    tier=Tier.DROPPED,
    cost=SuiteCost.SLOW,
    title="Without the dynamics loss a collapse can be reached",
    why="Merging all observations of one label has no auxiliary loss (S8). A design that cannot "
    "get there keeps apart what it sees rather than what the losses ask for.",
    assumes=all_but(Hypothesis.DYNAMICS_LOSS),
    scenarios=named_systems(["counting-5"], repeated=False),
    passes=["joint"],
    fails=["exact"],
    advisory=True,
)
def without_dynamics(trial: Trial) -> Outcome:
    """Train on the auxiliary loss alone, with decay, and while codes are pulled together."""
    return _outcome(trial, reach_without_dynamics(trial.source.factory, trial.system, trial.seed))
