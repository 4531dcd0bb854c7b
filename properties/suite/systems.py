"""Systems by seed: the same family, depth and seed give the same system everywhere, for ever.

Every case of the suite has a seed of its own, and its system must not depend on the order of the
cases, on the process or on the version of a library; so no example of Hypothesis can be used here.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Literal, TypeVar

import numpy as np

from tellapart.properties.families import FAMILIES, chosen_families, draw_family
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "DEPTHS",
    "DepthClass",
    "SeededChoices",
    "depth_class",
    "families_of",
    "seeded_system",
]

T = TypeVar("T")
DepthClass = Literal["shallow", "middle", "deep"]

#: Least and greatest depth (D3) of each class; None is no bound.
DEPTHS: MappingProxyType[DepthClass, tuple[int, int | None]] = MappingProxyType(
    {"shallow": (0, 1), "middle": (2, 3), "deep": (4, None)}
)

#: At the rarest, one system in 70 is of the class that is asked for (random tables, deep), and one
#: in 300 where only six observations are allowed.
_MOST_TRIES = 5000
#: Above this a case would be slow to build and far too slow to train on.
_MOST_OBSERVATIONS = _MOST_OTHERS = 100


class SeededChoices:
    """Choices that a seed determines (a :class:`~tellapart.properties.families.Choices`).

    Parameters
    ----------
    seed
        A whole number >= 0, of any size.

    Raises
    ------
    InvalidArgumentError
        For another seed.

    Notes
    -----
    Every choice is one 64-bit word ``r`` of NumPy's PCG64, whose stream NumPy promises not to
    change, and is ``r * options // 2**64``: exact integer arithmetic here. (How NumPy itself makes
    small numbers and permutations out of such words may change from version to version.) No option
    is more than ``options / 2**64`` likelier than another.

    Examples
    --------
    >>> choices = SeededChoices(7)
    >>> choices.integers(5, 10), choices.permutation(4), choices.flag()
    ([6, 8, 7, 2, 3], [2, 1, 0, 3], True)
    """

    def __init__(self, seed: int) -> None:
        _check_whole("seed", seed, 0)
        self._words = np.random.PCG64(int(seed))

    def _below(self, options: int) -> int:
        return (int(self._words.random_raw()) * options) >> 64

    def integers(self, count: int, below: int) -> list[int]:
        """Choose ``count`` integers, each one of ``0 .. below-1``."""
        return [self._below(below) for _ in range(count)]

    def integer(self, low: int, high: int) -> int:
        """Choose one of ``low .. high``, both included."""
        return low + self._below(high - low + 1)

    def permutation(self, n: int) -> list[int]:
        """Choose an order of ``0 .. n-1`` (Fisher and Yates: every order is as likely)."""
        order = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self._below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def pick(self, options: Sequence[T]) -> T:
        """Choose one of some options."""
        return options[self._below(len(options))]

    def flag(self) -> bool:
        """Choose False or True."""
        return self._below(2) == 1


def depth_class(depth: int) -> DepthClass:
    """Return the class of a depth: a key of :data:`DEPTHS`.

    Raises
    ------
    InvalidArgumentError
        For what is no whole number >= 0.

    Examples
    --------
    >>> [depth_class(depth) for depth in (0, 1, 2, 3, 4, 9)]
    ['shallow', 'shallow', 'middle', 'middle', 'deep', 'deep']
    """
    _check_whole("depth", depth, 0)
    return next(
        name
        for name, (low, high) in DEPTHS.items()
        if low <= depth and (high is None or depth <= high)
    )


def families_of(depth: DepthClass | None = None, *, max_obs: int = 10) -> tuple[str, ...]:
    """Return the families with systems of some depth within ``max_obs`` observations.

    Parameters
    ----------
    depth
        A key of :data:`DEPTHS`; None is any depth.
    max_obs
        Bound on the observations.

    Raises
    ------
    InvalidArgumentError
        For another depth or bound.

    Notes
    -----
    A system of depth k with two labels has at least k + 2 observations (D3). In a blow-up about
    half of them are copies, and copies are bisimilar: it needs 2 (k + 2) - 1. A near miss of depth
    k has two walks of k observations each.

    Examples
    --------
    >>> set(families_of("middle")) - set(families_of("deep"))
    {'blow-up'}
    """
    _check_depth(depth)
    _check_whole("max_obs", max_obs, 2, _MOST_OBSERVATIONS)
    return tuple(family for family in FAMILIES if _least_observations(family, depth) <= max_obs)


def seeded_system(
    family: str,
    seed: int,
    *,
    min_obs: int = 2,
    max_obs: int = 10,
    max_actions: int = 3,
    max_labels: int = 3,
    depth: DepthClass | None = None,
) -> DeterministicMDP:
    """Return the system of a family that a seed stands for.

    At least one pair of its observations must be told apart (S4), so that an encoder can fail.

    Parameters
    ----------
    family
        One of :data:`~tellapart.properties.families.FAMILIES`; what they are is told at
        :func:`tellapart.properties.strategies.deterministic_mdps`.
    seed
        A whole number >= 0, of any size, such as a hash of the name of a case.
    min_obs, max_obs
        Bounds on the observations, inclusive.
    max_actions, max_labels
        Bounds on the actions and on the distinct labels ``0 .. max_labels-1``.
    depth
        ``"shallow"``: the longest of the shortest distinguishing words has at most one action;
        ``"middle"``: two or three; ``"deep"``: four or more. Default: any depth.

    Raises
    ------
    InvalidArgumentError
        For an unknown family or depth, arguments that are no whole numbers or out of range, and
        where the family has no system of that depth within the bounds (see :func:`families_of`),
        or so few that none was met in 5,000.

    Notes
    -----
    Systems are built from the seed's stream of choices until one fits. A few milliseconds; the
    rarest, deep random tables, take about 70 tries. Other bounds are another stream: the same seed
    then stands for another system.

    Examples
    --------
    >>> mdp = seeded_system("chain", 3, depth="deep")
    >>> mdp, bisimulation(mdp).depth
    (DeterministicMDP(n_obs=6, n_actions=1, n_labels=2), 4)
    >>> seeded_system("chain", 3, depth="deep") == mdp
    True
    """
    (family,) = chosen_families((family,), FAMILIES)
    choices = SeededChoices(seed)
    _check_bounds(min_obs, max_obs, max_actions, max_labels)
    _check_depth(depth)
    low = max(min_obs, _least_observations(family, depth))
    if low > max_obs:
        raise InvalidArgumentError(
            f"No {family} of at most {max_obs} observations has depth class {depth!r}: it takes "
            f"{low}. Choose one of {', '.join(families_of(depth, max_obs=max_obs)) or 'no family'}"
            ", or allow more observations."
        )
    for _ in range(_MOST_TRIES):
        n_obs = choices.integer(low, max_obs)
        n_actions = choices.integer(1, max_actions)
        mdp = DeterministicMDP(*draw_family(choices, family, n_obs, n_actions, max_labels))
        if _fits(mdp, depth):
            return mdp
    raise InvalidArgumentError(
        f"None of {_MOST_TRIES:,} systems of family {family!r} with {min_obs}..{max_obs} "
        f"observations and at most {max_actions} actions has depth class {depth!r}; widen the "
        "bounds or choose another family or depth."
    )


def _fits(mdp: DeterministicMDP, depth: DepthClass | None) -> bool:
    """Tell whether some pair must be told apart, and whether the depth is of its class."""
    if len(mdp.label_values) == 1:  # B* is one block: nothing must be told apart
        return False
    return depth is None or depth_class(bisimulation(mdp).depth) == depth


def _least_observations(family: str, depth: DepthClass | None) -> int:
    words = 0 if depth is None else DEPTHS[depth][0]
    if family == "blow-up":  # n observations have at most (n + 1) // 2 blocks
        return 2 * (words + 2) - 1
    if family == "near-miss":  # the starts of two walks are told apart at their ends
        return max(words + 2, 2 * words)
    return words + 2


def _check_bounds(min_obs: int, max_obs: int, max_actions: int, max_labels: int) -> None:
    _check_whole("min_obs", min_obs, 2, _MOST_OBSERVATIONS)
    _check_whole("max_obs", max_obs, 2, _MOST_OBSERVATIONS)
    _check_whole("max_actions", max_actions, 1, _MOST_OTHERS)
    _check_whole("max_labels", max_labels, 2, _MOST_OTHERS)
    if min_obs > max_obs:
        raise InvalidArgumentError(
            f"min_obs is {min_obs} and max_obs {max_obs}; the least must not exceed the most."
        )


def _check_depth(depth: DepthClass | None) -> None:
    if depth is not None and depth not in tuple(DEPTHS):
        raise InvalidArgumentError(
            f"depth is {depth!r}; choose one of {', '.join(DEPTHS)}, or None for any depth."
        )


def _check_whole(name: str, value: int, least: int, most: int | None = None) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        upper = f"of {least} or more" if most is None else f"in {least} .. {most:,}"
        raise InvalidArgumentError(f"{name} is {value!r}; it must be a whole number {upper}.")
