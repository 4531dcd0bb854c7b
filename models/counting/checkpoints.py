"""Checkpoints of a counting run: written whole or not at all, and read without running code."""

import io
import os
import tempfile
from pathlib import Path
from typing import Any

import torch

from tellapart.models.counting.plan import CountingPlan
from tellapart.theory.errors import InvalidArgumentError, TellapartError

__all__ = ["CheckpointError", "CheckpointWriteError", "load_checkpoint", "save_checkpoint"]

#: Changes when old checkpoints can no longer be continued.
_VERSION = 2


class CheckpointError(InvalidArgumentError):
    """A file cannot be continued: it is no checkpoint, or one of another run."""


class CheckpointWriteError(TellapartError, OSError):
    """A checkpoint cannot be written: the disk is full, or the folder read-only or gone."""


def save_checkpoint(path: Path, plan: CountingPlan, state: dict[str, Any]) -> None:
    """Write the state of a run; a reader sees the old file or the new one, never half of one.

    Parameters
    ----------
    path
        The file; its folder is made if need be.
    plan
        The run that it belongs to.
    state
        Tensors, numbers, strings, and lists and dicts of them.

    Raises
    ------
    CheckpointWriteError
        When the disk is full, or the folder cannot be written.
    """
    content = io.BytesIO()  # torch hides why a write to a file failed
    torch.save({"version": _VERSION, "plan": plan.to_json(), "state": state}, content)
    try:
        _write(path, content.getvalue())
    except OSError as error:
        raise CheckpointWriteError(
            f"The checkpoint {path} cannot be written: {error.strerror or error}. Free some space, "
            "or name another folder."
        ) from error


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)  # noqa: PTH105 - the name is a string
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load_checkpoint(path: Path, plan: CountingPlan) -> dict[str, Any] | None:
    """Return the saved state of this run; None when there is no file.

    Raises
    ------
    CheckpointError
        When the file is no checkpoint, or one of another plan.
    """
    if not path.exists():
        return None
    try:
        found = torch.load(path, weights_only=True)
        version, text, state = found["version"], found["plan"], found["state"]
    except Exception as error:  # damage shows in many ways: struct.error, KeyError, EOFError ...
        raise CheckpointError(
            f"{path} is no checkpoint of a counting run ({type(error).__name__}). Delete it, or "
            "name another file."
        ) from error
    if version != _VERSION or text != plan.to_json():
        raise CheckpointError(
            f"{path} is the checkpoint of another run than {plan!r}. Delete it, or name another "
            "file."
        )
    result: dict[str, Any] = state
    return result
