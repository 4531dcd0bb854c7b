"""Is a given partition a bisimulation (D3), or admissible (D4)? With a witness if not."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["Stability", "is_admissible", "is_bisimulation"]


@dataclass(frozen=True)
class Stability:
    """Whether a partition has a property; ``bool()`` of it is the answer.

    Attributes
    ----------
    holds
        The answer.
    prop
        ``"a bisimulation"`` or ``"admissible"``.
    x, y
        Names of two observations that share a block against the rule, or None.
    action
        The action that leads them to different blocks; None for a clash of labels.
    evidence
        The two labels, or the two successors (names), of ``x`` and ``y``.
    """

    holds: bool
    prop: str
    x: Hashable = None
    y: Hashable = None
    action: Hashable = None
    evidence: tuple[Hashable, Hashable] | None = None

    def __bool__(self) -> bool:
        return self.holds

    @property
    def kind(self) -> str | None:
        """``"label"`` or ``"successor"``: which rule the witness breaks; None when it holds."""
        if self.evidence is None:
            return None
        return "label" if self.action is None else "successor"

    def explain(self) -> str:
        """Return the answer and its reason as a sentence."""
        if self.evidence is None:
            return f"The partition is {self.prop}: labels and successors agree inside its blocks."
        head = f"The partition is not {self.prop}: {self.x!r} and {self.y!r} share a block, but "
        one, other = self.evidence
        if self.kind == "label":
            return head + f"have the labels {one!r} and {other!r}."
        return head + f"{self.action!r} leads to {one!r} and {other!r}, which do not."


def is_bisimulation(mdp: DeterministicMDP, partition: Partition) -> Stability:
    """Tell whether a partition is a bisimulation of ``mdp`` (D3).

    Raises
    ------
    InvalidArgumentError
        When the partition is of another number of observations.

    Notes
    -----
    O(n |A|).

    Examples
    --------
    >>> mdp = DeterministicMDP([[0], [0], [1]], labels=[0, 0, 0])
    >>> bool(is_bisimulation(mdp, Partition([0, 0, 0])))
    True
    >>> is_bisimulation(mdp, Partition([0, 1, 1])).explain()
    'The partition is not a bisimulation: 1 and 2 share a block, but 0 leads to 0 and 1, which do not.'
    """  # noqa: E501
    return _check(mdp, partition, "a bisimulation")


def is_admissible(mdp: DeterministicMDP, partition: Partition) -> Stability:
    """Tell whether some zero-loss encoder of ``mdp`` has this kernel (D4, S1).

    In a total, fully labelled MDP the admissible relations are exactly the equivalences that are
    bisimulations (S5), so this differs from :func:`is_bisimulation` in its wording only.

    Raises
    ------
    InvalidArgumentError
        When the partition is of another number of observations.
    """
    return _check(mdp, partition, "admissible")


def _check(mdp: DeterministicMDP, partition: Partition, prop: str) -> Stability:
    if len(partition) != mdp.n_obs:
        raise InvalidArgumentError(
            f"The partition is of {len(partition)} observations and the MDP has {mdp.n_obs}; both "
            "must speak of the same observations."
        )
    stands_for = partition.representatives[partition.ids]
    names = mdp.observations
    clash = np.flatnonzero(mdp.label_ids != mdp.label_ids[stands_for])
    if clash.size:
        y = int(clash[0])
        x = int(stands_for[y])
        labels = (mdp.label_values[mdp.label_ids[x]], mdp.label_values[mdp.label_ids[y]])
        return Stability(False, prop, names[x], names[y], None, labels)
    for action, column in enumerate(mdp.successors.T):
        reached = partition.ids[column]
        clash = np.flatnonzero(reached != reached[stands_for])
        if clash.size:
            y = int(clash[0])
            x = int(stands_for[y])
            ends = (names[int(column[x])], names[int(column[y])])
            return Stability(False, prop, names[x], names[y], mdp.actions[action], ends)
    return Stability(True, prop)
