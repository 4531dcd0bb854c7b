"""Levenberg-Marquardt on the weights of any modules, with weight decay that can fade.

For systems of a few observations: the Jacobian is dense, a backward pass for each residual.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

__all__ = ["Decay", "descend"]

FloatArray = npt.NDArray[np.float64]

#: Damping at the start, after a good step and after a bad one, and where the search gives up.
_DAMPING, _DOWN, _UP, _LARGEST = 1e-2, 0.3, 5.0, 1e12
_SMALLEST = 1e-14
#: From so many residuals on they are differentiated in one batch. The first batch of a process
#: makes torch import half a second of modules.
_BATCHED = 12


@dataclass(frozen=True, slots=True)
class Decay:
    """Weight decay.

    Attributes
    ----------
    start
        Its strength in the first step.
    factor
        What it is multiplied by in each step.
    least
        It is 0 from here on.
    """

    start: float = 0.0
    factor: float = 1.0
    least: float = 0.0

    def at(self, step: int) -> float:
        """Return the strength in a step."""
        strength = self.start * self.factor**step
        return strength if strength > self.least else 0.0


def descend(
    residuals: Callable[[], Tensor],
    weights: Sequence[nn.Parameter],
    decayed: Sequence[bool],
    *,
    steps: int,
    decay: Decay = Decay(),
    done: Callable[[], bool],
) -> int:
    """Minimise a sum of squared residuals, plus decay, over weights in place.

    Parameters
    ----------
    residuals
        Returns the residuals ``[k]`` of the weights as they are.
    weights, decayed
        What is trained, and which of them decay.
    steps
        At most so many.
    decay
        See :class:`Decay`.
    done
        Asked after each step, but not while decay is still fading.

    Returns
    -------
    int
        Steps tried.

    Notes
    -----
    O(k² p) a step for p weights; with diagonal damping and decay D the step solves
    ``min |r + J s|² + (w + s)ᵀ Λ (w + s) + μ |s|²`` through a k by k system.
    """
    mask = np.concatenate(
        [np.full(w.numel(), float(yes)) for w, yes in zip(weights, decayed, strict=True)]
    )
    damping = _DAMPING
    for step in range(steps):
        pull = decay.at(step) * mask
        here = _flat(weights)
        residual, jacobian = _linearised(residuals, weights)
        worth = _worth(residual, here, pull)
        while damping < _LARGEST:
            _store(weights, here + _step(residual, jacobian, here, pull, damping))
            found = _worth(_values(residuals), _flat(weights), pull)
            if found < worth:
                damping = max(_SMALLEST, damping * _DOWN)
                break
            damping *= _UP
        else:  # no step improves: the bottom, to rounding
            _store(weights, here)
            if decay.factor == 1.0 or decay.at(step) == 0.0:
                return step
            damping = _DAMPING
        if (decay.factor == 1.0 or decay.at(step) == 0.0) and done():
            return step + 1
    return steps


def _step(
    residual: FloatArray, jacobian: FloatArray, here: FloatArray, pull: FloatArray, damping: float
) -> FloatArray:
    inverse = 1.0 / (pull + damping)
    start = -inverse * pull * here
    scaled = jacobian * inverse
    system = scaled @ jacobian.T + np.eye(len(residual))
    solved = np.linalg.solve(system, residual + jacobian @ start)
    return np.asarray(start - scaled.T @ solved)


def _worth(residual: FloatArray, here: FloatArray, pull: FloatArray) -> float:
    value = float(residual @ residual + (pull * here) @ here)
    return value if np.isfinite(value) else float("inf")


def _values(residuals: Callable[[], Tensor]) -> FloatArray:
    with torch.no_grad():
        return residuals().double().numpy()


def _linearised(
    residuals: Callable[[], Tensor], weights: Sequence[nn.Parameter]
) -> tuple[FloatArray, FloatArray]:
    """Return the residuals and their Jacobian ``[k, p]``."""
    width = sum(w.numel() for w in weights)
    with torch.enable_grad():
        value = residuals()
        if not len(value):
            return np.zeros(0), np.zeros((0, width))
        rows = _jacobian_rows(value, weights)
    parts = [
        torch.zeros((len(value), w.numel())).double()
        if row is None
        else row.reshape(len(value), -1).double()
        for w, row in zip(weights, rows, strict=True)
    ]
    return value.detach().double().numpy(), torch.cat(parts, dim=1).numpy()


def _jacobian_rows(value: Tensor, weights: Sequence[nn.Parameter]) -> list[Tensor | None]:
    """Return the derivatives of all residuals by each weight, ``[k, *shape]``; None where unused.

    Many of them all at once, where every operation has a batched derivative; else one by one.
    """
    if len(value) < _BATCHED:
        return _one_by_one(value, weights)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "this operation is batched by a loop"
            found = torch.autograd.grad(
                value, weights, torch.eye(len(value), dtype=value.dtype), retain_graph=True,
                allow_unused=True, is_grads_batched=True,
            )  # fmt: skip
        return list(found)
    except RuntimeError:
        return _one_by_one(value, weights)


def _one_by_one(value: Tensor, weights: Sequence[nn.Parameter]) -> list[Tensor | None]:
    found = [
        torch.autograd.grad(one, weights, retain_graph=True, allow_unused=True) for one in value
    ]
    return [
        None if column[0] is None else torch.stack([part for part in column if part is not None])
        for column in zip(*found, strict=True)
    ]


def _flat(weights: Sequence[nn.Parameter]) -> FloatArray:
    return np.concatenate([w.detach().double().numpy().reshape(-1) for w in weights])


def _store(weights: Sequence[nn.Parameter], values: FloatArray) -> None:
    at = 0
    with torch.no_grad():
        for w in weights:
            part = values[at : at + w.numel()].reshape(tuple(w.shape))
            w.copy_(torch.from_numpy(part).to(w.dtype))
            at += w.numel()
