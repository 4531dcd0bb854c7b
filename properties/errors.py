"""Errors at the border of the command line and of the check."""

from tellapart.theory.errors import TellapartError

__all__ = ["ReplayError", "SubjectSourceError"]


class SubjectSourceError(TellapartError, ValueError):
    """A SUBJECT argument does not name a design or a loadable factory."""


class ReplayError(TellapartError, ValueError):
    """A file cannot be replayed; the message names the file and what is wrong with it."""
