"""Transition data (D, p): any coverage of observations and actions, labels where they are known."""

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.border import (
    as_label_rows,
    as_triples,
    check_range,
    code_known_labels,
    names_for,
    sort_rows,
)
from tellapart.theory.data.conversion import data_of_mdp, mdp_of_data, refuse_contradictions
from tellapart.theory.data.loaders import Loaders
from tellapart.theory.data.rows import RowNames, Sighting
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.labels import LabelCoding
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.naming import lookup, lookup_table, names_key, tagged

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["TransitionData"]

IntArray = npt.NDArray[np.int32]
LongArray = npt.NDArray[np.int64]


class TransitionData(Loaders):
    """Coverage D of transitions and labels p on some observations; immutable, hashable.

    Partial data miss pairs (observation, action); non-functional data have several successors for
    one pair (setting of S1-S3). Repeated transitions are kept once, with the first row that has
    each, so that every statement about the data can be followed back to rows.

    Parameters
    ----------
    triples
        Integers ``[n_rows, 3]``: indices of observation, action and successor; in any order.
    labels
        ``{observation index: label}``, or one entry for each observation with None where the
        label is not known; see :func:`tellapart.theory.labels.code_labels` for what a label is.
        A :class:`~tellapart.theory.labels.LabelCoding` (with ids of -1) is taken as it is.
    observations, actions
        Names, unique and hashable; default ``0 ..`` as far as the triples go.
    rows
        int64 ``[n_rows]``: the number of the row each triple came from; default its position.
    label_rows
        int64 ``[n_obs]``: the row that gave each label, -1 where there is none.
    n_rows
        How many rows there were, where repeated ones are left out of ``triples`` already.
    row_names
        How messages name a row; default ``row 17``.
    deterministic
        Refuse several successors for one pair.
    label_tolerance
        As in :class:`~tellapart.theory.mdp.DeterministicMDP`.

    Attributes
    ----------
    sources, action_ids, targets
        int32 ``[n_transitions]`` each: the distinct transitions, sorted by source, action and
        successor, read-only.
    first_rows
        int64 ``[n_transitions]``: the first row with each transition.
    n_rows
        How many rows the data had.
    label_ids
        int32 ``[n_obs]``: ids of the labels by first appearance, -1 where the label is not known.
    label_values
        The distinct labels, indexed by id.

    Raises
    ------
    InvalidMDPError
        For triples of the wrong shape or type, indices out of range, or bad names.
    DuplicateTransitionError
        With ``deterministic``, for two rows that contradict each other.
    InvalidLabelError
        For NaN or unhashable labels, or labels of observations that do not exist.

    Notes
    -----
    O(m log m) for m rows. Source: setting of the theory pages.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 1], [1, 0, 2], [0, 0, 2]], labels={2: "goal"})
    >>> data
    TransitionData(n_obs=3, n_actions=1, n_transitions=3, n_labelled=1, partial, non-functional)
    """

    sources: IntArray
    action_ids: IntArray
    targets: IntArray
    first_rows: LongArray
    n_rows: int
    label_ids: IntArray
    label_values: tuple[Hashable, ...]
    label_rows: LongArray
    observations: Sequence[Hashable]
    actions: Sequence[Hashable]
    row_names: RowNames

    def __init__(
        self,
        triples: npt.ArrayLike,
        labels: Mapping[int, Any] | Sequence[Any] | LabelCoding | None = None,
        observations: Iterable[Hashable] | None = None,
        actions: Iterable[Hashable] | None = None,
        *,
        rows: npt.ArrayLike | None = None,
        label_rows: npt.ArrayLike | None = None,
        row_names: RowNames | None = None,
        n_rows: int | None = None,
        deterministic: bool = False,
        label_tolerance: float | None = None,
    ) -> None:
        table = as_triples(triples)
        names = names_for(observations, table[:, [0, 2]], labels, "observation")
        action_names = names_for(actions, table[:, 1:2], None, "action")
        check_range(table, len(names), len(action_names))
        order, keep = sort_rows(table, len(names), len(action_names))
        numbers = np.arange(len(table)) if rows is None else np.asarray(rows, dtype=np.int64)
        label_ids, values = code_known_labels(labels, len(names), label_tolerance)
        chosen = order[keep]
        fields: dict[str, Any] = {
            "sources": table[chosen, 0].astype(np.int32),
            "action_ids": table[chosen, 1].astype(np.int32),
            "targets": table[chosen, 2].astype(np.int32),
            "first_rows": numbers[chosen].astype(np.int64),
            "label_ids": label_ids,
            "label_rows": as_label_rows(label_rows, label_ids),
        }
        for array in fields.values():
            array.setflags(write=False)
        fields |= {
            "n_rows": len(table) if n_rows is None else n_rows,
            "label_values": values,
            "observations": names,
            "actions": action_names,
            "row_names": row_names or RowNames(),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        if deterministic:
            refuse_contradictions(self)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"TransitionData is immutable; build a new one to change {name!r}.")

    @property
    def n_obs(self) -> int:
        """Number of observations."""
        return len(self.observations)

    @property
    def n_actions(self) -> int:
        """Number of actions."""
        return len(self.actions)

    @property
    def n_transitions(self) -> int:
        """Number of distinct transitions |D|."""
        return len(self.sources)

    @property
    def triples(self) -> IntArray:
        """The distinct transitions as int32 ``[n_transitions, 3]``, sorted (a new array)."""
        return np.stack([self.sources, self.action_ids, self.targets], axis=1)

    @cached_property
    def n_labelled(self) -> int:
        """Number of observations with a known label, |L|."""
        return int((self.label_ids >= 0).sum())

    @cached_property
    def pair_starts(self) -> LongArray:
        """Where each covered pair (observation, action) begins among the sorted transitions.

        int64 ``[n_pairs + 1]``: pair ``k`` owns transitions ``pair_starts[k] .. [k+1]-1``.
        """
        fresh = np.ones(self.n_transitions, dtype=bool)
        if self.n_transitions:
            same_source = self.sources[1:] == self.sources[:-1]
            fresh[1:] = ~(same_source & (self.action_ids[1:] == self.action_ids[:-1]))
        return np.append(np.flatnonzero(fresh), self.n_transitions).astype(np.int64)

    @property
    def n_pairs(self) -> int:
        """Number of pairs (observation, action) that the data cover."""
        return len(self.pair_starts) - 1

    @property
    def n_missing_pairs(self) -> int:
        """Number of pairs (observation, action) that the data do not cover."""
        return self.n_obs * self.n_actions - self.n_pairs

    @property
    def is_functional(self) -> bool:
        """Tell whether no covered pair has two successors."""
        return self.n_pairs == self.n_transitions

    @property
    def is_total(self) -> bool:
        """Tell whether every pair is covered."""
        return self.n_missing_pairs == 0

    @property
    def is_fully_labelled(self) -> bool:
        """Tell whether every observation has a known label."""
        return self.n_labelled == self.n_obs

    @property
    def is_complete(self) -> bool:
        """Tell whether the data are a deterministic MDP: :meth:`to_mdp` returns it."""
        return self.is_total and self.is_functional and self.is_fully_labelled

    def find(self, source: int, action: int) -> range:
        """Return the positions of the transitions of one pair (indices); O(log m)."""
        # Keys of the columns' own type: any other makes NumPy convert the whole column.
        key, inner = np.int32(source), np.int32(action)
        low = int(np.searchsorted(self.sources, key, side="left"))
        high = int(np.searchsorted(self.sources, key, side="right"))
        column = self.action_ids[low:high]
        first = low + int(np.searchsorted(column, inner, side="left"))
        return range(first, low + int(np.searchsorted(column, inner, side="right")))

    def successors_of(self, source: int, action: int) -> tuple[int, ...]:
        """Return the successors (indices) that the data have for one pair; () if missing."""
        found = self.find(source, action)
        return tuple(self.targets[found.start : found.stop].tolist())

    def row_text(self, transition: int) -> str:
        """Name the first row with a transition (a position), as in ``row 17``."""
        return self.row_names.text(int(self.first_rows[transition]))

    @cached_property
    def first_seen_rows(self) -> LongArray:
        """The first row in which each observation stands, as source or as successor.

        int64 ``[n_obs]``; -1 for observations that are in no row.
        """
        first = np.full(self.n_obs, np.iinfo(np.int64).max)
        np.minimum.at(first, self.sources, self.first_rows)
        np.minimum.at(first, self.targets, self.first_rows)
        first[first == np.iinfo(np.int64).max] = -1
        first.setflags(write=False)
        return first

    def first_seen(self, name: Hashable) -> Sighting:
        """Return where a named observation was first seen, to look up what it is (an image, say).

        Raises
        ------
        InvalidArgumentError
            When there is no such observation, or it is in no row.
        """
        observation = self.observation_index(name)
        row = int(self.first_seen_rows[observation])
        if row < 0:
            raise InvalidArgumentError(
                f"Observation {name!r} is in no row; it was only named in observations."
            )
        here = (self.first_rows == row) & (self.sources == observation)
        return Sighting(row, not bool(here.any()), self.row_names.text(row))

    def label_of(self, observation: int) -> Hashable | None:
        """Return the label of an observation (index), or None where it is not known."""
        identifier = int(self.label_ids[observation])
        return None if identifier < 0 else self.label_values[identifier]

    @cached_property
    def _observation_index(self) -> dict[Hashable, int]:
        return lookup_table(self.observations)

    @cached_property
    def _action_index(self) -> dict[Hashable, int]:
        return lookup_table(self.actions)

    def observation_index(self, name: Hashable) -> int:
        """Return the index of a named observation, or raise InvalidArgumentError."""
        return lookup(self._observation_index, name, "observation", self.observations)

    def action_index(self, name: Hashable) -> int:
        """Return the index of a named action, or raise InvalidArgumentError."""
        return lookup(self._action_index, name, "action", self.actions)

    def table(self) -> IntArray:
        """Return int32 ``[n_obs, n_actions]`` with one successor for each pair, -1 where missing.

        Of several successors the largest index stands.
        """
        table = np.full((self.n_obs, self.n_actions), -1, dtype=np.int32)
        table[self.sources, self.action_ids] = self.targets
        return table

    def to_mdp(self) -> DeterministicMDP:
        """Return the deterministic MDP that total, functional, fully labelled data describe.

        Raises
        ------
        MissingTransitionError, DuplicateTransitionError, InvalidLabelError
            When they do not, naming the first missing pair, contradiction or label.
        """
        return mdp_of_data(self)

    @classmethod
    def from_mdp(cls, mdp: DeterministicMDP) -> "TransitionData":
        """Return the transitions and labels of a deterministic MDP as data; names are kept."""
        return data_of_mdp(cls, mdp)

    def with_labels(
        self,
        labels: Mapping[int, Any] | Sequence[Any] | None,
        *,
        label_tolerance: float | None = None,
    ) -> "TransitionData":
        """Return the same transitions with other labels (see S9); indices as in the constructor."""
        return TransitionData(
            self.triples, labels, self.observations, self.actions, rows=self.first_rows,
            n_rows=self.n_rows, row_names=self.row_names, label_tolerance=label_tolerance,
        )  # fmt: skip

    @classmethod
    def from_networkx(
        cls,
        graph: "nx.DiGraph",
        action: str | None = "action",
        label: str = "label",
        *,
        deterministic: bool = False,
        label_tolerance: float | None = None,
    ) -> "TransitionData":
        """Build from a graph with any edges and labels on any nodes; see :mod:`.graphs`."""
        from tellapart.theory.graphs import transition_data_from_networkx

        return transition_data_from_networkx(
            graph, action, label, deterministic=deterministic, label_tolerance=label_tolerance
        )

    def to_networkx(self, action: str = "action", label: str = "label") -> "nx.MultiDiGraph":
        """Return a ``MultiDiGraph`` that :meth:`from_networkx` turns back into equal data."""
        from tellapart.theory.graphs import transition_data_to_networkx

        return transition_data_to_networkx(self, action, label)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of transitions, labels and names; rows do not count."""
        digest = hashlib.sha256()
        values = [tagged(value) for value in self.label_values]
        head = [values, names_key(self.observations), names_key(self.actions)]
        digest.update(json.dumps(head, ensure_ascii=True).encode())
        for array in (self.sources, self.action_ids, self.targets, self.label_ids):
            digest.update(array.astype("<i4").tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TransitionData):
            return NotImplemented
        return self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        words = [] if self.is_total else ["partial"]
        words += [] if self.is_functional else ["non-functional"]
        return (
            f"TransitionData(n_obs={self.n_obs}, n_actions={self.n_actions}, "
            f"n_transitions={self.n_transitions}, n_labelled={self.n_labelled}"
            + "".join(f", {word}" for word in words)
            + ")"
        )
