"""Profiles of the suite: how many cases each kind of check gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tellapart.theory.naming import entry_named

__all__ = ["SUITE_PROFILES", "SuiteProfile", "suite_profile"]


@dataclass(frozen=True, repr=False)
class SuiteProfile:
    """How much is run.

    Attributes
    ----------
    name, summary
        For lists.
    seeds
        Training seeds of each named system.
    per_family
        Random systems of each family and depth class.
    size
        0: small systems only; 1: those that take seconds as well; 2: all of them.
    most_vacuous
        Share of inconclusive cases of a check above which the check is inconclusive.
    """

    name: str
    summary: str
    seeds: int
    per_family: int
    size: int
    most_vacuous: float = 0.2

    def __repr__(self) -> str:
        return f"SuiteProfile({self.name!r}: {self.summary})"


_ALL = (
    SuiteProfile("smoke", "seconds: does anything break at once", 1, 1, 0),
    SuiteProfile("ci", "minutes: every check, several seeds", 3, 3, 1),
    SuiteProfile("nightly", "an hour: large systems, many seeds", 10, 40, 2),
    SuiteProfile("campaign", "as long as you let it: 100,000 cases in one store", 100, 4000, 2),
)

#: All profiles by name, the shortest first.
SUITE_PROFILES: Mapping[str, SuiteProfile] = MappingProxyType({one.name: one for one in _ALL})


def suite_profile(profile: "SuiteProfile | str") -> SuiteProfile:
    """Return a profile by its name; a profile is returned as it is.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> suite_profile("smoke")
    SuiteProfile('smoke': seconds: does anything break at once)
    """
    if isinstance(profile, SuiteProfile):
        return profile
    return entry_named(SUITE_PROFILES, profile, "profile")
