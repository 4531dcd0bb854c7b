"""The bound of S10 along a word in closed form: for symbols in proofs, for rationals in use.

The inner functions take anything that can be added and multiplied. What is proved about them by
:mod:`tellapart.theory.symbolic.margins` is therefore what users compute.
"""

from fractions import Fraction
from typing import Any

from tellapart.theory.errors import InvalidArgumentError

__all__ = [
    "MOST_STEPS",
    "bound",
    "check_length",
    "check_rational",
    "geometric",
    "needed_residual",
    "unrolled_margin",
    "vacuity_threshold",
]

#: Longer words are refused: the numbers get as many digits.
MOST_STEPS = 10_000


def geometric(lipschitz: Any, length: Any) -> Any:
    """Return ``1 + L + ... + L^(k-1)`` for L that is not 1."""
    return (lipschitz**length - 1) / (lipschitz - 1)


def bound(
    gap: Any, residual: Any, label_residual: Any, lipschitz: Any, head: Any, length: Any, total: Any
) -> Any:
    """Return the unrolled bound of S10; ``total`` stands for ``1 + L + ... + L^(k-1)``."""
    certain = gap - 2 * label_residual - 2 * head * residual * total
    return certain / (head * lipschitz**length)


def needed_residual(gap: Any, label_residual: Any, head: Any, total: Any) -> Any:
    """Return the residual at which the bound is zero; ``total`` as for :func:`bound`."""
    return (gap - 2 * label_residual) / (2 * head * total)


def unrolled_margin(
    gap: Any, residual: Any, label_residual: Any, lipschitz: Any, head: Any, length: int
) -> Fraction:
    """Compute what constant residuals prove about two codes, along one word (S10).

    Parameters
    ----------
    gap
        Distance of the labels that the word leads to.
    residual, label_residual
        Largest residuals of dynamics and of labels, >= 0.
    lipschitz, head
        Lipschitz constants of predictor and head, > 0.
    length
        Of the word.

    Returns
    -------
    A lower bound on the distance of the codes. Not positive: no certificate.

    Raises
    ------
    InvalidArgumentError
        For numbers that are not rational or out of range, or a length that is not one.

    Notes
    -----
    All numbers are integers, ``Fraction`` or finite floats, taken exactly as they are stored.

    Examples
    --------
    >>> unrolled_margin(1, Fraction(1, 100), 0, 2, 1, 3)
    Fraction(43, 400)
    """
    numbers = (
        check_rational("gap", gap), check_rational("residual", residual),
        check_rational("label_residual", label_residual),
        check_rational("lipschitz", lipschitz, above=True),
        check_rational("head", head, above=True),
    )  # fmt: skip
    check_length(length)
    return Fraction(bound(*numbers, length, _total(numbers[3], length)))


def vacuity_threshold(
    gap: Any, label_residual: Any, lipschitz: Any, head: Any, length: int
) -> Fraction:
    """Compute the residual from which :func:`unrolled_margin` is no longer positive.

    Parameters
    ----------
    gap, label_residual, lipschitz, head, length
        As for :func:`unrolled_margin`; the length is at least 1.

    Returns
    -------
    The certificate exists exactly below this residual. Not positive: at no residual.

    Raises
    ------
    InvalidArgumentError
        As for :func:`unrolled_margin`.

    Examples
    --------
    >>> vacuity_threshold(1, 0, 2, 1, 3), vacuity_threshold(1, 0, 1, 1, 3)
    (Fraction(1, 14), Fraction(1, 6))
    """
    gap, label_residual = (
        check_rational("gap", gap),
        check_rational("label_residual", label_residual),
    )
    constants = [
        check_rational(name, value, above=True)
        for name, value in (("lipschitz", lipschitz), ("head", head))
    ]
    check_length(length, least=1)
    return Fraction(
        needed_residual(gap, label_residual, constants[1], _total(constants[0], length))
    )


def _total(lipschitz: Fraction, length: int) -> Fraction:
    return Fraction(length) if lipschitz == 1 else Fraction(geometric(lipschitz, length))


def check_rational(name: str, value: object, *, above: bool = False) -> Fraction:
    """Return a number as a fraction; refuse what is negative, or not above zero."""
    wanted = "a positive number" if above else "a number >= 0"
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        raise InvalidArgumentError(
            f"{name} is {value!r}; it must be {wanted}: an integer, a Fraction or a float."
        )
    if (
        value != value
        or value in (float("inf"), float("-inf"))
        or value < 0
        or (above and not value)
    ):
        raise InvalidArgumentError(f"{name} is {value!r}; it must be {wanted}.")
    return Fraction(value)


def check_length(length: object, name: str = "length", least: int = 0) -> None:
    """Refuse what is no length of a word, or too long."""
    whole = isinstance(length, int) and not isinstance(length, bool)
    if not (whole and least <= length <= MOST_STEPS):  # type: ignore[operator]
        raise InvalidArgumentError(
            f"{name} is {length!r}; it must be an integer from {least} to {MOST_STEPS}."
        )
