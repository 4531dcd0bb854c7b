"""The smallest linear or affine model with zero loss, as rational matrices (S12)."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.linear.capacity import MAX_BLOCKS, check_mdp
from tellapart.theory.linear.realisation_check import RealisationCheck, check_realisation
from tellapart.theory.linear.realisation_model import (
    MAX_WORDS,
    BlockModel,
    plain,
    spell,
)
from tellapart.theory.linear.word_space import ClosedSystem, close_system
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

__all__ = [
    "MAX_WORDS",
    "Coordinates",
    "LinearRealisation",
    "check_coordinates",
    "model_of",
    "realise",
]

Objects = npt.NDArray[np.object_]
Coordinates = Literal["observations", "words"]


@register
@dataclass(frozen=True, eq=False, repr=False)
class LinearRealisation(Saved):
    """A zero-loss model ``z = E[o]``, ``T(z, a) = z T_a + b_a``, ``P(z) = z P + c`` (S12).

    All matrices hold Python integers and fractions (dtype object).

    Attributes
    ----------
    codes
        E ``[n_obs, d]``.
    matrices, offsets
        T ``[n_actions, d, d]`` and b ``[n_actions, d]``; ``b = 0`` for linear models.
    head, head_offset
        P ``[d, label_dim]`` and c ``[label_dim]``; ``c = 0`` for linear models.
    affine
        Whether offsets are used.
    core
        Names of the observations on which all others depend; with offsets the first has code 0.
    words
        Of coordinates that are labels along words: the word (action names) of each; else None.
    word_labels
        The label coordinate that is read after each word; None without words.
    """

    codes: Objects
    matrices: Objects
    offsets: Objects
    head: Objects
    head_offset: Objects
    affine: bool
    core: tuple[Hashable, ...]
    words: tuple[tuple[Hashable, ...], ...] | None = None
    word_labels: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for array in (self.codes, self.matrices, self.offsets, self.head, self.head_offset):
            array.setflags(write=False)

    @property
    def dimension(self) -> int:
        """Latent dimension d: the smallest there is for this kind of model."""
        return int(self.codes.shape[1])

    @property
    def is_integral(self) -> bool:
        """Tell whether every entry is an integer."""
        parts = (self.codes, self.matrices, self.offsets, self.head, self.head_offset)
        return all(type(entry) is int for part in parts for entry in part.reshape(-1).tolist())

    def verify(self, system: DeterministicMDP) -> RealisationCheck:
        """Check every transition and every label of ``system`` in exact arithmetic (D1).

        The check shares no code with the construction: it multiplies out and compares.

        Raises
        ------
        InvalidArgumentError
            When ``system`` is not a ``DeterministicMDP``.

        Examples
        --------
        >>> from tellapart.theory.gallery import counting_chain
        >>> chain = counting_chain(9)
        >>> print(realise(chain).verify(chain).explain())
        Zero loss, exactly (D1): 18 transitions and 9 labels compared as rational numbers.
        """
        check_mdp(system, "verify")
        return check_realisation(
            system, self.codes, self.matrices, self.offsets, self.head, self.head_offset
        )

    def explain(self) -> str:
        """Say in a few sentences what the coordinates mean."""
        kind = "affine" if self.affine else "linear"
        head = (
            f"The smallest {kind} model with zero loss has {self.dimension} latent dimensions; all "
            f"its numbers are {'integers' if self.is_integral else 'rational'}."
        )
        if self.words is not None:
            some = [" ".join(map(str, word)) or "(empty word)" for word in self.words[:8]]
            more = ", and so on" if len(self.words) > 8 else ""
            return f"{head}\nCoordinates are the labels after the words: {', '.join(some)}{more}."
        names = ", ".join(map(repr, self.core[:8]))
        names += ", and so on" if len(self.core) > 8 else ""
        origin = " The first of them has the code 0." if self.affine else ""
        return (
            f"{head}\nEvery code is a combination of those of {len(self.core)} observations: "
            f"{names}.{origin}"
        )

    def __repr__(self) -> str:
        kind = "affine" if self.affine else "linear"
        return (
            f"LinearRealisation({kind}, d={self.dimension}, {len(self.codes)} observations, "
            f"{len(self.matrices)} actions)"
        )


def realise(
    system: DeterministicMDP,
    affine: bool = False,
    *,
    coordinates: Coordinates = "observations",
    max_blocks: int = MAX_BLOCKS,
    method: str = "auto",
) -> LinearRealisation:
    """Build the smallest linear (or affine) model with exactly zero loss (S12).

    Parameters
    ----------
    system
        The MDP: total and fully labelled; labels as for :func:`.capacity.capacity`.
    affine
        Whether T(·, a) and P have offsets; this saves at most one dimension.
    coordinates
        ``"observations"``: ``rank H`` observations have multiples of unit vectors as codes, all
        others are integer combinations; numbers stay small. ``"words"``: each coordinate is the
        label (one coordinate of it) that is read after a word, so that all codes are labels; the
        matrices may then hold large fractions.
    max_blocks, method
        As for :func:`.capacity.capacity`.

    Returns
    -------
    LinearRealisation
        With ``dimension == capacity(system).linear`` (or ``.affine``).

    Raises
    ------
    BudgetExceededError
        For more than ``max_blocks`` blocks; for a basis whose fractions are too large to find; for
        ``"words"`` with more than :data:`MAX_WORDS` dimensions.
    InvalidArgumentError
        When ``system`` is not a ``DeterministicMDP``, or for unknown coordinates.

    Notes
    -----
    As for :func:`.capacity.capacity`, plus O(n r + |A| r²) numbers of memory; with words O(r³)
    operations on fractions.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> realise(counting_chain(9), affine=True)
    LinearRealisation(affine, d=8, 9 observations, 2 actions)
    >>> realise(counting_chain(3), coordinates="words").codes.tolist()
    [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    """
    check_mdp(system, "realise")
    check_coordinates(coordinates)
    return model_of(close_system(system, max_blocks, method), affine, coordinates)


def check_coordinates(coordinates: object) -> None:
    """Refuse coordinates of an unknown kind."""
    if coordinates not in ("observations", "words"):
        raise InvalidArgumentError(
            f"coordinates is {coordinates!r}; choose 'observations' or 'words'."
        )


def model_of(closed: ClosedSystem, affine: bool, coordinates: Coordinates) -> LinearRealisation:
    """Read the model off a closure; see :func:`realise`."""
    rows, core = closed.basis(affine)
    parts = (closed.labels, closed.ids, closed.successors)
    model = BlockModel.of(rows, core, *parts, affine)
    if coordinates == "observations":
        return _named(closed, model)
    used = model.in_words(closed.closure, *parts)
    return _named(closed, model, [spell(closed.closure, word) for word in used])


def _named(
    closed: ClosedSystem,
    model: BlockModel,
    words: list[tuple[list[int], int]] | None = None,
) -> LinearRealisation:
    """Spread a model of blocks over the observations, and name what its coordinates are."""
    spelled = words_read = None
    if words is not None:
        spelled = tuple(tuple(closed.system.actions[a] for a in word) for word, _ in words)
        words_read = tuple(coordinate for _, coordinate in words)
    return LinearRealisation(
        codes=plain(model.codes)[closed.partition.ids],
        matrices=plain(model.matrices),
        offsets=plain(model.offsets),
        head=plain(model.head),
        head_offset=plain(model.head_offset),
        affine=model.affine,
        core=tuple(closed.name(block) for block in model.core),
        words=spelled,
        word_labels=words_read,
    )
