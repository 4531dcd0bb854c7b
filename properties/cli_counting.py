"""``tellapart reproduce counting``: the paper's experiment, with controls."""

import os
from pathlib import Path

import click

from tellapart.properties.cli_options import check_target, common, progress_line

__all__ = ["counting"]


@click.command(
    short_help="The counting environment: claims of the paper, measured.",
    epilog="""\b
Examples:
  tellapart reproduce counting --html counting.html
  tellapart reproduce counting --profile paper --out counting --html counting.html
  tellapart reproduce counting --encoder my.py:factory --out mine

\b
Exit codes: 0 all bars met, 1 one missed, 3 a run failed or a bar was not measured, 2 usage
error, 4 internal error.
""",
)
@click.option(
    "--profile", type=click.Choice(["quick", "paper"]), default="quick", show_default=True,
    help="Three designs and three seeds, or all designs, controls and labels.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N",
    help="Processes; each takes one core. Default: one for each core.",
)  # fmt: skip
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Keep finished runs and checkpoints here, go on from those that are there, and write the "
    "report as JSON, text and SVG.",
)  # fmt: skip
@click.option(
    "--encoder", metavar="FILE.py:FACTORY",
    help="Also train your encoder: factory(seed) returns a torch.nn.Module.",
)  # fmt: skip
@click.option(
    "--steps", type=click.IntRange(min=1), metavar="N",
    help="Steps of every run instead of the profile's: a trial of the command.",
)  # fmt: skip
@click.option(
    "--figure", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Also write the figure, as SVG.",
)  # fmt: skip
@common
def counting(
    profile: str,
    jobs: int | None,
    folder: Path | None,
    encoder: str | None,
    steps: int | None,
    figure: Path | None,
    as_json: bool,
    html: Path | None,
    quiet: bool,
) -> None:
    """Train on the counting environment of arXiv 2509.12249 and judge what the paper claims.

    Seeds, bars and rules are fixed in the code. A command that was killed goes on where it
    stopped when it is given the same --out again.
    """
    from tellapart.properties.counting.run import reproduce_counting
    from tellapart.properties.counting.store import RunStore
    from tellapart.properties.files import write_atomically
    from tellapart.theory.errors import InvalidArgumentError

    RunStore(folder)  # makes the folder, in which page and figure may lie
    check_target(html)
    check_target(figure)
    with progress_line(quiet) as progress:
        report = reproduce_counting(
            profile,
            jobs=jobs or _cores(),
            folder=folder,
            encoder=encoder,
            steps=steps,
            progress=progress,
        )
    written: list[Path] = []
    try:
        if folder is not None:
            written += report.save(folder)
        if html is not None:
            report.to_html(html)
            written.append(html)
        if figure is not None:
            write_atomically(figure, report.figure())
            written.append(figure)
    except OSError as error:
        place = html if folder is None else folder
        raise InvalidArgumentError(
            f"The report cannot be written in {place or figure}: {error.strerror or error}. "
            "With --out finished runs are kept: free some space, and give the command again."
        ) from error
    if as_json:
        click.echo(report.to_json())
    else:
        from tellapart.properties.report.counting_console import print_counting

        print_counting(report, written)
    click.get_current_context().exit(report.exit_code)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
