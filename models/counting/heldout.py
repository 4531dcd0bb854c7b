"""Held-out frames of a counting run, and what trained networks answer on them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from tellapart.models.counting.losses import as_input
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.samples import CountingSampler, Shown, Transitions
from tellapart.models.counting.training import TrainedCounting
from tellapart.models.subject import SubjectError
from tellapart.models.threads import one_thread

__all__ = ["ROLLOUT_STEPS", "Answers", "HeldOut", "answers_of", "ask", "held_out"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Numbers of actions after which predicted latents are read.
ROLLOUT_STEPS = (1, 2, 4, 8)

#: Frames of the in-sample accuracy, as the authors of arXiv 2509.12249 take it.
IN_SAMPLE = 256

_HELD_OUT, _BATCH = 3, 512


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class HeldOut:
    """Frames that no training has seen.

    Attributes
    ----------
    reference
        The same number for each count: centroids and probes are fitted on them.
    pairs
        The same number of transitions for each count and action: everything is tested on them.
    few
        256 frames of random counts.
    walks
        int64 ``[n, 8]``: actions of rollouts from ``pairs.before``.
    """

    reference: Shown
    pairs: Transitions
    few: Shown
    walks: IntArray

    def __repr__(self) -> str:
        return f"HeldOut({len(self.reference)} frames, {len(self.pairs.actions)} transitions)"


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Answers:
    """What networks answer on held-out frames.

    Attributes
    ----------
    reference, before, after, few
        Latents, float64 ``[n, d]``.
    predicted
        T(E(o), a) for the pairs, float64 ``[n, d]``.
    read
        P(E(o)) of the frames before, in units of the range of the label, float64 ``[n, q]``.
    rollouts
        Latents predicted 1, 2, 4 and 8 actions ahead, float64 ``[4, n, d]``.
    """

    reference: FloatArray
    before: FloatArray
    after: FloatArray
    few: FloatArray
    predicted: FloatArray
    read: FloatArray
    rollouts: FloatArray

    def __repr__(self) -> str:
        return f"Answers(d={self.before.shape[1]})"


def held_out(plan: CountingPlan, seed: int, each: int = 50) -> HeldOut:
    """Draw held-out frames.

    Parameters
    ----------
    plan
        What frames show; the glyphs are those of its seed.
    seed
        Of the frames, in a stream that training does not use.
    each
        Transitions for each count and action, and half the reference frames of each count.

    Examples
    --------
    >>> held_out(CountingPlan(size=16), seed=0, each=2)
    HeldOut(36 frames, 36 transitions)
    """
    sampler = CountingSampler(plan)
    source = np.random.default_rng([seed, _HELD_OUT])
    counts = np.array(plan.counts, dtype=np.int64)
    reference = sampler.shown(np.repeat(counts, 2 * each), source)
    before = sampler.shown(np.repeat(counts, 2 * each), source)
    actions = np.tile(np.repeat(np.arange(2), each), len(counts))
    pairs = Transitions(before, sampler.after(before, actions, source), actions)
    few = sampler.shown(source.integers(counts[0], counts[-1] + 1, size=IN_SAMPLE), source)
    walks = source.integers(2, size=(len(actions), ROLLOUT_STEPS[-1]))
    return HeldOut(reference, pairs, few, walks)


def answers_of(
    frames: HeldOut,
    encode: Callable[[Shown], FloatArray],
    predict: Callable[[FloatArray, IntArray], FloatArray],
    read: Callable[[FloatArray], FloatArray],
) -> Answers:
    """Ask encoder, predictor and head, given as functions of arrays.

    Parameters
    ----------
    frames
        What to ask about.
    encode, predict, read
        E, T and P: frames to latents ``[n, d]``, latents and actions to latents, latents to labels.
    """
    before = encode(frames.pairs.before)
    latents, rollouts = before, []
    for step in range(ROLLOUT_STEPS[-1]):
        latents = predict(latents, frames.walks[:, step])
        if step + 1 in ROLLOUT_STEPS:
            rollouts.append(latents)
    return Answers(
        encode(frames.reference), before, encode(frames.pairs.after), encode(frames.few),
        predict(before, frames.pairs.actions), read(before), np.stack(rollouts),
    )  # fmt: skip


def ask(trained: TrainedCounting, frames: HeldOut) -> Answers:
    """Ask trained networks, in evaluation mode and without gradients.

    Raises
    ------
    SubjectError
        When a latent is not finite.
    """
    networks = trained.networks

    def encode(shown: Shown) -> FloatArray:
        parts = [
            networks.encoder(as_input(shown.pictures[start : start + _BATCH])).float()
            for start in range(0, len(shown), _BATCH)
        ]
        return _numbers(torch.cat(parts), "encoder")

    def predict(latents: FloatArray, actions: IntArray) -> FloatArray:
        after = networks.predictor(torch.from_numpy(latents).float(), torch.from_numpy(actions))
        return _numbers(after, "predictor")

    def read(latents: FloatArray) -> FloatArray:
        return _numbers(networks.head(torch.from_numpy(latents).float()), "head")

    with one_thread(), torch.no_grad():
        return answers_of(frames, encode, predict, read)


def _numbers(found: torch.Tensor, part: str) -> FloatArray:
    if not found.isfinite().all():
        if part == "predictor":  # a rollout may leave every range; it is then far from everything
            found = found.nan_to_num(nan=torch.finfo(found.dtype).max)
        else:
            raise SubjectError(
                "encoder" if part == "encoder" else "head",
                "gives NaN or infinity on held-out frames: training has diverged.",
            )
    result: FloatArray = found.double().numpy()
    return result
