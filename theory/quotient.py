"""The quotient of an MDP by a bisimulation."""

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.stability import is_bisimulation

__all__ = ["quotient"]


def quotient(mdp: DeterministicMDP, partition: Partition) -> DeterministicMDP:
    """Return the MDP whose observations are the blocks of ``partition``.

    Each block is named after its smallest member and keeps the label; block ``b`` of the
    partition is observation number ``b``.

    Raises
    ------
    InvalidArgumentError
        When the partition is not a bisimulation of ``mdp``: then blocks have no well-defined
        label or successor.

    Notes
    -----
    O(n |A|). Definition D3; by S1 these are the MDPs that zero-loss encoders realise.

    Examples
    --------
    >>> mdp = DeterministicMDP([[1], [0], [0]], labels=["a", "a", "a"])
    >>> quotient(mdp, Partition([0, 0, 0]))
    DeterministicMDP(n_obs=1, n_actions=1, n_labels=1)
    """
    stable = is_bisimulation(mdp, partition)
    if not stable:
        raise InvalidArgumentError(
            f"{stable.explain()} Only a bisimulation has a quotient; refine the partition, or use "
            "bisimulation(mdp).partition."
        )
    representatives = partition.representatives.tolist()
    return DeterministicMDP(
        partition.ids[mdp.successors[representatives]],
        [mdp.label_values[i] for i in mdp.label_ids[representatives].tolist()],
        [mdp.observations[o] for o in representatives],
        mdp.actions,
    )
