"""Errors of tellapart: each message names the culprit, the rule and the fix."""

__all__ = [
    "BudgetExceededError",
    "CertificateError",
    "DataFileError",
    "DuplicateTransitionError",
    "FileFormatError",
    "InternalError",
    "InvalidArgumentError",
    "InvalidLabelError",
    "InvalidMDPError",
    "MissingTransitionError",
    "NearbyLabelsWarning",
    "StochasticEnvironmentError",
    "TellapartError",
]


class TellapartError(Exception):
    """Base of every error that tellapart raises on purpose; catch this one to catch them all."""


class InvalidArgumentError(TellapartError, ValueError):
    """An argument is outside what the function accepts; the message says what it accepts."""


class InvalidMDPError(TellapartError, ValueError):
    """The data do not describe a deterministic MDP (D1 of the theory pages)."""


class MissingTransitionError(InvalidMDPError):
    """A pair (observation, action) has no successor; a deterministic MDP needs exactly one."""


class DuplicateTransitionError(InvalidMDPError):
    """A pair (observation, action) has several successors where exactly one is needed."""


class FileFormatError(TellapartError, ValueError):
    """A file is not what its format says; the message names the line or element where known."""


class InvalidLabelError(InvalidMDPError):
    """A label is missing, not a number that can be compared exactly, or not hashable."""


class StochasticEnvironmentError(InvalidMDPError):
    """An environment has several outcomes for one (observation, action); the theorem needs one."""


class BudgetExceededError(TellapartError):
    """A bound that you set (observations, rounds, time) was reached before the work was done."""


class DataFileError(TellapartError, ValueError):
    """A file of logged transitions cannot be read, or lacks what was asked of it."""


class CertificateError(TellapartError, ValueError):
    """A certificate is malformed, or belongs to another MDP."""


class InternalError(TellapartError):
    """tellapart contradicts itself or the theorem: please report it with the saved case."""


class NearbyLabelsWarning(UserWarning):
    """Two label values are nearly but not exactly equal; ``label_tolerance=`` merges them."""
