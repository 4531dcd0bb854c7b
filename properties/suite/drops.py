"""Which numbers of a design became worse: what is compared, and the exact test of each."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tellapart.properties.suite.baseline import KnownCase, KnownCheck
from tellapart.properties.suite.exact_tests import (
    Decisions,
    ExactTest,
    decide,
    fisher_test,
    needed_pairs,
    needed_unmet,
    sign_test,
)
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Grade
from tellapart.theory.wording import count

__all__ = ["INDIFFERENT", "CheckPair", "DropTest", "drop_tests", "pair_cases"]

#: Distances and margins that change by less than this share count as equal.
INDIFFERENT = Fraction(1, 100)
#: Where a test is of all checks together.
ALL = ""

_NOT_RUN = (SuiteVerdict.SKIPPED, SuiteVerdict.TIMEOUT)

CasePair = tuple[KnownCase, KnownCase]


@dataclass(frozen=True)
class CheckPair:
    """One check then and now.

    Attributes
    ----------
    before, after
        The check.
    pairs
        Cases of the same name on the same system.
    alone_before, alone_after
        The other cases: on another system, or there only once.
    """

    before: KnownCheck
    after: KnownCheck
    pairs: tuple[CasePair, ...]
    alone_before: tuple[KnownCase, ...]
    alone_after: tuple[KnownCase, ...]

    @property
    def is_complete(self) -> bool:
        """Whether all cases of both are known one by one."""
        return self.before.is_complete and self.after.is_complete


@register
@dataclass(frozen=True)
class DropTest(Saved):
    """One number, compared case by case.

    Attributes
    ----------
    measure
        ``"premise met"``, ``"no violation"``, ``"pairs apart"``, ``"distance"`` or ``"margin"``.
    check
        Id of the check; empty: all checks together.
    depth
        For pairs apart at one depth; None otherwise.
    before, after
        Pairs (cases in which it is not so, all cases), where the two runs have different cases and
        are compared as a whole (Fisher's test); None where cases are compared in pairs (sign test).
    n, n_worse, n_better
        Pairs of cases, and how many of them became worse, and better; of a whole comparison, the
        cases of the later run.
    ratio
        Median of after by before, for distances and margins.
    p, adjusted
        Chance of a drop at least as large when nothing has changed; and Holm's value, for all tests
        together.
    significant
        Whether the adjusted one is at most the error rate.
    needed
        Cases that must be worse before the test can see it; None: more than there are.
    """

    measure: str
    check: str
    depth: int | None
    before: tuple[int, int] | None
    after: tuple[int, int] | None
    n: int
    n_worse: int
    n_better: int
    ratio: float | None
    p: float
    adjusted: float
    significant: bool
    needed: int | None

    def explain(self) -> str:
        """Say what was compared, what came out, and what could have been seen."""
        place = self.check or "all checks"
        depth = "" if self.depth is None else f" at depth {self.depth}"
        lines = f"{self.measure}{depth}, {place}: {self._seen()}; p = {self.p:.2g}"
        verdict = f", {self.adjusted:.2g} among all tests: a drop" if self.significant else ""
        return f"{lines}{verdict}. {self._power()}"

    def _seen(self) -> str:
        if self.before is not None and self.after is not None:
            (bad, n), (bad_now, n_now) = self.before, self.after
            return f"not so in {bad} of {n} cases before, in {bad_now} of {n_now} other cases now"
        told = f"{self.n_worse} of {count(self.n, 'case')} worse, {self.n_better} better"
        return told if self.ratio is None else f"{told}, median ratio {self.ratio:.3g}"

    def _power(self) -> str:
        cases = count(self.n, "case")
        if self.needed is None:
            return f"With {cases} no drop can be told from chance."
        return f"With {cases} a drop in fewer than {self.needed} cannot be told from chance."

    def __repr__(self) -> str:
        return f"DropTest({self.explain()})"


@dataclass(frozen=True)
class _Asked:
    """A test before all of them are judged together."""

    measure: str
    check: str
    depth: int | None
    test: ExactTest
    n: int
    n_worse: int = 0
    n_better: int = 0
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    ratio: float | None = None

    def needed(self, level: Fraction) -> int | None:
        if self.before is not None:
            return needed_unmet(self.before, self.n, level)
        needed = needed_pairs(level)
        return needed if needed <= self.n else None


def pair_cases(before: KnownCheck, after: KnownCheck) -> CheckPair:
    """Pair the cases of one check in two runs: those of the same name on the same system."""
    then = {one.scenario: one for one in before.cases}
    now = {one.scenario: one for one in after.cases}
    same = [name for name in then if name in now and _same_system(then[name], now[name])]
    paired = set(same)
    return CheckPair(
        before,
        after,
        tuple((then[name], now[name]) for name in same),
        tuple(one for one in before.cases if one.scenario not in paired),
        tuple(one for one in after.cases if one.scenario not in paired),
    )


def _same_system(one: KnownCase, other: KnownCase) -> bool:
    """Tell whether cases are of one system; a subject that raises has told none."""
    return one.system is None or other.system is None or one.system == other.system


def drop_tests(pairs: Sequence[CheckPair], error_rate: Fraction) -> tuple[DropTest, ...]:
    """Test all numbers of all checks for a drop.

    Parameters
    ----------
    pairs
        Checks that decide; advisory ones are for the caller to leave out.
    error_rate
        Chance that any of the tests is significant when the two runs could be exchanged.

    Notes
    -----
    The unit is the case: the pairs of observations in one case share one encoder and are not
    independent, so they are never counted one by one. Cases of one system are compared in pairs by
    the sign test: the runs differ in training alone, so when nothing has changed each case that
    differs became worse with probability one half. A bootstrap of nine cases has no such guarantee,
    and distances have no distribution that a t-test could rely on.
    """
    asked = [test for one in pairs for test in _of_check(one)]
    asked += _together(pairs) if len({one.check for one in asked}) > 1 else []
    decisions = decide([one.test for one in asked], error_rate)
    return tuple(_judged(one, decisions, i) for i, one in enumerate(asked))


def _judged(one: _Asked, found: Decisions, i: int) -> DropTest:
    return DropTest(
        one.measure, one.check, one.depth, one.before, one.after, one.n, one.n_worse, one.n_better,
        one.ratio, float(one.test.p), float(found.adjusted[i]), found.significant[i],
        one.needed(found.levels[i]),
    )  # fmt: skip


def _of_check(pair: CheckPair) -> Iterator[_Asked]:
    id = pair.after.check
    if pair.is_complete:
        yield from _paired(id, pair.pairs)
        yield from _whole(id, *map(_unmet_cases, (pair.alone_before, pair.alone_after)))
    else:  # of very many cases only those that do not hold are known by name
        yield from _whole(id, _unmet_counts(pair.before), _unmet_counts(pair.after))


def _together(pairs: Sequence[CheckPair]) -> list[_Asked]:
    whole = [one for one in pairs if one.is_complete]
    return list(_paired(ALL, [both for one in whole for both in one.pairs]))


def _paired(id: str, pairs: Sequence[CasePair]) -> Iterator[_Asked]:
    """Yield the sign tests of some pairs of cases."""
    # A rule of the contract is asked of one subject twenty times: not twenty independent cases.
    pairs = [both for both in pairs if any(one.grade is not None for one in both)]
    yield from _signs("premise met", id, None, pairs, _premise)
    yield from _signs("no violation", id, None, pairs, _no_violation)
    yield from _signs("distance", id, None, pairs, _distance)
    yield from _signs("margin", id, None, pairs, _margin)
    yield from _signs("pairs apart", id, None, pairs, _apart)
    depths = sorted({depth for one, _ in pairs for depth in one.depths})
    for depth in depths:

        def apart_here(one: KnownCase, depth: int = depth) -> float | None:
            return -float(dict(one.merged).get(depth, 0)) if depth in one.depths else None

        yield from _signs("pairs apart", id, depth, pairs, apart_here)


def _signs(
    measure: str,
    id: str,
    depth: int | None,
    pairs: Sequence[CasePair],
    value: Callable[[KnownCase], float | None],
) -> Iterator[_Asked]:
    """Yield the test of one number (larger is better), if there are cases that have it."""
    found = [(value(one), value(other)) for one, other in pairs]
    both = [(x, y) for x, y in found if x is not None and y is not None]
    if not both:
        return
    worse = sum(_is_less(y, x) for x, y in both)
    better = sum(_is_less(x, y) for x, y in both)
    ratios = [y / x for x, y in both if x > 0 and math.isfinite(x) and math.isfinite(y)]
    scaled = measure in ("distance", "margin") and ratios
    yield _Asked(
        measure, id, depth, sign_test(worse, better), len(both), worse, better,
        ratio=statistics.median(ratios) if scaled else None,
    )  # fmt: skip


def _is_less(small: float, large: float) -> bool:
    """Tell whether a number is smaller by more than what is indifferent."""
    return small < large and small < large - float(INDIFFERENT) * abs(large)


def _premise(one: KnownCase) -> float | None:
    return None if one.grade is None else float(one.grade != Grade.UNMET)


def _no_violation(one: KnownCase) -> float | None:
    return float(not one.verdict.fails) if one.verdict not in _NOT_RUN else None


def _distance(one: KnownCase) -> float | None:
    return one.distance


def _margin(one: KnownCase) -> float | None:
    """Return the certified margin; nothing certified is less than any margin."""
    return None if one.distance is None else one.margin or 0.0


def _apart(one: KnownCase) -> float | None:
    return -float(sum(number for _, number in one.merged)) if one.depths else None


def _unmet_cases(cases: Sequence[KnownCase]) -> tuple[int, int]:
    graded = [one for one in cases if one.grade is not None]
    return sum(one.grade == Grade.UNMET for one in graded), len(graded)


def _unmet_counts(check: KnownCheck) -> tuple[int, int]:
    grades = dict(check.grades)
    return grades.get(Grade.UNMET.value, 0), sum(grades.values())


def _whole(id: str, before: tuple[int, int], after: tuple[int, int]) -> Iterator[_Asked]:
    """Yield the test of the premise on different cases, if there are some on both sides."""
    if before[1] and after[1]:
        test = fisher_test(before, after)
        yield _Asked("premise met", id, None, test, after[1], before=before, after=after)
