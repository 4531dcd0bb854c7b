"""Labels that an auxiliary loss may ask for in place of the task label.

What an encoder must then tell apart is B* of *that* label (S4): the audit of the relabelled system
says it, and :meth:`~tellapart.theory.partition.Partition.refines` says whether it covers the task
(S9).
"""

from collections.abc import Hashable
from fractions import Fraction

import numpy as np

from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["DISCOUNT", "TARGET_DIM", "random_target", "value_target"]

#: Discount of the value-style label.
DISCOUNT = Fraction(9, 10)
#: Coordinates of a random target.
TARGET_DIM = 2


def random_target(mdp: DeterministicMDP, seed: int, dim: int = TARGET_DIM) -> DeterministicMDP:
    """Return the system with a fixed random vector as the label of each observation.

    Parameters
    ----------
    mdp
        Gives observations, actions and successors; its labels play no part.
    seed
        Of the vectors: normal, independent of everything else drawn with the same number.
    dim
        Coordinates of a vector.

    Raises
    ------
    InvalidArgumentError
        When ``dim`` is below 1.

    Examples
    --------
    >>> from tellapart.theory.bisimulation import bisimulation
    >>> from tellapart.theory.gallery import redundant_pick
    >>> bisimulation(redundant_pick()).partition.n_blocks
    5
    >>> bisimulation(random_target(redundant_pick(), seed=0)).partition.n_blocks
    9
    """
    if isinstance(dim, bool) or not isinstance(dim, int) or dim < 1:
        raise InvalidArgumentError(f"dim is {dim!r}; a target needs an integer of at least 1.")
    drawn = np.random.default_rng([seed, 0x7A26E7]).normal(size=(mdp.n_obs, dim))
    return mdp.with_labels([tuple(row) for row in drawn.tolist()])


def value_target(mdp: DeterministicMDP, discount: Fraction = DISCOUNT) -> DeterministicMDP:
    """Return the system with the exact value of the uniformly random policy as its label.

    Parameters
    ----------
    mdp
        Labels must be numbers, or tuples of numbers; a tuple (the rewards of all actions, say)
        counts as its mean.
    discount
        Fraction in ``[0, 1)``.

    Returns
    -------
    DeterministicMDP
        The same system with labels ``V(o) = r(o) + discount * mean_a V(f(o, a))``, fractions: two
        observations share a label exactly when their values are equal.

    Raises
    ------
    InvalidArgumentError
        When the discount is outside ``[0, 1)``.
    InvalidLabelError
        When a label is not a number or a tuple of numbers.

    Notes
    -----
    For labels that are numbers B* does not change: equal values here and at all successors give
    equal labels. For tuples it may become coarser, since only their mean counts.

    Gauss-Jordan elimination over fractions, O(n³) of them: for systems of up to a few hundred
    observations. The matrix is strictly diagonally dominant, so that a pivot always exists.

    Examples
    --------
    >>> from tellapart.theory.mdp import DeterministicMDP
    >>> value_target(DeterministicMDP([[1], [1]], [0, 1])).labels
    (Fraction(9, 1), Fraction(10, 1))
    """
    if not 0 <= discount < 1:
        raise InvalidArgumentError(f"discount is {discount!r}; it must be in [0, 1).")
    n, share = mdp.n_obs, Fraction(discount) / mdp.n_actions
    rows = []
    for o in range(n):
        row = [Fraction(int(o == x)) for x in range(n)]
        for successor in mdp.successors[o].tolist():
            row[successor] -= share
        rows.append([*row, _reward(mdp.labels[o], mdp.observations[o])])
    return mdp.with_labels(_solved(rows))


def _reward(label: Hashable, name: Hashable) -> Fraction:
    parts = label if isinstance(label, tuple) else (label,)
    try:
        return sum((Fraction(part) for part in parts), Fraction(0)) / len(parts)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise InvalidLabelError(
            f"The label {label!r} of observation {name!r} has no value: it must be a number or a "
            "tuple of numbers; relabel the system with with_labels()."
        ) from error


def _solved(rows: list[list[Fraction]]) -> list[Fraction]:
    """Solve in place; ``rows`` is the square matrix with the right hand side appended."""
    n = len(rows)
    for column in range(n):
        pivot = next(r for r in range(column, n) if rows[r][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        factor = rows[column][column]
        rows[column] = [entry / factor for entry in rows[column]]
        for r in range(n):
            if r != column and rows[r][column]:
                times = rows[r][column]
                rows[r] = [x - times * y for x, y in zip(rows[r], rows[column], strict=True)]
    return [row[n] for row in rows]
