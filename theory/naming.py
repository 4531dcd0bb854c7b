"""Names of observations and actions at the border: checked once, looked up, and hashed."""

import json
from abc import abstractmethod
from collections.abc import Hashable, Iterable, Sequence
from numbers import Number
from typing import Any

import numpy as np

from tellapart.theory.errors import InvalidArgumentError, InvalidMDPError

__all__ = ["UniqueNames", "as_names", "lookup", "lookup_table", "names_key", "tagged"]


class UniqueNames(Sequence[Hashable]):
    """Names that their maker knows to be unique, kept in a compact form; taken as they are."""

    @abstractmethod
    def find(self, name: Hashable) -> int | None:
        """Return the index of a name, or None."""


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
            return names.index(name)
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
