"""The version of the set of checks; imports nothing, so that a header can name it at no cost."""

__all__ = ["SPEC"]

#: Version of the set of checks: a baseline of another one is compared check by check.
SPEC = "2026.1"
