"""The closure under D4 (ii) by whichever engine fits, with the proof of every merge."""

import importlib.util
import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.closing_reference import close_reference, find
from tellapart.theory.partition import Partition

__all__ = ["METHODS", "SMALL", "Closure", "Link", "close", "compress", "has_numba"]

IntArray = npt.NDArray[np.int32]

#: Two transitions (positions) whose ends share a code; oriented.
Link = tuple[int, int]

#: What ``method=`` may be.
METHODS = ("auto", "compiled", "reference")

#: Transitions up to which plain Python beats loading the compiled kernel in a cold process.
SMALL = 1 << 15

_KERNELS = "tellapart.theory.partial.closing_kernels"
_NO_LIMIT = 2**62


@dataclass(frozen=True, eq=False)
class Closure:
    """The classes after some rounds of merging, and why any two members share one.

    Attributes
    ----------
    partition
        The classes.
    proof
        int32 ``[3, n_obs]``: the proof forest; see
        :func:`tellapart.theory.partial.closing_reference.close_reference`.
    n_rounds
        Rounds that ran.
    clash_round
        First round that joined two different labels, 0 when none did.
    method
        The engine that ran.
    """

    partition: Partition
    proof: IntArray
    n_rounds: int
    clash_round: int
    method: str

    def path(self, u: int, v: int) -> list[Link]:
        """Return links that lead from ``u`` to ``v``, two members of one class (indices).

        Notes
        -----
        O(length of the proof paths to their root).
        """
        towards, here, there = self.proof
        above: dict[int, int] = {}
        climbed: list[Link] = []
        node = u
        while node >= 0:
            above[node] = len(climbed)
            climbed.append((int(here[node]), int(there[node])))
            node = int(towards[node])
        down: list[Link] = []
        node = v
        while node not in above:
            down.append((int(there[node]), int(here[node])))
            node = int(towards[node])
        return compress(climbed[: above[node]] + down[::-1])


def compress(links: list[Link]) -> list[Link]:
    """Shorten a path: two links that meet in one transition are one link."""
    short: list[Link] = []
    for p, q in links:
        if short and short[-1][1] == p:
            p = short.pop()[0]
        if p != q:
            short.append((p, q))
    return short


def close(data: TransitionData, *, method: str = "auto", max_rounds: int | None = None) -> Closure:
    """Close the identity under D4 (ii): the least equivalence, or its first rounds (S2).

    Raises
    ------
    InvalidArgumentError
        For an unknown method, or ``"compiled"`` without numba.

    Notes
    -----
    Functional data are closed as they are: O(n). Otherwise O(m α + n log n), and O(n |A|) at
    worst for the lists of the compiled engine.
    """
    if method not in METHODS:
        raise InvalidArgumentError(
            f"method is {method!r}; it must be one of {', '.join(map(repr, METHODS))}."
        )
    if method == "compiled" and not has_numba():
        raise InvalidArgumentError(
            "method='compiled' needs numba, which is not installed here. Install numba, or use "
            "method='reference' (exact too, but slower) or method='auto'."
        )
    limit = _NO_LIMIT if max_rounds is None else max_rounds
    if data.is_functional or limit == 0:
        unproved = np.full((3, data.n_obs), -1, dtype=np.int32)
        return Closure(Partition.identity(data.n_obs), unproved, 0, 0, "functional")
    small = data.n_transitions <= SMALL and not _is_warm()
    if method == "reference" or (method == "auto" and (small or not has_numba())):
        return _by_reference(data, limit)
    from tellapart.theory.partial.closing_kernels import close_kernel

    parent, proof, rounds, clash = close_kernel(
        data.pair_starts, data.sources, data.action_ids, data.targets, data.label_ids, limit
    )
    return Closure(Partition(parent), proof, int(rounds), int(clash), "compiled")


def has_numba() -> bool:
    """Tell whether the compiled engine can be loaded."""
    return importlib.util.find_spec("numba") is not None


def _is_warm() -> bool:
    module = sys.modules.get(_KERNELS)
    return module is not None and bool(module.is_warm())


def _by_reference(data: TransitionData, limit: int) -> Closure:
    parent, proof, rounds, clash = close_reference(
        data.n_obs,
        data.pair_starts.tolist(),
        (data.sources.tolist(), data.action_ids.tolist(), data.targets.tolist()),
        data.label_ids.tolist(),
        limit,
    )
    ids = np.array([find(parent, o) for o in range(data.n_obs)], dtype=np.int64)
    return Closure(Partition(ids), np.array(proof, dtype=np.int32), rounds, clash, "reference")
