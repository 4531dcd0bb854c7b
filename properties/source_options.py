"""Options of SOURCE strings: what stands after the question mark."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from tellapart.theory.errors import TellapartError

__all__ = ["SourceError", "check_options", "parse_query", "parse_value"]


class SourceError(TellapartError, ValueError):
    """A SOURCE does not name a system that can be loaded; the message says why."""


def parse_value(text: str) -> Any:
    """Return the value of an option: JSON, or Python's True, False and None, else a string."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {"True": True, "False": False, "None": None}.get(text, text)


def parse_query(text: str, query: str) -> dict[str, str]:
    """Split ``key=value&key=value``; ``text`` is the SOURCE, for messages.

    Raises
    ------
    SourceError
        When it is not of that form, or an option is given twice.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise SourceError(
            f"{text}: the options after '?' are {query!r}; write key=value&key=value."
        ) from None
    repeated = [key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1]
    if repeated:
        raise SourceError(f"{text}: the option {repeated[0]!r} is given twice; give it once.")
    return dict(pairs)


def check_options(text: str, options: dict[str, Any]) -> None:
    """Check the types of our own options, and let one seed stand for a list of one.

    Raises
    ------
    SourceError
        Naming the option and what it must be.
    """
    if type(options.get("seeds")) is int:
        options["seeds"] = [options["seeds"]]
    wanted: dict[str, tuple[str, Callable[[Any], bool]]] = {
        "max_observations": ("an integer >= 1", lambda v: type(v) is int and v >= 1),
        "label_tolerance": ("a number >= 0", _is_tolerance),
        "check": ("true or false", lambda v: isinstance(v, bool)),
        "deterministic": ("true or false", lambda v: isinstance(v, bool)),
        "seeds": ("a list of integers >= 0", _is_seeds),
    }
    for key, (what, fits) in wanted.items():
        if key in options and not fits(options[key]):
            raise SourceError(f"{text}: {key} is {options[key]!r}; it must be {what}.")


def _is_tolerance(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < float("inf")


def _is_seeds(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(type(v) is int and v >= 0 for v in value)
