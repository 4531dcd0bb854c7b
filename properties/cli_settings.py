"""Settings of the command line from [tool.tellapart] in pyproject.toml and from TELLAPART_*."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["DURATION", "EXPECTED", "SETTINGS", "Configured", "settings_of"]

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)([hms])")


class _Duration(click.ParamType):  # type: ignore[type-arg]  # older ones have none
    """Seconds: a number, or hours, minutes and seconds as in 1h30m."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds."""
        text = str(value).strip()
        parts = _PART.findall(text)
        if parts and "".join(number + unit for number, unit in parts) == text:
            seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
        elif re.fullmatch(r"\d+(\.\d+)?", text):
            seconds = float(text)
        else:
            self.fail(f"{text!r} is no time; write 90, 90s, 5m or 1h30m.", param, ctx)
        if seconds <= 0:
            self.fail(f"{text!r} is no time at all; give some.", param, ctx)
        return seconds


class _Expected(click.ParamType):  # type: ignore[type-arg]  # older ones have none
    """A check that is known to fail, with the reason."""

    name = "check=reason"
    envvar_list_splitter = ";"  # reasons have blanks

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return check and reason."""
        if isinstance(value, tuple):
            return value
        check, equals, reason = (part.strip() for part in str(value).partition("="))
        if not (check and equals and reason):
            self.fail(
                f"{value!r} must be CHECK=REASON: exact-counting='the window is 3 frames'.",
                param, ctx,
            )  # fmt: skip
        return check, reason


DURATION, EXPECTED = _Duration(), _Expected()


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    return _is_text(value) or _is_number(value)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


#: What [tool.tellapart] may hold: the parameter of the command, the rule, and the rule in words.
SETTINGS: Mapping[str, tuple[str, Callable[[Any], bool], str]] = {
    "subjects": ("arguments", _is_texts, "a list of texts"),
    "profile": ("profile", _is_text, "a text"),
    "seed": ("seed", _is_integer, "an integer"),
    "only": ("only", _is_texts, "a list of texts"),
    "exclude": ("exclude", _is_texts, "a list of texts"),
    "expected-failures": ("expected", _is_table, "a table of checks and reasons"),
    "max-failures": ("max_failures", _is_integer, "an integer"),
    "budget": ("budget", _is_time, "a number of seconds, or a text such as '5m'"),
    "max-vacuous": ("max_vacuous", _is_number, "a number from 0 to 1"),
    "merge-tolerance": ("merge_tolerance", _is_number, "a number from 0 to 1"),
    "jobs": ("jobs", _is_integer, "an integer"),
    "scheduler": ("scheduler", _is_text, "a text"),
    "store": ("store", _is_text, "a path"),
    "baseline": ("baseline", _is_text, "a path"),
}
#: Settings that are paths, seen from the folder of pyproject.toml.
_PATHS = ("store", "baseline")


class Configured(click.Command):
    """A command whose defaults come from TELLAPART_* and from the nearest pyproject.toml.

    Notes
    -----
    What is given on the command line goes before the environment, and the environment before
    pyproject.toml.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the settings, then the arguments; help needs no settings."""
        if ctx.resilient_parsing or any(name in args for name in ctx.help_option_names):
            return super().parse_args(ctx, args)
        file = _nearest(Path.cwd())
        if file is not None:
            ctx.default_map = settings_of(file)
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            place = _place(ctx, error.param, file)
            if place is None:
                raise
            raise InvalidArgumentError(f"{place}: {error.format_message()}") from error


def _place(ctx: click.Context, param: click.Parameter | None, file: Path | None) -> str | None:
    """Say where a value that was refused comes from; None for the command line."""
    source = None if param is None or param.name is None else ctx.get_parameter_source(param.name)
    if source is click.core.ParameterSource.DEFAULT_MAP:
        return f"{file}, [tool.tellapart]"
    if source is click.core.ParameterSource.ENVIRONMENT and param is not None:
        return f"The environment variable {param.envvar}"
    return None


def _nearest(folder: Path) -> Path | None:
    """Return the pyproject.toml of this folder, or of the next one above that has one."""
    found = (place / "pyproject.toml" for place in (folder, *folder.parents))
    return next((file for file in found if file.is_file()), None)


def settings_of(file: Path) -> dict[str, Any]:
    """Return the settings of a pyproject.toml by the parameters that they are defaults of.

    Parameters
    ----------
    file
        A pyproject.toml; one without a table [tool.tellapart] has no settings.

    Raises
    ------
    InvalidArgumentError
        When it cannot be read, or a setting does not exist or is of another type.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidArgumentError(f"{file} cannot be read: {error}") from error
    tools = data.get("tool", {})
    table = tools.get("tellapart", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise InvalidArgumentError(f"{file}: [tool.tellapart] must be a table.")
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in SETTINGS:
            close = get_close_matches(key, SETTINGS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise InvalidArgumentError(
                f"{file}: [tool.tellapart] has no setting {key!r}.{hint} Settings: "
                f"{', '.join(SETTINGS)}."
            )
        name, rule, words = SETTINGS[key]
        if not rule(value):
            raise InvalidArgumentError(
                f"{file}: {key} in [tool.tellapart] is {value!r}; it must be {words}."
            )
        found[name] = _seen_from_here(file.parent, key, value)
    return found


def _seen_from_here(folder: Path, key: str, value: Any) -> Any:
    """Return a value with its paths as seen from the current folder."""
    if key == "expected-failures":
        return list(value.items())
    if key == "subjects":
        return [_subject_from_here(folder, subject) for subject in value]
    return _path_from_here(folder, value) if key in _PATHS else value


def _subject_from_here(folder: Path, subject: str) -> str:
    place, colon, attribute = subject.rpartition(":")
    if not place.endswith(".py"):
        return subject
    return f"{_path_from_here(folder, place)}{colon}{attribute}"


def _path_from_here(folder: Path, path: str) -> str:
    """Return a path relative to the current folder: a report then names no home of anyone."""
    return path if folder == Path.cwd() else os.path.relpath(folder / path)
