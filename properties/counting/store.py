"""A folder of finished runs and checkpoints: what makes a study go on after a kill."""

import hashlib
import re
import tempfile
from pathlib import Path

from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun
from tellapart.properties.files import write_atomically
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["RunStore"]


class RunStore:
    """Finished runs in files, one each, written to a temporary name and renamed.

    Parameters
    ----------
    folder
        Made if need be. None: nothing is kept.
    code
        A digest of the user's encoder: runs of another version of it are not taken for this one's.

    Raises
    ------
    InvalidArgumentError
        When the folder cannot be made, or nothing can be written in it.
    """

    def __init__(self, folder: Path | None, code: str = "") -> None:
        self.folder, self.code = (None if folder is None else folder / "runs"), code
        if self.folder is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                for place in (self.folder.parent, self.folder):  # reports there, runs here
                    with tempfile.TemporaryFile(dir=place) as probe:
                        probe.write(b"written")
            except OSError as error:
                raise InvalidArgumentError(
                    f"{folder} cannot be used as a folder: {error.strerror or error}. Name "
                    "another one."
                ) from error

    def name(self, plan: CountingPlan, each: int, decoder_steps: int) -> str:
        """Return the name of a run's files, all that the run depends on in it."""
        code = "" if plan.encoder is None else self.code
        text = f"{plan.to_json()}\n{each}\n{decoder_steps}\n{code}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        network = plan.architecture
        if plan.encoder is not None:
            network = re.sub(r"[^A-Za-z0-9_]+", "-", plan.encoder)[-40:]
        parts = (plan.design, plan.control, plan.labels, network, f"seed-{plan.seed}")
        return ".".join((*parts, f"{plan.steps}-steps", digest))

    def load(self, plan: CountingPlan, each: int, decoder_steps: int) -> CountingRun | None:
        """Return a finished run; None when there is none, or its file is damaged or another's."""
        if self.folder is None:
            return None
        path = self.folder / f"{self.name(plan, each, decoder_steps)}.json"
        try:
            run = CountingRun.from_json(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, InvalidArgumentError):
            return None  # it is made again, and the file replaced
        return run if run.plan == plan else None

    def save(self, run: CountingRun, each: int, decoder_steps: int) -> None:
        """Keep a finished run; its checkpoint is no longer needed.

        Raises
        ------
        InvalidArgumentError
            When it cannot be written.
        """
        if self.folder is None:
            return
        path = self.folder / f"{self.name(run.plan, each, decoder_steps)}.json"
        try:
            write_atomically(path, run.to_json() + "\n")
            path.with_suffix(".pt").unlink(missing_ok=True)
        except OSError as error:
            raise InvalidArgumentError(
                f"The run {path} cannot be written: {error.strerror or error}. Free some space, or "
                "name another folder; what was written before is kept."
            ) from error

    def checkpoint(self, plan: CountingPlan, each: int, decoder_steps: int) -> Path | None:
        """Return the file for the checkpoints of a run."""
        if self.folder is None:
            return None
        return self.folder / f"{self.name(plan, each, decoder_steps)}.pt"
