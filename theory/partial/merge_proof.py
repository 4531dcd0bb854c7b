"""The proof that observations share a code in every zero-loss encoder: all forced merges (S2)."""

import numpy as np

from tellapart.theory.partial.chain import needs_of
from tellapart.theory.partial.classes import ForcedClasses
from tellapart.theory.partial.proof import MergeStep, Prover

__all__ = ["merge_steps"]


def merge_steps(classes: ForcedClasses) -> tuple[MergeStep, ...]:
    """Return numbered merges, reasons first, that together join all classes of ``F(D)``.

    Parameters
    ----------
    classes
        What :func:`~tellapart.theory.partial.classes.forced_classes` computed.

    Notes
    -----
    At most ``n_obs - n_classes`` merges and what they rest on, each once; O(length of the proof
    paths) for each.

    Examples
    --------
    >>> from tellapart.theory.data.transitions import TransitionData
    >>> from tellapart.theory.partial.classes import forced_classes
    >>> data = TransitionData([[0, 0, 1], [0, 0, 2], [1, 0, 3], [2, 0, 4]])
    >>> for step in merge_steps(forced_classes(data)):
    ...     print(step.text())
    1. row 1: (0, 0) -> 2; row 0: (0, 0) -> 1: so 2 and 1 share a code.
    2. row 3: (2, 0) -> 4; row 2: (1, 0) -> 3; 2 and 1 share a code by 1: so 4 and 3 share a code.
    """
    towards, here, there = classes.closure.proof
    joined = np.flatnonzero(towards >= 0)
    links = zip(here[joined].tolist(), there[joined].tolist(), strict=True)
    prover = Prover(classes.data, needs_of(classes.data, classes.closure))
    prover.prove(links)
    return tuple(prover.steps)
