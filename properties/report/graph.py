"""Pictures of a system and of its quotient: blocks by colour, actions by colour and dash."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from tellapart.properties.report.layout import layout
from tellapart.properties.report.palette import ACTION_STYLES, block_colour, dash, text_colour
from tellapart.properties.report.routes import Arrow, Link, loops, routes
from tellapart.properties.report.svg import element, figure
from tellapart.properties.report.wording import name_text
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "MOST_DRAWN",
    "Node",
    "System",
    "action_legend",
    "draw_graph",
    "is_drawable",
    "ringed_label",
]

FloatArray = npt.NDArray[np.float64]
System = DeterministicMDP | TransitionData

#: Larger systems are shown as counts: a picture of more observations is a hairball.
MOST_DRAWN = 60
_MOST_ARROWS = 420
_STEP, _WIDEST, _HIGHEST = 72.0, 900.0, 760.0
_SMALLEST_TEXT = 7.0


@dataclass(frozen=True, slots=True)
class Node:
    """How one observation or block is drawn.

    Attributes
    ----------
    text, small
        Written inside; ``small`` below ``text`` where there is room.
    title
        Shown on hover.
    block
        Decides the colour.
    """

    text: str
    small: str
    title: str
    block: int


def is_drawable(system: System) -> bool:
    """Tell whether a picture of this system can be read."""
    return system.n_obs <= MOST_DRAWN and len(_links(system)) <= _MOST_ARROWS


def ringed_label(system: System) -> int | None:
    """Return the label id drawn with a second ring: the rarer of exactly two, else None."""
    if len(system.label_values) != 2:
        return None
    known = system.label_ids[system.label_ids >= 0]
    return int(np.argmin(np.bincount(known, minlength=2)))


def draw_graph(
    system: System,
    nodes: Sequence[Node],
    n_blocks: int,
    label: str,
    highlighted: Sequence[int] = (),
    followed: Collection[tuple[int, int]] = (),
) -> Markup:
    """Draw a small system.

    Parameters
    ----------
    system
        The system, total or partial; :func:`is_drawable` should hold.
    nodes
        One for each observation.
    n_blocks
        Number of blocks that share the palette.
    label
        What the picture shows, for screen readers.
    highlighted
        Observations (indices) to mark with a halo.
    followed
        Pairs of observation and action (indices) whose arrows are drawn thick.

    Returns
    -------
    Markup
        An ``<svg>`` element; the same arguments give the same text.
    """
    place, radius = _pixels(layout(_standing_still(system)))
    links = _links(system)
    between = [link for link in links if link.source != link.target]
    selves = [link for link in links if link.source == link.target]
    arrows = routes(between, place, radius) + loops(selves, place, between, radius)
    extent = np.concatenate([place - radius - 8, place + radius + 8, *(a.extent for a in arrows)])
    low, high = extent.min(axis=0) - 4, extent.max(axis=0) + 4
    ringed = ringed_label(system)
    drawn = [_arrow(arrow, system, followed) for arrow in arrows]
    drawn += [
        _node(node, place[o], radius, n_blocks, system.label_ids[o] == ringed, o in highlighted)
        for o, node in enumerate(nodes)
    ]
    moved = element("g", *drawn, transform=f"translate({-low[0]:.1f} {-low[1]:.1f})")
    width, height = (high - low).tolist()
    return figure(width, height, label, moved)


def action_legend(system: System) -> list[tuple[str, Markup]]:
    """Return ``(name, stroke sample)`` for each action with a stroke of its own."""
    if system.n_actions > ACTION_STYLES:
        return []
    rows = []
    for a, name in enumerate(system.actions):
        line = element(
            "path", d="M2,7L36,7", class_=f"line a{a}", stroke_dasharray=dash(a), fill="none"
        )
        head = element("path", d="M42,7L35,4L35,10Z", class_=f"head a{a}")
        sample = element("svg", line, head, width=44, height=14, aria_hidden="true")
        rows.append((name_text(name), sample))
    return rows


def _moves(system: System) -> list[tuple[int, int, int]]:
    """List every transition as indices of observation, action and successor."""
    if isinstance(system, TransitionData):
        return [(o, a, s) for o, a, s in system.triples.tolist()]
    return [
        (o, a, s) for o, row in enumerate(system.successors.tolist()) for a, s in enumerate(row)
    ]


def _standing_still(system: System) -> npt.NDArray[np.integer]:
    """Return a successor table in which missing pairs stay where they are: no distance to keep.

    Where a pair has several successors each gets a column.
    """
    if isinstance(system, DeterministicMDP):
        return system.successors
    starts = np.repeat(system.pair_starts[:-1], np.diff(system.pair_starts))
    which = np.arange(system.n_transitions) - starts
    width = int(which.max()) + 1
    table = np.repeat(np.arange(system.n_obs)[:, None], system.n_actions * width, axis=1)
    table[system.sources, system.action_ids + which * system.n_actions] = system.targets
    return table


def _links(system: System) -> list[Link]:
    """One link for each transition; parallel ones joined when actions outnumber the strokes."""
    moves = _moves(system)
    if system.n_actions <= ACTION_STYLES:
        return [Link(o, s, (a,)) for o, a, s in moves]
    joined: dict[tuple[int, int], list[int]] = {}
    for o, a, s in moves:
        joined.setdefault((o, s), []).append(a)
    return [Link(o, s, tuple(actions)) for (o, s), actions in joined.items()]


def _pixels(placed: FloatArray) -> tuple[FloatArray, float]:
    """Scale to pixels so that neighbours are a step apart and everything fits on a page."""
    if len(placed) == 1:
        return np.zeros((1, 2)), 20.0
    apart = np.linalg.norm(placed[:, None] - placed[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1)
    scale = max(_STEP / float(np.median(nearest)), 36.0 / max(float(nearest.min()), 0.05))
    width, height = np.maximum(np.ptp(placed, axis=0), 1e-9).tolist()
    scale = min(scale, _WIDEST / width, _HIGHEST / height)
    radius = float(np.clip(0.3 * scale * np.quantile(nearest, 0.1), 6.0, 20.0))
    return placed * scale, radius


def _arrow(arrow: Arrow, system: System, followed: Collection[tuple[int, int]]) -> Markup:
    link = arrow.link
    own = system.n_actions <= ACTION_STYLES
    style = f"a{link.actions[0]}" if own else "joined"
    names = system.observations
    actions = ", ".join(name_text(system.actions[a]) for a in link.actions[:20])
    title = (
        f"{name_text(names[link.source])} \u2014 {actions} \u2192 {name_text(names[link.target])}"
    )
    dashes = dash(link.actions[0]) if own else None
    line = element("path", d=arrow.line, class_=f"line {style}", stroke_dasharray=dashes)
    head = element("path", d=arrow.head, class_=f"head {style}")
    on_word = any((link.source, action) in followed for action in link.actions)
    return element(
        "g", element("title", title), line, head, class_="edge run" if on_word else "edge"
    )


def _node(
    node: Node, place: FloatArray, radius: float, n_blocks: int, ringed: bool, highlighted: bool
) -> Markup:
    x, y = place.tolist()
    fill = block_colour(node.block, n_blocks)
    ink = text_colour(fill)
    parts = [element("title", node.title)]
    if highlighted:
        parts.append(element("circle", cx=x, cy=y, r=radius + 6, class_="halo"))
    parts.append(element("circle", cx=x, cy=y, r=radius, fill=fill, class_="node"))
    if ringed:
        parts.append(
            element("circle", cx=x, cy=y, r=radius - 3, fill="none", stroke=ink, class_="ring")
        )
    two_lines = radius >= 15 and bool(node.small)
    room = 1.7 * radius - (4 if ringed else 0)
    parts.append(_text(node.text, x, y - (3 if two_lines else 0), room, 13.0, ink))
    if two_lines:
        parts.append(_text(node.small, x, y + 9, 0.8 * room, 8.5, ink))
    return element("g", *parts)


def _text(text: str, x: float, y: float, room: float, size: float, ink: str) -> Markup:
    """Write centred text as large as fits, cut where it would be too small to read."""
    most = max(1, int(room / (0.58 * _SMALLEST_TEXT)))
    shown = text if len(text) <= most else text[: max(1, most - 1)] + "\u2026"
    size = min(size, room / (0.58 * max(len(shown), 1)))
    return element(
        "text", shown, x=x, y=y + 0.35 * size, font_size=size, fill=ink, text_anchor="middle"
    )
