"""Writing SVG and text for a page: elements with everything escaped, names, numbers, words."""

import math
from collections.abc import Hashable, Sequence
from itertools import groupby

from markupsafe import Markup, escape

__all__ = ["count", "element", "figure", "integer", "name_text", "number", "trim", "word_text"]

#: Words up to this length are written out; longer ones as runs.
_PLAIN_WORD = 12
_MOST_RUNS = 16


def element(tag: str, *children: str, **attributes: object) -> Markup:
    """Return one element; children are escaped unless they are :class:`Markup` already.

    ``class_="x"`` becomes ``class="x"`` and ``stroke_width=1`` becomes ``stroke-width="1"``;
    floats are rounded to a hundredth, so that rounding noise never changes the page.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_attribute(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    inside = "".join(escape(child) for child in children)
    return Markup(f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>")


def figure(width: float, height: float, label: str, *children: str) -> Markup:
    """Return an ``<svg>`` with a name for screen readers; it shrinks with the page."""
    return element(
        "svg",
        *children,
        viewBox=f"0 0 {math.ceil(width)} {math.ceil(height)}",
        width=math.ceil(width),
        height=math.ceil(height),
        role="img",
        aria_label=label,
    )


def _attribute(value: object) -> str:
    return trim(f"{value:.2f}") if isinstance(value, float) else str(value)


def trim(decimal: str) -> str:
    """Drop trailing zeros of a decimal: ``1.50`` is ``1.5``, ``-0.00`` is ``0``."""
    short = decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
    return "0" if short in ("-0", "") else short


def number(value: float) -> str:
    """Write a measured number with three digits."""
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    return f"{value:.3g}"


def integer(value: int) -> str:
    """Write a count with thousands separated."""
    return f"{value:,}"


def count(value: int, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun: ``1 pair``, ``36 pairs``."""
    return f"{integer(value)} {noun if value == 1 else plural or noun + 's'}"


def name_text(name: Hashable, most: int = 60) -> str:
    """Write an observation, action or label as printable text of at most ``most`` characters.

    Control characters and lone surrogates, which no page can hold, become the replacement mark.
    """
    text = name if isinstance(name, str) else repr(name)
    text = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def word_text(word: Sequence[Hashable]) -> str:
    """Write a word of actions; runs of one action in a long word are counted."""
    if not word:
        return "(empty word: the labels differ at once)"
    if len(word) <= _PLAIN_WORD:
        return " ".join(name_text(action, 30) for action in word)
    runs = [(name_text(action, 30), len(list(group))) for action, group in groupby(word)]
    shown = [name if n == 1 else f"{name} (\u00d7{n})" for name, n in runs]
    if len(shown) > _MOST_RUNS:
        half = _MOST_RUNS // 2
        shown = [*shown[:half], "\u2026", *shown[-half:]]
    return f"{' '.join(shown)} \u2014 {len(word)} actions"
