"""The command `replay`: look at a saved certificate, report or case again."""

import sys
from pathlib import Path

import click

from tellapart.properties.cli_options import progress_line

__all__ = ["replay"]


@click.command(
    short_help="Check saved certificates, reports and cases again.",
    epilog="""\b
Exit codes: 0 all confirmed, 1 some not confirmed, 2 usage error (unreadable, or none of these).
""",
)
@click.argument("file", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def replay(file: tuple[Path, ...], as_json: bool, quiet: bool) -> None:
    """Check FILE again, trusting nothing in it; a folder stands for its *.json files.

    \b
    FILE is JSON that tellapart wrote:
      a case                       of a law, a counterexample or a check
      a certificate of margins     tellapart check ... --certificate FILE
      a report                     tellapart check ... --json > FILE
      a case of a CollapseGate     written when a training run collapses
      a certificate of boxes       BoxReport.certificate.to_json()
    """
    from tellapart.properties.replay import Replay, Replays, replay_all
    from tellapart.properties.replay import replay as replay_one

    found: Replay | Replays
    with progress_line(quiet) as progress:
        if len(file) == 1 and not file[0].is_dir():
            found = replay_one(file[0], progress=progress)
        else:
            found = replay_all(file, progress=progress)
    click.echo(found.to_json() if as_json else found.explain())
    unreadable = isinstance(found, Replays) and found.n_unreadable
    sys.exit(2 if unreadable else 0 if found.confirmed else 1)
