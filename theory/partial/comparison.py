"""Candidate labels of the same data side by side: possible, and forcing what (S2, S3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.naming import row_named
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.min_codes import minimum_codes
from tellapart.theory.partial.relation import MAX_CLASSES, separation_relation
from tellapart.theory.serialise import Saved, register

__all__ = ["DataLabelComparison", "DataLabelRow", "compare_data_labels"]


@register
@dataclass(frozen=True, slots=True)
class DataLabelRow:
    """What one candidate label forces on the data.

    Attributes
    ----------
    name
        Of the candidate.
    n_values, n_labelled
        Distinct labels, and observations whose label is known.
    feasible
        Whether some encoder reaches zero loss with it (S2).
    n_must_separate, n_by_fold_only
        Pairs that must be told apart (S3), and those of them that no covered word shows. None for
        an infeasible label, and where the data have too many classes for the full relation.
    longest_word
        Length of the longest shortest word that is needed; None as above, or without any pair.
    codes
        Proved bounds on the smallest number of codes; None for an infeasible label.
    """

    name: str
    n_values: int
    n_labelled: int
    feasible: bool
    n_must_separate: int | None
    n_by_fold_only: int | None
    longest_word: int | None
    codes: tuple[int, int] | None


@register
@dataclass(frozen=True)
class DataLabelComparison(Saved):
    """Candidate labels of partial data side by side; made by :func:`compare_data_labels`."""

    rows: tuple[DataLabelRow, ...]

    def __getitem__(self, name: str) -> DataLabelRow:
        """Return the row of a candidate; raises InvalidArgumentError for another name."""
        return row_named(self.rows, name, "candidate label")

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return column heads and rows as text."""
        heads = ("label", "values", "labelled", "zero loss", "must be apart", "by folds only",
                 "longest word", "codes")  # fmt: skip
        return heads, [_cells(row) for row in self.rows]

    def remarks(self) -> list[str]:
        """Return what is said above the table."""
        return ["Labels on the same data; the relation of each is exact (S3)."]

    def explain(self) -> str:
        """Return the table as plain text."""
        heads, rows = self.table()
        widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
        lines = self.remarks()
        for row in (heads, *rows):
            cells = [row[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            lines.append("  ".join(cells))
        return "\n".join(lines)


def compare_data_labels(
    data: TransitionData, labels: Mapping[str, Any], *, max_classes: int = MAX_CLASSES
) -> DataLabelComparison:
    """Put candidate labels of the same transitions side by side (S2, S3, S6).

    Parameters
    ----------
    data
        The transitions; their own label does not count.
    labels
        ``{name: labels}``, each as :meth:`~.TransitionData.with_labels` takes them.
    max_classes
        Classes of F(D) up to which pairs are counted.

    Returns
    -------
    DataLabelComparison

    Raises
    ------
    InvalidArgumentError
        Without candidates.
    InvalidLabelError
        For labels that do not fit the data.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]])
    >>> found = compare_data_labels(data, {"goal": {2: 1, 3: 0}, "start": {0: 1}})
    >>> [(row.name, row.n_must_separate) for row in found.rows]
    [('goal', 2), ('start', 0)]
    """
    if not isinstance(labels, Mapping) or not labels:
        raise InvalidArgumentError(
            "There are no labels to compare; give at least one as {name: labels}."
        )
    rows = [_row(str(name), data.with_labels(own), max_classes) for name, own in labels.items()]
    return DataLabelComparison(tuple(rows))


def _row(name: str, data: TransitionData, max_classes: int) -> DataLabelRow:
    classes = forced_classes(data)
    counts = (len(data.label_values), data.n_labelled)
    if not classes.feasible:
        return DataLabelRow(name, *counts, False, None, None, None, None)
    relation = None
    if classes.n_classes <= max_classes:
        relation = separation_relation(classes, max_classes=max_classes)
    codes = minimum_codes(classes, exact=False, relation=relation)
    assert codes.lower is not None  # noqa: S101 - the label is feasible
    assert codes.upper is not None  # noqa: S101
    bounds = (codes.lower, codes.upper)
    if relation is None:
        return DataLabelRow(name, *counts, True, None, None, None, bounds)
    lengths = relation.n_by_word_length
    return DataLabelRow(
        name,
        *counts,
        True,
        relation.n_must_separate,
        relation.n_by_fold_only,
        len(lengths) - 1 if lengths else None,
        bounds,
    )


def _cells(row: DataLabelRow) -> tuple[str, ...]:
    def shown(value: int | None) -> str:
        return "-" if value is None else str(value)

    codes = "-" if row.codes is None else "-".join(map(str, dict.fromkeys(row.codes)))
    return (
        row.name,
        str(row.n_values),
        str(row.n_labelled),
        "possible" if row.feasible else "impossible",
        shown(row.n_must_separate),
        shown(row.n_by_fold_only),
        shown(row.longest_word),
        codes,
    )
