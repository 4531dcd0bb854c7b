"""Partitions of observations, and the kernel of an encoder's codes (D2).

Block ids are canonical: blocks are numbered by their smallest member, so two equal partitions have
equal arrays whatever algorithm produced them.
"""

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["Partition", "canonical_ids", "kernel"]

IntArray = npt.NDArray[np.int32]


def canonical_ids(ids: npt.NDArray[np.integer[Any]]) -> IntArray:
    """Renumber block ids by the smallest member of each block.

    Parameters
    ----------
    ids
        Integers ``[n]``, any values.

    Returns
    -------
    int32 ``[n]``, read-only; O(n) for ids in ``0 .. n-1``, O(n log n) otherwise.
    """
    ids = np.asarray(ids)
    n = len(ids)
    if n == 0:
        ids = np.zeros(0, dtype=np.int64)  # an empty list comes as floats
    if n and (ids.min() < 0 or ids.max() >= n):
        ids = np.unique(ids, return_inverse=True)[1].reshape(-1)
    first = np.full(n, n, dtype=np.int64)
    first[ids[::-1]] = np.arange(n - 1, -1, -1)  # the last write, the smallest member, stays
    order = np.argsort(first, kind="stable")
    rank = np.empty(n, dtype=np.int32)
    rank[order] = np.arange(n, dtype=np.int32)
    result: IntArray = rank[ids]
    result.setflags(write=False)
    return result


class Partition:
    """A partition of the observations ``0 .. n-1`` into blocks; immutable and hashable.

    Parameters
    ----------
    ids
        Integers ``[n]``: observations with equal ids share a block. Any numbering; it is made
        canonical (blocks numbered by smallest member).

    Raises
    ------
    InvalidArgumentError
        When ``ids`` is not a one-dimensional array of integers.

    Examples
    --------
    >>> Partition([7, 7, 3])
    Partition of 3 observations into 2 blocks: {0, 1} {2}
    >>> Partition([0, 1, 2]).refines(Partition([0, 0, 1]))
    True
    """

    __slots__ = ("__dict__", "_ids")

    _ids: IntArray

    def __init__(self, ids: npt.ArrayLike) -> None:
        array = np.asarray(ids)
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            raise InvalidArgumentError(
                f"Partition needs one integer block id for each observation, got an array of "
                f"shape {array.shape} and dtype {array.dtype}. For codes use kernel(codes)."
            )
        self._ids = canonical_ids(array)

    @classmethod
    def _trusted(cls, ids: IntArray) -> "Partition":
        """Wrap ids that are known to be canonical already (inner code only)."""
        self = cls.__new__(cls)
        ids.setflags(write=False)
        self._ids = ids
        return self

    @classmethod
    def from_blocks(cls, blocks: Iterable[Iterable[int]]) -> "Partition":
        """Build from explicit blocks that cover ``0 .. n-1``, each observation once.

        Raises
        ------
        InvalidArgumentError
            When an observation is missing or listed twice.
        """
        owner: dict[int, int] = {}
        for number, block in enumerate(blocks):
            for observation in block:
                if observation in owner:
                    raise InvalidArgumentError(
                        f"Observation {observation} is in two blocks; list each exactly once."
                    )
                owner[observation] = number
        missing = set(range(len(owner))) - owner.keys()
        if missing:
            raise InvalidArgumentError(
                f"Blocks must cover 0..{len(owner) - 1} without gaps; {min(missing)} is missing."
            )
        return cls(np.array([owner[o] for o in range(len(owner))], dtype=np.int64))

    @classmethod
    def identity(cls, n: int) -> "Partition":
        """Return the finest partition: every observation alone."""
        return cls._trusted(np.arange(n, dtype=np.int32))

    @classmethod
    def single_block(cls, n: int) -> "Partition":
        """Return the coarsest partition: all observations together."""
        return cls._trusted(np.zeros(n, dtype=np.int32))

    @property
    def ids(self) -> IntArray:
        """Canonical block id of each observation, int32 ``[n]``, read-only."""
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    @cached_property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return int(self._ids.max()) + 1 if len(self._ids) else 0

    @cached_property
    def sizes(self) -> IntArray:
        """Number of observations in each block, int32 ``[n_blocks]``."""
        return np.bincount(self._ids, minlength=self.n_blocks).astype(np.int32)

    @cached_property
    def blocks(self) -> tuple[tuple[int, ...], ...]:
        """Members of each block, ascending; blocks in the order of their ids."""
        order = np.argsort(self._ids, kind="stable")
        pieces = np.split(order, np.cumsum(self.sizes)[:-1]) if len(order) else []
        return tuple(tuple(piece.tolist()) for piece in pieces)

    @cached_property
    def representatives(self) -> IntArray:
        """Smallest member of each block, int32 ``[n_blocks]``."""
        first = np.full(self.n_blocks, -1, dtype=np.int32)
        first[self._ids[::-1]] = np.arange(len(self._ids) - 1, -1, -1, dtype=np.int32)
        return first

    @property
    def n_separated_pairs(self) -> int:
        """Number of unordered pairs in different blocks."""
        sizes = self.sizes.astype(object)  # Python integers: no overflow at n = 1e6
        n = len(self)
        return n * (n - 1) // 2 - int((sizes * (sizes - 1)).sum()) // 2 if n else 0

    def block_of(self, observation: int) -> int:
        """Return the block id of one observation (an index ``0 .. n-1``).

        Raises
        ------
        InvalidArgumentError
            When the index is out of range.
        """
        if not 0 <= observation < len(self):
            raise InvalidArgumentError(
                f"Observation {observation!r} is not one of 0..{len(self) - 1}."
            )
        return int(self._ids[observation])

    def same_block(self, x: int, y: int) -> bool:
        """Tell whether two observations (indices) share a block."""
        return self.block_of(x) == self.block_of(y)

    def refines(self, other: "Partition") -> bool:
        """Tell whether every block of this partition lies inside a block of ``other``; O(n)."""
        self._check_size(other)
        return bool(np.array_equal(other.ids[self.representatives][self._ids], other.ids))

    def meet(self, other: "Partition") -> "Partition":
        """Return the coarsest partition that refines both (intersection of the relations)."""
        self._check_size(other)
        combined = self._ids.astype(np.int64) * max(other.n_blocks, 1) + other.ids
        return Partition(combined)

    def join(self, other: "Partition") -> "Partition":
        """Return the finest partition that both refine (transitive closure of the union).

        Union-find over the blocks of both, O(n α(n)).
        """
        self._check_size(other)
        parent = list(range(self.n_blocks))
        representative_block = self._ids[other.representatives].tolist()
        links = np.unique(np.stack([self._ids, other.ids]), axis=1).T.tolist() if len(self) else []
        for mine, theirs in links:
            a, b = _root(parent, mine), _root(parent, representative_block[theirs])
            parent[max(a, b)] = min(a, b)
        leaders = np.array([_root(parent, block) for block in range(len(parent))], dtype=np.int64)
        return Partition(leaders[self._ids]) if len(self) else self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Partition):
            return NotImplemented
        return bool(np.array_equal(self._ids, other._ids))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical ids, hexadecimal."""
        return hashlib.sha256(self._ids.astype("<i4").tobytes()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[type["Partition"], tuple[IntArray]]:
        return (Partition, (self._ids,))

    def __repr__(self) -> str:
        head = (
            f"Partition of {len(self)} observation{'s' * (len(self) != 1)} into "
            f"{self.n_blocks} block{'s' * (self.n_blocks != 1)}"
        )
        if not 0 < len(self) <= 20:
            return head
        return head + ": " + " ".join("{" + ", ".join(map(str, b)) + "}" for b in self.blocks)

    def _check_size(self, other: "Partition") -> None:
        if len(self) != len(other):
            raise InvalidArgumentError(
                f"These partitions are of {len(self)} and {len(other)} observations; both must "
                "be partitions of the same observations."
            )


def _root(parent: list[int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def kernel(codes: Any, tolerance: float | None = None) -> Partition:
    """Group observations that share a code (D2).

    Parameters
    ----------
    codes
        One code for each observation: an array ``[n, ...]`` (NumPy, or a tensor that converts),
        or a sequence of hashable codes such as integers, ``Fraction`` or tuples of them.
    tolerance
        ``None``: exact equality (of integers, of rationals, of floats as numbers). A number:
        *single linkage* in the Euclidean distance. Two codes at most ``tolerance`` apart share a
        block, and so does everything joined by a chain of such pairs: members of one block can
        be further apart than the tolerance.

    Returns
    -------
    Partition

    Raises
    ------
    InvalidArgumentError
        For NaN codes (they equal nothing, not even themselves), for a negative tolerance, and,
        with a tolerance, for infinite codes.

    Notes
    -----
    Exact: O(n d log n). With a tolerance: O(n² d) time, O(n) memory beyond the codes.

    Examples
    --------
    >>> kernel([[0, 1], [1, 0], [0, 1]])
    Partition of 3 observations into 2 blocks: {0, 2} {1}
    >>> kernel([0.0, 0.1, 5.0], tolerance=0.2)
    Partition of 3 observations into 2 blocks: {0, 1} {2}
    """
    if hasattr(codes, "detach"):
        codes = codes.detach().cpu().numpy()
    if not isinstance(codes, np.ndarray):
        codes = list(codes)
        if tolerance is None and not (_is_numeric(codes) and _is_rectangular(codes)):
            return _kernel_of_values(codes)
        codes = _as_array(codes, np.float64 if tolerance is not None else None)
    if len(codes) == 0:
        return Partition.identity(0)
    array = codes.reshape(len(codes), -1)
    if array.dtype == object:
        return _kernel_of_values([tuple(row) for row in array.tolist()])
    bad = np.flatnonzero((array != array).any(axis=1))
    if bad.size:
        raise InvalidArgumentError(
            f"The code of observation {bad[0]} has a NaN. A code must equal itself; repair the "
            "encoder before asking which observations it merges."
        )
    if tolerance is None:
        _, inverse = np.unique(array + array.dtype.type(0), axis=0, return_inverse=True)
        return Partition(inverse.reshape(-1).astype(np.int64))
    return _single_linkage(array.astype(np.float64), tolerance)


def _is_numeric(codes: list[Any]) -> bool:
    """Tell whether NumPy holds these codes exactly (machine integers and floats)."""
    flat: list[Any] = codes
    while flat and isinstance(flat[0], list | tuple | np.ndarray):
        flat = [part for code in flat for part in code]
    return all(isinstance(p, float | np.floating) for p in flat) or all(
        isinstance(p, int | np.integer) and -(2**63) <= p < 2**63 for p in flat
    )


def _is_rectangular(codes: list[Any]) -> bool:
    try:
        np.array(codes)
    except ValueError:
        return False
    return True


def _as_array(codes: list[Any], dtype: type[np.float64] | None) -> npt.NDArray[Any]:
    try:
        return np.array(codes, dtype=dtype)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidArgumentError(
            f"kernel with a tolerance needs codes that are numbers, all of one shape ({error}). "
            "Leave the tolerance out to group codes by equality."
        ) from None


def _kernel_of_values(codes: Sequence[Any]) -> Partition:
    seen: dict[Hashable, int] = {}
    ids = []
    for index, code in enumerate(codes):
        key = _hashable(code)
        for part in key if isinstance(key, tuple) else (key,):
            if isinstance(part, float) and part != part:
                raise InvalidArgumentError(
                    f"The code of observation {index} has a NaN. A code must equal itself; "
                    "repair the encoder before asking which observations it merges."
                )
        ids.append(seen.setdefault(key, len(seen)))
    return Partition(np.array(ids, dtype=np.int64))


def _hashable(code: Any) -> Hashable:
    if isinstance(code, list | tuple | np.ndarray):
        return tuple(_hashable(part) for part in code)
    return code if isinstance(code, Fraction) else getattr(code, "item", lambda: code)()


def _single_linkage(array: npt.NDArray[np.float64], tolerance: float) -> Partition:
    if not tolerance >= 0:
        raise InvalidArgumentError(f"tolerance is {tolerance!r}; it must be a number >= 0.")
    infinite = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if infinite.size:
        raise InvalidArgumentError(
            f"The code of observation {infinite[0]} is infinite, so it has no distance to others. "
            "Repair the encoder, or leave the tolerance out to group codes by equality."
        )
    n = len(array)
    ids = np.full(n, -1, dtype=np.int64)
    for seed in range(n):
        if ids[seed] >= 0:
            continue
        ids[seed] = seed
        frontier = [seed]
        while frontier:
            free = np.flatnonzero(ids < 0)
            distance = np.linalg.norm(array[free] - array[frontier.pop()], axis=1)
            near = free[distance <= tolerance]
            ids[near] = seed
            frontier.extend(near.tolist())
    return Partition(ids)
