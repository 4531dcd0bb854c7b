"""What a :class:`~tellapart.models.gate.CollapseGate` finds: readings, cases, and the error."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.diagnostics.summary import Diagnostics
from tellapart.models.diagnostics.truth import MergeAnswer
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import TellapartError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["CollapseError", "CollapseWarning", "GateCase", "GateMargins", "GateReading"]

FloatArray = npt.NDArray[np.float64]


class CollapseWarning(UserWarning):
    """A gate found pairs merged that must be told apart (``on_collapse="warn"``)."""


@register
@dataclass(frozen=True, slots=True)
class GateMargins(Saved):
    """What is proved about the model at one step (S10).

    Attributes
    ----------
    n_certified, n_required
        Pairs that must be told apart, and how many of them have a positive margin.
    residual
        Largest dynamics residual.
    threshold
        Residual below which all pairs would be certified; None when there is none.
    reason
        Why nothing could be proved; None when the model was evaluated exactly.
    """

    n_certified: int | None
    n_required: int | None
    residual: float | None
    threshold: float | None
    reason: str | None = None

    def explain(self) -> str:
        """Return the margins as a sentence."""
        if self.n_certified is None or self.n_required is None:
            return f"no margins: {self.reason}"
        text = f"{self.n_certified} of {count(self.n_required, 'pair')} certified"
        if self.threshold is not None and self.residual is not None:
            text += f" (all below a residual of {self.threshold:.2g}, now {self.residual:.2g})"
        return text


@register
@dataclass(frozen=True, slots=True, repr=False)
class GateReading(Saved):
    """One check of a gate.

    Attributes
    ----------
    step
        Training step.
    exact
        Pairs that must be told apart, how many are merged, and the worst one.
    streak
        Consecutive readings with merged pairs, this one included; 0 when none is merged.
    margins
        What is proved, where predictor and head were given; else None.
    diagnostics
        What people watch, beside it; None when the gate was told not to compute it.
    """

    step: int
    exact: MergeAnswer
    streak: int
    margins: GateMargins | None
    diagnostics: Diagnostics | None

    @property
    def collapsed(self) -> bool:
        """Tell whether a pair that must be told apart is merged."""
        return self.exact.collapsed

    @property
    def n_merged(self) -> int:
        """Merged pairs."""
        return self.exact.n_merged

    @property
    def n_must_separate(self) -> int:
        """Pairs that must be told apart."""
        return self.exact.n_must_separate

    def line(self) -> str:
        """Return the reading as one line for a log."""
        exact = self.exact
        parts = [f"step {self.step}: {exact.n_merged} of {exact.n_must_separate} pairs merged"]
        if exact.smallest_relative is not None:
            parts.append(
                f"closest {exact.x!r} and {exact.y!r} at {exact.smallest_relative:.2g} of rms"
                if not exact.n_merged
                else f"such as {exact.x!r} and {exact.y!r} (word {exact.shown_word})"
            )
        if self.margins is not None:
            parts.append(self.margins.explain())
        if self.diagnostics is not None:
            found = self.diagnostics
            parts.append(f"RankMe {found.rank_me:.2f} of {found.d}, SIGReg {found.sigreg:.3g}")
        return "; ".join(parts)

    def __repr__(self) -> str:
        return f"GateReading({self.line()})"

    def explain(self) -> str:
        """Return everything that was found, in a few lines."""
        lines = [f"Step {self.step}. {self.exact.explain()}"]
        if self.margins is not None:
            lines.append(f"Margins: {self.margins.explain()}.")
        if self.diagnostics is not None:
            lines.append(self.diagnostics.explain())
        return "\n".join(lines)


@register
@dataclass(frozen=True, eq=False)
class GateCase(Saved):
    """A collapse, with everything needed to look at it again: what a gate writes to a file.

    Attributes
    ----------
    system
        The system.
    codes
        E(o) at that step, float64 ``[n_obs, d]``.
    reading
        What was found.
    merge_tolerance, epsilon
        As used; see :func:`tellapart.theory.separation.separation`.
    seed
        Of the diagnostics.
    """

    system: DeterministicMDP | TransitionData
    codes: FloatArray
    reading: GateReading
    merge_tolerance: float
    epsilon: float
    seed: int

    @property
    def step(self) -> int:
        """Training step."""
        return self.reading.step

    @property
    def pair(self) -> tuple[Hashable, Hashable]:
        """Names of a merged pair that needs the longest word."""
        return self.reading.exact.x, self.reading.exact.y

    @property
    def word(self) -> tuple[Hashable, ...] | None:
        """Actions that lead the pair to different labels; None where no covered word does."""
        return self.reading.exact.word

    def measure(self) -> MergeAnswer:
        """Compare the saved codes with the saved system anew."""
        from tellapart.models.diagnostics.truth import Truth

        truth = Truth(self.system)
        return truth.measure(self.codes, self.merge_tolerance, epsilon=self.epsilon)

    def explain(self) -> str:
        """Say what was merged, and what the labels along the word are."""
        lines = [f"Step {self.step}. {self.reading.exact.explain()}"]
        if isinstance(self.system, DeterministicMDP) and self.word is not None:
            word = [self.system.action_index(action) for action in self.word]
            for name in self.pair:
                trace = self.system.label_trace(self.system.observation_index(name), word)
                lines.append(f"  labels from {name!r}: {trace}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        x, y = self.pair
        return f"GateCase(step {self.step}: {x!r} and {y!r} merged, {self.system!r})"


class CollapseError(TellapartError):
    """The encoder merges pairs that every zero-loss encoder tells apart.

    Parameters
    ----------
    case
        The system, the codes and what was found.
    path
        File that the case was saved to, or None.
    """

    def __init__(self, case: GateCase, path: str | None = None) -> None:
        self.case, self.path = case, path
        super().__init__(collapse_message(case, path))

    def __reduce__(self) -> tuple[Any, ...]:
        return (CollapseError, (self.case, self.path))


def collapse_message(case: GateCase, path: str | None) -> str:
    """Say which pair is merged, how one sees that it must not be, and what to do."""
    exact = case.reading.exact
    x, y = case.pair
    shown = (
        f"the actions {exact.shown_word} lead them to different labels"
        if exact.word
        else "their labels differ"
        if exact.word is not None
        else "folding the data after merging them makes two labels clash"
    )
    saved = "" if path is None else f" The case is in {path} (load it with GateCase.from_json)."
    return (
        f"At step {case.step} the encoder merges {exact.n_merged} of {exact.n_must_separate} pairs "
        f"that must be told apart. Worst: {x!r} and {y!r} have codes at distance "
        f"{exact.distance:.3g} (merged up to {exact.threshold:.3g}), but {shown}. Train the "
        "encoder on both losses, the auxiliary one and that of the dynamics; less weight decay and "
        f"more latent dimensions may help. To allow for a bad start set after= or patience=.{saved}"
    )
