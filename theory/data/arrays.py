"""Columns in memory to transition data: code the names, check the labels, put together."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.coding import Coded, code_columns
from tellapart.theory.data.columns import Column
from tellapart.theory.data.known_labels import Evidence, label_observations
from tellapart.theory.data.rows import RowNames
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError, InvalidMDPError
from tellapart.theory.naming import as_names, lookup_table

if TYPE_CHECKING:
    from tellapart.theory.data.transitions import TransitionData

__all__ = ["Options", "assemble", "from_columns", "restrict"]

Data = TypeVar("Data", bound="TransitionData")
IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Options:
    """What all loaders accept; see :class:`~tellapart.theory.data.loaders.Loaders`."""

    deterministic: bool = False
    label_tolerance: float | None = None
    observation_names: Iterable[Hashable] | None = None
    action_names: Iterable[Hashable] | None = None


def from_columns(
    cls: type[Data],
    columns: Sequence[Column],
    labels: Sequence[tuple[Any, str]],
    rows: RowNames,
    options: Options,
) -> Data:
    """Build data from columns of observations, actions and successors.

    Parameters
    ----------
    cls
        The class to build.
    columns
        Observations, actions, successors.
    labels
        Labels of the observations, then of the successors, each with its place; None: not known.
    rows
        How to name rows.
    options
        What all loaders accept.
    """
    sizes = [(column.where, _length(column)) for column in columns]
    sizes += [(where, _label_length(data, where)) for data, where in labels if data is not None]
    if len({size for _, size in sizes}) > 1:
        shown = ", ".join(f"{where}: {size}" for where, size in sizes)
        raise InvalidMDPError(
            f"The columns have different lengths ({shown}); each needs one entry for every row."
        )
    if sizes[0][1] == 0:
        raise InvalidMDPError("There are no rows; a data set needs at least one transition.")
    observations = code_columns([columns[0], columns[2]])
    actions = code_columns([columns[1]])
    observations = restrict(observations, options.observation_names, [columns[0], columns[2]])
    actions = restrict(actions, options.action_names, [columns[1]])
    triples = np.stack([observations.ids[0], actions.ids[0], observations.ids[1]], axis=1)
    keys = 2 * np.arange(len(triples), dtype=np.int64)
    evidence = [
        Evidence(ids, data, keys + successor, where)
        for successor, (ids, (data, where)) in enumerate(zip(observations.ids, labels, strict=True))
        if data is not None
    ]
    return assemble(cls, triples, (observations, actions), evidence, rows, options)


def _length(column: Column) -> int:
    data = column.data
    if isinstance(data, Mapping) and data:
        data = next(iter(data.values()))
    if not hasattr(data, "__len__") or getattr(data, "shape", None) == ():
        raise InvalidMDPError(
            f"{column.where} is of type {type(data).__name__}; give one {column.role} for each "
            "row, as an array or a list."
        )
    return len(data)


def _label_length(data: Any, where: str) -> int:
    if not hasattr(data, "__len__") or isinstance(data, str | bytes | dict | set | frozenset):
        raise InvalidLabelError(
            f"{where} is of type {type(data).__name__}; give one label for each row, as an array "
            "or a list, with None where the label is not known."
        )
    return len(data)


def restrict(coded: Coded, names: Iterable[Hashable] | None, columns: Sequence[Column]) -> Coded:
    """Use the given names, in their order; those that occur in no row count too.

    Raises
    ------
    InvalidMDPError
        When a row holds a name that is not among them.
    """
    if names is None:
        return coded
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        raise InvalidArgumentError(
            f"{columns[0].role}_names is {names!r}; give all names in the order that you want."
        )
    given = as_names(names, None, columns[0].role)
    table = lookup_table(given) or {name: index for index, name in enumerate(given)}
    into = np.array([table.get(name, -1) for name in coded.names], dtype=np.int32)
    for column, ids in zip(columns, coded.ids, strict=True):
        unknown = into[ids] < 0
        if unknown.any():
            row = int(np.argmax(unknown))
            name = coded.names[int(ids[row])]
            column.refuse(row, f"the {column.role} {name!r}, which is not among the given names")
    return Coded(tuple(into[ids] for ids in coded.ids), given)


def assemble(
    cls: type[Data],
    triples: IntArray,
    names: tuple[Coded, Coded],
    evidence: Sequence[Evidence],
    rows: RowNames,
    options: Options,
) -> Data:
    """Put indices, names and labels together."""
    observations, actions = names[0].names, names[1].names
    known = label_observations(evidence, observations, options.label_tolerance, rows)
    return cls(
        triples, known.coding, observations, actions, label_rows=known.rows, row_names=rows,
        deterministic=options.deterministic,
    )  # fmt: skip
