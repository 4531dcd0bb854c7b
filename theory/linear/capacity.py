"""Linear capacity: how large a latent space linear dynamics and a linear head need (S12)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.linear.exact_labels import ExactLabels, exact_labels
from tellapart.theory.linear.word_closure import METHODS, WordClosure, close_words_exactly
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = ["MAX_BLOCKS", "METHODS", "Capacity", "capacity"]

IntArray = npt.NDArray[np.int32]

#: Blocks up to which ranks are computed unless you say otherwise.
MAX_BLOCKS = 2000


@register
@dataclass(frozen=True)
class Capacity(Saved):
    """The smallest latent dimensions with which linear and affine models reach zero loss.

    Attributes
    ----------
    n_obs, n_blocks
        Observations, and blocks of B*: the codes that any zero-loss encoder needs (S5).
    label_dim
        Coordinates of the label vectors.
    one_hot
        Whether labels are not numbers and count as one-hot vectors.
    linear_bounds, affine_bounds
        Smallest and largest value that the two dimensions can have; equal when proved.
    ranks_by_length
        Rank of H restricted to words of length at most 0, 1, ... until it no longer grows.
    lengths_proved
        Whether every entry of ``ranks_by_length`` is proved; otherwise they are lower bounds.
    arithmetic
        How the ranks were proved.
    """

    n_obs: int
    n_blocks: int
    label_dim: int
    one_hot: bool
    linear_bounds: tuple[int, int]
    affine_bounds: tuple[int, int]
    ranks_by_length: tuple[int, ...]
    lengths_proved: bool
    arithmetic: str

    @property
    def linear(self) -> int | None:
        """Rank H: the dimension that linear T(·, a) and P need; None when it is not proved."""
        low, high = self.linear_bounds
        return low if low == high else None

    @property
    def affine(self) -> int | None:
        """Rank [H, 1] - 1: the dimension that affine T(·, a) and P need; None if not proved."""
        low, high = self.affine_bounds
        return low if low == high else None

    @property
    def proved(self) -> bool:
        """Tell whether both dimensions are proved."""
        return self.linear is not None and self.affine is not None

    @property
    def word_length(self) -> int:
        """Length of the words after which the rank no longer grows."""
        return len(self.ranks_by_length) - 1

    def allows(self, dimension: int, *, affine: bool = False) -> bool | None:
        """Tell whether a latent dimension suffices for zero loss; None when that is not proved.

        Parameters
        ----------
        dimension
            Of the latent space.
        affine
            Whether T(·, a) and P have an offset.
        """
        low, high = self.affine_bounds if affine else self.linear_bounds
        return False if dimension < low else True if dimension >= high else None

    def explain(self) -> str:
        """Say in a few sentences what the numbers mean."""
        at_least = "" if self.lengths_proved else "at least "
        grows = ", ".join(map(str, _shortened(self.ranks_by_length)))
        kind = "one-hot labels of" if self.one_hot else "labels of"
        return "\n".join([
            f"{self.n_obs} observations in {self.n_blocks} blocks, {kind} {self.label_dim} "
            f"coordinate{'s' * (self.label_dim != 1)}.",
            "Smallest latent dimension with zero loss: "
            f"{_span(self.linear_bounds)} for linear dynamics and head, "
            f"{_span(self.affine_bounds)} for affine ones.",
            f"Rank by word length 0, 1, ...: {at_least}{grows}.",
            f"Arithmetic: {self.arithmetic}.",
        ])  # fmt: skip

    def __repr__(self) -> str:
        return (
            f"Capacity(linear={_span(self.linear_bounds)}, affine={_span(self.affine_bounds)}, "
            f"n_blocks={self.n_blocks}, proved={self.proved})"
        )


def capacity(
    system: DeterministicMDP, *, max_blocks: int = MAX_BLOCKS, method: str = "auto"
) -> Capacity:
    """Compute the latent dimensions that linear and affine models need for zero loss (S12).

    Parameters
    ----------
    system
        The MDP: total and fully labelled. Labels that are numbers (or flat tuples of numbers) are
        the exact rationals that they stand for: a float is a binary fraction, so give
        ``Fraction(1, 3)`` or ``Decimal("0.1")`` where you mean those. Other labels are one-hot.
    max_blocks
        Above this many blocks only bounds are returned. Time grows with the third power, memory
        with the second.
    method
        ``"modular"`` (compiled, proved over the rationals), ``"reference"`` (fractions
        throughout), or ``"auto"``: by size.

    Returns
    -------
    Capacity
        A rank that is not proved is never reported: then there are bounds, and ``linear`` or
        ``affine`` is None.

    Raises
    ------
    InvalidArgumentError
        When ``system`` is not a ``DeterministicMDP``, or for a bad bound or method.

    Notes
    -----
    O(|A| r² m) operations modulo a prime for rank r and m blocks, and as many floating operations
    for the proof. Works on the quotient: all label vectors are constant on the blocks of B*.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> found = capacity(counting_chain(9))
    >>> found
    Capacity(linear=9, affine=8, n_blocks=9, proved=True)
    >>> found.ranks_by_length
    (1, 3, 5, 7, 9)
    """
    _check(system, max_blocks, method)
    partition = bisimulation(system).partition
    labels = exact_labels(system.label_values)
    if partition.n_blocks > max_blocks:
        return _bounds_only(system, partition.n_blocks, labels, max_blocks)
    found = close_words_exactly(labels, *block_tables(system, partition), method)
    return _result(system.n_obs, partition.n_blocks, labels, found)


def block_tables(system: DeterministicMDP, partition: Partition) -> tuple[IntArray, IntArray]:
    """Return the label id and the successors of each block of a bisimulation, by block."""
    first = partition.representatives
    return system.label_ids[first], np.ascontiguousarray(partition.ids[system.successors[first]])


def check_mdp(system: object, what: str) -> None:
    """Refuse anything but a deterministic MDP."""
    if not isinstance(system, DeterministicMDP):
        raise InvalidArgumentError(
            f"{what} needs a DeterministicMDP, total and fully labelled, and got a "
            f"{type(system).__name__}. Transition data that are complete convert by .to_mdp(); for "
            "others linear capacity is not defined."
        )


def _check(system: object, max_blocks: int, method: str) -> None:
    check_mdp(system, "capacity")
    if isinstance(max_blocks, bool) or not isinstance(max_blocks, int) or max_blocks < 1:
        raise InvalidArgumentError(f"max_blocks is {max_blocks!r}; it must be an integer >= 1.")
    if method not in METHODS:
        raise InvalidArgumentError(
            f"method is {method!r}; it must be one of {', '.join(map(repr, METHODS))}."
        )


def _result(n_obs: int, n_blocks: int, labels: ExactLabels, found: WordClosure) -> Capacity:
    rank = found.rank
    linear = (rank, rank if found.rank_proved else n_blocks)
    # rank [H, 1] is rank H or one more; a constant that is independent modulo a prime is so.
    affine_low = rank - 1 if found.has_one else rank
    affine = (affine_low, affine_low if found.rank_proved else n_blocks - 1)
    return Capacity(
        n_obs=n_obs,
        n_blocks=n_blocks,
        label_dim=labels.dim,
        one_hot=labels.is_one_hot,
        linear_bounds=linear,
        affine_bounds=affine,
        ranks_by_length=found.ranks_by_length,
        lengths_proved=found.lengths_proved,
        arithmetic=found.arithmetic,
    )


def _bounds_only(
    system: DeterministicMDP, n_blocks: int, labels: ExactLabels, max_blocks: int
) -> Capacity:
    """Bound the ranks by the number of blocks and by those of some of the labels themselves."""
    if labels.is_one_hot:
        rank, has_one, whole = labels.count, True, True
    else:
        # One action that goes nowhere, on one block for each label.
        ids = np.arange(min(labels.count, max_blocks), dtype=np.int32)
        found = close_words_exactly(labels, ids, np.ascontiguousarray(ids[:, None]), "auto")
        rank, has_one = found.rank, found.has_one
        whole = len(ids) == labels.count and found.rank_proved
    return Capacity(
        n_obs=system.n_obs,
        n_blocks=n_blocks,
        label_dim=labels.dim,
        one_hot=labels.is_one_hot,
        linear_bounds=(rank, n_blocks),
        affine_bounds=(rank - 1 if has_one else rank, n_blocks - 1),
        ranks_by_length=(rank,),
        lengths_proved=whole,
        arithmetic=f"not computed beyond the labels: more than max_blocks={max_blocks} blocks",
    )


def _span(bounds: tuple[int, int]) -> str:
    low, high = bounds
    return str(low) if low == high else f"{low} to {high}"


def _shortened(ranks: tuple[int, ...], most: int = 12) -> tuple[object, ...]:
    return ranks if len(ranks) <= most else (*ranks[: most - 2], "...", ranks[-1])
