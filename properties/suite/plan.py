"""Which cases are run, with which seeds, in which order."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Check, Tier, all_checks
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["Job", "make_plan", "seed_of", "selected_checks"]


@dataclass(frozen=True)
class Job:
    """One case to run, by names, so that any process can do it.

    Attributes
    ----------
    check, module
        Id of the check and the module that registers it.
    scenario
        Name of the case.
    seed
        Of building and training.
    tier
        Of the check.
    """

    check: str
    module: str
    scenario: str
    seed: int
    tier: str

    @property
    def id(self) -> str:
        """``check/scenario``."""
        return f"{self.check}/{self.scenario}"


def seed_of(id: str, seed: int) -> int:
    """Return the seed of a case: of its id and the seed of the run, and of nothing else.

    Examples
    --------
    >>> seed_of("exact-counting/counting-9", 0)
    1521494521
    """
    digest = hashlib.sha256(f"{seed}/{id}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def selected_checks(
    only: Iterable[str] = (), exclude: Iterable[str] = (), checks: Sequence[Check] | None = None
) -> tuple[Check, ...]:
    """Return the checks that are asked for.

    Parameters
    ----------
    only, exclude
        Patterns: a check (``exact-counting``), a tier (``contract``), a case
        (``random-chain/deep-0``), or any of them with ``*``.
    checks
        To choose from; default: all.

    Raises
    ------
    InvalidArgumentError
        When a pattern matches nothing, or nothing is left.
    """
    known = tuple(all_checks().values()) if checks is None else tuple(checks)
    only, exclude = tuple(only), tuple(exclude)
    for pattern in (*only, *exclude):
        if not any(_matches_check(pattern, one) for one in known):
            names = ", ".join(dict.fromkeys([*(one.tier.value for one in known)]))
            raise InvalidArgumentError(
                f"No check matches {pattern!r}. Give the id of a check (`tellapart suite --list`), "
                f"a tier ({names}), or a pattern with *."
            )
    kept = tuple(
        one
        for one in known
        if (not only or any(_matches_check(pattern, one) for pattern in only))
        and not any("/" not in pattern and _matches_check(pattern, one) for pattern in exclude)
    )
    if not kept:
        raise InvalidArgumentError("No check is left to run; exclude fewer of them.")
    return kept


def _matches_check(pattern: str, check: Check) -> bool:
    head = pattern.split("/", 1)[0]
    return fnmatchcase(check.id, head) or fnmatchcase(check.tier.value, head)


def _matches_case(pattern: str, check: Check, scenario: str) -> bool:
    head, slash, tail = pattern.partition("/")
    if not (fnmatchcase(check.id, head) or fnmatchcase(check.tier.value, head)):
        return False
    return not slash or fnmatchcase(scenario, tail)


def make_plan(
    checks: Sequence[Check],
    profile: SuiteProfile,
    seed: int,
    only: Iterable[str] = (),
    exclude: Iterable[str] = (),
) -> tuple[Job, ...]:
    """Return the cases in the order in which they are run: the most telling first.

    The contract comes first, since a subject that breaks it cannot be judged. Then the first case
    of every check, then the second of every check, and so on, so that a run that is cut off has
    asked every question at least once.

    Raises
    ------
    InvalidArgumentError
        When patterns leave no case.
    """
    only, exclude = tuple(only), tuple(exclude)
    ranked: list[tuple[tuple[int, int, int], Job]] = []
    for place, check in enumerate(checks):
        rank = 0
        for scenario in check.scenarios(profile):
            name = scenario.name
            wanted = not only or any(_matches_case(one, check, name) for one in only)
            if not wanted or any(_matches_case(one, check, name) for one in exclude):
                continue
            contract = check.tier is Tier.CONTRACT
            # All rules of the contract are asked of one subject, so they share its seed.
            id = f"{check.tier if contract else check.id}/{name}"
            job = Job(check.id, check.run.__module__, name, seed_of(id, seed), check.tier.value)
            first = 0 if contract else 1
            ranked.append(((first, rank, place), job))
            rank += 1
    if not ranked:
        raise InvalidArgumentError(
            f"No case is left to run at profile {profile.name!r}; `tellapart suite --list` shows "
            "all of them."
        )
    return tuple(job for _, job in sorted(ranked, key=lambda item: item[0]))
