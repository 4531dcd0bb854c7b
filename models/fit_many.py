"""Train reference subjects on many systems: those of one shape together, in batches."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from tellapart.models.batched_levenberg import (
    PARAMETER_NAMES,
    batched_levenberg_marquardt,
    stack_parameters,
    stack_systems,
)
from tellapart.models.evaluation import Evaluation
from tellapart.models.first_order import Scaling, forward
from tellapart.models.fit import LM_STEPS, check_integer, check_options, fit
from tellapart.models.least_squares import CONVERGED
from tellapart.models.levenberg import ANCHOR, ENCODER_SCALE, Parameters
from tellapart.models.networks import (
    MAX_DUAL,
    dual_size,
    fresh_weights,
    reference_subject,
)
from tellapart.models.progress import FitResult, FitStatus, Throttle
from tellapart.models.runs import GOOD_ENOUGH, Options, Run, Trio, reference_system, reference_trio
from tellapart.models.subject import Subject
from tellapart.models.threads import one_thread
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["ManyProgress", "Trained", "fit_many"]

#: Entries of the batched linear systems at most (4 MB): larger batches leave the cache.
_MAX_ENTRIES = 500_000
_MAX_BATCH = 64


@dataclass(frozen=True, slots=True)
class ManyProgress:
    """A moment of :func:`fit_many`.

    Attributes
    ----------
    done, total
        Systems that are trained, and all of them.
    resolved
        How many of those done meet the premise of S13.
    """

    done: int
    total: int
    resolved: int


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained subject and what training did.

    Attributes
    ----------
    subject
        The subject.
    result
        The result, as :func:`~tellapart.models.fit.fit` returns it.
    """

    subject: Subject
    result: FitResult

    def explain(self) -> str:
        """Return the result in a few lines of text."""
        return f"{self.subject!r}\n{self.result.explain()}"


def fit_many(
    mdps: Sequence[DeterministicMDP],
    *,
    seed: int = 0,
    latent_dim: int | None = None,
    hidden: int | None = None,
    encoder_scale: float | None = None,
    anchor: float | None = None,
    max_steps: int | None = None,
    progress: Callable[[ManyProgress], None] | None = None,
) -> tuple[Trained, ...]:
    """Train a reference subject on each of many systems, jointly on both losses.

    Parameters
    ----------
    mdps
        The systems, of any sizes. Those of one shape are trained together.
    seed
        System i gets the weights of ``reference_subject(mdps[i], seed=seed + i)``.
    latent_dim, hidden
        As of :func:`~tellapart.models.networks.reference_subject`.
    encoder_scale, anchor, max_steps
        As of :func:`~tellapart.models.fit.fit`.
    progress
        Called at most about ten times a second, and at the end.

    Returns
    -------
    One :class:`Trained` for each system, in the order given.

    Raises
    ------
    InvalidArgumentError
        For something that is not a sequence of systems, and as
        :func:`~tellapart.models.fit.fit`.

    Notes
    -----
    Levenberg-Marquardt in batches (method ``"lm"``); a system leaves its batch when its residuals
    are at the level of rounding. Systems that fail are trained once more from fresh weights, as
    by :func:`~tellapart.models.fit.fit`, which also trains those that are too large. On one torch
    thread: the same call gives the same bytes. Another list of systems gives other batches, and
    with them other rounding.

    Examples
    --------
    >>> from tellapart.theory.gallery import random_mdp
    >>> many = fit_many([random_mdp(8, seed=k) for k in range(5)])
    >>> all(trained.result.resolved for trained in many)
    True
    """
    _check_systems(mdps)
    options = check_options(seed, max_steps, encoder_scale, anchor)
    for name, value in (("latent_dim", latent_dim), ("hidden", hidden)):
        if value is not None:
            check_integer(name, value, 1)
    report, resolved = Throttle(progress), 0
    found: list[Trained | None] = [None] * len(mdps)
    with one_thread(), torch.no_grad():
        items = [
            _Item(mdp, seed + place, latent_dim, hidden, options) for place, mdp in enumerate(mdps)
        ]
        done = 0
        for places in _groups(items):
            trained = _train([items[place] for place in places], max_steps)
            for place, one in zip(places, trained, strict=True):
                found[place] = one
                resolved += one.result.resolved
            done += len(places)
            report(ManyProgress(done, len(mdps), resolved), force=done == len(mdps))
    return tuple(one for one in found if one is not None)


def _check_systems(mdps: object) -> None:
    if isinstance(mdps, DeterministicMDP) or not isinstance(mdps, Sequence):
        raise InvalidArgumentError(
            f"mdps is of type {type(mdps).__name__}; give a list of DeterministicMDP. One system "
            "alone is trained by fit(reference_subject(mdp), mdp)."
        )
    for place, mdp in enumerate(mdps):
        if not isinstance(mdp, DeterministicMDP):
            raise InvalidArgumentError(
                f"mdps[{place}] is of type {type(mdp).__name__}, not a DeterministicMDP."
            )


class _Item:
    """One system with its subject, its run, and the best weights so far."""

    def __init__(
        self,
        mdp: DeterministicMDP,
        seed: int,
        latent_dim: int | None,
        hidden: int | None,
        options: Options,
    ) -> None:
        self.subject = reference_subject(mdp, seed=seed, latent_dim=latent_dim, hidden=hidden)
        self.run = Run(
            self.subject, mdp, bisimulation(mdp).partition, "joint", seed, Throttle(None), options
        )
        self.trio = _trio(self.subject, mdp)
        self.system, self.labels = reference_system(mdp)
        self.unit = float(self.labels.mixing.square().sum() / len(self.labels.mixing))
        self.loss, self.steps = math.inf, 0
        self.best: Parameters | None = None

    @property
    def small(self) -> bool:
        """Tell whether Levenberg-Marquardt trains this system."""
        return dual_size(self.run.mdp, self.trio[0].table.shape[1]) <= MAX_DUAL

    @property
    def shape(self) -> tuple[int, ...]:
        """Everything that must be equal within a batch."""
        weight = self.trio[1].weight_in
        return (*self.system.successors.shape, *weight.shape, self.system.targets.shape[1])

    @property
    def n_residuals(self) -> int:
        """Number of residuals m."""
        n, n_actions, d, _, q = self.shape
        return n * (n_actions * d + q) + d

    def start(self) -> Parameters:
        """Return the weights in the coordinates of the trainer."""
        return self.labels.start(Parameters.of(*self.trio))

    def finish(self, restarts: int) -> Trained:
        """Store the best weights, measure them and sum up."""
        if self.best is not None:
            self.labels.finish(self.best).store(*self.trio)
        measured = _measured(self.run)
        status = FitStatus.CONVERGED if self.loss <= CONVERGED else FitStatus.STEP_LIMIT
        return Trained(self.subject, self.run.result(status, "lm", self.steps, restarts, measured))


def _trio(subject: Subject, mdp: DeterministicMDP) -> Trio:
    trio = reference_trio(subject, mdp)
    if trio is None:
        raise InternalError(f"{subject!r} is not recognised as a reference subject of {mdp!r}.")
    return trio


def _measured(run: Run) -> Evaluation:
    """Evaluate modules of our own, which need no checks."""
    mdp = run.mdp
    labels = torch.tensor(mdp.label_vectors)
    out = forward(run.subject, mdp, torch.arange(mdp.n_obs), Scaling(None, labels))
    codes, predicted, read = (t.numpy() for t in (out.codes, out.predicted, out.read))
    return Evaluation.from_outputs(mdp, codes, predicted, read)


def _groups(items: Sequence[_Item]) -> Iterator[list[int]]:
    """Yield batches of places: of one shape, few enough to stay in the cache."""
    shapes: dict[tuple[int, ...], list[int]] = {}
    for place, item in enumerate(items):
        shapes.setdefault(item.shape, []).append(place)
    for places in shapes.values():
        m = items[places[0]].n_residuals
        size = max(1, min(_MAX_BATCH, _MAX_ENTRIES // m**2))
        yield from (places[k : k + size] for k in range(0, len(places), size))


def _train(items: Sequence[_Item], max_steps: int | None) -> list[Trained]:
    """Train one batch; what fails is trained once more from fresh weights."""
    if not items[0].small:
        return [_train_large(item, max_steps) for item in items]
    limit = max_steps or LM_STEPS
    _attempt(items, limit)
    failed = [item for item in items if not item.loss <= GOOD_ENOUGH]
    if failed:
        for item in failed:
            fresh_weights(*item.trio, seed=item.run.seed + 1)
        _attempt(failed, limit)
    again = {id(item) for item in failed}
    return [item.finish(int(id(item) in again)) for item in items]


def _train_large(item: _Item, max_steps: int | None) -> Trained:
    run, options = item.run, item.run.options
    with torch.enable_grad():
        result = fit(
            item.subject, run.mdp, seed=run.seed, max_steps=max_steps, partition=run.partition,
            encoder_scale=options.encoder_scale, anchor=options.anchor,
        )  # fmt: skip
    return Trained(item.subject, result)


def _attempt(items: Sequence[_Item], max_steps: int) -> None:
    """Run the batch from its weights as they are; keep what is better."""
    options, before = items[0].run.options, [item.steps for item in items]

    def report(step: int, moved: Tensor, dynamics: Tensor, aux: Tensor) -> None:
        losses = zip(moved.tolist(), dynamics.tolist(), aux.tolist(), strict=True)
        for place, found_dynamics, found_aux in losses:
            item = items[place]
            entry = (before[place] + step, found_dynamics, found_aux * item.unit)
            item.run.history.append(entry)

    with torch.inference_mode():
        weights, losses, steps = batched_levenberg_marquardt(
            stack_parameters([item.start() for item in items]),
            stack_systems([item.system for item in items]),
            max_steps,
            anchor=ANCHOR if options.anchor is None else options.anchor,
            encoder_scale=ENCODER_SCALE if options.encoder_scale is None else options.encoder_scale,
            report=report,
        )
    for place, item in enumerate(items):
        item.steps += int(steps[place])
        if item.best is None or float(losses[place]) < item.loss:
            item.loss = float(losses[place])
            item.best = Parameters(*(getattr(weights, k)[place].clone() for k in PARAMETER_NAMES))
