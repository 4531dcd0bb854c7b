"""Models for which the bound of S10 is an equality: two chains that drift apart."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register
from tellapart.theory.symbolic.formulas import check_length, check_rational

__all__ = ["TightFamily", "code", "label", "tight_family"]


def code(start: Any, residual: Any, lipschitz: Any, step: Any, total: Any) -> Any:
    """Return the code at a step of the upper chain; ``total`` is ``1 + L + ... + L^(step-1)``."""
    return (lipschitz**step * start + 2 * residual * total) / 2


def label(at: Any, label_residual: Any, head: Any) -> Any:
    """Return the label of the observation with code ``at`` at the end of the upper chain."""
    return head * at + label_residual


@register
@dataclass(frozen=True, repr=False)
class TightFamily(Saved):
    """A system and a one-dimensional model that attain the bound of S10; by :func:`tight_family`.

    Attributes
    ----------
    mdp
        Observations ``0 .. k`` are the upper chain, ``k+1 .. 2k+1`` the lower one; one action.
    codes
        E, one rational for each observation.
    lipschitz, head
        ``T(z) = lipschitz z`` and ``P(z) = head z``.
    residuals, label_residuals
        ``|T(E(o)) - E(f(o))|`` and ``|P(E(o)) - p(o)|``.
    """

    mdp: DeterministicMDP
    codes: tuple[Fraction, ...]
    lipschitz: Fraction
    head: Fraction
    residuals: tuple[Fraction, ...]
    label_residuals: tuple[Fraction, ...]

    @property
    def length(self) -> int:
        """Steps from the first observation of a chain to the last."""
        return len(self.codes) // 2 - 1

    def explain(self) -> str:
        """Return what the model is in two lines."""
        first = self.codes[0]
        return (
            f"Two chains of {self.length + 1} observations with codes from {first} and {-first} "
            f"on, T(z) = {self.lipschitz} z and P(z) = {self.head} z.\n"
            f"Codes of the first two are {2 * first} apart, and the bound of S10 says no less."
        )

    def __repr__(self) -> str:
        return f"TightFamily(length={self.length}, distance={2 * self.codes[0]})"


def tight_family(
    start: Any, residual: Any, label_residual: Any, lipschitz: Any, head: Any, length: int
) -> TightFamily:
    """Build the member with these constants (S10).

    Parameters
    ----------
    start
        Distance of the first two codes, > 0.
    residual, label_residual
        Of every step of the word, and of the last labels, >= 0.
    lipschitz, head
        Of predictor and head, > 0.
    length
        Of the word.

    Raises
    ------
    InvalidArgumentError
        As for :func:`.formulas.unrolled_margin`.

    Notes
    -----
    The last observations lead to themselves; what that costs them is no part of the word.

    Examples
    --------
    >>> tight_family(1, Fraction(1, 4), 0, 2, 1, 2)
    TightFamily(length=2, distance=1)
    >>> [str(each) for each in tight_family(1, Fraction(1, 4), 0, 2, 1, 2).codes[:3]]
    ['1/2', '5/4', '11/4']
    """
    start = check_rational("start", start, above=True)
    eps, delta = (
        check_rational(name, value)
        for name, value in (("residual", residual), ("label_residual", label_residual))
    )
    slope, gain = (
        check_rational(name, value, above=True)
        for name, value in (("lipschitz", lipschitz), ("head", head))
    )
    check_length(length)
    upper = [start / 2]
    for _ in range(length):
        upper.append(slope * upper[-1] + eps)
    codes = (*upper, *(-each for each in upper))
    labels = [gain * each for each in upper[:-1]] + [label(upper[-1], delta, gain)]
    labels += [-each for each in labels]
    ends = [min(i + 1, length) for i in range(length + 1)]
    successors = [*ends, *(length + 1 + end for end in ends)]
    return TightFamily(
        DeterministicMDP([[end] for end in successors], labels),
        codes, slope, gain,
        tuple(abs(slope * codes[o] - codes[end]) for o, end in enumerate(successors)),
        tuple(abs(gain * z - p) for z, p in zip(codes, labels, strict=True)),
    )  # fmt: skip
