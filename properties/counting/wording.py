"""Numbers of several seeds as a person reads them."""

from collections.abc import Sequence

from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.statistics import Interval, exact_binomial, t_interval
from tellapart.theory.wording import count

__all__ = [
    "HISTORY", "accuracy", "accuracy_text", "groups", "groups_text", "lost_counts", "seeds_text",
]  # fmt: skip

#: What was fixed when, for text, page and documentation.
HISTORY = (
    "Seeds and bars were fixed before any run. Rules of claims were made stricter after a review "
    "of the first runs, one (the order of pairs) was replaced, and one (the dropped background) "
    "was added; none was loosened."
)


def accuracy(runs: Sequence[CountingRun], level: float = 0.0) -> Interval:
    """Return the held-out accuracy of some runs at a level of noise."""
    return t_interval((run.measures.at_noise(level).accuracy for run in runs), 0.0, 1.0)


def groups(runs: Sequence[CountingRun], level: float = 0.0) -> tuple[int, ...]:
    """Return the number of groups of each run at a level of noise."""
    return tuple(run.measures.at_noise(level).groups for run in runs)


def accuracy_text(runs: Sequence[CountingRun], level: float = 0.0) -> str:
    """Say the accuracy and the groups of each seed, as part of a sentence."""
    noise = f"under {100 * level:g} % noise " if level else ""
    return f"{noise}accuracy {accuracy(runs, level).text()}, {groups_text(groups(runs, level))}"


def groups_text(found: Sequence[int]) -> str:
    """Say the numbers of groups.

    Examples
    --------
    >>> groups_text([9, 9, 8]), groups_text([1, 1])
    ('groups 9, 9, 8', '1 group on each seed')
    """
    if len(set(found)) == 1 and len(found) > 1:
        return f"{count(found[0], 'group')} on each seed"
    return f"groups {', '.join(map(str, found))}"


def lost_counts(runs: Sequence[CountingRun]) -> str:
    """Say that counts are lost on some seed; empty when every seed tells all of them apart."""
    if all(run.measures.groups == len(run.measures.counts) for run in runs):
        return ""
    most = max(len(run.measures.counts) for run in runs)
    return f"The counts are not held on every seed ({groups_text(groups(runs))} of {most})."


def seeds_text(hits: Sequence[bool]) -> str:
    """Say on how many seeds something was so, with the exact interval of the share.

    Examples
    --------
    >>> seeds_text([True, True, False])
    'on 2 of 3 seeds [0.09, 0.99]'
    """
    low, high = exact_binomial(sum(hits), len(hits))
    if len(hits) == 1:
        return f"on {sum(hits)} of 1 seed (no interval)"
    return f"on {sum(hits)} of {len(hits)} seeds [{low:.2f}, {high:.2f}]"
