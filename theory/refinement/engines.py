"""Choice of the refinement engine; all of them return the same :class:`Refinement` content."""

import importlib.util
import sys

from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.refinement.log import IntArray, Refinement
from tellapart.theory.refinement.reference import refine_reference
from tellapart.theory.refinement.vectorised import refine_numpy

__all__ = ["METHODS", "SMALL", "SMALL_ROUNDS", "refine"]

#: What ``method=`` may be.
METHODS = ("auto", "compiled", "numpy", "reference")

#: Table entries up to which NumPy beats loading the compiled kernels (measured, cold process).
SMALL = 1 << 16

#: Incremental NumPy rounds after which a deep MDP is handed to the compiled engine.
SMALL_ROUNDS = 2000

_MAX_TRANSITIONS = 2**31
_KERNELS = "tellapart.theory.refinement.compiled"


def refine(successors: IntArray, labels: IntArray, method: str = "auto") -> tuple[Refinement, str]:
    """Refine with the chosen engine; return the history and the name of the engine that ran.

    Raises
    ------
    InvalidArgumentError
        For an unknown method, or ``"compiled"`` without numba.
    BudgetExceededError
        For 2³¹ transitions or more with the compiled engine.
    """
    if method not in METHODS:
        raise InvalidArgumentError(
            f"method is {method!r}; it must be one of {', '.join(map(repr, METHODS))}."
        )
    if method == "reference":
        return refine_reference(successors, labels), "reference"
    if method == "auto" and successors.size <= SMALL and not _is_warm():
        found = refine_numpy(successors, labels, max_rounds=SMALL_ROUNDS)
        if found is not None:
            return found, "numpy"
    if method == "numpy" or (method == "auto" and not _has_numba()):
        return _numpy_to_the_end(successors, labels), "numpy"
    if not _has_numba():
        raise InvalidArgumentError(
            "method='compiled' needs numba, which is not installed here. Install numba, or use "
            "method='numpy' (exact too, but slower) or method='auto'."
        )
    if successors.size >= _MAX_TRANSITIONS:
        raise BudgetExceededError(
            f"The table has {successors.size} transitions; the compiled engine counts them with 32 "
            "bits, up to 2147483647. Use method='numpy'."
        )
    from tellapart.theory.refinement.compiled import refine_compiled

    return refine_compiled(successors, labels), "compiled"


def _numpy_to_the_end(successors: IntArray, labels: IntArray) -> Refinement:
    found = refine_numpy(successors, labels)
    if found is None:
        raise InternalError("The NumPy engine gave up without a bound on its rounds.")
    return found


def _has_numba() -> bool:
    return importlib.util.find_spec("numba") is not None


def _is_warm() -> bool:
    """Tell whether the compiled kernels are already loaded in this process."""
    module = sys.modules.get(_KERNELS)
    return module is not None and bool(module.is_warm())
