"""Convolution and pooling of torch: one take that cuts out the windows, then products or sums."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from tellapart.models.translation.errors import Inexpressible
from tellapart.models.translation.operations import Handler
from tellapart.models.translation.tape import Value

__all__ = ["WINDOWS"]

IntArray = npt.NDArray[np.int64]

#: Where a window reaches beyond its input.
_OUTSIDE = -1


def _each(given: int | Sequence[int] | None, depth: int, default: Sequence[int] = ()) -> list[int]:
    """Return one number for each spatial axis, as torch reads such arguments."""
    numbers = [given] if isinstance(given, int) else list(given or default)
    return numbers * depth if len(numbers) == 1 else numbers


def _along(
    size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool = False
) -> IntArray:
    """Return the positions that each window covers along one axis, ``[windows, kernel]``."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    count = (-(-room // stride) if ceil_mode else room // stride) + 1
    # With rounding up, the last window must still start in the input or its left padding.
    if ceil_mode and (count - 1) * stride >= size + padding:
        count -= 1
    starts = np.arange(count, dtype=np.int64) * stride - padding
    positions = starts[:, None] + np.arange(kernel, dtype=np.int64) * dilation
    return np.where((positions < 0) | (positions >= size), _OUTSIDE, positions)


def _adaptive(size: int, count: int) -> IntArray:
    """Return the positions of ``count`` windows that share an axis, as torch divides it."""
    starts = [i * size // count for i in range(count)]
    ends = [-(-(i + 1) * size // count) for i in range(count)]
    width = max(end - start for start, end in zip(starts, ends, strict=True))
    rows = [
        [start + k if start + k < end else _OUTSIDE for k in range(width)]
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.array(rows, dtype=np.int64).reshape(count, width)


def _windows(sizes: Sequence[int], along: Sequence[IntArray]) -> IntArray:
    """Return the flat positions in an image that windows cover, ``[*windows, kernel]``."""
    depth = len(sizes)
    flat = np.zeros([1] * (2 * depth), dtype=np.int64)
    outside = np.zeros_like(flat, dtype=bool)
    for axis, (size, positions) in enumerate(zip(sizes, along, strict=True)):
        shape = [1] * (2 * depth)
        shape[axis], shape[depth + axis] = positions.shape
        here = positions.reshape(shape)
        flat = flat * size + here
        outside = outside | (here == _OUTSIDE)
    counts = [positions.shape[0] for positions in along]
    return np.where(outside, _OUTSIDE, flat).reshape(*counts, -1)


def _cut(x: Value, windows: IntArray) -> Value:
    """Return ``[batch, channels, *windows, kernel]``, with zeros outside."""
    batch, channels = x.shape[:2]
    cells = x.cells.reshape(batch, channels, -1)
    zero = np.broadcast_to(x.tape.as_value(0.0).cells, (batch, channels, 1))
    return x.tape.gather(np.concatenate([cells, zero], axis=2)[:, :, windows])


def _batched(x: Value, depth: int) -> tuple[Value, bool]:
    """Return images with a batch axis, and whether it was there."""
    there = len(x.shape) == depth + 2
    return (x if there else x.reshape((1, *x.shape))), there


def convolution(
    x: Value, weight: Value, bias: Value | None, stride: Sequence[int], padding: Sequence[int],
    dilation: Sequence[int], transposed: bool, output_padding: Sequence[int], groups: int,
) -> Value:  # fmt: skip
    """Return a convolution with zeros around the image; transposed too."""
    depth = len(weight.shape) - 2
    x, there = _batched(x, depth)
    stride, padding, dilation = (_each(n, depth) for n in (stride, padding, dilation))
    if transposed:
        extra = _each(output_padding, depth)
        x, weight = _spread(x, stride, extra), _mirrored(weight, groups)
        reach = zip(weight.shape[2:], dilation, padding, strict=True)
        padding, stride = [d * (k - 1) - p for k, d, p in reach], [1] * depth
    along = [
        _along(*sizes)
        for sizes in zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, strict=True)
    ]
    result = _correlate(x, weight, _windows(x.shape[2:], along), groups)
    if bias is not None:
        result = result + bias.reshape((bias.size, *[1] * depth))
    return result if there else result.reshape(result.shape[1:])


def _correlate(x: Value, weight: Value, windows: IntArray, groups: int) -> Value:
    """Return the products of windows with kernels, ``[batch, outputs, *windows]``."""
    batch, channels = x.shape[:2]
    outputs, inside = weight.shape[0] // groups, channels // groups
    *counts, kernel = windows.shape
    patches = _cut(x, windows.reshape(-1, kernel))
    cells = patches.cells.reshape(batch, groups, inside, -1, kernel)
    rows = x.tape.gather(np.moveaxis(cells, 2, 3).reshape(batch, groups, -1, inside * kernel))
    kernels = weight.reshape((groups, outputs, inside * kernel)).swap_last()
    found = rows @ kernels
    order = np.moveaxis(found.cells.reshape(found.shape), 3, 2)
    return x.tape.gather(order.reshape(batch, groups * outputs, *counts))


def _spread(x: Value, stride: Sequence[int], extra: Sequence[int]) -> Value:
    """Return images with zeros between their pixels, and ``extra`` ones at the end."""
    sizes = [
        (size - 1) * step + 1 + more
        for size, step, more in zip(x.shape[2:], stride, extra, strict=True)
    ]
    zero = x.tape.as_value(0.0).cells
    cells = np.broadcast_to(zero, (x.shape[0] * x.shape[1], int(np.prod(sizes)))).copy()
    cells = cells.reshape(*x.shape[:2], *sizes)
    pixels = tuple(
        slice(0, (size - 1) * step + 1, step)
        for size, step in zip(x.shape[2:], stride, strict=True)
    )
    cells[(slice(None), slice(None), *pixels)] = x.cells.reshape(x.shape)
    return x.tape.gather(cells)


def _mirrored(weight: Value, groups: int) -> Value:
    """Return the kernel of the plain convolution that a transposed one is."""
    channels, outputs, *kernel = weight.shape
    cells = weight.cells.reshape(groups, channels // groups, outputs, *kernel)
    cells = np.flip(np.swapaxes(cells, 1, 2), axis=tuple(range(3, 3 + len(kernel))))
    return weight.tape.gather(cells.reshape(groups * outputs, channels // groups, *kernel))


def _max_over(x: Value, windows: IntArray, there: bool) -> Value:
    # Padding never wins: it is replaced by a pixel of the same window.
    inside = windows.max(axis=-1, keepdims=True)
    if (inside == _OUTSIDE).any():
        raise Inexpressible("has a window that lies in the padding; use less padding.")
    patches = _cut(x, np.where(windows == _OUTSIDE, inside, windows))
    result = patches.reduce("max", [-1])
    return result if there else result.reshape(result.shape[1:])


def _max_pool(depth: int) -> Handler:
    def pool(
        x: Value, kernel_size: Sequence[int], stride: Sequence[int] = (),
        padding: Sequence[int] | int = 0, dilation: Sequence[int] | int = 1,
        ceil_mode: bool = False,
    ) -> tuple[Value, None]:  # fmt: skip
        x, there = _batched(x, depth)
        kernel = _each(kernel_size, depth)
        sizes = zip(
            x.shape[2:], kernel, _each(stride, depth, kernel), _each(padding, depth),
            _each(dilation, depth), strict=True,
        )  # fmt: skip
        along = [_along(*size, ceil_mode) for size in sizes]
        return _max_over(x, _windows(x.shape[2:], along), there), None

    return pool


def _average(x: Value, windows: IntArray, counts: IntArray, there: bool) -> Value:
    total = _cut(x, windows).reduce("sum", [-1])
    same = bool((counts == counts.flat[0]).all())
    divisor = float(counts.flat[0]) if same else x.tape.constant(counts)
    result = total / divisor
    return result if there else result.reshape(result.shape[1:])


def _average_pool(depth: int) -> Handler:
    def pool(
        x: Value, kernel_size: Sequence[int], stride: Sequence[int] = (),
        padding: Sequence[int] | int = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> Value:  # fmt: skip
        x, there = _batched(x, depth)
        kernel, edges = _each(kernel_size, depth), _each(padding, depth)
        steps = _each(stride, depth, kernel)
        along = [
            _along(*size, 1, ceil_mode)
            for size in zip(x.shape[2:], kernel, steps, edges, strict=True)
        ]
        windows = _windows(x.shape[2:], along)
        counts = (windows != _OUTSIDE).sum(axis=-1)
        if divisor_override:
            counts = np.full_like(counts, divisor_override)
        elif count_include_pad:
            counts = _with_padding(x.shape[2:], along, kernel, steps, edges)
        return _average(x, windows, counts, there)

    return pool


def _with_padding(
    sizes: Sequence[int], along: Sequence[IntArray], kernel: Sequence[int],
    stride: Sequence[int], padding: Sequence[int],
) -> IntArray:  # fmt: skip
    """Return how many places of each window lie in the input or its padding."""
    lengths = []
    for size, positions, k, step, edge in zip(sizes, along, kernel, stride, padding, strict=True):
        starts = np.arange(len(positions)) * step - edge
        lengths.append(np.minimum(starts + k, size + edge) - starts)
    counts = [int(np.prod(each)) for each in product(*(length.tolist() for length in lengths))]
    return np.array(counts, dtype=np.int64).reshape([len(length) for length in lengths])


def _adaptive_windows(x: Value, output_size: Sequence[int], depth: int) -> IntArray:
    along = [
        _adaptive(size, count)
        for size, count in zip(x.shape[2:], _each(output_size, depth), strict=True)
    ]
    return _windows(x.shape[2:], along)


def _adaptive_average(depth: int) -> Handler:
    def pool(x: Value, output_size: Sequence[int]) -> Value:
        x, there = _batched(x, depth)
        windows = _adaptive_windows(x, output_size, depth)
        return _average(x, windows, (windows != _OUTSIDE).sum(axis=-1), there)

    return pool


def _adaptive_max(depth: int) -> Handler:
    def pool(x: Value, output_size: Sequence[int]) -> tuple[Value, None]:
        x, there = _batched(x, depth)
        return _max_over(x, _adaptive_windows(x, output_size, depth), there), None

    return pool


WINDOWS: dict[str, Handler] = {
    "convolution": convolution,
    "max_pool1d": lambda *given: _max_pool(1)(*given)[0],
    "max_pool2d": lambda *given: _max_pool(2)(*given)[0],
    "max_pool3d": lambda *given: _max_pool(3)(*given)[0],
    "max_pool2d_with_indices": _max_pool(2),
    "max_pool3d_with_indices": _max_pool(3),
    "avg_pool1d": _average_pool(1),
    "avg_pool2d": _average_pool(2),
    "avg_pool3d": _average_pool(3),
    "adaptive_avg_pool1d": _adaptive_average(1),
    "_adaptive_avg_pool2d": _adaptive_average(2),
    "_adaptive_avg_pool3d": _adaptive_average(3),
    "adaptive_max_pool2d": _adaptive_max(2),
    "adaptive_max_pool3d": _adaptive_max(3),
}
