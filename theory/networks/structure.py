"""Which programs are linear or affine functions of their inputs."""

from typing import Literal

from tellapart.theory.networks.program import Operation, Program

__all__ = ["affinity"]

Kind = Literal["constant", "linear", "affine"]


def affinity(program: Program) -> Literal["linear", "affine"] | None:
    """Tell whether a program is linear or affine by the way it is written.

    Parameters
    ----------
    program
        Any program.

    Returns
    -------
    ``"linear"``: sums and products by constants only, no constant is added on the way to the output
    (an added zero counts: the next training step changes it). ``"affine"``: with such additions.
    None: neither by its form, or closed.

    Notes
    -----
    O(operations). A function can be affine though its form is not: this never says so, and what it
    says is true.

    Examples
    --------
    >>> import numpy as np
    >>> shift = Program(((1, 2),), (np.zeros(2),), (Operation("add", (0, 1), (1, 2)),), 2)
    >>> affinity(shift)
    'affine'
    """
    if program.is_closed:
        return None
    kinds: list[Kind | None] = ["linear"] * len(program.inputs)
    kinds += ["constant"] * len(program.constants)
    for operation in program.operations:
        kinds.append(_kind(operation, [kinds[slot] for slot in operation.arguments]))
    result = kinds[program.output]
    return "affine" if result == "constant" else result


def _kind(operation: Operation, arguments: list[Kind | None]) -> Kind | None:
    if all(kind == "constant" for kind in arguments):
        return "constant"
    if None in arguments:
        return None
    varying = [kind for kind in arguments if kind != "constant"]
    match operation.name:
        case "neg" | "sum" | "take":
            return arguments[0]
        case "add" | "sub" | "concat":
            return "linear" if set(arguments) == {"linear"} else "affine"
        case "mul" | "matmul":
            return varying[0] if len(varying) == 1 else None
        case "div":
            return arguments[0] if arguments[1] == "constant" else None
    return None
