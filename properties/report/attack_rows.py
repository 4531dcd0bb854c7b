"""The table of an attack as plain rows of text, for the page and the terminal alike."""

from typing import TYPE_CHECKING

from tellapart.properties.report.wording import integer, name_text, number, word_text

if TYPE_CHECKING:  # tables are printed without importing torch
    from tellapart.models.attack.row import AttackRow
    from tellapart.models.attack.table import AttackReport

__all__ = ["attack_rows"]

_HEADER = (
    "pair", "word", "exact answer", "attack", "distance", "dynamics", "auxiliary", "ratio", "steps",
)  # fmt: skip
_NAME = 24


def attack_rows(
    report: "AttackReport", limit: int | None = None
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the header of the table and its rows as texts.

    Disagreements with the exact answer come first, then pairs that may collapse, then floors from
    the largest down.

    Parameters
    ----------
    report
        The attack.
    limit
        Rows at most; None: all.
    """

    def place(row: "AttackRow") -> tuple[bool, bool, float]:
        # Losses at the level of rounding are all alike: their order would depend on the machine.
        return row.agrees, not row.may_collapse, -max(row.loss, report.zero_tolerance)

    return _HEADER, [_cells(row) for row in sorted(report.rows, key=place)[:limit]]


def _cells(row: "AttackRow") -> tuple[str, ...]:
    numbers = (row.distance, row.dynamics_relative, row.aux_relative, row.ratio)
    return (
        f"{name_text(row.x, _NAME)} | {name_text(row.y, _NAME)}",
        "same block" if row.word is None else word_text(row.word),
        row.answer,
        row.result,
        *map(number, numbers),
        integer(row.steps),
    )
