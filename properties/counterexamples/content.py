"""What a case of a counterexample holds, and what comes of it."""

from dataclasses import dataclass
from typing import Any

from tellapart.models.counterexamples.collapse import TrainedCollapse
from tellapart.models.counterexamples.verify import verify_collapse
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.counterexamples.verify import verify_specimen
from tellapart.theory.serialise import Saved, register

__all__ = ["CounterexampleContent", "outcome_of"]


@register
@dataclass(frozen=True)
class CounterexampleContent(Saved):
    """Everything that is needed to see a counterexample again.

    Attributes
    ----------
    specimen
        The exact part.
    design
        What was trained, by the name of a built-in design; None: nothing to train.
    seed
        First seed of the training.
    note
        What a replay does not look at; empty when it looks at everything.
    """

    specimen: Specimen
    design: str | None
    seed: int
    note: str = ""


def outcome_of(specimen: Specimen, trained: TrainedCollapse | None) -> dict[str, Any]:
    """Return the facts that a replay compares.

    Of a trained encoder these are the way and the seed that collapsed, not digits of its weights:
    those may differ between processors.
    """
    check = verify_specimen(specimen)
    found: dict[str, Any] = {
        "is a counterexample": check.holds,
        "dynamics loss": str(specimen.losses.dynamics),
        "auxiliary loss": str(specimen.losses.auxiliary),
        "labels": (specimen.x_trace, specimen.y_trace),
    }
    if trained is not None:
        found |= {
            "collapsed": trained.collapsed,
            "way": trained.way.value,
            "seed": trained.seed,
            "collapse confirmed": verify_collapse(specimen, trained).holds,
        }
    return found
