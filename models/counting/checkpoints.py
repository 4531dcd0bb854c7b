"""Checkpoints of a counting run: written whole or not at all, and read without running code."""

import os
import pickle
import tempfile
from pathlib import Path
from typing import Any

import torch

from tellapart.models.counting.plan import CountingPlan
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["load_checkpoint", "save_checkpoint"]

#: Changes when old checkpoints can no longer be continued.
_VERSION = 2


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
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save({"version": _VERSION, "plan": plan.to_json(), "state": state}, file)
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
    InvalidArgumentError
        When the file is no checkpoint, or one of another plan.
    """
    if not path.exists():
        return None
    try:
        found = torch.load(path, weights_only=True)
        version, text, state = found["version"], found["plan"], found["state"]
    except (OSError, RuntimeError, LookupError, TypeError, EOFError, pickle.UnpicklingError) as e:
        raise InvalidArgumentError(
            f"{path} is no checkpoint of a counting run ({type(e).__name__}). Delete it, or name "
            "another file."
        ) from e
    if version != _VERSION or text != plan.to_json():
        raise InvalidArgumentError(
            f"{path} is the checkpoint of another run than {plan!r}. Delete it, or name another "
            "file."
        )
    result: dict[str, Any] = state
    return result
