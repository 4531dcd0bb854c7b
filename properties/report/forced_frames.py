"""A few pictures of objects to count, what +1 leads to, and which merges that forces (S2)."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.models.counting.frames import frames
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.chain import needs_of
from tellapart.theory.partial.closure import close
from tellapart.theory.partial.proof import MergeStep, Prover
from tellapart.theory.partition import Partition

__all__ = ["CountedFrames", "Reasons", "counted_frames"]

#: Two kinds of objects, each with a number of the shapes of the frames and a colour.
_KINDS = (("circle", 0, (70, 150, 225)), ("square", 1, (225, 140, 40)))
_ACTION = "+1"
_BLACK = "black"


@dataclass(frozen=True, eq=False)
class Reasons:
    """Merges in order, and the numbers of those that a pair of frames rests on.

    Attributes
    ----------
    steps
        The merges, each after its reasons.
    because
        For each pair, numbers of steps that chain one to the other.
    """

    steps: tuple[MergeStep, ...]
    because: Mapping[tuple[str, str], tuple[int, ...]]

    def sentences(self) -> list[str]:
        """Return the steps in words."""
        return [_sentence(step) for step in self.steps]


@dataclass(frozen=True, eq=False)
class CountedFrames:
    """Frames by name, with one action.

    Attributes
    ----------
    data
        What ``+1`` leads to from each frame.
    pictures
        uint8 ``[64, 64, 3]`` for each name.
    counts
        How many objects each shows.
    """

    data: TransitionData
    pictures: Mapping[str, npt.NDArray[np.uint8]]
    counts: Mapping[str, int]

    @property
    def forced(self) -> Partition:
        """F(D), by index of the observations of :attr:`data`."""
        return close(self.data, method="reference").partition

    def reasons(self, pairs: Sequence[tuple[str, str]]) -> Reasons:
        """Return the merges that put the two frames of each pair into one block.

        Parameters
        ----------
        pairs
            Names of frames that are in one block of :attr:`forced`.
        """
        closure = close(self.data, method="reference")
        prover = Prover(self.data, needs_of(self.data, closure))
        index = {name: o for o, name in enumerate(self.data.observations)}
        because = {(x, y): prover.prove(closure.path(index[x], index[y])) for x, y in pairs}
        return Reasons(tuple(prover.steps), because)


def counted_frames(with_zero: bool, seed: int = 3) -> CountedFrames:
    """Return frames of one and of two objects in two shapes and colours.

    Parameters
    ----------
    with_zero
        Whether the black frame, which shows no object, is among them.
    seed
        Of the places of the objects.

    Returns
    -------
    CountedFrames
        Two objects are shown at two choices of places for each kind, because places are drawn
        anew at each step. The black frame shows neither shape nor colour, so ``+1`` leads from it
        to both kinds.

    Examples
    --------
    With the black frame all frames of one count share a code; without it, those of one kind do.

    >>> counted_frames(True).forced
    Partition of 7 observations into 3 blocks: {0} {1, 2} {3, 4, 5, 6}
    >>> counted_frames(False).forced
    Partition of 6 observations into 4 blocks: {0} {1} {2, 3} {4, 5}
    """
    shown: list[tuple[str, int, int]] = [(_BLACK, 0, 0)] if with_zero else []
    shown += [(f"1 {kind}", 1, k) for k, (kind, _, _) in enumerate(_KINDS)]
    shown += [
        (f"2 {kind}s {place}", 2, k)
        for k, (kind, _, _) in enumerate(_KINDS)
        for place in ("here", "there")
    ]
    numbers = [count for _, count, _ in shown]
    kinds = [kind for _, _, kind in shown]
    drawn = frames(
        numbers, seed, shapes=[_KINDS[k][1] for k in kinds], colours=[_KINDS[k][2] for k in kinds]
    )
    names: list[Hashable] = [name for name, _, _ in shown]
    triples = [
        (source, 0, target)
        for source, (_, before, kind) in enumerate(shown)
        for target, (_, after, other) in enumerate(shown)
        if after == before + 1 and (kind == other or not before)
    ]
    data = TransitionData(triples, {}, names, [_ACTION])
    return CountedFrames(
        data, {name: picture for (name, _, _), picture in zip(shown, drawn, strict=True)},
        {name: count for name, count, _ in shown},
    )  # fmt: skip


def _sentence(step: MergeStep) -> str:
    if step.because:
        numbers = " and ".join(map(str, step.because))
        why = f"\u201c{step.x}\u201d and \u201c{step.y}\u201d share a code by {numbers}"
    else:
        why = f"\u201c{step.x}\u201d has one code"
    ends = f"\u201c{step.x_next}\u201d and \u201c{step.y_next}\u201d"
    return f"{why}, and {step.action} leads to {ends}: these share a code."
