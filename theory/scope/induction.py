"""The theorem at one size by induction on words, one SAT query for the base and one for the step.

The unrolled formula of :mod:`tellapart.theory.scope.sat` follows each word letter by letter. Here
a relation "told apart within k steps" is left free, and one letter is added to it. Refuting the
step once settles words of every length, so far more observations fit.
"""

import importlib
import importlib.util
import itertools
from collections.abc import Iterable
from typing import Any

from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.scope.confirming import confirm_collapse
from tellapart.theory.scope.exhaustion import ScopeCollapse, droppable
from tellapart.theory.scope.sat import SatRefutation

__all__ = ["GROUPS", "MOST_OBSERVATIONS", "InductionEncoding", "refute_by_induction"]

#: Larger sizes are refused: the clauses grow with the fourth power.
MOST_OBSERVATIONS = 24

#: Parts of the formula that a test may leave out.
GROUPS = ("labels", "dynamics", "successors", "lemma")

_SOLVER = "glucose4"
Pair = tuple[int, int]


class InductionEncoding:
    """The clauses of base or step for one size.

    Parameters
    ----------
    n, m
        Observations and actions; two label values.
    step
        False, the base: told apart means that labels differ. True, the step: told apart means that
        labels differ or that some action leads to a pair that was told apart before.
    grounded
        For a step: "before" means that labels differ, so that a model is a real one. Otherwise it
        is any relation that the lemma allows.
    without
        Members of :data:`GROUPS` to leave out.

    Attributes
    ----------
    clauses, n_variables
        As DIMACS has them.
    told
        By pair: a variable that is true only when the pair is told apart.
    same
        By pair: whether the two share a code.

    Examples
    --------
    >>> encoding = InductionEncoding(3, 1)
    >>> encoding.n_variables, len(encoding.clauses)
    (18, 45)
    """

    def __init__(
        self, n: int, m: int, *, step: bool = False, grounded: bool = False,
        without: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.n, self.m = n, m
        self.clauses: list[list[int]] = []
        self.n_variables = 0
        self._without = frozenset(without)
        self._pairs = list(itertools.combinations(range(n), 2))
        self._f = {key: self._new() for key in itertools.product(range(n), range(m), range(n))}
        self._label = [self._new() for _ in range(n)]
        self.same = {pair: self._new() for pair in self._pairs}
        self._add_functions()
        self._add_kernel()
        differ = self._differing()
        self.told = differ
        if step:
            before = differ if grounded else {pair: self._new() for pair in self._pairs}
            if "lemma" not in self._without:
                self.clauses += [[-before[pair], -self.same[pair]] for pair in self._pairs]
            self.told = self._one_letter_more(differ, before)

    def _new(self) -> int:
        self.n_variables += 1
        return self.n_variables

    def _add_functions(self) -> None:
        for x, a in itertools.product(range(self.n), range(self.m)):
            if "successors" not in self._without:
                self.clauses.append([self._f[x, a, y] for y in range(self.n)])
            self.clauses += [[-self._f[x, a, y], -self._f[x, a, z]] for y, z in self._pairs]

    def _add_kernel(self) -> None:
        """Sharing a code is transitive; zero losses make it admissible (D4)."""
        same = self._shares
        for x, y, z in itertools.permutations(range(self.n), 3):
            if x < z:
                self.clauses.append([-same(x, y), -same(y, z), same(x, z)])
        for x, y in self._pairs:
            one, other = self._label[x], self._label[y]
            if "labels" not in self._without:
                self.clauses += [[-same(x, y), -one, other], [-same(x, y), one, -other]]
            if "dynamics" in self._without:
                continue
            for a, (u, v) in self._ends():
                self.clauses.append([-same(x, y), -self._f[x, a, u], -self._f[y, a, v], same(u, v)])

    def _ends(self) -> Iterable[tuple[int, Pair]]:
        return itertools.product(range(self.m), itertools.permutations(range(self.n), 2))

    def _differing(self) -> dict[Pair, int]:
        differ = {pair: self._new() for pair in self._pairs}
        for (x, y), variable in differ.items():
            one, other = self._label[x], self._label[y]
            self.clauses += [[-variable, one, other], [-variable, -one, -other]]
        return differ

    def _one_letter_more(self, differ: dict[Pair, int], before: dict[Pair, int]) -> dict[Pair, int]:
        told = {pair: self._new() for pair in self._pairs}
        for x, y in self._pairs:
            ways = [self._new() for _ in range(self.m)]
            self.clauses.append([-told[x, y], differ[x, y], *ways])
            for a, (u, v) in self._ends():
                there = before[min(u, v), max(u, v)]
                self.clauses.append([-ways[a], -self._f[x, a, u], -self._f[y, a, v], there])
            for a, u in itertools.product(range(self.m), range(self.n)):
                self.clauses.append([-ways[a], -self._f[x, a, u], -self._f[y, a, u]])
        return told

    def _shares(self, x: int, y: int) -> int:
        return self.same[min(x, y), max(x, y)]

    def read(self, model: Iterable[int]) -> ScopeCollapse:
        """Return system and kernel of a satisfying assignment (signed variables)."""
        true = {literal for literal in model if literal > 0}
        successors = [
            [next(y for y in range(self.n) if self._f[x, a, y] in true) for a in range(self.m)]
            for x in range(self.n)
        ]
        labels = [int(variable in true) for variable in self._label]
        ids = [
            next(y for y in range(x + 1) if y == x or self._shares(x, y) in true)
            for x in range(self.n)
        ]
        return ScopeCollapse(DeterministicMDP(successors, labels), Partition(ids))


def refute_by_induction(
    n_observations: int, n_actions: int, *, drop: Hypothesis | str | None = None,
    every_pair: bool = False,
) -> SatRefutation:  # fmt: skip
    """Search all systems of one size, with two label values, for a collapse at zero loss (S4).

    Parameters
    ----------
    n_observations, n_actions
        The size.
    drop
        ``"aux_loss"`` or ``"dynamics_loss"``: that loss may be anything.
    every_pair
        Refute base and step for each pair. Otherwise for the pair (0, 1) only, because
        observations can be renamed: an argument that no solver checks.

    Returns
    -------
    SatRefutation
        With the sums of the formulas that were solved.

    Raises
    ------
    InvalidArgumentError
        For a bad size or hypothesis, or when python-sat is not installed.
    BudgetExceededError
        Above :data:`MOST_OBSERVATIONS` observations or actions.

    Notes
    -----
    O(n⁴ m) clauses. That base and step give all words is an induction for people to follow. A
    collapse, where a loss is dropped, is told apart by a word of at most one letter, and checked
    without the solver.
    """
    _check_sizes(n_observations, n_actions)
    dropped = droppable(drop)
    without = [
        group
        for loss, group in ((Hypothesis.AUX_LOSS, "labels"), (Hypothesis.DYNAMICS_LOSS, "dynamics"))
        if loss is dropped
    ]
    pairs = list(itertools.combinations(range(n_observations), 2)) if every_pair else [(0, 1)]
    collapse: ScopeCollapse | None = None
    size = [0, 0, 0]
    stages = [(False, False), (True, True), (True, False)]
    for step, grounded in stages if dropped is not None else stages[::2]:
        encoding = InductionEncoding(
            n_observations, n_actions, step=step, grounded=grounded, without=without
        )
        collapse, conflicts = _solve(encoding, pairs)
        for i, number in enumerate((encoding.n_variables, len(encoding.clauses), conflicts)):
            size[i] += number
        if collapse is not None:
            _confirm(collapse, dropped, free=step and not grounded)
            break
    value = None if dropped is None else dropped.value
    return SatRefutation(n_observations, n_actions, value, collapse, size[0], size[1], size[2])


def _solve(encoding: InductionEncoding, pairs: list[Pair]) -> tuple[ScopeCollapse | None, int]:
    solvers: Any = importlib.import_module("pysat.solvers")
    with solvers.Solver(name=_SOLVER, bootstrap_with=encoding.clauses) as solver:
        for pair in pairs:
            if solver.solve(assumptions=[encoding.same[pair], encoding.told[pair]]):
                return encoding.read(solver.get_model()), solver.accum_stats()["conflicts"]
        return None, solver.accum_stats()["conflicts"]


def _confirm(collapse: ScopeCollapse, dropped: Hypothesis | None, free: bool) -> None:
    if free:  # "before" was any relation, so this need not be a collapse
        raise InternalError(f"The step is not refuted: {collapse!r}; the encoding is wrong.")
    confirm_collapse(collapse, dropped)


def _check_sizes(n_observations: object, n_actions: object) -> None:
    for name, value, least in (("n_observations", n_observations, 2), ("n_actions", n_actions, 1)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")
        if value > MOST_OBSERVATIONS:
            raise BudgetExceededError(
                f"{name} is {value}; the formula is made for at most {MOST_OBSERVATIONS}. Choose "
                "a smaller size."
            )
    if importlib.util.find_spec("pysat") is None:
        raise InvalidArgumentError(
            "refute_by_induction needs python-sat, which is not installed here. Install "
            "tellapart[formal], or use exhaust() for up to 4 observations."
        )
