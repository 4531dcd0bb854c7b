"""What the pytest plugin is told in ini files and on the command line; standard library and pytest.

Every pytest run on a machine loads this module, so it must not import the rest of tellapart.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

__all__ = ["PROFILES", "Settings", "SuiteItem", "add_options", "settings_of"]

#: Names of the profiles of the suite, the shortest first.
PROFILES = ("smoke", "ci", "nightly", "campaign")

# The types came with pytest 8.4; before, everything was text. Native TOML checks types.
_TYPED = pytest.version_tuple >= (8, 4)
_INTEGER: Literal["int"] | None = "int" if _TYPED else None
_FLOAT: Literal["float"] | None = "float" if _TYPED else None


@dataclass(frozen=True)
class Settings:
    """How the suite runs in a session of pytest.

    Attributes
    ----------
    profile
        One of :data:`PROFILES`.
    seed
        Of the run.
    cases
        Folder in which the evidence of what fails is saved; None: it is not.
    max_vacuous
        Share of inconclusive cases above which a check is inconclusive; None: the profile's.
    expected
        Checks that are known to fail, with the reason.
    """

    profile: str
    seed: int
    cases: Path | None
    max_vacuous: float | None
    expected: Mapping[str, str]


class SuiteItem(ABC):
    """What the plugin knows of a check that is a test."""

    @abstractmethod
    def select(self, nodeid: str) -> None:
        """Hear that the test is going to be run, and under which id."""

    @property
    @abstractmethod
    def facts(self) -> Sequence[tuple[str, str]]:
        """What is to be known of the test once it has been run, as pairs (name, value)."""


def add_options(parser: pytest.Parser) -> None:
    """Declare the ini keys and the command line options."""
    parser.addini("tellapart_profile", f"profile of the suite: {', '.join(PROFILES)}", default="ci")
    parser.addini("tellapart_seed", "seed of the suite", type=_INTEGER, default=0)
    parser.addini("tellapart_cases", "folder where the evidence of what fails is saved", default="")
    parser.addini(
        "tellapart_max_vacuous", "share of the cases of a check that may show nothing",
        type=_FLOAT, default=None,
    )  # fmt: skip
    parser.addini(
        "tellapart_expected_failures", "checks that are known to fail, one a line: 'check: reason'",
        type="linelist", default=[],
    )  # fmt: skip
    group = parser.getgroup("tellapart", "tellapart: the suite of checks for encoders")
    group.addoption(
        "--tellapart-profile", choices=PROFILES, help="how many cases (default: the ini key, or ci)"
    )
    group.addoption(
        "--tellapart-seed", type=int, metavar="N", help="seed (default: the ini key, or 0)"
    )
    group.addoption(
        "--tellapart-cases", metavar="FOLDER", help="save the evidence of what fails there"
    )


def settings_of(config: pytest.Config) -> Settings:
    """Return the settings: the command line goes before the ini file.

    Raises
    ------
    pytest.UsageError
        When one of them cannot be used.
    """
    profile = config.getoption("--tellapart-profile") or _ini(config, "tellapart_profile")
    if profile not in PROFILES:
        raise pytest.UsageError(
            f"tellapart_profile is {profile!r}; it must be one of {', '.join(PROFILES)}."
        )
    given = config.getoption("--tellapart-seed")
    seed = _number("tellapart_seed", _ini(config, "tellapart_seed") if given is None else given)
    if seed < 0 or seed != int(seed):
        raise pytest.UsageError(f"tellapart_seed is {seed:g}; it must be an integer >= 0.")
    limit = _ini(config, "tellapart_max_vacuous")
    share = None if limit in (None, "") else _number("tellapart_max_vacuous", limit)
    if share is not None and not 0 <= share <= 1:
        raise pytest.UsageError(f"tellapart_max_vacuous is {share:g}; it must be in [0, 1].")
    lines = _ini(config, "tellapart_expected_failures")
    return Settings(profile, int(seed), _folder(config), share, _expected(lines))


def _ini(config: pytest.Config, name: str) -> Any:
    try:
        return config.getini(name)
    except (TypeError, ValueError, pytest.UsageError) as error:  # of another type than declared
        raise pytest.UsageError(f"{name} in the ini file cannot be used: {error}") from error


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        raise pytest.UsageError(f"{name} is {value!r}; it must be a number.") from None


def _folder(config: pytest.Config) -> Path | None:
    """Return the folder for cases: of the command line as seen from where pytest was started."""
    given = config.getoption("--tellapart-cases")
    if given:
        return Path(config.invocation_params.dir, given)
    named = _ini(config, "tellapart_cases")
    return Path(config.rootpath, named) if named else None


def _expected(lines: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        check, colon, reason = (part.strip() for part in line.partition(":"))
        if not (check and colon and reason):
            raise pytest.UsageError(
                f"tellapart_expected_failures has the line {line!r}; write 'check: reason', such "
                "as 'exact-counting: the window is 3 frames'."
            )
        found[check] = reason
    return found
