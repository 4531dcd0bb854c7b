"""The picture section of partial data: what is logged, what must share a code, what is missing."""

import numpy as np

from tellapart.properties.report.charts import count_bars
from tellapart.properties.report.graph import (
    MOST_DRAWN,
    Node,
    action_legend,
    draw_graph,
    is_drawable,
    ringed_label,
)
from tellapart.properties.report.pictures import Picture, Pictures, shortened
from tellapart.properties.report.wording import count, integer, name_text
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partition import Partition

__all__ = ["data_pictures"]

_MOST_BARS = 60
_UNKNOWN = "no label"


def data_pictures(
    data: TransitionData, forced: Partition, marked: tuple[int, ...] = (), words: str = ""
) -> Pictures:
    """Draw logged transitions where they can be read, counts where they cannot.

    Parameters
    ----------
    data
        The transitions.
    forced
        F(D): its blocks give the colours.
    marked
        Observations (indices) with a halo, and ``words`` to say what they are.
    """
    if not is_drawable(data):
        return Pictures(tuple(_counts(data, forced)), _note(data), (), "")
    ringed = ringed_label(data)
    ring = "" if ringed is None else name_text(data.label_values[ringed])
    figures = (_system(data, forced, marked, words),)
    return Pictures(figures, "", tuple(action_legend(data)), ring)


def _note(data: TransitionData) -> str:
    return (
        f"Past {MOST_DRAWN} observations, or with very many arrows, a picture is a tangle, so "
        f"these {count(data.n_transitions, 'transition')} of {count(data.n_obs, 'observation')} "
        "are shown as counts."
    )


def _system(
    data: TransitionData, forced: Partition, marked: tuple[int, ...], words: str
) -> Picture:
    ids = forced.ids.tolist()
    texts = shortened([name_text(name) for name in data.observations])
    logged = np.bincount(data.sources[data.pair_starts[:-1]], minlength=data.n_obs).tolist()
    nodes = []
    for o, name in enumerate(data.observations):
        label = _UNKNOWN if data.label_ids[o] < 0 else f"label {name_text(data.label_of(o))}"
        title = (
            f"{name_text(name)} \u2014 {label}; class c{ids[o]} of the forced merges; "
            f"{logged[o]} of {count(data.n_actions, 'action')} logged"
        )
        nodes.append(Node(texts[o], f"c{ids[o]}", title, ids[o]))
    classes = forced.n_blocks
    label = (
        f"The data: {count(data.n_obs, 'observation')}, {count(data.n_transitions, 'transition')}; "
        f"forced merges leave {count(classes, 'class', 'classes')}."
    )
    caption = (
        f"{label} Colour and c-number are the class: observations of one class share a code in "
        "every zero-loss encoder. A missing arrow is a pair that was never logged."
    )
    if marked:
        caption += f" Dashed halo: {words}."
    return Picture("The data", draw_graph(data, nodes, classes, label, marked), caption)


def _counts(data: TransitionData, forced: Partition) -> list[Picture]:
    logged = np.bincount(data.sources[data.pair_starts[:-1]], minlength=data.n_obs)
    figures = [
        _bars(
            logged,
            "Coverage",
            "actions logged in an observation",
            "How many observations have how many of their actions logged.",
        )
    ]
    if forced.n_blocks < data.n_obs:
        figures.append(
            _bars(
                forced.sizes,
                "Forced merges",
                "observations in a class",
                "How many classes of the forced merges have how many observations.",
            )
        )
    return [picture for picture in figures if picture is not None]


def _bars(values: np.ndarray, heading: str, axis: str, caption: str) -> Picture | None:
    found, how_many = np.unique(values, return_counts=True)
    if len(found) > _MOST_BARS:
        return None
    names = [integer(value) for value in found.tolist()]
    label = f"{heading}: from {names[0]} to {names[-1]} {axis}."
    return Picture(heading, count_bars(how_many.tolist(), names, axis, label), caption)
