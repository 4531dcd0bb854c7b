"""Writing files so that an interruption never leaves half of one."""

import os
from pathlib import Path

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.formats.atomic import write_bytes_atomically

__all__ = ["check_writable", "write_atomically"]


def check_writable(path: Path) -> None:
    """Refuse a path that cannot be written, before the long work starts rather than after it.

    Raises
    ------
    InvalidArgumentError
        When the folder does not exist, is not writable, or the path is a folder.
    """
    folder = path.parent
    if path.is_dir():
        raise InvalidArgumentError(f"{path} is a folder; name a file to write.")
    if not folder.is_dir():
        raise InvalidArgumentError(f"The folder {folder} does not exist; create it first.")
    if not os.access(folder, os.W_OK):
        raise InvalidArgumentError(f"The folder {folder} is not writable; choose another one.")


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` to a temporary file beside ``path`` and rename it into place.

    The old content, if any, stays until the new one is complete. The temporary file is removed
    when anything interrupts the write, Ctrl-C included.
    """
    check_writable(path)
    write_bytes_atomically(path, text.encode("utf-8"))
