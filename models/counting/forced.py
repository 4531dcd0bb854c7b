"""The forced collapse, tested: what happens when the label asks for a hue that 0 cannot show.

An empty picture shows no colour, so one more object may have any. Zero dynamics loss then merges
the pictures of equal count whatever their colour (S2), and a label that asks for the hue cannot be
read off: no encoder reaches zero loss. Without count 0 one can.
"""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path

from tellapart.models.counting.border import as_integer
from tellapart.models.counting.losses import LossPoint
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun, run_counting
from tellapart.models.counting.systems import counting_system
from tellapart.theory.audit import Audit, audit
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.chain import Infeasibility
from tellapart.theory.serialise import Saved, register

__all__ = [
    "EMPTY", "HUES", "ForcedCollapse", "forced_collapse", "forced_plans", "hue_data", "ratio_of",
    "run_forced_collapse",
]  # fmt: skip

#: Name of the picture without objects: one observation, whatever the hue of the episode.
EMPTY = "empty"

#: Hues of the audited data; two of them already make the chain.
HUES = ("red", "green", "blue", "yellow", "cyan", "magenta")


def hue_data(with_zero: bool, hues: int = 3) -> TransitionData:
    """Return counts and hues as the pictures show them, with the label that asks for both.

    Parameters
    ----------
    with_zero
        Whether the empty picture is among the observations.
    hues
        How many of :data:`HUES` there are, 2..6; an episode keeps its own.

    Returns
    -------
    TransitionData
        Observations ``(count, hue)`` and, with 0, one :data:`EMPTY`, whose label is not asked.
        Every transition is covered.

    Raises
    ------
    InvalidArgumentError
        For another number of hues.

    Notes
    -----
    ``empty`` with +1 leads to ``(1, hue)`` for every hue, so D is not functional and F(D) merges
    (S2). Places are left out: they force nothing that a label here asks for.

    Examples
    --------
    >>> hue_data(with_zero=True, hues=2)
    TransitionData(n_obs=17, n_actions=2, n_transitions=35, n_labelled=16, non-functional)
    """
    if not isinstance(with_zero, bool):
        raise InvalidArgumentError(f"with_zero is {with_zero!r}; it must be True or False.")
    names_of_hues = HUES[: as_integer("hues", hues, 2, len(HUES))]
    lowest = 0 if with_zero else 1
    chain = counting_system(lowest=lowest)
    shown = [(count, hue) for count in range(max(1, lowest), 9) for hue in names_of_hues]
    names: list[Hashable] = [*([EMPTY] if with_zero else []), *shown]
    index = {name: i for i, name in enumerate(names)}
    triples = [
        (index.get((count, hue), 0), action, index.get((after + lowest, hue), 0))
        for count, row in enumerate(chain.successors.tolist(), start=lowest)
        for hue in names_of_hues
        for action, after in enumerate(row)
    ]
    labels = {index[count, hue]: (int(count == 4), hue) for count, hue in shown}
    return TransitionData(triples, labels, names, chain.actions)


@register
@dataclass(frozen=True, repr=False)
class ForcedCollapse(Saved):
    """What the audit says of counts and hues, with and without 0, and what training shows.

    Attributes
    ----------
    audit_with, audit_without
        Of :func:`hue_data`: infeasible with count 0, by a chain of merges; feasible without.
    run_with, run_without
        Runs with the label ``"hue"`` on counts 0..8 and on 1..8.
    """

    audit_with: Audit | DataAudit
    audit_without: Audit | DataAudit
    run_with: CountingRun
    run_without: CountingRun

    @property
    def named(self) -> tuple[int, str]:
        """The transition that the chain of merges blames, as count and action.

        Raises
        ------
        InvalidArgumentError
            When the audit finds no chain.
        """
        found = _chain(self.audit_with)
        if found is None:
            raise InvalidArgumentError("The audit with count 0 finds no clash, so it blames none.")
        step = found.steps[0]
        return (step.x[0] if isinstance(step.x, tuple) else 0), str(step.action)

    @property
    def error(self) -> float:
        """Dynamics error of the blamed transition, as a share of the latent variance."""
        return self.run_with.measures.error_of(*self.named)

    @property
    def others(self) -> tuple[float, ...]:
        """Errors of the same action from the other counts of that run, ascending counts."""
        count, action = self.named
        measures = self.run_with.measures
        return tuple(measures.error_of(c, action) for c in measures.counts if c != count)

    @property
    def ratio(self) -> float:
        """Error of the blamed transition over that of the same action from the next count.

        As :func:`ratio_of` has it: infinite or NaN where the errors give no number.
        """
        return ratio_of(self.run_with, *self.named)

    def explain(self) -> str:
        """Return the chain of merges, and the errors beside it."""
        found = _chain(self.audit_with)
        chain = "feasible" if found is None else found.explain()
        without = "feasible" if self.audit_without.feasible else "infeasible"
        return (
            f"With count 0:\n{chain}\nWithout: {without}.\nError of {self.named[1]} by count, as a "
            f"share of the latent variance: {self._errors(self.run_with)}; without count 0: "
            f"{self._errors(self.run_without)}.\nThe blamed one is {self._times} that of the next "
            "count."
        )

    @property
    def _times(self) -> str:
        known = not math.isnan(self.ratio)
        return f"{self.ratio:.1f} times" if known else "not comparable with"

    def _errors(self, run: CountingRun) -> str:
        found = run.measures
        rows = [f"{c}: {found.error_of(c, self.named[1]):.3f}" for c in found.counts]
        return ", ".join(rows)

    def __repr__(self) -> str:
        count, action = self.named
        return f"ForcedCollapse({action} from {count}: {self._times} the next error)"


def ratio_of(run: CountingRun, count: int, action: str) -> float:
    """Return the dynamics error of a transition over that of the same action from the next count.

    Parameters
    ----------
    run
        With the count and the one above it.
    count, action
        The transition.

    Returns
    -------
    float
        Infinite when only the second error is 0; NaN when both are 0 or one is not finite, which
        compares nothing.

    Raises
    ------
    InvalidArgumentError
        For a count that is not shown, or an unknown action.
    """
    own, other = (run.measures.error_of(c, action) for c in (count, count + 1))
    if not (math.isfinite(own) and math.isfinite(other)) or own == other == 0:
        return math.nan
    return own / other if other > 0 else math.inf


def forced_plans(plan: CountingPlan | None = None) -> tuple[CountingPlan, CountingPlan]:
    """Return the plans of the two runs: with count 0, and without.

    Parameters
    ----------
    plan
        Seed, steps, size, architecture and encoder are taken from it. Default: seed 0, 1000 steps,
        and the ``"default-cnn"``, whose dynamics are learned soonest.

    Examples
    --------
    >>> [plan.control for plan in forced_plans()]
    ['frames', 'no-zero']
    """
    base = CountingPlan(architecture="default-cnn", steps=1000) if plan is None else plan
    with_zero = replace(base, design="joint", control="frames", labels="hue")
    return with_zero, replace(with_zero, control="no-zero")


def forced_collapse(
    run_with: CountingRun, run_without: CountingRun, *, hues: int = 3
) -> ForcedCollapse:
    """Set two runs beside the audit of what they were asked for.

    Parameters
    ----------
    run_with, run_without
        Runs of :func:`forced_plans`.
    hues
        Of the audited data; the chain is the same for any number from 2.

    Raises
    ------
    InvalidArgumentError
        For runs of other plans.
    """
    for run, control in ((run_with, "frames"), (run_without, "no-zero")):
        plan = run.plan
        if (plan.design, plan.control, plan.labels) != ("joint", control, "hue"):
            raise InvalidArgumentError(
                f"This is a run of {plan!r}; the forced collapse needs joint on {control}, labels "
                "hue. Take the plans from forced_plans()."
            )
    with_zero, without = (
        audit(hue_data(zero, hues), source=f"counts {int(not zero)}..8 with hue")
        for zero in (True, False)
    )
    return ForcedCollapse(with_zero, without, run_with, run_without)


def run_forced_collapse(
    plan: CountingPlan | None = None,
    *,
    folder: str | Path | None = None,
    progress: Callable[[int, int, LossPoint], None] | None = None,
    each: int = 50,
) -> ForcedCollapse:
    """Train both runs and set them beside the audit.

    Parameters
    ----------
    plan
        As in :func:`forced_plans`.
    folder
        For checkpoints; None for none.
    progress, each
        As in :func:`~tellapart.models.counting.runs.run_counting`.
    """
    runs = []
    for chosen in forced_plans(plan):
        place = None if folder is None else Path(folder) / f"hue-{chosen.control}-{chosen.seed}.pt"
        runs.append(run_counting(chosen, checkpoint=place, progress=progress, each=each))
    return forced_collapse(*runs)


def _chain(found: Audit | DataAudit) -> Infeasibility | None:
    return found.infeasibility if isinstance(found, DataAudit) else None
