"""The exact system of counts behind the counting environment, with its controls."""

import numpy as np

from tellapart.models.counting.border import as_flag
from tellapart.models.counting.rules import CountingRules
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["counting_system", "paired"]


def counting_system(
    labels: str = "sparse",
    *,
    target: int = 4,
    lowest: int = 0,
    highest: int = 8,
    distractor: bool = False,
    seed: int = 0,
) -> DeterministicMDP:
    """Return the environment's exact system of counts.

    Parameters
    ----------
    labels
        ``"sparse"``, ``"dense"``, ``"mod3"`` or ``"network"``, of the count
        (:func:`~tellapart.models.counting.rules.count_labels`).
    target, lowest, highest
        As in :class:`~tellapart.models.counting.rules.CountingRules`.
    distractor
        Pair each count with a bit that changes at every step, whatever the action.
    seed
        Of the random network.

    Returns
    -------
    DeterministicMDP
        Observations are named by their count, or ``(count, bit)``; actions ``-1`` and ``+1``.

    Raises
    ------
    InvalidArgumentError
        For arguments outside of their ranges.

    Notes
    -----
    Sparse label, target 4 of 0..8: 9 blocks, depth 4 (D3). A distractor doubles the
    observations and adds no block. There are no ends of episodes: they are rules about which
    transitions are seen.

    Examples
    --------
    >>> from tellapart.theory.bisimulation import bisimulation
    >>> bisimulation(counting_system(distractor=True)).partition.n_blocks
    9
    """
    rules = CountingRules(lowest, highest, target, labels, seed=seed)
    chain = _chain(rules)
    if not as_flag("distractor", distractor):
        return chain
    return paired(chain, (1, 0))


def _chain(rules: CountingRules) -> DeterministicMDP:
    chain = counting_chain(len(rules.counts), rules.target - rules.lowest)
    labels = rules.label_of(rules.counts)
    return DeterministicMDP(chain.successors, labels, rules.counts, chain.actions)


def paired(system: DeterministicMDP, moves: tuple[int, ...]) -> DeterministicMDP:
    """Pair each observation with a number that no action controls.

    Parameters
    ----------
    system
        Its labels stay.
    moves
        Every action sends number ``v`` to ``moves[v]``.

    Returns
    -------
    DeterministicMDP
        Observation ``o * len(moves) + v`` is named by its name in ``system`` and ``v``. Blocks and
        depth (D3) are those of ``system``.

    Examples
    --------
    >>> paired(counting_system(), (1, 2, 0)).observations[:4]
    ((0, 0), (0, 1), (0, 2), (1, 0))
    """
    m = len(moves)
    table = system.successors[:, None, :].astype(np.int64) * m + np.array(moves)[None, :, None]
    names = [
        (*name, v) if isinstance(name, tuple) else (name, v)
        for name in system.observations
        for v in range(m)
    ]
    labels = [label for label in system.labels for _ in range(m)]
    return DeterministicMDP(table.reshape(-1, system.n_actions), labels, names, system.actions)
