"""Ears for a training run: calls of the encoder, gradients that come back, detached codes.

Nothing of the user's is replaced: forward hooks see the calls of the parts, a hook on each answer
of the encoder sees whether a gradient comes back, and torch's own function mode sees ``detach``.
"""

import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from tellapart.models.subject import Subject

__all__ = ["DetachMode", "FitWatch", "PartHook"]

_GRAPH_LIMIT = 400  # nodes of a graph that are looked at, to find the codes in it
_MOST_PLACES = 8
#: Share of steps in which some call of the encoder gets no gradient, though nothing is stopped:
#: evaluation between steps is rarer, targets without gradient are there in every step.
_USUAL_SHARE = 0.9
_TORCH = str(Path(torch.__file__).parent)


class FitWatch:
    """What was seen while a subject's own fit ran.

    Attributes
    ----------
    subject
        The trained subject.
    error
        What the fit raised, as text, or None.
    changed
        Parts whose weights, or else answers, are not what they were.
    steps, partial
        Stretches of training that end with gradients coming back to the encoder; those in which
        some of its calls got none.
    joined
        Parts among predictor and head that were at work on codes that carry gradients.
    copies
        Calls of copies of the encoder.
    places
        Where codes were detached, as ``"file.py:12"``.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.error: str | None = None
        self.changed: tuple[str, ...] = ()
        self.joined: set[str] = set()
        self.steps = self.partial = self.copies = 0
        self._calls = self._returned = 0  # since the last gradient that came back
        self.places: list[str] = []
        # Nodes of recent codes in the graph. They are kept alive, or their ids would be reused.
        self.nodes: deque[Any] = deque(maxlen=32)

    def stopped(self) -> str | None:
        """Say where gradients were stopped, or None."""
        seen = []
        if self.places:
            seen.append(f"codes are detached at {', '.join(self.places)}")
        if self.partial > _USUAL_SHARE * self.steps:
            seen.append(
                f"in {self.partial} of {self.steps} steps no gradient came back to some of the "
                "encoder's calls"
            )
        if self.copies:
            seen.append(f"a copy of the encoder was called {self.copies} times")
        return "; ".join(seen) or None

    def apart(self, part: str) -> bool:
        """Tell whether the encoder was trained by gradients, but none came through this part."""
        seen = isinstance(getattr(self.subject, part), nn.Module)
        return seen and self.error is None and self.steps > 0 and part not in self.joined

    def saw(self, module: nn.Module, answer: object) -> None:
        """Take down one call of the encoder, or of a copy of it."""
        if module is not self.subject.encoder:
            self.copies += 1
            return
        if self._returned:
            self.end_step()
        self._calls += 1
        if isinstance(answer, Tensor) and answer.requires_grad and torch.is_grad_enabled():
            self.nodes.append(answer.grad_fn)
            # Tensors inside function transforms take no hooks; nothing is known of those calls.
            with suppress(RuntimeError):
                answer.register_hook(self._listener())  # type: ignore[no-untyped-call]

    def end_step(self) -> None:
        """Close the books on a stretch of training, if gradients came back in it."""
        self.steps += self._returned > 0
        self.partial += 0 < self._returned < self._calls
        self._calls = self._returned = 0

    def _listener(self) -> Callable[[Tensor], None]:
        waiting = [True]

        def come_back(gradient: Tensor) -> None:
            if waiting:  # a graph may be run backwards more than once
                waiting.clear()
                self._returned += 1

        return come_back


class PartHook:
    """A forward hook that survives copying and saving of the module that it hangs on."""

    def __init__(self, watch: FitWatch, part: str) -> None:
        self.watch, self.part = watch, part

    def __call__(self, module: nn.Module, inputs: tuple[object, ...], answer: object) -> None:
        """Take down one call of a module."""
        if self.part == "encoder":
            self.watch.saw(module, answer)
        elif self.part not in self.watch.joined and torch.is_grad_enabled():
            tensors = [given for given in inputs if isinstance(given, Tensor)]
            if any(_comes_from(given, self.watch.nodes) for given in tensors):
                self.watch.joined.add(self.part)

    def __deepcopy__(self, memo: object) -> "PartHook":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (_deaf, ())


class _Deaf:
    """What a saved hook is loaded as."""

    def __call__(self, module: nn.Module, inputs: object, answer: object) -> None:
        """Do nothing."""


def _deaf() -> _Deaf:
    return _Deaf()


class DetachMode(TorchFunctionMode):
    """Sees where tensors that come from codes are detached."""

    def __init__(self, watch: FitWatch) -> None:
        super().__init__()
        self.watch = watch

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if getattr(func, "__name__", "") in ("detach", "detach_") and args:
            self._look(args[0])
        return func(*args, **(kwargs or {}))

    def _look(self, tensor: object) -> None:
        # Losses are scalars; they are detached for logs.
        if not isinstance(tensor, Tensor) or not tensor.requires_grad or tensor.ndim < 2:
            return
        place = _place(sys._getframe(2))
        known = place is None or place in self.watch.places
        if known or len(self.watch.places) >= _MOST_PLACES:
            return
        if place is not None and _comes_from(tensor, self.watch.nodes):
            self.watch.places.append(place)


def _place(frame: FrameType | None) -> str | None:
    """Name the innermost line outside torch and this file; None: it is not the user's."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file != __file__ and not file.startswith(_TORCH):
            return f"{Path(file).name}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _comes_from(tensor: Tensor, nodes: deque[Any]) -> bool:
    """Tell whether one of the nodes is close behind a tensor in its graph."""
    wanted = {id(node) for node in nodes}
    waiting: deque[Any] = deque([tensor.grad_fn])
    kept: dict[int, Any] = {}
    while waiting and len(kept) < _GRAPH_LIMIT:
        node = waiting.popleft()
        if node is None or id(node) in kept:
            continue
        if id(node) in wanted:
            return True
        kept[id(node)] = node
        waiting.extend(parent for parent, _ in node.next_functions)
    return False
