"""A folder of finished cells: what makes the ablation matrix resume after a kill."""

from dataclasses import dataclass
from pathlib import Path

from tellapart.models.ablations.cell import AblationCell
from tellapart.properties.files import write_atomically
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["CellKey", "CellStore"]


@dataclass(frozen=True, slots=True)
class CellKey:
    """What a cell is a function of.

    Attributes
    ----------
    design, family
        Names.
    weight_decay, seeds, steps
        As of :func:`~tellapart.models.ablations.cell.run_cell`.
    """

    design: str
    family: str
    weight_decay: float
    seeds: int
    steps: int

    @property
    def filename(self) -> str:
        """The name of its file, all of the key in it."""
        decay = f"decay-{self.weight_decay:g}"
        return f"{self.design}.{self.family}.{decay}.{self.seeds}-seeds.{self.steps}-steps.json"

    def fits(self, cell: AblationCell) -> bool:
        """Tell whether a cell is the one that this key asks for."""
        found = (cell.design, cell.family, cell.weight_decay, len(cell.runs), cell.steps)
        return found == (self.design, self.family, self.weight_decay, self.seeds, self.steps)


class CellStore:
    """Cells in files, one each, written to a temporary name and renamed.

    Parameters
    ----------
    folder
        Made if need be. None: nothing is kept.

    Raises
    ------
    InvalidArgumentError
        When the folder cannot be made.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = None if folder is None else folder / "cells"
        if self.folder is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise InvalidArgumentError(
                    f"{folder} cannot be used as a folder: {error.strerror}. Name another one."
                ) from error

    def load(self, key: CellKey) -> AblationCell | None:
        """Return a finished cell; None when there is none, or its file is damaged or another's."""
        if self.folder is None:
            return None
        try:
            cell = AblationCell.from_json((self.folder / key.filename).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, InvalidArgumentError):
            return None  # it is made again, and the file replaced
        return cell if key.fits(cell) else None

    def save(self, key: CellKey, cell: AblationCell) -> None:
        """Keep a finished cell."""
        if self.folder is not None:
            write_atomically(self.folder / key.filename, cell.to_json() + "\n")
