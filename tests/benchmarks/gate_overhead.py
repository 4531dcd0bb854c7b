"""Measure what one check of a CollapseGate costs, in process CPU time on one torch thread.

Run ``OMP_NUM_THREADS=1 python tests/benchmarks/gate_overhead.py``; it prints a table.
"""

import statistics
import time

import torch
from torch import nn

from tellapart.models.gate import CollapseGate
from tellapart.theory.gallery import random_mdp

SIZES = (10, 100, 500, 1000)
LATENTS, HIDDEN, CHECKS = 32, 256, 5


def milliseconds(n: int, diagnostics: bool) -> float:
    """Return the median time of a check of n observations, in milliseconds."""
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(n, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, LATENTS))
    mdp = random_mdp(n, 4, 2, seed=0)
    gate = CollapseGate(mdp, encoder, on_collapse="log", diagnostics=diagnostics)
    times = []
    for step in range(CHECKS):
        start = time.process_time()
        gate.check(step)
        times.append(1e3 * (time.process_time() - start))
    return statistics.median(times)


def training_step(n: int, batch: int = 256) -> float:
    """Return the median time of a training step of the same encoder, in milliseconds."""
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(n, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, LATENTS))
    predictor = nn.Sequential(nn.Linear(LATENTS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, LATENTS))
    optimiser = torch.optim.Adam([*encoder.parameters(), *predictor.parameters()])
    rows = torch.randint(n, (batch,))
    inputs = torch.nn.functional.one_hot(rows, n).float()
    times = []
    for _ in range(20):
        start = time.process_time()
        optimiser.zero_grad()
        (predictor(encoder(inputs)) - encoder(inputs)).square().mean().backward()
        optimiser.step()
        times.append(1e3 * (time.process_time() - start))
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    print("| observations | check ms | without diagnostics ms | training step ms | share at 500 |")
    print("|---|---|---|---|---|")
    for n in SIZES:
        full, bare, step = milliseconds(n, True), milliseconds(n, False), training_step(n)
        share = full / (500 * step + full)
        print(f"| {n:,} | {full:.1f} | {bare:.1f} | {step:.1f} | {share:.1%} |")


if __name__ == "__main__":
    main()
