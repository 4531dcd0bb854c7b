"""The smallest linear and affine model of the counting chain, in closed form for every N (S12).

Coordinate ``j`` of the code of ``c`` is 1 when ``c >= j`` and 0 otherwise, so a count is a column
of ones, as in a thermometer. A step moves all coordinates by one place, and the label is the
difference of two neighbours. Coordinate 0 is always 1: a linear model keeps it, an affine one has
offsets in its place.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.linear.minimality import MinimalRealisation
from tellapart.theory.linear.minimality_check import MinimalityCertificate
from tellapart.theory.linear.realisation import LinearRealisation
from tellapart.theory.symbolic.checking import Ledger, SymbolicProof

__all__ = [
    "chain_realisation",
    "down_entry",
    "head_entry",
    "prove_chain_realisation",
    "reached",
    "up_entry",
]

Relu = Callable[[Any], Any]
Delta = Callable[[Any, Any], Any]


def reached(count: Any, j: Any, relu: Relu) -> Any:
    """Return coordinate ``j`` of the code of a count: 1 when ``count >= j``, else 0.

    Examples
    --------
    >>> [reached(2, j, lambda x: max(x, 0)) for j in range(5)]
    [1, 1, 1, 0, 0]
    """
    return relu(count - j + 1) - relu(count - j)


def up_entry(i: Any, j: Any, delta: Delta) -> Any:
    """Return entry ``(i, j)`` of T for +1: coordinate j becomes j - 1, coordinate 0 stays.

    Examples
    --------
    >>> [[up_entry(i, j, lambda x, y: int(x == y)) for j in range(3)] for i in range(3)]
    [[1, 1, 0], [0, 0, 1], [0, 0, 0]]
    """
    return delta(i, j - 1) + delta(i, 0) * delta(j, 0)


def down_entry(i: Any, j: Any, delta: Delta) -> Any:
    """Return entry ``(i, j)`` of T for -1: coordinate j becomes j + 1, coordinate 0 stays.

    Examples
    --------
    >>> [[down_entry(i, j, lambda x, y: int(x == y)) for j in range(3)] for i in range(3)]
    [[1, 0, 0], [0, 0, 0], [0, 1, 0]]
    """
    return delta(i, j + 1) * (1 - delta(j, 0)) + delta(i, 0) * delta(j, 0)


def head_entry(i: Any, target: Any, delta: Delta) -> Any:
    """Return entry ``i`` of P: the target is reached, but not the count after it.

    Examples
    --------
    >>> [head_entry(i, 1, lambda x, y: int(x == y)) for i in range(3)]
    [0, 1, -1]
    """
    return delta(i, target) - delta(i, target + 1)


def chain_realisation(
    n: int = 9, target: int | None = None, affine: bool = False
) -> MinimalRealisation:
    """Write down the smallest model of ``counting_chain(n, target)`` and its certificate (S12).

    Parameters
    ----------
    n, target
        As for :func:`tellapart.theory.gallery.counting_chain`.
    affine
        Whether coordinate 0, which is always 1, gives way to offsets.

    Returns
    -------
    MinimalRealisation
        Of dimension ``n``, or ``n - 1`` with offsets. All entries are -1, 0 or 1. The word of
        observation ``j`` leads from it to the target, so the certificate is triangular.

    Raises
    ------
    InvalidArgumentError
        As for ``counting_chain``, or when ``affine`` is not True or False.

    Notes
    -----
    O(n²) numbers. That this is right for every ``n`` and target is what
    :func:`prove_chain_realisation` and :func:`.chain.prove_chain_minimal` prove.

    Examples
    --------
    >>> small = chain_realisation(4, affine=True)
    >>> small.model.codes.tolist()
    [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    >>> bool(small.verify(counting_chain(4)))
    True
    """
    if not isinstance(affine, bool):
        raise InvalidArgumentError(f"affine is {affine!r}; it must be True or False.")
    chain = counting_chain(n, target)
    goal = chain.labels.index(1)
    codes = _table(n, n, lambda c, j: reached(c, j, _relu))
    up = _table(n, n, lambda i, j: up_entry(i, j, _delta))
    down = _table(n, n, lambda i, j: down_entry(i, j, _delta))
    head = _table(n, 1, lambda i, _: head_entry(i, goal, _delta))
    steps = np.stack([{"+1": up, "-1": down}[str(name)] for name in chain.actions])
    first = int(affine)  # what coordinate 0 leads to is the offset of an affine model
    model = LinearRealisation(
        codes[:, first:], steps[:, first:, first:], steps[:, 0, first:] * first,
        head[first:], head[0] * first, affine, tuple(range(n)),
    )  # fmt: skip
    words = tuple(_word(goal - j) for j in range(n))
    return MinimalRealisation(model, MinimalityCertificate(tuple(range(n)), words, (0,) * n))


def _word(steps: int) -> tuple[str, ...]:
    return ("+1",) * steps if steps > 0 else ("-1",) * -steps


def _table(height: int, width: int, entry: Callable[[int, int], int]) -> Any:
    result = np.empty((height, width), dtype=object)
    for i in range(height):
        result[i] = [entry(i, j) for j in range(width)]
    return result


def _relu(value: Any) -> Any:
    return max(value, 0)


def _delta(i: Any, j: Any) -> Any:
    return int(i == j)


def prove_chain_realisation() -> SymbolicProof:
    """Prove that the closed form has zero loss, for every N and every target (D1, S12).

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_chain_realisation().holds
    True
    """
    ledger = Ledger()
    i, k, s = ledger.symbols("i k s", integer=True, nonnegative=True)
    _check_products(ledger, i, k, s)
    _check_codes(ledger, i, k, s)
    _check_labels(ledger, i, k)
    return ledger.proof(
        "S12", "chain model",
        "codes of ones up to the count, shifted by the actions, and the difference of two "
        "neighbours as head have zero loss: N dimensions are enough for linear models, N - 1 for "
        "affine ones, for every N and every target",
        "i, k, s natural numbers, so that N, counts and coordinates range over all cases; z any "
        "row; an affine model has coordinate 0, which is always 1, as offsets",
    )  # fmt: skip


def _check_products(ledger: Ledger, i: Any, k: Any, s: Any) -> None:
    """Check what the matrices and the head do to any row z of N numbers."""
    sp = ledger.sp
    row, at, delta = sp.Function("z"), sp.Symbol("r", integer=True), sp.KroneckerDelta

    def times(entry: Any, last: Any) -> Any:
        return sp.Sum(row(at) * sp.expand(entry), (at, 0, last)).doit()

    j, last = 1 + k, 1 + k + s  # coordinates 1 .. N - 1 with N - 1 = last
    ledger.zero("z T(+1) at j is z(j - 1)", times(up_entry(at, j, delta), last) - row(j - 1))
    ledger.zero(
        "z T(-1) at j < N - 1 is z(j + 1)",
        times(down_entry(at, j, delta), last + 1) - row(j + 1),
    )
    ledger.zero("z T(-1) at N - 1 is 0", times(down_entry(at, j, delta), j))
    for name, entry in (("+1", up_entry), ("-1", down_entry)):
        kept = times(entry(at, sp.Integer(0), delta), s)
        ledger.zero(f"z T({name}) at 0 is z(0)", kept - row(0))
    inside = times(head_entry(at, k, delta), k + 1 + s)
    ledger.zero("z P with t < N - 1 is z(t) - z(t + 1)", inside - (row(k) - row(k + 1)))
    ledger.zero("z P with t = N - 1 is z(t)", times(head_entry(at, k, delta), k) - row(k))


def _check_codes(ledger: Ledger, i: Any, k: Any, s: Any) -> None:
    """Check the codes of successors: shifted, with 1 coming in from below and 0 from above."""

    def code(count: Any, j: Any) -> Any:
        return reached(count, j, ledger.relu)

    j, last = 1 + k, 1 + k + s
    ledger.zero("coordinate 0 of every code is 1", code(i, 0) - 1)
    ledger.zero("c + 1 reaches j when c reaches j - 1", code(i + 1, j) - code(i, j - 1))
    ledger.zero("stopped at N - 1: j and j - 1 are both reached", code(last, j) - code(last, j - 1))
    ledger.zero("c reaches j when c + 1 reaches j + 1", code(i, j) - code(i + 1, j + 1))
    ledger.zero("stopped at 0: neither j nor j + 1 is reached", code(0, j) - code(0, j + 1))
    ledger.zero("below N - 1, N - 1 is not reached", code(i, i + 1 + k))


def _check_labels(ledger: Ledger, i: Any, k: Any) -> None:
    def read(count: Any, target: Any) -> Any:
        return reached(count, target, ledger.relu) - reached(count, target + 1, ledger.relu)

    ledger.zero("the label at the target", read(k, k) - 1)
    ledger.zero("the label above it", read(k + 1 + i, k))
    ledger.zero("the label below it", read(i, i + 1 + k))
    ledger.zero("N is never reached", reached(i, i + 1 + k, ledger.relu))
