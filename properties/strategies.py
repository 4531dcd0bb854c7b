"""Hypothesis strategies for deterministic MDPs, labelings and admissible partitions.

Everything is constructed, nothing is filtered: no example is thrown away, and shrinking ends at
the smallest system there is (one observation, one action, label 0).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tellapart.properties.families import FAMILIES, draw_family
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["FAMILIES", "admissible_partitions", "deterministic_mdps", "labelings"]


def deterministic_mdps(
    *,
    min_observations: int = 1,
    max_observations: int = 8,
    min_actions: int = 1,
    max_actions: int = 3,
    max_labels: int = 3,
    families: Sequence[str] | None = None,
) -> st.SearchStrategy[DeterministicMDP]:
    """Draw deterministic MDPs with names ``0, 1, ...`` and labels ``0 .. max_labels-1``.

    Parameters
    ----------
    min_observations, max_observations, min_actions, max_actions
        Bounds, inclusive.
    max_labels
        Bound on the distinct labels.
    families
        Which of :data:`FAMILIES` to draw from; default all.

        With a single observation all are the same: self-loops and any label.

        ``"random"``: any successors and labels; every MDP within the bounds is one of these.
        ``"permutation"``: every action permutes the observations.
        ``"chain"``: one action walks to the end, the only label; others go anywhere. Words as
        long as ``n_obs - 2``.
        ``"counter"``: one action up, one down, clipped or modular, one target.
        ``"sparse-label"``: random successors, one observation labelled apart.
        ``"blow-up"``: copies of the observations of a smaller MDP, with any copy as successor, so
        that the quotient is smaller than the MDP.
        ``"disconnected"``: two MDPs side by side, often twins.

    Raises
    ------
    InvalidArgumentError
        For empty bounds or an unknown family.

    Notes
    -----
    Shrinks to one observation with one action and label 0. Hypothesis prefers few choices to
    small numbers, so a failing chain or counter is kept rather than a random table in its place.
    """
    for name, low, high in (
        ("observations", min_observations, max_observations),
        ("actions", min_actions, max_actions),
        ("labels", 1, max_labels),
    ):
        if not 1 <= low <= high:
            raise InvalidArgumentError(
                f"The bounds on {name} are {low}..{high}; they must be at least 1 and in order."
            )
    chosen = tuple(FAMILIES if families is None else families)
    unknown = [family for family in chosen if family not in FAMILIES]
    if unknown or not chosen:
        raise InvalidArgumentError(
            f"families is {list(chosen)}; choose at least one of {', '.join(FAMILIES)}."
        )
    return _mdps(
        (min_observations, max_observations), (min_actions, max_actions), max_labels, chosen
    )


@st.composite
def _mdps(
    draw: st.DrawFn,
    observations: tuple[int, int],
    actions: tuple[int, int],
    max_labels: int,
    families: tuple[str, ...],
) -> DeterministicMDP:
    low, high = observations
    # Every second draw is from the upper half: that is where the deep words are.
    n_obs = draw(st.one_of(st.integers(low, high), st.integers((low + high + 1) // 2, high)))
    n_actions = draw(st.integers(*actions))
    # With one observation all families are one; without a draw of it, this is the fewest choices
    # that any MDP takes, and Hypothesis shrinks to few choices first.
    family = draw(st.sampled_from(families)) if n_obs > 1 else "random"
    return DeterministicMDP(*draw_family(draw, family, n_obs, n_actions, max_labels))


def labelings(
    mdp: DeterministicMDP | int, max_labels: int = 3
) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw one label ``0 .. max_labels-1`` for each observation.

    Parameters
    ----------
    mdp
        The MDP to label (pass the result to ``mdp.with_labels``), or a number of observations.
    max_labels
        Bound on the distinct labels.

    Notes
    -----
    Shrinks to all zeros: the uninformative label, with which B* has one block (S8).
    """
    count = mdp if isinstance(mdp, int) else mdp.n_obs
    if count < 1 or max_labels < 1:
        raise InvalidArgumentError(
            f"labelings of {count} observations with {max_labels} labels: both must be >= 1."
        )
    one = st.integers(0, max_labels - 1)
    return st.lists(one, min_size=count, max_size=count).map(tuple)


def admissible_partitions(mdp: DeterministicMDP) -> st.SearchStrategy[Partition]:
    """Draw kernels of zero-loss encoders: partitions in the interval [identity, B*] (S5).

    Pairs of bisimilar observations are drawn, and merged and folded until every action respects
    the result. Every admissible partition is reached: it is the closure of its own pairs.

    Parameters
    ----------
    mdp
        The MDP; its admissible partitions (D4) are its bisimulations.

    Notes
    -----
    Shrinks to the identity. When nothing is bisimilar that is the only one.
    """
    top = bisimulation(mdp).partition
    wide = [block for block in top.blocks if len(block) > 1]
    if not wide:
        return st.just(top)
    return _coarser(mdp, top, wide)


@st.composite
def _coarser(
    draw: st.DrawFn, mdp: DeterministicMDP, top: Partition, wide: list[tuple[int, ...]]
) -> Partition:
    most = mdp.n_obs - top.n_blocks
    # Few pairs give partitions strictly between the ends, many give the largest.
    count = draw(st.one_of(st.integers(0, min(3, most)), st.integers(0, most)))
    blocks = {o: block for block in wide for o in block}
    # An offset modulo the block's size, not a dependent draw: the same pairs in less time.
    pair = st.tuples(st.sampled_from(sorted(blocks)), st.integers(1, max(map(len, wide)) - 1))
    pairs = []
    for o, offset in draw(st.lists(pair, min_size=count, max_size=count)):
        block = blocks[o]
        pairs.append((o, block[(block.index(o) + offset) % len(block)]))
    return _merge_and_fold(mdp, pairs)


def _merge_and_fold(mdp: DeterministicMDP, pairs: Sequence[tuple[int, int]]) -> Partition:
    """Return the least congruence that contains the pairs, O((n + merges) |A| α(n)).

    Folding B*-related pairs only ever merges B*-related pairs, so labels need no check (S5).
    """
    parent = list(range(mdp.n_obs))
    successors: list[list[int]] = mdp.successors.tolist()

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    waiting: list[tuple[int, int]] = list(pairs)
    while waiting:
        x, y = (root(node) for node in waiting.pop())
        if x != y:
            parent[max(x, y)] = min(x, y)
            waiting.extend(zip(successors[x], successors[y], strict=True))
    ids: Any = np.array([root(node) for node in range(mdp.n_obs)], dtype=np.int64)
    return Partition(ids)
