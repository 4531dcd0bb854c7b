"""Which pairs to attack: all of them, or a choice that says how many it leaves out."""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["all_pairs", "choose_pairs", "named_pairs"]

Pair = tuple[int, int]
FloatArray = npt.NDArray[np.float64]

#: Pairs looked at, at most, when some are chosen.
_CANDIDATES = 20_000


def all_pairs(n: int) -> list[Pair]:
    """Return all unordered pairs of ``n`` indices in order."""
    return [(x, y) for x in range(n) for y in range(x + 1, n)]


def named_pairs(mdp: DeterministicMDP, pairs: Iterable[Sequence[Hashable]]) -> list[Pair]:
    """Turn pairs of names into pairs of indices, each once, in the order given.

    Raises
    ------
    InvalidArgumentError
        When an entry is not two different names of observations, or there are none.
    """
    if isinstance(pairs, str) or not isinstance(pairs, Iterable):
        raise InvalidArgumentError(
            f"pairs is {pairs!r}; give pairs of names of observations, such as [(x, y)]."
        )
    found: dict[Pair, None] = {}
    for entry in pairs:
        if isinstance(entry, str) or not isinstance(entry, Sequence) or len(entry) != 2:
            raise InvalidArgumentError(
                f"pairs holds {entry!r}; every entry must be two names of observations."
            )
        x, y = (mdp.observation_index(name) for name in entry)
        if x == y:
            raise InvalidArgumentError(
                f"pairs holds {entry[0]!r} twice in one pair; an observation shares its code with "
                "itself. Give two different observations."
            )
        found[min(x, y), max(x, y)] = None
    if not found:
        raise InvalidArgumentError("pairs is empty; give a pair, or None to choose some.")
    return list(found)


def choose_pairs(
    exact: Bisimulation, codes: FloatArray, limit: int, generator: np.random.Generator
) -> list[Pair]:
    """Choose pairs where there are too many: a third each of bisimilar, deep and close ones.

    Parameters
    ----------
    exact
        B* of the system.
    codes
        Of the trained design, float64 ``[n, d]``: close codes are the likely victims.
    limit
        How many, at least 1.
    generator
        Of the pairs looked at where there are more than 20,000, and of ties.

    Returns
    -------
    Different pairs of indices, in order. Bisimilar pairs are taken from as many blocks as there
    are; what one third cannot use is filled up by the others.
    """
    same = _inside_blocks(exact, limit)
    apart = _sampled(exact, generator)
    depths = [exact.depth_of_indices(x, y) or 0 for x, y in apart]
    distance = [float(np.linalg.norm(codes[x] - codes[y])) for x, y in apart]
    deep = [apart[k] for k in sorted(range(len(apart)), key=lambda k: -depths[k])]
    close = [apart[k] for k in sorted(range(len(apart)), key=lambda k: distance[k])]
    if exact.hardest_pair is not None:
        x, y = (exact.mdp.observation_index(name) for name in exact.hardest_pair)
        deep.insert(0, (min(x, y), max(x, y)))
    chosen: set[Pair] = set()
    queues = [iter(same), iter(deep), iter(close)]
    while len(chosen) < limit and queues:
        for queue in list(queues):
            fresh = next((pair for pair in queue if pair not in chosen), None)
            if fresh is None:
                queues.remove(queue)
            elif len(chosen) < limit:
                chosen.add(fresh)
    return sorted(chosen)


def _inside_blocks(exact: Bisimulation, limit: int) -> list[Pair]:
    """Return up to ``limit`` bisimilar pairs, one of each block before a second of any."""
    found: list[Pair] = []
    blocks = [block for block in exact.partition.blocks if len(block) > 1]
    step = 1
    while blocks and len(found) < limit:
        found += [(block[0], block[step]) for block in blocks]
        step += 1
        blocks = [block for block in blocks if len(block) > step]
    return found[:limit]


def _sampled(exact: Bisimulation, generator: np.random.Generator) -> list[Pair]:
    """Return pairs that must be told apart in random order: all, or as many as are looked at."""
    ids, n = exact.partition.ids, exact.mdp.n_obs
    if n * (n - 1) // 2 <= _CANDIDATES:
        x, y = np.triu_indices(n, 1)
        order = generator.permutation(len(x))
        x, y = x[order], y[order]
    else:
        drawn = np.sort(generator.integers(n, size=(_CANDIDATES, 2)), axis=1)
        x, y = drawn.T
    keep = ids[x] != ids[y]
    return list(zip(x[keep].tolist(), y[keep].tolist(), strict=True))
