"""Measure the trainers against their bars, in process CPU time on one torch thread.

Run ``python tests/benchmarks/training_bars.py`` (``--taxi`` adds the large case, about half a
minute; ``--markdown PAGE`` writes the tables into a page). Exit code 1 when a bar is missed.
Solved means: the largest residual is below 1e-10 of the smallest gap between blocks of B*.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from training_instances import mixed_systems, residual_over_gap

from tellapart.models.evaluation import evaluate
from tellapart.models.exact import exact_subject
from tellapart.models.fit import fit
from tellapart.models.fit_many import fit_many
from tellapart.models.krylov import krylov_subject
from tellapart.models.networks import LinearHead, MLPPredictor, reference_subject
from tellapart.models.subject import Subject
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP

SOLVED = 1e-10
#: (observations, systems, share that must be solved, bar in milliseconds for each system).
MANY = ((8, 1000, 0.99, 15.0), (12, 200, 0.99, 60.0), (16, 200, 0.95, 150.0), (64, 4, 0.95, 1e4))
#: (observations, systems, bar in milliseconds for the median) of fit, one at a time.
SINGLE = ((8, 64, 20.0), (12, 32, 60.0), (16, 32, 150.0), (32, 8, 1000.0))
IMAGES, IMAGES_BAR = 16, 2.0
CONSTRUCTIONS = ((8, 200), (12, 200))
CONSTRUCTION_BAR = 1.0


class Page:
    """Collects lines of the page, prints them, and remembers whether every bar was met."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.met = True

    def add(self, line: str) -> None:
        """Add one line."""
        self.lines.append(line)
        print(line, flush=True)

    def bar(self, met: bool) -> str:
        """Say whether a bar is met."""
        self.met = self.met and met
        return "met" if met else "missed"


def many(page: Page) -> None:
    """Train in batches by fit_many."""
    page.add("| n | systems | solved | worst residual / gap | total s | ms each | bar ms | |")
    page.add("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for n, count, share, bar in MANY:
        mdps = mixed_systems(n, count, seed=0)
        start = time.process_time()
        trained = fit_many(mdps)
        spent = time.process_time() - start
        pairs = zip(mdps, trained, strict=True)
        found = [residual_over_gap(one.subject, mdp) for mdp, one in pairs]
        solved, each = sum(x < SOLVED for x in found), 1e3 * spent / count
        page.add(
            f"| {n} | {count} | {solved} | {max(found):.1g} | {spent:.3g} | {each:.3g} | {bar:g} "
            f"| {page.bar(solved >= share * count and each <= bar)} |"
        )


def single(page: Page) -> None:
    """Train one at a time by fit."""
    page.add("| n | systems | solved | median ms | bar ms | |")
    page.add("| ---: | ---: | ---: | ---: | ---: | --- |")
    for n, count, bar in SINGLE:
        times, solved = [], 0
        for seed, mdp in enumerate(mixed_systems(n, count, seed=1)):
            subject = reference_subject(mdp, seed=seed)
            times.append(1e3 * cpu_seconds(lambda s=subject, m=mdp, k=seed: fit(s, m, seed=k)))
            solved += residual_over_gap(subject, mdp) < SOLVED
        median = statistics.median(times)
        met = page.bar(median <= bar and solved >= 0.95 * count)
        page.add(f"| {n} | {count} | {solved} | {median:.3g} | {bar:g} | {met} |")


def cpu_seconds(call: Callable[[], object]) -> float:
    """Measure one call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def image_subject(mdp: DeterministicMDP, seed: int) -> Subject:
    """Build a small CNN on 16 x 16 images: a white square in one of 16 places, with noise."""
    generator = torch.Generator().manual_seed(seed)
    shape = (mdp.n_obs, 1, 16, 16)
    images = 0.05 * torch.randn(shape, generator=generator, dtype=torch.float64)
    for place in range(mdp.n_obs):
        row, column = 4 * (place // 4), 4 * (place % 4)
        images[place, 0, row : row + 4, column : column + 4] += 1
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.Tanh(),
            nn.Conv2d(8, 8, 3, stride=2, padding=1), nn.Tanh(),
            nn.Flatten(), nn.Linear(8 * 4 * 4, 6),
        ).double()  # fmt: skip
    predictor = MLPPredictor(6, mdp.n_actions, 6 * mdp.n_obs, seed)
    return Subject(encoder, predictor, LinearHead(6, 1, seed), observations=images)


def images(page: Page) -> None:
    """Train the CNN by fit."""
    times, found = [], []
    for seed, mdp in enumerate(mixed_systems(16, IMAGES, seed=3)):
        subject = image_subject(mdp, seed)
        times.append(cpu_seconds(lambda s=subject, m=mdp, k=seed: fit(s, m, seed=k)))
        found.append(residual_over_gap(subject, mdp))
    solved, median = sum(x < SOLVED for x in found), statistics.median(times)
    met = page.bar(median <= IMAGES_BAR and solved >= 0.95 * IMAGES)
    page.add("| systems | solved | worst residual / gap | median s | slowest s | bar s | |")
    page.add("| ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    page.add(
        f"| {IMAGES} | {solved} | {max(found):.1g} | {median:.2g} | {max(times):.2g} "
        f"| {IMAGES_BAR:g} | {met} |"
    )


def constructions(page: Page) -> None:
    """Measure the subjects that are built instead of trained."""
    page.add("| construction | n | median ms | largest loss | bar ms | |")
    page.add("| --- | ---: | ---: | ---: | ---: | --- |")
    for name, build in (("exact_subject", exact_subject), ("krylov_subject", krylov_subject)):
        for n, count in CONSTRUCTIONS:
            times, losses = [], []
            for mdp in mixed_systems(n, count, seed=2):
                times.append(1e3 * cpu_seconds(lambda b=build, m=mdp: b(m)))
                found = evaluate(build(mdp), mdp)
                losses.append(max(found.dynamics_loss, found.aux_loss))
            median, bar = statistics.median(times), CONSTRUCTION_BAR
            met = page.bar(median <= bar and max(losses) <= 1e-24)
            page.add(f"| {name} | {n} | {median:.2g} | {max(losses):.1g} | {bar:g} | {met} |")


def environments(page: Page, taxi: bool) -> None:
    """Train the reference subject on known systems, and users' modules on the hard ones."""
    page.add("| system | subject | observations | method | steps | residual / gap | ratio | s | |")
    page.add("| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | --- |")
    lake = DeterministicMDP.from_gymnasium("FrozenLake-v1", is_slippery=False)
    cliff = DeterministicMDP.from_gymnasium("CliffWalking-v1")
    environment(page, "counting-9", counting_chain(9), reference_subject, SOLVED)
    environment(page, "FrozenLake-v1", lake, reference_subject, SOLVED)
    environment(page, "CliffWalking-v1", cliff, reference_subject, SOLVED)
    sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "examples"))
    from my_encoder import factory  # the modules that the documentation shows

    def modules(mdp: DeterministicMDP) -> Subject:
        return factory(mdp, 0)

    environment(page, "FrozenLake-v1", lake, modules, None)
    environment(page, "CliffWalking-v1", cliff, modules, None)
    environment(page, "random, 200", mixed_systems(200, 1, seed=0)[0], modules, None)
    if taxi:
        taxi_mdp = DeterministicMDP.from_gymnasium("Taxi-v4")
        environment(page, "Taxi-v4", taxi_mdp, reference_subject, None)


def environment(
    page: Page,
    name: str,
    mdp: DeterministicMDP,
    build: Callable[[DeterministicMDP], Subject],
    goal: float | None,
) -> None:
    """Train on one system; the goal is a residual relative to the gap, or just resolved."""
    subject = build(mdp)
    start = time.process_time()
    result = fit(subject, mdp)
    spent = time.process_time() - start
    found = residual_over_gap(subject, mdp) if goal is not None else None
    met = page.bar(result.resolved if found is None or goal is None else found < goal)
    shown = "-" if found is None else f"{found:.1g}"
    kind = "reference" if build is reference_subject else "float32 modules"
    page.add(
        f"| {name} | {kind} | {mdp.n_obs} | {result.method} | {result.steps} | {shown} "
        f"| {result.ratio:.2g} | {spent:.2g} | {met} |"
    )


def main() -> int:
    """Print the tables; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taxi", action="store_true", help="also train on Taxi-v4")
    parser.add_argument("--markdown", type=Path, help="page with marks to write into")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    fit_many(mixed_systems(8, 2, seed=9))  # imports and caches
    page = Page()
    taxi = " --taxi" if arguments.taxi else ""
    for line in (
        "```text", f"OMP_NUM_THREADS=1 python tests/benchmarks/training_bars.py{taxi}", "```", "",
        "`fit_many`, everything included (weights, bisimulation, training, evaluation):", "",
    ):  # fmt: skip
        page.add(line)
    many(page)
    page.add("\n`fit`, one reference subject at a time:\n")
    single(page)
    page.add(
        "\nA small convolutional encoder (float64) on 16 x 16 images, 16 observations, `fit`:\n"
    )
    images(page)
    page.add("\nConstructed subjects:\n")
    constructions(page)
    page.add(
        "\nKnown systems. `float32 modules` are those of `docs/examples/my_encoder.py`; `ratio` is "
        "the resolution ratio, below 1 is resolved:\n"
    )
    environments(page, arguments.taxi)
    if arguments.markdown is not None:
        text = arguments.markdown.read_text(encoding="utf-8")
        begin, end = "<!-- training-bars:begin -->", "<!-- training-bars:end -->"
        before, rest = text.split(begin)
        body = "\n".join(page.lines)
        text = f"{before}{begin}\n\n{body}\n\n{end}{rest.split(end)[1]}"
        arguments.markdown.write_text(text, encoding="utf-8")
    return 0 if page.met else 1


if __name__ == "__main__":
    raise SystemExit(main())
