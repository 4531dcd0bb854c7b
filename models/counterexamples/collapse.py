"""A trained collapse: what an encoder of real weights ended with, and how it got there."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.serialise import Saved, register

__all__ = ["TrainedCollapse", "Way"]

FloatArray = npt.NDArray[np.float64]


class Way(StrEnum):
    """How an encoder came to merge the pair."""

    ITSELF = "by itself"
    DECAY = "by itself, with weight decay"
    ADVERSARIAL = "adversarial"

    @property
    def text(self) -> str:
        """A sentence."""
        return _WAYS[self]


_WAYS = {
    Way.ITSELF: "It collapsed by itself: random weights, then its own losses and nothing else.",
    Way.DECAY: (
        "It collapsed by itself: random weights, then its own losses with weight decay on the "
        "encoder."
    ),
    Way.ADVERSARIAL: (
        "It did not collapse by itself. The adversarial trainer pulled the codes together, and the "
        "losses allowed it: the collapse is reachable."
    ),
}


@register
@dataclass(frozen=True, eq=False)
class TrainedCollapse(Saved):
    """An encoder that was trained with one hypothesis dropped.

    Attributes
    ----------
    hypothesis
        What was dropped.
    design
        Name of the encoder.
    seed, attempts
        Of its weights, and how many trainings were made in all until one collapsed.
    way
        How it was trained.
    collapsed
        Whether the pair is merged while the trained losses are what they were to be.
    trained
        The losses that the encoder was trained on, of ``"dynamics"`` and ``"auxiliary"``; the part
        of the other one was fitted afterwards on frozen codes.
    codes
        E(o) for each observation of the data, float64 ``[n, d]``.
    predicted
        T(E(o), a) for each transition of the data, in its order, float64 ``[m, d]``.
    read
        P(E(o)) for each observation of the data, float64 ``[n, label_dim]``.
    dynamics_loss, auxiliary_loss
        Means of the squared residuals.
    dynamics_floor, auxiliary_floor
        The smallest losses that any predictor and head reach on these codes, merged ones taken as
        one (S11).
    x, y
        The pair.
    distance, distance_before
        Of its codes, after and before training.
    threshold
        At or below it the pair is merged.
    scale
        The distance that the threshold is a share of: the rms distance between codes that must be
        told apart, after training, or before it where everything shares one code; the size of the
        codes where everything looks the same.
    zero
        Root of a loss, in units of ``scale`` or of the spread of the labels, that counts as zero.
    """

    hypothesis: Hypothesis
    design: str
    seed: int
    attempts: int
    way: Way
    collapsed: bool
    trained: tuple[str, ...]
    codes: FloatArray
    predicted: FloatArray
    read: FloatArray
    dynamics_loss: float
    auxiliary_loss: float
    dynamics_floor: float
    auxiliary_floor: Fraction | float
    x: Hashable
    y: Hashable
    distance: float
    distance_before: float
    threshold: float
    scale: float
    zero: float

    def explain(self) -> str:
        """Return what was trained, how, and what came of it, in a few lines."""
        lines = [
            f"Encoder {self.design}, seed {self.seed}, trained on the "
            f"{' and the '.join(self.trained)} loss{'es' if len(self.trained) > 1 else ''}.",
            self.way.text if self.collapsed else "It did not collapse.",
            *self._shrunk_text(),
            self._loss_text("dynamics", self.dynamics_loss, self.dynamics_floor),
            self._loss_text("auxiliary", self.auxiliary_loss, self.auxiliary_floor),
            self._distance_text(),
        ]
        return "\n".join(lines)

    def _shrunk_text(self) -> list[str]:
        small = self.hypothesis is Hypothesis.EXACT_ZERO and self.way is Way.ADVERSARIAL
        if not (small and self.collapsed):
            return []
        return ["Then its latents were shrunk and its head stretched until the losses were small."]

    def _loss_text(self, name: str, loss: float, floor: Fraction | float) -> str:
        if name not in self.trained:
            best = floor if isinstance(floor, Fraction) else f"{floor:.3g}"
            return f"{name} loss {loss:.3g}, fitted on the frozen codes; no fit goes below {best}"
        if self.hypothesis is Hypothesis.EXACT_ZERO:
            return f"{name} loss {loss:.3g}, small but not zero" if loss > self.zero**2 else (
                f"{name} loss {loss:.3g}"
            )  # fmt: skip
        return f"{name} loss {loss:.3g}, zero up to rounding"

    def _distance_text(self) -> str:
        relation = "at most" if self.distance <= self.threshold else "above"
        return (
            f"distance of {self.x!r} and {self.y!r}: {self.distance:.3g}, {relation} the threshold "
            f"{self.threshold:.3g}; before training {self.distance_before:.3g}"
        )

    def __repr__(self) -> str:
        state = f"collapsed {self.way}" if self.collapsed else "not collapsed"
        return (
            f"TrainedCollapse(without {self.hypothesis}, {self.design}, seed {self.seed}: {state}; "
            f"dynamics {self.dynamics_loss:.2g}, auxiliary {self.auxiliary_loss:.2g}, "
            f"distance {self.distance:.2g})"
        )
