"""Zero loss by a ReLU network with one latent: piecewise linear maps through integer points (S1).

The blocks of a kernel become distinct integers on a line. A predictor or a head is then any
function on these points, drawn as a polygon; one hidden layer of ReLU units draws it.
"""

from dataclasses import replace
from fractions import Fraction
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.exact import ExactTables, exact_subject
from tellapart.models.exact_sums import exact_sums
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.linear.exact_labels import exact_labels
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["PiecewiseHead", "PiecewisePredictor", "piecewise_subject", "targets"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Largest gap between neighbouring codes of a drawn line.
_WIDEST_GAP = 5


class _Polygons(nn.Module):
    """Functions of one number through given values at integer points, by one hidden layer.

    ``value = relu(z - knots) @ mixing @ weight + bias``. Between two points the function is level
    and then rises over a width that is a power of two, so that slopes are exact; where the sums of
    these would still round, every value gets a hat of its own (1 at its point, 0 at all other
    integers), and nothing but one product is left.

    Parameters
    ----------
    points
        int64 ``[m]``, distinct.
    values
        float64 ``[k, m, q]``: k functions with q coordinates.
    """

    knots: Tensor
    mixing: Tensor | None
    weight: Tensor
    bias: Tensor

    def __init__(self, points: IntArray, values: FloatArray) -> None:
        super().__init__()
        order = np.argsort(points)
        knots, weight, bias = _ramps(points[order], values[:, order])
        mixing = None
        if not _draws(points, values, knots, weight, bias):
            knots, mixing = _hats(points)
            weight, bias = values, np.zeros_like(values[:, 0])
        self.register_buffer("knots", torch.tensor(knots, dtype=torch.float64))
        self.register_buffer(
            "mixing", None if mixing is None else torch.tensor(mixing, dtype=torch.float64)
        )
        self.register_buffer("weight", torch.tensor(weight))
        self.register_buffer("bias", torch.tensor(bias))

    def hidden(self, codes: Tensor) -> Tensor:
        """Return what the last layer is given, float64 ``[batch, units]``."""
        units = torch.relu(codes - self.knots)
        return units if self.mixing is None else units @ self.mixing


class PiecewisePredictor(_Polygons):
    """T(z, a): for each action a polygon through the codes of the successors.

    Parameters
    ----------
    points
        int64 ``[m]``: the code of each block.
    values
        float64 ``[n_actions, m, 1]``: where each code is led.
    """

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents float64 ``[batch, 1]``."""
        moved = torch.bmm(self.hidden(codes).unsqueeze(1), self.weight[actions]).squeeze(1)
        return moved + self.bias[actions]


class PiecewiseHead(_Polygons):
    """P(z): one polygon for each label coordinate.

    Parameters
    ----------
    points
        int64 ``[m]``: the code of each block.
    labels
        float64 ``[m, label_dim]``: the label of each block.
    """

    def __init__(self, points: IntArray, labels: FloatArray) -> None:
        super().__init__(points, labels[None])

    def forward(self, codes: Tensor) -> Tensor:
        """Return labels float64 ``[batch, label_dim]``."""
        return self.hidden(codes) @ self.weight[0] + self.bias[0]


def _ramps(points: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return knots, change of slope at each ``[k, n_knots, q]`` and the first values ``[k, q]``.

    The points are in order. A rise takes the largest power of two that fits into its gap: all of
    it where the gap is one, and then the polygon is the interpolant itself.
    """
    gaps = np.diff(points)
    widths = 2 ** np.floor(np.log2(gaps)).astype(np.int64)
    with np.errstate(over="ignore", invalid="ignore"):  # such values get hats
        slopes = np.diff(values, axis=1) / widths[:, None]
    ends = points[:-1] + widths
    knots = np.unique(np.concatenate([points[:1], points[:-1], ends]))
    change = np.zeros((len(values), len(knots), values.shape[2]))
    if not np.isfinite(slopes).all():
        change.fill(np.inf)
        return knots, change, values[:, 0].copy()
    for number, (start, end) in enumerate(zip(points[:-1].tolist(), ends.tolist(), strict=True)):
        rise = slopes[:, number]
        change[:, np.searchsorted(knots, start)] += rise
        change[:, np.searchsorted(knots, end)] -= rise
    return knots, change, values[:, 0].copy()


def _hats(points: IntArray) -> tuple[IntArray, IntArray]:
    """Return knots and the matrix that makes of their units one hat for each point."""
    knots = np.unique(points[:, None] + np.array([-1, 0, 1]))
    mixing = np.zeros((len(knots), len(points)), dtype=np.int64)
    for shift, factor in ((-1, 1), (0, -2), (1, 1)):
        mixing[np.searchsorted(knots, points + shift), np.arange(len(points))] = factor
    return knots, mixing


def _draws(
    points: IntArray, values: FloatArray, knots: IntArray, weight: FloatArray, bias: FloatArray
) -> bool:
    """Tell whether ramps give every value at its point, whatever the order of summation."""
    if not np.isfinite(weight).all():
        return False
    units = np.maximum(points[:, None] - knots, 0).astype(np.float64)
    return all(
        exact_sums(units, w, b) and np.array_equal(units @ w + b, wanted)
        for w, b, wanted in zip(weight, bias, values, strict=True)
    )


def piecewise_subject(
    mdp: DeterministicMDP, partition: Partition | None = None, *, seed: int = 0
) -> Subject:
    """Build a ReLU network with one latent whose loss is zero bit for bit (S1).

    Parameters
    ----------
    mdp
        The system.
    partition
        Any admissible partition (D4); default: the largest bisimulation, the fewest codes.
    seed
        Of the integers that stand for the blocks. 0: ``0 .. m-1`` in the order of the blocks;
        otherwise a random order with gaps of 1 to 5 and a random beginning.

    Returns
    -------
    Subject
        Float64, without trainable parameters, with integer ``tables``. The encoder is a linear
        map of one-hot observations.

    Raises
    ------
    InvalidArgumentError
        When the partition is not admissible, or for a negative seed.
    InvalidLabelError
        When a label is not exact in float64, in which losses are computed.

    Notes
    -----
    At most 2m (with hats 3m) hidden units; O(m²) memory to check that nothing rounds.

    Examples
    --------
    >>> from tellapart.models.evaluation import evaluate
    >>> from tellapart.theory.gallery import counting_chain
    >>> chain = counting_chain(9)
    >>> evaluate(piecewise_subject(chain, seed=1), chain)
    Evaluation(9 observations, 2 actions, d=1, float64; dynamics loss 0, auxiliary loss 0)
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InvalidArgumentError(f"seed is {seed!r}; it must be an integer >= 0.")
    found = cast("ExactTables", exact_subject(mdp, partition).tables)
    _check_labels(mdp)
    points = _line(found.n_blocks, int(seed))
    tables = replace(found, codes=points[:, None])
    return Subject(
        encoder=_encoder(tables),
        predictor=PiecewisePredictor(points, targets(tables)),
        head=PiecewiseHead(points, tables.labels),
        name="piecewise",
        tables=tables,
    )


def targets(tables: ExactTables) -> FloatArray:
    """Return where each code is led by each action, float64 ``[n_actions, m, d]``."""
    return tables.codes[tables.successors.T].astype(np.float64)


def _line(m: int, seed: int) -> IntArray:
    if seed == 0:
        return np.arange(m, dtype=np.int64)
    rng = np.random.default_rng(seed)
    gaps = rng.integers(1, _WIDEST_GAP + 1, size=m)
    gaps[0] = rng.integers(-8, 9)
    return rng.permutation(np.cumsum(gaps)).astype(np.int64)


def _encoder(tables: ExactTables) -> nn.Linear:
    """Return the table of codes as a linear map of one-hot observations."""
    table = torch.tensor(tables.codes[tables.block_ids].T, dtype=torch.float64)
    # On "meta" nothing is drawn from torch's global generator for weights that are replaced.
    encoder = nn.Linear(table.shape[1], 1, bias=False, dtype=torch.float64, device="meta")
    encoder.weight = nn.Parameter(table, requires_grad=False)
    return encoder


def _check_labels(mdp: DeterministicMDP) -> None:
    """Refuse labels whose vectors in float64 are not the labels themselves."""
    labels, shown = exact_labels(mdp.label_values), mdp.label_vectors
    first = np.unique(mdp.label_ids, return_index=True)[1].tolist()
    for label, o in enumerate(first):
        if [Fraction(seen) for seen in shown[o].tolist()] != list(labels.vector(label)):
            raise InvalidLabelError(
                f"The label {mdp.label_values[label]!r} of observation {mdp.observations[o]!r} is "
                "not exact in float64, in which losses are computed; give labels that are floats, "
                "integers below 2^53, or names."
            )
