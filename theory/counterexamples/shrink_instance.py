"""A failing instance: codes that merge a pair which every zero-loss encoder tells apart (S3)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.labels import LabelCoding
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.pairs import PairSeparation, separation_of
from tellapart.theory.partial.separation_checker import check_separation
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["Code", "Instance", "Size", "as_codes", "renumbered", "violation"]

Code = tuple[int | float | Fraction, ...]


@register
@dataclass(frozen=True)
class Size(Saved):
    """How large an instance is.

    Attributes
    ----------
    observations, actions, rows, labelled, label_values
        Observations, actions, distinct transitions, labelled observations, labels in use.
    """

    observations: int
    actions: int
    rows: int
    labelled: int
    label_values: int

    def explain(self) -> str:
        """Return the numbers as a phrase."""
        return (
            f"{count(self.observations, 'observation')}, {count(self.actions, 'action')}, "
            f"{count(self.rows, 'row')}, {self.labelled} labelled with "
            f"{count(self.label_values, 'value')}"
        )


@dataclass(frozen=True, eq=False)
class Instance:
    """A system, a code for each observation, and a pair.

    Attributes
    ----------
    system
        The system.
    codes
        One tuple of numbers for each observation, in order.
    x, y
        Names of the pair.
    """

    system: TransitionData | DeterministicMDP
    codes: tuple[Code, ...]
    x: Hashable
    y: Hashable

    @property
    def size(self) -> Size:
        """How large it is."""
        system = self.system
        labelled = system.label_ids >= 0
        rows = (
            system.n_transitions if isinstance(system, TransitionData) else system.successors.size
        )
        return Size(
            system.n_obs,
            system.n_actions,
            rows,
            int(labelled.sum()),
            len(set(system.label_ids[labelled].tolist())),
        )


def violation(instance: Instance) -> PairSeparation | None:
    """Return why every zero-loss encoder tells the pair apart, or None when some need not.

    The answer is checked by code that shares nothing with what found it.

    Raises
    ------
    InternalError
        When the two disagree.
    """
    found = separation_of(instance.system, instance.x, instance.y)
    system = instance.system
    data = system if isinstance(system, TransitionData) else TransitionData.from_mdp(system)
    checked = check_separation(data, found)
    if not checked:
        raise InternalError(
            f"Whether {instance.x!r} and {instance.y!r} must be told apart was not confirmed: "
            f"{checked.reason} This is a bug in tellapart."
        )
    return found if found.separated else None


def as_codes(codes: Any, n_obs: int) -> tuple[Code, ...]:
    """Return codes of any form as tuples of Python numbers, one for each observation.

    Raises
    ------
    InvalidArgumentError
        For another number of codes, codes of different lengths, or what is no finite number.
    """
    if hasattr(codes, "detach"):
        codes = codes.detach().cpu().numpy()
    if isinstance(codes, np.ndarray):
        codes = codes.reshape(len(codes), -1).tolist() if codes.ndim else []
    if isinstance(codes, str | bytes) or not isinstance(codes, Sequence):
        raise InvalidArgumentError(
            f"codes is a {type(codes).__name__}; give one code for each observation, as an array "
            "[n_obs, d] or a list."
        )
    rows = tuple(tuple(c) if isinstance(c, list | tuple) else (c,) for c in codes)
    if len(rows) != n_obs or len({len(row) for row in rows}) > 1 or not rows or not rows[0]:
        raise InvalidArgumentError(
            f"codes has {len(rows)} rows; it must have one for each of the {n_obs} observations, "
            "all with the same number (one or more) of coordinates."
        )
    for o, row in enumerate(rows):
        for value in row:
            if isinstance(value, bool) or not _finite(value):
                raise InvalidArgumentError(
                    f"The code of observation number {o} has the coordinate {value!r}; it must "
                    "hold finite numbers."
                )
    return tuple(tuple(_plain(value) for value in row) for row in rows)


def _finite(value: Any) -> bool:
    return isinstance(value, Rational | np.integer) or (
        isinstance(value, float | np.floating) and bool(np.isfinite(value))
    )


def _plain(value: Any) -> int | float | Fraction:
    if isinstance(value, int | np.integer):
        return int(value)
    return Fraction(value) if isinstance(value, Rational) else float(value)


def renumbered(ids: npt.NDArray[np.int32], values: Sequence[Hashable]) -> LabelCoding:
    """Return labels numbered by first appearance again, the unused values left out.

    Parameters
    ----------
    ids
        int32 ``[n_obs]``, -1 where there is no label.
    values
        The labels by id.
    """
    seen: dict[int, int] = {}
    fresh = [seen.setdefault(i, len(seen)) if i >= 0 else -1 for i in ids.tolist()]
    coded = np.array(fresh, dtype=np.int32)
    coded.setflags(write=False)
    return LabelCoding(coded, tuple(values[i] for i in seen))
