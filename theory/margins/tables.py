"""A system as integer tables for margins: transitions in their order, and the way back from pairs.

A pair of observations ``x < y`` of n has the number ``x * n + y``.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.evaluation import label_targets, transitions_of

__all__ = ["PairEdges", "Tables", "pair_numbers", "tables_of"]

FloatArray = npt.NDArray[np.float64]
LongArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PairEdges:
    """Every way in which one action leads a pair to another pair.

    Attributes
    ----------
    pairs, reached
        int64 ``[k]``: numbers of the pair and of the pair that it leads to.
    first, second
        int64 ``[k]``: the transitions, from the smaller and from the larger observation.
    actions
        int64 ``[k]``.
    """

    pairs: LongArray
    reached: LongArray
    first: LongArray
    second: LongArray
    actions: LongArray


@dataclass(frozen=True, eq=False)
class Tables:
    """Transitions and labels of a system by index.

    Attributes
    ----------
    n_obs, n_actions
        Numbers of observations and actions.
    sources, actions, targets
        int64 ``[n_transitions]``, in the order in which certificates number transitions.
    label_ids
        int64 ``[n_obs]``, -1 where there is no label.
    labels
        float64 ``[n_obs, label_dim]``; NaN rows where there is no label.
    into, into_starts
        The transitions under action a into observation o are
        ``into[into_starts[k] : into_starts[k + 1]]`` with ``k = o * n_actions + a``.
    """

    n_obs: int
    n_actions: int
    sources: LongArray
    actions: LongArray
    targets: LongArray
    label_ids: LongArray
    labels: FloatArray
    into: LongArray
    into_starts: LongArray

    @property
    def n_pairs(self) -> int:
        """Number of unordered pairs of different observations."""
        return self.n_obs * (self.n_obs - 1) // 2

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        """Where there is a label: bool ``[n_obs]``."""
        return self.label_ids >= 0

    @cached_property
    def label_differs(self) -> npt.NDArray[np.bool_]:
        """Pairs, by number, of which both have labels, different ones: bool ``[n_obs**2]``."""
        known = self.label_ids >= 0
        differs = self.label_ids[:, None] != self.label_ids[None, :]
        differs &= known[:, None] & known[None, :]
        return np.asarray(np.triu(differs, 1).reshape(-1))

    @cached_property
    def edges(self) -> PairEdges:
        """All edges between pairs, by pair and then by transition; for small systems."""
        firsts, seconds = [], []
        for action in range(self.n_actions):
            mine = np.flatnonzero(self.actions == action)
            one, other = np.meshgrid(mine, mine, indexing="ij")
            kept = self.sources[one] < self.sources[other]
            kept &= self.targets[one] != self.targets[other]
            firsts.append(one[kept])
            seconds.append(other[kept])
        first, second = np.concatenate(firsts), np.concatenate(seconds)
        pairs = pair_numbers(self.sources[first], self.sources[second], self.n_obs)
        order = np.lexsort((second, first, pairs))
        first, second = first[order], second[order]
        reached = pair_numbers(self.targets[first], self.targets[second], self.n_obs)
        return PairEdges(pairs[order], reached, first, second, self.actions[first])


def pair_numbers(x: LongArray, y: LongArray, n: int) -> LongArray:
    """Return the numbers of unordered pairs."""
    return np.asarray(np.minimum(x, y) * n + np.maximum(x, y))


def tables_of(system: DeterministicMDP | TransitionData) -> Tables:
    """Return the tables of a system; O(m log m) for m transitions."""
    n, n_actions = system.n_obs, system.n_actions
    sources, actions, targets = transitions_of(system)
    keys = targets * n_actions + actions
    into = np.argsort(keys, kind="stable").astype(np.int64)
    starts = np.searchsorted(keys[into], np.arange(n * n_actions + 1)).astype(np.int64)
    return Tables(
        n_obs=n,
        n_actions=n_actions,
        sources=sources,
        actions=actions,
        targets=targets,
        label_ids=system.label_ids.astype(np.int64),
        labels=label_targets(system),
        into=into,
        into_starts=starts,
    )
