"""Numbered merges with the rows that force them: proofs that a person can follow."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.closure import Link
from tellapart.theory.serialise import register

__all__ = ["ASSUMPTION", "Clash", "MergeStep", "Prover", "proof_lines"]

IntArray = npt.NDArray[np.int32]

#: The link "suppose x and y share a code", oriented from x to y; it is step 0 of a proof.
ASSUMPTION: Link = (-1, -2)


@register
@dataclass(frozen=True, slots=True)
class MergeStep:
    """Two transitions with one action whose sources share a code: so their ends do (D4 ii).

    Attributes
    ----------
    number
        The number of this step, from 1.
    action
        Name of the action.
    x, x_next, x_row
        Names of source and successor of the first transition, and the row it is in.
    y, y_next, y_row
        The same of the second.
    because
        Numbers of earlier steps that chain ``x`` to ``y``; empty when they are one observation.
        0 is the assumption that the pair in question shares a code.
    """

    number: int
    action: Hashable
    x: Hashable
    x_next: Hashable
    x_row: str
    y: Hashable
    y_next: Hashable
    y_row: str
    because: tuple[int, ...]

    def text(self) -> str:
        """Return the step as one line."""
        line = (
            f"{self.number}. {self.x_row}: ({self.x}, {self.action}) -> {self.x_next}; "
            f"{self.y_row}: ({self.y}, {self.action}) -> {self.y_next}"
        )
        if self.because:
            line += f"; {self.x} and {self.y} share a code by {_numbers(self.because)}"
        return f"{line}: so {self.x_next} and {self.y_next} share a code."


@register
@dataclass(frozen=True, slots=True)
class Clash:
    """Two observations that would share a code and have different labels.

    Attributes
    ----------
    x, x_label, x_row
        Name and label of the first, and the row that gave the label (None when not known).
    y, y_label, y_row
        The same of the second.
    because
        Numbers of the steps that chain ``x`` to ``y``.
    """

    x: Hashable
    x_label: Hashable
    x_row: str | None
    y: Hashable
    y_label: Hashable
    y_row: str | None
    because: tuple[int, ...]

    def text(self, number: int) -> str:
        """Return the contradiction as one line."""
        ends = [
            f"{name} is labelled {label}" + (f" ({row})" if row else "")
            for name, label, row in (
                (self.x, self.x_label, self.x_row),
                (self.y, self.y_label, self.y_row),
            )
        ]
        return (
            f"{number}. {ends[0]}, {ends[1]}, and they share a code by "
            f"{_numbers(self.because)}: contradiction."
        )


class Prover:
    """Turns links into numbered steps, each merge once, reasons before what they support.

    Parameters
    ----------
    data
        The data.
    needs
        Returns the links that chain the sources of a link; [] when they are one observation.
    """

    def __init__(self, data: TransitionData, needs: Callable[[Link], list[Link]]) -> None:
        self._data = data
        self._needs = needs
        self._numbers: dict[Link, int] = {_key(ASSUMPTION): 0}
        self.steps: list[MergeStep] = []

    def prove(self, links: Iterable[Link]) -> tuple[int, ...]:
        """Add the steps that these links rest on, and return the numbers of the links."""
        wanted = list(links)
        stack = wanted[::-1]
        reasons: dict[Link, list[Link]] = {}
        while stack:
            link = stack[-1]
            key = _key(link)
            if key in self._numbers:
                stack.pop()
                continue
            if key not in reasons:
                reasons[key] = self._needs(link)
                missing = [need for need in reasons[key] if _key(need) not in self._numbers]
                if missing:
                    stack += missing[::-1]
                    continue
            stack.pop()
            self._numbers[key] = len(self.steps) + 1
            self.steps.append(self._step(link, self.numbers_of(reasons[key])))
        return self.numbers_of(wanted)

    def numbers_of(self, links: Iterable[Link]) -> tuple[int, ...]:
        """Return the numbers of links that are proved, each once, in order."""
        return tuple(dict.fromkeys(self._numbers[_key(link)] for link in links))

    def clash(self, x: int, y: int, links: Sequence[Link]) -> Clash:
        """Return the contradiction between two labelled observations (indices)."""
        data = self._data
        because = self.prove(links)
        x_part, y_part = ((data.observations[o], data.label_of(o), _label_row(data, o))
                          for o in (x, y))  # fmt: skip
        return Clash(*x_part, *y_part, because)

    def _step(self, link: Link, because: tuple[int, ...]) -> MergeStep:
        data = self._data
        p, q = link
        names = data.observations
        return MergeStep(
            number=len(self.steps) + 1,
            action=data.actions[int(data.action_ids[p])],
            x=names[int(data.sources[p])],
            x_next=names[int(data.targets[p])],
            x_row=data.row_text(p),
            y=names[int(data.sources[q])],
            y_next=names[int(data.targets[q])],
            y_row=data.row_text(q),
            because=because,
        )


def proof_lines(
    steps: Sequence[MergeStep], clash: Clash, limit: int, head: Sequence[str] = ()
) -> str:
    """Return a proof as text, at most ``limit`` steps of it."""
    lines = [*head, *(step.text() for step in steps[:limit])]
    if len(steps) > limit:
        lines.append(f"... ({len(steps) - limit} more steps)")
    lines.append(clash.text(len(steps) + 1))
    return "\n".join(lines)


def _numbers(numbers: tuple[int, ...]) -> str:
    shown = [str(number) if number else "the assumption" for number in numbers]
    return ", ".join(shown[:8]) + (f" and {len(shown) - 8} more" if len(shown) > 8 else "")


def _key(link: Link) -> Link:
    return (min(link), max(link))


def _label_row(data: TransitionData, o: int) -> str | None:
    row = int(data.label_rows[o])
    return None if row < 0 else data.row_names.text(row)
