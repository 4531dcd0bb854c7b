"""The forced merges as a picture: frames by count, what +1 leads to, what shares a code (S2)."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from tellapart.properties.report.counting_png import data_address
from tellapart.properties.report.forced_frames import CountedFrames, Reasons
from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import count

__all__ = ["ForcedPicture", "draw_forced"]

_SIDE, _GAP, _PAD = 64.0, 26.0, 7.0
_LEFT, _TOP, _ROW, _FONT = 34.0, 26.0, 78.0, 12.0
_MARK, _MARK_INK = "#ddcc77", "#000000"


@dataclass(frozen=True, slots=True)
class ForcedPicture:
    """The picture, and the merges it numbers, in words."""

    svg: Markup
    steps: tuple[str, ...]


def draw_forced(shown: CountedFrames, title: str) -> ForcedPicture:
    """Draw frames in rows by count, and an outline around the frames of each block of F(D).

    Parameters
    ----------
    shown
        Frames that :func:`.forced_frames.counted_frames` made. The members of a block stand
        beside each other.
    title
        What the picture shows, for screen readers; what is found is added.

    Returns
    -------
    ForcedPicture
        The same frames give the same text. A number between two frames names the merges that
        chain one to the other.
    """
    rows = _rows(shown)
    blocks = {name: int(shown.forced.ids[o]) for o, name in enumerate(shown.data.observations)}
    merged = [(str(x), str(y)) for row in rows for x, y in pairwise(row) if blocks[x] == blocks[y]]
    reasons = shown.reasons(merged)
    widest = max(map(len, rows))
    width = _LEFT + widest * (_SIDE + _GAP) - _GAP + 2 * _PAD
    at = _places(rows, width)
    parts = [_row_name(shown.counts[row[0]], at[row[0]][1]) for row in rows]
    parts += [_outline([at[name] for name in row if blocks[name] == block])
              for row in rows for block in dict.fromkeys(blocks[name] for name in row)]  # fmt: skip
    parts += [_arrow(at[x], at[y]) for x, y in _moves(shown)]
    parts += [_frame(shown, name, *at[name]) for row in rows for name in row]
    parts += [_mark(at[x], at[y], reasons, (x, y)) for x, y in merged]
    height = _TOP + len(rows) * (_SIDE + _ROW) - _ROW + 2 * _PAD + 4
    return ForcedPicture(
        figure(width + 4, height, f"{title} {_found(shown)}", *parts), tuple(reasons.sentences())
    )


def _found(shown: CountedFrames) -> str:
    sizes = Counter(shown.forced.sizes.tolist())
    said = ", ".join(f"{n} of {count(size, 'frame')}" for size, n in sorted(sizes.items()))
    return f"The forced merges leave {count(shown.forced.n_blocks, 'code')}: {said}."


def _rows(shown: CountedFrames) -> list[list[str]]:
    rows: dict[int, list[str]] = {}
    for name, number in shown.counts.items():
        rows.setdefault(number, []).append(name)
    return [rows[number] for number in sorted(rows)]


def _moves(shown: CountedFrames) -> list[tuple[str, str]]:
    names = shown.data.observations
    return [(str(names[o]), str(names[s])) for o, _, s in shown.data.triples.tolist()]


def _places(rows: list[list[str]], width: float) -> dict[str, tuple[float, float]]:
    """Return the upper left corner of each frame: rows are spread over the whole width."""
    at = {}
    room = (width - _LEFT - 2 * _PAD + _GAP) / max(map(len, rows))
    for r, row in enumerate(rows):
        share = room * max(map(len, rows)) / len(row)
        for k, name in enumerate(row):
            x = _LEFT + _PAD + share * (k + 0.5) - _GAP / 2 - _SIDE / 2
            at[name] = (x, _TOP + _PAD + r * (_SIDE + _ROW))
    return at


def _row_name(number: int, y: float) -> Markup:
    return _text(str(number), 12.0, y + _SIDE / 2 + 6, size=18.0)


def _outline(places: list[tuple[float, float]]) -> Markup:
    """Draw one code: a line around its frames, thick where there are several."""
    left, top = places[0]
    right = places[-1][0] + _SIDE
    return element(
        "rect", x=left - _PAD, y=top - _PAD, width=right - left + 2 * _PAD,
        height=_SIDE + 2 * _PAD, rx=9, fill=_MARK, fill_opacity="0.3" if len(places) > 1 else "0",
        stroke="currentColor", stroke_width=2.5 if len(places) > 1 else 1,
        class_="code",
    )  # fmt: skip


def _arrow(source: tuple[float, float], target: tuple[float, float]) -> Markup:
    """Draw +1 from the lower edge of a frame to the upper edge of another."""
    x, y = source[0] + _SIDE / 2, source[1] + _SIDE + _PAD + 3
    to, end = target[0] + _SIDE / 2, target[1] - _PAD - 3
    bend = f"{x:.1f},{y + 30:.1f} {to:.1f},{end - 36:.1f}"
    line = element(
        "path", d=f"M{x:.1f},{y:.1f}C{bend} {to:.1f},{end:.1f}", fill="none",
        stroke="currentColor", stroke_width=1.5,
    )  # fmt: skip
    head = element("path", d=f"M{to:.1f},{end + 2:.1f}l-4.5,-9h9Z", fill="currentColor")
    side = 1 if to >= x else -1
    word = _text("+1", to + 13 * side, end - 12)
    return element("g", line, head, word, class_="move")


def _frame(shown: CountedFrames, name: str, x: float, y: float) -> Markup:
    picture = element(
        "image", x=x, y=y, width=_SIDE, height=_SIDE, href=data_address(shown.pictures[name]),
        image_rendering="pixelated",
    )  # fmt: skip
    edge = element(
        "rect", x=x, y=y, width=_SIDE, height=_SIDE, fill="none", stroke="#888888", stroke_width=1
    )
    return element("g", element("title", name), picture, edge)


def _mark(
    one: tuple[float, float], other: tuple[float, float], reasons: Reasons, pair: tuple[str, str]
) -> Markup:
    x = (one[0] + other[0] + _SIDE) / 2
    y = one[1] + _SIDE / 2
    text = ",".join(map(str, reasons.because[pair]))
    disc = element("circle", cx=x, cy=y, r=10.0, fill=_MARK, stroke="#444444", stroke_width=1)
    title = element("title", f"{pair[0]} and {pair[1]} share a code by {text}")
    return element("g", title, disc, _text(text, x, y + 4.2, ink=_MARK_INK), class_="merge")


def _text(
    text: str, x: float, y: float, *, size: float = _FONT, ink: str = "currentColor"
) -> Markup:
    return element("text", text, x=x, y=y, font_size=size, fill=ink, text_anchor="middle")
