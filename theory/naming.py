"""Names of observations and actions at the border: checked once, looked up, and hashed."""

import json
from abc import abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from numbers import Number, Real
from typing import Any, Protocol, TypeVar, cast, overload

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError, InvalidMDPError

__all__ = [
    "ArrayNames",
    "ListedNames",
    "UniqueNames",
    "as_names",
    "entry_named",
    "lookup",
    "lookup_table",
    "names_key",
    "row_named",
    "tagged",
]


class UniqueNames(Sequence[Hashable]):
    """Names that their maker knows to be unique, kept in a compact form; taken as they are."""

    @abstractmethod
    def find(self, name: Hashable) -> int | None:
        """Return the index of a name, or None."""

    def __repr__(self) -> str:
        more = ", ..." if len(self) > 5 else ""
        return f"{type(self).__name__}({', '.join(map(repr, self[:5]))}{more})"


class ArrayNames(UniqueNames):
    """Numbers as names, kept in one sorted array: 8 bytes for each name.

    Parameters
    ----------
    values
        Integers or floats ``[n]``, strictly increasing, no NaN; taken as they are.

    Notes
    -----
    :meth:`find` is O(log n).

    Examples
    --------
    >>> names = ArrayNames(np.array([3, 17, 400]))
    >>> names[1], names.find(17.0), names.find("17")
    (17, 1, None)
    """

    def __init__(self, values: npt.NDArray[Any]) -> None:
        self._values = values
        self._values.setflags(write=False)

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, index: int) -> Hashable: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hashable, ...]: ...
    def __getitem__(self, index: int | slice) -> Hashable | tuple[Hashable, ...]:
        if isinstance(index, slice):
            return tuple(self._values[index].tolist())
        return cast(Hashable, self._values[index].item())

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._values.tolist())

    def find(self, name: Hashable) -> int | None:
        """Return the index of a number of any type that is equal to a name, or None."""
        if not isinstance(name, Real) or name != name or not self[0] <= name <= self[-1]:
            return None  # outside the range of the array's type nothing can be looked up
        value = self._values.dtype.type(name)
        index = int(np.searchsorted(self._values, value))
        return index if index < len(self) and self[index] == name else None


class ListedNames(UniqueNames):
    """Any names that are known to be unique; the table to look them up is built when needed.

    Examples
    --------
    >>> names = ListedNames(["left", "right"])
    >>> names.find("right"), names.find(["no name"])
    (1, None)
    """

    def __init__(self, names: Iterable[Hashable]) -> None:
        self._names = tuple(names)

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> Hashable: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hashable, ...]: ...
    def __getitem__(self, index: int | slice) -> Hashable | tuple[Hashable, ...]:
        return self._names[index]

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._names)

    @cached_property
    def _table(self) -> dict[Hashable, int]:
        return {name: index for index, name in enumerate(self._names)}

    def find(self, name: Hashable) -> int | None:
        """Return the index of a name, or None."""
        try:
            return self._table.get(name)
        except TypeError:  # not hashable
            return None


def as_names(names: Iterable[Hashable] | None, count: int | None, kind: str) -> Sequence[Hashable]:
    """Return names as a sequence, checked to be unique, hashable and ``count`` many.

    Raises
    ------
    InvalidMDPError
        For a name that repeats, does not hash or does not equal itself, or for a wrong count
        (None: any).
    """
    if names is None:
        return range(count or 0)
    if isinstance(names, range | UniqueNames):
        unique: int = len(names)
        result: Sequence[Hashable] = names
    else:
        result = tuple(name.item() if isinstance(name, np.generic) else name for name in names)
        seen: set[Hashable] = set()
        for name in result:
            try:
                repeated = name in seen
            except TypeError:
                raise InvalidMDPError(
                    f"The {kind} name {name!r} of type {type(name).__name__} is not hashable. "
                    "Use strings, numbers or tuples as names."
                ) from None
            if name != name:
                raise InvalidMDPError(
                    f"The {kind} name {name!r} does not equal itself, so nothing can be looked up "
                    "by it. Use strings, numbers or tuples as names."
                )
            if repeated:
                raise InvalidMDPError(f"The {kind} name {name!r} is used twice; names are unique.")
            seen.add(name)
        unique = len(seen)
    if count is not None and unique != count:
        raise InvalidMDPError(
            f"There are {unique} {kind} names for {count} {kind}s; give one each."
        )
    return result


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Row = TypeVar("Row", bound=_Named)


Entry = TypeVar("Entry")


def entry_named(entries: Mapping[str, Entry], name: object, what: str, plural: str = "") -> Entry:
    """Return the entry of that name from a registry.

    Parameters
    ----------
    entries
        The registry, by name.
    name
        What was asked for.
    what, plural
        What an entry is called, and several of them; default: with an ``s``.

    Raises
    ------
    InvalidArgumentError
        When there is none, with the names there are.
    """
    if not isinstance(name, str) or name not in entries:
        raise InvalidArgumentError(
            f"There is no {what} named {name!r}; the {plural or what + 's'} are "
            f"{', '.join(entries)}."
        )
    return entries[name]


def row_named(rows: Sequence[Row], name: str, what: str) -> Row:
    """Return the row of that name.

    Raises
    ------
    InvalidArgumentError
        When there is none.
    """
    for row in rows:
        if row.name == name:
            return row
    raise InvalidArgumentError(
        f"There is no {what} named {name!r}. The {what}s are "
        f"{', '.join(repr(row.name) for row in rows)}."
    )


def lookup_table(names: Sequence[Hashable]) -> dict[Hashable, int]:
    """Return the index of each name; empty for names that find themselves."""
    if isinstance(names, range | UniqueNames):
        return {}
    return {name: index for index, name in enumerate(names)}


def lookup(table: dict[Hashable, int], name: Hashable, kind: str, names: Sequence[Hashable]) -> int:
    """Return the index of a name, given :func:`lookup_table` of the names.

    Raises
    ------
    InvalidArgumentError
        When there is no such name.
    """
    try:
        if isinstance(names, UniqueNames):
            found = names.find(name)
            if found is None:
                raise KeyError(name)
            return found
        if isinstance(names, range):
            return names.index(cast(int, name))
        return table[name]
    except (KeyError, TypeError, ValueError):
        some = ", ".join(repr(known) for known in names[:5]) + (", ..." if len(names) > 5 else "")
        raise InvalidArgumentError(
            f"There is no {kind} named {name!r}. Its {kind}s are {some}"
        ) from None


def tagged(value: Hashable) -> Any:
    """Encode a name or label so that equal values, and only those, have equal encodings."""
    if isinstance(value, tuple):
        return ["tuple", [tagged(part) for part in value]]
    if isinstance(value, frozenset):  # iterates in an order that changes with the hash seed
        return ["frozenset", sorted(json.dumps(tagged(part)) for part in value)]
    if isinstance(value, Number) and not isinstance(value, complex):
        ratio = getattr(value, "as_integer_ratio", None)
        if ratio is not None:
            with suppress(OverflowError):  # an infinity, which has no ratio
                top, bottom = ratio()
                return ["number", str(int(top)), str(int(bottom))]
    return [type(value).__name__, repr(value) if not isinstance(value, str) else value]


def names_key(names: Sequence[Hashable]) -> Any:
    """Encode names for a fingerprint; equal names have equal encodings."""
    if isinstance(names, range):
        return ["range", names.start, names.stop, names.step]
    if all(type(name) is int for name in names) and list(names) == list(range(len(names))):
        return ["range", 0, len(names), 1]
    return [tagged(name) for name in names]
