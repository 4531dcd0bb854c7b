"""Measure the trainers against their bars, in process CPU time on one torch thread.

Run ``python tests/benchmarks/training_bars.py`` (``--taxi`` adds the large case, about half a
minute). Exit code 1 when a bar is missed.
"""

import argparse
import statistics
import time

import torch

from tellapart.models.designs import design
from tellapart.models.evaluation import evaluate
from tellapart.models.exact import verify_exact
from tellapart.models.fit import FitStatus, fit
from tellapart.models.networks import reference_subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.gallery import random_mdp
from tellapart.theory.mdp import DeterministicMDP

#: (observations, runs, bar in milliseconds of CPU time for the median) with two actions.
BARS = ((8, 60, 20.0), (12, 30, 60.0), (16, 30, 150.0), (32, 6, 1000.0), (64, 3, 10_000.0))


def small(n: int, runs: int) -> tuple[list[float], list[bool]]:
    """Train on random MDPs; return milliseconds and whether each run converged."""
    times, converged = [], []
    for seed in range(runs):
        mdp = random_mdp(n, 2, 2, seed=seed)
        partition = bisimulation(mdp).partition
        start = time.process_time()
        result = fit(reference_subject(mdp, seed=seed), mdp, seed=seed, partition=partition)
        times.append(1e3 * (time.process_time() - start))
        converged.append(result.status is FitStatus.CONVERGED)
    return times, converged


def environment(name: str, bar: float, **options: object) -> bool:
    """Train and construct on one environment; print a row, return whether the bar is met."""
    mdp = DeterministicMDP.from_gymnasium(name, **options)
    start = time.process_time()
    result = fit(reference_subject(mdp), mdp)
    trained = time.process_time() - start
    start = time.process_time()
    subject = design("exact").build(mdp, 0)
    assert subject.tables is not None
    exact = verify_exact(mdp, subject.tables, evaluate(subject, mdp))
    built = time.process_time() - start
    print(
        f"{name:20} {mdp.n_obs:5}  {result.method:11} {result.steps:5} steps  "
        f"ratio {result.ratio:8.2g}  {trained:7.2f} s (bar {bar:g})   "
        f"exact {exact.holds} {built:.2f} s"
    )
    return result.resolved and trained <= bar and exact.holds


def main() -> int:
    """Print the tables; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taxi", action="store_true", help="also train on Taxi-v4")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    small(8, 3)  # imports and caches
    met = True
    print(f"{'n':>4} {'runs':>5} {'converged':>10} {'median ms':>10} {'max ms':>9} {'bar ms':>8}")
    for n, runs, bar in BARS:
        times, converged = small(n, runs)
        median = statistics.median(times)
        met = met and median <= bar and sum(converged) >= 0.9 * runs
        print(f"{n:4} {runs:5} {sum(converged):10} {median:10.1f} {max(times):9.1f} {bar:8.0f}")
    met = environment("FrozenLake-v1", 5, is_slippery=False) and met
    met = environment("CliffWalking-v1", 20) and met
    if arguments.taxi:
        met = environment("Taxi-v4", 60) and met
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
