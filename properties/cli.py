"""The command line: one verb per user job. Commands call the Python API and print."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from tellapart.properties.cli_audit import audit
from tellapart.properties.cli_options import SOURCE_HELP, check_target, common, progress_line
from tellapart.theory.errors import InternalError, NearbyLabelsWarning, TellapartError

__all__ = ["cli", "main"]

USAGE, INTERNAL, INTERRUPTED = 2, 4, 130

_EXIT_HELP = """\b
Exit codes: 0 holds, 1 collapsed, 2 usage error (bad source, subject or option),
3 inconclusive (vacuous), 4 internal error.
"""


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Show our own warnings as the command line shows errors; leave those of others alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", NearbyLabelsWarning)
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
            if not issubclass(category, NearbyLabelsWarning):
                usual(message, category, *place)
                return
            click.echo(
                f"tellapart: warning: {message} In a SOURCE options follow '?', as in "
                "maze.graphml?label_tolerance=1e-9",
                err=True,
            )

        warnings.showwarning = show  # type: ignore[assignment]
        yield


class _Group(click.Group):
    """Turns our errors and warnings into one line, and errors into the right exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _warnings_in_one_line():
                return super().invoke(ctx)
        except InternalError as error:
            click.echo(f"tellapart: internal error: {error}", err=True)
            ctx.exit(INTERNAL)
        except TellapartError as error:
            click.echo(f"tellapart: {error}", err=True)
            ctx.exit(USAGE)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tellapart")
def cli() -> None:
    """Tell whether a JEPA encoder keeps apart what it must.

    \b
    Start here:
      tellapart gallery                                  systems to try
      tellapart audit gallery:counting-9                 what an encoder must tell apart
      tellapart check joint --on gallery:counting-9      train an encoder and judge it
      tellapart check my_encoder.py:factory --on gallery:counting-9 --html report.html
    """


cli.add_command(audit)


@cli.command(
    short_help="Train an encoder and judge what it keeps apart.",
    epilog=f"{SOURCE_HELP}\n{_EXIT_HELP}",
)
@click.argument("subject")
@click.option("--on", "source", required=True, metavar="SOURCE", help="The system to check it on.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True,
    help="Of building and training, and of a random: SOURCE that names no seed.",
)  # fmt: skip
@click.option(
    "--merge-tolerance", type=click.FloatRange(0, 1, max_open=True), default=1e-3,
    show_default=True,
    help="Two codes closer than this share of the rms distance between blocks count as one.",
)  # fmt: skip
@common
def check(
    subject: str,
    source: str,
    seed: int,
    merge_tolerance: float,
    as_json: bool,
    html: Path | None,
    quiet: bool,
) -> None:
    """Train SUBJECT on a system and judge which observations it keeps apart.

    \b
    SUBJECT is one of
      joint, dynamics-only, aux-only, decoupled, constant, exact    a built-in design
      path/to/file.py:factory or package.module:factory
          your own: factory(mdp, seed) returns Subject(encoder, predictor, head),
          fresh and untrained; encoder [batch, n_obs] -> [batch, d] (one-hot observations),
          predictor ([batch, d], int64[batch]) -> [batch, d], head [batch, d] -> [batch, label_dim]

    \b
    Example:
      tellapart check joint --on "gym:FrozenLake-v1?is_slippery=false" --html report.html
    """
    from tellapart.properties.check import check as run

    check_target(html)
    with progress_line(quiet) as progress:
        report = run(subject, source, seed=seed, merge_tolerance=merge_tolerance, progress=progress)
    if html is not None:
        report.to_html(html)
    if as_json:
        click.echo(report.to_json())
    else:
        from tellapart.properties.report.console import print_check

        print_check(report, html)
    sys.exit(report.exit_code)


@cli.command(short_help="Named systems with known answers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def gallery(as_json: bool) -> None:
    """List the named systems with their known answers; use one as gallery:NAME."""
    from tellapart.properties.report.console import gallery_json, print_gallery

    if as_json:
        click.echo(gallery_json())
    else:
        print_gallery()


def main() -> None:
    """Run the command line; Ctrl-C ends with one line and exit code 130."""
    try:
        code = cli.main(standalone_mode=False)  # click returns the code of ctx.exit() here
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except (KeyboardInterrupt, click.Abort):
        click.echo("tellapart: interrupted; no file was left half written.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our pipe is gone: that is not an error of ours
        sys.exit(0)
    except Exception as error:
        import traceback

        traceback.print_exc()
        click.echo(
            f"tellapart: internal error ({type(error).__name__}); please report it with the "
            "command and the lines above.",
            err=True,
        )
        sys.exit(INTERNAL)
