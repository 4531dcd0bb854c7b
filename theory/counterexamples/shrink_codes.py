"""The pair to shrink, and codes in the fewest digits that keep apart what was apart."""

from collections.abc import Hashable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.shrink_instance import Code, Instance
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.pairs import separation_of
from tellapart.theory.partition import Partition, kernel

__all__ = ["is_merged", "merged_pair", "rounded_codes"]

FloatArray = npt.NDArray[np.float64]

#: Merged pairs of partial data that are looked at for the one with the shortest word.
_MOST_PAIRS = 2000
#: A float64 has at most this many digits that count.
_MOST_DIGITS = 17


def is_merged(one: Code, other: Code, tolerance: float) -> bool:
    """Tell whether two codes are at most ``tolerance`` apart (Euclidean), in exact arithmetic."""
    squares = ((Fraction(a) - Fraction(b)) ** 2 for a, b in zip(one, other, strict=True))
    return sum(squares, Fraction(0)) <= Fraction(tolerance) ** 2


def merged_pair(
    system: TransitionData | DeterministicMDP, codes: tuple[Code, ...], tolerance: float
) -> tuple[Hashable, Hashable]:
    """Return a merged pair that must be told apart, with a word as short as was found.

    Raises
    ------
    InvalidArgumentError
        When there is none.

    Notes
    -----
    O(n² (d + depth)) for an MDP; for transition data at most 2000 merged pairs are decided.
    """
    if isinstance(system, DeterministicMDP):
        found = _pair_of_mdp(system, codes, tolerance)
    else:
        found = _pair_of_data(system, codes, tolerance)
    if found is None:
        raise InvalidArgumentError(
            "No pair that must be told apart shares a code, so there is nothing to shrink. Name a "
            "pair with x= and y=, or give the tolerance= up to which codes count as one."
        )
    return system.observations[found[0]], system.observations[found[1]]


def _near(codes: tuple[Code, ...], tolerance: float) -> tuple[FloatArray, float]:
    """Return codes as floats such that merged pairs are near; exact codes by their block."""
    if tolerance == 0:
        return kernel(list(codes)).ids.astype(np.float64)[:, None], 0.0
    return np.array(codes, dtype=np.float64), tolerance * (1 + 1e-9)


def _pair_of_mdp(
    mdp: DeterministicMDP, codes: tuple[Code, ...], tolerance: float
) -> tuple[int, int] | None:
    history = np.stack([partition.ids for partition in bisimulation(mdp).history])
    points, near = _near(codes, tolerance)
    best, pair = len(history), None
    for x in range(mdp.n_obs):
        distance = np.linalg.norm(points[x + 1 :] - points[x], axis=1)
        others = x + 1 + np.flatnonzero(distance <= near)
        apart = history[:, others] != history[:, [x]]
        depth = np.where(apart.any(axis=0), apart.argmax(axis=0), len(history))
        for k in np.argsort(depth, kind="stable")[:1].tolist():
            if depth[k] < best and is_merged(codes[x], codes[int(others[k])], tolerance):
                best, pair = int(depth[k]), (x, int(others[k]))
        if best == 0:
            break
    return pair


def _pair_of_data(
    data: TransitionData, codes: tuple[Code, ...], tolerance: float
) -> tuple[int, int] | None:
    classes = forced_classes(data)
    points, near = _near(codes, tolerance)
    best, pair, looked = (2, 0), None, 0
    for x in range(data.n_obs):
        distance = np.linalg.norm(points[x + 1 :] - points[x], axis=1)
        for y in (x + 1 + np.flatnonzero(distance <= near)).tolist():
            if not is_merged(codes[x], codes[y], tolerance):
                continue
            found = separation_of(classes, data.observations[x], data.observations[y])
            looked += 1
            if found.separated:
                cost = (1, len(found.steps)) if found.word is None else (0, len(found.word))
                if cost < best:
                    best, pair = cost, (x, y)
            if best == (0, 0) or (pair is not None and looked >= _MOST_PAIRS):
                return pair
    return pair


def rounded_codes(instance: Instance, tolerance: float) -> Instance:
    """Write the codes in few coordinates and digits; what was apart stays apart.

    The codes of one block (single linkage within ``tolerance``) become that of its first member,
    coordinates that keep nothing apart are left out, and the others are rounded to the fewest
    decimals at which different blocks still have different codes.
    """
    system = instance.system
    blocks = kernel(list(instance.codes), tolerance if tolerance > 0 else None)
    x, y = system.observation_index(instance.x), system.observation_index(instance.y)
    ids = blocks.ids.copy()
    ids[ids == ids[y]] = ids[x]
    partition = Partition(ids)
    codes = [instance.codes[o] for o in partition.representatives.tolist()]
    codes = _rounded(_fewer_coordinates(codes))
    return replace(instance, codes=tuple(codes[block] for block in partition.ids.tolist()))


def _fewer_coordinates(codes: list[Code]) -> list[Code]:
    for column in reversed(range(len(codes[0]))):
        shorter = [code[:column] + code[column + 1 :] for code in codes]
        if shorter[0] and len(set(shorter)) == len(set(codes)):
            codes = shorter
    return codes


def _rounded(codes: list[Code]) -> list[Code]:
    for digits in range(_MOST_DIGITS):
        rounded = [tuple(_round(value, digits) for value in code) for code in codes]
        if len(set(rounded)) == len(set(codes)):
            return rounded
    return codes


def _round(value: int | float | Fraction, digits: int) -> int | float | Fraction:
    if isinstance(value, int) or digits == 0:
        return round(value)
    if isinstance(value, Fraction):
        return round(value, digits)
    return round(value, digits) + 0.0  # no negative zero
