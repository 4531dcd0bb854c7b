"""One piece of advice, and the order of causes: what is proved first, then what was measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["CAUSES", "STRENGTHS", "Advice", "Strength", "by_likelihood", "numbers_of"]

Strength = Literal["proved", "measured", "possible"]

#: ``"proved"``: no run can hold while this is so. ``"measured"``: seen in this run.
#: ``"possible"``: nothing that was measured speaks against it; the text says "may".
STRENGTHS: tuple[Strength, ...] = ("proved", "measured", "possible")

#: What each cause means; among equal strengths the earlier one comes first.
CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "nothing-to-tell-apart": "the label is the same everywhere",
        "capacity": "the latent has too few dimensions for the predictor and the head",
        "not-a-function": "codes depend on chance, on the batch, or on train mode",
        "diverged": "training diverged, or met numbers that are not finite",
        "one-loss": "only a part of the loss was trained",
        "frozen-encoder": "the encoder, or a part of it, gets no gradient",
        "detached-head": "the auxiliary loss does not reach the codes",
        "detached-predictor": "the dynamics loss does not reach the codes through the predictor",
        "action-ignored": "the predictor makes no use of the action",
        "own-fit": "the subject's own fit does not train what it should",
        "untrained": "nothing was trained",
        "constant-codes": "one code for everything",
        "merged-codes": "trained, and some codes that must differ are the same",
        "stopped-early": "training stopped while a loss was still falling",
        "head-too-weak": "an affine head cannot read the labels from these codes",
        "head-not-fitted": "a head that is fitted better would read the labels",
        "predictor-too-weak": "an affine predictor cannot follow these codes",
        "predictor-not-fitted": "a predictor that is fitted better would follow the codes",
        "one-action": "only some actions are mispredicted",
        "shrunk-latents": "the raw loss is small because the latents are",
        "plateau": "training stopped moving before the premise was met",
        "stop-gradient": "the target of the dynamics loss is detached",
        "grade-too-low": "the premise is met, but not with the grade that was required",
        "below-tolerance": "the premise is met, but two codes are closer than the merge tolerance",
        "uninformative-label": "few pairs have to be told apart",
        "unexplained": "no cause was found in what was measured",
    }
)


@register
@dataclass(frozen=True, repr=False)
class Advice(Saved):
    """Why a run did not meet the premise, and what to change.

    Attributes
    ----------
    cause
        A key of :data:`CAUSES`.
    text
        One sentence, with the numbers that were seen.
    fix
        What to change.
    strength
        ``"proved"``, ``"measured"`` or ``"possible"``; see :data:`STRENGTHS`.
    numbers
        What the conclusion rests on, as pairs (name, value).
    cases, of
        In how many cases of how many it was seen; 1 and 1 for a single run.

    Examples
    --------
    >>> advice = Advice("plateau", "The loss stays at 0.2.", "Use a larger network.", "measured",
    ...                 (("loss", 0.2),))
    >>> advice
    Advice('plateau', measured: The loss stays at 0.2.)
    >>> advice.evidence["loss"]
    0.2
    """

    cause: str
    text: str
    fix: str
    strength: Strength
    numbers: tuple[tuple[str, float], ...] = ()
    cases: int = 1
    of: int = 1

    @property
    def evidence(self) -> Mapping[str, float]:
        """The numbers by name."""
        return dict(self.numbers)

    @property
    def headline(self) -> str:
        """The text, after the number of cases where there are several."""
        if self.of == 1:
            return self.text
        return f"{self.cases} of {count(self.of, 'case')}: {self.text}"

    def explain(self) -> str:
        """Return headline, fix and numbers as lines of text."""
        lines = [f"[{self.cause}, {self.strength}] {self.headline}", f"  Fix: {self.fix}"]
        if self.numbers:
            shown = ", ".join(f"{name} {value:.4g}" for name, value in self.numbers)
            lines.append(f"  Seen: {shown}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Advice({self.cause!r}, {self.strength}: {self.headline})"


def by_likelihood(advice: Advice) -> tuple[int, int]:
    """Return the key that sorts the advice on one run, most likely first."""
    return STRENGTHS.index(advice.strength), list(CAUSES).index(advice.cause)


def numbers_of(**numbers: float) -> tuple[tuple[str, float], ...]:
    """Return numbers as plain Python pairs, in the order given."""
    return tuple(
        (name, value if isinstance(value, int) else float(value)) for name, value in numbers.items()
    )
