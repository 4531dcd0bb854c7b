r"""Aldebaran ``.aut`` files: labelled transition systems as CADP and mCRL2 write them.

The first line is ``des (FIRST, TRANSITIONS, STATES)``, every other one ``(FROM, ACTION, TO)`` with
states counted from 0 and the action in double quotes or bare. The format knows no labels of
states, so they are written as self-loops with the action ``label(VALUE)``; a self-loop of that
form is read as a label and not as a transition. Texts are values as in
:func:`tellapart.theory.formats.values.from_text`, in 7-bit characters.
"""

import json
import re
from collections.abc import Hashable
from typing import Any

import numpy as np

from tellapart.theory.data.rows import RowNames
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import FileFormatError
from tellapart.theory.formats.values import from_text, to_text
from tellapart.theory.graph_rows import SINGLE_ACTION

__all__ = ["aut_bytes", "aut_data"]

_HEADER = re.compile(
    r"\s*des\s*\(\s*(\d{1,18})\s*,\s*(\d{1,18})\s*,\s*(\d{1,18})\s*\)\s*", re.ASCII
)
_STATE = re.compile(r"\s*(\d{1,18})\s*", re.ASCII)
_LABEL = re.compile(r"label\((.*)\)", re.DOTALL)


def aut_bytes(data: TransitionData) -> bytes:
    """Return an Aldebaran file; equal values give equal bytes.

    Notes
    -----
    Observations become their numbers; actions and labels keep their types. Labels come first, then
    the transitions by action, observation and successor, so that actions are read back in their
    order. Actions without a transition, and rows, are not kept. Inside quotes ``"`` and the
    backslash are written with a backslash before them. O(n_obs + n_transitions log n_transitions).
    """
    actions = [_quote(_action_text(name)) for name in data.actions]
    values = [_quote(f"label({to_text(v, ascii_only=True)})") for v in data.label_values]
    known = [(o, i) for o, i in enumerate(data.label_ids.tolist()) if i >= 0]
    order = np.lexsort((data.targets, data.sources, data.action_ids))
    lines = [f"des (0,{len(known) + data.n_transitions},{data.n_obs})"]
    lines += [f"({o},{values[i]},{o})" for o, i in known]
    lines += [f"({o},{actions[a]},{t})" for o, a, t in data.triples[order].tolist()]
    return ("\n".join(lines) + "\n").encode("ascii")


def _action_text(name: Hashable) -> str:
    text = to_text(name, ascii_only=True)
    # A name that looks like a label is put in quotes of its own, which read as the same string.
    return json.dumps(name) if _LABEL.fullmatch(text) else text


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unquote(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r'\\([\\"])', r"\1", text[1:-1])
    return text


def aut_data(
    data: bytes, label_tolerance: float | None = None, *, one_action: bool = False
) -> TransitionData:
    r"""Return what an Aldebaran file says; rows are named by their lines.

    Parameters
    ----------
    data
        The file's content.
    label_tolerance
        As in :class:`~tellapart.theory.mdp.DeterministicMDP`.
    one_action
        Read every transition as the one action ``"step"``.

    Returns
    -------
    TransitionData
        Observations ``0 .. STATES-1``, actions in order of first appearance.

    Raises
    ------
    FileFormatError
        For anything else than an Aldebaran file, naming the line.

    Examples
    --------
    >>> data = aut_data(b'des (0,3,2)\n(0,"press",1)\n(1,press,0)\n(1,"label(on)",1)\n')
    >>> data
    TransitionData(n_obs=2, n_actions=1, n_transitions=2, n_labelled=1)
    """
    lines = _lines(data)
    n_transitions, n_states = _header(lines, len(data))
    ids: dict[str, int] = {}
    labels: dict[int, str] = {}
    rows: list[tuple[int, int, int]] = []
    numbers: list[int] = []
    label_rows = np.full(n_states, -1, dtype=np.int64)
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        source, text, target = _edge(line, number, n_states)
        if source == target and (match := _LABEL.fullmatch(text)):
            _note_label(labels, label_rows, source, match[1], number)
            continue
        text = SINGLE_ACTION if one_action else text
        rows.append((source, ids.setdefault(text, len(ids)), target))
        numbers.append(number)
    found = len(rows) + len(labels)
    if found != n_transitions:
        raise FileFormatError(
            f"line 1 says {n_transitions} transitions, but {found} follow; is the file cut off?"
        )
    if not rows:
        raise FileFormatError("it has no transition, so it names no action")
    columns, actions = _actions(ids)
    table = np.array(rows, dtype=np.int64)
    table[:, 1] = columns[table[:, 1]]
    return TransitionData(
        table,
        {o: _value(text) for o, text in labels.items()},
        range(n_states),
        actions,
        rows=numbers,
        label_rows=label_rows,
        row_names=RowNames("line"),
        label_tolerance=label_tolerance,
    )


def _lines(data: bytes) -> list[str]:
    try:
        return data.decode("utf-8-sig").rstrip().split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileFormatError(f"line {line}: not text ({error.reason})") from None


def _header(lines: list[str], size: int) -> tuple[int, int]:
    match = _HEADER.fullmatch(lines[0])
    if match is None:
        raise FileFormatError(
            f"line 1: {lines[0][:60]!r} where 'des (FIRST, TRANSITIONS, STATES)' should be"
        )
    first, n_transitions, n_states = (int(part) for part in match.groups())
    if n_states == 0:
        raise FileFormatError("line 1: 0 states; a system needs at least one observation")
    if n_states > max(size, 1000):
        raise FileFormatError(
            f"line 1: {n_states} states, more than a file of {size} bytes can lead to"
        )
    if first >= n_states:
        raise FileFormatError(f"line 1: the first state {first} is not in 0..{n_states - 1}")
    return n_transitions, n_states


def _edge(line: str, number: int, n_states: int) -> tuple[int, str, int]:
    """Split at the first and the last comma: the action between them may have more."""
    inner = line.strip()
    start, _, rest = inner[1:-1].partition(",")
    text, _, end = rest.rpartition(",")
    states, text = (_STATE.fullmatch(start), _STATE.fullmatch(end)), text.strip()
    if inner[:1] != "(" or inner[-1:] != ")" or not text or None in states:
        raise FileFormatError(f"line {number}: {inner[:60]!r} where '(FROM, ACTION, TO)' should be")
    source, target = int(start), int(end)
    for state in (source, target):
        if state >= n_states:
            raise FileFormatError(
                f"line {number}: the state {state} is not in 0..{n_states - 1} (line 1 says "
                f"{n_states} states)"
            )
    if (text[0] == '"') != (text[-1] == '"') or text == '"':
        raise FileFormatError(f"line {number}: the quotes around {text[:60]!r} do not match")
    return source, _unquote(text), target


def _note_label(labels: dict[int, str], rows: Any, state: int, text: str, number: int) -> None:
    if state in labels:
        raise FileFormatError(
            f"line {number}: state {state} has a second label; the first is on line {rows[state]}"
        )
    labels[state] = text
    rows[state] = number


def _actions(ids: dict[str, int]) -> tuple[Any, list[Hashable]]:
    """Return the actions as values and the column of each text; ``1`` and ``1.0`` are one."""
    columns: dict[Hashable, int] = {}
    order = [columns.setdefault(_value(text), len(columns)) for text in ids]
    return np.array(order, dtype=np.int64), list(columns)


def _value(text: str) -> Any:
    value = from_text(text)
    return text if value is None else value
