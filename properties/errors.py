"""Errors at the border of the command line and of the check."""

from tellapart.theory.errors import TellapartError

__all__ = ["SubjectSourceError"]


class SubjectSourceError(TellapartError, ValueError):
    """A SUBJECT argument does not name a design or a loadable factory."""
