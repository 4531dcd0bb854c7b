"""Writing files so that an interruption never leaves half of one."""

from pathlib import Path

from tellapart.theory.formats.atomic import check_writable, write_bytes_atomically

__all__ = ["check_writable", "write_atomically"]


def write_atomically(path: Path, text: str) -> None:
    """Write ``text`` to a temporary file beside ``path`` and rename it into place.

    The old content, if any, stays until the new one is complete. The temporary file is removed
    when anything interrupts the write, Ctrl-C included.
    """
    write_bytes_atomically(path, text.encode("utf-8"))
