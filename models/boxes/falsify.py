"""Search for inputs in two boxes whose codes are close: the attempt to refute before proving.

A search proves nothing by itself. What it finds is enclosed afterwards, so that "closest found" is
a distance that is really reached.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.boxes.region import Region
from tellapart.models.boxes.torch_program import run_rows
from tellapart.models.threads import one_thread
from tellapart.theory.networks.program import Program

__all__ = ["ClosestFound", "closest_in_boxes"]

FloatArray = npt.NDArray[np.float64]
#: Numbers in one batch of attacked inputs (32 MB for each array of the run).
_BATCH = 4_000_000
_FIRST_STEP, _LAST_STEP = 0.5, 0.001  # of the width of a box


@dataclass(frozen=True, eq=False)
class ClosestFound:
    """For each pair of boxes, the two inputs with the closest codes that a search came across.

    Attributes
    ----------
    x_inputs, y_inputs
        float64 ``[k, *obs_shape]``, inside the boxes.
    distances
        float64 ``[k]``: sup-norm distances of their codes as float64 rounds them.
    """

    x_inputs: FloatArray
    y_inputs: FloatArray
    distances: FloatArray


def closest_in_boxes(
    program: Program,
    region: Region,
    pairs: npt.NDArray[np.int64],
    *,
    steps: int = 40,
    restarts: int = 3,
    seed: int = 0,
) -> ClosestFound:
    """Search pairs of boxes for inputs with close codes, by projected gradient descent.

    Parameters
    ----------
    program
        An encoder as a row program.
    region
        The boxes.
    pairs
        int64 ``[k, 2]``: positions in ``region``.
    steps
        Gradient steps for each start.
    restarts
        Random starts, besides the two centres and the two points nearest to each other.
    seed
        Seed of the random starts.

    Notes
    -----
    k (restarts + 2) steps runs of the program forwards and backwards, in batches. Steps follow the
    sign of the gradient of the squared Euclidean distance; they shrink from half the width of a
    box to a thousandth of it.
    """
    size = int(np.prod(region.centres.shape[1:], dtype=np.int64))
    chunk = max(1, _BATCH // max(1, 2 * size * (restarts + 2)))
    pieces = [
        _search(program, region, pairs[first : first + chunk], steps, restarts, [seed, first])
        for first in range(0, len(pairs), chunk)
    ]
    shape = (0, *region.centres.shape[1:])
    empty = ClosestFound(np.zeros(shape), np.zeros(shape), np.zeros(0))
    pieces = pieces or [empty]
    return ClosestFound(
        np.concatenate([piece.x_inputs for piece in pieces]),
        np.concatenate([piece.y_inputs for piece in pieces]),
        np.concatenate([piece.distances for piece in pieces]),
    )


def _search(
    program: Program,
    region: Region,
    pairs: npt.NDArray[np.int64],
    steps: int,
    restarts: int,
    seed: list[int],
) -> ClosestFound:
    sides = pairs.T.reshape(-1)  # the x of every pair, then the y of every pair
    lo, hi = (torch.tensor(edge[sides]) for edge in (region.inner_lo, region.inner_hi))
    centres = torch.tensor(region.centres[sides])
    k = len(pairs)
    generator = torch.Generator().manual_seed(seed[0] * 1_000_003 + seed[1])
    best = torch.full((k,), float("inf"), dtype=torch.float64)
    found = centres.clone()
    nearest = torch.cat([centres[k:], centres[:k]]).clamp(lo, hi)
    with one_thread():
        for start in range(restarts + 2):
            point = (centres, nearest)[start] if start < 2 else _random_point(lo, hi, generator)
            _descend(program, point, lo, hi, steps, best, found)
    inputs = found.numpy()
    return ClosestFound(inputs[:k], inputs[k:], best.numpy())


def _random_point(lo: Tensor, hi: Tensor, generator: torch.Generator) -> Tensor:
    share = torch.rand(lo.shape, generator=generator, dtype=torch.float64)
    return (lo + share * (hi - lo)).clamp(lo, hi)


def _descend(
    program: Program,
    point: Tensor,
    lo: Tensor,
    hi: Tensor,
    steps: int,
    best: Tensor,
    found: Tensor,
) -> None:
    """Walk from a point and keep, in ``best`` and ``found``, the closest codes on the way."""
    k = len(best)
    width = hi - lo
    for step in range(steps + 1):
        point = point.detach().requires_grad_()
        codes = run_rows(program, point)
        difference = codes[:k] - codes[k:]
        distances = difference.detach().abs().amax(dim=1)
        closer = distances < best
        best[closer] = distances[closer]
        both = torch.cat([closer, closer])
        found[both] = point.detach()[both]
        if step == steps or not codes.requires_grad:
            return
        (gradient,) = torch.autograd.grad(difference.square().sum(), point)
        share = _FIRST_STEP * (_LAST_STEP / _FIRST_STEP) ** (step / max(1, steps - 1))
        point = (point - share * width * gradient.nan_to_num().sign()).clamp(lo, hi)
