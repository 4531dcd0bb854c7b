"""Which boxes have to stay apart: of the pairs that must be told apart, or of pairs by name."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.partition import Partition
from tellapart.theory.wording import count

__all__ = ["MAX_PAIRS", "Claims", "claims_for"]

System = DeterministicMDP | TransitionData

#: Pairs of observations that are looked at in one run.
MAX_PAIRS = 100_000


@dataclass(frozen=True, eq=False)
class Claims:
    """Pairs of classes, and the pairs of observations that each stands for.

    Attributes
    ----------
    names
        Two names for each pair of classes: an observation of each.
    pairs
        int64 ``[k, 2]``: indices of observations.
    owners
        int64 ``[k]``: the pair of classes that each belongs to.
    """

    names: tuple[tuple[Hashable, Hashable], ...]
    pairs: npt.NDArray[np.int64]
    owners: npt.NDArray[np.int64]


def claims_for(system: System, pairs: Iterable[tuple[Hashable, Hashable]] | None = None) -> Claims:
    """Return what boxes must be told apart.

    Parameters
    ----------
    system
        Of an MDP the blocks of ``B*`` (D3) are the classes, of data those of ``F(D)``.
    pairs
        Names of observations instead; each pair is a claim of its own.

    Raises
    ------
    InvalidArgumentError
        For more than :data:`MAX_PAIRS` pairs of observations, none at all, names that do not
        exist, or a pair of an observation with itself.

    Examples
    --------
    >>> mdp = DeterministicMDP([[0], [1], [1]], labels=["a", "b", "b"])
    >>> claims_for(mdp).names, claims_for(mdp).pairs.tolist()
    (((0, 1),), [[0, 1], [0, 2]])
    """
    if pairs is not None:
        return _named(system, pairs)
    if isinstance(system, DeterministicMDP):
        partition = bisimulation(system).partition
        apart = ~np.eye(partition.n_blocks, dtype=np.bool_)
    else:
        relation = separation_relation(system)
        partition, apart = relation.forced, relation.separated
    return _by_classes(system, partition, apart)


def _by_classes(system: System, partition: Partition, apart: npt.NDArray[np.bool_]) -> Claims:
    first, second = np.nonzero(np.triu(apart, 1))
    sizes = partition.sizes.astype(np.int64)
    total = int((sizes[first] * sizes[second]).sum())
    if not 0 < total <= MAX_PAIRS:
        raise InvalidArgumentError(
            f"The system has {count(total, 'pair')} of observations that must be told apart; boxes "
            f"are compared for 1 to {MAX_PAIRS:,}. Name the ones that matter, as pairs=[(x, y)]."
        )
    blocks = [np.array(block, dtype=np.int64) for block in partition.blocks]
    groups = [
        np.stack(np.meshgrid(blocks[c], blocks[d], indexing="ij"), axis=-1).reshape(-1, 2)
        for c, d in zip(first.tolist(), second.tolist(), strict=True)
    ]
    names = system.observations
    stands = partition.representatives.tolist()
    return Claims(
        tuple((names[stands[c]], names[stands[d]]) for c, d in zip(first, second, strict=True)),
        np.concatenate(groups),
        np.repeat(np.arange(len(groups)), sizes[first] * sizes[second]),
    )


def _named(system: System, pairs: Iterable[tuple[Hashable, Hashable]]) -> Claims:
    chosen = list(pairs)
    if not 0 < len(chosen) <= MAX_PAIRS:
        raise InvalidArgumentError(
            f"pairs holds {count(len(chosen), 'pair')}; give 1 to {MAX_PAIRS:,} pairs of names."
        )
    indices = []
    for pair in chosen:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise InvalidArgumentError(f"pairs holds {pair!r}; each must be two names (x, y).")
        i, j = (system.observation_index(name) for name in pair)
        if i == j:
            raise InvalidArgumentError(
                f"pairs holds {tuple(pair)!r}, an observation with itself; nothing tells it apart."
            )
        indices.append((i, j))
    names = tuple((x, y) for x, y in chosen)
    return Claims(names, np.array(indices, dtype=np.int64), np.arange(len(chosen)))
