"""What trains the encoder of the counting runs: the designs that are compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tellapart.theory.naming import entry_named

__all__ = ["AVERAGE_DECAY", "COUNTING_DESIGNS", "CountingDesign", "counting_design"]

Aux = Literal["none", "label", "random"]
Reached = Literal["live", "stopped", "average"]
Regulariser = Literal["none", "vicreg", "sigreg"]

#: What the moving average of the encoder keeps of itself at each step.
AVERAGE_DECAY = 0.99


@dataclass(frozen=True, repr=False)
class CountingDesign:
    """Which losses reach the encoder. Predictor and head are always trained, on what it gives.

    Attributes
    ----------
    name, summary
        For tables and documentation.
    dynamics
        Whether the dynamics loss reaches the encoder.
    aux
        The auxiliary loss that reaches the encoder: of the ``"label"``, of a fixed ``"random"``
        function of the picture, or ``"none"``.
    reached
        Where E(o') comes from: the encoder that is trained (``"live"``), the same without gradient
        (``"stopped"``), or a moving average of it (``"average"``).
    regulariser
        A loss of the codes alone, or ``"none"``.
    """

    name: str
    summary: str
    dynamics: bool = True
    aux: Aux = "none"
    reached: Reached = "live"
    regulariser: Regulariser = "none"

    def explain(self) -> str:
        """Return the design as a sentence."""
        return f"{self.name}: {self.summary}."

    def __repr__(self) -> str:
        return f"CountingDesign({self.name!r}: {self.summary})"


def counting_design(name: str) -> CountingDesign:
    """Return a design by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> counting_design("ema").reached
    'average'
    """
    return entry_named(COUNTING_DESIGNS, name, "design of the counting runs", "designs")


_ALL = (
    CountingDesign("joint", "dynamics and label losses train the encoder", aux="label"),
    CountingDesign("dynamics-only", "the dynamics loss alone trains the encoder"),
    CountingDesign(
        "reward-only", "the label loss alone trains the encoder; the predictor is fitted beside it",
        dynamics=False, aux="label",
    ),
    CountingDesign(
        "random-aux", "dynamics loss, and a fixed random linear function of the picture as label",
        aux="random",
    ),
    CountingDesign(
        "joint-stop-gradient", "as joint, no gradient through E(o')", aux="label",
        reached="stopped",
    ),
    CountingDesign(
        "joint-ema", "as joint, E(o') from a moving average of the encoder", aux="label",
        reached="average",
    ),
    CountingDesign(
        "stop-gradient", "as dynamics-only, no gradient through E(o')", reached="stopped"
    ),
    CountingDesign(
        "ema", "as dynamics-only, E(o') from a moving average of the encoder", reached="average"
    ),
    CountingDesign(
        "vicreg", "dynamics loss with the variance and covariance terms of VICReg",
        regulariser="vicreg",
    ),
    CountingDesign(
        "sigreg", "dynamics loss with SIGReg, which asks for normally distributed codes",
        regulariser="sigreg",
    ),
)  # fmt: skip

#: All designs by name, in the order of tables.
COUNTING_DESIGNS: Mapping[str, CountingDesign] = MappingProxyType({d.name: d for d in _ALL})
