"""Pictures of a counterexample: codes by colour, the merged pair with a halo, the word thick."""

import re

from markupsafe import Markup

from tellapart.properties.report.graph import Node, draw_graph
from tellapart.properties.report.palette import ACTION_STYLES, block_colour
from tellapart.properties.report.pictures import shortened
from tellapart.properties.report.svg import element
from tellapart.properties.report.wording import name_text
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.formats.dot import dot_bytes

__all__ = ["caption", "dot_text", "draw_specimen", "svg_file"]

_ACCENT = "#c2185b"
#: Colours of actions on white paper, as in the style sheet of the pages.
_STROKES = ("#1f5fa8", "#c4501b", "#13795b", "#8a3ba8", "#6b6b00", "#a3224f", "#3a6f7d", "#5a4636")
_EDGE = re.compile(r"q(\d+) -> q\d+ \[.*, \w+=(\d+)\];")


def draw_specimen(specimen: Specimen) -> Markup:
    """Draw the world of a specimen as an ``<svg>`` element for a page.

    The colour of an observation is its code, the small text its label; the merged pair has a
    dashed halo, and the arrows of the two runs are thick.
    """
    world = specimen.world
    texts = shortened([name_text(name) for name in world.observations])
    nodes = [
        Node(
            text=texts[o],
            small=name_text(world.labels[o], 12),
            title=f"{name_text(name)} \u2014 label {name_text(world.labels[o])}, code c{code}",
            block=code,
        )
        for o, (name, code) in enumerate(zip(world.observations, _codes(specimen), strict=True))
    ]
    pair = [world.observation_index(name) for name in (specimen.x, specimen.y)]
    return draw_graph(world, nodes, specimen.n_codes, caption(specimen), pair, _steps(specimen))


def caption(specimen: Specimen) -> str:
    """Say what the picture shows."""
    x, y = name_text(specimen.x), name_text(specimen.y)
    word = " ".join(name_text(action, 20) for action in specimen.word)
    runs = f"; thick arrows follow the word {word}" if word else ""
    return (
        f"The world. Colour is the code, the small text the label; {x} and {y} (dashed halo) share "
        f"a code{runs}."
    )


def svg_file(specimen: Specimen) -> str:
    """Return the picture as an SVG file of its own, on white."""
    drawn = str(draw_specimen(specimen))
    start = drawn.index(">") + 1
    opening = drawn[:start].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    rules = [
        "svg { background: #ffffff; }",
        "text { font-family: sans-serif; }",
        ".node { stroke: #1b1f24; stroke-width: 1.2; } .ring { stroke-width: 1.4; }",
        f".halo {{ fill: none; stroke: {_ACCENT}; stroke-width: 2.5; stroke-dasharray: 4 3; }}",
        ".line { fill: none; stroke-width: 1.4; stroke: #57606a; } .head { fill: #57606a; }",
        ".run .line { stroke-width: 4; }",
    ]
    for action, colour in enumerate(_STROKES[:ACTION_STYLES]):
        rules.append(
            f".line.a{action} {{ stroke: {colour}; }} .head.a{action} {{ fill: {colour}; }}"
        )
    style = element("style", Markup("\n".join(rules)))
    return f"{opening}{style}{drawn[start:]}\n"


def dot_text(specimen: Specimen) -> str:
    """Return DOT: the world as tellapart writes it, with fill colours and thick edges added."""
    world = specimen.world
    lines = dot_bytes(TransitionData.from_mdp(world)).decode().splitlines()
    codes, steps = _codes(specimen), _steps(specimen)
    pair = {world.observation_index(name) for name in (specimen.x, specimen.y)}
    marked = []
    for line in lines:
        edge = _EDGE.fullmatch(line)
        if edge is not None and (int(edge[1]), int(edge[2])) in steps:
            line = line.removesuffix("];") + ", penwidth=3];"
        marked.append(line)
    for o, code in enumerate(codes):
        halo = f', color="{_ACCENT}", penwidth=3' if o in pair else ""
        fill = block_colour(code, specimen.n_codes)
        marked.insert(-1, f'q{o} [style="rounded,filled", fillcolor="{fill}"{halo}];')
    return "\n".join(marked) + "\n"


def _codes(specimen: Specimen) -> list[int]:
    """Return the code of each observation of the world."""
    return [specimen.codes[seen] for seen in specimen.shows]


def _steps(specimen: Specimen) -> set[tuple[int, int]]:
    """Return the pairs of observation and action that the two runs go through."""
    world = specimen.world
    ends = [world.observation_index(name) for name in (specimen.x, specimen.y)]
    found = set()
    for name in specimen.word:
        action = world.action_index(name)
        found |= {(end, action) for end in ends}
        ends = [int(world.successors[end, action]) for end in ends]
    return found
