"""Case files: writing one atomically, reading one of any schema that there ever was."""

import json
import re
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from pathlib import Path
from typing import Any

from tellapart.properties.cases.case import SCHEMA, Case, fingerprint
from tellapart.properties.cases.migrations import MIGRATIONS, Migration, migrate
from tellapart.properties.cases.replayers import replayer
from tellapart.properties.errors import ReplayError
from tellapart.properties.files import write_atomically
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import loads

__all__ = ["case_from_json", "file_name", "load_case", "save_case"]

#: Hexadecimal digits of the fingerprint in a file name.
_DIGITS = 12
#: Contents that are saved and are no dataclasses.
_SYSTEMS = (DeterministicMDP, TransitionData, Partition)


def save_case(case: Case, place: str | Path) -> Path:
    """Write a case to a file; an interruption leaves no half of one.

    Parameters
    ----------
    case
        What to save.
    place
        A folder, in which the file is named :func:`file_name`; or a file ending in ``.json``.

    Returns
    -------
    Path
        The file. One that was there is replaced.

    Raises
    ------
    InvalidArgumentError
        When ``case`` is none, or the place cannot be written.
    """
    if not isinstance(case, Case):
        raise InvalidArgumentError(
            f"save_case got a {type(case).__name__}; make a case with case_of() first."
        )
    path = Path(place)
    if path.is_dir():
        path = path / file_name(case)
    elif path.suffix != ".json":
        raise InvalidArgumentError(
            f"{path} is neither a folder nor ends in .json; create the folder first, or name the "
            "file ....json."
        )
    write_atomically(path, case.to_json() + "\n")
    return path


def file_name(case: Case) -> str:
    """Return ``<about>-<name>-<12 digits of the fingerprint>.json``, safe on any file system.

    Examples
    --------
    >>> from tellapart.properties.cases.case import case_of
    >>> from tellapart.theory.partition import Partition
    >>> file_name(case_of("law", "S4 trained", Partition([0, 0]), {}))
    'law-S4-trained-dc7940c81509.json'
    """
    parts = (_plain(case.about), _plain(case.name), case.digest[:_DIGITS])
    return "-".join(part for part in parts if part) + ".json"


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "-", text).strip("-.")[:60]


def load_case(path: str | Path) -> Case:
    """Read a case file.

    Raises
    ------
    ReplayError
        When the file cannot be read, is no case, or has a schema that is not known.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayError(f"{path} cannot be read: {error}") from error
    try:
        return case_from_json(text)
    except InvalidArgumentError as error:
        raise ReplayError(f"{path} is no case: {error}") from error


def case_from_json(
    text: str, *, migrations: Mapping[int, Migration] = MIGRATIONS, newest: int = SCHEMA
) -> Case:
    """Return the case of a JSON text of any known schema.

    The classes of its content are found in the module that replays it, which is imported. A case
    that was migrated gets the fingerprint of its new content.

    Parameters
    ----------
    text
        What :meth:`~tellapart.properties.cases.case.Case.to_json` gave.
    migrations, newest
        As for :func:`~tellapart.properties.cases.migrations.migrate`.

    Raises
    ------
    InvalidArgumentError
        When the text is no case, or of a schema that is not known.
    """
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"This is not JSON: {error}") from error
    if not isinstance(data, dict) or data.get("kind") != "Case":
        raise InvalidArgumentError("This is no saved Case; write one with save_case().")
    migrated = migrate(data, migrations=migrations, newest=newest)
    replayer(migrated.get("about"))  # registers the classes of the content
    case = _checked(loads(json.dumps(migrated), Case))
    return case if migrated is data else replace(case, digest=fingerprint(case.content))


def _checked(case: Case) -> Case:
    """Refuse fields of another form: a case may have been written by anyone."""
    texts = case.about, case.name, case.digest
    pairs = [*case.outcome, *case.versions] if _are_tuples(case.outcome, case.versions) else [()]
    if not all(isinstance(text, str) for text in texts) or not all(
        isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs
    ):
        raise InvalidArgumentError(
            "about, name and digest of a case are texts, outcome and versions are pairs of a name "
            "and a value; write cases with save_case()."
        )
    if not (is_dataclass(case.content) or isinstance(case.content, _SYSTEMS)):
        raise InvalidArgumentError(
            f"The content of this case is {case.content!r}; it must be a saved result."
        )
    return case


def _are_tuples(*values: object) -> bool:
    return all(isinstance(value, tuple) for value in values)
