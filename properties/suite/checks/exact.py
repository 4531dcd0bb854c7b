"""Named systems with known answers: what must be told apart there is known to the last pair."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from tellapart.models.certify import shape_infeasible
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Scenario, SuiteCost, Tier, all_but, check
from tellapart.properties.suite.trial import Trial, outcome_of, system_facts
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.gallery import gallery_mdp
from tellapart.theory.losses.irreducible import irreducible_loss
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import kernel

__all__ = [
    "capacity",
    "counting",
    "deep_words",
    "gallery_system",
    "healthy_merges",
    "named_systems",
]


def gallery_system(name: str, seed: int) -> DeterministicMDP:
    """Return a system of the gallery; the seed does not change it."""
    return gallery_mdp(name)


def named_systems(
    names: Sequence[str], larger: Sequence[str] = (), repeated: bool = True
) -> Callable[[SuiteProfile], tuple[Scenario, ...]]:
    """Return cases on systems of the gallery, one for each training seed of the profile.

    Parameters
    ----------
    names
        Systems of every profile.
    larger
        Those of profiles that take minutes.
    repeated
        Whether there is a case for each training seed.
    """

    def scenarios(profile: SuiteProfile) -> tuple[Scenario, ...]:
        chosen = (*names, *(larger if profile.size else ()))
        if not repeated:
            return tuple(Scenario(name, partial(gallery_system, name)) for name in chosen)
        return tuple(
            Scenario(f"{name}-seed-{repeat}", partial(gallery_system, name))
            for repeat in range(profile.seeds)
            for name in chosen
        )

    return scenarios


def _judged(trial: Trial) -> Outcome:
    return outcome_of(trial.check(), trial.scenario.name.rpartition("-seed-")[0])


@check(
    id="exact-capacity",
    tier=Tier.EXACT,
    cost=SuiteCost.INSTANT,
    title="The latent has room for zero loss",
    why="Affine dynamics and an affine head need as many dimensions as the observability matrix "
    "has rank (S12); with fewer no training can succeed, so this is asked before any is begun.",
    scenarios=named_systems(["counting-9", "lock-6"], ["grid-3x4", "shift-register-4"], False),
    passes=["joint", "exact"],
    fails=["narrow-linear"],
)
def capacity(trial: Trial) -> Outcome:
    """Compare the shapes of the untrained parts with the rank of the system."""
    title = trial.scenario.name
    facts = system_facts(trial.system, title)
    try:
        reason = shape_infeasible(trial.build(), trial.system)
    except NotExactlyEvaluable as error:
        told = f"{title}: a part is no affine map that could be read ({error})."
        return Outcome(SuiteVerdict.HOLDS, told, system=facts)
    if reason is not None:
        return Outcome(SuiteVerdict.INFEASIBLE, f"{title}: {reason}", system=facts)
    return Outcome(SuiteVerdict.HOLDS, f"{title}: nothing rules out zero loss.", system=facts)


@check(
    id="exact-counting",
    tier=Tier.EXACT,
    cost=SuiteCost.TRAINED,
    title="Counts up and down are kept apart",
    why="Every count has to be told from every other, although only one carries the label: the "
    "ends by words of four actions.",
    assumes=all_but(),
    scenarios=named_systems(["counting-9"]),
    passes=["joint", "exact", "tdmpc2-counting", "collinear"],
    fails=["merged-ends", "modulo-3", "action-blind", "shrunk-label", "expert-only"],
)
def counting(trial: Trial) -> Outcome:
    """Train on the counting chain and look at all 36 pairs."""
    return _judged(trial)


@check(
    id="exact-gallery",
    tier=Tier.EXACT,
    cost=SuiteCost.TRAINED,
    title="Textbook systems are kept apart",
    why="Small systems from the literature whose classes are known: a puck to pick, the automaton "
    "of Hopcroft, Motwani and Ullman, trees, grids and registers.",
    assumes=all_but(),
    scenarios=named_systems(["pick", "hopcroft-ullman"], ["tree-3", "grid-3x4", "de-bruijn-4"]),
    passes=["joint", "exact"],
    fails=["constant", "modulo-3"],
)
def textbook(trial: Trial) -> Outcome:
    """Train on a system of the gallery and look at all pairs."""
    return _judged(trial)


@check(
    id="exact-deep-words",
    tier=Tier.EXACT,
    cost=SuiteCost.TRAINED,
    title="Pairs that only long words tell apart are kept apart",
    why="The label says nothing about them for many steps, so little of the loss depends on them: "
    "they are the first that a design gives up.",
    assumes=all_but(),
    scenarios=named_systems(["lock-6"], ["cycle-8", "counting-13"]),
    passes=["joint", "exact"],
    fails=["constant", "modulo-3"],
)
def deep_words(trial: Trial) -> Outcome:
    """Train on a system of great depth and look at all pairs."""
    return _judged(trial)


@check(
    id="exact-healthy-merges",
    tier=Tier.EXACT,
    cost=SuiteCost.TRAINED,
    title="What is merged can be followed: the irreducible loss of the codes is zero",
    why="Observations that need not be told apart may share a code, but then their successors must "
    "share one too; otherwise no predictor and no head can reach zero loss on these codes (S11).",
    assumes=all_but(),
    scenarios=named_systems(["redundant-pick"], ["blow-up:counting-5:2"]),
    passes=["joint", "exact"],
    fails=["modulo-3", "constant"],
)
def healthy_merges(trial: Trial) -> Outcome:
    """Group the trained codes as verdicts do, and compute the least loss over all T and P."""
    report = trial.check()
    merged = kernel(report.codes, report.judgement.separation.threshold)
    found = irreducible_loss(report.mdp, merged.ids.tolist())
    told = f"{merged.n_blocks} codes for {report.bisimulation.partition.n_blocks} blocks."
    outcome = outcome_of(report, trial.scenario.name.rpartition("-seed-")[0])
    if found.is_zero:
        return replace(outcome, summary=f"{outcome.summary} {told}")
    verdict = outcome.verdict if outcome.verdict.fails else SuiteVerdict.VACUOUS
    story = f"{outcome.story}\n{told} Grouped like this, the loss has a floor:\n{found.explain()}"
    return replace(outcome, verdict=verdict, story=story)
