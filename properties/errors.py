"""Errors at the border of the command line and of the check."""

from typing import Any

from tellapart.theory.errors import TellapartError

__all__ = ["ReplayError", "SubjectSourceError", "SuiteFailed"]


class SubjectSourceError(TellapartError, ValueError):
    """A SUBJECT argument does not name a design or a loadable factory."""


class ReplayError(TellapartError, ValueError):
    """A file cannot be replayed; the message names the file and what is wrong with it."""


class SuiteFailed(TellapartError, AssertionError):
    """A run of the suite found a violation, or too little; the message is the whole story.

    Parameters
    ----------
    report
        The :class:`~tellapart.properties.suite.results.Report`.
    """

    def __init__(self, report: Any) -> None:
        self.report = report
        super().__init__(report.explain())

    def __reduce__(self) -> tuple[Any, ...]:
        return (SuiteFailed, (self.report,))
