"""Profiles: how many examples a law gets, from where, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tellapart.properties.laws.law import Cost
from tellapart.theory.naming import entry_named

__all__ = ["PROFILES", "Profile", "profile_named"]


@dataclass(frozen=True, repr=False)
class Profile:
    """How laws are run.

    Attributes
    ----------
    name, summary
        For lists.
    examples
        Examples of one round, by the cost of the law.
    repeats
        False: one round of examples, the same in every run. True: rounds with seeds that advance
        from a random one, until the time is over; known failures are kept and tried first.
    slice_seconds
        With ``repeats``: time of one law before the next one has its turn.
    hours
        With ``repeats``: time of the whole run; None: until it is stopped.
    shrink_seconds
        Time that a law takes to make a failing example small.
    most_vacuous
        Largest share of examples that may say nothing; above it the law is ``vacuous``.
    """

    name: str
    summary: str
    examples: Mapping[Cost, int]
    repeats: bool = False
    slice_seconds: float = 60.0
    hours: float | None = None
    shrink_seconds: float = 20.0
    most_vacuous: float = 0.75

    def __repr__(self) -> str:
        return f"Profile({self.name!r}: {self.summary})"


def _examples(exact: int, algebraic: int, trained: int) -> Mapping[Cost, int]:
    return MappingProxyType({Cost.EXACT: exact, Cost.ALGEBRAIC: algebraic, Cost.TRAINED: trained})


_ALL = (
    Profile(
        "smoke",
        "seconds: does anything break at once",
        _examples(20, 6, 2),
        shrink_seconds=5.0,
    ),
    Profile(
        "ci",
        "minutes: the same examples in every run",
        _examples(800, 150, 20),
    ),
    Profile(
        "nightly",
        "an hour of examples that no other night had",
        _examples(300, 60, 8),
        repeats=True,
        hours=1.0,
        shrink_seconds=120.0,
    ),
    Profile(
        "campaign",
        "as nightly, until it is stopped or --hours are over",
        _examples(1000, 200, 20),
        repeats=True,
        shrink_seconds=300.0,
    ),
)

#: All profiles by name, the shortest first.
PROFILES: Mapping[str, Profile] = MappingProxyType({profile.name: profile for profile in _ALL})


def profile_named(profile: "Profile | str") -> Profile:
    """Return a profile by its name; a profile is returned as it is.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> profile_named("smoke")
    Profile('smoke': seconds: does anything break at once)
    """
    if isinstance(profile, Profile):
        return profile
    return entry_named(PROFILES, profile, "profile")
