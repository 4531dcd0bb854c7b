"""S13: a resolved model, read by nearest code, is the quotient; and scale plays no part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.properties.laws.claims import Codes, broken, facts_of, levels
from tellapart.properties.laws.instances import LawNoise, noisy_codes
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.resolution import gaps, label_gaps, resolution

__all__ = ["LAWS"]

FloatArray = npt.NDArray[np.float64]
Vector = Sequence[int]
Premise = Callable[[DeterministicMDP, Partition, FloatArray, FloatArray, FloatArray], "_Met"]

#: Units of the label in examples.
_LABEL = 1024


@dataclass(frozen=True)
class _Met:
    """Whether the premise is met, and the number that decides."""

    met: bool
    ratio: float


def _resolved(
    mdp: DeterministicMDP,
    partition: Partition,
    codes: FloatArray,
    predicted: FloatArray,
    read: FloatArray,
) -> _Met:
    found = resolution(mdp, partition, codes, predicted, read)
    return _Met(found.resolved, found.ratio)


def _raw_loss(
    mdp: DeterministicMDP,
    partition: Partition,
    codes: FloatArray,
    predicted: FloatArray,
    read: FloatArray,
) -> _Met:
    """Take a small mean squared loss for the premise: known bad."""
    dynamics = float(((predicted - codes[mdp.successors]) ** 2).mean())
    auxiliary = float(((read - mdp.label_vectors) ** 2).mean())
    return _Met(max(dynamics, auxiliary) < 1e-2, max(dynamics, auxiliary))


def _whole_gap(
    mdp: DeterministicMDP,
    partition: Partition,
    codes: FloatArray,
    predicted: FloatArray,
    read: FloatArray,
) -> _Met:
    """Allow residuals up to the gap in place of half of it: known bad."""
    residual = np.linalg.norm(predicted - codes[mdp.successors], axis=2)
    room = gaps(codes, partition)[mdp.successors]
    aux = np.linalg.norm(read - mdp.label_vectors, axis=1)
    met = bool((residual < room).all() and (aux < label_gaps(mdp)).all())
    return _Met(met, 0.0)


def _squared(x: Vector, y: Vector) -> int:
    return sum((p - q) ** 2 for p, q in zip(x, y, strict=True))


def _check_resolved(example: LawNoise, premise: Premise) -> Seen:
    mdp, facts = example.mdp, facts_of(example.mdp)
    history = levels(facts)
    blocks = history[-1]
    if max(blocks) == 0:
        return Seen("nothing has to be told apart", len(history) - 1, 1)
    said = premise(mdp, Partition(blocks), *_arrays(example, example.exponent))
    plain = premise(mdp, Partition(blocks), *_arrays(example, 0))
    if said != plain:
        broken(
            f"With the latents scaled by 2**{example.exponent} the premise is "
            f"{'met' if said.met else 'not met'} ({said.ratio:.6g}), without "
            f"{'met' if plain.met else 'not met'} ({plain.ratio:.6g})."
        )
    right = _is_resolved(example, blocks)
    if said.met:
        _require_quotient(example, blocks)
    if said.met != right:
        broken(
            f"The premise is called {'met' if said.met else 'not met'}; exact squares say that "
            f"every residual is {'' if right else 'not '}below half its gap."
        )
    why = None if right else "the model is not resolved"
    return Seen(why, len(history) - 1, 1 + max(blocks), said.ratio if right else None)


def _arrays(example: LawNoise, exponent: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    scale = 2.0**exponent
    read = np.array(example.read, dtype=np.float64)[:, None] / _LABEL
    codes, predicted = np.array(example.codes), np.array(example.predicted)
    return codes * scale, predicted * scale, read


def _is_resolved(example: LawNoise, blocks: Codes) -> bool:
    """Decide by squares of integers: ``(2 r)^2 < g^2`` for every residual and its gap."""
    codes, labels = example.codes, [Fraction(label) for label in example.mdp.labels]  # type: ignore[call-overload]
    n = len(codes)
    for o, row in enumerate(example.mdp.successors.tolist()):
        for a, s in enumerate(row):
            apart = [_squared(codes[s], codes[t]) for t in range(n) if blocks[t] != blocks[s]]
            residual = _squared(example.predicted[o][a], codes[s])
            if apart and not 4 * residual < min(apart):
                return False
        others = [abs(label - labels[o]) for label in labels if label != labels[o]]
        error = abs(Fraction(example.read[o], _LABEL) - labels[o])
        if others and not 2 * error < min(others):
            return False
    return True


def _require_quotient(example: LawNoise, blocks: Codes) -> None:
    """Read every prediction by nearest code and every label by nearest value."""
    mdp, codes = example.mdp, example.codes
    for o, row in enumerate(mdp.successors.tolist()):
        for a, s in enumerate(row):
            distances = [_squared(example.predicted[o][a], code) for code in codes]
            for t, distance in enumerate(distances):
                if distance == min(distances) and blocks[t] != blocks[s]:
                    broken(
                        f"{mdp.observations[o]!r} with {mdp.actions[a]!r} leads to "
                        f"{mdp.observations[s]!r}; nearest is the code of {mdp.observations[t]!r}, "
                        "which must be told apart from it, in a model called resolved."
                    )
        errors = {
            label: abs(Fraction(example.read[o], _LABEL) - Fraction(label))  # type: ignore[call-overload]
            for label in mdp.labels
        }
        for label, error in errors.items():
            if error == min(errors.values()) and label != mdp.labels[o]:
                broken(
                    f"The label of {mdp.observations[o]!r} is {mdp.labels[o]!r}; nearest to what "
                    f"is read is {label!r}, in a model called resolved."
                )


LAWS: tuple[Law, ...] = (
    Law(
        id="S13",
        statement="S13",
        title="a resolved model, read by nearest code, is the quotient; scaling changes nothing",
        text="The premise is called met exactly when every residual is below half its gap; then "
        "the nearest code to every prediction belongs to a bisimilar observation and every label "
        "is read off rightly. Scaling the latents does not change the answer.",
        cost=Cost.EXACT,
        cases=noisy_codes,
        check=_check_resolved,
        subject=_resolved,
        bad={"raw loss": _raw_loss, "the whole gap": _whole_gap},
    ),
)
