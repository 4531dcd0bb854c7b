"""The picture section: system and quotient where they can be read, counts where they cannot."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from tellapart.properties.report.charts import count_bars
from tellapart.properties.report.graph import (
    MOST_DRAWN,
    Node,
    action_legend,
    draw_graph,
    is_drawable,
    ringed_label,
)
from tellapart.properties.report.wording import count, integer, name_text
from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Picture", "Pictures", "pictures", "shortened", "system_picture"]

_MOST_BARS = 60
_MOST_DEPTHS = 400
_LONG = 6


@dataclass(frozen=True, slots=True)
class Picture:
    """One figure: heading, SVG, and the sentence below it."""

    heading: str
    svg: Markup
    caption: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The figures of the section, why something is missing, and the legend of actions."""

    figures: tuple[Picture, ...]
    note: str
    legend: tuple[tuple[str, Markup], ...]
    ring: str


def pictures(bisim: Bisimulation, pair: tuple[int, int] | None, pair_words: str) -> Pictures:
    """Draw what can be read.

    Parameters
    ----------
    bisim
        Of the system.
    pair
        Observations (indices) to highlight, and ``pair_words`` to say what they are.
    """
    mdp, quotient = bisim.mdp, bisim.quotient()
    draws_system, draws_quotient = is_drawable(mdp), is_drawable(quotient)
    figures = []
    if draws_system:
        figures.append(system_picture(bisim, pair, pair_words))
    if draws_quotient:
        figures.append(_quotient(bisim, quotient, pair))
    drawn = mdp if draws_system else quotient if draws_quotient else None
    if drawn is None or not draws_system:
        figures += _aggregates(bisim)
    ringed = None if drawn is None else ringed_label(drawn)
    ring = "" if drawn is None or ringed is None else name_text(drawn.label_values[ringed])
    legend = () if drawn is None else tuple(action_legend(drawn))
    return Pictures(tuple(figures), _note(bisim, draws_system, draws_quotient), legend, ring)


def _note(bisim: Bisimulation, draws_system: bool, draws_quotient: bool) -> str:
    if draws_system:
        return ""
    n, blocks = bisim.mdp.n_obs, bisim.partition.n_blocks
    limit = (
        f"Past {MOST_DRAWN} observations, or with very many arrows, a picture is a tangle, so this "
        f"system of {count(n, 'observation')}"
    )
    if draws_quotient:
        return f"{limit} is not drawn; its quotient and counts of blocks are."
    return f"{limit} and its quotient of {count(blocks, 'block')} are shown as counts."


def system_picture(
    bisim: Bisimulation,
    pair: tuple[int, int] | None,
    pair_words: str,
    followed: Collection[tuple[int, int]] = (),
) -> Picture:
    """Draw the system itself, which must be drawable (see :func:`.graph.is_drawable`).

    Parameters
    ----------
    bisim, pair, pair_words
        As for :func:`pictures`.
    followed
        Pairs of observation and action (indices) whose arrows are drawn thick.
    """
    mdp, ids = bisim.mdp, bisim.partition.ids.tolist()
    texts = shortened([name_text(name) for name in mdp.observations])
    nodes = [
        Node(
            text=texts[o],
            small=f"b{ids[o]}",
            title=f"{name_text(name)} \u2014 label {_label(mdp, o)}, block b{ids[o]}",
            block=ids[o],
        )
        for o, name in enumerate(mdp.observations)
    ]
    blocks = bisim.partition.n_blocks
    label = (
        f"The system: {count(mdp.n_obs, 'observation')} in {count(blocks, 'block')}, "
        f"{count(mdp.n_obs * mdp.n_actions, 'transition')}."
    )
    caption = f"{label[:-1]}; colour and b-number are the block of B*."
    if pair is not None:
        caption += f" Dashed halo: {pair_words}."
    svg = draw_graph(mdp, nodes, blocks, label, pair or (), followed)
    return Picture("The system", svg, caption)


def shortened(names: list[str]) -> list[str]:
    """Leave out the beginning that all long names share: it tells nothing apart."""
    long = [name for name in names if len(name) > _LONG]
    columns = list(zip(*long, strict=False)) if len(long) > 1 else []
    shared = next((i for i, column in enumerate(columns) if len(set(column)) > 1), len(columns))
    return [
        "\u2026" + name[shared:] if len(name) > _LONG and shared >= _LONG // 2 else name
        for name in names
    ]


def _quotient(
    bisim: Bisimulation, quotient: DeterministicMDP, pair: tuple[int, int] | None
) -> Picture:
    sizes = bisim.partition.sizes.tolist()
    nodes = [
        Node(
            text=f"b{block}",
            small=f"\u00d7{sizes[block]}",
            title=(
                f"block b{block} of {count(sizes[block], 'observation')}, such as "
                f"{name_text(name)} \u2014 label {_label(quotient, block)}"
            ),
            block=block,
        )
        for block, name in enumerate(quotient.observations)
    ]
    label = f"The quotient by B*: {count(quotient.n_obs, 'block')}."
    caption = (
        f"{label[:-1]}, the fewest codes a zero-loss encoder can use; \u00d7 counts observations."
    )
    if quotient.n_obs == bisim.mdp.n_obs:
        caption += " Every block has one observation: nothing may be merged."
    halo = tuple(int(bisim.partition.ids[o]) for o in pair or ())
    return Picture(
        "The quotient", draw_graph(quotient, nodes, quotient.n_obs, label, halo), caption
    )


def _label(mdp: DeterministicMDP, o: int) -> str:
    return name_text(mdp.label_values[mdp.label_ids[o]])


def _aggregates(bisim: Bisimulation) -> list[Picture]:
    depths = np.unique(np.linspace(0, bisim.depth, _MOST_DEPTHS).astype(int)).tolist()
    counts = [bisim.blocks_by_depth[depth] for depth in depths]
    names = [str(depth) for depth in depths]
    label = f"Blocks by depth, from {integer(counts[0])} to {integer(counts[-1])}."
    by_depth = count_bars(counts, names, "depth", label)
    caption = "How many blocks 0, 1, 2, ... steps of dynamics give; the last is B*."
    if len(depths) <= bisim.depth:
        caption += f" {integer(len(depths))} of {integer(bisim.depth + 1)} depths are drawn."
    found = [Picture("Blocks by depth", by_depth, caption)]
    sizes, how_many = np.unique(bisim.partition.sizes, return_counts=True)
    if len(sizes) <= _MOST_BARS:
        label = f"Block sizes, from {sizes[0]} to {sizes[-1]} observations."
        bars = count_bars(
            how_many.tolist(),
            [integer(s) for s in sizes.tolist()],
            "observations in a block",
            label,
        )
        found.append(Picture("Block sizes", bars, "How many blocks have how many observations."))
    return found
