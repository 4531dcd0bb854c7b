"""Writing SVG for a page: elements with everything escaped, rounded alike everywhere."""

import math

from markupsafe import Markup, escape

__all__ = ["element", "figure", "trim"]


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
