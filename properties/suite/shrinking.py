"""Shrink a system on which a check fails: smaller systems are tried while the check still fails.

Whether a system fails is known only by training on it, so tries are few and dear: bold moves come
before timid ones, and no system is tried twice.
"""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tellapart.properties.suite.shrinking_steps import (
    KINDS,
    Kind,
    bisimilar_merged,
    moving,
    reached_kept,
)
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["ShrunkSystem", "shrink_system"]

Fails = Callable[[DeterministicMDP], bool]
Progress = Callable[[str, int, int | None, str], None]


@register
@dataclass(frozen=True)
class ShrunkSystem(Saved):
    """What is left of a system on which a check fails.

    Attributes
    ----------
    mdp
        The smallest system found on which the check fails; names are those it had before.
    start
        The system as it was given.
    steps
        What was taken away, in order.
    n_tried
        How many other systems the check was run on.
    complete
        Whether the check fails on no system that is one step smaller, all of
        :func:`~.shrinking_steps.smaller_systems` tried but those that ``separating`` leaves out;
        otherwise a limit was reached.
    separating
        Whether only systems were tried in which some pair must be told apart.
    """

    mdp: DeterministicMDP
    start: DeterministicMDP
    steps: tuple[str, ...]
    n_tried: int
    complete: bool
    separating: bool

    def explain(self) -> str:
        """Say what was left of what, by which steps, and whether that is the end."""
        where = " and has a pair to tell apart" if self.separating else ""
        end = (
            f"The check fails on no system that is one step smaller{where}."
            if self.complete
            else "The limit on tries or time was reached: a smaller system may fail too."
        )
        return "\n".join(
            [
                f"Before: {_size(self.start)}.",
                f"After:  {_size(self.mdp)}; {count(len(self.steps), 'step')}, "
                f"{count(self.n_tried, 'system')} tried.",
                *(f"  {step}" for step in self.steps),
                end,
            ]
        )

    def __repr__(self) -> str:
        kind = "" if self.complete else ", not complete"
        return f"ShrunkSystem({_size(self.mdp)}{kind})"


def shrink_system(
    mdp: DeterministicMDP,
    fails: Fails,
    *,
    max_tries: int = 200,
    ends: float | None = None,
    separating: bool = True,
    progress: Progress | None = None,
) -> ShrunkSystem:
    """Return a smallest system, reached from ``mdp`` step by step, on which a check still fails.

    Parameters
    ----------
    mdp
        A system on which the check fails; this is taken for granted and not tried again.
    fails
        Runs the check on a system and returns whether it fails. It should give the same answer for
        the same system. What it raises ends the search.
    max_tries
        How often to call ``fails`` at most; 0 returns the system as it is.
    ends
        A reading of ``time.monotonic()`` after which no try begins.
    separating
        Where some pair of ``mdp`` must be told apart, try only systems of which that is true as
        well. Otherwise a check that asks for guarantees ends at one observation, on which no
        design guarantees anything, and tells nothing about separation.
    progress
        Called with ``"shrink"``, tries done, ``max_tries`` and the size of the smallest system so
        far, before each try.

    Raises
    ------
    InvalidArgumentError
        For arguments of other kinds.

    Notes
    -----
    Greedy and deterministic. In each round come, in this order: the quotient by B*; what a pair
    of observations reaches; observations deleted (what led there stays where it is); actions
    deleted; label values made one; transitions made self-loops. Of the last four, halves go
    first, then quarters, down to single ones. Rounds go on until one changes nothing, and no
    system is tried twice: some 5 to 60 tries for ten observations. There may be a smaller
    system elsewhere: the result is minimal where it stands.

    Examples
    --------
    >>> from tellapart.theory.bisimulation import bisimulation
    >>> from tellapart.theory.gallery import counting_chain
    >>> small = shrink_system(counting_chain(9), lambda mdp: bisimulation(mdp).depth >= 2)
    >>> small
    ShrunkSystem(4 observations, 1 action, 2 moving transitions, 2 label values)
    >>> small.complete, small.mdp.successors.tolist(), small.mdp.labels
    (True, [[0], [2], [3], [3]], (0, 0, 0, 1))
    """
    _check(mdp, fails, max_tries, ends)
    # Two labels are two blocks of B* (D3), and one label is one.
    kept = separating and len(mdp.label_values) > 1
    until = math.inf if ends is None else ends
    search = _Search(mdp, fails, max_tries, until, 2 if kept else 1, progress)
    complete = search.exhaust()
    return ShrunkSystem(search.mdp, mdp, tuple(search.steps), search.n_tried, complete, kept)


class _SpentError(Exception):
    """The limit on tries or on time was reached."""


class _Search:
    """The smallest system so far, and the systems that were tried."""

    def __init__(
        self,
        mdp: DeterministicMDP,
        fails: Fails,
        max_tries: int,
        ends: float,
        least_labels: int,
        progress: Progress | None,
    ) -> None:
        self.mdp, self.fails, self.progress = mdp, fails, progress
        self.least_labels = least_labels
        self.max_tries, self.ends = max_tries, ends
        self.steps: list[str] = []
        self.n_tried = 0
        self.tried = {mdp.fingerprint}

    def exhaust(self) -> bool:
        """Go round by round until one changes nothing; False where a limit stopped it."""
        try:
            while self._round():
                pass
        except _SpentError:
            return False
        return True

    def _round(self) -> bool:
        before = len(self.steps)
        self._first_of(bisimilar_merged(self.mdp))
        self._first_of(reached_kept(self.mdp))
        for kind in KINDS:
            size = max(1, kind.extent(self.mdp) // 2) if kind.halves else 1
            while size:
                self._sweep(kind, size)
                size //= 2
        return len(self.steps) > before

    def _sweep(self, kind: Kind, size: int) -> None:
        """Take pieces of some size away from the end on: what comes before keeps its place."""
        stop = kind.extent(self.mdp)
        while stop > 0:
            start = max(0, stop - size)
            self._first_of(kind.taken(self.mdp, start, stop))
            stop = start

    def _first_of(self, candidates: Iterator[tuple[str, DeterministicMDP]]) -> None:
        """Take the first of some smaller systems that fails."""
        for text, smaller in candidates:
            if self._still_fails(smaller):
                self.mdp = smaller
                self.steps.append(text)
                return

    def _still_fails(self, smaller: DeterministicMDP) -> bool:
        if smaller.fingerprint in self.tried or len(smaller.label_values) < self.least_labels:
            return False
        if self.n_tried >= self.max_tries or time.monotonic() >= self.ends:
            raise _SpentError
        if self.progress is not None:
            self.progress("shrink", self.n_tried, self.max_tries, _size(self.mdp))
        self.n_tried += 1
        self.tried.add(smaller.fingerprint)
        return bool(self.fails(smaller))


def _size(mdp: DeterministicMDP) -> str:
    return (
        f"{count(mdp.n_obs, 'observation')}, {count(mdp.n_actions, 'action')}, "
        f"{count(len(moving(mdp)), 'moving transition')}, "
        f"{count(len(mdp.label_values), 'label value')}"
    )


def _check(mdp: DeterministicMDP, fails: Fails, max_tries: int, ends: float | None) -> None:
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"shrink_system needs a DeterministicMDP, got {type(mdp).__name__}."
        )
    if not callable(fails):
        raise InvalidArgumentError(
            f"fails is a {type(fails).__name__}; give a function of a system that returns whether "
            "the check fails on it."
        )
    if not isinstance(max_tries, int) or isinstance(max_tries, bool) or max_tries < 0:
        raise InvalidArgumentError(
            f"max_tries is {max_tries!r}; it must be a whole number of 0 or more."
        )
    number = isinstance(ends, int | float) and not isinstance(ends, bool)
    if ends is not None and (not number or math.isnan(ends)):
        raise InvalidArgumentError(
            f"ends is {ends!r}; give a reading of time.monotonic(), or None for no limit on time."
        )
