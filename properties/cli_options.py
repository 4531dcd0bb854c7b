"""What all commands of the command line share: options, progress, checks of files to write."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tellapart.properties.check_extras import Progress

__all__ = ["SOURCE_HELP", "check_target", "common", "home_of_hypothesis", "progress_line"]

SOURCE_HELP = """\b
SOURCE is one of
  gym:ID?option=value     a Gymnasium environment, e.g. gym:FrozenLake-v1?is_slippery=false
  gallery:NAME            a named system with known answers; see `tellapart gallery`
  random:n=32,actions=2,labels=2,seed=0
  FILE.json .graphml .dot .aut   a graph with `action` and `label` attributes
  FILE.parquet .csv              logged transitions, columns named by options:
                                 "log.csv?observation=s&action=a&next_observation=s2&label=y"
"""


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command has."""
    options = [
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines."),
        click.option(
            "--html", "html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
            help="Also write one self-contained HTML page.",
        ),
        click.option("--quiet", "-q", is_flag=True, help="No progress on stderr."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def check_target(html: Path | None) -> None:
    """Refuse a page that cannot be written before hours of work, not after."""
    if html is not None:
        from tellapart.properties.files import check_writable

        check_writable(html)


@contextmanager
def progress_line(quiet: bool) -> Iterator["Progress"]:
    """Show one live line on stderr, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage, done, total, note: None
        return
    from tellapart.properties.report.progress import live_progress

    with live_progress() as show:
        yield show


@contextmanager
def home_of_hypothesis() -> Iterator[None]:
    """Let Hypothesis keep its caches in a folder that is gone afterwards, not in the user's."""
    from hypothesis import configuration

    before = configuration.storage_directory(intent_to_write=False).path
    with tempfile.TemporaryDirectory(prefix="tellapart-") as folder:
        configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)
