"""Train the same systems by Levenberg-Marquardt of tellapart and by what PyTorch offers.

Run ``python tests/benchmarks/training_peers.py`` (``--markdown PAGE`` writes the table to it).
Everyone gets the same systems, the same initial weights, the same anchored sum of squares, the same
stop (a sum of 1e-26) and is judged alike: the largest residual must be below 1e-10 of the smallest
gap. The time is CPU time of the optimiser alone, on one thread; methods take turns.
"""

import argparse
import contextlib
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor
from torch.func import jacrev, vmap
from training_instances import mixed_systems, residual_over_gap

from tellapart.models.batched_levenberg import (
    PARAMETER_NAMES,
    batched_levenberg_marquardt,
    stack_parameters,
    stack_systems,
)
from tellapart.models.fit_many import fit_many
from tellapart.models.label_coordinates import LabelCoordinates
from tellapart.models.least_squares import CONVERGED, levenberg_marquardt
from tellapart.models.levenberg import ANCHOR, ENCODER_SCALE, Parameters, ReferenceProblem, System
from tellapart.models.networks import reference_subject
from tellapart.models.runs import reference_system
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP

SUCCESS = 1e-10
LM_STEPS, ADAM_STEPS, ADAM_RATE, LBFGS_STEPS = 60, 3000, 1e-2, 1500
Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Task:
    """One system with its untrained subject."""

    mdp: DeterministicMDP
    subject: Subject
    labels: LabelCoordinates
    system: System
    start: Parameters

    @classmethod
    def of(cls, mdp: DeterministicMDP, seed: int) -> "Task":
        """Draw the weights; the head starts by reading every label, for all methods."""
        subject = reference_subject(mdp, seed=seed)
        system, labels = reference_system(mdp)
        start = labels.start(Parameters.of(subject.encoder, subject.predictor, subject.head))
        return cls(mdp, subject, labels, system, start)

    def solved(self, trained: Parameters) -> bool:
        """Judge trained weights."""
        self.labels.finish(trained).store(
            self.subject.encoder, self.subject.predictor, self.subject.head
        )
        return residual_over_gap(self.subject, self.mdp) < SUCCESS


Train = Callable[[Sequence[Task]], list[Parameters]]


@dataclass
class Method:
    """A way to train some systems; ``most``: how many of them, where it is slow."""

    name: str
    train: Train
    batched: bool
    most: int
    times: list[float] = field(default_factory=list)
    solved: list[bool] = field(default_factory=list)

    def run(self, tasks: Sequence[Task]) -> None:
        """Train one chunk and remember time for each system and success."""
        tasks = tasks[: max(0, self.most - len(self.solved))]
        for chunk in [tasks] if self.batched else [[task] for task in tasks]:
            if not chunk:
                continue
            start = time.process_time()
            trained = self.train(chunk)
            self.times += [(time.process_time() - start) / len(chunk)] * len(chunk)
            pairs = zip(chunk, trained, strict=True)
            self.solved += [task.solved(weights) for task, weights in pairs]


def residuals(w: Weights, successors: Tensor, targets: Tensor) -> Tensor:
    """Return the anchored, weighted residuals of one system, as a user would write them."""
    n, n_actions = successors.shape
    hidden = torch.tanh((w["table"] @ w["weight_in"])[:, None] + w["action_bias"])
    moved = hidden @ w["weight_out"] + w["bias_out"] - w["table"][successors]
    read = w["table"] @ w["head_weight"] + w["head_bias"] - targets
    anchor = ANCHOR * (w["table"].square().mean(dim=0) - 1)
    parts = moved.reshape(-1) / (n * n_actions) ** 0.5, read.reshape(-1) / n**0.5, anchor
    return torch.cat(parts)


def as_dict(p: Parameters) -> Weights:
    """Return copies of the weights by name."""
    return {name: getattr(p, name).clone() for name in PARAMETER_NAMES}


def stacked(tasks: Sequence[Task]) -> tuple[Weights, System]:
    """Stack the weights and systems of some tasks."""
    weights = as_dict(stack_parameters([task.start for task in tasks]))
    return weights, stack_systems([task.system for task in tasks])


def unstacked(weights: Weights, count: int) -> list[Parameters]:
    """Return the weights of each task."""
    return [
        Parameters(*(weights[name][k].detach() for name in PARAMETER_NAMES)) for k in range(count)
    ]


def ours_batched(tasks: Sequence[Task]) -> list[Parameters]:
    """Train by Levenberg-Marquardt of tellapart, all together."""
    weights, system = stacked(tasks)
    with torch.inference_mode():
        trained = batched_levenberg_marquardt(
            Parameters(**weights), system, LM_STEPS, anchor=ANCHOR, encoder_scale=ENCODER_SCALE
        )[0]
    return unstacked(as_dict(trained), len(tasks))


def ours_single(tasks: Sequence[Task]) -> list[Parameters]:
    """Train by Levenberg-Marquardt of tellapart, one system."""
    problem, start = ReferenceProblem(tasks[0].system), tasks[0].start
    with torch.inference_mode():
        return [levenberg_marquardt(problem, start, LM_STEPS, lambda *_: False)[0]]


def func_lm(tasks: Sequence[Task]) -> list[Parameters]:
    """Train by Levenberg-Marquardt with the Jacobian of vmap(jacrev), all together.

    The same damping, metric, dual form and Cholesky as ours; items that are done leave the batch.
    """
    weights, system = stacked(tasks)
    best = {name: value.clone() for name, value in weights.items()}
    value = vmap(residuals)
    jacobian = vmap(jacrev(residuals))
    places, successors, targets = torch.arange(len(tasks)), system.successors, system.targets
    flat = value(weights, successors, targets)
    loss = flat.square().sum(dim=1)
    damping = loss.clamp(max=1e-2)
    for _ in range(LM_STEPS):
        rows = ((loss > CONVERGED) & (damping < 1e12)).nonzero().squeeze(1)
        if not len(rows):
            break
        if len(rows) < len(places):
            weights = {name: w[rows] for name, w in weights.items()}
            places, successors, targets = places[rows], successors[rows], targets[rows]
            flat, loss, damping = flat[rows], loss[rows], damping[rows]
        wide = _scaled(jacobian(weights, successors, targets))
        product = wide @ wide.mT
        product.diagonal(dim1=1, dim2=2).add_(damping[:, None])
        factor, info = torch.linalg.cholesky_ex(product)
        dual = torch.cholesky_solve(flat[:, :, None], factor)
        trial = _moved(weights, (wide.mT @ dual).squeeze(2))
        new = value(trial, successors, targets)
        new_loss = new.square().sum(dim=1)
        accepted = (info == 0) & (new_loss < loss)
        for name, w in weights.items():
            w[accepted] = trial[name][accepted]
            best[name][places] = w
        flat, loss = (
            torch.where(accepted[:, None], new, flat),
            torch.where(accepted, new_loss, loss),
        )
        damping = torch.where(accepted, (0.2 * damping).minimum(loss), 4 * damping)
    return unstacked(best, len(tasks))


def _scaled(jacobian: Weights) -> Tensor:
    """Return J S, ``[b, m, weights]``."""
    parts = [
        (ENCODER_SCALE if name == "table" else 1.0) * jacobian[name].flatten(2)
        for name in PARAMETER_NAMES
    ]
    return torch.cat(parts, dim=2)


def _moved(weights: Weights, step: Tensor) -> Weights:
    """Return the weights minus S times a step ``[b, weights]``."""
    moved, start = {}, 0
    for name in PARAMETER_NAMES:
        w = weights[name]
        size = w[0].numel()
        scale = ENCODER_SCALE if name == "table" else 1.0
        moved[name] = w - scale * step[:, start : start + size].view_as(w)
        start += size
    return moved


def adam(tasks: Sequence[Task]) -> list[Parameters]:
    """Train by Adam along half a cosine, all systems in one vectorised loss."""
    weights, system = stacked(tasks)
    leaves = {name: value.requires_grad_() for name, value in weights.items()}
    optimiser = torch.optim.Adam(leaves.values(), lr=ADAM_RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, ADAM_STEPS)
    value = vmap(residuals)
    for _ in range(ADAM_STEPS):
        each = value(leaves, system.successors, system.targets).square().sum(dim=1)
        if float(each.detach().max()) <= CONVERGED:
            break
        optimiser.zero_grad()
        each.sum().backward()
        optimiser.step()
        schedule.step()
    return unstacked(leaves, len(tasks))


def lbfgs(tasks: Sequence[Task]) -> list[Parameters]:
    """Train one system by L-BFGS with a strong Wolfe line search."""
    task = tasks[0]
    leaves = {name: value.requires_grad_() for name, value in as_dict(task.start).items()}
    optimiser = torch.optim.LBFGS(
        list(leaves.values()), max_iter=LBFGS_STEPS, max_eval=2 * LBFGS_STEPS, history_size=50,
        tolerance_grad=0.0, tolerance_change=0.0, line_search_fn="strong_wolfe",
    )  # fmt: skip

    class Done(Exception):
        """The sum of squares is at the level of rounding."""

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = residuals(leaves, task.system.successors, task.system.targets).square().sum()
        if float(loss.detach()) <= CONVERGED:
            raise Done
        loss.backward()
        return loss

    with contextlib.suppress(Done):
        optimiser.step(closure)
    return [Parameters(*(leaves[name].detach() for name in PARAMETER_NAMES))]


def methods(most: int, slow: int) -> list[Method]:
    """Return all ways to train; the slow ones train the first systems only."""
    return [
        Method("tellapart, batched", ours_batched, True, most),
        Method("tellapart, one at a time", ours_single, False, most),
        Method("LM, vmap(jacrev), batched", func_lm, True, most),
        Method("LM, jacrev, one at a time", func_lm, False, most),
        Method("Adam, batched", adam, True, most),
        Method("Adam, one at a time", adam, False, slow),
        Method("L-BFGS, one at a time", lbfgs, False, slow),
    ]


def table(found: Sequence[Method]) -> list[str]:
    """Return the table in Markdown; ratios are to the first row."""
    ours = statistics.median(found[0].times)
    lines = [
        "| method | systems | solved | median ms | times ours |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for method in found:
        middle = statistics.median(method.times)
        share = 100 * sum(method.solved) / len(method.solved)
        lines.append(
            f"| {method.name} | {len(method.solved)} | {share:.0f} % | {1e3 * middle:.3g} "
            f"| {middle / ours:.1f} |"
        )
    return lines


def summary(found: Sequence[Method]) -> str:
    """Say how far ahead the first row is of the best other method that solves as many."""
    share = [sum(method.solved) / len(method.solved) for method in found]
    middle = [statistics.median(method.times) for method in found]
    equal = [k for k in range(2, len(found)) if share[k] >= min(share[0], 0.99)]
    sentences = []
    for row, name in ((0, "In batches"), (1, "One at a time")):
        rivals = [k for k in equal if found[k].batched == found[row].batched]
        if not rivals:
            sentences.append(f"{name}, no other method solves as many.")
            continue
        best = min(rivals, key=lambda k: middle[k])
        sentences.append(
            f"{name}, tellapart is {middle[best] / middle[row]:.1f} times as fast as the best "
            f"other method that solves at least 99 % ({found[best].name})."
        )
    return " ".join(sentences)


def everything_included(mdps: Sequence[DeterministicMDP]) -> str:
    """Measure ``fit_many``: drawing weights, bisimulation, training, evaluation."""
    start = time.process_time()
    trained = fit_many(mdps)
    spent = time.process_time() - start
    pairs = zip(mdps, trained, strict=True)
    solved = sum(residual_over_gap(one.subject, mdp) < SUCCESS for mdp, one in pairs)
    return (
        f"`fit_many`, everything included, takes {spent:.2g} s for these {len(mdps)} systems and "
        f"solves {solved}."
    )


def main() -> None:
    """Print the table; write it into a page where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=8, help="observations")
    parser.add_argument("--systems", type=int, default=256)
    parser.add_argument("--slow", type=int, default=8, help="systems for the slow methods")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--markdown", type=Path, help="page with marks to write into")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    mdps = mixed_systems(arguments.n, arguments.systems, arguments.seed)
    tasks = [Task.of(mdp, seed) for seed, mdp in enumerate(mdps)]
    for warm in methods(2, 1):  # imports and caches
        if warm.name.startswith(("tellapart", "LM")):
            warm.run(tasks[:2])
    found = methods(arguments.systems, arguments.slow)
    for first in range(0, len(tasks), 64):
        for method in found:
            method.run(tasks[first : first + 64])
    command = (
        f"OMP_NUM_THREADS=1 python tests/benchmarks/training_peers.py --n {arguments.n} "
        f"--systems {arguments.systems} --slow {arguments.slow} --seed {arguments.seed}"
    )
    machine = f"PyTorch {torch.__version__}, {platform.machine()}, one thread, CPU time."
    text = "\n".join(
        ["```text", command, "```", "", machine, "", *table(found), "", summary(found), "",
         everything_included(mdps)]
    )  # fmt: skip
    print(text)
    if arguments.markdown is not None:
        page = arguments.markdown.read_text(encoding="utf-8")
        begin, end = "<!-- training-peers:begin -->", "<!-- training-peers:end -->"
        before, rest = page.split(begin)
        after = rest.split(end)[1]
        text = f"{before}{begin}\n\n{text}\n\n{end}{after}"
        arguments.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
