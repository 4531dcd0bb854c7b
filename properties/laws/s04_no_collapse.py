"""S4: a zero-loss encoder gives different codes to every pair that some word tells apart."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tellapart.properties.laws.claims import (
    Facts,
    broken,
    facts_of,
    levels,
    relative_margin,
    separating_words,
)
from tellapart.properties.laws.examples import (
    LawKernel,
    LawTraining,
    kernels,
    trainings,
)
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.properties.laws.s01_characterisation import constant, constructed, label_codes
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import Grade, judge

if TYPE_CHECKING:
    from tellapart.models.evaluation import Evaluation
    from tellapart.models.subject import Subject

__all__ = ["LAWS", "Claim"]

FloatArray = npt.NDArray[np.float64]

_NOTHING = "nothing must be told apart"
#: A raw loss that somebody would call zero.
_SMALL_LOSS = 1e-6


@dataclass(frozen=True)
class Claim:
    """The codes of an encoder, and whether its premise is claimed to be met.

    Attributes
    ----------
    codes
        Float64 ``[n, d]``.
    met
        Whether both losses are claimed to be zero, by whatever grade.
    notes
        What to count.
    """

    codes: FloatArray
    met: bool
    notes: Mapping[str, Hashable]


def _check_apart(example: LawKernel, build: Callable[[LawKernel], "Subject"]) -> Seen:
    """Check that no pair that a word tells apart shares a code."""
    from tellapart.models.evaluation import evaluate

    facts = facts_of(example.mdp)
    codes = evaluate(build(example), example.mdp).codes
    return _apart(facts, codes, {"build": example.build})


def _apart(facts: Facts, codes: FloatArray, notes: Mapping[str, Hashable]) -> Seen:
    words, rows = separating_words(facts), codes.tolist()
    for (x, y), length in words.items():
        if rows[x] == rows[y]:
            broken(f"{facts.names[x]!r} and {facts.names[y]!r} share a code although a word of "
                   f"{length} actions leads them to different labels.")  # fmt: skip
    history = levels(facts)
    margin = relative_margin(rows, words)
    return Seen(
        _NOTHING if margin is None else None,
        len(history) - 1,
        1 + max(history[-1]),
        None if margin is None else -margin,
        notes,
    )


def _check_trained(example: LawTraining, train: Callable[[LawTraining], Claim]) -> Seen:
    """Check that an encoder of a premise claimed to be met merges no pair to tell apart."""
    facts, claim = facts_of(example.mdp), train(example)
    if not claim.met:
        return Seen("the premise was not met", notes=claim.notes)
    return _apart(facts, claim.codes, claim.notes)


def _trained(example: LawTraining) -> Claim:
    """Train jointly; the premise is judged by resolution, which has no scale (S13)."""
    from tellapart.models.evaluation import evaluate
    from tellapart.models.fit import fit
    from tellapart.models.networks import reference_subject

    subject = reference_subject(example.mdp, seed=example.seed)
    fit(subject, example.mdp, seed=example.seed)
    found = evaluate(subject, example.mdp)
    judged = judge(bisimulation(example.mdp), found.codes, found.predicted, found.read)
    grade = judged.grade
    return Claim(found.codes, grade is not Grade.UNMET, {"grade": grade.value})


def _by_raw_loss(example: LawTraining) -> Claim:
    """Label codes shrunk until both losses are small: the premise is only claimed."""
    from tellapart.models.designs import scaled_label_subject

    found = _evaluated(scaled_label_subject(example.mdp, 1e-12), example.mdp)
    return Claim(found.codes, max(found.dynamics_loss, found.aux_loss) < _SMALL_LOSS, {})


def _by_dynamics_alone(example: LawTraining) -> Claim:
    """One code for everything: its dynamics loss is zero, and no label is looked at."""
    from tellapart.models.designs import constant_subject

    found = _evaluated(constant_subject(example.mdp), example.mdp)
    return Claim(found.codes, found.dynamics_loss < _SMALL_LOSS, {})


def _by_fitting(example: LawTraining) -> Claim:
    """Label codes with the best predictor there is: fitted as well as can be is called met."""
    from tellapart.models.designs import scaled_label_subject

    found = _evaluated(scaled_label_subject(example.mdp), example.mdp)
    return Claim(found.codes, found.aux_loss < _SMALL_LOSS, {})


def _evaluated(subject: "Subject", mdp: DeterministicMDP) -> "Evaluation":
    from tellapart.models.evaluation import evaluate

    return evaluate(subject, mdp)


LAWS: tuple[Law, ...] = (
    Law(
        id="S4",
        statement="S4",
        title="zero-loss encoders tell apart every pair that a word tells apart",
        text="An encoder of zero loss, with any admissible kernel, in any gauge, gives different "
        "codes to two observations from which some word leads to different labels.",
        cost=Cost.ALGEBRAIC,
        cases=lambda: kernels(informative=True),
        check=_check_apart,
        subject=constructed,
        bad={"one code": constant, "label codes": label_codes},
    ),
    Law(
        id="S4-trained",
        statement="S4",
        title="trained encoders whose premise is met tell apart what a word tells apart",
        text="An encoder trained on both losses until its premise is met, judged without a scale, "
        "gives different codes to two observations from which some word leads to different "
        "labels. Where training does not meet the premise the example says nothing.",
        cost=Cost.TRAINED,
        cases=trainings,
        check=_check_trained,
        subject=_trained,
        bad={
            "premise by raw loss": _by_raw_loss,
            "premise by the dynamics loss alone": _by_dynamics_alone,
            "premise by fitting a predictor to frozen codes": _by_fitting,
        },
    ),
)
