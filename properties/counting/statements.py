"""Which statement of the theory explains what a run shows, and what the audit says beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

from tellapart.models.counting.designs import counting_design
from tellapart.models.counting.forced import hue_data
from tellapart.models.counting.runs import CountingRun
from tellapart.models.counting.systems import counting_system
from tellapart.properties.counting.wording import groups, groups_text
from tellapart.theory.audit import Audit, audit
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.verdict import Grade
from tellapart.theory.wording import count

__all__ = ["Statement", "Theory", "statement_for", "theory_of_counting"]


_REGULARISERS = {"vicreg": "VICReg", "sigreg": "SIGReg"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What explains a run.

    Attributes
    ----------
    numbers
        Of the statements, such as ``"S4, S13"``.
    text
        What they say about this run.
    """

    numbers: str
    text: str


@dataclass(frozen=True, slots=True)
class Theory:
    """Audits of what is trained on, before any training.

    Attributes
    ----------
    counts
        Of the system of counts with the sparse label.
    with_zero, without_zero
        Of counts and hues with a label that asks for the hue.
    """

    counts: Audit
    with_zero: Audit | DataAudit
    without_zero: Audit | DataAudit

    def explain(self) -> str:
        """Return the three audits, the last two in a line each, with the chain of merges."""
        chain = self.chain
        return "\n".join(
            [
                self.counts.explain(),
                f"The dynamics add {count(self.counts.joint_gain, 'block')} to those of the label "
                "(S8).",
                f"A label that asks for the hue: {_feasible(self.with_zero)} with count 0, "
                f"{_feasible(self.without_zero)} without (S2).",
                *([chain] if chain else []),
            ]
        )

    @property
    def chain(self) -> str:
        """The chain of merges that makes zero loss impossible with count 0; empty without one."""
        if not isinstance(self.with_zero, DataAudit) or self.with_zero.infeasibility is None:
            return ""
        return self.with_zero.infeasibility.explain()


def theory_of_counting() -> Theory:
    """Audit the counting environment.

    Returns
    -------
    Theory

    Notes
    -----
    A few milliseconds.

    Examples
    --------
    >>> found = theory_of_counting()
    >>> found.counts.min_codes, found.counts.depth, found.with_zero.feasible
    (9, 4, False)
    """
    with_zero, without = (
        audit(hue_data(zero), source=f"counts {int(not zero)}..8 with hue")
        for zero in (True, False)
    )
    return Theory(audit(counting_system(), source="counts 0..8"), with_zero, without)


def _feasible(found: Audit | DataAudit) -> str:
    return "zero loss is possible" if found.feasible else "zero loss is impossible"


def statement_for(run: CountingRun | Sequence[CountingRun]) -> Statement:
    """Return the statements that explain what a run, or all runs of a setting, show.

    Parameters
    ----------
    run
        Any run, or the runs of one setting: the same but for the seed.

    Returns
    -------
    Statement
        What the losses of the design ask for, and whether that is what is seen on each seed.
    """
    runs = (run,) if isinstance(run, CountingRun) else tuple(run)
    plan, design = runs[0].plan, counting_design(runs[0].plan.design)
    if plan.labels == "hue":
        return _of_hue(runs)
    if design.aux == "random":
        return Statement(
            "S2",
            "Places are drawn anew, so zero dynamics loss merges frames that differ in place "
            "alone. The random function tells those apart: both losses cannot be zero. "
            f"Seen: {_seen(runs)}.",
        )
    if design.aux == "none":
        return _without_label(runs)
    if not design.dynamics:
        blocks = len(plan.system.label_values)
        return Statement(
            "S8",
            f"The label alone asks for {count(blocks, 'group')}. What else is apart comes from "
            f"the network and its initial weights. Seen: {_seen(runs)}.",
        )
    return _of_joint(runs)


def _of_joint(runs: Sequence[CountingRun]) -> Statement:
    found, blocks = [run.measures for run in runs], audit(runs[0].plan.system).min_codes
    asked = f"Both losses at zero ask for {count(blocks, 'group')} (S4)."
    if all(one.resolution.grade is Grade.RESOLVED for one in found):
        return Statement(
            "S4, S13", f"{asked} The premise is met on the held-out frames. Seen: {_seen(runs)}."
        )
    shares = ", ".join(f"{one.resolution.dynamics_unresolved:.1%}" for one in found)
    some = any(one.resolution.grade is Grade.RESOLVED for one in found)
    text = (
        f"{asked} The premise is not met{' on every seed' if some else ''} ({shares} of the "
        f"held-out transitions unresolved), so nothing guarantees it. Seen: {_seen(runs)}"
    )
    if any(one.irreducible.dynamics + one.irreducible.auxiliary > 0 for one in found):
        return Statement(
            "S4, S11, S13",
            f"{text}; merging these groups costs a loss that no predictor can avoid.",
        )
    return Statement("S4, S13", f"{text}.")


def _without_label(runs: Sequence[CountingRun]) -> Statement:
    design = counting_design(runs[0].plan.design)
    text = "Without a label nothing must be told apart: one code has zero dynamics loss."
    if design.regulariser != "none":
        text += (
            f" {_REGULARISERS[design.regulariser]} asks for spread, but not for spread by count."
        )
    elif design.reached != "live":
        text += " Without a gradient through E(o') nothing drives the encoder there quickly."
    return Statement("S8", f"{text} Seen: {_seen(runs)}.")


def _of_hue(runs: Sequence[CountingRun]) -> Statement:
    def errors(of: int) -> str:
        return ", ".join(f"{run.measures.error_of(of, '+1'):.3g}" for run in runs)

    if runs[0].plan.control == "no-zero":
        return Statement(
            "S2", f"Without an empty picture zero loss is possible. Dynamics error of +1 from 1: "
            f"{errors(1)} of the latent variance.",
        )  # fmt: skip
    return Statement(
        "S2", "The empty picture shows no colour, and one more object may have any: zero loss is "
        f"impossible. Dynamics error of +1 from 0: {errors(0)} of the latent variance; from 1: "
        f"{errors(1)}.",
    )  # fmt: skip


def _seen(runs: Sequence[CountingRun]) -> str:
    if len(runs) > 1:
        return (
            f"{groups_text(groups(runs))} without noise, {groups_text(groups(runs, 0.02))} under "
            "2 % noise"
        )
    found = runs[0].measures
    return (
        f"{count(found.groups, 'group')} without noise, {found.at_noise(0.02).groups} under 2 % "
        "noise"
    )
