"""What a reproduction must reach: numbers that were fixed before the runs, each with its reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.study import StudyRuns
from tellapart.theory.serialise import register

__all__ = ["BARS", "NO_BARS", "Bar", "BarResult", "judge_bars"]

Measure = Callable[[CountingRun, StudyRuns], float | None]


@dataclass(frozen=True, slots=True)
class Bar:
    """A number that every seed must reach.

    Attributes
    ----------
    name, text
        What is asked.
    reason
        Why this number.
    design
        On frames with the small-start network.
    at_least
        Whether the limit is a lower one.
    limit
        The number.
    measure
        Of one run; None where it cannot be taken.
    """

    name: str
    text: str
    reason: str
    design: str
    at_least: bool
    limit: float
    measure: Measure

    def met(self, value: float) -> bool:
        """Tell whether one seed reaches it."""
        return value >= self.limit if self.at_least else value <= self.limit


@register
@dataclass(frozen=True, slots=True)
class BarResult:
    """A bar and what was measured.

    Attributes
    ----------
    name, text, reason
        Of the bar.
    seeds, values
        One number of each seed.
    outcome
        ``"met"`` when every seed reaches it; ``"not measured"`` when a seed that should be there
        is missing and none misses the bar.
    """

    name: str
    text: str
    reason: str
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    outcome: Literal["met", "missed", "not measured"]

    def explain(self) -> str:
        """Return outcome, bar and numbers as a line."""
        shown = ", ".join(f"{value:.4g}" for value in self.values)
        by = f": {shown} (seeds {', '.join(map(str, self.seeds))})" if self.values else ""
        return f"{self.outcome:<12}  {self.text}{by}"


def _accuracy(run: CountingRun, runs: StudyRuns) -> float:
    return run.measures.accuracy


def _noisy_accuracy(run: CountingRun, runs: StudyRuns) -> float:
    return run.measures.at_noise(0.02).accuracy


def _noisy_groups(run: CountingRun, runs: StudyRuns) -> float:
    return float(run.measures.at_noise(0.02).groups)


def _groups(run: CountingRun, runs: StudyRuns) -> float:
    return float(run.measures.groups)


def _scale_of_joint(run: CountingRun, runs: StudyRuns) -> float | None:
    """Return the scale of the latents over that of the joint run of the same seed."""
    for one, other in runs.pairs([run], runs.of("joint")):
        scale = other.measures.latent_rms
        return one.measures.latent_rms / scale if scale > 0 else float("inf")
    return None


_SEEN_NOISE = "a prototype gave 0.977 to 0.990 with 8 or 9 groups (joint) and 0.54 to 0.75 with 2 "
_SEEN_NOISE += "or 3 (reward-only); 2 % was picked there, so these seeds are its first test"

#: The bars, in the order of the table. A prototype of the recipe was looked at on seeds 0..3.
BARS: tuple[Bar, ...] = (
    Bar("joint-accuracy", "joint: held-out accuracy at least 0.98",
        "a prototype gave 0.991 to 0.997; the standard error of 900 frames is 0.003",
        "joint", True, 0.98, _accuracy),
    Bar("joint-noise-accuracy", "joint: accuracy at 2 % noise at least 0.95",
        _SEEN_NOISE, "joint", True, 0.95, _noisy_accuracy),
    Bar("joint-noise-groups", "joint: at least 8 groups at 2 % noise",
        _SEEN_NOISE, "joint", True, 8, _noisy_groups),
    Bar("reward-only-noise-accuracy", "reward-only: accuracy at 2 % noise at most 0.85",
        _SEEN_NOISE, "reward-only", False, 0.85, _noisy_accuracy),
    Bar("reward-only-noise-groups", "reward-only: at most 4 groups at 2 % noise",
        _SEEN_NOISE, "reward-only", False, 4, _noisy_groups),
    Bar("dynamics-only-accuracy", "dynamics-only: held-out accuracy at most 0.45",
        "a prototype gave 0.29 to 0.32, nearly all with an ordinary network",
        "dynamics-only", False, 0.45, _accuracy),
    Bar("dynamics-only-groups", "dynamics-only: one group",
        "a prototype gave one group each time", "dynamics-only", False, 1, _groups),
    Bar("dynamics-only-scale", "dynamics-only: latents below 1 % of the scale of joint ones",
        "a prototype with an ordinary network gave 0.2 % to 0.5 %", "dynamics-only", False,
        0.01, _scale_of_joint),
)  # fmt: skip

#: What is measured and has no bar.
NO_BARS = (
    "There is no bar on reward-only without noise, on the controls, on rollouts, or on the error "
    "of a demanded colour: what had been seen of them gave no number to rely on."
)


def judge_bars(runs: StudyRuns, seeds: dict[str, tuple[int, ...]]) -> tuple[BarResult, ...]:
    """Hold every bar against the runs.

    Parameters
    ----------
    runs
        Finished runs.
    seeds
        For each design the seeds that the study has on frames; a bar of another design is left out.

    Returns
    -------
    One result for each bar of a design in ``seeds``.
    """
    return tuple(_judge(bar, runs, seeds[bar.design]) for bar in BARS if bar.design in seeds)


def _judge(bar: Bar, runs: StudyRuns, seeds: Sequence[int]) -> BarResult:
    found = {
        run.plan.seed: value
        for run in runs.of(bar.design)
        if (value := bar.measure(run, runs)) is not None
    }
    met = all(map(bar.met, found.values()))
    whole = set(seeds) <= set(found) and bool(seeds)
    outcome: Literal["met", "missed", "not measured"] = "not measured"
    if not met or whole:
        outcome = "met" if met else "missed"
    return BarResult(
        bar.name, bar.text, bar.reason, tuple(found), tuple(found.values()), outcome
    )  # fmt: skip
