"""The command `replay`: look at a saved certificate, report or case again."""

import sys
from pathlib import Path

import click

from tellapart.properties.cli_options import progress_line

__all__ = ["replay"]


@click.command(
    short_help="Check a saved certificate, report or case again.",
    epilog="""\b
Exit codes: 0 confirmed, 1 not confirmed, 2 usage error (unreadable, or none of these files).
""",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def replay(file: Path, as_json: bool, quiet: bool) -> None:
    """Check FILE again, trusting nothing in it.

    \b
    FILE is JSON that tellapart wrote:
      a certificate of margins     tellapart check ... --certificate FILE
      a report                     tellapart check ... --json > FILE
      a case of a CollapseGate     written when a training run collapses
      a certificate of boxes       BoxReport.certificate.to_json()
    """
    from tellapart.properties.replay import replay as run

    with progress_line(quiet) as progress:
        found = run(file, progress=progress)
    click.echo(found.to_json() if as_json else found.explain())
    sys.exit(0 if found.confirmed else 1)
