"""Reading of a saved certificate for the checker: JSON, and nothing taken on trust.

Every value is read where it is needed, as the type it must have; anything else is an error that
names the place. Booleans are no integers, keys may not repeat, and objects have exactly the keys
that their kind has.
"""

import json
import math
from collections.abc import Hashable
from fractions import Fraction
from typing import Any, NoReturn

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.margin_checker.numbers import rational

__all__ = ["LARGEST_ARRAY", "Node", "parse"]

#: No array, and no result of an operation, may hold more numbers than this.
LARGEST_ARRAY = 1 << 25


class Node:
    """A place in the JSON text: a value, and how to name it in an error.

    Attributes
    ----------
    value
        What :mod:`json` read there.
    where
        Its place, as in ``model.head.constants[0]``.
    """

    __slots__ = ("value", "where")

    def __init__(self, value: Any, where: str) -> None:
        self.value = value
        self.where = where

    def fail(self, what: str) -> NoReturn:
        """Raise the error that names this place."""
        where = self.where or "the text"
        raise InvalidArgumentError(
            f"This margin certificate cannot be read: {where} {what}. Save one with "
            "MarginCertificate.to_json()."
        )

    def is_kind(self, kind: str) -> bool:
        """Tell whether this is an object of that kind."""
        return isinstance(self.value, dict) and self.value.get("kind") == kind

    def fields(self, kind: str, *names: str) -> "list[Node]":
        """Return the values of an object of this kind, which has these keys and no others."""
        if not self.is_kind(kind):
            self.fail(f"is no saved {kind}")
        for name in names:
            if name not in self.value:
                self.fail(f"lacks {name!r}")
        for key in self.value:
            if key != "kind" and key not in names:
                self.fail(f"has the key {key!r}, which no {kind} has")
        return [Node(self.value[name], f"{self.where}.{name}".lstrip(".")) for name in names]

    def tagged(self, tag: str) -> Any:
        """Return what stands under the only key of an object, None when that is another key."""
        if isinstance(self.value, dict) and list(self.value) == [tag]:
            return self.value[tag]
        return None

    def items(self) -> "list[Node]":
        """Return the items of a saved tuple."""
        found = self.tagged("tuple")
        if not isinstance(found, list):
            self.fail("is not a tuple")
        return self._numbered(found)

    def listed(self) -> "list[Node]":
        """Return the items of a plain list."""
        if not isinstance(self.value, list):
            self.fail("is not a list")
        return self._numbered(self.value)

    def _numbered(self, values: list[Any]) -> "list[Node]":
        return [Node(value, f"{self.where}[{i}]") for i, value in enumerate(values)]

    def integer(self, low: int, high: int) -> int:
        """Return an integer in ``low .. high - 1``."""
        if type(self.value) is not int or not low <= self.value < high:
            self.fail(f"is {_shown(self.value)}, not an integer in {low}..{high - 1}")
        return self.value

    def text(self, *allowed: str) -> str:
        """Return a string, one of those allowed where any are given."""
        if not isinstance(self.value, str) or (allowed and self.value not in allowed):
            known = f" of {', '.join(allowed)}" if allowed else ""
            self.fail(f"is {_shown(self.value)}, not a string{known}")
        return self.value

    def rational(self) -> Fraction:
        """Return a non-negative rational, written ``"p/q"`` or ``"p"``."""
        number = rational(self.value) if isinstance(self.value, str) else None
        if number is None or number < 0:
            self.fail(f"is {_shown(self.value)}, not a rational >= 0 such as '1/3'")
        return number

    def rational_or_none(self) -> Fraction | None:
        """Return a non-negative rational, or None for null."""
        return None if self.value is None else self.rational()

    def shape(self) -> tuple[int, ...]:
        """Return a saved tuple of positive integers with a product that memory can hold."""
        shape = tuple(item.integer(1, LARGEST_ARRAY) for item in self.items())
        if math.prod(shape) > LARGEST_ARRAY:
            self.fail(
                f"has {math.prod(shape)} numbers, more than the {LARGEST_ARRAY} that are read"
            )
        return shape

    def integers(self, low: int, high: int) -> tuple[tuple[int, ...], list[int]]:
        """Return the shape and the numbers of an int64 array with values in ``low .. high - 1``."""
        shape, flat = self._array("int64")
        for i, value in enumerate(flat):
            if type(value) is not int or not low <= value < high:
                Node(value, f"{self.where}[{i}]").integer(low, high)
        return shape, flat

    def floats(self) -> tuple[tuple[int, ...], list[Fraction]]:
        """Return the shape and the exact values of a float64 array of finite numbers."""
        shape, flat = self._array("float64")
        if not flat:
            self.fail("is empty")
        return shape, [Node(value, f"{self.where}[{i}]")._finite() for i, value in enumerate(flat)]

    def _finite(self) -> Fraction:
        if type(self.value) is not float or not math.isfinite(self.value):
            self.fail(f"is {_shown(self.value)}, not a finite float")
        return Fraction(*self.value.as_integer_ratio())

    def _array(self, dtype: str) -> tuple[tuple[int, ...], list[Any]]:
        value = self.value
        if not isinstance(value, dict) or set(value) != {"array", "dtype", "shape"}:
            self.fail("is not an array")
        if value["dtype"] != dtype:
            self.fail(f"has the dtype {_shown(value['dtype'])}, not {dtype}")
        sizes = Node(value["shape"], f"{self.where}.shape").listed()
        shape = tuple(size.integer(0, LARGEST_ARRAY) for size in sizes)
        flat = value["array"]
        if not isinstance(flat, list) or math.prod(shape) != len(flat):
            self.fail(f"does not hold the numbers of its shape {list(shape)}")
        return shape, flat

    def name(self, nothing: bool = False) -> Hashable:
        """Return a name or a label: a string, a number, a boolean, or a tuple of them.

        A name may be, or hold, null too (``nothing``); a label may not: that is a missing one.
        """
        value = self.value
        if nothing and value is None:
            return None
        if isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if isinstance(self.tagged("fraction"), str):
            number = rational(value["fraction"])
            if number is not None:
                return number
        if self.tagged("float") in ("inf", "-inf"):
            return float(value["float"])
        if isinstance(self.tagged("bytes"), str):
            try:
                return bytes.fromhex(value["bytes"])
            except ValueError:
                self.fail("is not hexadecimal")
        if isinstance(self.tagged("tuple"), list):
            return tuple(item.name(nothing) for item in self.items())
        self.fail(f"is {_shown(value)}, not a name or a label")

    def names(self) -> list[Hashable]:
        """Return names: a saved range or tuple, without repetition."""
        bounds = self.tagged("range")
        if bounds is None:
            found = [item.name(nothing=True) for item in self.items()]
        else:
            limits = Node(bounds, self.where).listed()
            if len(limits) != 3 or limits[2].value == 0:
                self.fail("is not a range")
            low, high, step = (limit.integer(-(1 << 62), 1 << 62) for limit in limits)
            if len(range(low, high, step)) > LARGEST_ARRAY:
                self.fail("is a range of more names than are read")
            found = list(range(low, high, step))
        if len(set(found)) != len(found):
            self.fail("names something twice")
        return found


def parse(text: str) -> Node:
    """Return the whole of a JSON text.

    Raises
    ------
    InvalidArgumentError
        When it is not JSON, is cut off, nests too deeply, repeats a key or holds NaN.
    """
    whole = Node(None, "the text")
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        whole.fail(f"is not JSON ({error})")
    return Node(value, "")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, bool | int | float) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
