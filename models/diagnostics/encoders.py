"""A gallery of encoders, each made to fool some diagnostic; the exact answer is right on all."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import numpy as np
import numpy.typing as npt

from tellapart.models.designs import scaled_label_subject
from tellapart.models.diagnostics.best_response import best_response_subject, on_grid
from tellapart.models.diagnostics.summary import Diagnostics, diagnose_subject
from tellapart.models.subject import Subject
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "Direction",
    "EncoderEntry",
    "collinear_subject",
    "encoder_entry",
    "encoder_gallery",
    "gaussian_cloud_subject",
    "merged_ends_subject",
    "modulo_subject",
    "noisy_collapsed_subject",
    "rings_subject",
    "shrunk_label_subject",
    "stray_view_subject",
    "tiny_subject",
    "whitened_subject",
]

FloatArray = npt.NDArray[np.float64]
Direction = Literal["looks healthy", "looks collapsed"]
Factory = Callable[[DeterministicMDP, int], Subject]


@dataclass(frozen=True, slots=True, repr=False)
class EncoderEntry:
    """An encoder of the gallery.

    Attributes
    ----------
    name, summary
        What it is, in one line.
    fools
        Diagnostics (names of :data:`~tellapart.models.diagnostics.readings.DIAGNOSTICS`) whose
        rule of thumb is wrong on it; there may be more.
    direction
        What they say, against the truth: ``"looks healthy"`` or ``"looks collapsed"``.
    system
        The system it is shown on.
    factory
        ``(mdp, seed) -> Subject``; works on other systems too, but may fool nobody there.
    """

    name: str
    summary: str
    fools: tuple[str, ...]
    direction: Direction
    system: DeterministicMDP
    factory: Factory

    @property
    def collapsed(self) -> bool:
        """Tell whether it merges a pair that must be told apart."""
        return self.direction == "looks healthy"

    def build(self, seed: int = 0) -> Subject:
        """Return the subject on its system."""
        return self.factory(self.system, seed)

    def diagnose(self, seed: int = 0) -> Diagnostics:
        """Return all diagnostics of it, beside the exact answer."""
        return diagnose_subject(self.system, self.build(seed), seed=seed)

    def __repr__(self) -> str:
        return f"EncoderEntry({self.name!r}: {self.summary}; {self.direction})"


def encoder_gallery() -> tuple[EncoderEntry, ...]:
    """Return all entries, in the order of the documentation.

    Examples
    --------
    >>> [entry.name for entry in encoder_gallery()][:3]
    ['merged-ends', 'collinear', 'view-noise']
    """
    return _ENTRIES


def encoder_entry(name: str) -> EncoderEntry:
    """Return one entry by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.
    """
    names = {entry.name: entry for entry in _ENTRIES}
    if name not in names:
        close = get_close_matches(str(name), names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise InvalidArgumentError(
            f"There is no encoder {name!r} in the gallery.{hint} Names: {', '.join(names)}."
        )
    return names[name]


def merged_ends_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build an encoder that merges the first and the last block of B*, and nothing else."""
    ids = bisimulation(mdp).partition.ids.astype(np.int64)
    merged = np.where(ids == ids.max(), 0, ids)
    codes = on_grid(3.5 * _simplex(merged))
    return best_response_subject(mdp, codes, seed=seed, name="merged-ends")


def collinear_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build nine (in general: as many as blocks) codes on one line in four dimensions.

    Zero loss exactly, with a piecewise-linear predictor and head: healthy, of rank 1.
    """
    ids = bisimulation(mdp).partition.ids
    codes = ids[:, None] * np.ones((1, 4))
    return best_response_subject(mdp, codes, seed=seed, name="collinear")


def noisy_collapsed_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build one code for everything plus full-rank noise of the view, in eight dimensions.

    The view of an observation is its place in its block of B*; view v of every block has the same
    code. Where blocks have one member this is one code for everything.
    """
    views = _views(mdp)
    noise = np.random.default_rng(seed).standard_normal((int(views.max()) + 1, 8))
    return best_response_subject(mdp, on_grid(noise[views]), seed=seed, name="view-noise")


def gaussian_cloud_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build codes that fill a Gaussian in two dimensions evenly and depend on the view only."""
    views = _views(mdp)
    m = int(views.max()) + 1
    k = np.arange(m)
    radius = np.sqrt(-2 * np.log(1 - (k + 0.5) / m))
    angle = k * np.pi * (3 - np.sqrt(5))  # the golden angle
    cloud = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return best_response_subject(mdp, on_grid(cloud[views]), seed=seed, name="gaussian-cloud")


def shrunk_label_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build the label code shrunk by 1e-12: raw losses of 1e-25 whatever it merges (S13)."""
    return scaled_label_subject(mdp, 1e-12)


def modulo_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build the one-hot code of the block modulo 3."""
    ids = bisimulation(mdp).partition.ids.astype(np.int64)
    return best_response_subject(mdp, 4.0 * _onehot(ids % 3), seed=seed, name="modulo-3")


def whitened_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build the block modulo 3 as a triangle: its codes have the identity as covariance."""
    ids = bisimulation(mdp).partition.ids % 3
    angle = 2 * np.pi * ids / 3
    triangle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    scale = np.sqrt(2 * (len(ids) - 1) / len(ids)) if len(ids) > 1 else 1.0
    return best_response_subject(mdp, on_grid(scale * triangle), seed=seed, name="whitened")


def stray_view_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build well separated blocks, but show one view of the last block as one of the first."""
    ids = bisimulation(mdp).partition.ids.astype(np.int64)
    views = _views(mdp)
    jitter = np.random.default_rng(seed).normal(0, 0.1, (mdp.n_obs, int(ids.max()) + 1))
    codes = 4.0 * _onehot(ids) + jitter
    last = np.flatnonzero((ids == ids.max()) & (views == 0))[0]
    codes[last] = codes[0]
    return best_response_subject(mdp, on_grid(codes), seed=seed, name="stray-view")


def rings_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build rings around the origin, one for each block, its views all around: healthy."""
    ids, views = bisimulation(mdp).partition.ids, _views(mdp)
    sizes = np.bincount(ids)
    angle = 2 * np.pi * views / sizes[ids]
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    codes = on_grid((ids + 1)[:, None] * circle)
    return best_response_subject(mdp, codes, seed=seed, name="rings")


def tiny_subject(mdp: DeterministicMDP, seed: int = 0) -> Subject:
    """Build the one-hot code of the block at a scale of 1/1024: healthy, as scale means nothing."""
    ids = bisimulation(mdp).partition.ids.astype(np.int64)
    return best_response_subject(mdp, _onehot(ids) / 1024, seed=seed, name="tiny")


def _onehot(ids: npt.NDArray[np.int64]) -> FloatArray:
    return np.eye(int(ids.max()) + 1)[ids]


def _simplex(ids: npt.NDArray[np.int64]) -> FloatArray:
    """Return corners of a regular simplex around the origin, in one dimension less than corners."""
    m = int(ids.max()) + 1
    if m == 1:
        return np.zeros((len(ids), 1))
    corners = np.zeros((m, m - 1))
    for j in range(1, m):  # Helmert's matrix: orthonormal columns, each with mean zero
        corners[:j, j - 1], corners[j, j - 1] = 1.0, -j
        corners[:, j - 1] /= np.sqrt(j * (j + 1))
    return corners[ids]


def _views(mdp: DeterministicMDP) -> npt.NDArray[np.int64]:
    """Return the place of each observation among the members of its block of B*."""
    ids = bisimulation(mdp).partition.ids
    order = np.argsort(ids, kind="stable")
    sizes = np.bincount(ids)
    views = np.empty(len(ids), dtype=np.int64)
    views[order] = np.arange(len(ids)) - (np.cumsum(sizes) - sizes)[ids[order]]
    return views


_RANKS = ("RankMe", "effective rank", "participation ratio", "numerical rank")
_VICREG = ("VICReg variance", "VICReg covariance")
_CHAIN = counting_chain(9)
_VIEWS = blow_up(_CHAIN, copies=32)
_ENTRIES = (
    EncoderEntry(
        "merged-ends",
        "merges 0 and 8, the only pair that needs a word of four letters, and nothing else",
        (*_RANKS, "smallest std", *_VICREG),
        "looks healthy",
        _CHAIN,
        merged_ends_subject,
    ),
    EncoderEntry(
        "collinear",
        "nine codes on one line in four dimensions, zero loss exactly",
        (*_RANKS, "VICReg covariance", "SIGReg"),
        "looks collapsed",
        _CHAIN,
        collinear_subject,
    ),
    EncoderEntry(
        "view-noise",
        "one code for everything, plus noise in all eight dimensions that depends on the view",
        (*_RANKS, "smallest std", *_VICREG),
        "looks healthy",
        _VIEWS,
        noisy_collapsed_subject,
    ),
    EncoderEntry(
        "gaussian-cloud",
        "codes fill a Gaussian evenly and depend on the view only",
        (*_RANKS, "smallest std", *_VICREG, "SIGReg"),
        "looks healthy",
        _VIEWS,
        gaussian_cloud_subject,
    ),
    EncoderEntry(
        "scaled-label",
        "the label code times 1e-12: everything but 4 is merged, at raw losses of 1e-25",
        ("dynamics loss", "auxiliary loss"),
        "looks healthy",
        _CHAIN,
        shrunk_label_subject,
    ),
    EncoderEntry(
        "modulo-3",
        "the count modulo 3: every action can be told from the codes before and after it",
        ("inverse dynamics error",),
        "looks healthy",
        _CHAIN,
        modulo_subject,
    ),
    EncoderEntry(
        "whitened",
        "the count modulo 3 as a triangle with covariance exactly one",
        (*_RANKS, "smallest std", *_VICREG, "inverse dynamics error"),
        "looks healthy",
        _CHAIN,
        whitened_subject,
    ),
    EncoderEntry(
        "stray-view",
        "well separated clusters, but one view of 8 has the code of a view of 0",
        (*_RANKS, "smallest std", "LiDAR", "accuracy in sample", "accuracy held out"),
        "looks healthy",
        _VIEWS,
        stray_view_subject,
    ),
    EncoderEntry(
        "rings",
        "the count is the radius of a ring, its views lie all around: every centroid is the origin",
        ("LiDAR", "accuracy in sample", "accuracy held out"),
        "looks collapsed",
        _VIEWS,
        rings_subject,
    ),
    EncoderEntry(
        "tiny",
        "all nine counts apart, at a scale of 1/1024",
        ("smallest std", "VICReg variance", "SIGReg"),
        "looks collapsed",
        _CHAIN,
        tiny_subject,
    ),
)
