"""Pictures to count: the encoder is shown frames, and has to find the count in them."""

from functools import lru_cache, partial

import torch

from tellapart.models.counting.views import ViewedCounting, viewed_counting
from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import (
    Capability,
    Scenario,
    SuiteCost,
    Tier,
    all_but,
    check,
)
from tellapart.properties.suite.trial import Trial, outcome_of
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["counting_frames", "glyph_frames"]

_VIEWS = 3


@lru_cache(maxsize=16)
def _frames(control: str | None, seed: int) -> ViewedCounting:
    # Without count 0: an empty picture looks the same in every view, and would join all views.
    counts = range(9) if control else range(1, 9)
    return viewed_counting(_VIEWS, 16, seed, counts, control)


def _scenarios(control: str | None, profile: SuiteProfile) -> tuple[Scenario, ...]:
    return tuple(
        Scenario(f"seed-{repeat}", partial(_system, control)) for repeat in range(profile.seeds)
    )


def _system(control: str | None, seed: int) -> DeterministicMDP:
    return _frames(control, seed).mdp


def _run(control: str | None, title: str, trial: Trial) -> Outcome:
    """Train on the frames of this case and look at all pairs of frames."""
    shown = torch.tensor(_frames(control, trial.seed).frames)
    return outcome_of(trial.showing(shown).check(), f"{title}, {trial.scenario.name}")


@check(
    id="images-counting",
    tier=Tier.IMAGES,
    cost=SuiteCost.TRAINED,
    title="Counts are told apart in pictures of objects to count",
    why="Shape, colour and places are fixed in an episode and mean nothing; only the number of "
    "objects does. An encoder that looks at anything else merges counts.",
    requires=[Capability.OBSERVATIONS],
    assumes=all_but(),
    scenarios=partial(_scenarios, None),
    passes=["pixels"],
    fails=["colour"],
)
def counting_frames(trial: Trial) -> Outcome:
    """Train on frames of one to eight objects."""
    return _run(None, "frames", trial)


@check(
    id="images-glyphs",
    tier=Tier.IMAGES,
    cost=SuiteCost.TRAINED,
    title="Counts are told apart where each is shown as a glyph of its own",
    why="In pictures of objects a network can count by adding up pixels, whatever the loss. All "
    "glyphs have the same number of lit cells, so nothing in the picture is ordered or additive.",
    requires=[Capability.OBSERVATIONS],
    assumes=all_but(),
    scenarios=partial(_scenarios, "glyphs"),
    passes=["pixels"],
    fails=["colour"],
)
def glyph_frames(trial: Trial) -> Outcome:
    """Train on frames of nine glyphs."""
    return _run("glyphs", "glyphs", trial)
