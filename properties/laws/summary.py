"""What came of running laws: one result for each law, and the report of a run."""

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tellapart.properties.cases.case import Case
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register

__all__ = ["LawResult", "LawVerdict", "LawsReport", "merged", "verdict_of"]

Counts = tuple[tuple[int, int], ...]
_Pairs = tuple[tuple[Any, int], ...]


class LawVerdict(StrEnum):
    """What is concluded about a law."""

    HOLDS = "holds"
    BROKEN = "broken"
    VACUOUS = "vacuous"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _MEANING[self]


_MEANING = {
    LawVerdict.HOLDS: "every example keeps the law, and enough of them say something",
    LawVerdict.BROKEN: "an example contradicts the law",
    LawVerdict.VACUOUS: "no example contradicts the law, but too few say anything: never a pass",
}


@register
@dataclass(frozen=True)
class LawResult(Saved):
    """What came of the examples of one law.

    Attributes
    ----------
    law, title
        Its name and its line.
    subject
        ``"its own"``, the name of a known-bad subject, or ``"another"``.
    verdict, profile
        The conclusion, and how it was run.
    most_vacuous
        The share of vacuous examples above which the verdict is ``vacuous``.
    first_seed, n_rounds
        Round ``i`` had the seed ``first_seed + i``.
    n_examples
        Examples that were checked; the first failing one is the last of them.
    n_discarded
        Examples that were begun and thrown away.
    vacuous
        Why examples said nothing, with how many did for that reason.
    depths, block_counts
        Depth and number of blocks of B*, each with the number of examples.
    notes
        Anything else that was counted, ``(name, value, number)``.
    best_target
        The largest number the search was steered to (minus a margin); None without one.
    seconds
        Time taken.
    n_shrinks
        Failing examples after the first one, each smaller than the one before or tried last.
    message
        For ``broken``: what the smallest failing example contradicts.
    case
        For ``broken``: that example, to be saved and replayed; None where it cannot be saved.
    """

    law: str
    title: str
    subject: str
    verdict: LawVerdict
    profile: str
    most_vacuous: float
    first_seed: int
    n_rounds: int
    n_examples: int
    n_discarded: int
    vacuous: tuple[tuple[str, int], ...]
    depths: Counts
    block_counts: Counts
    notes: tuple[tuple[str, str, int], ...]
    best_target: float | None
    seconds: float
    n_shrinks: int
    message: str | None
    case: Case | None

    @property
    def n_vacuous(self) -> int:
        """Examples that said nothing."""
        return sum(number for _, number in self.vacuous)

    @property
    def holds(self) -> bool:
        """Whether the verdict is ``holds``."""
        return self.verdict is LawVerdict.HOLDS

    def explain(self) -> str:
        """Return everything that is known in a few lines."""
        lines = [f"{self.law}: {self.title}", f"{self.verdict}: {self.verdict.meaning}."]
        lines.append(
            f"{self.n_examples} examples, {self.n_discarded} discarded, {self.n_vacuous} vacuous, "
            f"{self.seconds:.1f} s; {_seeds(self.first_seed, self.n_rounds)}."
        )
        lines += [f"  vacuous: {why} ({number})" for why, number in self.vacuous]
        if self.depths:
            lines.append(f"Depths: {_counts_text(self.depths)}.")
        if self.block_counts:
            lines.append(f"Blocks of B*: {_counts_text(self.block_counts)}.")
        lines += [f"  {name} {value}: {number}" for name, value, number in self.notes]
        if self.message is not None:
            lines.append(f"Contradicted: {self.message}")
        if self.case is not None:
            lines.append(f"Smallest example found: {self.case.content!r}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"LawResult({self.law}: {self.verdict}, {self.n_examples} examples, "
            f"{self.n_vacuous} vacuous)"
        )


def _seeds(first: int, rounds: int) -> str:
    return f"seed {first}" if rounds == 1 else f"seeds {first} to {first + rounds - 1}"


def _counts_text(counts: Counts) -> str:
    return ", ".join(f"{value} ({number})" for value, number in counts)


@register
@dataclass(frozen=True)
class LawsReport(Saved):
    """What came of a run of laws.

    Attributes
    ----------
    profile
        How they were run.
    results
        One for each law, in the order in which they were given.
    seconds
        Time of the whole run.
    interrupted
        Whether it was stopped before its time; then the results are those so far.
    """

    profile: str
    results: tuple[LawResult, ...]
    seconds: float
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """0: all laws hold. 1: one is broken. 3: none is, but one is vacuous, or none was run."""
        verdicts = {result.verdict for result in self.results}
        if LawVerdict.BROKEN in verdicts:
            return 1
        return 0 if verdicts == {LawVerdict.HOLDS} else 3

    @property
    def broken(self) -> tuple[LawResult, ...]:
        """The laws that an example contradicts."""
        return tuple(result for result in self.results if result.verdict is LawVerdict.BROKEN)

    def result(self, law: str) -> LawResult:
        """Return the result of a law by its name.

        Raises
        ------
        InvalidArgumentError
            When it was not run.
        """
        for one in self.results:
            if one.law == law:
                return one
        names = ", ".join(one.law for one in self.results)
        raise InvalidArgumentError(f"The law {law!r} was not run; these were: {names or 'none'}.")

    def explain(self) -> str:
        """Return all results, one after another, and the sum of them."""
        held = sum(result.holds for result in self.results)
        examples = sum(result.n_examples for result in self.results)
        stopped = ", stopped early" if self.interrupted else ""
        last = (
            f"{held} of {len(self.results)} laws hold on {examples} examples "
            f"(profile {self.profile}, {self.seconds:.1f} s{stopped})."
        )
        return "\n\n".join([*(result.explain() for result in self.results), last])

    def __repr__(self) -> str:
        held = sum(result.holds for result in self.results)
        return f"LawsReport({self.profile}: {held} of {len(self.results)} laws hold)"


def merged(first: LawResult, second: LawResult) -> LawResult:
    """Put two runs of one law together, the second with the seeds that follow those of the first.

    Verdict, message and case are those of the second unless only the first is broken.
    """
    broken = first if first.verdict is LawVerdict.BROKEN else second
    targets = [one.best_target for one in (first, second) if one.best_target is not None]
    both = replace(
        second,
        first_seed=first.first_seed,
        n_rounds=first.n_rounds + second.n_rounds,
        n_examples=first.n_examples + second.n_examples,
        n_discarded=first.n_discarded + second.n_discarded,
        vacuous=_added(first.vacuous, second.vacuous),
        depths=_added(first.depths, second.depths),
        block_counts=_added(first.block_counts, second.block_counts),
        notes=tuple(
            (*key, number)
            for key, number in _added(
                tuple(((name, value), k) for name, value, k in first.notes),
                tuple(((name, value), k) for name, value, k in second.notes),
            )
        ),
        best_target=max(targets, default=None),
        seconds=first.seconds + second.seconds,
        n_shrinks=first.n_shrinks + second.n_shrinks,
        message=broken.message,
        case=broken.case,
    )
    return replace(both, verdict=verdict_of(both))


def verdict_of(result: LawResult) -> LawVerdict:
    """Decide from the counts and the message."""
    if result.message is not None:
        return LawVerdict.BROKEN
    most = result.most_vacuous * result.n_examples
    enough = result.n_vacuous <= most and result.n_vacuous < result.n_examples
    return LawVerdict.HOLDS if enough else LawVerdict.VACUOUS


def _added(first: _Pairs, second: _Pairs) -> _Pairs:
    """Add counts of equal things, sorted."""
    total: Counter[Any] = Counter(dict(first)) + Counter(dict(second))
    return tuple(sorted(total.items()))
