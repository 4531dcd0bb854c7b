"""The report of a check: the verdict on one encoder on one system, with all that it rests on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tellapart.models.attack.table import AttackReport
from tellapart.models.boxes.report import BoxReport
from tellapart.models.certify import MAX_OBSERVATIONS, Precision
from tellapart.models.diagnostics.summary import Diagnostics
from tellapart.models.fit import FitResult
from tellapart.theory.audit import Audit
from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.foundations.foundation import Foundation
from tellapart.theory.margin_checker.checker import MarginCheck
from tellapart.theory.margins.margins import Margins
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Judgement, Verdict

__all__ = ["EXIT_CODES", "CheckReport"]

FloatArray = npt.NDArray[np.float64]

#: Exit code of the command line for each verdict.
EXIT_CODES = {
    Verdict.HOLDS: 0, Verdict.COLLAPSED: 1, Verdict.VACUOUS: 3, Verdict.INFEASIBLE: 3,
}  # fmt: skip


@register
@dataclass(frozen=True)
class CheckReport(Saved):
    """The verdict on one encoder on one system, with everything it rests on.

    Attributes
    ----------
    subject, source, seed
        What was checked, on what, and the seed of building and training.
    audit
        What must be told apart, with the system itself.
    judgement
        Verdict, grade, resolution, separation, witness, reasons.
    training
        What the trainer did, or None for a design that is constructed.
    precision
        How the numbers were computed, and what floating point costs.
    margins
        Margins (S10) with their certificate; None where the subject is not exactly evaluable or
        the system is too large.
    margin_check
        What the independent checker said of the certificate; None when it was not asked: only a
        certificate of all pairs can decide a verdict.
    diagnostics
        RankMe and its relatives on the same codes, beside the exact answer; they never decide.
    attack
        What adversarial merging reached, when it was asked for.
    boxes
        What is proved in boxes around the observations, when it was asked for.
    codes
        E(o), float64 ``[n_obs, d]``.
    dynamics_residuals
        ``||T(E(o), a) - E(f(o, a))||``, float64 ``[n_obs, n_actions]``.
    aux_residuals
        ``||P(E(o)) - p(o)||``, float64 ``[n_obs]``.
    dynamics_loss, aux_loss
        Mean squared residuals; shown, never used to decide.
    dtype
        Floating type the encoder computed in.
    """

    subject: str
    source: str
    seed: int
    audit: Audit
    judgement: Judgement
    training: FitResult | None
    precision: Precision
    margins: Margins | None
    margin_check: MarginCheck | None
    diagnostics: Diagnostics
    attack: AttackReport | None
    boxes: BoxReport | None
    codes: FloatArray
    dynamics_residuals: FloatArray
    aux_residuals: FloatArray
    dynamics_loss: float
    aux_loss: float
    dtype: str

    @property
    def verdict(self) -> Verdict:
        """The verdict: ``holds``, ``collapsed``, ``vacuous`` or ``infeasible``."""
        return self.judgement.verdict

    @property
    def exit_code(self) -> int:
        """Exit code of the command line: 0 holds, 1 collapsed, 3 vacuous or infeasible."""
        return EXIT_CODES[self.verdict]

    @property
    def mdp(self) -> DeterministicMDP:
        """The system."""
        return self.audit.mdp

    @property
    def bisimulation(self) -> Bisimulation:
        """Bisimulation of the system."""
        return self.audit.bisimulation

    @property
    def foundation(self) -> Foundation:
        """What the verdict rests on: statements, checkers, measurements, assumptions."""
        from tellapart.properties.foundations import foundation_of_check

        return foundation_of_check(self)

    @property
    def no_margins(self) -> str:
        """Why there are no margins; empty when there are."""
        if self.margins is not None:
            return ""
        if self.precision.reason is not None:
            return self.precision.explain()
        return (
            f"a check computes no margins above {MAX_OBSERVATIONS:,} observations, and here are "
            f"{self.mdp.n_obs:,}; call tellapart.models.margin_certificate."
        )

    def explain(self) -> str:
        """Say in a few lines what was found and why."""
        judgement = self.judgement
        lines = [
            f"{self.subject} on {self.source}, seed {self.seed}: {self.verdict} "
            f"({self.verdict.meaning}).",
            f"Premise {judgement.grade}: {judgement.grade.meaning}.",
            *judgement.reasons,
            self.precision.explain(),
        ]
        if self.margins is not None:
            lines.append(self.margins.explain())
        if judgement.witness is not None:
            w = judgement.witness
            word = " ".join(map(str, w.word)) or "(empty word)"
            lines.append(
                f"Witness: {w.x!r} and {w.y!r} share a code (distance {w.distance:.3g}), but "
                f"along {word} their labels are {w.x_trace} and {w.y_trace}."
            )
        lines.append(f"{self.foundation.summary} tellapart check --explain says how.")
        return "\n".join(lines)

    def to_html(self, path: str | Path) -> None:
        """Write one self-contained HTML page (no network access needed to read it)."""
        from tellapart.properties.files import write_atomically
        from tellapart.properties.report.html_check import render_check

        write_atomically(Path(path), render_check(self))

    def __repr__(self) -> str:
        return (
            f"CheckReport({self.subject!r} on {self.source!r}: {self.verdict}, premise "
            f"{self.judgement.grade}, resolution ratio {self.judgement.resolution.ratio:.3g})"
        )
