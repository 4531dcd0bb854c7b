"""Writing files so that an interruption never leaves half of one."""

import os
import tempfile
from pathlib import Path

from tellapart.theory.errors import InvalidArgumentError

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
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes private files; a report is to be shared
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
