"""What latents still say that no count needs: linear probes, tested on other frames."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.samples import Shown
from tellapart.models.counting.scenes import SHAPES
from tellapart.theory.serialise import register

__all__ = ["NuisanceProbes", "nuisance_probes"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Ridge relative to the total variance of the latents: low-variance directions may be read too.
_RIDGE = 1e-8


@register
@dataclass(frozen=True, slots=True)
class NuisanceProbes:
    """Held-out probes on frames that are not empty.

    Attributes
    ----------
    shape
        Accuracy of a linear classifier; chance is 0.25.
    colour, place
        R² of ridge regressions of red, green and blue, and of the mean centre of the objects;
        about 0 when the latents do not say.
    shape_share
        Share of the variance of the latents that the shape explains within a count: what the shape
        weighs, where the probe only asks whether it can be read.
    bit
        Accuracy of a linear classifier of the background of the control ``"distractor"``; chance is
        0.5. None where the background is always black.
    """

    shape: float
    colour: float
    place: float
    shape_share: float
    bit: float | None = None


def nuisance_probes(
    fitted: tuple[FloatArray, Shown], tested: tuple[FloatArray, Shown]
) -> NuisanceProbes:
    """Fit probes on some latents and test them on others.

    Parameters
    ----------
    fitted, tested
        Latents float64 ``[n, d]`` and what their frames show.
    """
    (x, shown), (y, asked) = _lit(*fitted), _lit(*tested)
    one_hot = np.eye(len(SHAPES))
    guesses = _ridge(x, one_hot[shown.shapes], y).argmax(axis=1)
    return NuisanceProbes(
        shape=float((guesses == asked.shapes).mean()),
        colour=_r2(_ridge(x, shown.colours.astype(np.float64), y), asked.colours),
        place=_r2(_ridge(x, shown.places, y), asked.places),
        shape_share=_shape_share(y, asked),
        bit=_bit((x, shown), (y, asked)),
    )


def _bit(fitted: tuple[FloatArray, Shown], tested: tuple[FloatArray, Shown]) -> float | None:
    (x, shown), (y, asked) = fitted, tested
    if not shown.bits.any():
        return None
    guesses = _ridge(x, np.eye(2)[shown.bits], y).argmax(axis=1)
    return float((guesses == asked.bits).mean())


def _lit(codes: FloatArray, shown: Shown) -> tuple[FloatArray, Shown]:
    keep = ~shown.empty
    return codes[keep], Shown(
        shown.pictures[keep], shown.counts[keep], shown.shapes[keep], shown.bits[keep],
        shown.colours[keep], shown.places[keep],
    )  # fmt: skip


def _ridge(x: FloatArray, goal: FloatArray, tested: FloatArray) -> FloatArray:
    """Return the answers of a ridge regression on latents that it was not fitted to."""
    mean, middle = x.mean(axis=0), goal.mean(axis=0)
    scale = float(np.sqrt(np.square(x - mean).sum(axis=1).mean())) or 1.0
    rows = (x - mean) / scale
    gram = rows.T @ rows + _RIDGE * len(rows) * np.eye(rows.shape[1])
    weights = np.linalg.solve(gram, rows.T @ (goal - middle))
    answers: FloatArray = (tested - mean) / scale @ weights + middle
    return answers


def _r2(answers: FloatArray, truth: npt.NDArray[np.float64] | IntArray) -> float:
    missed = np.square(answers - truth).sum()
    return float(1 - missed / np.square(truth - truth.mean(axis=0)).sum())


def _shape_share(codes: FloatArray, shown: Shown) -> float:
    total = np.square(codes - codes.mean(axis=0)).sum()
    if total == 0:
        return 0.0
    explained = 0.0
    for count in np.unique(shown.counts):
        rows = codes[shown.counts == count]
        kinds = shown.shapes[shown.counts == count]
        middle = rows.mean(axis=0)
        # Each shape's mean is itself uncertain by the spread within it; that part is taken off.
        for kind in np.unique(kinds):
            own = rows[kinds == kind]
            centre = own.mean(axis=0)
            noise = np.square(own - centre).sum() / max(1, len(own) - 1)
            explained += len(own) * np.square(centre - middle).sum() - noise
    return float(max(0.0, explained / total))
