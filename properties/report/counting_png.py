"""Pictures of pixels inside SVG: a PNG as a data address, written with the standard library."""

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

__all__ = ["data_address", "png"]


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Return a PNG file.

    Parameters
    ----------
    pixels
        uint8 ``[height, width, 3]``.

    Examples
    --------
    >>> png(np.zeros((2, 3, 3), dtype=np.uint8))[1:4]
    b'PNG'
    """
    height, width, _ = pixels.shape
    rows = np.zeros(
        (height, 1 + 3 * width), dtype=np.uint8
    )  # each row begins with its filter: none
    rows[:, 1:] = pixels.reshape(height, 3 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def data_address(pixels: npt.NDArray[np.uint8]) -> str:
    """Return the pixels as the address of an image that lies in the page."""
    return f"data:image/png;base64,{base64.b64encode(png(pixels)).decode('ascii')}"


def _chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check
