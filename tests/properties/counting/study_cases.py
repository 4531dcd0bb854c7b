"""Finished runs with known numbers, without training: encoders that are functions of a frame."""

import os
import signal
from functools import cache

import numpy as np

from tellapart.models.counting.emergence import Emergence, Look
from tellapart.models.counting.heldout import answers_of, held_out
from tellapart.models.counting.losses import LossPoint
from tellapart.models.counting.measures import measure_answers
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun
from tellapart.models.counting.samples import CountingSampler
from tellapart.properties.counting.run import reproduce_counting

#: Latents of each count: nine corners, four against the rest, one point.
POINTS = {
    "nine": np.eye(9),
    "two": np.eye(2)[[0, 0, 0, 0, 1, 0, 0, 0, 0]],
    "one": np.zeros((9, 3)),
    "three": np.eye(3)[[0, 0, 0, 1, 1, 1, 2, 2, 2]],
}


@cache
def run(kind, design="joint", *, seed=10, wobble=0.01, blunder=0.0, **plan):
    """Return a run whose latents are the points of a kind, each frame a little aside.

    ``blunder`` is added to the prediction of +1 from 0, relative to the points.
    """
    made = CountingPlan(design, seed=seed, size=16, steps=20, **plan)
    points, values = POINTS[kind], CountingSampler(made).values
    source = np.random.default_rng(seed)
    lowest = made.counts[0]

    def count_of(latents):
        gaps = np.linalg.norm(latents[:, None] - points[None, lowest:], axis=2)
        return gaps.argmin(axis=1) + lowest

    def encode(shown):
        return points[shown.counts] + wobble * source.standard_normal(
            (len(shown.counts), points.shape[1])
        )

    def predict(latents, actions):
        counts = count_of(latents)
        found = points[np.clip(counts + 2 * actions - 1, lowest, 8)].copy()
        found[(counts == 0) & (actions == 1)] += blunder
        return found

    def read(latents):
        return values[count_of(latents)][:, None]

    frames = held_out(made, seed, 10)
    measures = measure_answers(made, frames, answers_of(frames, encode, predict, read), seed)
    last = Look(20, measures.without_noise.merged)
    emergence = Emergence(tuple(made.counts), (last,))
    return CountingRun(made, (LossPoint(1, 0.1, 0.1, 0.0),), 1.0, measures, None, emergence)


def runs(kind, design, seeds=(10, 11, 12), **options):
    return [run(kind, design, seed=seed, **options) for seed in seeds]


def study(
    joint="nine", reward="two", dynamics="one", random="one", glyphs=("nine", "two"),
    ordinary=("nine", "nine"), blunder=0.5, wobble=0.01,
):  # fmt: skip
    """Return all runs that the claims ask for, each design of the kind that is given."""
    network = {"architecture": "default-cnn"}
    found = [
        *runs(joint, "joint", wobble=wobble), *runs(reward, "reward-only"),
        *runs(dynamics, "dynamics-only", wobble=1e-5 if dynamics == "one" else 0.01),
        *runs(random, "random-aux"),
    ]  # fmt: skip
    for control, kinds, seeds in (
        ("glyphs", glyphs, (20, 21, 22, 23, 24)), ("frames", ordinary, (10, 11, 12)),
    ):  # fmt: skip
        for kind, design in zip(kinds, ("joint", "reward-only"), strict=True):
            found += runs(kind, design, seeds, control=control, **network)
    found += runs("nine", "joint", control="distractor")
    found += runs("nine", "joint", labels="hue", blunder=blunder, **network)
    found += runs("nine", "joint", labels="hue", control="no-zero", **network)
    return found


def run_and_die(plans, folder):
    """Run a study, and be killed in the second run."""

    def progress(stage, steps, total, note):
        if note.startswith("1 of") and steps > 30:
            os.kill(os.getpid(), signal.SIGKILL)

    reproduce_counting(plans=plans, each=3, folder=folder, progress=progress)
