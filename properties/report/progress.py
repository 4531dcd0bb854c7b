"""One live progress line on stderr, for people at a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from tellapart.properties.check_extras import Progress as Report

__all__ = ["live_progress"]


@contextmanager
def live_progress() -> Iterator["Report"]:
    """Yield ``show(stage, done, total, note)``; the line disappears at the end."""
    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("start", total=None, count="", note="")

        def show(stage: str, done: int, total: int | None, note: str) -> None:
            count = "" if total is None else f"{done}/{total}"
            progress.update(
                task, description=stage, completed=done, total=total, count=count, note=note
            )

        yield show
