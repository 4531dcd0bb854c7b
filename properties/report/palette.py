"""Colours of blocks and strokes of actions: safe for colour-blind readers, the same every time."""

import colorsys

__all__ = ["ACTION_STYLES", "block_colour", "dash", "text_colour"]

#: Qualitative palette of Paul Tol (muted), reordered so that neighbours differ in lightness.
_SAFE = (
    "#88ccee", "#cc6677", "#ddcc77", "#117733", "#aa4499",
    "#44aa99", "#332288", "#999933", "#882255", "#bbbbbb",
)  # fmt: skip
_GOLDEN_ANGLE = 0.381966011250105  # of a full turn: no two hues of a long list come close early
_LIGHTNESS = (0.62, 0.42, 0.78)

#: Dash patterns by action; colour comes from the style sheet (classes ``a0 .. a7``).
_DASHES = (None, "7 4", "2 3", "9 3 2 3", "12 3", "5 2 1 2 1 2", "1 4", "3 6")
#: How many actions get a stroke of their own.
ACTION_STYLES = len(_DASHES)


def block_colour(block: int, n_blocks: int) -> str:
    """Return the fill of a block, ``#rrggbb``; golden-angle hues beyond ten blocks."""
    if n_blocks <= len(_SAFE):
        return _SAFE[block]
    hue = (block * _GOLDEN_ANGLE) % 1.0
    rgb = colorsys.hls_to_rgb(hue, _LIGHTNESS[block % len(_LIGHTNESS)], 0.6)
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)


def text_colour(fill: str) -> str:
    """Return black or white, whichever contrasts more with a fill (WCAG relative luminance)."""
    parts = [int(fill[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"


def dash(action: int) -> str | None:
    """Return the dash pattern of an action, None for a solid line."""
    return _DASHES[action % ACTION_STYLES]
