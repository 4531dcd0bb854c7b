"""What a model answers on a system, enclosed: every number between two floats."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tellapart.theory.serialise import Saved, register

__all__ = ["Arithmetic", "Interval", "ModelPoints"]

FloatArray = npt.NDArray[np.float64]
Arithmetic = Literal["exact", "interval"]


@register
@dataclass(frozen=True, eq=False)
class Interval(Saved):
    """An array of real numbers, each known to lie between two floats.

    Attributes
    ----------
    lo, hi
        float64 arrays of one shape, ``lo <= hi``.
    """

    lo: FloatArray
    hi: FloatArray

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array."""
        return self.lo.shape

    @property
    def widest(self) -> float:
        """Largest width of an enclosure; 0 for an empty array."""
        return float((self.hi - self.lo).max(initial=0.0))

    def __getitem__(self, key: Any) -> "Interval":
        return Interval(np.asarray(self.lo[key]), np.asarray(self.hi[key]))

    def __repr__(self) -> str:
        return f"Interval(shape {list(self.shape)}, widest {self.widest:.3g})"


@register
@dataclass(frozen=True, eq=False)
class ModelPoints(Saved):
    """Codes, predicted latents and labels read by a model: of the *real* function of its weights.

    Attributes
    ----------
    codes
        E(o), ``[n_obs, d]``.
    predicted
        T(E(o), a), ``[n_obs, n_actions, d]``.
    read
        P(E(o)), ``[n_obs, label_dim]``.
    arithmetic
        ``"exact"``: all three were computed as rational numbers, and the intervals are these
        rounded outwards (equal codes have equal intervals). ``"interval"``: outward-rounded
        float64 throughout.
    zero_loss
        With exact arithmetic: whether every residual is exactly zero. False with intervals.
    code_ids
        With exact arithmetic: int64 ``[n_obs]``, equal where codes are equal as rational vectors
        (numbered by first observation). None with intervals.
    """

    codes: Interval
    predicted: Interval
    read: Interval
    arithmetic: Arithmetic
    zero_loss: bool
    code_ids: npt.NDArray[np.int64] | None
