"""What was measured in a case, and what to change, as rows of text."""

from collections.abc import Iterable

from tellapart.properties.report.wording import count, integer, name_text, number
from tellapart.properties.suite.advice import Advice
from tellapart.properties.suite.outcomes import CaseResult, Outcome
from tellapart.theory.verdict import Grade

__all__ = [
    "MOST_LINES", "MOST_SUMMARY", "advice_rows", "depth_rows_of", "fact_rows", "number_rows",
    "told",
]  # fmt: skip

#: Lines of a story, and characters of a summary, that a page shows.
MOST_LINES, MOST_SUMMARY = 24, 600
_MOST_TEXT = 400
_MOST_DEPTHS, _MOST_NUMBERS, _MOST_ADVICE = 40, 40, 8


def fact_rows(case: CaseResult, brief: bool) -> Iterable[tuple[str, str]]:
    """Yield what was measured as (name, value); in brief without the meaning of the grade."""
    outcome, system = case.outcome, case.outcome.system
    if outcome.grade is not None:
        yield "premise", name_text(outcome.grade) if brief else _grade(outcome.grade)
    if outcome.ratio is not None:
        yield "resolution ratio", f"{number(outcome.ratio)}; below 1 is resolved (S13)"
    if outcome.losses is not None:
        dynamics, auxiliary = (number(loss) for loss in outcome.losses)
        yield "losses", f"dynamics {dynamics}, auxiliary {auxiliary}"
    if outcome.margin is not None:
        yield "certified margin", f"{number(outcome.margin)} of the rms distance between blocks"
    if outcome.n_must_separate:
        yield (
            "pairs",
            (
                f"{count(outcome.n_must_separate, 'pair')} must be told apart, "
                f"{integer(outcome.n_merged)} share a code"
            ),
        )
    if outcome.steps is not None:
        yield "training", count(outcome.steps, "step")
    if system is not None:
        size = f"{count(system.n_obs, 'observation')}, {count(system.n_actions, 'action')}"
        if system.n_blocks is not None:
            size += f", {count(system.n_blocks, 'block')} of B*"
        if system.depth is not None:
            size += f", depth {system.depth}"
        yield "system", f"{name_text(system.title, _MOST_TEXT)}: {size}"
        yield "fingerprint", name_text(system.fingerprint[:16])
    yield "seed of the case", str(case.seed)
    yield "time", f"{case.seconds:.2f} s"


def _grade(grade: str) -> str:
    meaning = f": {Grade(grade).meaning}" if grade in list(Grade) else ""
    return name_text(grade) + meaning


def depth_rows_of(outcome: Outcome) -> Iterable[tuple[str, str, str, str]]:
    """Yield depth, pairs, merged pairs and smallest relative distance of the first 40 depths."""
    for row in outcome.by_depth[:_MOST_DEPTHS]:
        yield (
            str(row.depth), integer(row.n_pairs), integer(row.n_merged), number(row.relative),
        )  # fmt: skip


def number_rows(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """Return the first 40 other measurements as (name, value)."""
    return tuple((name_text(name), number(v)) for name, v in outcome.numbers[:_MOST_NUMBERS])


def advice_rows(advice: Iterable[Advice]) -> tuple[tuple[str, str, str], ...]:
    """Return the first pieces of advice as (what was seen, what to change, how sure it is)."""
    rows = [
        (name_text(one.headline, MOST_SUMMARY), name_text(one.fix, MOST_SUMMARY), one.strength)
        for one in advice
    ]
    return tuple(rows[:_MOST_ADVICE])


def told(text: str, most_lines: int = MOST_LINES) -> str:
    """Return a text of several lines as printable lines of at most 400 characters each."""
    lines = [name_text(line, _MOST_TEXT) for line in text.split("\n")]
    more = len(lines) - most_lines
    if more > 0:
        lines = [*lines[:most_lines], f"\u2026 and {count(more, 'more line')}"]
    return "\n".join(lines)
