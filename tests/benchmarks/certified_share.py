"""Share of certified verdicts for the design `joint`, each certificate checked independently.

Run ``python tests/benchmarks/certified_share.py`` (``--taxi`` adds Taxi-v4, some minutes). Exit
code 1 when FrozenLake, CliffWalking, counting-9 or one of the random systems is not certified.
"""

import argparse
import time

import torch

from tellapart.properties.check import check
from tellapart.theory.verdict import Grade, Verdict

NAMED = ("gallery:counting-9", "gym:FrozenLake-v1?is_slippery=false", "gym:CliffWalking-v1")
HEADER = ("system", "n", "pairs", "certified", "threshold", "residual", "verdict", "grade", "CPU s")


def row(source: str) -> bool:
    """Check one system; print a row and return whether the verdict is certified."""
    start = time.process_time()
    report = check("joint", source)
    spent = time.process_time() - start
    margins = report.margins
    assert margins is not None
    cells = (
        source, report.mdp.n_obs, margins.n_required, margins.n_certified,
        "none" if margins.threshold is None else f"{margins.threshold:.2g}",
        f"{margins.residual:.2g}", report.verdict.value, report.judgement.grade.value,
        f"{spent:.1f}",
    )  # fmt: skip
    print(" | ".join(str(cell) for cell in cells), flush=True)
    return report.verdict is Verdict.HOLDS and report.judgement.grade is Grade.CERTIFIED


def random_systems(number: int) -> bool:
    """Check random systems of 3 to 12 observations; print the share that is certified."""
    seed = certified = asked = 0
    start = time.process_time()
    while asked < number:
        source = f"random:n={3 + seed % 10},actions={1 + seed % 3},labels=2,seed={seed}"
        seed += 1
        report = check("joint", source)
        if report.judgement.separation.n_must_separate == 0:
            continue  # nothing has to be told apart: vacuous whatever the encoder does
        asked += 1
        good = report.verdict is Verdict.HOLDS and report.judgement.grade is Grade.CERTIFIED
        certified += good
        if not good:
            print(f"not certified: {source}: {report!r}")
    spent = time.process_time() - start
    print(
        f"random, 3 to 12 observations: {certified} of {asked} certified, {spent:.0f} CPU s "
        f"({seed - asked} more had nothing to tell apart)"
    )
    return certified == asked


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--random", type=int, default=200, help="random systems")
    parser.add_argument("--taxi", action="store_true", help="also report Taxi-v4")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(" | ".join(HEADER))
    met = all(tuple(map(row, NAMED)))
    met = random_systems(arguments.random) and met
    if arguments.taxi:
        row("gym:Taxi-v4")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
