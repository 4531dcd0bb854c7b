"""What the ablation matrix compares: which loss trains what, and on whose terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tellapart.models.first_order import ENCODER_SPEED
from tellapart.theory.naming import entry_named

__all__ = ["ABLATIONS", "AVERAGE_DECAY", "AblationDesign", "Stage", "ablation"]

Target = Literal["task", "random", "value"]
Dynamics = Literal["none", "raw", "relative"]
Aux = Literal["none", "spread", "gap"]
Reached = Literal["live", "stopped", "average"]

#: What the moving average of the encoder keeps of itself at each step.
AVERAGE_DECAY = 0.99

_ENCODER, _PREDICTOR, _HEAD = (
    ("table",), ("weight_in", "action_bias", "weight_out", "bias_out"), ("head_weight", "head_bias")
)  # fmt: skip
_ALL_WEIGHTS = _ENCODER + _PREDICTOR + _HEAD


@dataclass(frozen=True)
class Stage:
    """One stretch of training.

    Attributes
    ----------
    weights
        Names of the weights that move.
    dynamics
        ``"raw"``, or ``"relative"`` to the spread of each coordinate of the codes; ``"none"``.
    aux
        Labels read in units of half their ``"gap"``, or relative to their ``"spread"``; ``"none"``.
    reached
        Where E(o') comes from: the encoder that is trained (``"live"``), the same without gradient
        (``"stopped"``), or a moving average of it (``"average"``).
    encoder_speed
        Learning rate of the encoder relative to the other parts.
    """

    weights: tuple[str, ...]
    dynamics: Dynamics = "none"
    aux: Aux = "none"
    reached: Reached = "live"
    encoder_speed: float = 1.0


@dataclass(frozen=True, repr=False)
class AblationDesign:
    """A row of the matrix.

    Attributes
    ----------
    name, summary
        For tables and documentation.
    target
        The label of the auxiliary loss: the task's, a random vector for each observation, or the
        value of a random policy.
    stages
        What is trained, one after the other.
    """

    name: str
    summary: str
    target: Target
    stages: tuple[Stage, ...]

    def __repr__(self) -> str:
        return f"AblationDesign({self.name!r}: {self.summary})"


def ablation(name: str) -> AblationDesign:
    """Return a design of the matrix by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> ablation("ema-target").stages[0].reached
    'average'
    """
    return entry_named(ABLATIONS, name, "ablation design", "designs")


def _joint(reached: Reached = "live") -> tuple[Stage, ...]:
    return (Stage(_ALL_WEIGHTS, "relative", "gap", reached, ENCODER_SPEED),)


_AUX = Stage(_ENCODER + _HEAD, aux="spread")

_ALL = (
    AblationDesign("joint", "both losses train everything", "task", _joint()),
    AblationDesign(
        "dynamics-only", "the dynamics loss trains encoder and predictor", "task",
        (Stage(_ENCODER + _PREDICTOR, dynamics="raw"),),
    ),
    AblationDesign("aux-only", "the auxiliary loss trains encoder and head", "task", (_AUX,)),
    AblationDesign(
        "decoupled", "as aux-only; then the predictor is fitted on frozen codes", "task",
        (_AUX, Stage(_PREDICTOR, dynamics="raw")),
    ),
    AblationDesign(
        "stop-gradient", "as joint, no gradient through E(o')", "task", _joint("stopped")
    ),
    AblationDesign(
        "ema-target", "as joint, E(o') from a moving average of the encoder", "task",
        _joint("average"),
    ),
    AblationDesign(
        "random-target", "as joint, a random vector for each observation as label", "random",
        _joint(),
    ),
    AblationDesign(
        "value-target", "as joint, the value of the random policy as label", "value", _joint()
    ),
)  # fmt: skip

#: All designs of the matrix by name, in the order of tables.
ABLATIONS: Mapping[str, AblationDesign] = MappingProxyType({entry.name: entry for entry in _ALL})
