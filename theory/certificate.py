"""A certificate of bisimilarity: evidence that needs no trust in the refinement (D3, S7).

It holds the block of every observation, the blocks in an *order* in which every block of every
``B_k`` is an interval, and for each two neighbours in that order the first ``k`` that separates
them. The pair ``order[i], order[j]`` is then first separated by the smallest of the entries
between them, so ``n_blocks - 1`` integers state the exact depth of every pair. This is the
separating tree of the blocks, written flat; :mod:`tellapart.theory.checker` checks it.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import CertificateError, InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.theory.bisimulation import Bisimulation
    from tellapart.theory.refinement.log import Refinement

__all__ = ["FORMAT", "Certificate", "certify"]

FORMAT = "tellapart bisimulation certificate 1"

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Certificate:
    """What :func:`certify` claims about an MDP; nothing in it has to be believed.

    Attributes
    ----------
    fingerprint
        Fingerprint of the MDP it speaks of.
    block_ids
        int64 ``[n_obs]``: the block of each observation. Claim: the largest bisimulation.
    order
        int64 ``[n_blocks]``: the blocks, so that each block of each ``B_k`` is an interval.
    separations
        int64 ``[n_blocks - 1]``: first ``k`` with ``order[i]`` and ``order[i + 1]`` apart in
        ``B_k``. Claim: the smallest entry between two blocks is the length of their shortest
        distinguishing words.
    """

    fingerprint: str
    block_ids: Indices
    order: Indices
    separations: Indices

    @property
    def n_blocks(self) -> int:
        """Number of blocks claimed."""
        return len(self.order)

    @property
    def depth(self) -> int:
        """Length of the longest word claimed to be needed."""
        return int(self.separations.max()) if len(self.separations) else 0

    @cached_property
    def _positions(self) -> Indices:
        positions = np.empty(len(self.order), dtype=np.int64)
        positions[self.order] = np.arange(len(self.order))
        return positions

    def separation_depth(self, block: int, other: int) -> int | None:
        """Return the claimed length of a shortest word for two blocks; None for equal ones.

        Raises
        ------
        InvalidArgumentError
            When a block is not one of ``0 .. n_blocks - 1``.
        """
        for b in (block, other):
            if not 0 <= b < self.n_blocks:
                raise InvalidArgumentError(
                    f"Block {b!r} is not one of 0..{self.n_blocks - 1} of this certificate."
                )
        low, high = sorted((int(self._positions[block]), int(self._positions[other])))
        return int(self.separations[low:high].min()) if low < high else None

    def to_json(self) -> str:
        """Return the certificate as JSON text: plain lists of integers."""
        content = {
            "format": FORMAT,
            "fingerprint": self.fingerprint,
            "block_ids": self.block_ids.tolist(),
            "order": self.order.tolist(),
            "separations": self.separations.tolist(),
        }
        return json.dumps(content, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Certificate":
        """Read a certificate back; its claims are for the checker to judge.

        Raises
        ------
        CertificateError
            When the text is not JSON, is of another format, or lacks a list of integers.
        """
        try:
            content = json.loads(text)
        except ValueError as error:
            raise CertificateError(
                f"The certificate is not JSON ({error}); save it with Certificate.to_json()."
            ) from None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            found = content.get("format") if isinstance(content, dict) else type(content).__name__
            raise CertificateError(
                f"The certificate has the format {found!r}; this version reads {FORMAT!r}. Make "
                "it again with bisimulation(mdp).certificate()."
            )
        if not isinstance(content.get("fingerprint"), str):
            raise CertificateError("The certificate has no fingerprint of its MDP.")
        fields = [_integers(content, key) for key in ("block_ids", "order", "separations")]
        return cls(content["fingerprint"], *fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Certificate):
            return NotImplemented
        return self.fingerprint == other.fingerprint and all(
            np.array_equal(getattr(self, key), getattr(other, key))
            for key in ("block_ids", "order", "separations")
        )

    def __hash__(self) -> int:
        return hash((self.fingerprint, self.n_blocks))

    def __repr__(self) -> str:
        return (
            f"Certificate(n_obs={len(self.block_ids)}, n_blocks={self.n_blocks}, "
            f"depth={self.depth}, mdp={self.fingerprint[:12]})"
        )


def _integers(content: dict[str, Any], key: str) -> Indices:
    values = content.get(key)
    if not isinstance(values, list) or not all(type(v) is int for v in values):
        raise CertificateError(f"The certificate's {key!r} must be a list of integers.")
    try:
        return np.array(values, dtype=np.int64)
    except OverflowError:
        raise CertificateError(
            f"The certificate's {key!r} has an integer beyond 64 bits."
        ) from None


def certify(result: "Bisimulation") -> Certificate:
    """Make the certificate of a bisimulation result from its history.

    Notes
    -----
    O(n log n): the log of the refinement is a forest (which block split off which, in which
    round); laid out with the latest split next to its parent, every ``B_k`` consists of intervals.
    """
    log = result.refinement
    representatives = result.partition.representatives.astype(np.int64)
    persistent = log.final_ids[representatives].astype(np.int64)
    within = _forest_order(log)[persistent]
    keys: list[npt.NDArray[Any]] = [within]
    keys += [snapshot[representatives] for snapshot in reversed(log.snapshots)]
    order = np.lexsort(tuple(keys)).astype(np.int64)
    return Certificate(
        fingerprint=result.mdp.fingerprint,
        block_ids=result.partition.ids.astype(np.int64),
        order=order,
        separations=_neighbour_separations(log, representatives[order], persistent[order]),
    )


def _forest_order(log: "Refinement") -> Indices:
    """Return a preorder position of each id in the forest of splits, latest children first.

    An id is larger than the one it split off from, and ids of later rounds are larger.
    """
    parents = log.parents.tolist()
    sizes = [1] * len(parents)
    for child in range(len(parents) - 1, -1, -1):
        if parents[child] >= 0:
            sizes[parents[child]] += sizes[child]
    positions = [0] * len(parents)
    free = 0
    for root in range(len(parents)):
        if parents[root] < 0:
            positions[root] = free
            free += sizes[root]
    ends = [start + size for start, size in zip(positions, sizes, strict=True)]
    for child, parent in enumerate(parents):
        if parent >= 0:  # earlier children take the far end
            ends[parent] -= sizes[child]
            positions[child] = ends[parent]
            ends[child] = positions[child] + sizes[child]
    return np.array(positions, dtype=np.int64)


def _neighbour_separations(
    log: "Refinement", representatives: Indices, persistent: Indices
) -> Indices:
    """Return the first ``k`` that separates each two neighbours of the order.

    Inside a block of the last snapshot the right neighbour opens the interval of an id, and that
    id's birth is what separates it from everything before it in the same interval.
    """
    separations = log.births[persistent[1:]].copy()
    for k in range(log.last_snapshot, -1, -1):
        ids = log.snapshots[k][representatives]
        separations[ids[1:] != ids[:-1]] = k
    return separations
