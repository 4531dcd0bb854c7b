"""What a trained subject did to a specimen: losses, floors, and the distance of the pair."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.losses.irreducible import irreducible_loss
from tellapart.theory.partition import kernel
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

__all__ = ["Yardstick", "floors", "pair_distance", "reaches"]

FloatArray = npt.NDArray[np.float64]

#: A fitted loss this close to its floor, relative to it, has reached it.
_REACHED = 0.01


@dataclass(frozen=True, eq=False)
class Yardstick:
    """What counts as merged.

    Attributes
    ----------
    specimen
        The counterexample.
    apart
        bool ``[n, n]``: which observations of the world must be told apart.
    """

    specimen: Specimen
    apart: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, specimen: Specimen) -> "Yardstick":
        """Compute the bisimulation of the world once."""
        ids = bisimulation(specimen.world).partition.ids
        return cls(specimen, ids[:, None] != ids[None, :])

    def scale(self, before: FloatArray, after: FloatArray) -> float:
        """Return the distance that a merged pair is compared with.

        Parameters
        ----------
        before, after
            Codes of the observations of the data, before and after training.
        """
        one_code = self.specimen.n_codes == 1
        codes = (before if one_code else after)[list(self.specimen.shows)]
        squares = np.square(codes[:, None] - codes[None]).sum(axis=2)
        found = float(np.sqrt(squares[self.apart].mean()))
        # Where every observation looks the same there is no distance but the size of the code.
        return found or float(np.sqrt(np.square(before).sum(axis=1).mean()))

    def threshold(self, scale: float) -> float:
        """Return the largest distance of a merged pair."""
        return DEFAULT_MERGE_TOLERANCE * scale


def pair_distance(specimen: Specimen, codes: FloatArray) -> float:
    """Return the distance between the codes of the pair."""
    world = specimen.world
    x, y = (specimen.shows[world.observation_index(name)] for name in (specimen.x, specimen.y))
    return float(np.linalg.norm(codes[x] - codes[y]))


def floors(
    specimen: Specimen, codes: FloatArray, threshold: float
) -> tuple[float, Fraction | float]:
    """Return the smallest losses of any T and P on codes, those of merged ones made one (S11)."""
    data, groups = specimen.data, kernel(codes, threshold).ids
    mean = np.stack([codes[groups == group].mean(axis=0) for group in range(groups.max() + 1)])
    dynamics = float(irreducible_loss(data, mean[groups]).dynamics)
    return dynamics, irreducible_loss(data, groups).auxiliary


def reaches(loss: float, floor: float, unit: float) -> bool:
    """Tell whether a fitted loss is at its floor: neither above nor, for unequal codes, below."""
    return abs(loss - floor) <= _REACHED * floor + (1e-6 * unit) ** 2
