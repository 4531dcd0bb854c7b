"""The command `suite`: every check on one design, for people and for CI."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tellapart.properties.cli_options import check_target
from tellapart.properties.cli_settings import DURATION, EXPECTED, Configured
from tellapart.properties.cli_suite_files import load_report
from tellapart.properties.cli_suite_run import run_all

__all__ = ["suite"]

Command = TypeVar("Command", bound=Callable[..., Any])

_EPILOG = """\b
SUBJECT and the options --profile, --seed, --only, --exclude, --expected,
--max-failures, --budget, --max-vacuous, --merge-tolerance, --jobs,
--scheduler, --store and --baseline have defaults: the environment variables TELLAPART_SUBJECTS,
TELLAPART_PROFILE, ..., and below them [tool.tellapart] in the nearest
pyproject.toml.

\b
Exit codes: 0 nothing fails, 1 a check fails, 2 usage error, 3 nothing fails
but a check shows too little, 4 internal error, 130 stopped by Ctrl-C (the
report so far is printed). With --baseline: 1 for what is worse than there.
"""


def _file(
    *names: str, help: str, env: str | None = None, dash: bool = False
) -> Callable[[Command], Command]:
    kind = click.Path(path_type=Path, dir_okay=False, allow_dash=dash)
    return click.option(*names, type=kind, metavar="FILE", help=help, envvar=env)


@click.command(cls=Configured, short_help="Every check on one design, for your CI.", epilog=_EPILOG)
@click.argument("arguments", nargs=-1, metavar="[SUBJECT]", envvar="TELLAPART_SUBJECTS")
@click.option(
    "--profile", type=click.Choice(["smoke", "ci", "nightly", "campaign"]), default="ci",
    show_default=True, envvar="TELLAPART_PROFILE",
    help="How many cases: seconds, minutes, an hour, or as long as you let it.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, envvar="TELLAPART_SEED",
    help="Of the run; each case has its own, made of this one and its id.",
)  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="PATTERN", envvar="TELLAPART_ONLY",
    help="Only this check, tier or case (check/case), with *; may be repeated.",
)  # fmt: skip
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", envvar="TELLAPART_EXCLUDE",
    help="Not this check, tier or case; may be repeated.",
)  # fmt: skip
@click.option(
    "--expected", multiple=True, type=EXPECTED, metavar="CHECK=REASON",
    envvar="TELLAPART_EXPECTED",
    help="This check is known to fail, and why; may be repeated.",
)  # fmt: skip
@click.option(
    "--max-failures", type=click.IntRange(min=1), metavar="N", envvar="TELLAPART_MAX_FAILURES",
    help="Begin no case after N checks have failed.",
)  # fmt: skip
@click.option(
    "--budget", type=DURATION, metavar="TIME", envvar="TELLAPART_BUDGET",
    help="Begin no case after this time: 90, 5m, 1h30m. The most telling cases come first.",
)  # fmt: skip
@click.option(
    "--max-vacuous", type=click.FloatRange(0, 1), metavar="X", envvar="TELLAPART_MAX_VACUOUS",
    help="Share of cases of a check that may show nothing. Default: 0.2.",
)  # fmt: skip
@click.option(
    "--merge-tolerance", type=click.FloatRange(0, 1, max_open=True), default=1e-3,
    show_default=True, metavar="X", envvar="TELLAPART_MERGE_TOLERANCE",
    help="Codes closer than this share of the rms distance between blocks count as one.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
    envvar="TELLAPART_JOBS", help="Processes.",
)  # fmt: skip
@click.option(
    "--scheduler", metavar="ADDRESS", envvar="TELLAPART_SCHEDULER",
    help="Run on the Dask cluster of this scheduler, tcp://host:8786, instead.",
)  # fmt: skip
@_file(
    "--store", env="TELLAPART_STORE",
    help="Keep results in this SQLite file, and go on from what is there.",
)  # fmt: skip
@_file(
    "--baseline", env="TELLAPART_BASELINE",
    help="Compare with this baseline: known failures pass, new ones and drops fail.",
)  # fmt: skip
@click.option("--update-baseline", is_flag=True, help="Write --baseline from this run; exit 0.")
@_file("--junit", help="Also write JUnit XML.")
@_file("--ndjson", help="Also write events as they happen, one a line; - for stdout.", dash=True)
@_file("--html", help="Also write one self-contained HTML page.")
@_file("--md", "markdown", help="Also write Markdown, for a pull request.")
@_file("--svg", help="With --compare: also write a picture.")
@click.option(
    "--cases", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Save the evidence of what fails there, for `tellapart replay`.",
)  # fmt: skip
@click.option("--compare", is_flag=True, help="Put reports (files of --json) side by side.")
@click.option(
    "--list", "listed", is_flag=True,
    help="List the checks, with --profile their cases, and exit.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
@click.pass_context
def suite(ctx: click.Context, /, **given: Any) -> None:
    """Ask SUBJECT every question of the suite.

    \b
    Examples:
      tellapart suite my_encoder.py:factory --profile smoke
      tellapart suite my_encoder.py:factory --junit suite.xml --html suite.html
      tellapart suite joint --only exact --max-failures 1
      tellapart suite --list
      tellapart suite --compare old.json new.json --svg compared.svg
    """
    asked = {name for name in given if _is_on_command_line(ctx, name)}
    arguments, svg = given.pop("arguments"), given.pop("svg")
    compare, listed = given.pop("compare"), given.pop("listed")
    if compare and listed:
        raise click.UsageError("--compare and --list are two commands; give one of them.")
    if svg is not None and not compare:
        raise click.UsageError("--svg is the picture of --compare; a run has --html.")
    if compare:
        _check_alone("--compare", asked, {"compare", "arguments", "html", "svg", "as_json"})
        files = [Path(one) for one in arguments] if "arguments" in asked else []
        _compare(files, given["html"], svg, given["as_json"])
    elif listed:
        named = {"listed", "arguments", "only", "exclude", "profile", "as_json"}
        _check_alone("--list", asked, named)
        _list(
            arguments if "arguments" in asked else (), given["only"], given["exclude"],
            given["profile"] if "profile" in asked else None, given["as_json"],
        )  # fmt: skip
    else:
        sys.exit(run_all(arguments, given))


def _is_on_command_line(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _check_alone(mode: str, asked: set[str], known: set[str]) -> None:
    """Refuse options that would be silently without effect; those of a terminal are harmless."""
    for name in sorted(asked - known - {"quiet"}):
        option = {"markdown": "md", "as_json": "json"}.get(name, name.replace("_", "-"))
        raise click.UsageError(f"--{option} has no effect with {mode}; leave one of them out.")


def _list(
    subjects: tuple[str, ...],
    only: tuple[str, ...],
    exclude: tuple[str, ...],
    profile: str | None,
    as_json: bool,
) -> None:
    from tellapart.properties.report.suite_console import checks_json, print_checks
    from tellapart.properties.subjects import load_subject
    from tellapart.properties.suite.plan import selected_checks
    from tellapart.properties.suite.profiles import suite_profile

    for subject in subjects:  # its file may register checks of its own
        load_subject(subject)
    checks = selected_checks(only, exclude)
    chosen = None if profile is None else suite_profile(profile)
    if as_json:
        click.echo(checks_json(checks, chosen))
    else:
        print_checks(checks, chosen)


def _compare(files: list[Path], html: Path | None, svg: Path | None, as_json: bool) -> None:
    if len(files) < 2:
        raise click.UsageError(
            "--compare needs two reports or more: tellapart suite --compare A.json B.json."
        )
    for target in (html, svg):
        check_target(target)
    reports = [load_report(file) for file in files]
    from tellapart.properties.files import write_atomically
    from tellapart.properties.suite.comparison import compare_reports

    found = compare_reports(reports)
    click.echo(found.to_json() if as_json else found.explain())
    if svg is not None:
        write_atomically(svg, found.svg())
    if html is not None:
        found.to_html(html)
    for word, target in (("picture", svg), ("page", html)):
        if target is not None and not as_json:
            click.echo(f"{word:8} {target}")
