"""How small residuals have to be for a certificate: the vacuity threshold."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.margins.constants import Constants
from tellapart.theory.margins.iteration import Estimates, iterate, label_margins
from tellapart.theory.margins.tables import Tables
from tellapart.theory.wording import count

__all__ = ["Threshold", "find_threshold"]

FloatArray = npt.NDArray[np.float64]

#: Steps of the bisection end when the two ends are closer than this, in powers of two.
_CLOSE = 0.02
_FARTHEST = 512.0
#: Improvements below this are not followed: with residuals smaller than the real ones, values
#: could otherwise creep around a cycle for ever.
_GAIN = 1.0 + 2.0**-20


@dataclass(frozen=True, slots=True)
class Threshold:
    """By how much residuals may grow, or have to shrink.

    Attributes
    ----------
    factor
        With all residuals multiplied by it, label and step claims tell all required pairs apart;
        with 1.02 times as much they do not. None where there is no such number.
    residual
        ``factor`` times the largest residual (of dynamics and labels). Where all residuals are
        exactly zero: what every residual could be at once.
    note
        Why there is none, a sentence; otherwise empty.
    """

    factor: float | None
    residual: float | None
    note: str


def find_threshold(
    tables: Tables,
    constants: Constants,
    bounds: FloatArray,
    aux_bounds: FloatArray,
    label_gaps: FloatArray,
    caps: FloatArray,
    required: npt.NDArray[np.bool_],
) -> Threshold:
    """Find the factor by which all residuals could grow, constants and codes as they are (S10).

    Parameters
    ----------
    tables, constants
        The system, and the recorded constants.
    bounds, aux_bounds
        float64 ``[n_transitions]`` and ``[n_obs]`` (NaN where unlabelled): the residuals.
    label_gaps, caps
        float64 ``[n_obs**2]``: distances between labels, and upper bounds of those between codes.
    required
        bool ``[n_obs**2]``: pairs that must be told apart.

    Notes
    -----
    About twenty value iterations, each of which ends as soon as no pair is left.
    """
    if not required.any():
        return Threshold(None, None, "no pair must be told apart")
    aux = np.nan_to_num(aux_bounds)
    largest = float(max(bounds.max(initial=0.0), aux.max(initial=0.0)))
    exact = largest == 0.0
    if exact:  # ask what all residuals could be at once
        bounds, aux, largest = np.ones_like(bounds), np.ones_like(aux), 1.0

    def missing(factor: float) -> int:
        start = label_margins(tables, label_gaps, aux * factor, constants.head)
        start = Estimates(np.minimum(start.values, caps), start.forms, start.supports)
        return iterate(
            tables, start, bounds * factor, constants.predictors, caps=caps, needed=required,
            gain=_GAIN,
        )[1]  # fmt: skip

    hopeless = missing(0.0)
    if hopeless:
        return Threshold(
            None, None, _reason(hopeless, int((required & (caps == 0)).sum()), constants)
        )
    low = high = 0.0
    step = 1.0
    certified = missing(1.0) == 0
    while True:  # gallop from 1 towards the other answer
        high, low = (step, low) if certified else (high, -step)
        if step > _FARTHEST or (missing(2.0 ** (step if certified else -step)) == 0) != certified:
            break
        high, low = (high, step) if certified else (-step, low)
        step *= 2
    if step > _FARTHEST:
        return Threshold(None, None, "residuals decide nothing here, at whatever size")
    while high - low > _CLOSE:
        middle = (low + high) / 2
        low, high = (low, middle) if missing(2.0**middle) else (middle, high)
    factor = 2.0**low
    return Threshold(None if exact else factor, factor * largest, "")


def _reason(hopeless: int, merged: int, constants: Constants) -> str:
    unknown = int(np.isinf(constants.predictors).sum()) + int(np.isinf(constants.head))
    if unknown:
        return (
            f"no Lipschitz constant for {count(unknown, 'part')} of the model (predictors by "
            "action, and head), because enclosures of different codes overlap"
        )
    if merged:
        return f"{count(merged, 'pair')} of observations share a code"
    return (
        f"no covered word tells {count(hopeless, 'pair')} apart, only merging and folding does (S3)"
    )
