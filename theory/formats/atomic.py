"""Writing files so that an interruption never leaves half of one."""

import os
import tempfile
from pathlib import Path

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["check_writable", "write_bytes_atomically"]


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


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary file beside ``path`` and rename it into place.

    The old content, if any, stays until the new one is complete.

    Raises
    ------
    InvalidArgumentError
        When the folder does not exist or cannot be written, or the path is a folder.
    """
    check_writable(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise InvalidArgumentError(
            f"{path} cannot be written: {error}. Choose another folder."
        ) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes private files
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
