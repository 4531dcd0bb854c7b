"""The advice on many cases, put together by cause."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from tellapart.properties.suite.advice_item import CAUSES, STRENGTHS, Advice
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["merge_advice"]


def merge_advice(advices: Iterable[tuple[Advice, ...]]) -> tuple[Advice, ...]:
    """Put the advice on many cases together, one for each cause.

    Parameters
    ----------
    advices
        What :func:`advise` returned, one tuple for each case; an empty one counts as a case.

    Returns
    -------
    tuple of Advice
        With ``cases`` and ``of``; text, fix and numbers are those of a case where the cause was
        most likely. Causes that came first in more cases come first. The order of the cases does
        not matter.

    Raises
    ------
    InvalidArgumentError
        When an item is not a tuple of advice on single cases.

    Examples
    --------
    >>> one = Advice("plateau", "The loss stays at 0.2.", "Use a larger network.", "measured")
    >>> merge_advice([(one,), (), (one,)])
    (Advice('plateau', measured: 2 of 3 cases: The loss stays at 0.2.),)
    """
    cases = _check_cases(advices)
    weight: dict[str, Fraction] = {}
    count: dict[str, int] = {}
    shown: dict[str, tuple[Any, Advice]] = {}
    for case in cases:
        for place, advice in enumerate(case):
            cause = advice.cause
            weight[cause] = weight.get(cause, Fraction()) + Fraction(1, place + 1)
            count[cause] = count.get(cause, 0) + 1
            key = (STRENGTHS.index(advice.strength), place, advice.text, advice.fix, advice.numbers)
            if cause not in shown or key < shown[cause][0]:
                shown[cause] = (key, advice)
    order = sorted(weight, key=lambda cause: (-weight[cause], list(CAUSES).index(cause)))
    return tuple(replace(shown[c][1], cases=count[c], of=len(cases)) for c in order)


def _check_cases(advices: Any) -> list[tuple[Advice, ...]]:
    if isinstance(advices, Advice) or not isinstance(advices, Iterable):
        raise InvalidArgumentError(
            f"advices is of type {type(advices).__name__}; give a list with one tuple of advice "
            "for each case."
        )
    cases = list(advices)
    for place, case in enumerate(cases):
        if not isinstance(case, tuple) or not all(isinstance(item, Advice) for item in case):
            raise InvalidArgumentError(
                f"advices[{place}] is {case!r}; it must be a tuple of advice, as advise returns."
            )
        for item in case:
            if item.of != 1 or item.cause not in CAUSES:
                raise InvalidArgumentError(
                    f"advices[{place}] holds {item!r}, which is merged already or of an unknown "
                    "cause; merge what advise returned, once."
                )
        if len({item.cause for item in case}) < len(case):
            raise InvalidArgumentError(f"advices[{place}] names one cause twice.")
    return cases
