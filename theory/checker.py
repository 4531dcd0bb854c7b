"""Independent checker of bisimulation certificates: shares no code with the refinement.

What is proved
--------------
Let ``t_a(i)`` be the position (in the certificate's order) of the block that action ``a`` leads to
from the block at position ``i``, and ``D(i, j)`` the smallest separation between positions ``i``
and ``j`` (infinite when ``i = j``). The checker accepts iff

1. the blocks are a bisimulation (labels and successors agree inside each), so observations of one
   block are bisimilar (D3);
2. for neighbours with separation ``s``: ``s = 0`` iff their labels differ, and otherwise
   ``min_a D(t_a(i), t_a(i + 1)) = s - 1``;
3. wherever an interval falls apart at separation ``k``, the parts differ pairwise in their labels
   (``k = 0``) or in the level ``k - 1`` intervals that their actions lead to (``k > 0``).

Then ``D(i, j)`` is the length of the shortest distinguishing words of every two blocks (S7); in
particular all blocks are told apart.

*No shorter word*: by induction on ``k``, no word shorter than ``k`` separates positions with
``D >= k``. For neighbours that is 2 (equal labels, and every action leads to positions with
``D >= k - 1``); for others it follows along the chain of neighbours between them.

*One of that length*: by induction on ``k = D(i, j)``. Both lie in different parts of an interval
that falls apart at ``k``. Inside one part neighbours have separations above ``k``, so by 2 each
action leads all of it into one level ``k - 1`` interval. By 3 some action leads the two parts to
different ones, that is to positions with ``D <= k - 1``, which a word of that length separates.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.mdp import DeterministicMDP

if TYPE_CHECKING:
    from tellapart.theory.certificate import Certificate

__all__ = ["CertificateCheck", "check_certificate"]

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CertificateCheck:
    """The checker's answer; ``bool()`` of it is ``ok``.

    Attributes
    ----------
    ok
        Whether every claim of the certificate is proved.
    reason
        Why not, or what is proved.
    n_blocks
        Number of blocks of ``B*``; None when not proved.
    depth
        Length of the longest word that is needed; None when not proved.
    n_pairs_separated
        Unordered pairs of observations proved not bisimilar (0 when not proved); all other pairs
        are proved bisimilar.
    """

    ok: bool
    reason: str
    n_blocks: int | None = None
    depth: int | None = None
    n_pairs_separated: int = 0

    def __bool__(self) -> bool:
        return self.ok

    def explain(self) -> str:
        """Return the answer as a sentence."""
        return f"Certificate {'confirmed' if self.ok else 'refused'}: {self.reason}"


class _Refused(Exception):
    """A claim is false; the message says which."""


def check_certificate(mdp: DeterministicMDP, certificate: "Certificate") -> CertificateCheck:
    """Check every claim of a certificate against the table of the MDP.

    Returns
    -------
    CertificateCheck
        ``ok`` iff the block ids are bisimilarity and the separations are the exact depths of all
        pairs of blocks. A malformed certificate is refused with a reason, never raised.

    Notes
    -----
    O(n |A| + m |A| log m) for m blocks, vectorised; see the module for what is proved and why.

    Examples
    --------
    >>> from tellapart.theory.bisimulation import bisimulation
    >>> mdp = DeterministicMDP([[0, 1], [0, 2], [1, 2]], [0, 0, 1])
    >>> check_certificate(mdp, bisimulation(mdp).certificate()).explain()
    'Certificate confirmed: 3 blocks, all told apart by words of length at most 1.'
    """
    try:
        blocks, order, separations = _well_formed(mdp, certificate)
        labels, targets = _stable_table(mdp, blocks, len(order))
        position = np.empty_like(order)
        position[order] = np.arange(len(order))
        tree = _Intervals(separations)
        labels, targets = labels[order], position[targets[order]]
        _check_neighbours(tree, labels, targets)
        _check_siblings(tree, labels, targets)
    except _Refused as refusal:
        return CertificateCheck(False, str(refusal))
    depth = int(separations.max()) if len(separations) else 0
    m = len(order)
    words = f", all told apart by words of length at most {depth}" if m > 1 else ""
    return CertificateCheck(
        ok=True,
        reason=f"{m} block{'s' * (m != 1)}{words}.",
        n_blocks=m,
        depth=depth,
        n_pairs_separated=_pairs(blocks),
    )


def _pairs(blocks: Indices) -> int:
    n = len(blocks)
    together = sum(int(size) ** 2 for size in np.bincount(blocks))
    return (n * n - together) // 2


def _well_formed(
    mdp: DeterministicMDP, certificate: "Certificate"
) -> tuple[Indices, Indices, Indices]:
    """Return the three arrays once their shapes, types and ranges are right."""
    if getattr(certificate, "fingerprint", None) != mdp.fingerprint:
        raise _Refused("it was made for another MDP (the fingerprints differ).")
    blocks = _integers(certificate, "block_ids")
    order = _integers(certificate, "order")
    separations = _integers(certificate, "separations")
    m = len(order)
    if len(blocks) != mdp.n_obs:
        raise _Refused(f"it has block ids for {len(blocks)} observations of {mdp.n_obs}.")
    if not np.array_equal(np.sort(order), np.arange(m)):
        raise _Refused("order does not list every block exactly once.")
    if not np.array_equal(np.unique(blocks), np.arange(m)):
        raise _Refused(f"the block ids are not 0..{m - 1}, each used at least once.")
    if len(separations) != m - 1:
        raise _Refused(f"{len(separations)} separations for {m} blocks; there must be {m - 1}.")
    if len(separations) and not 0 <= separations.min() <= separations.max() < m:
        raise _Refused(f"separations must lie in 0..{m - 1}.")
    return blocks, order, separations


def _integers(certificate: Any, name: str) -> Indices:
    try:
        array = np.asarray(getattr(certificate, name))
    except (AttributeError, ValueError):
        raise _Refused(f"{name} is missing or ragged.") from None
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise _Refused(f"{name} is not a list of integers.")
    return array.astype(np.int64)


def _stable_table(mdp: DeterministicMDP, blocks: Indices, n_blocks: int) -> tuple[Indices, Indices]:
    """Check claim 1; return the label ``[m]`` and the successor blocks ``[m, n_actions]``."""
    member = np.zeros(n_blocks, dtype=np.int64)
    member[blocks] = np.arange(len(blocks))
    labels = mdp.label_ids.astype(np.int64)
    _refuse_first(labels != labels[member][blocks], mdp, "shares a block with one of another label")
    targets = np.empty((n_blocks, mdp.n_actions), dtype=np.int64)
    for action in range(mdp.n_actions):
        reached = blocks[mdp.successors[:, action]]
        targets[:, action] = reached[member]
        what = f"leaves its block by action {mdp.actions[action]!r} towards another block than it"
        _refuse_first(reached != targets[blocks, action], mdp, what)
    return labels[member], targets


def _refuse_first(wrong: npt.NDArray[np.bool_], mdp: DeterministicMDP, what: str) -> None:
    found = np.flatnonzero(wrong)
    if found.size:
        raise _Refused(f"observation {mdp.observations[int(found[0])]!r} {what}.")


class _Intervals:
    """Range minima over the separations: which positions are one interval at which level."""

    def __init__(self, separations: Indices) -> None:
        self.separations = separations
        self.levels = [separations]
        while 2 << (len(self.levels) - 1) <= len(separations):
            half = 1 << (len(self.levels) - 1)
            last = self.levels[-1]
            self.levels.append(np.minimum(last[:-half], last[half:]))

    def distance(self, x: Indices, y: Indices) -> Indices:
        """Return ``D(x, y)`` elementwise; more than any separation where ``x = y``."""
        low, high = np.minimum(x, y), np.maximum(x, y)
        result = np.full(len(low), np.iinfo(np.int64).max)
        span = high - low
        power = np.frexp(span.astype(np.float64))[1] - 1  # floor(log2), exact below 2^53
        for level, minima in enumerate(self.levels):
            here = np.flatnonzero(power == level)
            left, right = minima[low[here]], minima[high[here] - (1 << level)]
            result[here] = np.minimum(left, right)
        return result

    def start(self, x: Indices, k: Indices) -> Indices:
        """Return the first position of the level ``k`` interval of ``x``, elementwise.

        A level ``k`` interval is a longest run of positions with all separations above ``k``.
        """
        here = x.copy()
        for level in range(len(self.levels) - 1, -1, -1):
            step = 1 << level
            can = np.flatnonzero(here >= step)
            can = can[self.levels[level][here[can] - step] > k[can]]
            here[can] -= step
        return here


def _check_neighbours(tree: _Intervals, labels: Indices, targets: Indices) -> None:
    """Check claim 2 for all neighbours at once."""
    separations = tree.separations
    by_label = labels[1:] != labels[:-1]
    if not np.array_equal(by_label, separations == 0):
        i = int(np.flatnonzero(by_label != (separations == 0))[0])
        raise _Refused(
            f"the blocks at positions {i} and {i + 1} of the order have "
            f"{'different' if by_label[i] else 'equal'} labels, so their separation is "
            f"{'' if by_label[i] else 'not '}0, not as claimed {separations[i]}."
        )
    nearest = np.full(len(separations), np.iinfo(np.int64).max)
    for column in targets.T:
        np.minimum(nearest, tree.distance(column[:-1], column[1:]), out=nearest)
    wrong = np.flatnonzero(~by_label & (nearest != separations - 1))
    if wrong.size:
        i = int(wrong[0])
        raise _Refused(
            f"the blocks at positions {i} and {i + 1} of the order are claimed to need words of "
            f"length {separations[i]}, which their successors do not bear out."
        )


def _check_siblings(tree: _Intervals, labels: Indices, targets: Indices) -> None:
    """Check claim 3: one row for each part of each interval that falls apart; none may repeat."""
    rounds = tree.separations
    whole = tree.start(np.arange(len(rounds)), rounds - 1)
    leading = np.unique(np.stack([whole, rounds], axis=1), axis=0)
    first = np.concatenate([leading[:, 0], np.arange(1, len(rounds) + 1)])
    parent = np.concatenate([leading[:, 0], whole])
    k = np.concatenate([leading[:, 1], rounds])
    signature = [np.where(k == 0, labels[first], 0)]
    signature += [np.where(k == 0, 0, tree.start(column[first], k - 1)) for column in targets.T]
    columns = [parent, k, *signature]
    order = np.lexsort(columns)
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for column in columns:
        same &= column[order][1:] == column[order][:-1]
    repeated = np.flatnonzero(same)
    if repeated.size:
        one, other = sorted(int(first[order[i]]) for i in (repeated[0], repeated[0] + 1))
        raise _Refused(
            f"the blocks at positions {one} and {other} of the order are claimed to differ at "
            f"{k[order[repeated[0]]]}, but their labels or successors do not."
        )
