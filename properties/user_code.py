"""Functions in a user's own code, by name: ``file.py:function`` or ``package.module:function``."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from tellapart.properties.errors import SubjectSourceError

__all__ = ["named_function"]


def named_function(name: str, signature: str) -> Callable[..., Any]:
    """Import a function of the user's.

    Parameters
    ----------
    name
        ``path/to/file.py:function`` or ``package.module:function``.
    signature
        What it must be, for the message when it is something else: ``"(mdp, seed) -> Subject"``.

    Raises
    ------
    SubjectSourceError
        When the file is missing or does not import, or there is no such function in it.

    Notes
    -----
    What the code prints while it is imported goes to stderr: stdout may be read by a machine.
    """
    place, _, attribute = name.rpartition(":")
    with redirect_stdout(sys.stderr):
        module = _load_file(Path(place)) if place.endswith(".py") else _load_module(place)
    function = getattr(module, attribute, None)
    if function is None:
        names = [n for n, f in vars(module).items() if inspect.isfunction(f) and n[0] != "_"]
        raise SubjectSourceError(
            f"{place} has no {attribute!r}. Functions there: {', '.join(names) or 'none'}."
        )
    if not callable(function):
        raise SubjectSourceError(
            f"{name} is of type {type(function).__name__}; it must be a function {signature}."
        )
    found: Callable[..., Any] = function
    return found


def _load_file(path: Path) -> Any:
    if not path.is_file():
        raise SubjectSourceError(f"The file {path} does not exist (from {Path.cwd()}).")
    name = f"tellapart_subject_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise SubjectSourceError(f"{path} cannot be loaded as a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look the module up by name
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)  # so that the file can import its neighbours, as a script can
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise SubjectSourceError(
            f"{path} does not import: {type(error).__name__}: {error}.{_advice(error)}"
        ) from error
    return module


def _load_module(name: str) -> Any:
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))  # the console script does not put it there
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise SubjectSourceError(
            f"The module {name} does not import: {type(error).__name__}: {error}.{_advice(error)} "
            "For a file write path/to/file.py:factory."
        ) from error


def _advice(error: BaseException) -> str:
    """Say what to do about a file that ends the program when it is imported."""
    if isinstance(error, SystemExit):
        return ' Put what ends the program under `if __name__ == "__main__":`.'
    return ""
