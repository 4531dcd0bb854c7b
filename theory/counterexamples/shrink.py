"""Shrink a failure: the smallest part of a system in which codes merge a pair they must not."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Literal

from tellapart.theory.counterexamples.shrink_codes import is_merged, merged_pair, rounded_codes
from tellapart.theory.counterexamples.shrink_data import Move, data_moves, needed_by_proof
from tellapart.theory.counterexamples.shrink_instance import (
    Code,
    Instance,
    Size,
    as_codes,
    violation,
)
from tellapart.theory.counterexamples.shrink_total import needed_by_word, total_moves
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.border import as_data
from tellapart.theory.partial.pairs import PairSeparation
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["Shrunk", "moves_of", "shrink"]

Kind = Literal["data", "total"]
Keep = Callable[[Instance], bool]
Progress = Callable[[str, int, int | None, str], None]

#: Rows of data, observations of an MDP above which all outside one proof is dropped at once.
_MOST_ROWS, _MOST_OBSERVATIONS = 64, 16
#: Rows that a story lists at most.
_MOST_LISTED = 20


@register
@dataclass(frozen=True, eq=False)
class Shrunk(Saved):
    """A failure from which nothing more can be taken.

    Attributes
    ----------
    system
        What is left: transition data, or a deterministic MDP.
    codes
        The code of each observation that is left, in few digits; x and y share one.
    x, y
        Names of the pair.
    separation
        Why every zero-loss encoder tells the pair apart in what is left (S3): proof and word.
    steps
        What was taken away, in order.
    before, after
        Sizes.
    n_checked
        How many smaller instances were decided, each answer checked independently.
    """

    system: TransitionData | DeterministicMDP
    codes: tuple[Code, ...]
    x: Hashable
    y: Hashable
    separation: PairSeparation
    steps: tuple[str, ...]
    before: Size
    after: Size
    n_checked: int

    @property
    def instance(self) -> Instance:
        """What is left, as it is given to a ``keep``."""
        return Instance(self.system, self.codes, self.x, self.y)

    def explain(self) -> str:
        """Say what was left of what, and why the pair must be told apart there."""
        code = self.codes[self.system.observation_index(self.x)]
        shown = ", ".join(map(str, code))
        return "\n".join(
            [
                f"{self.x} and {self.y} share the code ({shown}).",
                f"Before: {self.before.explain()}.",
                f"After:  {self.after.explain()}; {count(len(self.steps), 'step')}, "
                f"{count(self.n_checked, 'instance')} decided.",
                *self._rows(),
                self.separation.explain(),
                "Take away any one thing more, and the pair need not be told apart.",
            ]
        )

    def _rows(self) -> list[str]:
        system = self.system
        data = system if isinstance(system, TransitionData) else TransitionData.from_mdp(system)
        labels = (
            f"  label of {name}: {data.label_of(o)}, code {self.codes[o]}"
            if data.label_ids[o] >= 0
            else f"  no label of {name}, code {self.codes[o]}"
            for o, name in enumerate(data.observations)
        )
        rows = (
            f"  {data.observations[s]}, {data.actions[a]} -> {data.observations[t]}"
            for s, a, t in data.triples.tolist()
        )
        lines = [*labels, *rows]
        more = len(lines) - _MOST_LISTED
        return lines if more <= 0 else [*lines[:_MOST_LISTED], f"  and {more} more lines"]

    def __repr__(self) -> str:
        return f"Shrunk({self.x!r} and {self.y!r} merged: {self.after.explain()})"


def shrink(
    system: TransitionData | DeterministicMDP,
    codes: Any,
    x: Hashable | None = None,
    y: Hashable | None = None,
    *,
    kind: Kind = "data",
    tolerance: float = 0.0,
    keep: Keep | None = None,
    progress: Progress | None = None,
) -> Shrunk:
    """Return the smallest part of a failing instance in which the failure is still there.

    A failure is a pair that shares a code although every zero-loss encoder tells it apart (S3).

    Parameters
    ----------
    system
        Transition data or a deterministic MDP, feasible (S2).
    codes
        One code for each observation: numbers ``[n_obs]`` or ``[n_obs, d]``, integers, floats or
        fractions.
    x, y
        Names of the pair. Default: a merged pair with a distinguishing word as short as there is.
    kind
        ``"data"``: delete observations, actions, rows and labels, and merge label values; what is
        left are transition data. ``"total"``: keep a deterministic MDP: merge bisimilar
        observations, delete observations (what led there stays where it is) and actions, make
        transitions self-loops, and merge label values.
    tolerance
        Codes at most this far apart (Euclidean) count as one; default: equal codes only. For a
        report of a check, ``report.judgement.separation.threshold``.
    keep
        Called with each smaller :class:`~.shrink_instance.Instance` that still fails; one for
        which it returns False is not taken.
    progress
        Called with stage, done, total and a note.

    Returns
    -------
    Shrunk
        1-minimal: no single step of :func:`moves_of` leads to a smaller instance that fails (and
        that ``keep`` accepts).

    Raises
    ------
    InvalidArgumentError
        When arguments do not fit, data are infeasible, the pair does not share a code, or need
        not be told apart.
    InvalidMDPError
        When ``kind`` is total and the data are no deterministic MDP.

    Notes
    -----
    With ``"data"`` the failure is monotone: what fails still fails with more rows. So one pass of
    deletions suffices, O(rows) decisions; above 64 rows or observations all that the first proof
    does not need is dropped before it. There may be a smaller failing part elsewhere: the result
    is minimal where it stands, not always the smallest of all.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> small = shrink(counting_chain(9), [0] * 9, 0, 8)
    >>> small.before.rows, small.after.rows, small.system.n_obs
    (18, 5, 6)
    """
    start = _instance(system, codes, x, y, kind, tolerance)
    found = _failing(start)
    if keep is not None and not keep(start):
        raise InvalidArgumentError(
            "keep refuses the instance that was given; it must accept what is to be shrunk."
        )
    work = _Work(kind, keep or _accept, progress or _silent)
    smaller = work.jump(start, found)
    smaller = rounded_codes(work.exhaust(smaller), tolerance)
    return Shrunk(
        system=smaller.system,
        codes=smaller.codes,
        x=smaller.x,
        y=smaller.y,
        separation=_failing(smaller),
        steps=tuple(work.steps),
        before=start.size,
        after=smaller.size,
        n_checked=work.n_checked,
    )


def moves_of(instance: Instance) -> list[Move]:
    """Return every single step to a smaller instance: of transition data, or of an MDP."""
    if isinstance(instance.system, TransitionData):
        return data_moves(instance)
    return total_moves(instance)


def _instance(
    system: TransitionData | DeterministicMDP,
    codes: Any,
    x: Hashable | None,
    y: Hashable | None,
    kind: str,
    tolerance: float,
) -> Instance:
    """Check the arguments once."""
    if kind not in ("data", "total"):
        raise InvalidArgumentError(f"kind is {kind!r}; choose 'data' or 'total'.")
    number = isinstance(tolerance, int | float) and not isinstance(tolerance, bool)
    if not number or not 0 <= tolerance < float("inf"):
        raise InvalidArgumentError(f"tolerance is {tolerance!r}; it must be a finite number >= 0.")
    data = as_data(system)
    chosen = data if kind == "data" else _total(system)
    table = as_codes(codes, data.n_obs)
    if (x is None) is not (y is None):
        raise InvalidArgumentError("Give both x and y, or neither.")
    if x is None or y is None:
        x, y = merged_pair(system, table, tolerance)
    i, j = data.observation_index(x), data.observation_index(y)
    if i == j or not is_merged(table[i], table[j], tolerance):
        raise InvalidArgumentError(
            f"{x!r} and {y!r} {'are one observation' if i == j else 'do not share a code'}; name "
            "two observations that do, or give the tolerance= up to which codes count as one."
        )
    return Instance(chosen, table, x, y)


def _total(system: TransitionData | DeterministicMDP) -> DeterministicMDP:
    return system if isinstance(system, DeterministicMDP) else system.to_mdp()


def _failing(instance: Instance) -> PairSeparation:
    found = violation(instance)
    if found is None:
        raise InvalidArgumentError(
            f"{instance.x!r} and {instance.y!r} need not be told apart: some zero-loss encoder "
            "merges them, so sharing a code is no failure."
        )
    return found


class _Work:
    """Tries moves and keeps those after which the failure is still there."""

    def __init__(self, kind: str, keep: Keep, progress: Progress) -> None:
        self.kind, self.keep, self.progress = kind, keep, progress
        self.steps: list[str] = []
        self.n_checked = 0

    def jump(self, instance: Instance, found: PairSeparation) -> Instance:
        """Drop what one proof does not need, in one step, where there is much of it."""
        size = instance.size
        if self.kind == "data" and max(size.rows, size.observations) > _MOST_ROWS:
            return self._taken(instance, needed_by_proof(instance, found),
                               "what the first proof does not need deleted")  # fmt: skip
        if self.kind == "total" and size.observations > _MOST_OBSERVATIONS:
            return self._taken(instance, needed_by_word(instance, found),
                               "what the two runs do not visit deleted")  # fmt: skip
        return instance

    def exhaust(self, instance: Instance) -> Instance:
        """Try all moves in turn until a whole round changes nothing."""
        while True:
            before = len(self.steps)
            for move in moves_of(instance):
                instance = self._taken(instance, move.apply(instance), move.text)
            if len(self.steps) == before:
                return instance

    def _taken(self, instance: Instance, smaller: Instance | None, text: str) -> Instance:
        if smaller is None or smaller is instance:
            return instance
        self.n_checked += 1
        self.progress("shrink", self.n_checked, None, instance.size.explain())
        if violation(smaller) is None or not self.keep(smaller):
            return instance
        self.steps.append(text)
        return smaller


def _accept(instance: Instance) -> bool:
    """Take everything."""
    return True


def _silent(stage: str, done: int, total: int | None, note: str) -> None:
    """Report nothing."""
