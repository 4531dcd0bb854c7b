"""The commands `laws list` and `laws run`: the statements of the theory, tried on many examples."""

import sys
from pathlib import Path

import click

from tellapart.properties.cli_options import home_of_hypothesis, progress_line

__all__ = ["laws", "show_laws"]

_JSON_HELP = "Print one JSON object for machines."


def show_laws(as_json: bool) -> None:
    """Print all laws."""
    from tellapart.properties.laws.registry import LAWS
    from tellapart.properties.report.console_laws import laws_json, print_laws

    if as_json:
        click.echo(laws_json(LAWS.values()))
    else:
        print_laws(tuple(LAWS.values()))


@click.group(short_help="The statements of the theory, tried on many examples.")
def laws() -> None:
    """List the laws, or look for examples that contradict them."""


@laws.command("list", short_help="All laws.")
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
def list_laws(as_json: bool) -> None:
    """List the laws: what each claims, what an example costs, and which bad subjects break it."""
    show_laws(as_json)


@laws.command(
    "run",
    short_help="Look for examples that contradict the laws.",
    epilog="""\b
Exit codes: 0 all laws hold, 1 a law is broken, 2 usage error, 3 none is broken but for one too
few examples said anything.
""",
)
@click.option(
    "--profile", type=click.Choice(["smoke", "ci", "nightly", "campaign"]), default="smoke",
    show_default=True,
    help="How many examples: seconds, minutes, an hour of new ones, or until stopped.",
)  # fmt: skip
@click.option(
    "--law", "names", multiple=True, metavar="NAME",
    help="Only this law, or the laws of this statement; may be repeated.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0),
    help="Of the first round. Default 0; random for nightly and campaign, which print it.",
)  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Processes.")
@click.option(
    "--cases", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Save the smallest failing example of each broken law there.",
)  # fmt: skip
@click.option(
    "--database", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Failing examples to try first, and to add to. Default: none for smoke and ci, "
    ".tellapart/examples for nightly and campaign.",
)  # fmt: skip
@click.option(
    "--max-seconds", type=click.FloatRange(min=0, min_open=True),
    help="Time of one law; for nightly and campaign, before the next has its turn.",
)  # fmt: skip
@click.option(
    "--hours", type=click.FloatRange(min=0, min_open=True),
    help="Time of the whole run, for nightly (default 1) and campaign (default: until Ctrl-C).",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help=_JSON_HELP)
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def run_some(
    profile: str,
    names: tuple[str, ...],
    seed: int | None,
    jobs: int,
    cases: Path | None,
    database: Path | None,
    max_seconds: float | None,
    hours: float | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw examples of every law and look for one that contradicts it.

    \b
    Examples:
      tellapart laws run
      tellapart laws run --profile ci --law S4 --law S10
      tellapart laws run --profile nightly --cases failing
    """
    from tellapart.properties.laws.registry import laws_named
    from tellapart.properties.laws.replaying import save_cases
    from tellapart.properties.laws.runs import run_laws

    chosen = laws_named(names)
    with home_of_hypothesis(), progress_line(quiet) as progress:
        report = run_laws(
            chosen, profile=profile, seed=seed, jobs=min(jobs, len(chosen)), hours=hours,
            max_seconds=max_seconds, database=database, progress=progress,
        )  # fmt: skip
    files = () if cases is None else save_cases(report, cases)
    if as_json:
        click.echo(report.to_json())
    else:
        from tellapart.properties.report.console_laws import print_laws_report

        print_laws_report(report, files)
    sys.exit(report.exit_code)
