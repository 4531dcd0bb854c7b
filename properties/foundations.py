"""What the verdict of a report rests on, and how each statement in it is known."""

import json
import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal

from tellapart.properties.proofs.report import Layer
from tellapart.properties.proofs.statements import statements_named
from tellapart.theory.audit import Audit
from tellapart.theory.data_confirmation import confirm_pair
from tellapart.theory.foundations.audits import audit_foundation
from tellapart.theory.foundations.data import data_verdict_foundation
from tellapart.theory.foundations.foundation import Foundation, Ground, Use
from tellapart.theory.foundations.parts import Provenance
from tellapart.theory.foundations.specimens import specimen_foundation
from tellapart.theory.foundations.verdicts import verdict_foundation
from tellapart.theory.partial.comparison import DataLabelComparison
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

if TYPE_CHECKING:  # audits are explained without importing torch
    from tellapart.properties.audit_report import AuditReport
    from tellapart.properties.check_data import DataCheckReport
    from tellapart.properties.check_report import CheckReport
    from tellapart.properties.counterexamples.counterexample import Counterexample

__all__ = [
    "KnownBy", "explain_foundation", "foundation_of_audit", "foundation_of_check",
    "foundation_of_counterexample", "foundation_of_data_check", "known_by", "with_rests_on",
]  # fmt: skip

#: Layers besides Coq and drawn examples, with the statements that each looks at.
_LAYERS = {
    Layer.SMT: ("S1", "S2", "S4", "S8"),
    Layer.SYMBOLIC: ("D1", "S10", "S11", "S12", "S13"),
    Layer.SAT: ("S4", "S8"),
    Layer.LISTED: ("S1", "S4", "S5", "S7", "S8"),
}
_PHRASES = {
    Layer.SMT: "a part by SMT", Layer.SYMBOLIC: "algebra", Layer.SAT: "small sizes by SAT",
    Layer.LISTED: "small sizes listed",
}  # fmt: skip
_ZERO_TWICE = (0.0, 0.0)


@register
@dataclass(frozen=True)
class KnownBy(Saved):
    """How a statement is known, from what the source holds; nothing is run for it.

    Attributes
    ----------
    statement, title, page
        Number, one line, and the page of the documentation.
    is_definition
        Whether there is nothing to prove.
    theorems
        Names in Coq.
    unproved
        What no proof covers; empty when that is nothing.
    layers
        Further ways in which ``tellapart prove`` looks at it.
    laws
        Names of the laws that try it on drawn examples.
    """

    statement: str
    title: str
    page: str
    is_definition: bool
    theorems: tuple[str, ...]
    unproved: str
    layers: tuple[str, ...]
    laws: tuple[str, ...]

    @property
    def how(self) -> str:
        """One phrase: what proves it or a part of it, what tests it, and what no proof covers."""
        if self.is_definition:
            return "a definition"
        proofs = f"Coq, {count(len(self.theorems), 'theorem')}" if self.theorems else "not in Coq"
        parts = [proofs, *(_PHRASES[Layer(name)] for name in self.layers)]
        if self.laws:
            parts.append(f"examples of {', '.join(self.laws)}")
        known = "; ".join(parts)
        return f"{known}. No proof of: {self.unproved}" if self.unproved else known

    def explain(self) -> str:
        """Return the statement and how it is known."""
        return f"{self.statement}: {self.title}\n  {self.how}\n  read: docs/theory/{self.page}.md"


def known_by(names: Iterable[str]) -> tuple[KnownBy, ...]:
    """Return how statements are known, in their order.

    Parameters
    ----------
    names
        Numbers, such as ``("S4", "S10")``.

    Raises
    ------
    InvalidArgumentError
        When there is no statement of that number.

    Examples
    --------
    >>> print(known_by(["D2"])[0].explain())
    D2: the kernel: which observations share a code
      a definition
      read: docs/theory/definitions.md
    """
    from tellapart.properties.laws.registry import LAWS

    wanted = tuple(names)
    return tuple(
        KnownBy(
            each.id, each.title, each.page, each.is_definition, each.theorems, each.unproved,
            tuple(layer.value for layer, seen in _LAYERS.items() if each.id in seen),
            tuple(law.id for law in LAWS.values() if law.statement == each.id),
        )
        for each in (statements_named(wanted) if wanted else ())
    )  # fmt: skip


def foundation_of_check(report: "CheckReport") -> Foundation:
    """Return what the verdict of a check rests on; ``report.foundation`` is the same."""
    precision, margins, checked = report.precision, report.margins, report.margin_check
    provenance = Provenance(
        dtype=report.dtype,
        arithmetic=precision.arithmetic,
        zero_loss_by=_zero_loss_by(report),
        confirmed_by=report.audit.confirmed_by,
        margins_checked=checked is not None and checked.holds and checked.covers_all,
        margins_proved=0 if margins is None else margins.n_certified,
        margins_by_path=0 if margins is None else margins.certificate.forms.count("path"),
        small_by_size=margins is not None and margins.by_size,
        deviation=precision.deviation,
        no_program=(precision.reason or "").rstrip("."),
    )
    return verdict_foundation(report.judgement, provenance)


def _zero_loss_by(report: "CheckReport") -> Literal["weights", "answers", "either"]:
    """Say on what the equations of zero loss were compared, where they were."""
    precision, margins = report.precision, report.margins
    if precision.arithmetic != "exact":
        return "answers"
    # Without a deviation the answers are the exact values. Bounds of residuals are 0 where exact
    # values are equal, and only there.
    bounds = None if margins is None else (margins.residual, margins.aux_residual)
    return "weights" if precision.deviation == 0 or bounds == _ZERO_TWICE else "either"


def foundation_of_data_check(report: "DataCheckReport") -> Foundation:
    """Return what the verdict of a check on data rests on; ``report.foundation`` is the same.

    The extracted checker is asked of a proof here, where the data are small enough for it.
    """
    judgement = report.judgement
    confirmed: tuple[str, ...] = ("fast",)
    if judgement.infeasibility is not None:
        confirmed = report.audit.certificate_confirmed.zero_loss.names
    elif judgement.witness is not None and confirm_pair(report.data, judgement.witness.separation):
        confirmed = ("extracted", "fast")
    return data_verdict_foundation(judgement, dtype=report.dtype, confirmed_by=confirmed)


def foundation_of_audit(report: "AuditReport") -> Foundation:
    """Return what an audit rests on, with the questions that were asked."""
    complete = isinstance(report.audit, Audit)
    gaps = isinstance(report.comparison, DataLabelComparison)
    answered: dict[str, object] = {
        "capacity": report.capacity,
        "kernels": report.kernels,
        "horizon": report.horizon,
        "data_comparison" if gaps else "comparison": report.comparison,
        "sufficiency": report.sufficiency,
        "suggestion": report.suggestion,
        "pairs" if complete else "data_pairs": (report.audit.feasible and report.pairs) or None,
    }
    return audit_foundation(
        report.audit, [name for name, answer in answered.items() if answer is not None]
    )


def foundation_of_counterexample(found: "Counterexample") -> Foundation:
    """Return what a counterexample rests on, with the encoder that was trained into it."""
    exact = specimen_foundation(found.specimen, minimal=found.minimum is not None)
    trained = found.trained
    if trained is None or not trained.collapsed:
        return exact
    ground = Ground(
        f"An encoder ({trained.design}) was trained until it merged them.",
        f"distance {trained.distance:.3g}, at most the threshold {trained.threshold:.3g}",
        (Use("D2", "the pair is in its kernel"),),
        (Use("check of the collapse", "losses and distance again, from the saved numbers alone"),),
        "float64",
    )
    return replace(exact, grounds=(*exact.grounds, ground))


def explain_foundation(foundation: Foundation) -> str:
    """Return the tree of a foundation, and below it how each statement is known."""
    lines = [
        "What this rests on",
        *foundation.lines(),
        "  how the statements are known (tellapart prove runs these again)",
    ]
    for each in known_by(foundation.statements):
        lines.append(f"  {each.statement:<4} {each.title}")
        lines += [
            f"       {line}"
            for line in textwrap.wrap(each.how, 93, break_long_words=False, break_on_hyphens=False)
        ]
    return "\n".join(lines)


def with_rests_on(text: str, foundation: Foundation) -> str:
    """Add what a report rests on to its JSON text, under the key ``rests_on``.

    The report loads as before: unknown keys are passed over.
    """
    added = {
        **asdict(foundation),
        "summary": foundation.summary,
        "statements": [asdict(each) for each in known_by(foundation.statements)],
    }
    extra = json.dumps(added, ensure_ascii=False)
    return f'{text.removesuffix(chr(10) + "}")},\n  "rests_on": {extra}\n}}'
