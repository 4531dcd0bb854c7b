"""Candidate labels side by side: what each forces an encoder to keep apart (S9)."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.choice.targets import (
    TargetSpec,
    merged_pair,
    n_merged_pairs,
    require_mdp,
    target_partition,
)
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.naming import row_named
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = ["LabelComparison", "LabelRow", "compare_labels"]


@register
@dataclass(frozen=True)
class LabelRow:
    """What one candidate label forces.

    Attributes
    ----------
    name
        The candidate.
    n_values
        Distinct values.
    n_label_blocks
        ``|B_0|``: what the label alone separates.
    n_blocks
        ``|B*|``: what label and dynamics separate together.
    depth
        Length of the longest word that is needed.
    n_must_separate
        Unordered pairs that every zero-loss encoder tells apart.
    n_missing
        Pairs that the target separates and this label does not force apart.
    example
        One of them by name, or None.
    rank
        Smallest latent dimension of a linear zero-loss model (S12), where it was asked for.
    partition
        ``B*``.
    """

    name: str
    n_values: int
    n_label_blocks: int
    n_blocks: int
    depth: int
    n_must_separate: int
    n_missing: int
    example: tuple[Hashable, Hashable] | None
    rank: int | None
    partition: Partition

    @property
    def suffices(self) -> bool:
        """Tell whether the label forces the whole target apart."""
        return self.n_missing == 0


@register
@dataclass(frozen=True, repr=False)
class LabelComparison(Saved):
    """Candidate labels side by side; made by :func:`compare_labels`.

    Attributes
    ----------
    rows
        One for each candidate, in the order given.
    target
        The partition to keep apart.
    target_name
        What it is, in words.
    order
        Pairs of names ``(finer, coarser)``: the first forces everything apart that the second
        does, and more.
    """

    rows: tuple[LabelRow, ...]
    target: Partition
    target_name: str
    order: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> LabelRow:
        """Return the row of a candidate; raises InvalidArgumentError for another name."""
        return row_named(self.rows, name, "candidate label")

    def strictly_better(self, one: str, other: str) -> bool:
        """Tell whether label ``one`` forces all that ``other`` does, and more."""
        return (self[one].name, self[other].name) in self.order

    @property
    def equivalent(self) -> tuple[tuple[str, str], ...]:
        """Pairs of candidates that force exactly the same apart, in the order given."""
        return tuple(
            (one.name, other.name)
            for i, one in enumerate(self.rows)
            for other in self.rows[i + 1 :]
            if one.partition == other.partition
        )

    @property
    def best(self) -> tuple[str, ...]:
        """Candidates to which no other is strictly better."""
        beaten = {coarser for _, coarser in self.order}
        return tuple(row.name for row in self.rows if row.name not in beaten)

    @property
    def sufficient(self) -> tuple[str, ...]:
        """Candidates that force the whole target apart."""
        return tuple(row.name for row in self.rows if row.suffices)

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return column heads and rows as text; the rank only where it was computed."""
        heads: tuple[str, ...] = (
            "label",
            "values",
            "|B_0|",
            "|B*|",
            "depth",
            "rank",
            "pairs apart",
            "missing",
            "",
        )
        body: list[tuple[str, ...]] = [
            (
                row.name,
                *map(str, (row.n_values, row.n_label_blocks, row.n_blocks, row.depth)),
                "-" if row.rank is None else str(row.rank),
                str(row.n_must_separate),
                str(row.n_missing),
                "" if row.example is None else f"e.g. {row.example[0]!r} | {row.example[1]!r}",
            )
            for row in self.rows
        ]
        if all(row.rank is None for row in self.rows):
            drop = heads.index("rank")
            heads = heads[:drop] + heads[drop + 1 :]
            body = [line[:drop] + line[drop + 1 :] for line in body]
        return heads, body

    def explain(self) -> str:
        """Return a plain table, and which candidates suffice or are beaten."""
        heads, body = self.table()
        widths = [max(map(len, column)) for column in zip(heads, *body, strict=True)]
        target, *findings = self.remarks()
        table = [_line(cells, widths) for cells in (heads, *body)]
        return "\n".join([target, "", *table, "", *findings])

    def remarks(self) -> list[str]:
        """Return what is said beside the table: the target, then what suffices or is beaten."""
        enough = ", ".join(self.sufficient)
        return [
            f"target: {self.target_name} ({self.target.n_blocks} blocks, "
            f"{self.target.n_separated_pairs} pairs to keep apart)",
            f"suffices: {enough}" if enough else "suffices: none of them",
            *(f"{one} forces more apart than {other}" for one, other in self._direct_order()),
            *(f"{one} and {other} force the same apart" for one, other in self.equivalent),
        ]

    def _direct_order(self) -> list[tuple[str, str]]:
        """Return the pairs of the order with no candidate strictly between."""
        known = set(self.order)
        names = [row.name for row in self.rows]
        return [
            (one, other)
            for one, other in self.order
            if not any((one, mid) in known and (mid, other) in known for mid in names)
        ]

    def __repr__(self) -> str:
        counts = ", ".join(f"{row.name}: {row.n_blocks}" for row in self.rows)
        return f"LabelComparison(blocks {counts}; suffices: {', '.join(self.sufficient) or '-'})"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Lay out one line: first and last column to the left, numbers to the right."""
    last = len(cells) - 1
    parts = [
        cell.ljust(width) if i in (0, last) else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(parts).rstrip()


def compare_labels(
    mdp: DeterministicMDP,
    labels: Mapping[str, Any],
    target: TargetSpec | None = None,
    *,
    rank: Callable[[DeterministicMDP], int | None] | None = None,
) -> LabelComparison:
    """Put candidate labels of the same dynamics side by side (S9).

    Parameters
    ----------
    mdp
        The dynamics; its own label counts only where the target is ``"label"``.
    labels
        ``{name: one label for each observation}``.
    target
        What the encoder must keep apart, as in
        :func:`~tellapart.theory.choice.targets.target_partition`.
        Default: all that any of the candidates forces apart (the meet of their ``B*``).
    rank
        Computes the linear rank (S12) of a labelled MDP, or None; leave it out to save the time.

    Returns
    -------
    LabelComparison

    Raises
    ------
    InvalidArgumentError
        Without candidates, for names that are not text, or for a target of other observations.
    InvalidLabelError
        For labels that do not fit; the message names the candidate.

    Notes
    -----
    O(m |A| n log n + m² n) for m candidates.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> chain = counting_chain(9)
    >>> found = compare_labels(chain, {"middle": chain.labels, "constant": [0] * 9})
    >>> found
    LabelComparison(blocks middle: 9, constant: 1; suffices: middle)
    >>> found["constant"].n_missing
    36
    """
    require_mdp(mdp)
    systems = {name: _relabelled(mdp, name, values) for name, values in _checked(labels).items()}
    found = {name: bisimulation(system) for name, system in systems.items()}
    if target is None:
        wanted = reduce(Partition.meet, (result.partition for result in found.values()))
        title = "what all candidates together force apart"
    else:
        wanted = target_partition(mdp, target)
        words = {"observation": "every observation apart", "label": "the blocks of the label"}
        title = words.get(target, "as given") if isinstance(target, str) else "as given"
    rows = tuple(_row(name, result, wanted) for name, result in found.items())
    if rank is not None:
        rows = tuple(replace(row, rank=rank(systems[row.name])) for row in rows)
    order = tuple(
        (one.name, other.name)
        for one in rows
        for other in rows
        if one.partition != other.partition and one.partition.refines(other.partition)
    )
    return LabelComparison(rows, wanted, title, order)


def _checked(labels: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(labels, Mapping) or not labels:
        raise InvalidArgumentError(
            "labels must be a mapping {name: one label for each observation} with at least one "
            f"candidate, not {labels!r:.60}."
        )
    for name in labels:
        if not isinstance(name, str) or not name.strip():
            raise InvalidArgumentError(
                f"The candidate label {name!r} is not named by text; name each candidate, as in "
                "{'reward': [...], 'done': [...]}."
            )
    return labels


def _relabelled(mdp: DeterministicMDP, name: str, values: Any) -> DeterministicMDP:
    try:
        return mdp.with_labels(values)
    except InvalidLabelError as error:
        raise InvalidLabelError(f"The candidate label {name!r}: {error}") from None


def _row(name: str, result: Bisimulation, target: Partition) -> LabelRow:
    pair = merged_pair(result.partition, target)
    names = result.mdp.observations
    return LabelRow(
        name=name,
        n_values=len(result.mdp.label_values),
        n_label_blocks=result.blocks_by_depth[0],
        n_blocks=result.partition.n_blocks,
        depth=result.depth,
        n_must_separate=result.n_must_separate,
        n_missing=n_merged_pairs(result.partition, target),
        example=None if pair is None else (names[pair[0]], names[pair[1]]),
        rank=None,
        partition=result.partition,
    )
