"""What a result rests on: statements, checkers, measurements and assumptions, as a small tree."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tellapart.theory.serialise import Saved, register

__all__ = ["Foundation", "Ground", "Use"]

_WIDTH = 100


@register
@dataclass(frozen=True, slots=True)
class Use(Saved):
    """A statement, or a checker, and what it is used for.

    Attributes
    ----------
    name
        ``"S4"``, or ``"margin checker"``.
    why
        What it contributes here, in one phrase.
    """

    name: str
    why: str


@register
@dataclass(frozen=True, slots=True)
class Ground(Saved):
    """One part of the reason for a result.

    Attributes
    ----------
    says
        What this part establishes.
    how
        By which computation, on what.
    statements
        Of the theory, without which it would not follow.
    checkers
        Code that confirmed it and shares nothing with what found it; none is none.
    measured
        Type of the floating-point numbers that it was read off, such as ``"float32"``; empty where
        rounding plays no part.
    """

    says: str
    how: str
    statements: tuple[Use, ...] = ()
    checkers: tuple[Use, ...] = ()
    measured: str = ""


@register
@dataclass(frozen=True)
class Foundation(Saved):
    """A claim with everything that it rests on.

    Attributes
    ----------
    claim
        What is said, in words.
    grounds
        The parts of the reason, one for each thing that has to be known.
    assumed
        What is taken for granted and proved nowhere.
    not_claimed
        What a reader might take it to say and it does not.

    Examples
    --------
    >>> kernel = Use("D2", "the pair is in the kernel")
    >>> equal = Ground("x and y share a code", "compared", (kernel,), (), "float64")
    >>> found = Foundation("x and y share a code.", (equal,), (), ())
    >>> found.summary
    'Rests on D2 and measurements in float64.'
    """

    claim: str
    grounds: tuple[Ground, ...]
    assumed: tuple[str, ...]
    not_claimed: tuple[str, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        """Numbers of all statements, each once: definitions first, then by number."""
        names = {use.name for ground in self.grounds for use in ground.statements}
        return tuple(sorted(names, key=lambda name: (name[0], int(name[1:]))))

    @property
    def checkers(self) -> tuple[str, ...]:
        """Names of all checkers, each once."""
        uses = (use.name for ground in self.grounds for use in ground.checkers)
        return tuple(dict.fromkeys(uses))

    @property
    def measured(self) -> tuple[str, ...]:
        """Types of the floating-point numbers that take part, each once."""
        return tuple(dict.fromkeys(each.measured for each in self.grounds if each.measured))

    @property
    def summary(self) -> str:
        """One sentence that names statements, checkers and measurements."""
        parts = [
            *self.statements,
            *(f"the {name}" for name in self.checkers),
            *(f"measurements in {name}" for name in self.measured),
        ]
        return f"Rests on {_listed(parts)}." if parts else "Rests on nothing."

    def explain(self) -> str:
        """Return the tree as plain text."""
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """Give the tree line by line: the claim, its grounds, what is assumed and not claimed."""
        yield from _wrapped("", self.claim)
        for ground in self.grounds:
            yield from _wrapped("  - ", ground.says)
            measured = f" (measured in {ground.measured})" if ground.measured else ""
            yield from _wrapped("      how  ", f"{ground.how}{measured}")
            for use in ground.statements:
                yield from _wrapped(f"      {use.name:<4} ", use.why)
            for use in ground.checkers:
                yield from _wrapped(f"      confirmed by the {use.name}: ", use.why, hanging=11)
        for title, texts in (("assumed", self.assumed), ("not claimed", self.not_claimed)):
            if texts:
                yield f"  {title}"
                for text in texts:
                    yield from _wrapped("  - ", text)

    def __repr__(self) -> str:
        return f"Foundation({self.claim!r} {self.summary})"


def _wrapped(head: str, text: str, hanging: int | None = None) -> Iterable[str]:
    """Break a text after its head; further lines are indented below the text."""
    indent = " " * (len(head) if hanging is None else hanging)
    return textwrap.wrap(
        text, _WIDTH, initial_indent=head, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _listed(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
