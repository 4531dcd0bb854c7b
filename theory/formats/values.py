"""Names and labels as JSON values, and as one line of text; both can be read back exactly."""

import json
import re
from collections.abc import Hashable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from tellapart.theory.errors import FileFormatError, InvalidArgumentError

__all__ = ["from_json_value", "from_text", "json_text", "to_json_value", "to_text"]

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,3999})", re.ASCII)
_FLOAT = re.compile(r"-?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?", re.ASCII)
_RATIO = re.compile(r"-?[0-9]{1,2000}/[1-9][0-9]{0,1999}", re.ASCII)
_WORDS = {"true": True, "True": True, "false": False, "False": False}


def to_json_value(value: Any) -> Any:
    """Return a name or label as plain JSON; what JSON does not have becomes a tagged object.

    Strings, integers, finite floats, booleans and null stay what they are, tuples become lists.
    The rest: ``{"fraction": "1/3"}``, ``{"decimal": "0.10"}``, ``{"float": "inf"}``,
    ``{"bytes": "00ff"}``, ``{"frozenset": [...]}``.

    Raises
    ------
    InvalidArgumentError
        For a value of another type, and for integers of more than 4,000 digits.

    Examples
    --------
    >>> to_json_value((1, "a", Fraction(1, 3)))
    [1, 'a', {'fraction': '1/3'}]
    """
    if isinstance(value, np.generic):
        value = value.item()
    match value:
        case bool() | str() | None:
            return value
        case int():
            if abs(value) >= 10**4000:
                raise InvalidArgumentError(
                    "An integer of more than 4,000 digits cannot be written to a file; use a "
                    "string as name or label."
                )
            return int(value)
        case float():
            finite = value - value == 0.0
            return float(value) if finite else {"float": str(float(value))}
        case tuple():
            return [to_json_value(part) for part in value]
        case frozenset():
            parts = [to_json_value(part) for part in value]
            return {"frozenset": sorted(parts, key=json_text)}
        case Fraction():
            return {"fraction": str(value)}
        case Decimal():
            return {"decimal": str(value)}
        case bytes():
            return {"bytes": value.hex()}
    raise InvalidArgumentError(
        f"{value!r} of type {type(value).__name__} cannot be written to a file; use strings, "
        "numbers or tuples of them as names and labels."
    )


def from_json_value(data: Any) -> Any:
    """Return the name or label that :func:`to_json_value` wrote; other objects stay as they are.

    Raises
    ------
    FileFormatError
        For a tagged object whose content does not fit its tag.
    """
    if isinstance(data, list):
        return tuple(from_json_value(part) for part in data)
    if not isinstance(data, dict) or len(data) != 1:
        return data
    try:
        match data:
            case {"fraction": str(text)}:
                return Fraction(text)
            case {"decimal": str(text)}:
                return Decimal(text)
            case {"float": str(text)}:
                return float(text)
            case {"bytes": str(text)}:
                return bytes.fromhex(text)
            case {"frozenset": list(parts)}:
                return frozenset(from_json_value(part) for part in parts)
    except (ValueError, ArithmeticError, TypeError):
        raise FileFormatError(f"the value {str(data)[:80]} does not fit its tag") from None
    return data


def json_text(value: Any) -> str:
    """Return JSON in one line of printable characters; object keys keep their order."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if text.isprintable() else json.dumps(value, allow_nan=False)


def to_text(value: Hashable, *, ascii_only: bool = False) -> str:
    """Return a name or label as one line of printable text that :func:`from_text` reads back.

    A string is written bare unless its text would read as something else; then it is in double
    quotes, as in JSON. Numbers are written as such, booleans as ``true`` and ``false``, fractions
    as ``1/3``, tuples as JSON arrays, and the rest as the objects of :func:`to_json_value`.

    Parameters
    ----------
    value
        What :func:`to_json_value` takes.
    ascii_only
        Use 7-bit characters only.

    Examples
    --------
    >>> [to_text(v) for v in ("go", "7", 7, 0.5, Fraction(1, 3), True, (1, "a"), "")]
    ['go', '"7"', '7', '0.5', '1/3', 'true', '[1, "a"]', '""']
    """
    if isinstance(value, str):
        read = from_text(value) if value.isprintable() else None
        bare = value != "" and isinstance(read, str) and read == value
        bare = bare and (value.isascii() or not ascii_only)
        return value if bare else _quoted(value, ascii_only)
    if isinstance(value, Fraction) and value.denominator > 1:
        text = str(value)
        if _RATIO.fullmatch(text):
            return text
    return _quoted(to_json_value(value), ascii_only)


def _quoted(value: Any, ascii_only: bool) -> str:
    return json.dumps(value, allow_nan=False) if ascii_only else json_text(value)


def from_text(text: str) -> Any:
    """Return the value that a text stands for; what stands for nothing else is a string.

    Examples
    --------
    >>> [from_text(t) for t in ("go", "7", '"7"', "1/3", "2/4", "007", "[1, [2]]", "lock(p1, f1)")]
    ['go', 7, '7', Fraction(1, 3), '2/4', '007', (1, (2,)), 'lock(p1, f1)']
    """
    text = text.strip()
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if number - number == 0.0 else text
    if _RATIO.fullmatch(text):
        ratio = Fraction(text)
        return ratio if str(ratio) == text else text  # "2/4" may be input/output, not a number
    if text == "null":
        return None
    if text[:1] in ("[", "{", '"'):
        return _from_json_text(text)
    return text


def _from_json_text(text: str) -> Any:
    try:
        value = from_json_value(json.loads(text))
        hash(value)
    except (ValueError, TypeError, RecursionError):
        return text
    # Only what a label can be; any other object is somebody's own text.
    return text if isinstance(value, dict) else value
