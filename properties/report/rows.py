"""The tables of a page, as plain rows of text that the templates lay out."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tellapart.properties.report.palette import block_colour
from tellapart.properties.report.wording import integer, name_text, number, word_text
from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.mdp import DeterministicMDP

if TYPE_CHECKING:
    from tellapart.properties.check_report import CheckReport

__all__ = [
    "BlockRow",
    "DepthRow",
    "TraceRow",
    "block_rows",
    "depth_rows",
    "shown_depths",
    "trace_rows",
]

_MOST_DEPTHS = 24
_MOST_STEPS = 40
_MOST_BLOCKS = 100
_MOST_MEMBERS = 24


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One step of two observations along a word; ``action`` leads to it. A gap has no step."""

    step: str
    action: str
    x: str
    x_label: str
    y: str
    y_label: str
    differs: bool


@dataclass(frozen=True, slots=True)
class DepthRow:
    """Blocks and pairs at one depth, with one example pair."""

    depth: str
    blocks: str = ""
    pairs: str = ""
    x: str = ""
    y: str = ""
    word: str = ""
    merged: str = ""
    distance: str = ""
    relative: str = ""
    is_merged: bool = False


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block: members, label, and where each action leads."""

    block: str
    colour: str
    label: str
    size: str
    members: str
    successors: str


def trace_rows(
    mdp: DeterministicMDP, x: Hashable, y: Hashable, word: Sequence[Hashable]
) -> list[TraceRow]:
    """Replay a word of action names from two named observations, step by step."""
    here, there = mdp.observation_index(x), mdp.observation_index(y)
    rows = []
    for step in range(len(word) + 1):
        if step:
            action = mdp.action_index(word[step - 1])
            here, there = int(mdp.successors[here, action]), int(mdp.successors[there, action])
        labels = [mdp.label_values[mdp.label_ids[o]] for o in (here, there)]
        rows.append(
            TraceRow(
                step=str(step),
                action=name_text(word[step - 1]) if step else "",
                x=name_text(mdp.observations[here]),
                x_label=name_text(labels[0]),
                y=name_text(mdp.observations[there]),
                y_label=name_text(labels[1]),
                differs=bool(mdp.label_ids[here] != mdp.label_ids[there]),
            )
        )
    if len(rows) <= _MOST_STEPS:
        return rows
    gap = TraceRow("\u2026", "", "", "", "", "", False)
    return [*rows[: _MOST_STEPS // 4], gap, *rows[-_MOST_STEPS // 2 :]]


def shown_depths(n_depths: int) -> list[int | None]:
    """Return all depths, or the first and the last with None for the gap."""
    if n_depths <= _MOST_DEPTHS:
        return list(range(n_depths))
    half = _MOST_DEPTHS // 2
    return [*range(half), None, *range(n_depths - half, n_depths)]


def depth_rows(bisim: Bisimulation, report: "CheckReport | None" = None) -> list[DepthRow]:
    """Return blocks and pairs by depth.

    With a report the pair of a row is the closest one and comes with its distance; without one
    it is the first one, with a shortest word.
    """
    measured = {}
    if report is not None:
        measured = {row.depth: row for row in report.judgement.separation.by_depth}
    rows = []
    for depth in shown_depths(bisim.depth + 1):
        if depth is None:
            rows.append(DepthRow("\u2026"))
            continue
        pair = _example(bisim, depth)
        if depth in measured:
            found = measured[depth]
            pair = bisim.mdp.observation_index(found.x), bisim.mdp.observation_index(found.y)
        names = [name_text(bisim.mdp.observations[o]) for o in pair or ()] or ["", ""]
        word = bisim.word_of_indices(*pair) if pair is not None else None
        actions = bisim.mdp.actions
        row = measured.get(depth)
        rows.append(
            DepthRow(
                depth=str(depth),
                blocks=integer(bisim.blocks_by_depth[depth]),
                pairs=integer(bisim.pairs_by_depth[depth]),
                x=names[0],
                y=names[1],
                word="" if word is None else word_text([actions[a] for a in word]),
                merged="" if row is None else integer(row.n_merged),
                distance="" if row is None else number(row.distance),
                relative="" if row is None else number(row.relative),
                is_merged=row is not None and row.n_merged > 0,
            )
        )
    return rows


def _example(bisim: Bisimulation, depth: int) -> tuple[int, int] | None:
    """Return the first pair that ``B_depth`` separates and ``B_{depth-1}`` does not; O(n log n)."""
    after = bisim.history[depth].ids
    if depth == 0:
        first = np.zeros(len(after), dtype=np.int64)
    else:
        before = bisim.history[depth - 1]
        first = before.representatives[before.ids].astype(np.int64)
    apart = np.flatnonzero(after != after[first])
    return (int(first[apart[0]]), int(apart[0])) if apart.size else None


def block_rows(bisim: Bisimulation) -> list[BlockRow]:
    """Describe the first blocks of B*, for readers who cannot use the picture."""
    mdp, partition = bisim.mdp, bisim.partition
    rows = []
    for block, members in enumerate(partition.blocks[:_MOST_BLOCKS]):
        names = [name_text(mdp.observations[o], 40) for o in members[:_MOST_MEMBERS]]
        more = [f"\u2026 and {len(members) - _MOST_MEMBERS} more"] * (len(members) > _MOST_MEMBERS)
        ends = partition.ids[mdp.successors[members[0], :12]].tolist()
        steps = [f"{name_text(mdp.actions[a], 20)} \u2192 b{end}" for a, end in enumerate(ends)]
        rows.append(
            BlockRow(
                block=f"b{block}",
                colour=block_colour(block, partition.n_blocks),
                label=name_text(mdp.label_values[mdp.label_ids[members[0]]]),
                size=integer(len(members)),
                members=", ".join([*names, *more]),
                successors=", ".join([*steps, *["\u2026"] * (mdp.n_actions > 12)]),
            )
        )
    return rows
