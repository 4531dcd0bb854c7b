"""The words in which the suite answers, for a case, for a check and for a whole run."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

__all__ = ["FAILING", "INCONCLUSIVE", "SuiteVerdict", "worst"]


class SuiteVerdict(StrEnum):
    """What the suite concludes about one case, or about all cases of one check."""

    HOLDS = "holds"
    COLLAPSED = "collapsed"
    BROKEN = "broken"
    ERROR = "error"
    VACUOUS = "vacuous"
    INFEASIBLE = "infeasible"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"
    XFAIL = "xfail"
    XPASS = "xpass"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _MEANING[self]

    @property
    def fails(self) -> bool:
        """Whether it is a violation: something is wrong with the subject."""
        return self in FAILING

    @property
    def is_inconclusive(self) -> bool:
        """Whether nothing is wrong and nothing is shown either."""
        return self in INCONCLUSIVE


_MEANING = {
    SuiteVerdict.HOLDS: "the premise is met and what must be told apart is told apart",
    SuiteVerdict.COLLAPSED: "a pair that must be told apart shares a code",
    SuiteVerdict.BROKEN: "the subject breaks a rule of the contract",
    SuiteVerdict.ERROR: "the subject raised, or answers what cannot be judged",
    SuiteVerdict.VACUOUS: "the premise was not met, so nothing is shown: never a pass",
    SuiteVerdict.INFEASIBLE: "no training can meet the premise",
    SuiteVerdict.TIMEOUT: "the time was over before it was run",
    SuiteVerdict.SKIPPED: "not run: the subject cannot be asked this",
    SuiteVerdict.XFAIL: "fails as expected",
    SuiteVerdict.XPASS: "was expected to fail and holds: the entry is stale",
}

#: Something is wrong, the worst first.
FAILING = (SuiteVerdict.COLLAPSED, SuiteVerdict.BROKEN, SuiteVerdict.ERROR)
#: Nothing is shown.
INCONCLUSIVE = (SuiteVerdict.VACUOUS, SuiteVerdict.INFEASIBLE, SuiteVerdict.TIMEOUT)


def worst(verdicts: Iterable[SuiteVerdict], most_vacuous: float) -> SuiteVerdict:
    """Return the verdict of a check from those of its cases.

    Parameters
    ----------
    verdicts
        Of all its cases.
    most_vacuous
        Share of inconclusive cases (among those that were not skipped) above which the check is
        inconclusive.

    Returns
    -------
    SuiteVerdict
        A failing one if a case fails; the most frequent inconclusive one above the limit;
        ``skipped`` if nothing was run; else ``holds``.

    Examples
    --------
    >>> holds, vacuous = SuiteVerdict.HOLDS, SuiteVerdict.VACUOUS
    >>> worst([holds, holds, holds, holds, vacuous], 0.2), worst([holds, vacuous], 0.2)
    (<SuiteVerdict.HOLDS: 'holds'>, <SuiteVerdict.VACUOUS: 'vacuous'>)
    """
    counts = Counter(verdicts)
    for failing in FAILING:
        if counts[failing]:
            return failing
    n_run = sum(counts.values()) - counts[SuiteVerdict.SKIPPED]
    if n_run == 0:
        return SuiteVerdict.SKIPPED
    n_open = sum(counts[verdict] for verdict in INCONCLUSIVE)
    if n_open > most_vacuous * n_run or n_open == n_run:
        return max(INCONCLUSIVE, key=lambda verdict: counts[verdict])
    return SuiteVerdict.HOLDS
