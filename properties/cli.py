"""The command line: one verb per user job. Commands call the Python API and print."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from tellapart.properties.cli_audit import audit
from tellapart.properties.cli_check import check
from tellapart.properties.cli_counterexample import counterexample
from tellapart.properties.cli_exhaust import exhaust
from tellapart.properties.cli_laws import laws
from tellapart.properties.cli_prove import prove
from tellapart.properties.cli_replay import replay
from tellapart.properties.cli_reproduce import reproduce
from tellapart.properties.cli_suite import suite
from tellapart.theory.errors import InternalError, NearbyLabelsWarning, TellapartError

__all__ = ["cli", "main"]

USAGE, INTERNAL, INTERRUPTED = 2, 4, 130


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
      tellapart check joint --on gallery:counting-9 --require certified --certificate proof.json
      tellapart replay proof.json                        check a saved proof again
      tellapart counterexample --drop aux_loss           what each hypothesis is for
      tellapart laws run                                 try the theorem on many examples
      tellapart suite my_encoder.py:factory              every check, for your CI
    """


cli.add_command(audit)
cli.add_command(check)
cli.add_command(counterexample)
cli.add_command(exhaust)
cli.add_command(laws)
cli.add_command(prove)
cli.add_command(replay)
cli.add_command(reproduce)
cli.add_command(suite)


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
