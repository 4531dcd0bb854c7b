"""Any loss, however small, is reached by codes that merge: shrink them (``exact_zero``)."""

from fractions import Fraction
from math import isqrt

from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis

__all__ = ["scale_for"]

#: Bits of the square root, where it is no fraction.
_BITS = 64


def scale_for(specimen: Specimen, loss: Fraction | int | str) -> Fraction:
    """Return a scale of the latents at which the losses of a specimen are at most ``loss``.

    Latents, predictor and head go together, ``(s E, s T(. / s), P(. / s))``: that multiplies the
    dynamics loss by ``s²``, leaves the auxiliary loss at zero, and merges what it merged.

    Parameters
    ----------
    specimen
        Of ``exact_zero`` (or ``dynamics_loss``): its auxiliary loss is zero, its dynamics loss is
        not.
    loss
        The loss to reach, above 0: an integer, a fraction, or text such as ``"1e-9"`` or ``"1/3"``.

    Returns
    -------
    Fraction
        ``s`` with ``s² L <= loss`` for the dynamics loss L on one-hot codes: exact when
        ``loss / L`` is the square of a fraction, otherwise less than one part in 2^62 too small.

    Raises
    ------
    InvalidArgumentError
        For a loss that is not above zero, or a specimen of which no scale gets there.

    Notes
    -----
    Statement S10 explains why: the margin of a pair shrinks with the latents.

    Examples
    --------
    >>> from tellapart.theory.counterexamples.search import smallest_counterexamples
    >>> specimen = smallest_counterexamples("exact_zero").specimens[0]
    >>> specimen.losses.dynamics, specimen.losses.auxiliary
    (Fraction(1, 3), Fraction(0, 1))
    >>> scale_for(specimen, Fraction(1, 300))
    Fraction(1, 10)
    """
    if not isinstance(specimen, Specimen):
        raise InvalidArgumentError(
            f"scale_for needs a Specimen, got {type(specimen).__name__}; "
            'smallest_counterexamples("exact_zero").specimens has some.'
        )
    target = _as_loss(loss)
    found = specimen.losses
    if found.auxiliary != 0 or found.dynamics == 0:
        raise InvalidArgumentError(
            f"The losses of this specimen are {found.dynamics} (dynamics) and {found.auxiliary} "
            "(auxiliary). Scaling latents changes the dynamics loss only, so the auxiliary one "
            f"must be zero and the other above it; take a specimen of {Hypothesis.EXACT_ZERO}."
        )
    return _root_below(target / Fraction(found.dynamics))


def _as_loss(loss: Fraction | int | str) -> Fraction:
    if isinstance(loss, bool) or not isinstance(loss, Fraction | int | str):
        raise InvalidArgumentError(
            f"loss is {loss!r} of type {type(loss).__name__}; give a Fraction, an integer, or "
            'text such as "1e-9": scales are exact.'
        )
    try:
        target = Fraction(loss)
    except (ValueError, ZeroDivisionError):
        raise InvalidArgumentError(
            f'loss is {loss!r}, which is no number; write it as "1e-9" or "1/3".'
        ) from None
    if target <= 0:
        raise InvalidArgumentError(f"loss is {target}; it must be above 0.")
    return target


def _root_below(value: Fraction) -> Fraction:
    """Return the square root, rounded down where it is no fraction."""
    # sqrt(p / q) = sqrt(p q) / q; a factor 4^k under the root keeps enough bits.
    product = value.numerator * value.denominator
    shift = max(0, _BITS - product.bit_length() // 2)
    return Fraction(isqrt(product << (2 * shift)), value.denominator << shift)
