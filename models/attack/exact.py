"""What the attack ought to find: which pairs the trained losses allow to share a code, exactly."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tellapart.models.fit import Objective
from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.lattice.congruences import Folding, leaders_after
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["ExactAnswers"]


@dataclass(frozen=True)
class ExactAnswers:
    """Which pairs may share a code when an objective is zero.

    Attributes
    ----------
    mdp
        The system.
    objective
        ``"joint"``: the pairs inside a block of B* (S4, S5). ``"dynamics"``: all, since one code
        for everything is a congruence. ``"aux"`` and ``"decoupled"``: the pairs of equal label,
        since their encoder sees the auxiliary loss only (S8).
    """

    mdp: DeterministicMDP
    objective: Objective

    @property
    def counts_dynamics(self) -> bool:
        """Whether the encoder is trained on the dynamics loss."""
        return self.objective in ("joint", "dynamics")

    @property
    def counts_aux(self) -> bool:
        """Whether the encoder is trained on the auxiliary loss."""
        return self.objective != "dynamics"

    @cached_property
    def bisimulation(self) -> Bisimulation:
        """B* with its words."""
        return bisimulation(self.mdp)

    @cached_property
    def allowed(self) -> Partition:
        """The pairs inside a block may share a code under the objective, and no others."""
        if self.objective == "joint":
            return self.bisimulation.partition
        if self.objective == "dynamics":
            return Partition.single_block(self.mdp.n_obs)
        return Partition(self.mdp.label_ids.astype(np.int64))

    def least_merge(self, x: int, y: int) -> Partition | None:
        """Return the finest kernel at zero loss that merges two indices; None when there is none.

        Notes
        -----
        Merge and fold (S3): O(n |A| α(n)). It does not use :attr:`allowed`.
        """
        n = self.mdp.n_obs
        rows = self.mdp.successors.tolist() if self.counts_dynamics else [()] * n
        colours = self.mdp.label_ids.tolist() if self.counts_aux else [-1] * n
        none = [0] * n
        leaders = leaders_after(Folding([tuple(r) for r in rows], colours, none, none), [(x, y)])
        return None if leaders is None else Partition(leaders)
