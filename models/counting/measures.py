"""All that is measured of a trained counting run, on frames that it has not seen."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.border import as_integer
from tellapart.models.counting.heldout import Answers, HeldOut, ask, held_out
from tellapart.models.counting.maps import LatentMap, latent_map
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.probes import NuisanceProbes, nuisance_probes
from tellapart.models.counting.readout import (
    Centroids,
    DepthSeparation,
    NoisePoint,
    by_depth,
    centroids_of,
    group_of,
    noise_curve,
    noise_point,
    separations,
)
from tellapart.models.counting.resolving import (
    HeldOutResolution,
    RolloutPoint,
    TransitionError,
    held_out_resolution,
    rollouts,
    transition_errors,
)
from tellapart.models.counting.samples import CountingSampler
from tellapart.models.counting.training import TrainedCounting
from tellapart.models.diagnostics.summary import Diagnostics, diagnose
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.losses.irreducible import IrreducibleLoss, irreducible_loss
from tellapart.theory.serialise import Saved, register

__all__ = ["CountingMeasures", "measure_answers", "measure_counting"]

FloatArray = npt.NDArray[np.float64]


@register
@dataclass(frozen=True, repr=False)
class CountingMeasures(Saved):
    """Measures of one run on held-out frames.

    Attributes
    ----------
    seed
        Of the held-out frames.
    counts
        The counts, in the order of the tables.
    accuracy
        Held-out: share of latents nearest to the centroid of their count, which comes from others.
    in_sample_accuracy
        As arXiv 2509.12249 takes it: 256 frames, centroids and test on the same ones. Lenient:
        with many coordinates pure noise comes near 1.
    without_noise, noise
        Groups of counts, and what is left of them under noise.
    latent_rms
        Rms distance of the latents from their mean: their scale.
    radii
        Rms distance of the latents of each count from its centroid.
    distances, separation
        ``[k, k]``: distances of centroids; and over the sum of radii.
    depths
        Separation by the length of the shortest distinguishing word.
    resolution
        S13 on the held-out frames.
    irreducible
        The smallest loss that is possible when each group of counts has one code (S11), exact.
    transitions
        Dynamics error of each count and action.
    probes
        What latents say about shape, colour and place.
    rollouts
        Accuracy 1, 2, 4 and 8 actions ahead.
    diagnostics
        RankMe and others, of the latents of the frames before the actions.
    map
        The plane of the two main directions.
    """

    seed: int
    counts: tuple[int, ...]
    accuracy: float
    in_sample_accuracy: float
    without_noise: NoisePoint
    noise: tuple[NoisePoint, ...]
    latent_rms: float
    radii: tuple[float, ...]
    distances: tuple[tuple[float, ...], ...]
    separation: tuple[tuple[float, ...], ...]
    depths: tuple[DepthSeparation, ...]
    resolution: HeldOutResolution
    irreducible: IrreducibleLoss
    transitions: tuple[TransitionError, ...]
    probes: NuisanceProbes
    rollouts: tuple[RolloutPoint, ...]
    diagnostics: Diagnostics
    map: LatentMap

    @property
    def groups(self) -> int:
        """Number of groups of counts, without noise."""
        return self.without_noise.groups

    def at_noise(self, level: float) -> NoisePoint:
        """Return the point of the noise curve at one of its levels.

        Raises
        ------
        InvalidArgumentError
            For another level.
        """
        for point in (self.without_noise, *self.noise):
            if point.level == level:
                return point
        levels = ", ".join(f"{point.level:g}" for point in self.noise)
        raise InvalidArgumentError(f"level is {level!r}; choose 0 or one of {levels}.")

    def error_of(self, count: int, action: str) -> float:
        """Return the dynamics error of a count and action, as a share of the latent variance.

        Raises
        ------
        InvalidArgumentError
            For a count that is not shown, or an action other than ``"-1"`` and ``"+1"``.
        """
        for row in self.transitions:
            if (row.count, row.action) == (count, action):
                return row.share
        raise InvalidArgumentError(
            f"There is no transition ({count!r}, {action!r}); counts are {self.counts}, actions "
            "'-1' and '+1'."
        )

    def explain(self) -> str:
        """Return the measures in a few lines."""
        noise = ", ".join(f"{p.level:.1%}: {p.accuracy:.3f} / {p.groups}" for p in self.noise)
        depths = ", ".join(f"{d.depth}: {d.smallest:.2f}" for d in self.depths)
        ahead = ", ".join(f"{r.steps}: {r.accuracy:.3f}" for r in self.rollouts)
        probes, ratio = self.probes, self.resolution
        return "\n".join(
            [
                f"Nearest centroid: {self.accuracy:.3f} held out, {self.groups} groups of "
                f"{len(self.counts)} counts ({self.in_sample_accuracy:.3f} in sample).",
                f"With noise, accuracy / groups: {noise}.",
                f"Least separation by depth: {depths or 'nothing must be told apart'}.",
                f"Resolution ratio {ratio.dynamics_ratio:.3g} (dynamics), {ratio.aux_ratio:.3g} "
                f"(label): {ratio.grade.value}; {ratio.dynamics_unresolved:.1%} of the transitions "
                "unresolved.",
                f"Actions ahead: {ahead}.",
                f"Probes: shape {probes.shape:.2f}, colour {probes.colour:.2f}, place "
                f"{probes.place:.2f}; shape is {probes.shape_share:.2%} of the variance.",
            ]
        )

    def __repr__(self) -> str:
        return (
            f"CountingMeasures(accuracy {self.accuracy:.3f}, {self.groups} groups, resolution "
            f"ratio {self.resolution.dynamics_ratio:.3g})"
        )


def measure_counting(
    trained: TrainedCounting, *, seed: int | None = None, each: int = 50
) -> CountingMeasures:
    """Measure a trained run.

    Parameters
    ----------
    trained
        From :func:`~tellapart.models.counting.training.train_counting`.
    seed
        Of the held-out frames, in a stream that training does not use. Default: the run's.
    each
        Transitions for each count and action; 50 gives 900, and as many frames for the centroids.

    Returns
    -------
    CountingMeasures

    Raises
    ------
    InvalidArgumentError
        For numbers out of range.
    SubjectError
        For latents that are not finite.

    Notes
    -----
    O(n² d) for n frames; about two seconds with 50 of each.
    """
    plan = trained.plan
    drawn = plan.seed if seed is None else as_integer("seed", seed, 0)
    frames = held_out(plan, drawn, as_integer("each", each, 2, 10_000))
    return measure_answers(plan, frames, ask(trained, frames), drawn)


def measure_answers(
    plan: CountingPlan, frames: HeldOut, answers: Answers, seed: int
) -> CountingMeasures:
    """Measure latents and predictions, wherever they come from.

    Parameters
    ----------
    plan
        What the frames show.
    frames, answers
        Held-out frames, and what encoder, predictor and head say of them.
    seed
        Of the frames; the noise follows it.
    """
    sampler, tested = CountingSampler(plan), frames.pairs.before
    centroids = centroids_of(answers.reference, frames.reference.counts)
    few = centroids_of(answers.few, frames.few.counts)
    table = separations(centroids)
    clean = noise_point(centroids, answers.before, tested.counts, 0.0, seed)
    distances = np.linalg.norm(centroids.points[:, None] - centroids.points[None], axis=2)
    return CountingMeasures(
        seed=seed,
        counts=tuple(plan.counts),
        accuracy=clean.accuracy,
        in_sample_accuracy=few.accuracy(answers.few, frames.few.counts),
        without_noise=clean,
        noise=noise_curve(centroids, answers.before, tested.counts, seed),
        latent_rms=centroids.rms,
        radii=tuple(centroids.radii.tolist()),
        distances=_rows(distances),
        separation=_rows(table),
        depths=by_depth(plan.system, table, clean.merged),
        resolution=held_out_resolution(frames, answers, sampler),
        irreducible=_irreducible(plan, centroids, clean),
        transitions=transition_errors(frames, answers),
        probes=nuisance_probes((answers.reference, frames.reference), (answers.before, tested)),
        rollouts=rollouts(frames, answers, sampler, centroids),
        diagnostics=diagnose(tested.counts, answers.before, seed=seed),
        map=latent_map(answers.before, tested.counts),
    )


def _irreducible(plan: CountingPlan, centroids: Centroids, point: NoisePoint) -> IrreducibleLoss:
    """Give each group of counts a code of its own, and take the exact irreducible loss of that."""
    groups = group_of(centroids.counts, point.merged)
    codes: list[list[Any]] = [[int(group == other) for other in sorted(set(groups))]
                              for group in groups]  # fmt: skip
    return irreducible_loss(plan.system, codes)


def _rows(table: FloatArray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in table.tolist())
