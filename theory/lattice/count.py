"""How many admissible partitions there are (D4, S5): exact without listing them all, or a bound."""

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.lattice.census import census
from tellapart.theory.lattice.components import Component, System, factors
from tellapart.theory.serialise import Saved, register

__all__ = ["AdmissibleCount", "PartCount", "check_positive", "count_admissible"]

#: Integers with more digits are shown rounded.
_MOST_DIGITS = 20


@register
@dataclass(frozen=True, slots=True)
class PartCount:
    """The count of one independent part, or of several that look alike.

    Attributes
    ----------
    n_classes
        Classes of F(D) in the part; in a deterministic MDP these are observations.
    value
        Its number of admissible partitions; a lower bound unless ``exact``.
    how
        ``"free"``: nothing folds, a product of Bell numbers. ``"core"``: the partitions of the
        successors are listed, the other observations counted in closed form. ``"listed"``.
    exact
        Whether the budget sufficed.
    times
        How many parts have this count.
    """

    n_classes: int
    value: int
    how: str
    exact: bool
    times: int = 1


@register
@dataclass(frozen=True, repr=False)
class AdmissibleCount(Saved):
    """The number of admissible partitions of a system; made by :func:`count_admissible`.

    Attributes
    ----------
    parts
        The independent parts; the count is the product over them.
    feasible
        False when F(D) joins different labels: then nothing is admissible (S2).
    limit
        The budget for each part.
    """

    parts: tuple[PartCount, ...]
    feasible: bool
    limit: int

    @cached_property
    def value(self) -> int:
        """The number, of any size; a lower bound unless :attr:`exact`."""
        return math.prod(p.value**p.times for p in self.parts) if self.feasible else 0

    @property
    def exact(self) -> bool:
        """Tell whether :attr:`value` is the number itself and not a lower bound."""
        return all(part.exact for part in self.parts)

    def __int__(self) -> int:
        return self.value

    @property
    def text(self) -> str:
        """The number for people: ``52``, ``at least 1000``, ``about 1.3e+25``."""
        return _number_text(self.value, self.exact)

    def explain(self) -> str:
        """Say how many encoders up to renaming of codes are possible, and how they were counted."""
        if not self.feasible:
            return (
                "No partition is admissible: the dynamics merge observations with different "
                "labels, so no encoder has zero loss (S2)."
            )
        one = self.value == 1 and self.exact
        lines = [f"{self.text} partition{' is' if one else 's are'} admissible (D4, S5)."]
        if not self.parts:
            lines.append("No two codes may be merged beyond what the dynamics force.")
        for part in self.parts:
            times = f"{part.times} independent parts, each of" if part.times > 1 else "A part of"
            number = _number_text(part.value, part.exact)
            lines.append(f"{times} {part.n_classes} classes: {number} {_HOW[part.how]}.")
        if not self.exact:
            lines.append(f"The budget of {self.limit} partitions for a part was used up.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"AdmissibleCount({self.text})"


_HOW = {
    "free": "(nothing folds: Bell numbers)",
    "core": "(successors listed, the others in closed form)",
    "listed": "(listed)",
}


def _number_text(value: int, exact: bool) -> str:
    bound = "" if exact else "at least "
    if value < 10**_MOST_DIGITS:
        return f"{bound}{value}"
    power = math.log10(value)
    exponent = math.floor(power)
    return f"{bound}about {10 ** (power - exponent):.3f}e+{exponent}"


def count_admissible(system: System, *, limit: int = 20_000) -> AdmissibleCount:
    """Count the kernels of zero-loss encoders (D4, S1, S5) without listing them all.

    Parameters
    ----------
    system
        A deterministic MDP, or transition data of any coverage and labelling.
    limit
        The most partitions to list for any one part.

    Returns
    -------
    AdmissibleCount
        Exact, or a lower bound (``exact`` is False) where the limit was reached.

    Raises
    ------
    InvalidArgumentError
        For another kind of system, or a limit that is not a positive integer.

    Notes
    -----
    Two steps save work. *Independent parts*: the count is a product, by the theorem in
    :mod:`tellapart.theory.lattice.components`. *Free observations*: let R be the successors
    inside a part where M is all pairs of one block and blocks have their actions covered alike
    (always so in a total, fully labelled MDP). R is closed under the dynamics, and every
    admissible partition restricts to one of R. Given that one, give each observation its
    *signature*: its block of E and, for each action, the block of its successor. Two
    observations may share a block iff their signatures agree, so the extensions are the
    partitions of each signature's observations in which its k blocks of R stay apart and whole.
    For r observations outside R these are ``T(r, k)`` many, with ``T(0, k) = 1`` and
    ``T(r, k) = k T(r-1, k) + T(r-1, k+1)``: the next observation joins one of the k blocks or
    opens a new one. ``T(r, 0)`` is a Bell number.

    Work in proportion to ``limit`` for each part. Partial data with more than 200 classes of F(D)
    are taken as one part.

    Examples
    --------
    >>> from tellapart.theory.mdp import DeterministicMDP
    >>> still = DeterministicMDP([[o] for o in range(12)], [0] * 12)
    >>> count_admissible(still)
    AdmissibleCount(4213597)
    >>> print(count_admissible(still).explain())
    4213597 partitions are admissible (D4, S5).
    A part of 12 classes: 4213597 (nothing folds: Bell numbers).
    """
    check_positive("limit", limit)
    found = factors(system)
    counted = Counter(_count_part(part, limit) for part in found.parts)
    parts = tuple(
        PartCount(n, value, how, exact, times)
        for (n, value, how, exact), times in sorted(counted.items())
    )
    return AdmissibleCount(parts, found.clash is None, limit)


def check_positive(name: str, value: int) -> None:
    """Refuse what is not a positive integer."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgumentError(f"{name} is {value!r}; it must be a positive integer.")


def _count_part(part: Component, limit: int) -> tuple[int, int, str, bool]:
    found = census(part, limit)
    n = len(part.nodes)
    how = "listed" if len(found.core) == n else "core" if found.core else "free"
    # A uniform part has a pair that may be merged, so the identity is not alone.
    return n, max(found.total, 1 + part.uniform), how, found.complete
