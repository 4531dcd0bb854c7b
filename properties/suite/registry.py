"""Checks of the suite: what one is, and the register of all of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from tellapart.properties.suite.outcomes import Outcome
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.spec import SPEC
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.naming import entry_named

if TYPE_CHECKING:
    from tellapart.properties.suite.trial import Trial

__all__ = [
    "SPEC",
    "Capability",
    "Check",
    "Scenario",
    "SuiteCost",
    "Tier",
    "all_but",
    "all_checks",
    "check",
    "check_named",
    "own_checks",
]

System = DeterministicMDP | TransitionData
Run = Callable[["Trial"], Outcome]

_MODULES = ("contract", "exact", "random", "dropped", "data", "images", "environments")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Tier(StrEnum):
    """What kind of question a check asks, in the order in which tiers run."""

    CONTRACT = "contract"
    EXACT = "exact"
    RANDOM = "random"
    DROPPED = "dropped"
    DATA = "data"
    IMAGES = "images"
    ENVIRONMENTS = "environments"


class SuiteCost(StrEnum):
    """What one case costs."""

    INSTANT = "instant"  # nothing is trained
    TRAINED = "trained"  # one training, tenths of a second to seconds
    SLOW = "slow"  # many trainings, or a large system


class Capability(StrEnum):
    """What a subject has to have to be asked."""

    TRAINABLE = "trainable"  # an encoder with weights, or a fit of its own
    HEAD = "head"  # a head that is trained together with the encoder
    OUR_TRAINER = "our-trainer"  # no fit of its own: that takes complete systems only
    OBSERVATIONS = "observations"  # its factory takes observations=: tensors to show the encoder


@dataclass(frozen=True)
class Scenario:
    """One case of a check: a system, by name.

    Attributes
    ----------
    name
        Unique within the check; together with the id of the check it decides the seed.
    system
        ``seed -> system``; the same seed gives the same system.
    """

    name: str
    system: Callable[[int], System]


Scenarios = Callable[[SuiteProfile], Sequence[Scenario]]


@dataclass(frozen=True, repr=False)
class Check:
    """A question that the suite asks of every design.

    Attributes
    ----------
    id
        Its name, such as ``"exact-counting"``.
    tier, cost
        What kind of question it is, and what one case costs.
    title
        One line.
    why
        What a failure means, in one or two sentences.
    requires
        What a subject must have; others are skipped, with the reason.
    assumes
        The hypotheses of the theorem (S4) that the check relies on.
    scenarios
        Its cases at a profile.
    run
        Asks the question of one case.
    passes, fails
        Subjects of the zoo that it must pass and must not pass; the suite's own tests hold it to
        both.
    advisory
        Whether its verdict is shown but never decides the exit code: it describes a design.
    most_vacuous
        Share of inconclusive cases above which it is inconclusive; None: that of the profile.
    spec
        The version of the set of checks in which it came.
    """

    id: str
    tier: Tier
    cost: SuiteCost
    title: str
    why: str
    requires: frozenset[Capability]
    assumes: tuple[Hypothesis, ...]
    scenarios: Scenarios
    run: Run
    passes: tuple[str, ...]
    fails: tuple[str, ...]
    advisory: bool = False
    most_vacuous: float | None = None
    spec: str = SPEC

    def scenario(self, name: str, profile: SuiteProfile) -> Scenario:
        """Return one of its cases by name.

        Raises
        ------
        InvalidArgumentError
            When the profile has none of that name.
        """
        return entry_named(_scenarios(self, profile), name, "scenario")

    def __repr__(self) -> str:
        return f"Check({self.id}: {self.title})"


@lru_cache(maxsize=256)
def _scenarios(check: Check, profile: SuiteProfile) -> Mapping[str, Scenario]:
    """Return the cases by name; a campaign asks for one of thousands at a time."""
    return {one.name: one for one in check.scenarios(profile)}


_CHECKS: dict[str, Check] = {}


def check(
    *,
    id: str,
    tier: Tier,
    cost: SuiteCost,
    title: str,
    why: str,
    scenarios: Scenarios,
    passes: Iterable[str],
    fails: Iterable[str],
    requires: Iterable[Capability] = (),
    assumes: Iterable[Hypothesis] = (),
    advisory: bool = False,
    most_vacuous: float | None = None,
) -> Callable[[Run], Check]:
    """Make a function ``(trial) -> Outcome`` a check and register it (a decorator).

    Parameters are the fields of :class:`Check`. A check of your own takes part in every run of the
    suite once its module is imported.

    Raises
    ------
    InvalidArgumentError
        When the id is taken by another module or is not made of small letters, digits and hyphens,
        or when no subject is named that it must pass, or none that it must fail.
    """
    passing, failing = tuple(passes), tuple(fails)
    if not isinstance(id, str) or not _ID.fullmatch(id):
        raise InvalidArgumentError(
            f"The id of a check is {id!r}; use small letters, digits and hyphens: 'exact-mine'."
        )
    if not passing or not failing:
        raise InvalidArgumentError(
            f"The check {id!r} names no subject that it must {'fail' if passing else 'pass'}; a "
            "check that cannot fail, or cannot pass, says nothing."
        )

    def decorate(run: Run) -> Check:
        known = _CHECKS.get(id)
        if known is not None and known.run.__module__ != run.__module__:
            raise InvalidArgumentError(
                f"A check {id!r} is registered by {known.run.__module__} already; choose another."
            )
        made = Check(
            id, Tier(tier), SuiteCost(cost), title, why, frozenset(requires), tuple(assumes),
            scenarios, run, passing, failing, advisory, most_vacuous,
        )  # fmt: skip
        _CHECKS[id] = made
        return made

    return decorate


def all_but(*dropped: Hypothesis) -> tuple[Hypothesis, ...]:
    """Return the hypotheses of the theorem (S4) but for some, for ``assumes``."""
    return tuple(one for one in Hypothesis if one not in dropped)


def all_checks() -> Mapping[str, Check]:
    """Return all registered checks by id, in the order of tiers and of registration."""
    for name in _MODULES:
        import_module(f"tellapart.properties.suite.checks.{name}")
    order = list(Tier)
    return MappingProxyType(
        dict(sorted(_CHECKS.items(), key=lambda item: order.index(item[1].tier)))
    )


@contextmanager
def own_checks() -> Iterator[None]:
    """Forget, in the end, the checks that are registered inside: for tests of your own checks."""
    before = dict(all_checks())
    try:
        yield
    finally:
        _CHECKS.clear()
        _CHECKS.update(before)


def check_named(id: str) -> Check:
    """Return a check by its id.

    Raises
    ------
    InvalidArgumentError
        When there is none of that id.
    """
    return entry_named(all_checks(), id, "check")
