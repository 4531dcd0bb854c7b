"""Check that no smaller linear or affine model exists, by one determinant (S12).

Labels along some words, seen from as many observations, are a square part of H. When its
determinant is not 0 the rank of H is at least its size, so no zero-loss model has fewer
dimensions. The check follows the words and eliminates; it shares no code with the construction.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.linear.determinant import determinant_of, is_regular
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["MAX_EXACT", "MinimalityCertificate", "MinimalityCheck", "check_minimality"]

Rows = list[list[int]]

#: Size up to which the determinant itself is computed; larger ones are shown not to be 0.
MAX_EXACT = 100

#: A determinant that is not 0 modulo one of these is not 0. All are primes below 2^31.
_PRIMES = (2147483647, 2147483629, 2147483587)


@register
@dataclass(frozen=True, repr=False)
class MinimalityCertificate(Saved):
    """A square part of ``[H, 1]`` whose determinant is not 0: a lower bound on dimensions (S12).

    Attributes
    ----------
    observations
        Names of the rows.
    words, coordinates
        The columns: an action word by names, and which coordinate of the label is read after it.
    constant
        Whether a column of ones comes last.
    """

    observations: tuple[Hashable, ...]
    words: tuple[tuple[Hashable, ...], ...]
    coordinates: tuple[int, ...]
    constant: bool = False

    @property
    def linear_bound(self) -> int:
        """Dimensions that a linear model needs at least: the independent columns of H."""
        return len(self.words)

    @property
    def affine_bound(self) -> int:
        """Dimensions that an affine model needs at least: the independent columns, less one."""
        return max(len(self.words) + self.constant - 1, 0)

    def explain(self) -> str:
        """Say what the certificate claims, and with which rows and columns."""
        ones = " and a column of ones" if self.constant else ""
        rows = ", ".join(map(repr, self.observations[:8])) + _more(self.observations)
        words = [" ".join(map(str, word)) or "(empty word)" for word in self.words[:8]]
        return (
            f"The labels after {count(len(self.words), 'word')}{ones}, from "
            f"{count(len(self.observations), 'observation')}, have a determinant that is not 0: "
            f"at least {self.linear_bound} linear and {self.affine_bound} affine dimensions.\n"
            f"Observations: {rows or 'none'}.\n"
            f"Words: {', '.join(words) or 'none'}{_more(self.words)}."
        )

    def __repr__(self) -> str:
        return (
            f"MinimalityCertificate(linear>={self.linear_bound}, affine>={self.affine_bound}, "
            f"{count(len(self.observations), 'observation')})"
        )


@register
@dataclass(frozen=True, slots=True)
class MinimalityCheck(Saved):
    """Whether a certificate proves its lower bounds (S12); ``bool()`` is the answer.

    Attributes
    ----------
    holds
        The answer.
    linear_bound, affine_bound
        What it proves; both 0 when it does not hold.
    determinant
        Exactly; None above :data:`MAX_EXACT` rows, or when the certificate does not fit.
    modulus
        Above that size: the prime modulo which the determinant is not 0.
    failure
        What is wrong, in words; None when nothing is.
    """

    holds: bool
    linear_bound: int
    affine_bound: int
    determinant: Fraction | None
    modulus: int | None
    failure: str | None = None

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return the result as a sentence."""
        if not self.holds:
            return f"No lower bound (S12): {self.failure}"
        found = (
            f"the determinant is {self.determinant}"
            if self.modulus is None
            else f"the determinant is not 0 modulo {self.modulus}"
        )
        return (
            f"No zero-loss model is smaller (S12): {found}, so linear models need at least "
            f"{self.linear_bound} dimensions and affine ones at least {self.affine_bound}."
        )


def check_minimality(
    system: DeterministicMDP, certificate: MinimalityCertificate
) -> MinimalityCheck:
    """Follow the words, read the labels, and compute the determinant.

    Parameters
    ----------
    system
        The MDP.
    certificate
        From :func:`.minimality.minimal_realisation`, or written by hand.

    Returns
    -------
    MinimalityCheck
        A certificate of another system, or a malformed one, does not hold, and the failure says
        why.

    Raises
    ------
    InvalidArgumentError
        When ``system`` is not a ``DeterministicMDP`` or ``certificate`` no certificate.

    Notes
    -----
    O(r³) for r rows: on integers of growing length up to :data:`MAX_EXACT` rows, modulo a prime
    above. Every label is scaled to an integer, which does not change whether it is 0.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> words = MinimalityCertificate((0, 1, 2), ((), ("-1",), ("+1",)), (0, 0, 0))
    >>> print(check_minimality(counting_chain(3), words).explain())
    No zero-loss model is smaller (S12): the determinant is 1, so linear models need at least 3 \
dimensions and affine ones at least 2.
    """
    if not isinstance(system, DeterministicMDP):
        raise InvalidArgumentError(
            f"check_minimality needs a DeterministicMDP and got a {type(system).__name__}."
        )
    if not isinstance(certificate, MinimalityCertificate):
        raise InvalidArgumentError(
            "check_minimality needs a MinimalityCertificate and got a "
            f"{type(certificate).__name__}; take that of minimal_realisation(mdp)."
        )
    failure = _malformed(system, certificate)
    if failure is not None:
        return MinimalityCheck(False, 0, 0, None, None, failure)
    rows, scale = _labels_seen(system, certificate)
    determinant = modulus = None
    if len(rows) <= MAX_EXACT:
        determinant = Fraction(determinant_of(rows), scale)
    else:
        modulus = next((p for p in _PRIMES if is_regular(rows, p)), None)
    if not determinant and modulus is None:
        failure = "the determinant is 0" if determinant == 0 else "the determinant may be 0"
        failure += ", so some of the words add nothing from these observations."
        return MinimalityCheck(False, 0, 0, determinant, None, failure)
    return MinimalityCheck(
        True, certificate.linear_bound, certificate.affine_bound, determinant, modulus
    )


def _malformed(system: DeterministicMDP, certificate: MinimalityCertificate) -> str | None:
    if not isinstance(certificate.constant, bool):
        return f"constant is {certificate.constant!r}; it must be True or False."
    columns = len(certificate.words) + certificate.constant
    if len(certificate.observations) != columns:
        return (
            f"{count(len(certificate.observations), 'observation')} and {count(columns, 'column')} "
            "are not a square."
        )
    if len(certificate.coordinates) != len(certificate.words):
        return "every word needs the label coordinate that is read after it."
    width = exact_labels(system.label_values).dim
    for coordinate in certificate.coordinates:
        whole = isinstance(coordinate, int) and not isinstance(coordinate, bool)
        if not (whole and 0 <= coordinate < width):
            return f"the label coordinate {coordinate!r} is not one of 0..{width - 1}."
    try:
        for name in certificate.observations:
            system.observation_index(name)
        for action in {action for word in certificate.words for action in word}:
            system.action_index(action)
    except (InvalidArgumentError, TypeError) as error:
        return f"it is not of this system. {error}"
    return None


def _labels_seen(system: DeterministicMDP, certificate: MinimalityCertificate) -> tuple[Rows, int]:
    """Return the square part, every column scaled to integers, and the product of the scales."""
    labels = exact_labels(system.label_values)
    starts = np.array([system.observation_index(o) for o in certificate.observations], dtype=int)
    columns, scales = [], []
    for word, coordinate in zip(certificate.words, certificate.coordinates, strict=True):
        here = starts
        for action in word:
            here = system.successors[here, system.action_index(action)]
        scale, values = labels.scales[coordinate], labels.integers[coordinate]
        columns.append([values[label] for label in system.label_ids[here].tolist()])
        scales.append(scale)
    if certificate.constant:
        columns.append([1] * len(starts))
    return [list(row) for row in zip(*columns, strict=True)], prod(scales)


def _more(things: tuple[object, ...]) -> str:
    return ", and so on" if len(things) > 8 else ""
