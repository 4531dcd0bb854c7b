"""The two losses of D1 are what evaluation reports."""

from collections.abc import Callable
from fractions import Fraction
from math import sqrt

import numpy as np
import numpy.typing as npt

from tellapart.properties.laws.claims import broken
from tellapart.properties.laws.instances import LawNoise, noisy_codes
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["LAWS"]

FloatArray = npt.NDArray[np.float64]
Residuals = tuple[FloatArray, FloatArray, float, float]
Measure = Callable[[DeterministicMDP, FloatArray, FloatArray, FloatArray], Residuals]

#: Units of the label in examples, and what a few float64 operations may round.
_LABEL, _ROUNDING = 1024, 1e-12


def _reported(
    mdp: DeterministicMDP, codes: FloatArray, predicted: FloatArray, read: FloatArray
) -> Residuals:
    from tellapart.models.evaluation import Evaluation

    found = Evaluation.from_outputs(mdp, codes, predicted, read)
    return found.dynamics_residuals, found.aux_residuals, found.dynamics_loss, found.aux_loss


def _still(
    mdp: DeterministicMDP, codes: FloatArray, predicted: FloatArray, read: FloatArray
) -> Residuals:
    """Compare predictions with the code that they start from: known bad."""
    at_home = np.repeat(np.arange(mdp.n_obs)[:, None], mdp.n_actions, axis=1)
    return _reported(DeterministicMDP(at_home, mdp.labels), codes, predicted, read)


def _unsquared(
    mdp: DeterministicMDP, codes: FloatArray, predicted: FloatArray, read: FloatArray
) -> Residuals:
    """Average distances in place of their squares: known bad."""
    dynamics, aux, _, _ = _reported(mdp, codes, predicted, read)
    return dynamics, aux, float(dynamics.mean()), float(aux.mean())


def _check_losses(example: LawNoise, measure: Measure) -> Seen:
    """Compare residuals and losses with sums of rational squares."""
    mdp, unit = example.mdp, 2.0**example.exponent
    codes, predicted = (np.array(part, dtype=np.float64) * unit
                        for part in (example.codes, example.predicted))  # fmt: skip
    read = np.array(example.read, dtype=np.float64)[:, None] / _LABEL
    dynamics, aux, *found = measure(mdp, codes, predicted, read)
    squares = Fraction(2) ** (2 * example.exponent)
    steps: list[Fraction] = []
    for o, row in enumerate(mdp.successors.tolist()):
        for a, s in enumerate(row):
            ends = zip(example.predicted[o][a], example.codes[s], strict=True)
            steps.append(squares * sum((p - q) ** 2 for p, q in ends))
            _compare(f"The dynamics residual of {o} under {a}", dynamics[o, a], steps[-1])
    marks = [(Fraction(r, _LABEL) - int(p)) ** 2  # type: ignore[call-overload]
             for r, p in zip(example.read, mdp.labels, strict=True)]  # fmt: skip
    for o, square in enumerate(marks):
        _compare(f"The label residual of {o}", aux[o], square)
    for name, loss, parts in (("dynamics", found[0], steps), ("auxiliary", found[1], marks)):
        mean = float(sum(parts, Fraction(0)) / len(parts))
        if abs(loss - mean) > _ROUNDING * mean:
            broken(f"The {name} loss is {mean:.17g}, and {loss:.17g} was reported.")
    return Seen(notes={"actions": mdp.n_actions})


def _compare(what: str, found: float, square: Fraction) -> None:
    wanted = sqrt(square)
    if abs(found - wanted) > _ROUNDING * wanted:
        broken(f"{what} is {wanted:.17g}, and {found:.17g} was reported.")


LAWS: tuple[Law, ...] = (
    Law(
        id="S1-losses",
        statement="S1",
        title="the losses that are reported are those of the definition",
        text="Of any codes, predictions and readings, residuals are the distances to the code of "
        "the successor and to the label, and the losses are the means of their squares (D1).",
        cost=Cost.EXACT,
        cases=noisy_codes,
        check=_check_losses,
        subject=_reported,
        bad={"against the start": _still, "without the square": _unsquared},
    ),
)
