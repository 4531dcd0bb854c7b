"""The ablation matrix: designs by families of systems by seeds, from one call, resumable."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

from tellapart.models.ablations.cell import AblationCell, run_cell
from tellapart.models.ablations.designs import ABLATIONS, ablation
from tellapart.models.ablations.families import FAMILIES, family
from tellapart.models.designs import ONE_SIDED_DECAY
from tellapart.models.fit import check_integer
from tellapart.properties.ablations_sentences import sentences
from tellapart.properties.ablations_statistics import Summary, summarise
from tellapart.properties.ablations_store import CellKey, CellStore
from tellapart.properties.files import write_atomically
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.naming import entry_named
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["DECAYS", "PROFILES", "AblationReport", "Profile", "reproduce_ablations"]

#: Weight decay of the encoder: as the one-sided designs of the zoo have it, and none.
DECAYS = (ONE_SIDED_DECAY, 0.0)
_FILES = ("ablations.json", "table.txt", "table.csv", "table.tex", "figure.svg")
_Progress = Callable[[str, int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class Profile:
    """How much to run: seeds of each cell, steps of each stage of training."""

    seeds: int
    steps: int


PROFILES = {"quick": Profile(seeds=3, steps=600), "paper": Profile(seeds=10, steps=2000)}


@register
@dataclass(frozen=True)
class AblationReport(Saved):
    """A finished matrix.

    Attributes
    ----------
    designs, families
        Names, in the order of the tables.
    seeds, steps
        Runs of each cell, and steps of each stage of training.
    decays
        Weight decays of the encoder.
    cells
        All of them: by weight decay, then family, then design.
    """

    designs: tuple[str, ...]
    families: tuple[str, ...]
    seeds: int
    steps: int
    decays: tuple[float, ...]
    cells: tuple[AblationCell, ...]

    def summary(
        self, *, design: str | None = None, family: str | None = None, decay: float | None = None
    ) -> Summary:
        """Sum up the cells of one design, family or weight decay, or of a combination.

        Raises
        ------
        InvalidArgumentError
            When no cell is left.
        """
        return summarise(
            [
                cell
                for cell in self.cells
                if design in (None, cell.design)
                and family in (None, cell.family)
                and decay in (None, cell.weight_decay)
            ]
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the numbers say."""
        return tuple(sentences(self.cells))

    def explain(self) -> str:
        """Return the tables and the sentences as text."""
        from tellapart.properties.report.ablation_table import text_table

        return text_table(self)

    def save(self, folder: Path) -> tuple[Path, ...]:
        """Write the report as JSON, text, CSV, LaTeX and SVG; returns the paths."""
        from tellapart.properties.report.ablation_figure import draw_ablations
        from tellapart.properties.report.ablation_table import csv_table, latex_table

        texts = (
            self.to_json() + "\n", self.explain() + "\n", csv_table(self), latex_table(self),
            draw_ablations(self) + "\n",
        )  # fmt: skip
        paths = tuple(folder / name for name in _FILES)
        for path, text in zip(paths, texts, strict=True):
            write_atomically(path, text)
        return paths

    def to_html(self, path: Path) -> None:
        """Write one self-contained page."""
        from tellapart.properties.report.ablation_page import render_ablations

        write_atomically(path, render_ablations(self))

    def __repr__(self) -> str:
        return (
            f"AblationReport({count(len(self.designs), 'design')}, "
            f"{count(len(self.families), 'family', 'families')}, {count(self.seeds, 'seed')})"
        )


def reproduce_ablations(
    *,
    designs: Sequence[str] | None = None,
    families: Sequence[str] | None = None,
    profile: str = "quick",
    seeds: int | None = None,
    steps: int | None = None,
    jobs: int = 1,
    folder: Path | None = None,
    progress: _Progress | None = None,
) -> AblationReport:
    """Train every design on every family, with and without weight decay.

    Parameters
    ----------
    designs, families
        Names; default all of them.
    profile
        ``"quick"`` or ``"paper"``: gives ``seeds`` and ``steps`` where they are not given.
    seeds, steps
        Runs of each cell, and steps of each stage of training.
    jobs
        Processes; 1 trains in this one.
    folder
        Where finished cells are kept, one file each. Cells found there are not made again, so the
        same call goes on where a killed one stopped. None: nothing is kept.
    progress
        Called with the stage, the number of cells done, of all cells, and a note.

    Returns
    -------
    AblationReport

    Raises
    ------
    InvalidArgumentError
        For unknown or repeated names, an unknown profile, numbers below 1 or an unusable folder.

    Notes
    -----
    A cell depends on its key alone, so that neither ``jobs`` nor an interruption changes a byte of
    the report on one machine; another processor may round differently.

    Examples
    --------
    >>> report = reproduce_ablations(
    ...     designs=["joint"], families=["counting-9"], seeds=2, steps=300
    ... )
    >>> report
    AblationReport(1 design, 1 family, 2 seeds)
    """
    default = entry_named(PROFILES, profile, "profile")
    chosen = _names("designs", designs, tuple(ABLATIONS), lambda name: ablation(name))
    systems = _names("families", families, tuple(FAMILIES), lambda name: family(name))
    n_seeds = default.seeds if seeds is None else seeds
    n_steps = default.steps if steps is None else steps
    for name, value in (("seeds", n_seeds), ("steps", n_steps), ("jobs", jobs)):
        check_integer(name, value, 1)
    keys = [
        CellKey(design, system, decay, n_seeds, n_steps)
        for decay in DECAYS
        for system in systems
        for design in chosen
    ]
    cells = _cells(keys, CellStore(folder), jobs, progress or (lambda *_: None))
    ordered = tuple(cells[key] for key in keys)
    return AblationReport(chosen, systems, n_seeds, n_steps, DECAYS, ordered)


def _names(
    what: str,
    given: Sequence[str] | None,
    known: tuple[str, ...],
    check: Callable[[str], object],
) -> tuple[str, ...]:
    if given is None:
        return known
    names = (given,) if isinstance(given, str) else tuple(given)
    if not names or len(set(names)) < len(names):
        raise InvalidArgumentError(
            f"{what} is {list(names)}; name at least one, each once, among {', '.join(known)}."
        )
    for name in names:
        check(name)
    return names


def _cells(
    keys: Sequence[CellKey], store: CellStore, jobs: int, progress: _Progress
) -> dict[CellKey, AblationCell]:
    """Load what is there, make the rest, keep each cell as soon as it is done."""
    loaded = {key: store.load(key) for key in keys}
    cells = {key: cell for key, cell in loaded.items() if cell is not None}
    missing = [key for key in keys if key not in cells]
    note = f"{len(cells)} found" if cells else ""
    progress("ablations", len(cells), len(keys), note)
    for key, cell in _made(missing, min(jobs, len(missing))):
        store.save(key, cell)
        cells[key] = cell
        progress("ablations", len(cells), len(keys), f"{key.design} on {key.family}")
    return cells


def _made(keys: Sequence[CellKey], jobs: int) -> Iterator[tuple[CellKey, AblationCell]]:
    if jobs <= 1:
        yield from ((key, _make(key)) for key in keys)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_leave_with_parent)
    try:
        futures = {pool.submit(_make, key): key for key in keys}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _make(key: CellKey) -> AblationCell:
    return run_cell(
        key.design, key.family, weight_decay=key.weight_decay, seeds=key.seeds, steps=key.steps
    )


def _leave_with_parent() -> None:
    """End this worker when the command is killed: nobody would read what it makes."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
