"""Margins by steps and labels in rational arithmetic, as S10 is written: the oracle of the rest."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations

__all__ = ["reference_margins"]

Pair = tuple[int, int]


def reference_margins(
    transitions: Sequence[tuple[int, int, int]],
    labels: Sequence[Sequence[Fraction] | None],
    bounds: Sequence[Fraction],
    aux_bounds: Sequence[Fraction | None],
    constants: Sequence[Fraction | None],
    head: Fraction | None,
) -> Mapping[Pair, Fraction]:
    """Return every positive margin that labels and steps give (S10).

    Parameters
    ----------
    transitions
        (o, a, o') by index, numbered as ``bounds`` is.
    labels
        The label vector of each observation; None where it has none.
    bounds, aux_bounds
        Upper bounds of the residuals of transitions and of labels.
    constants, head
        L_a for each action, and K; None where there is none.

    Returns
    -------
    Margins by pair ``(x, y)`` with ``x < y``.

    Notes
    -----
    One sweep is quadratic in the number of transitions; at most as many sweeps as there are pairs,
    when bounds and constants are true of some model.

    Examples
    --------
    >>> chain = [(0, 0, 1), (1, 0, 2), (2, 0, 2)]
    >>> zero, one = (Fraction(0),), (Fraction(1),)
    >>> half = Fraction(1, 2)
    >>> found = reference_margins(chain, [zero, zero, one], [0] * 3, [0] * 3, [1 / half], 1)
    >>> {pair: str(margin) for pair, margin in found.items()}
    {(0, 2): '1', (1, 2): '1', (0, 1): '1/2'}
    """
    margins: dict[Pair, Fraction] = {}
    for x, y in combinations(range(len(labels)), 2):
        p, q, one, other = labels[x], labels[y], aux_bounds[x], aux_bounds[y]
        if p is not None and q is not None and one is not None and other is not None and head:
            gap = max(abs(a - b) for a, b in zip(p, q, strict=True))
            if gap - one - other > 0:
                margins[x, y] = (gap - one - other) / head
    changed = True
    while changed:
        changed = False
        for s, t in combinations(range(len(transitions)), 2):
            (x, a, u), (y, b, v) = transitions[s], transitions[t]
            constant = constants[a]
            pair, ahead = (min(x, y), max(x, y)), margins.get((min(u, v), max(u, v)))
            if a != b or x == y or ahead is None or not constant:
                continue
            found = (ahead - bounds[s] - bounds[t]) / constant
            if found > max(0, margins.get(pair, 0)):
                margins[pair] = Fraction(found)
                changed = True
    return margins
