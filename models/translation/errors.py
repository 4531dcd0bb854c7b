"""The error that says why a subject is not a program of exact primitives."""

from typing import Any

from tellapart.theory.errors import TellapartError

__all__ = ["Inexpressible", "NotExactlyEvaluable"]


class NotExactlyEvaluable(TellapartError, ValueError):
    """A part of a subject cannot be read as a program over the real numbers.

    Such a subject can still be measured in floating point; nothing about it can be proved.

    Parameters
    ----------
    part
        ``"encoder"``, ``"predictor"`` or ``"head"``.
    operation
        The torch operation that stands in the way, such as ``"aten.argmax"``; ``""`` when it is
        none in particular.
    why
        What is wrong with it, and what to do.
    module
        Path of the module inside the part, such as ``"layers.2"``, where it is known.
    """

    def __init__(self, part: str, operation: str, why: str, module: str = "") -> None:
        self.part, self.operation, self.why, self.module = part, operation, why, module
        place = f" in {module}" if module else ""
        culprit = f": {operation}{place}" if operation else place
        super().__init__(f"The {part} is not exactly evaluable{culprit} {why}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.part, self.operation, self.why, self.module))


class Inexpressible(Exception):
    """An operation has no form in primitives; the recorder adds the part and the place."""
