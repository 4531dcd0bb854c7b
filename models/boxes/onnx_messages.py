"""The few messages of ONNX that a query needs, written as protocol buffers by hand.

An ONNX file is one message of numbered fields: integers, and byte strings that are texts, arrays
or further messages. Numbers of fields are those of ``onnx.proto3``.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["graph", "model", "node", "tensor", "value"]

_FLOAT, _INT64, _DOUBLE = 1, 7, 11  # TensorProto.DataType
_TYPES = {"float32": _FLOAT, "int64": _INT64, "float64": _DOUBLE}
_INT, _INTS = 2, 7  # AttributeProto.AttributeType


def tensor(name: str, array: npt.NDArray[np.generic]) -> bytes:
    """Return a TensorProto: float32, float64 or int64.

    Examples
    --------
    >>> tensor("w", np.array([1], dtype=np.int64)).hex()
    '080110074201774a080100000000000000'
    """
    parts = [_integer(1, size) for size in array.shape]
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"))
    parts += [_integer(2, _TYPES[array.dtype.name]), _text(8, name), _bytes(9, little.tobytes())]
    return b"".join(parts)


def node(
    kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: int | Sequence[int]
) -> bytes:
    """Return a NodeProto; attributes are integers or lists of them."""
    parts = [_text(1, name) for name in inputs] + [_text(2, name) for name in outputs]
    parts += [_text(3, outputs[0]), _text(4, kind)]
    for name, given in attributes.items():
        if isinstance(given, int):
            content = _integer(3, given) + _integer(20, _INT)
        else:
            content = b"".join(_integer(8, item) for item in given) + _integer(20, _INTS)
        parts.append(_bytes(5, _text(1, name) + content))
    return b"".join(parts)


def value(name: str, dtype: str, shape: Sequence[int]) -> bytes:
    """Return a ValueInfoProto: an input or output of a fixed shape."""
    dimensions = b"".join(_bytes(1, _integer(1, size)) for size in shape)
    kind = _integer(1, _TYPES[dtype]) + _bytes(2, dimensions)
    return _text(1, name) + _bytes(2, _bytes(1, kind))


def graph(
    name: str,
    nodes: Sequence[bytes],
    constants: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
) -> bytes:
    """Return a GraphProto."""
    parts = [_bytes(1, item) for item in nodes] + [_text(2, name)]
    for field, items in ((5, constants), (11, inputs), (12, outputs)):
        parts += [_bytes(field, item) for item in items]
    return b"".join(parts)


def model(content: bytes, producer: str, operator_set: int, version: int) -> bytes:
    """Return a ModelProto: the content of an ``.onnx`` file."""
    operators = _text(1, "") + _integer(2, operator_set)
    return _integer(1, version) + _text(2, producer) + _bytes(7, content) + _bytes(8, operators)


def _integer(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Write a non-negative integer, seven bits a byte, the lowest first."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)
