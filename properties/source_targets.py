"""Partitions that an encoder is meant to keep apart, from words and files."""

import csv
import io
import json
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.formats.values import from_json_value, from_text, to_text
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition, kernel

__all__ = ["load_target"]

#: A larger file is refused before it is read.
MAX_TARGET_BYTES = 64 * 2**20

System = DeterministicMDP | TransitionData


class _Text(str):
    """A name as text, in contrast to a name as a value."""

    __slots__ = ()


def load_target(text: str, system: System) -> Partition:
    """Return the partition that a target names, over the observations of a system.

    Parameters
    ----------
    text
        ``observation``: all apart. ``label``: the blocks of the system's label. Or a file:
        ``.json`` with ``{"NAME": class, ...}`` or blocks ``[[name, ...], ...]``, or ``.csv`` with
        the columns ``observation`` and ``block``. Names that are no strings are written as their
        values: ``3``, ``[0, 1]``.
    system
        The system; every observation must be in exactly one block.

    Returns
    -------
    Partition

    Raises
    ------
    InvalidArgumentError
        For another word, a file that is missing, too large or not of this form, a name that is no
        observation, and observations without a block or with two.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> load_target("label", counting_chain(4))
    Partition of 4 observations into 2 blocks: {0, 2, 3} {1}
    """
    if text == "observation":
        return Partition.identity(system.n_obs)
    if text == "label":
        return _label_blocks(system)
    path = Path(text)
    readers = {".json": _json_rows, ".csv": _csv_rows}
    if path.suffix.lower() not in readers:
        raise InvalidArgumentError(
            f"The target is {text!r}; give observation, label, or a file (.json or .csv)."
        )
    content = _read(path)
    try:
        rows = list(readers[path.suffix.lower()](content))
        return _partition(rows, system)
    except InvalidArgumentError as error:
        raise InvalidArgumentError(f"{path}: {error}") from error


def _label_blocks(system: System) -> Partition:
    if (system.label_ids < 0).any():
        o = int((system.label_ids < 0).argmax())
        raise InvalidArgumentError(
            f"The target is the label, but the label of observation {system.observations[o]!r} is "
            "not known. Give a file with a block for every observation."
        )
    return Partition(system.label_ids)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_TARGET_BYTES:
            raise InvalidArgumentError(
                f"{path} is larger than the bound of {MAX_TARGET_BYTES // 2**20} MiB for targets."
            )
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise InvalidArgumentError(f"The file {path} does not exist (from {Path.cwd()}).") from None
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(f"{path} is not UTF-8 text: {error.reason}.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InvalidArgumentError):
            raise
        raise InvalidArgumentError(f"{path} cannot be read: {error}") from error


def _json_rows(content: str) -> Iterable[tuple[Any, Any]]:
    """Yield name and class; names of mappings are texts, names in blocks are values."""
    try:
        found = json.loads(content)
    except json.JSONDecodeError as error:
        raise InvalidArgumentError(f"line {error.lineno} is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"it is not JSON: {str(error)[:100]}.") from None
    if isinstance(found, dict):
        yield from ((_Text(name), from_json_value(block)) for name, block in found.items())
    elif isinstance(found, list) and all(isinstance(block, list) for block in found):
        for number, block in enumerate(found):
            yield from ((from_json_value(name), number) for name in block)
    else:
        raise InvalidArgumentError(
            'it must hold {"NAME": class, ...} or a list of blocks, [[name, ...], ...].'
        )


def _csv_rows(content: str) -> Iterable[tuple[Any, Any]]:
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), strict=True))
    except csv.Error as error:
        raise InvalidArgumentError(f"it is not CSV: {error}.") from None
    if not rows or [cell.strip() for cell in rows[0]] != ["observation", "block"]:
        raise InvalidArgumentError("its first line must be observation,block.")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) not in (0, 2):
            raise InvalidArgumentError(f"row {number} has {len(row)} cells; it must have 2.")
        if row:
            yield _Text(row[0]), from_text(row[1])


def _partition(rows: list[tuple[Any, Any]], system: System) -> Partition:
    index: dict[Hashable, int] = {name: o for o, name in enumerate(system.observations)}
    texts = {to_text(name): o for name, o in index.items()}
    blocks: list[Hashable] = [None] * system.n_obs
    seen: set[int] = set()
    for name, block in rows:
        o = _index(name, index, texts)
        if o in seen:
            raise InvalidArgumentError(
                f"observation {system.observations[o]!r} is in two blocks; list each exactly once."
            )
        seen.add(o)
        blocks[o] = _block(block, name)
    missing = [o for o in range(system.n_obs) if o not in seen]
    if missing:
        raise InvalidArgumentError(
            f"observation {system.observations[missing[0]]!r} is in no block ({len(missing)} are "
            "in none). Give every observation one."
        )
    return kernel([(block,) for block in blocks])


def _index(name: Any, index: dict[Hashable, int], texts: dict[str, int]) -> int:
    """Look up a name; a text stands for what is written so, for itself, or for its value."""
    tried: tuple[int | None, ...]
    if isinstance(name, _Text):
        tried = (texts.get(name), index.get(str(name)), index.get(from_text(name)))
    else:
        tried = (index.get(name),) if _is_hashable(name) else ()
    found = next((o for o in tried if o is not None), None)
    if found is None:
        some = ", ".join(list(texts)[:5]) + (", ..." if len(texts) > 5 else "")
        raise InvalidArgumentError(
            f"there is no observation {str(name)[:80]!r}. The observations are {some}"
        )
    return found


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _block(block: Any, name: Any) -> Hashable:
    block = block if _is_hashable(block) else None
    if block is None or block != block:
        raise InvalidArgumentError(
            f"the class of {str(name)[:80]!r} is no class; use a string, a number or a list."
        )
    return block  # type: ignore[no-any-return]
