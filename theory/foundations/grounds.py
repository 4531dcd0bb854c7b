"""Grounds of verdicts on networks with small losses: margins, their size, and resolution."""

from tellapart.theory.foundations.foundation import Ground, Use
from tellapart.theory.foundations.parts import MARGIN_CHECKER, Provenance
from tellapart.theory.verdict import Judgement
from tellapart.theory.wording import count

__all__ = ["MARGINS_CHECKED", "margins_ground", "resolved_ground", "small_ground"]

MARGINS_CHECKED = Use(
    MARGIN_CHECKER,
    "evaluates the stored weights again in integer arithmetic and derives every margin; shares no "
    "code with what made them",
)


def margins_ground(how: Provenance) -> Ground:
    """Return that margins prove all pairs apart, and who confirmed them."""
    along = f"; {count(how.margins_by_path, 'pair')} by the product of matrices along a word"
    return Ground(
        "The codes of all these pairs differ, by a proved distance each.",
        "margins from bounds of residuals and Lipschitz constants on the stored weights"
        if how.margins_checked
        else "asserted by the caller of judge; nothing here confirms it",
        (
            Use(
                "S10",
                "residuals and constants bound the distance of codes from below"
                f"{along if how.margins_by_path else ''}",
            ),
        ),
        (MARGINS_CHECKED,) if how.margins_checked else (),
    )


def small_ground(judgement: Judgement, how: Provenance) -> Ground:
    """Return why the losses count as small: margins alone can come of large ones that cancel."""
    if judgement.proofs.resolved or not how.margins_checked:
        return resolved_ground(judgement, how)
    size = "; the largest alone leaves every margin positive" if how.small_by_size else ""
    return Ground(
        "The losses are not shown to be large.",
        f"rigorous bounds do not decide whether each residual is below half its gap{size}",
        (Use("S13", "the size that residuals are compared with"),),
    )


def resolved_ground(judgement: Judgement, how: Provenance) -> Ground:
    """Return how it is known whether every residual is below half its gap."""
    proved = judgement.proofs.resolved
    met = judgement.resolution.resolved if proved is None else proved
    says = (
        "Every residual is below half its gap: read by nearest code, the latent model is the "
        "quotient of the system by B*."
        if met
        else "Some residual is not below half its gap, so S13 does not apply."
    )
    what = Use("S13", "what a model with such residuals represents, and when it is one")
    if proved is not None:
        arithmetic = {"exact": "rational arithmetic", "interval": "enclosures"}
        way = arithmetic.get(how.arithmetic)
        text = (
            "asserted by the caller of judge; nothing here confirms it"
            if way is None
            else f"rigorous bounds on the stored weights by {way}; computed once, no checker"
        )
        return Ground(says, text, (what,))
    text = "residuals and gaps as the subject returned them; their rounding is not bounded"
    if how.arithmetic != "float":
        text = "rigorous bounds do not decide, the ratio is too near to 1; so as the subject says"
    return Ground(says, text, (what,), measured=how.dtype)
