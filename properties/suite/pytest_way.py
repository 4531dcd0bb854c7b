"""The suite as tests of pytest: the decorator. It imports no torch; collecting the tests does."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tellapart.properties.suite.spec import SPEC
from tellapart.theory.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.properties.subjects import Factory, SubjectSource
    from tellapart.properties.suite.profiles import SuiteProfile

__all__ = ["Asked", "is_later", "parametrize_with_checks"]

Test = TypeVar("Test", bound=Callable[..., Any])

_SPEC = re.compile(r"(\d{4})\.(\d+)")


@dataclass(frozen=True)
class Asked:
    """What a test function asked for; None: as the session says."""

    subjects: "tuple[str | Factory | SubjectSource, ...]"
    profile: "SuiteProfile | str | None"
    only: tuple[str, ...]
    exclude: tuple[str, ...]
    expected: Mapping[str, str]
    seed: int | None
    spec: str


def parametrize_with_checks(
    subjects: "Iterable[str | Factory | SubjectSource]",
    *,
    profile: "SuiteProfile | str | None" = None,
    only: Iterable[str] = (),
    exclude: Iterable[str] = (),
    expected_failed_checks: Mapping[str, str] | None = None,
    seed: int | None = None,
    spec: str | None = None,
) -> Callable[[Test], Test]:
    """Make one test for each subject and check of the suite: a decorator.

    The decorated function takes ``subject`` and ``check`` and calls ``check(subject)``, which
    returns the :class:`~tellapart.properties.suite.results.CheckResult` of what holds and fails
    with the story of what does not.

    Parameters
    ----------
    subjects
        Factories ``(mdp, seed) -> Subject``, design names, ``"file.py:factory"`` or
        ``"package.module:factory"``.
    profile, seed
        As in :func:`~tellapart.properties.suite.running.check_encoder`. What is given here goes
        before ``--tellapart-profile``, ``--tellapart-seed`` and the ini file; leave it out to let
        the session decide.
    only, exclude
        Patterns: ids of checks, tiers, or cases ``check/scenario``, with ``*``.
    expected_failed_checks
        Checks that are known to fail, with the reason: ``xfail``. In the tiers contract and exact
        one that holds is a failure (the entry is stale); in the other tiers, whose cases are
        drawn, it passes and is named in the summary.
    spec
        A version of the set of checks, such as ``"2026.1"``: checks that came later are left out.

    Raises
    ------
    InvalidArgumentError
        For arguments that cannot be used. What only a session knows is an error of collection.

    Notes
    -----
    A check that fails or shows too little is a failure; an advisory one never is. When a rule of
    the contract without which nothing can be judged is broken, and its own test is part of the
    session, the other checks of the subject are skipped, in whatever order and process they run.

    Examples
    --------
    >>> @parametrize_with_checks(["joint"], only=["contract"])
    ... def test_conformance(subject, check):
    ...     check(subject)
    """
    given = _several("subjects", subjects, "[factory]")
    if not given:
        raise InvalidArgumentError("subjects is empty; give one factory or more: [factory].")
    expected = {} if expected_failed_checks is None else expected_failed_checks
    if not isinstance(expected, Mapping):
        raise InvalidArgumentError(
            f"expected_failed_checks is a {type(expected).__name__}; give a dict of ids of checks "
            "and reasons."
        )
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or seed < 0):
        raise InvalidArgumentError(f"seed is {seed!r}; it must be an integer >= 0.")
    asked = Asked(
        given, profile, _several("only", only, "['exact']"),
        _several("exclude", exclude, "['random']"), dict(expected), seed, _known_spec(spec),
    )  # fmt: skip

    def decorate(test: Test) -> Test:
        if not inspect.isfunction(test) or not {"subject", "check"} <= set(
            inspect.signature(test).parameters
        ):
            name = getattr(test, "__name__", type(test).__name__)
            raise InvalidArgumentError(
                f"parametrize_with_checks decorates {name}; it must be a function with the "
                "arguments subject and check that calls check(subject)."
            )
        if hasattr(test, "tellapart_asked"):
            raise InvalidArgumentError(
                f"{test.__name__} is decorated twice; give all subjects in one list."
            )
        test.tellapart_asked = asked  # type: ignore[attr-defined]  # the plugin finds it there
        return test

    return decorate


def _several(name: str, values: Any, example: str) -> tuple[Any, ...]:
    """Return a tuple; refuse what is meant as one item."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidArgumentError(
            f"{name} is of type {type(values).__name__}; give a list: {example}."
        )
    return tuple(values)


def _known_spec(spec: str | None) -> str:
    if spec is None:
        return SPEC
    if not isinstance(spec, str) or not _SPEC.fullmatch(spec) or is_later(spec, SPEC):
        raise InvalidArgumentError(
            f"spec is {spec!r}; this tellapart has the checks of {SPEC}. Give it or an earlier "
            "version, or leave it out."
        )
    return spec


def is_later(spec: str, other: str) -> bool:
    """Tell whether one version of the set of checks came after another."""
    return [int(part) for part in spec.split(".")] > [int(part) for part in other.split(".")]
