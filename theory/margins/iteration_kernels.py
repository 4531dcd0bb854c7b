"""Value iteration over pairs, compiled (imports numba): only pairs that changed are followed."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.refinement.bulk_kernels import jit

__all__ = ["improve", "word_lengths"]

FloatArray = npt.NDArray[np.float64]
LongArray = npt.NDArray[np.int64]
ByteArray = npt.NDArray[np.int8]

_STEP = 2


@jit
def improve(
    values: FloatArray,
    forms: ByteArray,
    supports: LongArray,
    n: int,
    n_actions: int,
    sources: LongArray,
    into: LongArray,
    into_starts: LongArray,
    bounds: FloatArray,
    constants: FloatArray,
    caps: FloatArray,
    needed: ByteArray,
    gain: float,
    max_rounds: int,
    up: float,
    down: float,
    tiny: float,
    mask: int,
) -> int:
    """Raise ``values`` to their fixed point in place; see ``iteration.py``.

    ``caps`` and ``needed`` are of length ``n * n``, or empty: values stay below their cap, and the
    work ends as soon as all needed pairs have a positive value. Returns how many needed pairs have
    none.
    """
    waiting = np.empty((2, n * (n - 1) // 2 + 1), dtype=np.int64)
    queued = np.zeros(n * n, dtype=np.int8)
    single = np.empty(1, dtype=np.float64)
    bits = single.view(np.int64)
    count, open_pairs, side = 0, 0, 0
    for pair in range(n * n):
        if values[pair] > 0.0:
            waiting[0, count] = pair
            queued[pair] = 1
            count += 1
        elif len(needed) and needed[pair]:
            open_pairs += 1
    rounds = 0
    while count and rounds < max_rounds and not (len(needed) and open_pairs == 0):
        rounds += 1
        later = 0
        for k in range(count):
            pair = waiting[side, k]
            queued[pair] = 0
            value = values[pair]
            u, v = pair // n, pair % n
            for a in range(n_actions):
                constant = constants[a]
                if not 0.0 < constant < np.inf:
                    continue
                for i in range(into_starts[u * n_actions + a], into_starts[u * n_actions + a + 1]):
                    s = into[i]
                    if value <= bounds[s]:
                        continue
                    x = sources[s]
                    for j in range(
                        into_starts[v * n_actions + a], into_starts[v * n_actions + a + 1]
                    ):
                        t = into[j]
                        y = sources[t]
                        if x == y:
                            continue
                        cost = (bounds[s] + bounds[t]) * up
                        left = value - cost
                        if left * down < tiny:
                            continue
                        single[0] = left / constant
                        bits[0] &= mask
                        found = single[0] if single[0] >= tiny else 0.0
                        back = found * constant
                        if not (back <= left * down or (cost == 0.0 and back <= value)):
                            single[0] = left * down / constant * down
                            bits[0] &= mask
                            found = single[0] if tiny <= single[0] < np.inf else 0.0
                        before = x * n + y if x < y else y * n + x
                        if len(caps) and found > caps[before]:
                            single[0] = caps[before]
                            bits[0] &= mask
                            found = single[0]
                        if found < tiny or found <= values[before] * gain:
                            continue
                        if values[before] == 0.0 and len(needed) and needed[before]:
                            open_pairs -= 1
                        values[before] = found
                        forms[before] = _STEP
                        supports[before, 0] = s if x < y else t
                        supports[before, 1] = t if x < y else s
                        if not queued[before]:
                            queued[before] = 1
                            waiting[1 - side, later] = before
                            later += 1
        side = 1 - side
        count = later
    return open_pairs


@jit
def word_lengths(
    lengths: npt.NDArray[np.int32],
    following: LongArray,
    n: int,
    n_actions: int,
    sources: LongArray,
    into: LongArray,
    into_starts: LongArray,
) -> None:
    """Complete shortest words by breadth-first search backwards, in place.

    ``lengths``: 0 where labels differ, -1 elsewhere at first. ``following``: the transitions of
    the first letter, from the smaller and the larger observation.
    """
    queue = np.empty(n * (n - 1) // 2 + 1, dtype=np.int64)
    filled = 0
    for pair in range(n * n):
        if lengths[pair] == 0:
            queue[filled] = pair
            filled += 1
    done = 0
    while done < filled:
        pair = queue[done]
        done += 1
        u, v = pair // n, pair % n
        for a in range(n_actions):
            for i in range(into_starts[u * n_actions + a], into_starts[u * n_actions + a + 1]):
                x = sources[into[i]]
                for j in range(into_starts[v * n_actions + a], into_starts[v * n_actions + a + 1]):
                    y = sources[into[j]]
                    before = x * n + y if x < y else y * n + x
                    if x == y or lengths[before] >= 0:
                        continue
                    lengths[before] = lengths[pair] + 1
                    following[before, 0] = into[i] if x < y else into[j]
                    following[before, 1] = into[j] if x < y else into[i]
                    queue[filled] = before
                    filled += 1
