"""The result of an attack: a table of pairs beside the exact answer, saved and explained."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from tellapart.models.attack.row import AttackOutcome, AttackRow
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["AttackReport"]

#: Rows written out by ``explain()``.
_MOST_ROWS = 40
_HEADER = ("pair", "depth", "exact answer", "attack", "distance", "dynamics", "auxiliary",
           "irreducible", "ratio")  # fmt: skip
#: What the encoder of an objective is trained on, as the end of a sentence.
_LOSSES = {
    "joint": "both losses are trained",
    "dynamics": "the dynamics loss alone is trained",
    "aux": "the auxiliary loss alone is trained",
    "decoupled": "the encoder is trained on the auxiliary loss alone",
}


@register
@dataclass(frozen=True, repr=False)
class AttackReport(Saved):
    """Adversarial merging of one design on one system; made by :func:`.attack`.

    Attributes
    ----------
    subject
        Name of the design.
    objective
        The losses that are trained and attacked.
    seed
        Of the weights and the choice of pairs.
    observations
        Their names.
    rows
        The pairs attacked, in the order of the observations.
    n_pairs
        All unordered pairs there are.
    exact
        B*: pairs inside a block may share a code at zero loss of both kinds.
    allowed
        Pairs inside a block may share a code when the trained losses are zero.
    merge_tolerance
        Relative distance at or below which a pair counts as merged.
    zero_tolerance
        Relative loss at or below which a loss counts as zero.
    """

    subject: str
    objective: str
    seed: int
    observations: Sequence[Hashable]
    rows: tuple[AttackRow, ...]
    n_pairs: int
    exact: Partition
    allowed: Partition
    merge_tolerance: float
    zero_tolerance: float

    @property
    def collapsible(self) -> tuple[AttackRow, ...]:
        """The attacked pairs that may share a code."""
        return tuple(row for row in self.rows if row.may_collapse)

    @property
    def resistant(self) -> tuple[AttackRow, ...]:
        """The attacked pairs that cannot."""
        return tuple(row for row in self.rows if not row.may_collapse)

    @property
    def n_merged(self) -> int:
        """How many of :attr:`collapsible` were merged, at zero loss or with the rest resolved."""
        return sum(row.merged for row in self.collapsible)

    @property
    def floors(self) -> tuple[float, float] | None:
        """Smallest and largest loss that remained when pairs were merged; None without any."""
        left = [row.loss for row in self.rows if row.outcome is AttackOutcome.FLOOR]
        return (min(left), max(left)) if left else None

    @property
    def consistent(self) -> bool:
        """Whether the attack agrees with the exact answer on every pair attacked."""
        return all(row.agrees for row in self.rows)

    def row(self, x: Hashable, y: Hashable) -> AttackRow | None:
        """Return the row of a pair of names in either order; None when it was not attacked."""
        return next((row for row in self.rows if {row.x, row.y} == {x, y}), None)

    def summary(self) -> str:
        """Say in two or three lines what the attack found."""
        lines = []
        if self.collapsible:
            merged = f"{self.n_merged} of {count(len(self.collapsible), 'pair')} merged"
            left = [row.loss for row in self.rows if row.merged]
            most = f", the loss at most {max(left):.1g}" if left else ""
            lines.append(f"allowed to collapse: {merged}{most}")
        if self.resistant:
            text = "none was merged" if self.floors is None else (
                f"floors from {self.floors[0]:.2g} to {self.floors[1]:.2g}")  # fmt: skip
            below = sum(row.outcome is AttackOutcome.BELOW for row in self.resistant)
            more = f"; {below} below the tolerance" if below else ""
            lines.append(f"cannot collapse: {count(len(self.resistant), 'pair')}, {text}{more}")
        agrees = "agrees with" if self.consistent else "does not agree with"
        odd = [row for row in self.rows if not row.agrees]
        where = f" on {count(len(odd), 'pair')}" if odd else ""
        return "\n".join([*lines, f"The attack {agrees} the exact classes{where}."])

    def explain(self) -> str:
        """Return the whole table with what its columns mean."""
        shown = self.rows[:_MOST_ROWS]
        cells = [_HEADER, *(_cells(row) for row in shown)]
        widths = [max(len(row[k]) for row in cells) for k in range(len(_HEADER))]
        table = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
                 for row in cells]  # fmt: skip
        more = len(self.rows) - len(shown)
        lines = [
            f"Attack on {self.subject}: each pair is pulled together while "
            f"{_LOSSES[self.objective]}.",
            f"{len(self.rows)} of {count(self.n_pairs, 'pair')} attacked, seed {self.seed}. "
            f"Merged: distance at most {self.merge_tolerance:g}. Zero: loss at most "
            f"{self.zero_tolerance:g}. Both relative to the spread of the codes or labels.",
            *self.summary().split("\n"),
            "",
            *table,
        ]
        return "\n".join([*lines, f"... and {count(more, 'more pair')}"] if more else lines)

    def __repr__(self) -> str:
        return (
            f"AttackReport({self.subject!r}, {self.objective}: {len(self.rows)} of {self.n_pairs} "
            f"pairs, {self.n_merged} of {len(self.collapsible)} that may collapse merged, "
            f"consistent={self.consistent})"
        )


def _cells(row: AttackRow) -> tuple[str, ...]:
    return (
        f"{row.x!r}, {row.y!r}",
        "same block" if row.depth is None else str(row.depth),
        row.answer,
        row.result,
        *(f"{value:.2g}" for value in (row.distance, row.dynamics_relative, row.aux_relative,
                                       row.irreducible, row.ratio)),
    )  # fmt: skip
