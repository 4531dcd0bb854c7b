"""Replay a case of a counterexample: verify it again, and train its encoder again."""

from typing import Any

from tellapart.models.counterexamples.training import train_dropped
from tellapart.properties.cases.case import Case
from tellapart.properties.counterexamples.content import CounterexampleContent, outcome_of
from tellapart.properties.counterexamples.pytest_text import specimen_test
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["outcome", "pytest_text"]


def outcome(case: Case) -> dict[str, Any]:
    """Return the outcome of a case, computed from its content alone.

    Raises
    ------
    InvalidArgumentError
        When the case holds no counterexample.
    """
    content = _content(case)
    trained = None
    if content.design is not None:
        trained = train_dropped(content.specimen, design=content.design, seed=content.seed)
    return outcome_of(content.specimen, trained)


def pytest_text(case: Case) -> str:
    """Return the case as a pytest file of its own."""
    return specimen_test(_content(case).specimen)


def _content(case: Case) -> CounterexampleContent:
    if not isinstance(case.content, CounterexampleContent):
        raise InvalidArgumentError(
            f"A case about a counterexample holds a {type(case.content).__name__}; save one with "
            "Counterexample.case()."
        )
    return case.content
