"""Rates and intervals of the ablation matrix.

Runs are independent; the pairs within a run are not, because they share one encoder. So a rate is
the mean over runs, and its interval counts runs, never pairs.
"""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tellapart.models.ablations.cell import AblationCell, AblationRun, DepthCount
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.verdict import Verdict

__all__ = ["BANDS", "INTERVAL", "Rate", "Summary", "band_rate", "summarise", "wilson"]

#: What the intervals are, for captions.
INTERVAL = "95 % Wilson score intervals; the sample is the number of runs, not of pairs"
#: Depths of the columns of the table: first and last, None for no end.
BANDS: tuple[tuple[int, int | None], ...] = ((0, 0), (1, 1), (2, 3), (4, None))
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Rate:
    """A mean over runs with its interval.

    Attributes
    ----------
    mean, low, high
        In ``[0, 1]``.
    runs
        The sample.
    """

    mean: float
    low: float
    high: float
    runs: int


def wilson(mean: float, runs: int) -> Rate:
    """Return the 95 % Wilson score interval of a mean over independent runs.

    Parameters
    ----------
    mean
        Of values in ``[0, 1]``: yes or no, or a fraction of pairs.
    runs
        How many values.

    Raises
    ------
    InvalidArgumentError
        When the mean is outside ``[0, 1]`` or there is no run.

    Notes
    -----
    For yes and no this is the usual interval. Fractions in ``[0, 1]`` vary at most as much as yes
    and no of the same mean, so for them the interval is wide rather than narrow. Unlike a bootstrap
    it has a width when all runs agree.

    Examples
    --------
    >>> rate = wilson(1.0, 10)
    >>> round(rate.low, 2), rate.high
    (0.72, 1.0)
    """
    if not 0 <= mean <= 1:
        raise InvalidArgumentError(f"mean is {mean!r}; a rate lies in [0, 1].")
    if runs < 1:
        raise InvalidArgumentError(f"runs is {runs!r}; a rate needs at least one run.")
    squared = _Z**2 / runs
    centre = (mean + squared / 2) / (1 + squared)
    half = _Z / (1 + squared) * math.sqrt(mean * (1 - mean) / runs + squared / (4 * runs))
    return Rate(mean, max(0.0, min(mean, centre - half)), min(1.0, max(mean, centre + half)), runs)


@dataclass(frozen=True, slots=True)
class Summary:
    """What some runs came to.

    Attributes
    ----------
    runs
        How many.
    apart, own_apart
        Fraction of the pairs that must be told apart and were: for the label of the task, and for
        the label that was trained on. None where nothing must be told apart in any run.
    by_depth
        The first by length of the shortest distinguishing word.
    premise
        Premise met (S13) for the label that was trained on.
    covered
        B* of that label tells apart whatever the task needs (S9).
    holds, vacuous, collapsed
        Rates of the verdicts on the task.
    size
        Median size of the codes after training, relative to before.
    """

    runs: int
    apart: Rate | None
    own_apart: Rate | None
    by_depth: tuple[tuple[int, Rate], ...]
    premise: Rate
    covered: Rate
    holds: Rate
    vacuous: Rate
    collapsed: Rate
    size: float

    def verdict(self, verdict: Verdict) -> Rate:
        """Return the rate of one verdict."""
        rates = {
            Verdict.HOLDS: self.holds, Verdict.VACUOUS: self.vacuous,
            Verdict.COLLAPSED: self.collapsed,
        }  # fmt: skip
        return rates[verdict]


def summarise(cells: Sequence[AblationCell]) -> Summary:
    """Sum up all runs of some cells.

    Raises
    ------
    InvalidArgumentError
        When there are none.
    """
    runs = [run for cell in cells for run in cell.runs]
    if not runs:
        raise InvalidArgumentError("There is no run to sum up; give at least one cell.")
    depths = sorted({row.depth for run in runs for row in run.task})
    rates = ((depth, band_rate(runs, depth, depth)) for depth in depths)
    return Summary(
        runs=len(runs),
        apart=band_rate(runs, 0, None),
        own_apart=_mean(_fraction(run.own) for run in runs),
        by_depth=tuple((depth, rate) for depth, rate in rates if rate is not None),
        premise=_share(runs, lambda run: run.premise),
        covered=_share(runs, lambda run: run.covered),
        holds=_share(runs, lambda run: run.verdict is Verdict.HOLDS),
        vacuous=_share(runs, lambda run: run.verdict is Verdict.VACUOUS),
        collapsed=_share(runs, lambda run: run.verdict is Verdict.COLLAPSED),
        size=statistics.median(run.size for run in runs),
    )


def band_rate(runs: Iterable[AblationRun], first: int, last: int | None) -> Rate | None:
    """Return the fraction told apart among pairs of some depths, over the runs that have any."""
    return _mean(
        _fraction([r for r in run.task if first <= r.depth and (last is None or r.depth <= last)])
        for run in runs
    )


def _fraction(rows: Sequence[DepthCount]) -> float | None:
    pairs = sum(row.pairs for row in rows)
    return sum(row.apart for row in rows) / pairs if pairs else None


def _mean(fractions: Iterable[float | None]) -> Rate | None:
    known = [fraction for fraction in fractions if fraction is not None]
    return wilson(min(1.0, statistics.fmean(known)), len(known)) if known else None


def _share(runs: Sequence[AblationRun], holds: Callable[[AblationRun], bool]) -> Rate:
    return wilson(sum(map(holds, runs)) / len(runs), len(runs))
