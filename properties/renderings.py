"""What observations look like: one-hot vectors, random features, small images.

Importing this module loads torch.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from hypothesis import strategies as st
from torch import Tensor

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["RENDERINGS", "rendered", "renderings"]

FloatArray = npt.NDArray[np.float64]

#: What :func:`renderings` draws from, the plainest first.
RENDERINGS = ("one-hot", "features", "images")

_SEEDS = 2**16
_SIDES = (8, 16)


def renderings(
    system: DeterministicMDP | TransitionData | int,
    kinds: Sequence[str] = RENDERINGS,
    *,
    look_alikes: bool = False,
    dtype: torch.dtype = torch.float64,
) -> st.SearchStrategy[Tensor]:
    """Draw what an encoder is shown: one tensor with one row for each observation.

    Parameters
    ----------
    system
        A system, or a number of observations.
    kinds
        Which of :data:`RENDERINGS` to draw; see :func:`rendered`.
    look_alikes
        Show two observations alike, whatever the kind: the rows of one drawn pair are equal. A
        system in which they must be told apart then lacks the hypothesis ``markov_observation``.
    dtype
        ``torch.float64`` or ``torch.float32``.

    Returns
    -------
    Strategy for tensors ``[n_obs, ...]`` whose rows differ, but for that pair.

    Raises
    ------
    InvalidArgumentError
        For an unknown kind or type, no observations, or look-alikes of a single observation.

    Notes
    -----
    Shrinks to one-hot vectors; of look-alikes to the first two.
    """
    n = _number(system)
    chosen = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    unknown = [kind for kind in chosen if kind not in RENDERINGS]
    if unknown or not chosen:
        raise InvalidArgumentError(
            f"kinds is {list(chosen)}; choose at least one of {', '.join(RENDERINGS)}."
        )
    _check_dtype(dtype)
    alike: st.SearchStrategy[tuple[int, int] | None] = st.none()
    if look_alikes:
        if n < 2:
            raise InvalidArgumentError("look_alikes needs two observations, and there is one.")
        alike = st.tuples(st.integers(0, n - 1), st.integers(0, n - 2)).map(
            lambda pair: (pair[0], (pair[0] + 1 + pair[1]) % n)
        )
    cases = st.tuples(st.sampled_from(chosen), st.integers(0, _SEEDS - 1), alike)
    return cases.map(lambda case: rendered(n, case[0], case[1], alike=case[2], dtype=dtype))


def rendered(
    n_obs: int,
    kind: str = "one-hot",
    seed: int = 0,
    *,
    alike: tuple[int, int] | None = None,
    dtype: torch.dtype = torch.float64,
) -> Tensor:
    """Render observations ``0 .. n_obs-1``; the same arguments give the same bits.

    Parameters
    ----------
    n_obs
        How many.
    kind
        ``"one-hot"``: unit vectors ``[n_obs, n_obs]``. ``"features"``: 2 to 8 random numbers each,
        ``[n_obs, d]``, one of which numbers the observations. ``"images"``: grey pictures in
        [0, 1], ``[n_obs, 1, s, s]`` with s from 8 to 16, of one background, with pixels here and
        there that are black or white: the binary digits of the observation.
    seed
        Everything else follows from it.
    alike
        Two observations of which the second looks like the first.
    dtype
        ``torch.float64`` or ``torch.float32``.

    Returns
    -------
    Tensor ``[n_obs, ...]``; rows differ, but for the two that look alike.

    Raises
    ------
    InvalidArgumentError
        For an unknown kind or type, no observations, a negative seed, or observations that do not
        exist.

    Examples
    --------
    >>> tuple(rendered(5, "one-hot").shape), rendered(5, "images", seed=2).ndim
    ((5, 5), 4)
    """
    n = _number(n_obs)
    _check_dtype(dtype)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InvalidArgumentError(f"seed is {seed!r}; it must be an integer >= 0.")
    rng = np.random.default_rng(int(seed))
    if kind == "one-hot":
        shown = np.eye(n)
    elif kind == "features":
        shown = _features(n, rng)
    elif kind == "images":
        shown = _images(n, rng)
    else:
        raise InvalidArgumentError(f"kind is {kind!r}; choose one of {', '.join(RENDERINGS)}.")
    if alike is not None:
        x, y = _checked_pair(alike, n)
        shown[y] = shown[x]
    return torch.tensor(shown, dtype=dtype)


def _features(n: int, rng: np.random.Generator) -> FloatArray:
    width = int(rng.integers(2, 9))
    features = rng.normal(size=(n, width))
    # Whole numbers up to 2^24 differ in float32 as well.
    features[:, rng.integers(width)] = rng.permutation(n)
    return features


def _images(n: int, rng: np.random.Generator) -> FloatArray:
    side = int(rng.integers(_SIDES[0], _SIDES[1] + 1))
    digits = max(1, (n - 1).bit_length())
    images = np.tile(rng.uniform(0.25, 0.75, size=side * side), (n, 1))
    places = rng.choice(side * side, size=digits, replace=False)
    images[:, places] = (np.arange(n)[:, None] >> np.arange(digits)) & 1
    return images.reshape(n, 1, side, side)


def _number(system: DeterministicMDP | TransitionData | int) -> int:
    if isinstance(system, DeterministicMDP | TransitionData):
        return system.n_obs
    if isinstance(system, bool) or not isinstance(system, int | np.integer) or system < 1:
        raise InvalidArgumentError(
            f"There is nothing to render for {system!r}; give a system, or a number of "
            "observations >= 1."
        )
    return int(system)


def _check_dtype(dtype: object) -> None:
    if dtype not in (torch.float32, torch.float64):
        raise InvalidArgumentError(f"dtype is {dtype}; choose torch.float64 or torch.float32.")


def _checked_pair(pair: object, n: int) -> tuple[int, int]:
    match pair:
        case (int(x), int(y)) if x != y and 0 <= x < n and 0 <= y < n:
            return x, y
    raise InvalidArgumentError(
        f"alike is {pair!r}; give two different observations, as indices 0..{n - 1}."
    )
