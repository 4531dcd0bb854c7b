"""Watch torch run a part once, and write down what it computes as a program."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from tellapart.models.translation.calls import (
    is_same,
    keeps_all,
    only_moves,
    owner,
    plain_kernels,
    tensors,
    written,
)
from tellapart.models.translation.decisions import (
    DECISIONS,
    can_be_certain,
    holds_for_all_reals,
    is_certain,
)
from tellapart.models.translation.errors import Inexpressible, NotExactlyEvaluable
from tellapart.models.translation.known import (
    ARITHMETIC,
    BITS,
    EXACT_ON_STORED,
    METADATA,
    NO_PRIMITIVE,
    OTHER_FUNCTION,
    RANDOM,
    TOO_CLOSE,
    UNKNOWN,
)
from tellapart.models.translation.memory import COMPLEX, DECIDES, Memories
from tellapart.models.translation.movement import (
    INDEX_ARGUMENTS,
    SHAPE_ONLY,
    move,
    named_arguments,
)
from tellapart.models.translation.tape import Tape
from tellapart.theory.networks.enclosing import enclose
from tellapart.theory.networks.points import Interval

__all__ = ["Recorder"]

IntArray = npt.NDArray[np.int64]


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Record what a part does, see :meth:`watching`.

    Parameters
    ----------
    part
        Name of the part, for errors.
    module
        The part; the paths of its modules are named in errors.

    Attributes
    ----------
    tape
        What is recorded.
    memories
        Which tensors hold computed numbers.
    refusal
        The first operation that could not be recorded (the part may have caught the error), or
        None.
    dtypes
        The floating types that were met.
    """

    def __init__(self, part: str, module: object) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.tape = Tape()
        self.memories = Memories(self.tape)
        self.refusal: NotExactlyEvaluable | None = None
        self.part = part
        self.dtypes: set[torch.dtype] = set()
        self._module = module
        self._path: list[str] = []
        self._within: list[Any] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Tell torch that its compiler, which takes a second to load, has no say in recording."""
        return False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Record inside the block, and know which module runs."""
        hooks = []
        if isinstance(self._module, nn.Module):
            for name, module in self._module.named_modules():
                if not isinstance(module, torch.jit.ScriptModule):
                    hooks.append(module.register_forward_pre_hook(self._entering(name)))
                    hooks.append(module.register_forward_hook(self._leaving))
        try:
            with plain_kernels(), self:
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def _entering(self, name: str) -> Callable[..., None]:
        return lambda module, args: self._path.append(name)

    def _leaving(self, module: nn.Module, args: Any, output: Any) -> None:
        self._path.pop()

    def feed(self, rows: Tensor) -> Tensor:
        """Return a copy of a batch of one whose numbers are the next input of the program."""
        fed = rows.detach().clone(memory_format=torch.contiguous_format)
        self.memories.follow(fed, self.tape.input(fed.shape).cells.reshape(fed.shape))
        return fed

    def refuse(self, operation: str, why: str) -> NotExactlyEvaluable:
        """Return the error for an operation, with the module in which it is met."""
        path = self._path[-1] if self._path else ""
        return NotExactlyEvaluable(self.part, operation, why, path)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Run an operation of torch and record it."""
        try:
            result = self._record(func, tuple(args), kwargs or {})
        except Inexpressible as error:
            refusal = self.refuse(str(getattr(func, "overloadpacket", func)), str(error))
            if not self._within:
                self.refusal = self.refusal or refusal
            raise refusal from None
        self.dtypes.update(t.dtype for t in tensors(result) if t.is_floating_point())
        return result

    def _record(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not hasattr(func, "_schema"):
            raise Inexpressible(UNKNOWN)
        name, given = func.overloadpacket.__name__, list(tensors((args, kwargs)))
        if name in SHAPE_ONLY or name in METADATA:
            return func(*args, **kwargs)
        if torch.Tag.nondeterministic_seeded in func.tags and not keeps_all(name, args):
            raise Inexpressible(RANDOM)
        followed = any(self.memories.is_followed(tensor) for tensor in given)
        if any(self.memories.is_chosen(tensor) for tensor in given):
            return self._only_viewed(func, args, kwargs, given)
        if func._schema.is_mutable:
            return self._in_place(func, name, args, kwargs, followed)
        if followed and name in DECISIONS:
            return self._decided(name, args, kwargs, given, func(*args, **kwargs))
        answer = None
        rounds = name not in EXACT_ON_STORED and any(tensor.is_floating_point() for tensor in given)
        if name in ARITHMETIC and (followed or rounds):
            answer = self._computed(func, name, args, kwargs)
        result = func(*args, **kwargs)
        if answer is None:
            if followed and not any(t.is_floating_point() for t in tensors(result)):
                return self._decided(name, args, kwargs, given, result)
            if self._needs_nothing(name, args, kwargs, result, followed):
                return result
            if only_moves(name, args, kwargs):
                answer = _listed(move(func, args, kwargs, self.tape, self.memories.cells_of))
            elif name in ARITHMETIC:
                answer = self._computed(func, name, args, kwargs)
            else:
                return self._by_parts(func, args, kwargs)
        self._follow_all(list(tensors(result)), answer, followed)
        return result

    def _only_viewed(
        self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], given: list[Tensor]
    ) -> Any:
        """Let what a decision chose be reshaped (it may never be used), and nothing else."""
        owners = {owner(tensor) for tensor in given}
        if not func._schema.is_mutable:
            result = func(*args, **kwargs)
            outputs = list(tensors(result))
            if outputs and all(owner(output) in owners for output in outputs):
                return result
        raise Inexpressible(DECIDES)

    def _needs_nothing(
        self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, followed: bool
    ) -> bool:
        """Tell whether the numbers of a result are stored ones, or in memory followed already."""
        given, outputs = list(tensors((args, kwargs))), list(tensors(result))
        floating = [output for output in outputs if output.is_floating_point()]
        owners = {owner(tensor): tensor.dtype for tensor in given}
        if any(output.is_complex() for output in outputs):
            raise Inexpressible(COMPLEX)
        if outputs and all(owner(output) in owners for output in outputs):
            if followed and any(owners[owner(output)] != output.dtype for output in outputs):
                raise Inexpressible(BITS)
            return True
        if followed:
            return False
        if name == "_to_copy":
            return is_same(given[0], outputs[0])
        return (
            not floating or not given or name in EXACT_ON_STORED or only_moves(name, args, kwargs)
        )

    def _decided(
        self,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        given: list[Tensor],
        result: Any,
    ) -> Any:
        """Return the result of a decision that rounding cannot change, as a stored number."""
        if any(output.is_complex() for output in tensors(result)):
            raise Inexpressible(COMPLEX)
        owners = {owner(tensor) for tensor in given}
        if any(owner(output) in owners for output in tensors(result)):
            raise Inexpressible(BITS)
        if holds_for_all_reals(name, args):
            return result
        if self.tape.has_inputs or not can_be_certain(name) or not isinstance(result, Tensor):
            raise Inexpressible(DECIDES)
        if not is_certain(name, args, kwargs, result, self._bounds):
            raise Inexpressible(TOO_CLOSE)
        return result

    def _bounds(self, tensor: Tensor) -> Interval:
        """Enclose what a tensor holds, where nothing depends on an input."""
        return enclose(self.tape.finish(self.memories.value_of(tensor)), [])

    def _computed(
        self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> list[IntArray | None]:
        """Write an operation on the tape; return the cells of its results."""
        new_args, new_kwargs = list(args), {}
        for key, argument, given in named_arguments(func, args, kwargs):
            value = given if argument in INDEX_ARGUMENTS else self._valued(given)
            if isinstance(key, int):
                new_args[key] = value
            elif key != "out":
                new_kwargs[key] = value
        answer = ARITHMETIC[name](*new_args, **new_kwargs)
        values = answer if isinstance(answer, tuple) else (answer,)
        return [None if value is None else value.cells.reshape(value.shape) for value in values]

    def _valued(self, given: Any) -> Any:
        if isinstance(given, Tensor):
            return self.memories.value_of(given)
        if isinstance(given, list) and any(isinstance(item, Tensor) for item in given):
            return [self._valued(item) for item in given]
        return given

    def _in_place(
        self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], followed: bool
    ) -> Any:
        """Record a write into a tensor that is given."""
        targets = list(tensors(written(func, args, kwargs)))
        base = name.removesuffix("_")
        stored = (
            not any(target.is_floating_point() for target in targets) or base in EXACT_ON_STORED
        )
        moves = only_moves(base, args, kwargs)
        if moves and (base != "copy" or is_same(args[1], args[0].dtype)):
            stored = True
        if not followed and stored:
            return func(*args, **kwargs)
        if len(targets) != 1 or not targets[0].is_floating_point():
            raise Inexpressible(DECIDES if followed and len(targets) == 1 else UNKNOWN)
        if base == "copy":
            cells = self.memories.cells_of(args[1])
        elif moves and base != name:
            pure = getattr(getattr(torch.ops.aten, base), func._overloadname)
            cells = move(pure, args, kwargs, self.tape, self.memories.cells_of)
        elif base in ARITHMETIC:
            first = self._computed(func, base, args, kwargs)[0]
            cells = np.zeros(0, dtype=np.int64) if first is None else first
        else:
            raise Inexpressible(UNKNOWN)
        result = func(*args, **kwargs)
        self.memories.follow(targets[0], np.broadcast_to(cells, targets[0].shape))
        return result

    def _by_parts(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run an operation as torch itself writes it with simpler ones, and record those."""
        if func.overloadpacket.__name__.removesuffix("_") in NO_PRIMITIVE:
            raise Inexpressible(OTHER_FUNCTION)
        if func in self._within:
            raise Inexpressible(UNKNOWN)
        self._within.append(func)
        try:
            with self:
                result = func.decompose(*args, **kwargs)
                if result is not NotImplemented:
                    return result
                from torch._decomp import decomposition_table

                if func in decomposition_table:
                    return decomposition_table[func](*args, **kwargs)
        except NotExactlyEvaluable as error:
            named = error.operation.startswith("aten.") and not error.why.startswith("is made of")
            why = f"is made of {error.operation}, which {error.why}" if named else error.why
            raise Inexpressible(why) from None
        finally:
            self._within.pop()
        raise Inexpressible(UNKNOWN)

    def _follow_all(
        self, outputs: list[Tensor], answer: list[IntArray | None], followed: bool
    ) -> None:
        for output, cells in zip(outputs, answer, strict=False):
            if cells is not None and cells.shape == tuple(output.shape):
                self.memories.follow(output, cells)
            elif cells is not None:
                raise Inexpressible(
                    f"gave shape {list(output.shape)} where {list(cells.shape)} was expected; "
                    "please report it."
                )
            elif followed and output.numel():
                self.memories.forbid(output)


def _listed(answer: Any) -> list[IntArray | None]:
    return list(answer) if isinstance(answer, list) else [answer]
