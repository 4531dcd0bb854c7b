"""Check a trained collapse from its saved numbers alone, by plain loops."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.counterexamples.collapse import TrainedCollapse
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.serialise import Saved, register

__all__ = ["CollapseCheck", "verify_collapse"]

FloatArray = npt.NDArray[np.float64]

#: What is read back may differ from what was measured by rounding.
_CLOSE = 1e-9
_SMALL_LOSS = 1e-4
_TOLERANCE = 1e-3


@register
@dataclass(frozen=True)
class CollapseCheck(Saved):
    """Whether a trained collapse is what it says.

    Attributes
    ----------
    holds
        True when the codes and outputs that were saved give these losses and this distance, and
        the pair, whose labels differ along the word, is merged.
    failure
        The first thing that is not so; None when all is.
    """

    holds: bool
    failure: str | None = None

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return the result in a line."""
        return "The trained collapse is confirmed." if self.holds else f"Refuted: {self.failure}"


def verify_collapse(specimen: Specimen, collapse: TrainedCollapse) -> CollapseCheck:
    """Compute losses and distance of a trained collapse anew.

    Shares no code with the training; the encoder itself is not run, only what it gave is used.

    Parameters
    ----------
    specimen
        What it was trained on.
    collapse
        The result.

    Returns
    -------
    CollapseCheck

    Notes
    -----
    O(m d + |word|) for m transitions.
    """
    failure = (
        _shape_failure(specimen, collapse)
        or _word_failure(specimen)
        or _loss_failure(specimen, collapse)
        or _distance_failure(specimen, collapse)
    )
    return CollapseCheck(failure is None, failure)


def _shape_failure(specimen: Specimen, collapse: TrainedCollapse) -> str | None:
    data = specimen.data
    if collapse.hypothesis is not specimen.hypothesis:
        return f"it is without {collapse.hypothesis}, the specimen without {specimen.hypothesis}."
    if (collapse.x, collapse.y) != (specimen.x, specimen.y):
        return f"its pair is {collapse.x!r} and {collapse.y!r}, not that of the specimen."
    sizes = (len(collapse.codes), len(collapse.predicted), len(collapse.read))
    if sizes != (data.n_obs, data.n_transitions, data.n_obs):
        return f"it has {sizes} codes, predicted latents and labels read, and the data others."
    for array in (collapse.codes, collapse.predicted, collapse.read):
        if not np.isfinite(array).all():
            return "a number in it is not finite."
    for seen, first in enumerate(specimen.shows):
        if data.n_obs == len(specimen.shows) and (
            collapse.codes[seen].tolist() != collapse.codes[first].tolist()
        ):
            return f"{data.observations[seen]!r} looks like another state and has its own code."
    return None


def _word_failure(specimen: Specimen) -> str | None:
    world = specimen.world
    ends = [world.observation_index(name) for name in (specimen.x, specimen.y)]
    for action in specimen.word:
        column = world.action_index(action)
        ends = [int(world.successors[end][column]) for end in ends]
    one, other = (int(world.label_ids[end]) for end in ends)
    return f"the word {specimen.word!r} shows the same label." if one == other else None


def _loss_failure(specimen: Specimen, collapse: TrainedCollapse) -> str | None:
    data, codes = specimen.data, collapse.codes
    total = 0.0
    for row, target in enumerate(data.targets.tolist()):
        gap = collapse.predicted[row] - codes[target]
        total += float(gap @ gap)
    dynamics = total / max(1, data.n_transitions)
    known = [o for o, i in enumerate(data.label_ids.tolist()) if i >= 0]
    wanted = [_vector(data.label_values, int(data.label_ids[o])) for o in known]
    gaps = [collapse.read[o] - label for o, label in zip(known, wanted, strict=True)]
    auxiliary = sum(float(gap @ gap) for gap in gaps) / max(1, len(known))
    spread = float(np.mean(np.var(wanted, axis=0).sum())) if known else 0.0
    units = {"dynamics": collapse.scale, "auxiliary": spread**0.5 or 1.0}
    for name, found, said in (
        ("dynamics", dynamics, collapse.dynamics_loss),
        ("auxiliary", auxiliary, collapse.auxiliary_loss),
    ):
        if not abs(found - said) <= _CLOSE * max(found, said) + (_CLOSE * units[name]) ** 2:
            return f"the {name} loss is {found:.6g}, not {said:.6g}."
        if collapse.collapsed and name in collapse.trained:
            small = specimen.hypothesis is Hypothesis.EXACT_ZERO
            most = _SMALL_LOSS if small else (collapse.zero * units[name]) ** 2
            if found > most * (1 + _CLOSE):
                return f"the {name} loss is {found:.3g}, and should be at most {most:.3g}."
    return None


def _vector(values: tuple[Any, ...], index: int) -> FloatArray:
    """Return a label as a vector: numbers as they are, anything else as one-hot."""
    if all(isinstance(value, int | float) for value in values):
        return np.array([float(values[index])])
    if all(isinstance(value, tuple) for value in values):
        return np.array([float(part) for part in values[index]])
    return np.asarray(np.eye(len(values))[index])


def _distance_failure(specimen: Specimen, collapse: TrainedCollapse) -> str | None:
    world = specimen.world
    x, y = (specimen.shows[world.observation_index(o)] for o in (specimen.x, specimen.y))
    gap = collapse.codes[x] - collapse.codes[y]
    distance = float(gap @ gap) ** 0.5
    if not abs(distance - collapse.distance) <= _CLOSE * max(distance, collapse.scale):
        return f"the distance of the pair is {distance:.6g}, not {collapse.distance:.6g}."
    if not collapse.threshold <= _TOLERANCE * collapse.scale * (1 + _CLOSE):
        return f"the threshold {collapse.threshold:.3g} is above {_TOLERANCE:g} of the scale."
    merged = distance <= collapse.threshold
    if merged < collapse.collapsed:
        return f"the pair is {distance:.3g} apart, above the threshold."
    return None
