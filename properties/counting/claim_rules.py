"""The rules by which claims are judged, and their limits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tellapart.properties.counting.statistics import Interval

__all__ = [
    "COLLAPSED", "CONTRAST", "FEW", "MANY", "Finding", "every_seed", "held_back", "whole_interval",
]  # fmt: skip

#: Up to this many groups are few, and from this many on nearly all nine.
FEW, MANY = 4, 8

#: A difference of accuracies below this is too small to speak of.
CONTRAST = 0.1

#: Latents of at most this many percent of the scale of joint ones have collapsed.
COLLAPSED = 1.0

Verdict = Literal["shown", "not shown", "the opposite", "not measured"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What some runs say about a claim.

    Attributes
    ----------
    text
        A sentence of numbers.
    verdict
        The verdict.
    seeds
        How many seeds it rests on.
    """

    text: str
    verdict: Verdict
    seeds: int


def every_seed(
    values: Sequence[int],
    shown: Callable[[int], bool],
    opposite: Callable[[int], bool],
    text: str,
) -> Finding:
    """Judge numbers that must be right on every seed.

    Examples
    --------
    >>> every_seed([9, 9], lambda n: n == 9, lambda n: n < 5, "Nine.").verdict
    'shown'
    >>> every_seed([9, 8], lambda n: n == 9, lambda n: n < 5, "Nearly.").verdict
    'not shown'
    """
    if len(values) < 2:
        return _alone(text, len(values))
    verdict: Verdict = "not shown"
    if all(map(shown, values)):
        verdict = "shown"
    elif all(map(opposite, values)):
        verdict = "the opposite"
    return Finding(text, verdict, len(values))


def whole_interval(
    interval: Interval, upper: float, lower: float, text: str, *, smaller: bool = False
) -> Finding:
    """Judge a mean by where its whole interval lies.

    Parameters
    ----------
    interval
        Over seeds.
    upper, lower
        Above the first with its lower end it is shown, below the second with its upper end the
        opposite; with ``smaller`` the other way round.
    text
        The sentence.
    smaller
        Whether the claim is that the number is small.

    Examples
    --------
    >>> from tellapart.properties.counting.statistics import t_interval
    >>> whole_interval(t_interval([0.3, 0.31]), 0.1, 0.0, "Large.").verdict
    'shown'
    """
    if interval.n < 2:
        return _alone(text, interval.n)
    above, below = interval.lower > upper, interval.upper < lower
    verdict: Verdict = "not shown"
    if above:
        verdict = "the opposite" if smaller else "shown"
    elif below:
        verdict = "shown" if smaller else "the opposite"
    return Finding(text, verdict, interval.n)


def held_back(finding: Finding, reason: str) -> Finding:
    """Add to the sentence why a claim cannot be shown; what was shown is *not shown* then.

    The opposite stays: a missing condition for the claim is no evidence for it.

    Parameters
    ----------
    finding
        As the numbers alone have it.
    reason
        A sentence; empty where nothing is in the way.

    Examples
    --------
    >>> held_back(Finding("One.", "shown", 3), "Its scale is not known.")
    Finding(text='One. Its scale is not known.', verdict='not shown', seeds=3)
    """
    if not reason:
        return finding
    verdict: Verdict = "not shown" if finding.verdict == "shown" else finding.verdict
    return Finding(f"{finding.text} {reason}", verdict, finding.seeds)


def _alone(text: str, seeds: int) -> Finding:
    return Finding(f"{text} One seed decides nothing.", "not shown", seeds)
