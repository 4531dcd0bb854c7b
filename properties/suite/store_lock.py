"""The right to write to a store: one process at a time."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["Lock"]


class Lock:
    """The right to write: held by a process, and gone with it, however it ends.

    It is a lock of the operating system on a small SQLite file beside the store, because one on the
    store itself would keep readers out.

    Parameters
    ----------
    path
        Of the store.

    Raises
    ------
    InvalidArgumentError
        When another process has the right, or the folder cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}-writer")
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if self._connection is not None:
                self._connection.close()
            if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
                raise InvalidArgumentError(
                    f"{path} is being written by another process; wait for it, or name another "
                    "file."
                ) from error
            raise InvalidArgumentError(
                f"{path} cannot be used as a store ({error}). Name a file in a folder that you "
                "may write to."
            ) from error

    def release(self) -> None:
        """Let others write; it may be called again."""
        if self._connection is not None:
            with suppress(OSError):  # on Windows an open file cannot be removed
                self._path.unlink()
            self._connection.close()
            self._connection = None
