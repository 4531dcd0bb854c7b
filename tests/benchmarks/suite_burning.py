"""A check that burns 20 ms of CPU time a case; processes import it by name."""

import time

from tellapart.properties.suite.outcomes import DepthShare, Outcome, SystemFacts
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Scenario, SuiteCost, Tier, check
from tellapart.properties.suite.trial import Trial
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.gallery import gallery_mdp
from tellapart.theory.mdp import DeterministicMDP

BURN = 0.02


def system(seed: int) -> DeterministicMDP:
    """Return the system of every case."""
    return gallery_mdp("counting-9")


def scenarios(profile: SuiteProfile) -> tuple[Scenario, ...]:
    """Return as many cases as one may ask for."""
    return tuple(Scenario(f"case-{number}", system) for number in range(10_000))


@check(
    id="made-to-burn", tier=Tier.RANDOM, cost=SuiteCost.TRAINED, title="Burns", why="It burns.",
    scenarios=scenarios, passes=["joint"], fails=["merged-ends"],
)  # fmt: skip
def burn(trial: Trial) -> Outcome:
    """Burn CPU time, and return what a real check returns."""
    start = time.process_time()
    while time.process_time() - start < BURN:
        pass
    return Outcome(
        SuiteVerdict.HOLDS, "counting-9: 36 of 36 pairs apart.", "Losses: 0 and 0.", "certified",
        SystemFacts("counting-9", "0" * 64, 9, 2, 9, 4),
        tuple(DepthShare(depth, 9, 0, 0.5) for depth in range(5)),
        36, 0, 1e-14, 0.01, (0.0, 0.0), 10, tuple((f"number {i}", 0.5) for i in range(6)),
    )  # fmt: skip
