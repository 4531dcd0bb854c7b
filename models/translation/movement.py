"""Operations of torch that move numbers without computing: found by moving their names instead."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.translation.tape import Tape

__all__ = ["INDEX_ARGUMENTS", "MOVEMENT", "SHAPE_ONLY", "move", "named_arguments"]

IntArray = npt.NDArray[np.int64]

#: Every number of the result is a number of an argument, or a number written in the call.
MOVEMENT = frozenset(
    {
        "cat", "stack", "clone", "contiguous", "index", "index_select", "gather", "take",
        "embedding", "repeat", "flip", "roll", "rot90", "constant_pad_nd", "reflection_pad1d",
        "reflection_pad2d", "reflection_pad3d", "replication_pad1d", "replication_pad2d",
        "replication_pad3d", "im2col", "unfold_copy", "pixel_shuffle", "pixel_unshuffle",
        "channel_shuffle", "where", "masked_fill", "index_put", "index_copy", "index_fill",
        "scatter", "slice_scatter", "select_scatter", "diagonal_scatter", "tril", "triu",
        "diag_embed", "fill", "zero", "copy", "_to_copy", "_reshape_copy", "reshape", "view_copy",
        "expand_copy", "permute_copy", "select_copy", "slice_copy", "squeeze_copy",
        "unsqueeze_copy", "t_copy", "transpose_copy", "split_copy", "unbind_copy", "lift",
        "lift_fresh_copy", "block_diag", "upsample_nearest1d", "upsample_nearest2d",
        "upsample_nearest3d", "masked_select", "_upsample_nearest_exact1d",
        "_upsample_nearest_exact2d", "_upsample_nearest_exact3d",
    }
)  # fmt: skip

#: The result has the shape of the argument, and nothing of its numbers.
SHAPE_ONLY = frozenset(
    {
        "zeros_like", "ones_like", "full_like", "empty_like", "new_zeros", "new_ones", "new_full",
        "new_empty", "new_empty_strided",
    }
)  # fmt: skip

#: Arguments that say which numbers to move; they are never moved themselves.
INDEX_ARGUMENTS = frozenset({"condition", "index", "indices", "mask"})
_WRITTEN = frozenset({"fill_value", "other", "self", "src", "value"})
_DROPPED = frozenset({"device", "dtype", "layout", "non_blocking", "pin_memory"})


def named_arguments(
    func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[tuple[str | int, str, Any]]:
    """Yield for each argument given: its place or keyword, its name, and what it is."""
    for place, (declared, given) in enumerate(zip(func._schema.arguments, args, strict=False)):
        yield place, declared.name, given
    for name, given in kwargs.items():
        yield name, name, given


def move(
    func: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    tape: Tape,
    cells_of: Callable[[Tensor], IntArray],
) -> Any:
    """Return the cells that an operation moves to its result, in the result's structure.

    The operation itself is run on positions in a pool of cells; position 0 is a zero, which is
    what padding and triangles are filled with.
    """
    pool = [tape.as_value(0.0).cells]

    def position(cells: IntArray) -> Tensor:
        start = sum(map(len, pool))
        pool.append(cells.reshape(-1))
        places = torch.arange(start, start + cells.size, dtype=torch.float64)
        return places.reshape(cells.shape)

    def named(name: str, given: Any) -> Any:
        if isinstance(given, list | tuple):
            return [named(name, item) for item in given]
        if isinstance(given, Tensor):
            return given.cpu() if name in INDEX_ARGUMENTS else position(cells_of(given))
        if name in _WRITTEN and isinstance(given, int | float):
            return float(position(tape.as_value(given).cells))
        return given

    new_args, new_kwargs = list(args), {}
    for key, name, given in named_arguments(func, args, kwargs):
        if isinstance(key, int):
            new_args[key] = named(name, given)
        elif name not in _DROPPED:
            new_kwargs[key] = named(name, given)
    moved = func(*new_args, **new_kwargs)
    every = np.concatenate(pool)
    return _structured(moved, lambda places: every[places.to(torch.int64).numpy()])


def _structured(result: Any, change: Callable[[Tensor], IntArray]) -> Any:
    if isinstance(result, Tensor):
        return change(result)
    return [_structured(item, change) for item in result]
