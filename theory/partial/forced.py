"""F(D): the merges that the transitions force on every encoder of zero dynamics loss (S2)."""

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.border import as_data
from tellapart.theory.partial.closure import METHODS, close
from tellapart.theory.partition import Partition

__all__ = ["METHODS", "forced_merges"]


def forced_merges(data: TransitionData | DeterministicMDP, *, method: str = "auto") -> Partition:
    """Return ``F(D)``, the least equivalence with D4 (ii); every zero-loss kernel contains it.

    Parameters
    ----------
    data
        Any coverage, partial or non-functional; labels play no part.
    method
        ``"compiled"`` (numba), ``"reference"`` (plain Python), or ``"auto"``: plain Python for
        small data while the kernel is not loaded, compiled otherwise. The result is the same.

    Returns
    -------
    Partition
        Of the observations, by index. In a deterministic MDP, the identity.

    Raises
    ------
    InvalidArgumentError
        For data of another type, an unknown method, or ``"compiled"`` without numba.

    Notes
    -----
    Statement S2. O(m α + n log n + n |A|) for m transitions; O(n) for functional data.

    Examples
    --------
    One observation and one action with two successors: those two must share a code, and so must
    theirs.

    >>> forced_merges(TransitionData([[0, 0, 1], [0, 0, 2], [1, 0, 3], [2, 0, 4]]))
    Partition of 5 observations into 3 blocks: {0} {1, 2} {3, 4}
    """
    return close(as_data(data), method=method).partition
