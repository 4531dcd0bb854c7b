"""A subject's own fit where all labels are equal: what stays apart is kept by its other terms.

The loss inside a user's fit cannot be edited, but the system can: with one label for everything no
label asks for anything. Codes may stay apart there because they began apart, so the fit is also
asked for its price of a collapse. From where it ended all codes are pulled together, and the loss
that the fit computes first from there is compared with the one it computes from its own end. A
term that keeps codes apart makes the collapse dear. Without one it costs nothing.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.contract.bench import Bench, Factory, private_random
from tellapart.models.diagnostics.ranks import effective_rank
from tellapart.models.dropped.measure import Apart, Task, same_norm, zero_of
from tellapart.models.dropped.result import OwnFitOutcome, OwnFitReach, ReachWay
from tellapart.models.dropped.trainer import train
from tellapart.models.subject import Subject, SubjectError

__all__ = ["first_loss", "own_fit_reach"]

FloatArray = npt.NDArray[np.float64]

#: A collapse is dear when it costs more than this share of what the fit gained in all.
_DEAR = 0.1


class _FitRaisedError(Exception):
    """The user's fit, or what it left behind, cannot be used."""


class _EnoughError(BaseException):
    """The first loss was seen; no fit should catch this."""


def own_fit_reach(factory: Factory, task: Task, seed: int, max_steps: int) -> OwnFitReach:
    """Run the own fit of a fresh subject on a system without information in its labels.

    Parameters
    ----------
    factory
        Of subjects with a ``fit``.
    task
        The true system, and the dynamics loss.
    seed
        Of the weights and of the fit.
    max_steps
        Of our trainer, which brings about the collapse that is priced.
    """
    constant = task.mdp.with_labels([0] * task.mdp.n_obs)
    bench = Bench(factory, constant, seed)
    try:
        subject = bench.build()
        before = task.checked(subject)
        begin = first_loss(subject, bench)
        codes, found = _fitted(subject, bench, task, before)
    except (SubjectError, _FitRaisedError) as error:
        return OwnFitReach(OwnFitOutcome.FAILED, 0, 0.0, 0.0, False, 0.0, error=str(error))
    outcome, prices = OwnFitOutcome.COLLAPSES, None
    if not found.n_merged:
        prices = _prices(subject, bench, task, max_steps, codes)
        outcome = OwnFitOutcome.APART
        if prices is not None and begin is not None:
            end, merged = prices
            dear = merged - end > _DEAR * max(begin - end, 0.0)
            outcome = OwnFitOutcome.APART if dear else OwnFitOutcome.ALLOWS
    return OwnFitReach(
        outcome=outcome,
        n_groups=found.n_groups,
        closest=found.closest,
        rank=effective_rank(codes),
        same_norm=same_norm(before, codes),
        spread=found.spread,
        loss_begin=begin,
        loss_end=None if prices is None else prices[0],
        loss_merged=None if prices is None else prices[1],
    )


def _fitted(
    subject: Subject, bench: Bench, task: Task, before: FloatArray
) -> tuple[FloatArray, Apart]:
    """Run the own fit, and return the codes it leaves and how far apart they are."""
    _run(subject, bench)
    codes = task.checked(subject)
    return codes, task.measure(before, codes, zero_of(subject)[0])


def _run(subject: Subject, bench: Bench) -> None:
    fit = subject.fit
    if fit is None:
        raise _FitRaisedError("no fit: the factory returned a subject without one this time.")
    with private_random(bench.seed):
        try:
            fit(subject, bench.mdp, bench.seed)
        except Exception as error:  # whatever a user's fit raises is reported as the fit's
            raise _FitRaisedError(f"{type(error).__name__}: {error}") from error


def first_loss(subject: Subject, bench: Bench) -> float | None:
    """Return the first number that a subject's own fit calls ``backward`` on, from these weights.

    The fit is ended there, before any weight moves; modes of the modules are put back. None where
    it ends without such a call.
    """
    modes = [(module, module.training) for part in subject.modules for module in part.modules()]
    seen: list[float] = []

    def backward(loss: Tensor, *args: object, **options: object) -> None:
        seen.append(float(loss.detach().sum()))
        raise _EnoughError

    plain: Callable[..., None] = torch.Tensor.backward
    torch.Tensor.backward = backward  # type: ignore[assignment,method-assign]
    try:
        _run(subject, bench)
    except _EnoughError:
        return seen[0]
    finally:
        torch.Tensor.backward = plain  # type: ignore[method-assign]
        for module, mode in modes:
            module.training = mode
    return None


def _prices(
    subject: Subject, bench: Bench, task: Task, max_steps: int, codes: FloatArray
) -> tuple[float, float] | None:
    """Return the loss of the fit at its end, and with all codes pulled together from there."""
    end = first_loss(subject, bench)
    if end is None:
        return None
    epsilon = zero_of(subject)[0]
    for way in (ReachWay.PULLED, ReachWay.DECAY):
        train(subject, task, way, max_steps, lambda: False)
        found = task.measure(codes, task.checked(subject), epsilon)
        if found.n_groups == 1:
            merged = first_loss(subject, bench)
            return None if merged is None else (end, merged)
    return None
