"""What one case of the suite came to: a verdict with its evidence, and where it belongs."""

import textwrap
from collections.abc import Hashable
from dataclasses import dataclass, replace

from tellapart.properties.cases.case import Case
from tellapart.properties.suite.advice import Advice
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import CollapseWitness

__all__ = ["CaseResult", "DepthShare", "Outcome", "SystemFacts", "witness_text"]


@register
@dataclass(frozen=True)
class SystemFacts(Saved):
    """The system of a case in a few numbers.

    Attributes
    ----------
    title
        For people.
    fingerprint
        SHA-256 of the system: equal ones are the same system.
    n_obs, n_actions
        Sizes.
    n_blocks, depth
        Of B*; None on partial data, where there is none.
    """

    title: str
    fingerprint: str
    n_obs: int
    n_actions: int
    n_blocks: int | None
    depth: int | None


@register
@dataclass(frozen=True)
class DepthShare(Saved):
    """The pairs that words of one length tell apart.

    Attributes
    ----------
    depth
        Length of their shortest distinguishing words.
    n_pairs, n_merged
        Unordered pairs, and how many of them share a code.
    relative
        Smallest distance among them, relative to the rms distance between blocks.
    """

    depth: int
    n_pairs: int
    n_merged: int
    relative: float


@register
@dataclass(frozen=True)
class Outcome(Saved):
    """What a check concludes about one case, with everything it rests on.

    Attributes
    ----------
    verdict
        The conclusion.
    summary
        One sentence.
    story
        More lines for people, empty where there is nothing more to say.
    grade
        How far the premise was established (``exact``, ``certified``, ``resolved``, ``unmet``);
        None where the check has none.
    system
        The system in numbers; None where the subject was not shown one.
    by_depth
        Separation by depth.
    n_must_separate, n_merged
        Unordered pairs that must be told apart, and how many of them share a code.
    ratio
        Resolution ratio (S13); below 1 is resolved.
    margin
        Smallest certified margin relative to the rms distance between blocks; None without a
        certificate.
    losses
        Dynamics loss and auxiliary loss; None where nothing was measured.
    steps
        Steps of training; None where nothing was trained.
    numbers
        Anything else that was measured, as pairs (name, value): diagnostics, for example.
    witness
        For ``collapsed``: the pair, the word and the label traces.
    advice
        For inconclusive cases: what to change, from what was seen.
    notes
        What is allowed but changes what the result means.
    case
        The evidence, to be saved and replayed; None where there is none.
    """

    verdict: SuiteVerdict
    summary: str
    story: str = ""
    grade: str | None = None
    system: SystemFacts | None = None
    by_depth: tuple[DepthShare, ...] = ()
    n_must_separate: int = 0
    n_merged: int = 0
    ratio: float | None = None
    margin: float | None = None
    losses: tuple[float, float] | None = None
    steps: int | None = None
    numbers: tuple[tuple[str, float], ...] = ()
    witness: CollapseWitness | None = None
    advice: tuple[Advice, ...] = ()
    notes: tuple[str, ...] = ()
    case: Case | None = None

    def number(self, name: str) -> float | None:
        """Return one of ``numbers`` by its name, or None."""
        return dict(self.numbers).get(name)


@register
@dataclass(frozen=True)
class CaseResult(Saved):
    """One case of one check, with what came of it.

    Attributes
    ----------
    check, scenario
        Names; together they are the id of the case.
    tier
        Of the check.
    seed
        Of building and training; it depends on the seed of the run and the id alone.
    outcome
        The conclusion with its evidence.
    seconds
        Time taken.
    """

    check: str
    scenario: str
    tier: str
    seed: int
    outcome: Outcome
    seconds: float

    @property
    def id(self) -> str:
        """``check/scenario``."""
        return f"{self.check}/{self.scenario}"

    @property
    def verdict(self) -> SuiteVerdict:
        """The conclusion."""
        return self.outcome.verdict

    def without_time(self) -> "CaseResult":
        """Return the same result with no seconds, to compare two runs."""
        return replace(self, seconds=0.0)

    def explain(self, advice: bool = True) -> str:
        """Say what was found, and (if asked) what to do about it."""
        outcome = self.outcome
        lines = [f"{self.id} (seed {self.seed}): {outcome.verdict}. {outcome.summary}"]
        if outcome.story:
            lines.append(textwrap.indent(outcome.story, "  "))
        lines += [f"  Note: {note}" for note in outcome.notes]
        if advice:
            lines += [f"  Try: {one.text} {one.fix}" for one in outcome.advice[:2]]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"CaseResult({self.id}: {self.verdict})"


def witness_text(witness: CollapseWitness) -> str:
    """Say in two lines which pair is merged, and why it must not be."""
    word = " ".join(map(str, witness.word)) or "(empty word)"
    return (
        f"Witness: {witness.x!r} and {witness.y!r} share a code (distance "
        f"{witness.distance:.3g}, merged up to {witness.threshold:.3g}).\n"
        f"Along {word} their labels are {_labels(witness.x_trace)} and "
        f"{_labels(witness.y_trace)}."
    )


def _labels(trace: tuple[Hashable, ...]) -> str:
    return " ".join(map(str, trace))
