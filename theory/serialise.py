"""Results to JSON and back: plain JSON where it can be plain, tagged objects where it cannot.

Strings, integers, finite floats and booleans stay what they are. Everything else is an object with
one telling key: ``{"tuple": [...]}``, ``{"fraction": "1/3"}``, ``{"float": "inf"}``,
``{"array": [...], "dtype": ..., "shape": ...}``; result objects carry ``"kind"``.
"""

import dataclasses
import json
import math
from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from typing import Any, Self, TypeVar, get_type_hints

import numpy as np

from tellapart.theory.data.rows import RowNames
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.labels import LabelCoding
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = ["Saved", "dumps", "loads", "register"]

T = TypeVar("T")
_KINDS: dict[str, type[Any]] = {}


def register(cls: type[T]) -> type[T]:
    """Class decorator: let instances of this dataclass be saved and loaded.

    Raises
    ------
    TypeError
        When another class of the same name is registered: files name classes by it. When it has a
        field ``kind``: that is the key under which files name the class.
    """
    if "kind" in {field.name for field in dataclasses.fields(cls)}:  # type: ignore[arg-type]
        raise TypeError(f"{cls.__name__} has a field 'kind', the key that names classes in files.")
    known = _KINDS.setdefault(cls.__name__, cls)
    if known.__module__ != cls.__module__:
        raise TypeError(f"{known.__module__} and {cls.__module__} both register {cls.__name__}.")
    _KINDS[cls.__name__] = cls
    return cls


class Saved:
    """Base of results that a person saves: frozen dataclasses that :func:`register` knows."""

    __slots__ = ()

    def to_json(self) -> str:
        """Return everything as JSON text; equal results give equal bytes."""
        return dumps(self)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Load what :meth:`to_json` wrote.

        Raises
        ------
        InvalidArgumentError
            When the text is not a saved result of this kind.
        """
        return loads(text, cls)


def dumps(value: Any) -> str:
    """Return JSON text, one field of the result a line; the same value gives the same bytes."""
    fields = _encode(value)
    lines = (f"  {_text(key)}: {_text(item)}" for key, item in fields.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def loads(text: str, kind: type[T]) -> T:
    """Rebuild a result object from :func:`dumps`.

    Raises
    ------
    InvalidArgumentError
        When the text is not JSON, not of this kind, or lacks fields.
    """
    try:
        value = _decode(json.loads(text))
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise InvalidArgumentError(
            f"This is not a saved {kind.__name__}: {error}. Save one with its to_json()."
        ) from error
    if not isinstance(value, kind):
        raise InvalidArgumentError(
            f"This is a saved {type(value).__name__}, not a {kind.__name__}."
        )
    return value


def _encode(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, Fraction):
        return {"fraction": str(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, np.ndarray):
        flat = [_encode(item) for item in value.reshape(-1).tolist()]
        return {"array": flat, "dtype": str(value.dtype), "shape": list(value.shape)}
    if isinstance(value, Partition):
        return {"kind": "Partition", "ids": value.ids.tolist()}
    if isinstance(value, DeterministicMDP):
        return _encode_mdp(value)
    if isinstance(value, TransitionData):
        return _encode_data(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **fields}
    if isinstance(value, range):
        return {"range": [value.start, value.stop, value.step]}
    if isinstance(value, tuple | Sequence):
        return {"tuple": [_encode(item) for item in value]}
    raise InvalidArgumentError(
        f"{value!r} of type {type(value).__name__} cannot be saved as JSON; use strings, numbers "
        "or tuples of them as names and labels."
    )


def _encode_mdp(mdp: DeterministicMDP) -> dict[str, Any]:
    return {
        "kind": "DeterministicMDP",
        "successors": mdp.successors.tolist(),
        "label_ids": mdp.label_ids.tolist(),
        "label_values": [_encode(value) for value in mdp.label_values],
        "observations": _encode(mdp.observations),
        "actions": _encode(mdp.actions),
    }


def _encode_data(data: TransitionData) -> dict[str, Any]:
    rows = data.row_names
    return {
        "kind": "TransitionData",
        "triples": data.triples.tolist(),
        "first_rows": data.first_rows.tolist(),
        "label_ids": data.label_ids.tolist(),
        "label_values": [_encode(value) for value in data.label_values],
        "label_rows": data.label_rows.tolist(),
        "observations": _encode(data.observations),
        "actions": _encode(data.actions),
        "n_rows": data.n_rows,
        "row_names": [rows.kind, _encode(rows.episode_starts), _encode(rows.pieces)],
    }


def _decode(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_decode(item) for item in data)
    if not isinstance(data, dict):
        return data
    match data:
        case {"tuple": items}:
            return tuple(_decode(item) for item in items)
        case {"fraction": text}:
            return Fraction(text)
        case {"float": text}:
            return float(text)
        case {"bytes": text}:
            return bytes.fromhex(text)
        case {"range": bounds}:
            return range(*bounds)
        case {"array": flat, "dtype": dtype, "shape": shape}:
            items = [_decode(item) for item in flat]
            return np.array(items, dtype=dtype).reshape(shape)
        case {"kind": "Partition", "ids": ids}:
            return Partition(ids)
        case {"kind": "DeterministicMDP"}:
            return _decode_mdp(data)
        case {"kind": "TransitionData"}:
            return _decode_data(data)
        case {"kind": name}:
            return _decode_dataclass(name, data)
    raise ValueError(f"unknown object with keys {sorted(data)}")


def _decode_mdp(data: dict[str, Any]) -> DeterministicMDP:
    values = [_decode(value) for value in data["label_values"]]
    return DeterministicMDP(
        data["successors"],
        _coding(data["label_ids"], values, unknown=False),
        _decode(data["observations"]),
        _decode(data["actions"]),
    )


def _coding(ids: list[int], values: list[Any], unknown: bool) -> LabelCoding:
    """Return saved labels as they were coded: comparing them anew could warn a second time."""
    coded = np.array(ids, dtype=np.int32)
    if coded.size and not (-1 if unknown else 0) <= coded.min() <= coded.max() < len(values):
        raise ValueError("a label id without a label value")
    coded.setflags(write=False)
    return LabelCoding(coded, tuple(values))


def _decode_data(data: dict[str, Any]) -> TransitionData:
    values = [_decode(value) for value in data["label_values"]]
    kind, starts, pieces = data["row_names"]
    return TransitionData(
        data["triples"],
        _coding(data["label_ids"], values, unknown=True),
        _decode(data["observations"]),
        _decode(data["actions"]),
        rows=data["first_rows"],
        label_rows=data["label_rows"],
        n_rows=data["n_rows"],
        row_names=RowNames(kind, _decode(starts), _decode(pieces)),
    )


@lru_cache(maxsize=512)
def _hints(name: str) -> dict[str, Any]:
    """Return the types of the fields; working them out takes half of the time of decoding."""
    return get_type_hints(_KINDS[name])


def _decode_dataclass(name: str, data: dict[str, Any]) -> Any:
    if name not in _KINDS:
        raise ValueError(f"unknown kind {name!r}")
    cls = _KINDS[name]
    hints = _hints(name)
    values = {}
    for field in dataclasses.fields(cls):
        value = _decode(data[field.name])
        hint = hints[field.name]
        if isinstance(hint, type) and issubclass(hint, Enum):
            value = hint(value)
        values[field.name] = value
    return cls(**values)
