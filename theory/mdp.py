"""The deterministic MDP: integer tables inside, names at the border."""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from numbers import Number
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import (
    InvalidLabelError,
    InvalidMDPError,
    MissingTransitionError,
)
from tellapart.theory.labels import LabelCoding, code_labels
from tellapart.theory.naming import as_names, lookup, lookup_table, names_key, tagged

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["DeterministicMDP"]

IntArray = npt.NDArray[np.int32]


class DeterministicMDP:
    """A finite deterministic MDP with auxiliary labels; total, immutable, hashable.

    Every pair (observation, action) has exactly one successor (the setting of D3).

    Parameters
    ----------
    successors
        Integers ``[n_obs, n_actions]``: ``successors[o, a]`` is the index of f(o, a).
    labels
        One auxiliary label p(o) for each observation; see
        :func:`tellapart.theory.labels.code_labels` for what a label may be, and whose result is
        taken as it is.
    observations, actions
        Names, unique and hashable; default ``0 .. n-1``.
    label_tolerance
        Merge numeric labels this close (single linkage); default: exact grouping.

    Attributes
    ----------
    successors
        int32 ``[n_obs, n_actions]``, read-only, C-contiguous.
    label_ids
        int32 ``[n_obs]``: ids of the labels, numbered by first appearance, read-only.
    label_values
        The distinct labels, indexed by id.
    observations, actions
        Tuples (or ranges) of names.

    Raises
    ------
    InvalidMDPError
        For a table of the wrong shape or type, or for names that repeat or do not hash.
    MissingTransitionError
        For a successor outside ``0 .. n_obs-1``; ``-1`` and masked entries count as missing.
    InvalidLabelError
        For NaN, missing or unhashable labels.

    Notes
    -----
    Construction is O(n |A|) plus the grouping of labels. Source: arXiv 2509.12249, section 3.

    Examples
    --------
    >>> mdp = DeterministicMDP([[0, 1], [0, 1]], labels=["off", "on"], actions=["down", "up"])
    >>> mdp
    DeterministicMDP(n_obs=2, n_actions=2, n_labels=2)
    """

    successors: IntArray
    label_ids: IntArray
    label_values: tuple[Hashable, ...]
    observations: Sequence[Hashable]
    actions: Sequence[Hashable]

    def __init__(
        self,
        successors: npt.ArrayLike,
        labels: Any,
        observations: Iterable[Hashable] | None = None,
        actions: Iterable[Hashable] | None = None,
        *,
        label_tolerance: float | None = None,
    ) -> None:
        table = _as_table(successors)
        n_obs, n_actions = table.shape
        names = as_names(observations, n_obs, "observation")
        action_names = as_names(actions, n_actions, "action")
        _check_targets(table, names, action_names)
        coding = _coded(labels, n_obs, label_tolerance)
        final = np.ascontiguousarray(table, dtype=np.int32)
        if final is successors or np.shares_memory(final, table):
            final = final.copy()
        final.setflags(write=False)
        fields = {
            "successors": final,
            "label_ids": coding.ids,
            "label_values": coding.values,
            "observations": names,
            "actions": action_names,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"DeterministicMDP is immutable; build a new one to change {name!r}.")

    @property
    def n_obs(self) -> int:
        """Number of observations."""
        return int(self.successors.shape[0])

    @property
    def n_actions(self) -> int:
        """Number of actions."""
        return int(self.successors.shape[1])

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """The label p(o) of each observation, in order."""
        return tuple(self.label_values[i] for i in self.label_ids.tolist())

    @cached_property
    def _observation_index(self) -> dict[Hashable, int]:
        return lookup_table(self.observations)

    @cached_property
    def _action_index(self) -> dict[Hashable, int]:
        return lookup_table(self.actions)

    def observation_index(self, name: Hashable) -> int:
        """Return the index of a named observation.

        Raises
        ------
        InvalidArgumentError
            When there is no observation of that name.
        """
        return lookup(self._observation_index, name, "observation", self.observations)

    def action_index(self, name: Hashable) -> int:
        """Return the index of a named action.

        Raises
        ------
        InvalidArgumentError
            When there is no action of that name.
        """
        return lookup(self._action_index, name, "action", self.actions)

    def run(self, start: int, word: Iterable[int]) -> int:
        """Follow action indices from an observation index; return the index reached."""
        here = start
        for action in word:
            here = int(self.successors[here, action])
        return here

    def label_trace(self, start: int, word: Iterable[int]) -> tuple[Hashable, ...]:
        """Return the labels seen along a word (indices), the start included: length ``|w|+1``."""
        here = start
        trace = [self.label_values[self.label_ids[here]]]
        for action in word:
            here = int(self.successors[here, action])
            trace.append(self.label_values[self.label_ids[here]])
        return tuple(trace)

    @cached_property
    def label_vectors(self) -> npt.NDArray[np.float64]:
        """Labels as regression targets, float64 ``[n_obs, label_dim]``, read-only.

        Numbers become one coordinate and flat tuples of numbers one coordinate each; any other
        labels (strings, mixed shapes, numbers that are equal in float64) become one-hot vectors
        over ``label_values``.
        """
        vectors = _numeric_values(self.label_values)
        if vectors is None:
            vectors = np.eye(len(self.label_values))
        result = np.ascontiguousarray(vectors[self.label_ids])
        result.setflags(write=False)
        return result

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hexadecimal) of tables, label values and names: equal content, equal hash."""
        digest = hashlib.sha256()
        head = [list(self.successors.shape), [tagged(v) for v in self.label_values]]
        head += [names_key(self.observations), names_key(self.actions)]
        digest.update(json.dumps(head, ensure_ascii=True).encode())
        digest.update(self.successors.astype("<i4").tobytes())
        digest.update(self.label_ids.astype("<i4").tobytes())
        return digest.hexdigest()

    def with_labels(
        self, labels: Any, *, label_tolerance: float | None = None
    ) -> "DeterministicMDP":
        """Return the same dynamics and names with other labels (see S9)."""
        return DeterministicMDP(
            self.successors, labels, self.observations, self.actions,
            label_tolerance=label_tolerance,
        )  # fmt: skip

    @classmethod
    def from_networkx(
        cls,
        graph: "nx.DiGraph",
        action: str | None = "action",
        label: str = "label",
        *,
        label_tolerance: float | None = None,
    ) -> Self:
        """Build from a NetworkX ``DiGraph`` or ``MultiDiGraph``; see :mod:`.graphs`."""
        from tellapart.theory.graphs import from_networkx

        return from_networkx(cls, graph, action, label, label_tolerance)

    def to_networkx(self, action: str = "action", label: str = "label") -> "nx.MultiDiGraph":
        """Return a ``MultiDiGraph`` that :meth:`from_networkx` turns back into an equal MDP."""
        from tellapart.theory.graphs import to_networkx

        return to_networkx(self, action, label)

    @classmethod
    def from_gymnasium(
        cls,
        env: Any,
        label: str | Callable[..., Hashable] = "reward",
        **options: Any,
    ) -> Self:
        """Build from a Gymnasium environment or its id; see :mod:`.environments`."""
        from tellapart.theory.environments import from_gymnasium

        return from_gymnasium(cls, env, label, **options)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DeterministicMDP):
            return NotImplemented
        return self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.successors, self.labels, self.observations, self.actions)
        return (DeterministicMDP, parts)

    def __repr__(self) -> str:
        return (
            f"DeterministicMDP(n_obs={self.n_obs}, n_actions={self.n_actions}, "
            f"n_labels={len(self.label_values)})"
        )


def _as_table(successors: npt.ArrayLike) -> npt.NDArray[Any]:
    if isinstance(successors, np.ma.MaskedArray):
        successors = successors.filled(-1)
    try:
        table = np.asarray(successors)
    except ValueError:
        raise InvalidMDPError(
            "successors has rows of different lengths; every observation needs one successor for "
            "every action."
        ) from None
    if table.ndim != 2 or table.shape[0] == 0 or table.shape[1] == 0:
        raise InvalidMDPError(
            f"successors has shape {table.shape}; it must be [n_obs, n_actions] with at least one "
            "observation and one action."
        )
    if table.dtype.kind not in "iu":
        raise InvalidMDPError(
            f"successors has dtype {table.dtype}; it must hold integer indices of observations."
        )
    return table


def _coded(labels: Any, n_obs: int, tolerance: float | None) -> LabelCoding:
    """Return labels as ids; labels that are coded already stay as they are."""
    if isinstance(labels, LabelCoding):
        return labels
    labels = _as_label_list(labels)
    if len(labels) != n_obs:
        raise InvalidLabelError(
            f"There are {len(labels)} labels for {n_obs} observations; give exactly one each."
        )
    return code_labels(labels, tolerance)


def _as_label_list(labels: Any) -> Any:
    if isinstance(labels, Mapping | set | frozenset) or not hasattr(labels, "__iter__"):
        raise InvalidLabelError(
            f"labels is a {type(labels).__name__}; give a list or array with one label for each "
            "observation, in the order of the observations."
        )
    if getattr(labels, "ndim", 1) == 0:
        raise InvalidLabelError(
            "labels is an array without dimensions; give one label for each observation."
        )
    return labels if hasattr(labels, "__len__") else list(labels)


def _check_targets(
    table: npt.NDArray[Any], names: Sequence[Hashable], actions: Sequence[Hashable]
) -> None:
    wrong = np.argwhere((table < 0) | (table >= len(table)))
    if wrong.size:
        o, a = wrong[0].tolist()
        found = "no successor" if table[o, a] < 0 else f"the successor index {table[o, a]}"
        more = f" ({len(wrong)} such pairs in all)" if len(wrong) > 1 else ""
        raise MissingTransitionError(
            f"Observation {names[o]!r} has {found} for action {actions[a]!r}{more}. A "
            f"deterministic MDP needs exactly one successor in 0..{len(table) - 1} for every pair; "
            "add the transition (a self-loop if the action does nothing there)."
        )


def _numeric_values(values: Sequence[Hashable]) -> npt.NDArray[np.float64] | None:
    """Return label values as rows of numbers, or None when they are not all alike numbers."""
    rows = [value if isinstance(value, tuple) else (value,) for value in values]
    if len({len(row) for row in rows}) != 1 or not rows[0]:
        return None
    if not all(isinstance(part, Number) and not isinstance(part, complex)
               for row in rows for part in row):  # fmt: skip
        return None
    try:
        vectors = np.array([[float(part) for part in row] for row in rows], dtype=np.float64)
    except OverflowError:
        return None
    # Different labels stay different: 1 and (1,), or integers that float64 cannot tell apart.
    return vectors if len(np.unique(vectors, axis=0)) == len(rows) else None
