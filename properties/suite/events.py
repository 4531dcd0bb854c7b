"""What the engine tells while it runs; progress, files and reports are made from it alone."""

from collections.abc import Callable
from dataclasses import dataclass

from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.theory.serialise import Saved, register

__all__ = ["CaseDone", "CheckDone", "Consumer", "Event", "Resumed", "Started", "Stopped", "Warned"]


@register
@dataclass(frozen=True)
class Started(Saved):
    """A run begins.

    Attributes
    ----------
    subject, profile, seed, spec
        What is run, and how.
    n_checks, n_cases
        How much there is to do.
    jobs
        Processes.
    """

    subject: str
    profile: str
    seed: int
    spec: str
    n_checks: int
    n_cases: int
    jobs: int


@register
@dataclass(frozen=True)
class Resumed(Saved):
    """Cases were done by an earlier run; those that are kept follow, as ``CaseDone`` and known.

    Attributes
    ----------
    n_cases
        How many there are, whether they follow or not.
    """

    n_cases: int


@register
@dataclass(frozen=True)
class CaseDone(Saved):
    """A case is done.

    Attributes
    ----------
    result
        What came of it.
    known
        Whether it was taken from a store instead of being run.
    """

    result: CaseResult
    known: bool = False


@register
@dataclass(frozen=True)
class CheckDone(Saved):
    """All cases of a check are done."""

    result: CheckResult


@register
@dataclass(frozen=True)
class Warned(Saved):
    """Something should be known that changes no verdict."""

    message: str


@register
@dataclass(frozen=True)
class Stopped(Saved):
    """The run is over."""

    report: Report


Event = Started | Resumed | CaseDone | CheckDone | Warned | Stopped
Consumer = Callable[[Event], None]
