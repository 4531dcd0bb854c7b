"""The smallest counterexamples to each hypothesis of S4, by examining everything smaller."""

from collections.abc import Callable
from dataclasses import replace

from tellapart.theory.counterexamples.asked import Asked, at_least, known_method, size_range
from tellapart.theory.counterexamples.deciding import by_enumeration, by_solver, decided_by_sat
from tellapart.theory.counterexamples.minimum import Minimum, SizeExamined
from tellapart.theory.counterexamples.rules import Rule, rules_of
from tellapart.theory.hypotheses import Hypothesis, hypothesis_named

__all__ = ["smallest_counterexamples"]

Progress = Callable[[str], None]


def smallest_counterexamples(
    drop: Hypothesis | str,
    *,
    max_observations: int = 4,
    max_actions: int = 2,
    max_labels: int = 2,
    observations: int | None = None,
    actions: int | None = None,
    codes: int | None = None,
    min_depth: int = 0,
    method: str = "auto",
    most: int = 1000,
    progress: Progress | None = None,
) -> Minimum:
    """Find all smallest counterexamples to a hypothesis of S4, up to renaming.

    Sizes are examined in order of observations, actions, codes, label values and extra rows
    (added or missing ones, hidden states), each completely, up to the first with a counterexample:
    so nothing smaller exists.

    Parameters
    ----------
    drop
        The hypothesis to drop, or its name.
    max_observations, max_actions, max_labels
        Bounds on the world.
    observations, actions, codes
        Look at exactly this number instead; None: any in the bounds.
    min_depth
        The merged pair needs distinguishing words at least this long.
    method
        ``"enumeration"``: examine every candidate, and count. ``"sat"``: let a SAT solver find one
        or prove that there is none (needs python-sat, ``tellapart[formal]``). ``"auto"``: by
        enumeration where the dynamics of a size are few enough, by SAT beyond.
    most
        List at most this many specimens; all are counted.
    progress
        Called with a line of text before each size.

    Returns
    -------
    Minimum
        With no specimens when there is none in the bounds: that is proved too.

    Raises
    ------
    InvalidArgumentError
        For an unknown hypothesis or method, numbers out of range, or ``"sat"`` without python-sat.
    BudgetExceededError
        When a size has more tables or candidates than :mod:`.deciding` enumerates, or is too large
        for the solver as well.

    Notes
    -----
    Dynamics are enumerated up to renaming, labels, codes and extras in full for each; candidates
    that a renaming turns into each other are counted once. The defaults take under a second.

    Examples
    --------
    >>> found = smallest_counterexamples("aux_loss")
    >>> found
    Minimum(without aux_loss: 3 up to renaming with 2 observations, 1 action, 1 code)
    >>> found.specimens[0].world.successors.tolist(), found.specimens[0].codes
    ([[0], [0]], (0, 0))
    """
    hypothesis = hypothesis_named(drop)
    asked = Asked(
        observations=size_range("observations", observations, "max_observations", max_observations),
        actions=size_range("actions", actions, "max_actions", max_actions),
        codes=codes,
        max_labels=at_least("max_labels", max_labels, 1),
        min_depth=at_least("min_depth", min_depth, 0),
        method=known_method(method),
        most=at_least("most", most, 1),
    )
    if codes is not None:
        at_least("codes", codes, 1)
    tell = progress or (lambda text: None)
    minima = [_minimum(rule, asked, tell) for rule in rules_of(hypothesis)]
    best = min(minima, key=_order)
    return replace(best, others=tuple(one for one in minima if one is not best))


def _minimum(rule: Rule, asked: Asked, tell: Progress) -> Minimum:
    """Examine sizes in order up to the first with a counterexample."""
    none = Minimum(
        rule.hypothesis, rule.variant, (), 0, True, (), rule.extra, 0, asked.codes,
        asked.max_labels, asked.min_depth,
    )  # fmt: skip
    sizes: list[SizeExamined] = []
    for n in asked.observations:
        for m in asked.actions:
            done = sum(size.n_examined for size in sizes)
            tell(f"{n} observations, {m} actions: {done:,} candidates examined so far")
            found: Minimum | None
            if decided_by_sat(n, m, asked):
                found = by_solver(rule, n, m, asked, none)
                sizes.append(SizeExamined(n, m, 0, 0, int(found is not None)))
            else:
                found, size = by_enumeration(rule, n, m, asked, done, none)
                sizes.append(size)
            if found is not None:
                return replace(found, sizes=tuple(sizes))
    return replace(none, sizes=tuple(sizes))


def _order(minimum: Minimum) -> tuple[float, ...]:
    """Put smaller minima first, and none at all last."""
    if not minimum.specimens:
        return (float("inf"),)
    size = (minimum.n_observations, minimum.n_actions, minimum.n_codes, minimum.n_labels)
    return (*size, minimum.n_extra)
