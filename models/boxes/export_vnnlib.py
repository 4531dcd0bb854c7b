"""A query about two boxes in VNN-LIB, the language that verifiers of networks share."""

from decimal import Decimal

import numpy as np
import numpy.typing as npt

__all__ = ["merging_query"]

FloatArray = npt.NDArray[np.float64]


def merging_query(lo: FloatArray, hi: FloatArray, d: int, delta: float, title: str) -> str:
    """Return a property that is satisfiable when two inputs have codes ``delta`` apart or less.

    Parameters
    ----------
    lo, hi
        float64 ``[2 N]``: ends of each input variable, for x and then for y.
    d
        Dimension of the codes: output i is coordinate i of their difference.
    delta
        Sup-norm distance that is asked about.
    title
        Comment in the first lines.

    Notes
    -----
    Numbers are written with all their decimals: what is asked is exactly what the floats say.

    Examples
    --------
    >>> print(merging_query(np.array([0.0, 0.5]), np.array([0.25, 1.0]), 1, 0.125, "one pixel"))
    ; one pixel
    (declare-const X_0 Real)
    (declare-const X_1 Real)
    (declare-const Y_0 Real)
    (assert (>= X_0 0))
    (assert (<= X_0 0.25))
    (assert (>= X_1 0.5))
    (assert (<= X_1 1))
    (assert (<= Y_0 0.125))
    (assert (>= Y_0 -0.125))
    """
    lines = [f"; {line}" for line in title.splitlines()]
    lines += [f"(declare-const X_{i} Real)" for i in range(len(lo))]
    lines += [f"(declare-const Y_{i} Real)" for i in range(d)]
    for i, (low, high) in enumerate(zip(lo.tolist(), hi.tolist(), strict=True)):
        lines += [f"(assert (>= X_{i} {_decimal(low)}))", f"(assert (<= X_{i} {_decimal(high)}))"]
    for i in range(d):
        lines += [
            f"(assert (<= Y_{i} {_decimal(delta)}))",
            f"(assert (>= Y_{i} {_decimal(-delta)}))",
        ]
    return "\n".join(lines)


def _decimal(number: float) -> str:
    """Write a float exactly, without an exponent."""
    text = format(Decimal(number), "f")
    return "0" if text == "-0" else text
