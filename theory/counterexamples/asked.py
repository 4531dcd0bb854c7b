"""What is asked of a search, validated once.

Inside of :mod:`.search`.
"""

from dataclasses import dataclass

from tellapart.theory.counterexamples.sat_search import has_sat
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["METHODS", "Asked", "at_least", "known_method", "size_range"]

#: How sizes are decided.
METHODS = ("auto", "enumeration", "sat")


@dataclass(frozen=True)
class Asked:
    """The bounds of a search."""

    observations: range
    actions: range
    codes: int | None
    max_labels: int
    min_depth: int
    method: str
    most: int

    def codes_of(self, n: int) -> range:
        """Return the numbers of codes to look at, ascending."""
        return range(1, n + 1) if self.codes is None else range(self.codes, self.codes + 1)

    def labels_of(self, n: int) -> range:
        """Return the numbers of label values to look at, ascending."""
        return range(1, min(self.max_labels, n) + 1)


def size_range(name: str, exactly: int | None, limit_name: str, limit: int) -> range:
    """Return the sizes to examine."""
    if exactly is not None:
        return range(at_least(name, exactly, 1), exactly + 1)
    return range(1, at_least(limit_name, limit, 1) + 1)


def known_method(method: str) -> str:
    """Return a method that exists here, or raise InvalidArgumentError."""
    if method not in METHODS:
        raise InvalidArgumentError(
            f"method is {method!r}; it must be one of {', '.join(map(repr, METHODS))}."
        )
    if method == "sat" and not has_sat():
        raise InvalidArgumentError(
            'method="sat" needs python-sat, which is not installed. Install tellapart[formal], or '
            'use method="enumeration".'
        )
    return method


def at_least(name: str, value: int, least: int) -> int:
    """Return an integer that is large enough, or raise InvalidArgumentError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")
    return value
