"""Independent replay of a collapse witness: plain Python, nothing shared with what found it."""

from collections.abc import Hashable, Sequence
from math import dist

__all__ = ["replay_witness"]


def replay_witness(
    successors: Sequence[Sequence[int]],
    labels: Sequence[Hashable],
    codes: Sequence[Sequence[float]],
    x: int,
    y: int,
    word: Sequence[int],
    threshold: float,
) -> bool:
    """Tell whether ``word`` separates x and y by label while their codes are within threshold.

    Parameters
    ----------
    successors, labels, codes
        Tables of the system and of the encoder, indexed by observation.
    x, y
        Observation indices.
    word
        Action indices.
    threshold
        Largest distance at which two codes count as one.

    Notes
    -----
    O(|word| + d). Proves, with S7, that the pair must be told apart and is not.
    """
    here, there = x, y
    for action in word:
        here, there = successors[here][action], successors[there][action]
    # The relative slack covers the last digits in which two ways of summing squares may differ.
    return labels[here] != labels[there] and dist(codes[x], codes[y]) <= threshold * (1 + 1e-9)
