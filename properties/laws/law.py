"""A law: a statement of the theory as a property that drawn examples can break."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from hypothesis.strategies import SearchStrategy

__all__ = ["Cost", "Law", "LawBroken", "Seen"]


class Cost(StrEnum):
    """What one example of a law costs; profiles give each class its own number of examples."""

    EXACT = "exact"  # integers and rationals only, milliseconds
    ALGEBRAIC = "algebraic"  # builds or evaluates networks, tens of milliseconds
    TRAINED = "trained"  # trains a network, tenths of a second


class LawBroken(AssertionError):
    """An example contradicts a law.

    Parameters
    ----------
    message
        What was expected and what came, naming observations and actions.
    """


@dataclass(frozen=True)
class Seen:
    """What one example that keeps a law was like, for the summary and for steering the search.

    Attributes
    ----------
    vacuous
        Why the example says nothing (a premise that was not met); None when it counts.
    depth, n_blocks
        Of the bisimulation of the system, where there is one.
    target
        A number to make large: the search is steered towards such examples (minus a margin). None:
        nothing to steer by.
    notes
        Anything else worth counting, as ``{"grade": "certified"}``.
    """

    vacuous: str | None = None
    depth: int | None = None
    n_blocks: int | None = None
    target: float | None = None
    notes: Mapping[str, Hashable] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Law:
    """A statement as a property.

    Attributes
    ----------
    id
        Its name on the command line: ``"S4"``, or ``"S4-trained"`` for a second form.
    statement
        The number of the statement, ``"S4"``.
    title
        One line.
    text
        What is claimed of every example, in one or two sentences.
    cost
        What an example costs.
    cases
        Returns the strategy of its examples. An example is *data*: a frozen dataclass that
        :func:`tellapart.theory.serialise.register` knows (systems, partitions, numbers, seeds),
        never a torch module, so that it can be saved and replayed.
    check
        ``check(example, subject) -> Seen``; raises :class:`LawBroken` when the example contradicts
        the law. Any other exception counts as broken too.
    subject
        What is tested: the function of tellapart, or the builder of encoders, that the law is
        about.
    bad
        Known-bad subjects by name; the law must be broken by each of them.
    """

    id: str
    statement: str
    title: str
    text: str
    cost: Cost
    cases: Callable[[], SearchStrategy[Any]]
    check: Callable[[Any, Any], Seen]
    subject: Any
    bad: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Law({self.id}: {self.title})"
