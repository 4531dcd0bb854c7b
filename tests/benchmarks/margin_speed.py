"""Time certificates of margins: one process, CPU and wall seconds for each model.

    python tests/benchmarks/margin_speed.py --n 1000 --actions 4 --dimension 16

Three models on random systems, and one on a chain: an untrained network (every pair fails by labels
and steps, so words are tried), a table of exact codes with residuals of about 1e-6, the same with
no loss at all, and the counting chain, whose words are n/2 long. The first model is certified twice
and the second time counts, so that compiling is not in it.
"""

import argparse
import time
from collections.abc import Iterator

import numpy as np

from tellapart.theory.gallery import counting_chain, random_mdp
from tellapart.theory.margins.maker import certify_margins
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.program import NetworkModel, Operation, Program

Case = tuple[str, DeterministicMDP, NetworkModel]


def table(values: np.ndarray) -> Program:
    """A program whose output is written down."""
    return Program((), (np.asarray(values, dtype=np.float64),), (), 0)


def network(layers: list[np.ndarray], activation: str) -> Program:
    """``act(z W + b) V + c``."""
    first, _, second, _ = layers
    (d, h), width = first.shape, second.shape[1]
    steps = (
        Operation("matmul", (0, 1), (1, h)),
        Operation("add", (5, 2), (1, h)),
        Operation(activation, (6,), (1, h)),
        Operation("matmul", (7, 3), (1, width)),
        Operation("add", (8, 4), (1, width)),
    )
    return Program(((1, d),), tuple(layers), steps, 9)


def untrained(mdp: DeterministicMDP, d: int, h: int, rng: np.random.Generator) -> NetworkModel:
    """Random tanh networks on random codes."""

    def part(width: int) -> Program:
        sizes = ((d, h), (h,), (h, width), (width,))
        return network([rng.standard_normal(size) for size in sizes], "tanh")

    predictors = tuple(part(d) for _ in range(mdp.n_actions))
    codes = table(rng.standard_normal((mdp.n_obs, d)))
    return NetworkModel(codes, predictors, part(mdp.label_vectors.shape[1]), None, "float64")


def nearly_exact(
    mdp: DeterministicMDP, d: int, noise: float, rng: np.random.Generator
) -> NetworkModel:
    """Tables: random codes, and the codes of the successors with noise."""
    codes = rng.standard_normal((mdp.n_obs, d))
    predictors = tuple(
        table(codes[column] + noise * rng.standard_normal(codes.shape))
        for column in mdp.successors.T
    )
    return NetworkModel(table(codes), predictors, table(mdp.label_vectors), None, "float64")


def chain_model(mdp: DeterministicMDP) -> NetworkModel:
    """Codes 0 .. n-1, clipped by two relus; the head is a triangle over the target."""
    n, target = mdp.n_obs, float(np.argmax(mdp.label_vectors))

    def step(by: float) -> Program:
        shift = np.array([by, by - (n - 1)])
        return network([np.ones((1, 2)), shift, np.array([[1.0], [-1.0]]), np.zeros(1)], "relu")

    shift = np.array([1.0, 0.0, -1.0]) - target
    weights = np.array([[1.0], [-2.0], [1.0]])
    head = network([np.ones((1, 3)), shift, weights, np.zeros(1)], "relu")
    codes = table(np.arange(n)[:, None])
    return NetworkModel(codes, (step(-1.0), step(1.0)), head, None, "float64")


def cases(n: int, actions: int, d: int, h: int, seed: int) -> Iterator[Case]:
    """Systems with models."""
    rng = np.random.default_rng(seed)
    mdp = random_mdp(n=n, actions=actions, labels=4, seed=seed)
    model = untrained(mdp, d, h, rng)
    yield "(compiling)", mdp, model
    yield "untrained", mdp, model
    yield "residual 1e-6", mdp, nearly_exact(mdp, d, 1e-6, rng)
    yield "exact", mdp, nearly_exact(mdp, d, 0.0, rng)
    chain = counting_chain(n)
    yield "chain", chain, chain_model(chain)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--actions", type=int, default=4)
    parser.add_argument("--dimension", type=int, default=16)
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print(f"{'model':<15}{'CPU s':>8}{'wall s':>8}{'certified':>22}  threshold")
    for name, mdp, model in cases(
        given.n, given.actions, given.dimension, given.hidden, given.seed
    ):
        cpu, wall = time.process_time(), time.perf_counter()
        result = certify_margins(mdp, model)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        done = f"{result.n_certified:,} of {result.n_required:,}"
        limit = "-" if result.threshold is None else f"{result.threshold:.3g}"
        print(f"{name:<15}{cpu:8.2f}{wall:8.2f}{done:>22}  {limit}", flush=True)


if __name__ == "__main__":
    main()
