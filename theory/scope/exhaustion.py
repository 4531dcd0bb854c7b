"""The theorem on every system and every kernel of small size: counted, none left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tellapart.theory.errors import BudgetExceededError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis, hypothesis_named
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.scope.counting import (
    all_partitions,
    count_isomorphism_classes,
    count_tables,
    count_zero_loss,
)
from tellapart.theory.serialise import Saved, register

__all__ = ["MOST_TABLES", "Exhaustion", "ScopeCollapse", "ScopeRow", "droppable", "exhaust"]

#: Sizes with more tables are refused: they take longer than a few minutes.
MOST_TABLES = 50_000_000

#: Tables between two calls of ``progress``.
_CHUNK = 1 << 15


@register
@dataclass(frozen=True)
class ScopeCollapse(Saved):
    """A kernel that reaches zero loss and merges observations that are not bisimilar.

    Attributes
    ----------
    mdp
        The system; observations, actions and labels are numbers.
    kernel
        The kernel (D2).
    """

    mdp: DeterministicMDP
    kernel: Partition


@register
@dataclass(frozen=True)
class ScopeRow(Saved):
    """What was found at one size.

    Attributes
    ----------
    n_obs, n_actions
        The size.
    tables
        Tables of successors and labels, names and all; every one was checked with every kernel.
    systems, kernels
        Systems, and pairs of a system and a partition of it, up to renaming observations, actions
        and label values.
    zero_loss
        Those of the ``kernels`` that reach zero loss.
    collapses
        Those of ``zero_loss`` that merge observations which are not bisimilar; S4 says 0.
    zero_loss_tables, collapses_tables
        The same two, names and all.
    by_depth
        Systems by the depth of bisimilarity, from 0 on.
    broken
        How often another statement failed: ``("S1", times)``, zero loss without being admissible
        or the other way round; ``("S5", times)``, no lattice from the identity to bisimilarity;
        ``("S7", times)``, bisimilarity is no equivalence, or deeper than observations less labels.
    expected
        Independent counts of tables, systems, kernels and zero_loss_tables, by formulas
        (:mod:`tellapart.theory.scope.counting`).
    """

    n_obs: int
    n_actions: int
    tables: int
    systems: int
    kernels: int
    zero_loss: int
    collapses: int
    zero_loss_tables: int
    collapses_tables: int
    by_depth: tuple[int, ...]
    broken: tuple[tuple[str, int], ...]
    expected: tuple[int, int, int, int]

    @property
    def agrees(self) -> bool:
        """Tell whether enumeration and formulas give the same four counts."""
        found = (self.tables, self.systems, self.kernels, self.zero_loss_tables)
        return found == self.expected

    @property
    def holds(self) -> bool:
        """Tell whether no statement failed, and nothing was left out."""
        return self.agrees and self.collapses_tables == 0 and not any(n for _, n in self.broken)


@register
@dataclass(frozen=True, repr=False)
class Exhaustion(Saved):
    """All systems of small size and all kernels of each; made by :func:`exhaust`.

    Attributes
    ----------
    labels
        Label values that a system may use.
    drop
        The loss that did not have to be zero: ``"aux_loss"``, ``"dynamics_loss"`` or None.
    rows
        What was found, one size after the other.
    first_collapse
        The first table and kernel (in the order of the loop) against S4, None when there is none.
    """

    labels: int
    drop: str | None
    rows: tuple[ScopeRow, ...]
    first_collapse: ScopeCollapse | None

    @property
    def holds(self) -> bool:
        """Tell whether every statement holds on everything, and nothing was left out."""
        return all(row.holds for row in self.rows)

    def __bool__(self) -> bool:
        return self.holds

    @property
    def systems(self) -> int:
        """Systems of all sizes up to renaming."""
        return sum(row.systems for row in self.rows)

    @property
    def kernels(self) -> int:
        """Pairs of a system and a partition of it, of all sizes, up to renaming."""
        return sum(row.kernels for row in self.rows)

    @property
    def collapses(self) -> int:
        """Pairs that reach zero loss and merge what is not bisimilar, up to renaming."""
        return sum(row.collapses for row in self.rows)

    def row(self, n_obs: int, n_actions: int) -> ScopeRow:
        """Return what was found at one size.

        Raises
        ------
        InvalidArgumentError
            When that size was not looked at.
        """
        for row in self.rows:
            if (row.n_obs, row.n_actions) == (n_obs, n_actions):
                return row
        raise InvalidArgumentError(
            f"No row has {n_obs} observations and {n_actions} actions; the largest has "
            f"{self.rows[-1].n_obs} and {self.rows[-1].n_actions}."
        )

    def explain(self) -> str:
        """Return the counts as a table and what follows from them."""
        heads = ("n", "|A|", "tables", "systems", "kernels", "zero loss", "collapses")
        lines = ["".join(f"{head:>{w}}" for head, w in zip(heads, _WIDTHS, strict=True))]
        for row in self.rows:
            cells = (row.n_obs, row.n_actions, row.tables, row.systems, row.kernels,
                     row.zero_loss, row.collapses)  # fmt: skip
            lines.append("".join(f"{cell:>{w}}" for cell, w in zip(cells, _WIDTHS, strict=True)))
        return "\n".join([*lines, "", *self._conclusion()])

    def _conclusion(self) -> list[str]:
        broken = [
            f"{name} failed {times} times at n = {row.n_obs}, |A| = {row.n_actions}."
            for row in self.rows for name, times in row.broken if times
        ]  # fmt: skip
        wrong = [
            f"The counts at n = {row.n_obs}, |A| = {row.n_actions} are not the expected "
            f"{row.expected}." for row in self.rows if not row.agrees
        ]  # fmt: skip
        counts = [] if wrong else ["All counts agree with formulas that list nothing."]
        if self.first_collapse is None:
            found = (
                f"On all {self.systems} systems, every kernel of zero loss ({self.kernels} kernels "
                "looked at) keeps apart what is not bisimilar."
            )
            return [found, *broken, *wrong, *counts]
        mdp, kernel = self.first_collapse.mdp, self.first_collapse.kernel
        missing = "" if self.drop is None else f" Without {self.drop}:"
        return [
            f"{missing} {self.collapses} kernels reach zero loss and merge observations that are "
            "not bisimilar, the first:".strip(),
            f"  successors {mdp.successors.tolist()}, labels {list(mdp.labels)}, kernel "
            + " ".join("{" + ", ".join(map(str, block)) + "}" for block in kernel.blocks),
            *broken, *wrong, *counts,
        ]  # fmt: skip

    def __repr__(self) -> str:
        dropped = "" if self.drop is None else f"without {self.drop}, "
        return (
            f"Exhaustion({dropped}{self.systems} systems, {self.kernels} kernels, "
            f"{self.collapses} collapses, {'holds' if self.holds else 'fails'})"
        )


_WIDTHS = (2, 5, 10, 10, 10, 11, 11)


def exhaust(
    max_observations: int = 4,
    max_actions: int = 2,
    labels: int = 2,
    *,
    drop: Hypothesis | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Exhaustion:
    """Check the theorem on every deterministic MDP up to a size, with every kernel.

    Parameters
    ----------
    max_observations, max_actions
        All sizes from one observation and one action up to these.
    labels
        Label values that may be used; systems that use fewer are among them.
    drop
        ``"aux_loss"`` or ``"dynamics_loss"``: that loss need not be zero. The result then counts
        the collapses instead.
    progress
        Called now and then with the number of tables done and to do.

    Returns
    -------
    Exhaustion

    Raises
    ------
    InvalidArgumentError
        For numbers that are no positive integers, or another hypothesis.
    BudgetExceededError
        When a size has more than ``MOST_TABLES`` tables.

    Notes
    -----
    For each table: bisimilarity by walking over pairs (D3); for each partition zero loss by
    looking for the tables of predictor and head (D1), and admissibility by pairs (D4). S1: the two
    are the same. S4: zero loss lies inside bisimilarity. S5: the identity and bisimilarity reach
    zero loss, and meets and joins of what reaches it do.
    O(n^(n |A|) |Y|^n Bell(n) n² (n |A| + |Y|)) steps in a compiled loop.

    Examples
    --------
    >>> exhaust(2, 1)
    Exhaustion(7 systems, 13 kernels, 0 collapses, holds)
    >>> exhaust(2, 1, drop="aux_loss").collapses
    3
    """
    for value, name in ((max_observations, "max_observations"), (max_actions, "max_actions"),
                        (labels, "labels")):  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= 1.")
    dropped = droppable(drop)
    _check_budget(max_observations, max_actions, labels)
    sizes = [(n, m) for n in range(1, max_observations + 1) for m in range(1, max_actions + 1)]
    total = sum(count_tables(n, m, labels) for n, m in sizes)
    done, rows, first = 0, [], None
    for n, m in sizes:
        size = count_tables(n, m, labels)

        def show(here: int, before: int = done) -> None:
            if progress is not None:
                progress(before + here, total)

        row, found = _exhaust_size(n, m, labels, dropped, show)
        rows.append(row)
        first = first or found
        done += size
    return Exhaustion(labels, None if dropped is None else dropped.value, tuple(rows), first)


def droppable(drop: Hypothesis | str | None) -> Hypothesis | None:
    """Return a hypothesis that is a loss, or None.

    Raises
    ------
    InvalidArgumentError
        For any other.
    """
    if drop is None:
        return None
    hypothesis = hypothesis_named(drop)
    if hypothesis not in (Hypothesis.AUX_LOSS, Hypothesis.DYNAMICS_LOSS):
        raise InvalidArgumentError(
            f"drop is {str(drop)!r}; here it can be 'aux_loss' or 'dynamics_loss', the two losses "
            "that need not be zero, or None."
        )
    return hypothesis


def _check_budget(n: int, m: int, labels: int) -> None:
    # nothing beyond 64 fits, and huge numbers are not raised to powers to find out
    tables = count_tables(n, m, labels) if n * m <= 64 and labels <= 64 else MOST_TABLES + 1
    if tables > MOST_TABLES:
        raise BudgetExceededError(
            f"{n} observations, {m} actions and {labels} labels have more than {MOST_TABLES} "
            "tables of successors and labels. Choose a smaller size, or use "
            "tellapart.theory.scope.sat.refute_by_sat for one size."
        )


def _exhaust_size(
    n: int, m: int, labels: int, drop: Hypothesis | None, progress: Callable[[int], None]
) -> tuple[ScopeRow, ScopeCollapse | None]:
    """Run the compiled loop over one size."""
    from tellapart.theory.scope import kernels, listing

    tables = count_tables(n, m, labels)
    totals = listing.fresh_totals()
    losses = (drop is not Hypothesis.AUX_LOSS, drop is not Hypothesis.DYNAMICS_LOSS)
    given: tuple[Any, ...] = (labels, m, *listing.size_of(n, m, labels), *losses, totals)
    for first in range(0, tables, _CHUNK):
        last = min(first + _CHUNK, tables)
        kernels.sweep(first, last, *given)
        progress(last)
    systems, pairs = count_isomorphism_classes(n, m, labels)
    expected = (tables, systems, pairs, count_zero_loss(n, m, labels, drop))
    return _row(n, m, totals.tolist(), expected), _first_collapse(n, m, labels, totals.tolist())


def _row(n: int, m: int, totals: list[int], expected: tuple[int, int, int, int]) -> ScopeRow:
    from tellapart.theory.scope import kernels as k

    depths = totals[k.DEPTHS :]
    while depths and depths[-1] == 0:
        depths.pop()
    broken = (("S1", totals[k.BROKEN_S1]), ("S5", totals[k.BROKEN_S5]),
              ("S7", totals[k.BROKEN_S7]))  # fmt: skip
    return ScopeRow(
        n, m, totals[k.COPIES], totals[k.SYSTEMS], totals[k.KERNELS], totals[k.ZERO_LOSS],
        totals[k.COLLAPSES], totals[k.ZERO_LOSS_TABLES], totals[k.COLLAPSES_TABLES],
        tuple(depths), broken, expected,
    )  # fmt: skip


def _first_collapse(n: int, m: int, labels: int, totals: list[int]) -> ScopeCollapse | None:
    from tellapart.theory.scope import kernels as k
    from tellapart.theory.scope.listing import table_of

    if totals[k.WITNESS] < 0:
        return None
    successors, values = table_of(totals[k.WITNESS], n, m, labels)
    return ScopeCollapse(
        DeterministicMDP(successors, values), Partition(all_partitions(n)[totals[k.WITNESS_KERNEL]])
    )
