"""Compare the three engines and the certificate checker on many random MDPs.

    python tests/benchmarks/engine_agreement.py --examples 10000 --seed 0

Every MDP is refined by the reference (plain Python), NumPy and compiled engines, the fast ones
also with their incremental phase forced from the start; block ids, block counts, every k-step
partition and the numbers of pairs must be equal, and the checker must confirm the certificate.
Exits with 1 and prints the MDP at the first difference.
"""

import argparse
import sys
import time

import numpy as np

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.checker import check_certificate
from tellapart.theory.gallery import blow_up
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.refinement.compiled import refine_compiled
from tellapart.theory.refinement.reference import refine_reference
from tellapart.theory.refinement.vectorised import refine_numpy

FAMILIES = ("random", "local", "permutation", "blow-up", "sparse label")


def draw(rng: np.random.Generator, family: str, most: int = 60) -> DeterministicMDP:
    """Draw one MDP of at most ``most`` observations, 4 actions and 4 labels."""
    n, n_actions = int(rng.integers(1, most + 1)), int(rng.integers(1, 5))
    labels = rng.integers(0, int(rng.integers(1, 5)), n)
    table = rng.integers(0, n, (n, n_actions))
    if family == "local":  # long words: successors are near, one target
        width = int(rng.integers(1, 4))
        table = np.arange(n)[:, None] + rng.integers(-width, width + 1, (n, n_actions))
        table = np.clip(table, 0, n - 1)
        labels = (np.arange(n) == rng.integers(0, n)).astype(int)
    elif family == "permutation":
        table = np.stack([rng.permutation(n) for _ in range(n_actions)], axis=1)
    elif family == "blow-up":
        n = max(n // 4, 1)
        small = DeterministicMDP(table[:n] % n, labels[:n])
        return blow_up(small, copies=4, seed=int(rng.integers(2**31)))
    elif family == "sparse label":
        labels = (rng.random(n) < 2 / n).astype(int)
    return DeterministicMDP(table, labels)


def difference(mdp: DeterministicMDP) -> str | None:
    """Return what differs between the engines on one MDP, or None."""
    expected = refine_reference(mdp.successors, mdp.label_ids)
    history = [Partition(expected.ids_at(k)) for k in range(expected.depth + 1)]
    pairs = expected.pair_counts()
    for engine in (refine_numpy, refine_compiled):
        for growth in (2.0, float("inf")):
            found = engine(mdp.successors, mdp.label_ids, growth=growth)
            where = f"{engine.__name__} with growth={growth}"
            if found is None or found.depth != expected.depth:
                return f"depth of {where}"
            if found.ids.tolist() != expected.ids.tolist():
                return f"block ids of {where}"
            if [Partition(found.ids_at(k)) for k in range(found.depth + 1)] != history:
                return f"history of {where}"
            if found.pair_counts() != pairs:
                return f"pairs by depth of {where}"
    check = check_certificate(mdp, bisimulation(mdp).certificate())
    return None if check else check.explain()


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    start = time.process_time()
    deepest = several = 0
    for number in range(options.examples):
        mdp = draw(rng, FAMILIES[number % len(FAMILIES)])
        what = difference(mdp)
        if what:
            print(f"example {number} ({FAMILIES[number % len(FAMILIES)]}): {what}")
            print(f"successors={mdp.successors.tolist()}\nlabels={mdp.labels}")
            return 1
        depth = bisimulation(mdp).depth
        deepest, several = max(deepest, depth), several + (depth > 2)
    print(
        f"{options.examples} MDPs: all engines agree and all certificates are confirmed; {several} "
        f"have depth above 2, the deepest {deepest} ({time.process_time() - start:.0f} s CPU)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
