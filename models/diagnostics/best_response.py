"""The best predictor and head there are for given codes (S11), as a small piecewise-linear network.

On the codes they give the mean successor code and the mean label of each code, so both losses are
the smallest that any predictor and head could reach: zero exactly when the kernel of the codes is
admissible. Elsewhere they interpolate. Only products, sums, ``abs`` and ``relu`` occur, on integers
and dyadic numbers that float64 holds exactly, so the losses can be evaluated in rationals.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.diagnostics.border import as_codes
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["GRID", "HatHead", "HatPredictor", "best_response_subject", "on_grid"]

FloatArray = npt.NDArray[np.float64]

#: Codes are multiples of this: 2^-20.
GRID = 2.0**-20
_MOST = 2.0**52
_ATTEMPTS = 64


def on_grid(codes: FloatArray) -> FloatArray:
    """Return codes rounded to multiples of :data:`GRID`."""
    rounded: FloatArray = np.round(codes / GRID) * GRID
    return rounded


class Hats(nn.Module):
    """Codes ``[batch, d]`` to ``[batch, m]``: hat k is 1 on code k and 0 on the other codes.

    ``h_k(z) = relu(1 - |z · w - t_k|)`` with knots ``t_k`` that are integers for the given codes.

    Parameters
    ----------
    weight, knots
        float64 ``[d]`` and ``[m]``.
    """

    weight: Tensor
    knots: Tensor

    def __init__(self, weight: FloatArray, knots: FloatArray) -> None:
        super().__init__()
        self.register_buffer("weight", torch.tensor(weight[:, None].repeat(len(knots), axis=1)))
        self.register_buffer("knots", torch.tensor(knots))

    def forward(self, codes: Tensor) -> Tensor:
        """Return the hats, float64 ``[batch, m]``."""
        place = codes @ self.weight
        return torch.relu(1.0 - torch.abs(place - self.knots))


class HatPredictor(nn.Module):
    """T(z, a) = Σ_k h_k(z) v_{a,k}.

    Parameters
    ----------
    hats
        The hats h.
    values
        float64 ``[n_actions, m, d]``.
    """

    values: Tensor

    def __init__(self, hats: Hats, values: FloatArray) -> None:
        super().__init__()
        self.hats = hats
        self.register_buffer("values", torch.tensor(values))

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents float64 ``[batch, d]``."""
        return torch.bmm(self.hats(codes).unsqueeze(1), self.values[actions]).squeeze(1)


class HatHead(nn.Module):
    """P(z) = Σ_k h_k(z) p_k.

    Parameters
    ----------
    hats
        The hats h.
    values
        float64 ``[m, label_dim]``.
    """

    values: Tensor

    def __init__(self, hats: Hats, values: FloatArray) -> None:
        super().__init__()
        self.hats = hats
        self.register_buffer("values", torch.tensor(values))

    def forward(self, codes: Tensor) -> Tensor:
        """Return labels float64 ``[batch, label_dim]``."""
        read: Tensor = self.hats(codes) @ self.values
        return read


def best_response_subject(
    mdp: DeterministicMDP, codes: FloatArray, *, seed: int = 0, name: str = "best-response"
) -> Subject:
    """Build a subject with the given codes and the best predictor and head for them (S11).

    Parameters
    ----------
    mdp
        The system.
    codes
        E(o), float64 ``[n_obs, d]``, multiples of :data:`GRID`; see :func:`on_grid`.
    seed
        Of the direction along which codes are read, where one coordinate does not do.
    name
        Name in reports.

    Returns
    -------
    Subject
        A linear encoder of one-hot observations, :class:`HatPredictor` and :class:`HatHead`;
        nothing to train.

    Raises
    ------
    InvalidArgumentError
        For codes that are not ``[n_obs, d]`` multiples of the grid, or too large or too many to
        be read along one direction in exact arithmetic.

    Notes
    -----
    O(n |A| d) numbers for n different codes.

    Examples
    --------
    >>> from tellapart.models.evaluation import evaluate
    >>> from tellapart.theory.gallery import counting_chain
    >>> subject = best_response_subject(counting_chain(9), np.arange(9.0)[:, None])
    >>> evaluate(subject, counting_chain(9)).dynamics_loss
    0.0
    """
    rows = as_codes(codes)
    if len(rows) != mdp.n_obs or not np.array_equal(on_grid(rows), rows):
        raise InvalidArgumentError(
            f"codes of shape {rows.shape} do not fit {mdp.n_obs} observations, or are no multiples "
            "of 2^-20; give one row for each observation, rounded by on_grid(codes)."
        )
    different, ids = np.unique(rows, axis=0, return_inverse=True)
    ids = ids.reshape(-1)
    hats = Hats(*_reading(different, seed))
    size = np.bincount(ids).astype(np.float64)[:, None]
    label_values = _means(mdp.label_vectors, ids, size)
    values = np.stack([_means(rows[column], ids, size) for column in mdp.successors.T])
    encoder = nn.Linear(mdp.n_obs, rows.shape[1], bias=False, dtype=torch.float64)
    with torch.no_grad():
        encoder.weight.copy_(torch.tensor(rows.T.copy()))
    encoder.requires_grad_(False)
    return Subject(encoder, HatPredictor(hats, values), HatHead(hats, label_values), name=name)


def _means(values: FloatArray, ids: npt.NDArray[np.int64], size: FloatArray) -> FloatArray:
    sums = np.zeros((len(size), values.shape[1]))
    np.add.at(sums, ids, values)
    means: FloatArray = sums / size
    # Rows of one value keep it exactly: (x + x + x) / 3 need not be x in float64.
    first = np.unique(ids, return_index=True)[1]
    same = np.ones(len(size), dtype=bool)
    np.logical_and.at(same, ids, (values == values[first[ids]]).all(axis=1))
    means[same] = values[first[same]]
    return means


def _reading(codes: FloatArray, seed: int) -> tuple[FloatArray, FloatArray]:
    """Return weights and knots: all codes are at different integers along the weights."""
    d = codes.shape[1]
    generator = np.random.default_rng(seed)
    # Integer codes may be apart along a coordinate already; then T and P stay as smooth as the
    # codes allow: the interpolation between neighbours.
    candidates: list[FloatArray] = []
    if bool((codes == np.round(codes)).all()):
        candidates += [np.eye(d)[k] for k in range(d)]
    candidates += [generator.integers(1, 1024, size=(d,)) / GRID for _ in range(_ATTEMPTS)]
    for weight in candidates:
        if float((np.abs(codes) * weight).sum(axis=1).max()) > _MOST:
            continue
        knots = codes @ weight  # integers up to 2^52: no rounding
        if len(np.unique(knots)) == len(codes):
            return weight, knots
    raise InvalidArgumentError(
        f"{len(codes)} codes in {d} dimensions were not told apart along any direction tried, in "
        "exact arithmetic; use smaller codes or fewer of them."
    )
