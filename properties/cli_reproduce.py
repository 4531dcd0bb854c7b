"""The command group ``tellapart reproduce``: results that a paper prints, from one command."""

from pathlib import Path

import click

from tellapart.properties.cli_counting import counting
from tellapart.properties.cli_options import check_target, common, progress_line

__all__ = ["reproduce"]


@click.group(short_help="Make published tables and figures again.")
def reproduce() -> None:
    """Make tables and figures again, each from one command."""


reproduce.add_command(counting)


def _listed(context: click.Context, option: click.Parameter, text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


@reproduce.command(
    short_help="Which losses tell apart what must be told apart.",
    epilog="""\b
Examples:
  tellapart reproduce ablations
  tellapart reproduce ablations --profile paper --jobs 2 --out ablations --html ablations.html
  tellapart reproduce ablations --designs joint,aux-only --families chain --seeds 5

\b
Exit codes: 0 made, 2 usage error, 4 internal error.
""",
)
@click.option(
    "--profile", type=click.Choice(["quick", "paper"]), default="quick", show_default=True,
    help="3 seeds and 600 steps, or 10 seeds and 2,000 steps.",
)  # fmt: skip
@click.option("--designs", metavar="A,B,...", callback=_listed, help="Only these designs.")
@click.option("--families", metavar="A,B,...", callback=_listed, help="Only these families.")
@click.option("--seeds", type=click.IntRange(min=1), help="Runs of each cell.")
@click.option("--steps", type=click.IntRange(min=1), help="Steps of each stage of training.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes.")
@click.option(
    "--out", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Keep finished cells here, go on from those that are there, and write the report as JSON, "
    "text, CSV, LaTeX and SVG.",
)  # fmt: skip
@common
def ablations(
    profile: str,
    designs: list[str] | None,
    families: list[str] | None,
    seeds: int | None,
    steps: int | None,
    jobs: int,
    folder: Path | None,
    as_json: bool,
    html: Path | None,
    quiet: bool,
) -> None:
    """Train every design on every family of systems, with several seeds, and compare.

    For each cell: the fraction of pairs that must be told apart and were, by length of the
    shortest distinguishing word, how often the premise of the theorem was met, and the verdicts.
    A command that was killed goes on where it stopped when it is given the same --out again.
    """
    from tellapart.properties.ablations import reproduce_ablations
    from tellapart.properties.ablations_store import CellStore

    CellStore(folder)  # makes the folder, in which the page may lie
    check_target(html)
    with progress_line(quiet) as progress:
        report = reproduce_ablations(
            designs=designs, families=families, profile=profile, seeds=seeds, steps=steps,
            jobs=jobs, folder=folder, progress=progress,
        )  # fmt: skip
    written = [] if folder is None else list(report.save(folder))
    if html is not None:
        report.to_html(html)
        written.append(html)
    if as_json:
        click.echo(report.to_json())
    else:
        from tellapart.properties.report.ablation_console import print_ablations

        print_ablations(report, written)
