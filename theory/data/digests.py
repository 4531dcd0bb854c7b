"""Names for observations that are too large to be their own: a short hash of all they hold."""

import hashlib
import json
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidMDPError
from tellapart.theory.naming import tagged

__all__ = ["DIGEST_BYTES", "array_digests", "bytes_digest", "digest_names", "parts_digest"]

#: Length of a digest (BLAKE2b). Among a million different observations two digests are equal with
#: probability 1.5e-27; they are refused then, never merged.
DIGEST_BYTES = 16

#: Hexadecimal digits of a name, unless two names would be equal: then all of them.
SHORT_NAME = 16


def array_digests(arrays: npt.NDArray[Any]) -> list[bytes]:
    """Return one digest for each row of ``[n, ...]``: of dtype, shape and every value.

    Examples
    --------
    >>> one, other = array_digests(np.array([[[0, 1]], [[1, 0]]], dtype=np.uint8))
    >>> one.hex() == array_digests(np.array([[[0, 1]]], dtype=np.uint8))[0].hex(), one == other
    (True, False)
    """
    rows = np.ascontiguousarray(arrays, dtype=arrays.dtype.newbyteorder("<"))
    head = f"{rows.dtype.str}{rows.shape[1:]}".encode()
    base = hashlib.blake2b(head, digest_size=DIGEST_BYTES)
    flat = rows.reshape(len(rows), -1).view(np.uint8)
    digests = []
    for row in flat:
        digest = base.copy()
        digest.update(row.data)
        digests.append(digest.digest())
    return digests


def bytes_digest(data: bytes) -> bytes:
    """Return the digest of a bytes object."""
    return hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()


def parts_digest(parts: Iterable[tuple[Hashable, Hashable]]) -> bytes:
    """Return the digest of the named parts of one observation, in the order given."""
    return bytes_digest(json.dumps([[tagged(key), tagged(part)] for key, part in parts]).encode())


def digest_names(prefix: str, digests: Sequence[bytes]) -> list[Hashable]:
    """Turn distinct digests into short names such as ``array:1f3a5c0e9b2d7788``.

    Raises
    ------
    InvalidMDPError
        When two of the digests are equal.

    Examples
    --------
    >>> digest_names("array", [bytes(16), bytes(15) + b"!"])
    ['array:00000000000000000000000000000000', 'array:00000000000000000000000000000021']
    """
    short = {digest.hex()[:SHORT_NAME] for digest in digests}
    length = SHORT_NAME if len(short) == len(digests) else 2 * DIGEST_BYTES
    if len(set(digests)) != len(digests):
        raise InvalidMDPError(
            f"Two different observations have the same {8 * DIGEST_BYTES}-bit hash. That does not "
            "happen by chance; give the observations names of your own, such as numbers."
        )
    return [f"{prefix}:{digest.hex()[:length]}" for digest in digests]
