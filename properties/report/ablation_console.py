"""The ablation matrix on a terminal."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tellapart.properties.ablations import AblationReport

__all__ = ["print_ablations"]


def print_ablations(report: "AblationReport", written: Sequence[Path] = ()) -> None:
    """Print the tables, what they say, and which files were written."""
    click.echo(report.explain())
    if written:
        click.echo()
    for path in written:
        click.echo(f"written  {path}")
