"""Modules with ``training_step`` and ``configure_optimizers``, the shape of Lightning."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from tellapart.models.adapters.actions import ActionForm
from tellapart.models.adapters.adapters import AdaptedSubject, as_system, attribute
from tellapart.models.adapters.modules import from_modules
from tellapart.models.subject import Subject, SubjectError
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["TrainingSteps", "from_lightning", "training_steps"]

_SHAPE = "Lightning module"
_FIX = "Write encoder=, predictor= or head= with its name there, such as encoder='net.backbone'."
_Batches = Callable[[DeterministicMDP, int], Iterable[Any]]


@dataclass(frozen=True)
class TrainingSteps:
    """A ``fit`` that calls ``training_step`` of the adapted module; see :func:`training_steps`."""

    batches: _Batches
    steps: int

    def __call__(self, subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
        """Train in place, and leave the module in eval mode."""
        module = getattr(subject, "origin", None)
        for method in ("training_step", "configure_optimizers"):
            attribute(module, (method,), _SHAPE, "Give fit= with your own loop.")
        assert isinstance(module, nn.Module)  # noqa: S101  (a module, as it has both methods)
        optimiser, scheduler = _optimiser(module.configure_optimizers())  # type: ignore[operator]
        module.train()
        taken = 0
        for i, batch in enumerate(islice(self.batches(mdp, seed), self.steps)):
            loss = module.training_step(batch, i)  # type: ignore[operator]
            loss = loss["loss"] if isinstance(loss, dict) else loss
            if not isinstance(loss, Tensor) or loss.numel() != 1:
                raise SubjectError(
                    "fit", f"got {type(loss).__name__} from training_step; it must return the loss."
                )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if scheduler is not None:
                scheduler.step()
            taken += 1
        module.eval()
        if taken < self.steps:
            raise SubjectError(
                "fit",
                f"got {taken} batches for {self.steps} steps; yield at least that many, for "
                "example in an endless loop.",
            )


def training_steps(batches: _Batches, *, steps: int) -> TrainingSteps:
    """Make a ``fit`` for :func:`from_lightning` from the module's own ``training_step``.

    One optimiser step for each batch, without trainer, callbacks or logger.

    Parameters
    ----------
    batches
        ``batches(mdp, seed)`` yields what ``training_step`` takes.
    steps
        Number of steps.

    Raises
    ------
    InvalidArgumentError
        When ``batches`` is no function or ``steps`` no positive integer.

    Examples
    --------
    >>> training_steps(lambda mdp, seed: iter(()), steps=100).steps
    100
    """
    if not callable(batches):
        raise InvalidArgumentError(
            f"batches is of type {type(batches).__name__}; give a function (mdp, seed) that yields "
            "batches."
        )
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise InvalidArgumentError(f"steps is {steps!r}; it must be an integer >= 1.")
    return TrainingSteps(batches, steps)


def from_lightning(
    module: Any,
    mdp: DeterministicMDP,
    *,
    encoder: str = "encoder",
    predictor: str = "predictor",
    head: str | None = "head",
    action: ActionForm = "index",
    vectors: Tensor | nn.Module | None = None,
    sequence: tuple[str, ...] = (),
    observations: Tensor | None = None,
    fit: Callable[[Subject, DeterministicMDP, int], object] | None = None,
    name: str = "lightning module",
) -> AdaptedSubject:
    """Make a subject (D1) of a module whose parts are attributes.

    Parameters
    ----------
    module
        Lightning module, or any object of that shape.
    mdp
        The system.
    encoder, predictor, head
        Names of the attributes, dotted where they are nested. ``head=None``: a linear head is
        solved on frozen codes after ``fit``, and ``joint_training`` counts as dropped.
    action, vectors, sequence, observations, name
        As in :func:`~tellapart.models.adapters.modules.from_modules`.
    fit
        ``fit(subject, mdp, seed)``, where ``subject.origin`` is the module, or
        :func:`training_steps`. None: tellapart trains the three parts on both losses.

    Returns
    -------
    AdaptedSubject

    Raises
    ------
    InvalidArgumentError
        When an attribute is missing.
    SubjectError
        When shapes do not fit.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from tellapart.theory.gallery import counting_chain
    >>> parts = {"encoder": nn.Linear(3, 2), "predictor": nn.Linear(4, 2), "head": nn.Linear(2, 1)}
    >>> from_lightning(SimpleNamespace(**parts), counting_chain(3), action="concat").n_parameters
    21
    """
    mdp = as_system(mdp)
    subject = from_modules(
        attribute(module, (encoder,), _SHAPE, _FIX),
        attribute(module, (predictor,), _SHAPE, _FIX),
        None if head is None else attribute(module, (head,), _SHAPE, _FIX),
        mdp,
        action=action,
        vectors=vectors,
        sequence=sequence,
        observations=observations,
        fit=fit,
        name=name,
    )
    return replace(subject, shape=_SHAPE, origin=module)


def _optimiser(configured: Any) -> tuple[torch.optim.Optimizer, Any]:
    """Return the one optimiser, and its scheduler, from what ``configure_optimizers`` returns."""
    scheduler = None
    if isinstance(configured, dict):
        configured, scheduler = configured.get("optimizer"), configured.get("lr_scheduler")
    elif isinstance(configured, tuple) and len(configured) == 2 and isinstance(configured[1], list):
        configured, schedulers = configured
        scheduler = schedulers[0] if schedulers else None
    if isinstance(configured, list | tuple) and len(configured) == 1:
        configured = configured[0]
    if isinstance(scheduler, dict):
        scheduler = scheduler["scheduler"]
    if not isinstance(configured, torch.optim.Optimizer):
        raise SubjectError(
            "fit",
            f"needs one optimiser, and configure_optimizers gave {type(configured).__name__}; for "
            "several, or manual optimisation, give fit= with your own loop.",
        )
    return configured, scheduler
