"""How well the predictor follows the frames: S13, errors by transition, and rollouts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.heldout import ROLLOUT_STEPS, Answers, HeldOut
from tellapart.models.counting.readout import Centroids
from tellapart.models.counting.samples import CountingSampler
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.partition import Partition
from tellapart.theory.resolution import gaps
from tellapart.theory.serialise import register
from tellapart.theory.verdict import Grade

__all__ = [
    "HeldOutResolution", "RolloutPoint", "TransitionError", "held_out_resolution", "rollouts",
    "transition_errors",
]  # fmt: skip

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@register
@dataclass(frozen=True, slots=True)
class HeldOutResolution:
    """The resolution ratio (S13) on transitions between held-out frames.

    Attributes
    ----------
    dynamics_ratio, aux_ratio
        Largest residual over half the gap that it must stay below.
    dynamics_median
        Median of the first over the transitions.
    dynamics_unresolved, aux_unresolved
        Shares of transitions and frames whose own ratio is 1 or more.
    smallest_gap
        Least distance of latents of two counts that must be told apart; infinite without any.
    """

    dynamics_ratio: float
    aux_ratio: float
    dynamics_median: float
    dynamics_unresolved: float
    aux_unresolved: float
    smallest_gap: float

    @property
    def grade(self) -> Grade:
        """``resolved`` when every residual is below half its gap on these frames; ``unmet``."""
        return Grade.RESOLVED if max(self.dynamics_ratio, self.aux_ratio) < 1 else Grade.UNMET


@register
@dataclass(frozen=True, slots=True)
class TransitionError:
    """Dynamics error of one count and action.

    Attributes
    ----------
    count, action
        Where; the action is ``"-1"`` or ``"+1"``.
    share
        Mean squared error of the predicted latent over the variance of the latents.
    """

    count: int
    action: str
    share: float


@register
@dataclass(frozen=True, slots=True)
class RolloutPoint:
    """Predicted latents some actions ahead, read by nearest centroid.

    Attributes
    ----------
    steps
        How many actions.
    accuracy
        Share of rollouts that are nearest to the right count.
    """

    steps: int
    accuracy: float


def held_out_resolution(
    frames: HeldOut, answers: Answers, sampler: CountingSampler
) -> HeldOutResolution:
    """Measure the resolution ratio of a model on held-out frames (S13).

    Parameters
    ----------
    frames, answers
        The frames and what the model says of them.
    sampler
        Of the plan: it knows the labels.

    Notes
    -----
    Frames must be told apart when their counts are in different blocks of B* (of the label
    without any hue). Gaps are to the other held-out frames: with more of them a gap can only
    shrink. O(n² d).
    """
    plan = sampler.plan
    block = bisimulation(plan.system).partition.ids
    pairs = frames.pairs
    n = len(pairs.actions)
    counts = np.concatenate([pairs.before.counts, pairs.after.counts])
    ids = block[counts - plan.counts[0]]
    gap = gaps(np.concatenate([answers.before, answers.after]), Partition(ids.tolist()))
    residual = np.linalg.norm(answers.predicted - answers.after, axis=1)
    dynamics = _ratio(residual, gap[n:] / 2)
    missed = np.abs(answers.read[:, 0] - sampler.values[pairs.before.counts])
    aux = _ratio(missed, _label_gaps(sampler)[pairs.before.counts] / 2)
    return HeldOutResolution(
        float(dynamics.max()), float(aux.max()), float(np.median(dynamics)),
        float((dynamics >= 1).mean()), float((aux >= 1).mean()), float(gap.min()),
    )  # fmt: skip


def transition_errors(frames: HeldOut, answers: Answers) -> tuple[TransitionError, ...]:
    """Return the dynamics error of each count and action, relative to the variance of latents."""
    pairs = frames.pairs
    squared = np.square(answers.predicted - answers.after).sum(axis=1)
    spread = np.square(answers.reference - answers.reference.mean(axis=0)).sum(axis=1).mean()
    result = []
    for count in np.unique(pairs.before.counts).tolist():
        for action, name in enumerate(("-1", "+1")):
            here = (pairs.before.counts == count) & (pairs.actions == action)
            error = float(squared[here].mean())
            share = error / float(spread) if spread > 0 else (0.0 if error == 0 else np.inf)
            result.append(TransitionError(count, name, float(share)))
    return tuple(result)


def rollouts(
    frames: HeldOut, answers: Answers, sampler: CountingSampler, centroids: Centroids
) -> tuple[RolloutPoint, ...]:
    """Read latents that are predicted several actions ahead, without looking in between."""
    counts = frames.pairs.before.counts
    points: list[RolloutPoint] = []
    for step in range(ROLLOUT_STEPS[-1]):
        counts = sampler.step(counts, frames.walks[:, step])
        if step + 1 in ROLLOUT_STEPS:
            latents = answers.rollouts[len(points)]
            points.append(RolloutPoint(step + 1, centroids.accuracy(latents, counts)))
    return tuple(points)


def _label_gaps(sampler: CountingSampler) -> FloatArray:
    """Return the distance of each count's label to the nearest other one, float64 ``[9]``."""
    shown = sampler.values[sampler.plan.counts[0] :]
    values, inverse = np.unique(shown, return_inverse=True)
    found = gaps(values[:, None], Partition.identity(len(values)))[inverse.reshape(-1)]
    return np.concatenate([np.full(sampler.plan.counts[0], np.inf), found])


def _ratio(residual: FloatArray, half_gap: FloatArray) -> FloatArray:
    """Divide as S13 says: no gap to keep gives 0, a gap of zero infinity."""
    safe = np.where(half_gap > 0, half_gap, 1.0)
    return np.where(np.isinf(half_gap), 0.0, np.where(half_gap > 0, residual / safe, np.inf))
