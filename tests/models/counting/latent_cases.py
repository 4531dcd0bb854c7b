"""Encoders that are functions of what a frame shows, with known answers."""

import numpy as np

from tellapart.models.counting.heldout import answers_of, held_out
from tellapart.models.counting.measures import measure_answers
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.samples import CountingSampler


def shifted(counts, actions, lowest=0):
    return np.clip(counts + 2 * actions - 1, lowest, 8)


class Table:
    """Latent ``points[count]``, a predictor that reads the nearest point, and its label."""

    def __init__(self, plan, points):
        self.plan, self.points = plan, np.asarray(points, dtype=np.float64)
        self.values = CountingSampler(plan).values

    def count_of(self, latents):
        lowest = self.plan.counts[0]
        gaps = np.linalg.norm(latents[:, None] - self.points[None, lowest:], axis=2)
        return gaps.argmin(axis=1) + lowest

    def encode(self, shown):
        return self.points[shown.counts]

    def predict(self, latents, actions):
        return self.points[shifted(self.count_of(latents), actions, self.plan.counts[0])]

    def read(self, latents):
        return self.values[self.count_of(latents)][:, None]


class Spread(Table):
    """As a table, with something added to every latent."""

    def __init__(self, plan, points, added):
        super().__init__(plan, points)
        self.added = added

    def encode(self, shown):
        return self.points[shown.counts] + self.added(shown)


def measure(model, seed=0, each=10):
    frames = held_out(model.plan, seed, each)
    answers = answers_of(frames, model.encode, model.predict, model.read)
    return measure_answers(model.plan, frames, answers, seed)


PLAN = CountingPlan(size=16)
CORNERS = np.eye(9)
