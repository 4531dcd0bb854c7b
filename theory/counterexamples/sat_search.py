"""One counterexample of a size, or the proof that there is none, by a SAT solver.

For sizes with too many dynamics to enumerate. It states the definitions a second time, as clauses:
on small sizes both searches must agree.
"""

import importlib.util
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.counterexamples.encoding import Encoding, Relation
from tellapart.theory.counterexamples.isomorphism import Structure, renumbered
from tellapart.theory.errors import BudgetExceededError
from tellapart.theory.hypotheses import Hypothesis

__all__ = ["SIZE_LIMIT", "SatSize", "find_one", "has_sat"]

#: Deterministic.
_SOLVER = "glucose4"
#: Observations times actions that clauses are made for.
SIZE_LIMIT = 24
_FORCED = (
    Hypothesis.DETERMINISM,
    Hypothesis.ACTION_CONDITIONING,
    Hypothesis.MARKOV_OBSERVATION,
)


def has_sat() -> bool:
    """Tell whether python-sat is installed."""
    return importlib.util.find_spec("pysat") is not None


@dataclass(frozen=True)
class SatSize:
    """What is asked of the solver.

    Attributes
    ----------
    hypothesis, variant
        The rule.
    n, m, n_codes, n_labels
        Observations, actions, codes and label values.
    extra
        Added or missing rows, or hidden states; None: any number of them, but one.
    min_depth
        The merged pair needs words at least this long.
    """

    hypothesis: Hypothesis
    variant: str
    n: int
    m: int
    n_codes: int
    n_labels: int
    extra: int | None
    min_depth: int


def find_one(size: SatSize) -> tuple[npt.NDArray[np.int8], Structure] | None:
    """Return the table and structure of one counterexample of a size; None: there is none.

    Raises
    ------
    BudgetExceededError
        When there are more than ``SIZE_LIMIT`` pairs of observation and action.

    Notes
    -----
    O(n^5 m log n) clauses where merges are forced, O(n^4 m) otherwise; NP-hard to decide.

    Examples
    --------
    >>> size = SatSize(Hypothesis.AUX_LOSS, "", 2, 1, 1, 2, 0, 0)
    >>> find_one(size)[1][:2]
    ((0, 1), (0, 0))
    """
    if size.n * size.m > SIZE_LIMIT:
        raise BudgetExceededError(
            f"{size.n} observations and {size.m} actions make {size.n * size.m} pairs, and at "
            f"most {SIZE_LIMIT} are given to the SAT solver. Ask for fewer."
        )
    if size.n < 2 or size.n_codes > size.n or size.n_labels > size.n:
        return None
    question = _Question(size)
    from pysat.solvers import Solver

    with Solver(name=_SOLVER, bootstrap_with=question.world.clauses) as solver:
        if not solver.solve():
            return None
        return question.answer({literal for literal in solver.get_model() if literal > 0})


class _Question:
    """The clauses of one size; the merged pair is 0 and 1, as a renaming may have it."""

    def __init__(self, size: SatSize) -> None:
        self.size = size
        self.world = world = Encoding(size.n, size.m, size.n_labels, size.n_codes)
        self.same_label = world.relation(world.labels)
        self.same_code = world.relation(world.codes)
        self.changes: list[tuple[tuple[int, ...], int]] = []
        self.looks: list[list[int]] = []
        self._pair()
        if size.hypothesis in _FORCED:
            self._forced()
        else:
            self._free()

    def _pair(self) -> None:
        size, world = self.size, self.world
        levels = world.apart(self.same_label, max(size.n - 1, size.min_depth))
        world.clauses += [[self.same_code[0][1]], [-levels[size.n - 1][0][1]]]
        if size.min_depth:
            world.clauses.append([levels[size.min_depth - 1][0][1]])

    def _free(self) -> None:
        """Ask for codes at which the losses that must be zero are zero."""
        size, world = self.size, self.world
        drop = size.hypothesis
        by_dynamics = drop is Hypothesis.JOINT_TRAINING and "dynamics" in size.variant
        if by_dynamics or drop in (
            Hypothesis.AUX_LOSS,
            Hypothesis.INFORMATIVE_LABEL,
            Hypothesis.FULL_COVERAGE,
        ):
            world.follow(self._rows(), self.same_code)
        if not by_dynamics and drop not in (Hypothesis.AUX_LOSS, Hypothesis.INFORMATIVE_LABEL):
            for x in range(size.n):
                for y in range(x):
                    world.clauses.append([-self.same_code[x][y], self.same_label[x][y]])

    def _rows(self) -> list[list[list[int]]]:
        """Return the rows of the data; with ``full_coverage`` dropped, some are missing."""
        size, world = self.size, self.world
        if size.hypothesis is not Hypothesis.FULL_COVERAGE:
            return world.ends
        pairs = [(o, a) for o in range(size.n) for a in range(size.m)]
        self.changes = [(pair, world.new()) for pair in pairs]
        world.exactly([literal for _, literal in self.changes], size.extra)
        gone = dict(self.changes)
        return [
            [[world.both(end, -gone[o, a]) for end in world.ends[o][a]] for a in range(size.m)]
            for o in range(size.n)
        ]

    def _forced(self) -> None:
        """Ask that the codes are the classes that the data force together."""
        size, world = self.size, self.world
        rows, start = world.ends, self._identity()
        if size.hypothesis is Hypothesis.DETERMINISM:
            rows = self._more_rows()
        elif size.hypothesis is Hypothesis.ACTION_CONDITIONING:
            rows = [
                [[world.any_of(one[a][t] for a in range(size.m)) for t in range(size.n)]]
                for one in world.ends
            ]
        else:
            start = self._alike()
        forced = world.forced(rows, start)
        for x in range(size.n):
            for y in range(x):
                one, other = forced[x][y], self.same_code[x][y]
                world.clauses += [[-one, other], [one, -other]]

    def _identity(self) -> Relation:
        return self.world.symmetric(lambda x, y: -self.world.true)

    def _more_rows(self) -> list[list[list[int]]]:
        size, world = self.size, self.world
        rows = [[list(ends) for ends in one] for one in world.ends]
        for o in range(size.n):
            for a in range(size.m):
                for t in range(size.n):
                    more = world.new()
                    world.clauses.append([-more, -world.ends[o][a][t]])
                    self.changes.append(((o, a, t), more))
                    rows[o][a][t] = world.any_of([world.ends[o][a][t], more])
        world.exactly([literal for _, literal in self.changes], size.extra)
        return rows

    def _alike(self) -> Relation:
        """Return "look alike"; 0 and 1 do, and labels contradict or not as the variant says."""
        size, world = self.size, self.world
        self.looks = [world.one_of(size.n) for _ in range(size.n)]
        for o, look in enumerate(self.looks):
            # A look is named after the first state that has it.
            for first, literal in enumerate(look):
                world.clauses.append([-literal, self.looks[first][first]])
                if first > o:
                    world.clauses.append([-literal])
        hidden = [-look[o] for o, look in enumerate(self.looks)]
        world.exactly(hidden, size.extra)
        alike = world.relation(self.looks)
        world.clauses.append([alike[0][1]])
        pairs = [(x, y) for x in range(size.n) for y in range(x)]
        clashes = [world.both(alike[x][y], -self.same_label[x][y]) for x, y in pairs]
        if size.variant == "labels contradict":
            world.clauses.append(clashes)
        else:
            world.clauses += [[-clash] for clash in clashes]
        return alike

    def answer(self, model: set[int]) -> tuple[npt.NDArray[np.int8], Structure]:
        """Read the table and the structure from a model."""

        def chosen(one_hot: list[list[int]]) -> list[int]:
            return [
                next(value for value, literal in enumerate(row) if literal in model)
                for row in one_hot
            ]

        table = np.array([chosen(ends) for ends in self.world.ends], dtype=np.int8)
        looks = chosen(self.looks) if self.looks else list(range(self.size.n))
        rows = tuple(sorted(change for change, literal in self.changes if literal in model))
        structure = (
            renumbered(chosen(self.world.labels)),
            renumbered(chosen(self.world.codes)),
            renumbered(looks),
            rows,
        )
        return table, structure
