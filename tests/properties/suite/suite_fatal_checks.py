"""Checks with cases that kill the process they run in; imported by name in other processes."""

import os
import signal
from functools import partial
from pathlib import Path

from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Scenario, SuiteCost, Tier, check
from tellapart.properties.suite.trial import Trial
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.gallery import gallery_mdp
from tellapart.theory.mdp import DeterministicMDP

#: Names a folder: in it a file is left by the case that kills its process the first time only.
FOLDER = "TELLAPART_TEST_FATAL"
N_CASES = 6


def system(seed: int) -> DeterministicMDP:
    return gallery_mdp("counting-9")


def scenarios(kind: str, profile: SuiteProfile) -> tuple[Scenario, ...]:
    names = [f"harmless-{number}" for number in range(N_CASES)]
    return tuple(Scenario(name, system) for name in (*names[:2], kind, *names[2:]))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def outcome(trial: Trial) -> Outcome:
    """Depend on the seed, so that a case with another seed would be seen."""
    return Outcome(SuiteVerdict.HOLDS, f"seed {trial.seed}", margin=trial.seed / 2**33)


@check(
    id="fatal-always", tier=Tier.EXACT, cost=SuiteCost.INSTANT, title="Dies", why="It dies.",
    scenarios=partial(scenarios, "deadly"), passes=["joint"], fails=["merged-ends"],
)  # fmt: skip
def always(trial: Trial) -> Outcome:
    if trial.scenario.name == "deadly":
        die()
    return outcome(trial)


@check(
    id="fatal-once", tier=Tier.EXACT, cost=SuiteCost.INSTANT, title="Dies once", why="It dies.",
    scenarios=partial(scenarios, "mortal"), passes=["joint"], fails=["merged-ends"],
)  # fmt: skip
def once(trial: Trial) -> Outcome:
    mark = Path(os.environ[FOLDER]) / "died"
    if trial.scenario.name == "mortal" and not mark.exists():
        mark.touch()
        die()
    return outcome(trial)
