"""Which numbers in torch's memory were computed, and where.

Tensors are followed by the memory they live in. Views and writes in place then need no rules of
their own: every element of a followed storage has a cell (see :mod:`.tape`). Memory that is not
followed holds numbers that were stored, not computed: weights, buffers, action indices, and what
is picked from them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.translation.errors import Inexpressible
from tellapart.models.translation.tape import Tape, Value

__all__ = ["COMPLEX", "DECIDES", "Memories"]

IntArray = npt.NDArray[np.int64]

DECIDES = (
    "decides by a computed number: which entry is largest, whether it is positive, how it rounds. "
    "Then the part is no formula. Use a continuous operation (relu, softmax, clamp), or leave the "
    "decision out of the model."
)
COMPLEX = "uses a complex, sparse or quantised tensor; use dense real ones."
#: Larger integers are not exact in float64.
_EXACT_INTEGERS = 2**53


@dataclass(frozen=True, eq=False)
class _Memory:
    storage: torch.UntypedStorage  # held, so that its address is not used again
    cells: IntArray | None  # None: chosen by a decision, never to be read


class Memories:
    """The followed storages of one recording.

    Parameters
    ----------
    tape
        Where computed numbers are.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._known: dict[int, _Memory] = {}

    def is_followed(self, tensor: Tensor) -> bool:
        """Tell whether a tensor holds computed numbers.

        Raises
        ------
        Inexpressible
            For complex, sparse, quantised or nested tensors.
        """
        return self._memory(tensor) is not None

    def _memory(self, tensor: Tensor) -> _Memory | None:
        if tensor.layout != torch.strided or tensor.is_complex() or tensor.is_quantized:
            raise Inexpressible("uses a complex, sparse or quantised tensor; use dense real ones.")
        return self._known.get(_address(tensor))

    def is_chosen(self, tensor: Tensor) -> bool:
        """Tell whether a tensor holds what was chosen by a decision."""
        memory = self._memory(tensor)
        return memory is not None and memory.cells is None

    def follow(self, tensor: Tensor, cells: IntArray) -> None:
        """Say what a tensor now holds; the rest of its storage holds what it held before."""
        storage = tensor.untyped_storage()
        count = storage.nbytes() // tensor.element_size()
        places = _positions(tensor)
        whole = np.empty(count, dtype=np.int64)
        if places.size < count:
            memory = self._known.get(_address(tensor))
            if memory is None or memory.cells is None:
                flat = torch.as_strided(tensor.detach(), (count,), (1,), 0)
                whole = self._tape.constant(stored_numbers(flat)).cells.copy()
            else:
                whole = memory.cells.copy()
        whole[places] = cells
        self._known[_address(tensor)] = _Memory(storage, whole)

    def forbid(self, tensor: Tensor) -> None:
        """Say that a tensor holds what was chosen by a decision."""
        self._known[_address(tensor)] = _Memory(tensor.untyped_storage(), None)

    def cells_of(self, tensor: Tensor) -> IntArray:
        """Return the cell of every number of a tensor, in its shape."""
        memory = self._memory(tensor)
        if memory is None:
            return self._tape.constant(stored_numbers(tensor)).cells.reshape(tensor.shape)
        if memory.cells is None:
            raise Inexpressible(DECIDES)
        return memory.cells[_positions(tensor)]

    def value_of(self, tensor: Tensor) -> Value:
        """Return what a tensor holds, as a value on the tape."""
        if not self.is_followed(tensor):
            return self._tape.constant(stored_numbers(tensor))
        return self._tape.gather(self.cells_of(tensor))


def stored_numbers(tensor: Tensor) -> npt.NDArray[np.float64]:
    """Return the exact numbers of a tensor as float64.

    Raises
    ------
    Inexpressible
        For integers that float64 does not hold.
    """
    numbers = tensor.detach().cpu()
    exact = numbers.is_floating_point() or numbers.dtype == torch.bool
    if not exact and numbers.numel() and int(numbers.abs().max()) > _EXACT_INTEGERS:
        raise Inexpressible("computes with integers beyond 2**53, which floats do not hold.")
    return np.asarray(numbers.to(torch.float64).numpy())


def _address(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _positions(tensor: Tensor) -> IntArray:
    """Return where in its storage each number of a tensor lies, in the shape of the tensor."""
    if tensor.is_contiguous():
        start = int(tensor.storage_offset())
        return np.arange(start, start + int(tensor.numel())).reshape(tensor.shape)
    places = np.full(tensor.shape, tensor.storage_offset(), dtype=np.int64)
    for axis, (size, stride) in enumerate(zip(tensor.shape, tensor.stride(), strict=True)):
        along = [1] * tensor.ndim
        along[axis] = size
        places += (np.arange(size) * stride).reshape(along)
    return places
