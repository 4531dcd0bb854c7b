"""Count violations of `certified <= measured` over random untrained subjects (S10).

Run ``python tests/benchmarks/untrained_margins.py 100000``. A violation is a bug in tellapart:
the margin maker raises, and this script prints the seed and exits with 1. Each subject is also
given to the independent checker when ``--check-every`` divides its seed.
"""

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import torch

from tellapart.models.translation.subject import translate
from tellapart.models.untrained import untrained_subject
from tellapart.theory.gallery import random_mdp
from tellapart.theory.margin_checker.checker import check_margins
from tellapart.theory.margins.maker import certify_margins


def examine(seeds: range, check_every: int) -> Counter[str]:
    """Certify the subjects of these seeds, and count what was seen."""
    torch.set_num_threads(1)
    seen: Counter[str] = Counter()
    for seed in seeds:
        mdp = random_mdp(2 + seed % 6, 1 + seed % 3, 2, seed=seed)
        try:
            model = translate(untrained_subject(mdp, seed), mdp)
            margins = certify_margins(mdp, model, threshold=False)
            seen["subjects"] += 1
            seen["pairs"] += margins.n_required
            seen["certified pairs"] += margins.n_certified
            if check_every and seed % check_every == 0:
                answer = check_margins(margins.certificate)
                seen["checked"] += 1
                seen["claims confirmed"] += answer.n_claims
                assert answer.holds, answer.failure
        except Exception as error:
            print(f"seed {seed}: {type(error).__name__}: {error}", file=sys.stderr)
            seen["violations"] += 1
    return seen


def main() -> int:
    """Print the counts; return 1 when there was a violation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", type=int, nargs="?", default=2000)
    parser.add_argument("--start", type=int, default=0, help="first seed")
    parser.add_argument("--check-every", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    start = time.perf_counter()
    stop = arguments.start + arguments.subjects
    chunks = [range(k, min(k + 250, stop)) for k in range(arguments.start, stop, 250)]
    total: Counter[str] = Counter(violations=0)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for done, seen in enumerate(
            pool.map(examine, chunks, [arguments.check_every] * len(chunks)), 1
        ):
            total += Counter(seen)
            if sys.stderr.isatty():
                print(f"\r{done} of {len(chunks)} chunks", end="", file=sys.stderr, flush=True)
    for name in ("subjects", "pairs", "certified pairs", "checked", "claims confirmed"):
        print(f"{name:18} {total[name]:,}")
    print(f"{'violations':18} {total['violations']:,}")
    print(f"{'seconds':18} {time.perf_counter() - start:.0f}")
    return 1 if total["violations"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
