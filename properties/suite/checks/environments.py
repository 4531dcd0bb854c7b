"""Gymnasium environments: the toy-text ones, and small worlds of MiniGrid (an extra)."""

from functools import lru_cache, partial
from importlib.util import find_spec

from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Scenario, SuiteCost, Tier, all_but, check
from tellapart.properties.suite.trial import Trial, outcome_of
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["minigrid", "toy_text"]

_WHY = (
    "People read these systems off a screen every day; every state that plays differently has to "
    "keep a code of its own."
)


@lru_cache(maxsize=8)
def _gym(id: str) -> DeterministicMDP:
    return DeterministicMDP.from_gymnasium(id, is_slippery=False)


@lru_cache(maxsize=8)
def _minigrid(id: str) -> DeterministicMDP:
    from tellapart.properties.suite.checks.minigrid_states import MiniGridStates

    return DeterministicMDP.from_gymnasium(MiniGridStates(id))


def _toy_text(profile: SuiteProfile) -> tuple[Scenario, ...]:
    ids = ["FrozenLake-v1", *(["CliffWalking-v1"] if profile.size else [])]
    return tuple(Scenario(id, partial(_system, id)) for id in ids)


def _worlds(profile: SuiteProfile) -> tuple[Scenario, ...]:
    ids = ["MiniGrid-Empty-5x5-v0", "MiniGrid-DoorKey-5x5-v0"][: profile.size]
    return tuple(Scenario(id, partial(_world, id)) for id in ids)


def _system(id: str, seed: int) -> DeterministicMDP:
    return _gym(id)  # the seed does not change it, so it is read once


def _world(id: str, seed: int) -> DeterministicMDP:
    return _minigrid(id)


@check(
    id="environments-toy-text",
    tier=Tier.ENVIRONMENTS,
    cost=SuiteCost.TRAINED,
    title="Deterministic toy-text environments of Gymnasium are kept apart",
    why=_WHY,
    assumes=all_but(),
    scenarios=_toy_text,
    passes=["joint", "exact"],
    fails=["constant", "modulo-3"],
)
def toy_text(trial: Trial) -> Outcome:
    """Train on the transition table of an environment and look at all pairs."""
    return outcome_of(trial.check(), trial.scenario.name)


@check(
    id="environments-minigrid",
    tier=Tier.ENVIRONMENTS,
    cost=SuiteCost.SLOW,
    title="Small worlds of MiniGrid are kept apart",
    why=_WHY,
    assumes=all_but(),
    scenarios=_worlds,
    passes=["joint", "exact"],
    fails=["constant", "modulo-3"],
)
def minigrid(trial: Trial) -> Outcome:
    """Train on the states of a world, found by search, and look at all pairs."""
    if find_spec("minigrid") is None:
        told = "not asked: MiniGrid is not installed; pip install 'tellapart[envs]'."
        return Outcome(SuiteVerdict.SKIPPED, told)
    return outcome_of(trial.check(), trial.scenario.name)
