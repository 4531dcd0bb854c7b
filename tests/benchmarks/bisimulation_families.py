"""Time bisimulation on families of large MDPs; one process for each, so that memory is its own.

    python tests/benchmarks/bisimulation_families.py --n 1000000 --repeats 5

Prints, for each family, the least CPU time over the repeats once the kernels are compiled, the
peak resident memory of the whole process (interpreter, libraries and table included), and what
shortest words cost on top: the log of the run is sorted by observation once (log s), after which a
pair is answered in time proportional to the length of its word (us per letter).
"""

import argparse
import json
import math
import subprocess
import sys
import time
from typing import Any

import numpy as np

from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.mdp import DeterministicMDP

Tables = tuple[np.ndarray, np.ndarray]


def random_tables(n: int, actions: int = 2, labels: int = 2, seed: int = 0) -> Tables:
    """Draw independent uniform successors and labels."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, n, (n, actions), dtype=np.int32), rng.integers(0, labels, n)


def chain_tables(n: int) -> Tables:
    """Build a clipped chain with one target in the middle: depth n/2."""
    here = np.arange(n, dtype=np.int32)[:, None]
    table = np.clip(here + np.array([-1, 1], dtype=np.int32), 0, n - 1)
    return table, (np.arange(n) == n // 2).astype(np.int32)


def blow_up_tables(small: Tables, copies: int, seed: int = 1) -> Tables:
    """Copy each observation, in random order, with a random copy as successor."""
    table, labels = small
    rng = np.random.default_rng(seed)
    original = rng.permutation(np.repeat(np.arange(len(labels)), copies))
    copy_of = np.argsort(original, kind="stable").reshape(len(labels), copies).astype(np.int32)
    chosen = rng.integers(0, copies, (len(original), table.shape[1]), dtype=np.int32)
    return copy_of[table[original], chosen], labels[original]


def shift_tables(n: int) -> Tables:
    """Build the shift register of the largest power of two up to n: depth log2 n."""
    bits = n.bit_length() - 1
    word = np.arange(1 << bits)
    shifted = (word << 1) & ((1 << bits) - 1)
    return np.stack([shifted, shifted | 1], axis=1).astype(np.int32), word >> (bits - 1)


def de_bruijn_tables(n: int) -> Tables:
    """Build the cycle through a de Bruijn sequence of about n symbols: one action, depth log2 n."""
    bits = max(round(math.log2(n)), 1)
    register, sequence = 1, bytearray(1 << bits)
    seen = bytearray(1 << bits)
    mask = (1 << bits) - 1
    for i in range(1 << bits):  # prefer-one: shift in 1 unless that word was seen
        seen[register] = 1
        sequence[i] = register >> (bits - 1)
        step = ((register << 1) & mask) | 1
        register = step ^ seen[step]
    cycle = (np.arange(1 << bits, dtype=np.int32) + 1) & mask
    return cycle[:, None], np.frombuffer(bytes(sequence), dtype=np.uint8).astype(np.int32)


FAMILIES = {
    "random": random_tables,
    "chain": chain_tables,
    "blow-up": lambda n: blow_up_tables(random_tables(n // 100), 100),
    "blow-up of chain": lambda n: blow_up_tables(chain_tables(n // 100), 100),
    "random, 8 actions": lambda n: random_tables(n, actions=8, labels=8),
    "shift register": shift_tables,
    "de Bruijn cycle": de_bruijn_tables,
}


def peak_mib() -> float:
    """Return the peak resident memory of this process (VmHWM: a child starts at its own zero)."""
    with open("/proc/self/status") as status:  # noqa: PTH123
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure(family: str, n: int, method: str, repeats: int) -> dict[str, Any]:
    """Build one system, warm up, and time the calls."""
    for warm in (chain_tables(65), random_tables(2000, actions=3)):  # loads every kernel
        bisimulation(DeterministicMDP(*warm), method=method)
    mdp = DeterministicMDP(*FAMILIES[family](n))
    built = peak_mib()
    times, sorting, letters = [], [], []
    for _ in range(repeats):
        start = time.process_time()
        result = bisimulation(mdp, method=method)
        times.append(time.process_time() - start)
        blocks, depth = result.partition.n_blocks, result.depth
        pair = different_pair(result)
        start = time.process_time()
        result.depth_of_indices(*pair)
        sorting.append(time.process_time() - start)
        start = time.process_time()
        word = result.word_of_indices(*pair) or ()
        letters.append((time.process_time() - start) / max(len(word), 1))
        del result
    return {
        "family": family, "blocks": blocks, "depth": depth, "times": sorted(times),
        "log": min(sorting), "letter": min(letters), "built": built, "peak": peak_mib(),
    }  # fmt: skip


def different_pair(result: Bisimulation) -> tuple[int, int]:
    """Return observation 0 and the last one that is not bisimilar to it, found without the log."""
    ids = result.partition.ids
    return 0, int(np.flatnonzero(ids != ids[0])[-1])


def measure_alone(family: str, n: int, method: str, repeats: int) -> dict[str, Any]:
    """Measure one family in a process of its own, so that the peak memory is its own too."""
    command = [sys.executable, __file__, "--one", "--family", family, "--n", str(n)]
    command += ["--repeats", str(repeats), "--method", method]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Run each family in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--method", default="compiled")
    parser.add_argument("--family", choices=FAMILIES, action="append")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    families = options.family or list(FAMILIES)
    if options.one:
        print(json.dumps(measure(families[0], options.n, options.method, options.repeats)))
        return
    print(
        f"{'family':<20}{'blocks':>10}{'depth':>9}{'best s':>9}{'median s':>10}{'peak MiB':>10}"
        f"{'log s':>9}{'us/letter':>11}"
    )
    for family in families:
        row = measure_alone(family, options.n, options.method, options.repeats)
        median = row["times"][len(row["times"]) // 2]
        print(
            f"{family:<20}{row['blocks']:>10}{row['depth']:>9}{row['times'][0]:>9.3f}"
            f"{median:>10.3f}{row['peak']:>10.0f}{row['log']:>9.3f}{1e6 * row['letter']:>11.1f}"
        )


if __name__ == "__main__":
    main()
