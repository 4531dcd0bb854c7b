"""Codes at the border: one row of numbers for each observation, exact where it can be (D2)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite, lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["CodeRows", "code_rows"]

#: Integers up to this are the same numbers in float64.
_FLOAT_EXACT = 2**53


@dataclass(frozen=True)
class CodeRows:
    """Codes, and which of them are equal.

    Attributes
    ----------
    values
        ``[n, d]``: float64; or integers (int64 or Python integers) that are ``scale`` times the
        codes.
    scale
        The common denominator of exact codes; None for floats.
    ids
        int64 ``[n]``: equal codes, and only those, have equal ids, numbered by first appearance.
    """

    values: npt.NDArray[Any]
    scale: int | None
    ids: npt.NDArray[np.int64]

    @property
    def n_codes(self) -> int:
        """Number of distinct codes."""
        return int(self.ids.max()) + 1


def code_rows(codes: Any, names: Sequence[Hashable]) -> CodeRows:
    """Check codes and group equal ones.

    Parameters
    ----------
    codes
        One code for each observation: a NumPy array or tensor ``[n, ...]`` of integers or floats,
        or a sequence of numbers or of rows of numbers (int, float, ``Fraction``, ``Decimal``).
    names
        Names of the n observations, for messages.

    Returns
    -------
    CodeRows
        Exact for integers and fractions; a float beside a fraction is the rational it stands for.

    Raises
    ------
    InvalidArgumentError
        For another number of codes, rows of different lengths, NaN, infinity, or entries that are
        no numbers.

    Notes
    -----
    O(n d); equality is decided by the numbers themselves, no hash decides anything.

    Examples
    --------
    >>> from fractions import Fraction
    >>> rows = code_rows([Fraction(1, 2), 1, Fraction(1, 2)], names="abc")
    >>> rows.values.tolist(), rows.scale, rows.ids.tolist()
    ([[1], [2], [1]], 2, [0, 1, 0])
    """
    if hasattr(codes, "detach"):
        codes = _from_tensor(codes)
    if isinstance(codes, np.ndarray) and codes.dtype != object:
        table = _from_array(codes, names)
        return CodeRows(table, None if table.dtype.kind == "f" else 1, _group(table))
    if isinstance(codes, str | bytes | dict | set) or not hasattr(codes, "__iter__"):
        raise InvalidArgumentError(
            f"codes is a {type(codes).__name__}; give an array [n_obs, d] or a list with one code "
            "for each observation."
        )
    return _from_rows([_as_row(code, names, i) for i, code in enumerate(codes)], names)


def _from_tensor(tensor: Any) -> npt.NDArray[Any]:
    tensor = tensor.detach().cpu()
    try:
        return np.asarray(tensor.numpy())
    except TypeError:  # bfloat16: NumPy has no such type, and float64 holds all of its numbers
        return np.asarray(tensor.double().numpy())


def _check_count(found: int, names: Sequence[Hashable]) -> None:
    if found != len(names):
        raise InvalidArgumentError(
            f"There are {found} codes for {len(names)} observations; give exactly one each, in the "
            "order of the observations."
        )


def _from_array(codes: npt.NDArray[Any], names: Sequence[Hashable]) -> npt.NDArray[Any]:
    if codes.dtype.kind not in "iuf" or codes.ndim == 0:
        raise InvalidArgumentError(
            f"codes has dtype {codes.dtype} and shape {codes.shape}; it must hold integers or "
            "floats, one row [d] for each observation."
        )
    _check_count(len(codes), names)
    table = codes.reshape(len(codes), -1) if codes.size else codes.reshape(len(codes), 0)
    if table.dtype.kind != "f":
        small = table.dtype.itemsize < 8 or not table.size or int(table.max()) < 2**63
        return np.ascontiguousarray(table, dtype=np.int64 if small else object)
    finite = np.isfinite(table).all(axis=1)
    if not finite.all():
        o = int(np.argmin(finite))
        raise _not_finite(names[o])
    return np.ascontiguousarray(table, dtype=np.float64) + 0.0  # -0.0 is 0.0


def _not_finite(name: Hashable) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"The code of observation {name!r} has a NaN or an infinity. Codes are compared and "
        "averaged, so they must be finite numbers; repair the encoder first."
    )


def _as_row(code: Any, names: Sequence[Hashable], index: int) -> list[Any]:
    if hasattr(code, "tolist"):  # arrays, tensors, NumPy numbers
        code = code.tolist()
    row = list(code) if isinstance(code, list | tuple) else [code]
    for part in row:
        if isinstance(part, bool) or not isinstance(part, int | float | Fraction | Decimal):
            shown = repr(names[index]) if index < len(names) else f"number {index}"
            raise InvalidArgumentError(
                f"The code of observation {shown} has the entry {part!r} of type "
                f"{type(part).__name__}; codes are integers, floats or fractions."
            )
    return row


def _from_rows(rows: list[list[Any]], names: Sequence[Hashable]) -> CodeRows:
    _check_count(len(rows), names)
    for name, row in zip(names, rows, strict=True):
        if len(row) != len(rows[0]):
            raise InvalidArgumentError(
                f"The code of observation {name!r} has {len(row)} entries and that of "
                f"{names[0]!r} has {len(rows[0])}; all codes must have the same length."
            )
        if not all(isfinite(part) for part in row if isinstance(part, float | Decimal)):
            raise _not_finite(name)
    parts = [part for row in rows for part in row]
    shape = (len(rows), len(rows[0]))
    has_floats = any(isinstance(part, float) for part in parts)
    if has_floats and all(
        isinstance(part, float) or (isinstance(part, int) and abs(part) <= _FLOAT_EXACT)
        for part in parts
    ):
        table = np.array(parts, dtype=np.float64).reshape(shape) + 0.0
        return CodeRows(table, None, _group(table))
    numbers = [Fraction(part) for part in parts]
    scale = lcm(*(number.denominator for number in numbers))
    integers = [int(number * scale) for number in numbers]
    fits = all(-(2**63) <= integer < 2**63 for integer in integers)
    exact = np.array(integers, dtype=np.int64 if fits else object).reshape(shape)
    return CodeRows(exact, scale, _group(exact))


def _group(table: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Give equal rows one id, by first appearance."""
    n, d = table.shape
    if not d:
        return np.zeros(n, dtype=np.int64)
    keys: list[Any]
    if table.dtype == object:
        keys = [tuple(row) for row in table.tolist()]
    else:  # the bytes of a row; -0.0 is gone, so equal numbers have equal bytes
        keys = table.view(np.dtype((np.void, d * table.itemsize))).reshape(-1).tolist()
    seen: dict[Any, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int64)
