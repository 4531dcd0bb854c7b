"""What a training horizon of k steps can reach, and which pairs it cannot (S7, S8)."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count, integer

__all__ = ["Horizon", "UnreachedPair", "horizon"]

#: Unreached pairs that are listed at most.
MOST_LISTED = 20


@register
@dataclass(frozen=True, slots=True)
class UnreachedPair:
    """A pair that must be told apart and shows equal labels within the horizon.

    Attributes
    ----------
    x, y
        Names of the observations.
    length
        Length of their shortest distinguishing word, above the horizon.
    """

    x: Hashable
    y: Hashable
    length: int


@register
@dataclass(frozen=True, slots=True)
class Horizon(Saved):
    """What labels up to ``steps`` steps ahead tell apart, and what they leave together.

    Attributes
    ----------
    steps
        The horizon k: labels are compared after 0, 1 .. k actions, and no further.
    n_blocks
        ``|B_k|``: how many blocks such labels tell apart.
    n_reached, n_unreached
        Pairs that must be told apart with a shortest distinguishing word of at most, and of more
        than, k actions. Nothing within the horizon asks the encoder to separate the latter.
    needed
        The smallest horizon that reaches every pair: the depth.
    unreached
        The first such pairs by index, at most 20.
    """

    steps: int
    n_blocks: int
    n_reached: int
    n_unreached: int
    needed: int
    unreached: tuple[UnreachedPair, ...]

    def explain(self) -> str:
        """Say in a few sentences what the horizon misses."""
        steps = count(self.steps, "step")
        if not self.n_unreached:
            return (
                f"A horizon of {steps} reaches all pairs that must be told apart: "
                f"{count(self.n_reached, 'pair')} (the depth is {self.needed})."
            )
        lines = [
            f"A horizon of {steps} reaches {integer(self.n_reached)} of the "
            f"{count(self.n_reached + self.n_unreached, 'pair')} that must be told apart: "
            f"{count(self.n_blocks, 'block')}. Longer words, up to {count(self.needed, 'action')}, "
            f"are needed for {count(self.n_unreached, 'pair')}:"
        ]
        lines += [f"  {p.x!r} | {p.y!r}   {count(p.length, 'action')}" for p in self.unreached]
        if self.n_unreached > len(self.unreached):
            lines.append(f"  ... and {integer(self.n_unreached - len(self.unreached))} more")
        return "\n".join(lines)


def horizon(system: DeterministicMDP | Bisimulation, steps: int) -> Horizon:
    """Tell which pairs a k-step training horizon cannot reach (S7).

    Training that compares labels only after unrolling the predictor for at most k steps, with the
    latents in between free, sees the k-step bisimilarity ``B_k`` and no more. The one-step
    dynamics loss of D1 on *all* transitions has no such bound: it carries labels any distance.

    Parameters
    ----------
    system
        A deterministic MDP, or its bisimulation where that is known already.
    steps
        The horizon k, an integer >= 0.

    Returns
    -------
    Horizon

    Raises
    ------
    InvalidArgumentError
        When ``steps`` is not an integer >= 0.

    Notes
    -----
    O(n log n) once the bisimulation is known.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> seen = horizon(counting_chain(9), 3)
    >>> seen.n_reached, seen.n_unreached, seen.unreached
    (35, 1, (UnreachedPair(x=0, y=8, length=4),))
    """
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer) or steps < 0:
        raise InvalidArgumentError(f"steps is {steps!r}; a horizon is an integer >= 0.")
    if isinstance(system, DeterministicMDP):
        from tellapart.theory.bisimulation import bisimulation

        system = bisimulation(system)
    k = min(int(steps), system.depth)
    by_depth = system.pairs_by_depth
    return Horizon(
        steps=int(steps),
        n_blocks=system.blocks_by_depth[k],
        n_reached=sum(by_depth[: k + 1]),
        n_unreached=sum(by_depth[k + 1 :]),
        needed=system.depth,
        unreached=_first_unreached(system, k),
    )


def _first_unreached(bisim: Bisimulation, k: int) -> tuple[UnreachedPair, ...]:
    """List the first pairs that share a block of B_k and not of B*."""
    if k >= bisim.depth:
        return ()
    near, final = bisim.history[k], bisim.partition
    names = bisim.mdp.observations
    found: list[UnreachedPair] = []
    order = np.argsort(near.ids, kind="stable")
    ends = np.cumsum(near.sizes)
    for x in np.flatnonzero(_is_split(near.ids, final.ids)).tolist():
        block = near.ids[x]
        members = order[ends[block] - near.sizes[block] : ends[block]]
        for y in members[(members > x) & (final.ids[members] != final.ids[x])].tolist():
            length = bisim.depth_of_indices(x, y)
            assert length is not None  # noqa: S101 - B* separates the two
            found.append(UnreachedPair(names[x], names[y], length))
            if len(found) == MOST_LISTED:
                return tuple(found)
    return tuple(found)


def _is_split(near: npt.NDArray[np.int32], final: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Mark the observations whose block of ``near`` holds several blocks of ``final``."""
    pairs = np.unique(np.stack([near, final]), axis=1)[0]
    parts = np.bincount(pairs, minlength=int(near.max()) + 1)
    result: npt.NDArray[np.bool_] = parts[near] > 1
    return result
