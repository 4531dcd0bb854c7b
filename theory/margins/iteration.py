"""Margins of all pairs by value iteration (S10), every result rounded down.

A margin is a float64 of 26 binary digits that is proved to satisfy its inequality with the
recorded bounds and constants, so it can be written into a certificate as it stands.

Supports cannot form a cycle: the inequalities are true of the real distances, so going around a
cycle of pairs never promises more than was put in, and only strict improvements are recorded.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InternalError
from tellapart.theory.margins.rounding import DOWN, MASK, TINY, UP, cut, quotient, up
from tellapart.theory.margins.tables import Tables, pair_numbers
from tellapart.theory.partial.closure import has_numba

__all__ = ["LABEL", "NONE", "PATH", "STEP", "Estimates", "Words", "iterate", "shortest_words"]

FloatArray = npt.NDArray[np.float64]
LongArray = npt.NDArray[np.int64]
ByteArray = npt.NDArray[np.int8]

#: Forms of a margin, as in certificates; 0 for none.
NONE, LABEL, STEP, PATH = 0, 1, 2, 3

#: Observations up to which NumPy beats loading the compiled kernels in a cold process.
_SMALL = 32


@dataclass(frozen=True, eq=False)
class Estimates:
    """Margins of all pairs, by pair number (entries with x >= y are not used).

    Attributes
    ----------
    values
        float64 ``[n_obs**2]``, 0 where there is no margin.
    forms
        int8 ``[n_obs**2]``: :data:`NONE`, :data:`LABEL`, :data:`STEP` or :data:`PATH`.
    supports
        int64 ``[n_obs**2, 2]``: of a step the transitions from the smaller and the larger
        observation; of a path its number and -1; -1 otherwise.
    """

    values: FloatArray
    forms: ByteArray
    supports: LongArray


@dataclass(frozen=True, eq=False)
class Words:
    """Shortest covered distinguishing words, by pair number.

    Attributes
    ----------
    lengths
        int32 ``[n_obs**2]``; -1 where no covered word tells the pair apart.
    following
        int64 ``[n_obs**2, 2]``: the transitions of the first letter; -1 at the end of a word.
    """

    lengths: npt.NDArray[np.int32]
    following: LongArray


def label_margins(
    tables: Tables, label_gaps: FloatArray, aux_bounds: FloatArray, head: float
) -> Estimates:
    """Return the margins that labels alone give: ``(|p(x) - p(y)| - δ(x) - δ(y)) / K``.

    Parameters
    ----------
    tables
        The system.
    label_gaps
        float64 ``[n_obs**2]``: lower bounds of ``|p(x) - p(y)|``, 0 where labels do not differ.
    aux_bounds
        float64 ``[n_obs]``: upper bounds of the label residuals.
    head
        K; infinite where there is none.
    """
    n = tables.n_obs
    values = np.zeros(n * n)
    if 0.0 < head < np.inf:
        both = up(aux_bounds[:, None] + aux_bounds[None, :]).reshape(-1)
        both = np.where(label_gaps > 0, both, 0.0)  # NaN where there is no label
        values = quotient(label_gaps, both, np.full(n * n, head))
    forms = np.where(values > 0, LABEL, NONE).astype(np.int8)
    return Estimates(values, forms, np.full((n * n, 2), -1, dtype=np.int64))


def iterate(
    tables: Tables,
    start: Estimates,
    bounds: FloatArray,
    constants: FloatArray,
    *,
    caps: FloatArray | None = None,
    needed: npt.NDArray[np.bool_] | None = None,
    gain: float = 1.0,
    method: str = "auto",
) -> tuple[Estimates, int]:
    """Follow steps backwards from the margins in ``start`` until nothing improves.

    Parameters
    ----------
    tables
        The system.
    start
        Margins to begin with; not changed.
    bounds
        float64 ``[n_transitions]``: upper bounds of the residuals.
    constants
        float64 ``[n_actions]``: L_a, infinite where there is none.
    caps
        float64 ``[n_obs**2]``: values stay below these.
    needed
        bool ``[n_obs**2]``: stop as soon as all of these are positive.
    gain
        An improvement must be more than by this factor.
    method
        ``"compiled"``, ``"numpy"`` or ``"auto"``; the values are the same.

    Returns
    -------
    The margins, and how many needed pairs have none.

    Notes
    -----
    O(|A| n²) for each time that all pairs improve; a pair improves at most as often as there are
    words of different lengths that serve it.
    """
    values, forms = start.values.copy(), start.forms.copy()
    supports = start.supports.copy()
    rounds = 4 * tables.n_pairs + 4 if caps is None else 4 * tables.n_obs + 1000
    if method == "compiled" or (method == "auto" and tables.n_obs > _SMALL and has_numba()):
        from tellapart.theory.margins.iteration_kernels import improve

        missing = improve(
            values, forms, supports, tables.n_obs, tables.n_actions, tables.sources, tables.into,
            tables.into_starts, bounds, constants, np.empty(0) if caps is None else caps,
            np.empty(0, np.int8) if needed is None else needed.astype(np.int8), gain, rounds,
            UP, DOWN, TINY, MASK,
        )  # fmt: skip
        return Estimates(values, forms, supports), int(missing)
    edges = tables.edges
    usable = (constants > 0) & (constants < np.inf)
    kept = usable[edges.actions]
    pairs, reached = edges.pairs[kept], edges.reached[kept]
    first, second = edges.first[kept], edges.second[kept]
    cost, divisor = up(bounds[first] + bounds[second]), constants[edges.actions[kept]]
    for _ in range(rounds if len(pairs) else 0):
        if needed is not None and (values[needed] > 0).all():
            break
        found = quotient(values[reached], cost, divisor)
        if caps is not None:
            found = cut(np.minimum(found, caps[pairs]))
        best = np.zeros_like(values)
        np.maximum.at(best, pairs, found)
        better = best > values * gain
        if not better.any():
            break
        chosen = np.flatnonzero(better[pairs] & (found == best[pairs]))[::-1]  # the first stays
        values[better] = best[better]
        forms[better] = STEP
        supports[pairs[chosen], 0] = first[chosen]
        supports[pairs[chosen], 1] = second[chosen]
    missing = 0 if needed is None else int((needed & (values == 0)).sum())
    return Estimates(values, forms, supports), missing


def shortest_words(tables: Tables) -> Words:
    """Find shortest covered words to different labels for all pairs (S7); O(|A| n²)."""
    lengths = np.where(tables.label_differs, 0, -1).astype(np.int32)
    following = np.full((len(lengths), 2), -1, dtype=np.int64)
    if tables.n_obs > _SMALL and has_numba():
        from tellapart.theory.margins.iteration_kernels import word_lengths

        word_lengths(
            lengths, following, tables.n_obs, tables.n_actions, tables.sources, tables.into,
            tables.into_starts,
        )  # fmt: skip
        return Words(lengths, following)
    edges = tables.edges
    for length in range(tables.n_pairs):
        fresh = np.flatnonzero((lengths[edges.pairs] < 0) & (lengths[edges.reached] == length))
        if not fresh.size:
            break
        fresh = fresh[::-1]
        lengths[edges.pairs[fresh]] = length + 1
        following[edges.pairs[fresh], 0] = edges.first[fresh]
        following[edges.pairs[fresh], 1] = edges.second[fresh]
    return Words(lengths, following)


def reached_pairs(tables: Tables, transitions: LongArray) -> LongArray:
    """Return the numbers of the pairs that pairs of transitions ``[k, 2]`` lead to."""
    ends = tables.targets[transitions]
    return pair_numbers(ends[:, 0], ends[:, 1], tables.n_obs)


def require_well_founded(tables: Tables, estimates: Estimates) -> None:
    """Raise InternalError when supports of steps form a cycle (they cannot)."""
    steps = np.flatnonzero(estimates.forms == STEP)
    leads_to = np.arange(len(estimates.forms), dtype=np.int64)
    leads_to[steps] = reached_pairs(tables, estimates.supports[steps])
    for _ in range(len(leads_to).bit_length()):
        leads_to[steps] = leads_to[leads_to[steps]]
    open_ended = np.flatnonzero(
        (estimates.forms[leads_to] == STEP) | (estimates.values[leads_to] <= 0)
    )
    open_ended = open_ended[estimates.forms[open_ended] == STEP]
    if open_ended.size:
        x, y = divmod(int(open_ended[0]), tables.n_obs)
        raise InternalError(
            f"The margin of the observations {x} and {y} (indices) rests on itself: a bug in our "
            "mathematics or code. Please report it with the system and the model."
        )
