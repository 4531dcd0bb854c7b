"""When counts come apart during training: the groups of counts, looked at now and then."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from torch import nn

from tellapart.models.counting.losses import as_input
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.readout import centroids_of, group_of
from tellapart.models.counting.samples import CountingSampler
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import register

__all__ = ["LOOKS", "Emergence", "Look", "Watcher"]

#: How often a training is looked at.
LOOKS = 30

#: Frames of each count for the centroids, and as many to test.
_EACH = 50

_WATCHED = 4  # a stream of random numbers of its own


@register
@dataclass(frozen=True, slots=True)
class Look:
    """The counts that are not told apart at one step.

    Attributes
    ----------
    step
        How many steps were done.
    merged
        Pairs of counts of which more than 5 % of either lie no nearer to their own centroid.
    """

    step: int
    merged: tuple[tuple[int, int], ...]


@register
@dataclass(frozen=True, slots=True)
class Emergence:
    """What is told apart in the course of a training.

    Attributes
    ----------
    counts
        Ascending.
    looks
        By ascending step, the last step included.

    Examples
    --------
    >>> looks = Look(10, ((0, 1), (1, 2))), Look(20, ((1, 2),)), Look(30, ())
    >>> found = Emergence((0, 1, 2), looks)
    >>> found.groups, found.apart_from(0, 1), found.last_pairs
    ((1, 2, 3), 20, ((1, 2),))
    """

    counts: tuple[int, ...]
    looks: tuple[Look, ...]

    @property
    def groups(self) -> tuple[int, ...]:
        """Number of groups of counts at each look."""
        order = np.array(self.counts)
        return tuple(len(set(group_of(order, look.merged))) for look in self.looks)

    def apart_from(self, x: int, y: int) -> int | None:
        """Return the look (by its step) from which on two counts stay told apart; None: never.

        Raises
        ------
        InvalidArgumentError
            For counts that are not two of those shown.
        """
        pair = (min(x, y), max(x, y))
        if x == y or not set(pair) <= set(self.counts):
            raise InvalidArgumentError(
                f"({x!r}, {y!r}) are not two different counts of {self.counts}; name two of them."
            )
        first = None
        for look in reversed(self.looks):
            if pair in look.merged:
                break
            first = look.step
        return first

    @property
    def last_pairs(self) -> tuple[tuple[int, int], ...]:
        """The pairs that come apart last, or those that never do."""
        steps = {pair: self.apart_from(*pair) for pair in combinations(self.counts, 2)}
        never = tuple(pair for pair, step in steps.items() if step is None)
        if never:
            return never
        latest = max((step for step in steps.values() if step is not None), default=None)
        return tuple(pair for pair, step in steps.items() if step == latest)


class Watcher:
    """Looks at an encoder in training, always at the same frames, which it is not trained on.

    Parameters
    ----------
    plan
        What is trained.
    looks
        Those before an interruption.
    """

    def __init__(self, plan: CountingPlan, looks: Iterable[Look] = ()) -> None:
        self.counts = tuple(plan.counts)
        source = np.random.default_rng([plan.seed, _WATCHED])
        order = np.repeat(np.array(self.counts, dtype=np.int64), _EACH)
        sampler = CountingSampler(plan)
        self.shown = [sampler.shown(order, source) for _ in range(2)]
        self.every = max(1, plan.steps // LOOKS)
        self.looks = list(looks)

    def due(self, step: int, steps: int) -> bool:
        """Tell whether to look after so many of the steps."""
        return step % self.every == 0 or step == steps

    def look(self, encoder: nn.Module, step: int) -> None:
        """Ask the encoder in evaluation mode, and leave it as it was."""
        modes = [(module, module.training) for module in encoder.modules()]
        encoder.eval()
        with torch.no_grad():
            fitted, tested = (
                encoder(as_input(shown.pictures)).double().numpy() for shown in self.shown
            )
        for module, training in modes:
            module.training = training
        merged = tuple(combinations(self.counts, 2))  # latents that are no numbers tell nothing
        if np.isfinite(fitted).all() and np.isfinite(tested).all():
            centroids = centroids_of(fitted, self.shown[0].counts)
            merged = centroids.merged(tested, self.shown[1].counts)
        self.looks.append(Look(step, merged))

    def found(self) -> Emergence:
        """Return all looks."""
        return Emergence(self.counts, tuple(self.looks))
