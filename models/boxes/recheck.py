"""Check a certificate of boxes: every bound is derived again, and none is believed.

It shares no code with the search (:mod:`tellapart.models.boxes.crown` and ``planes``). Slopes are
taken from the certificate as proposals: each line gets an offset that makes it valid. Coefficients
are exact rational numbers where the weights enter as they are stored and the work is bearable,
else intervals rounded outwards; both are proofs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.boxes.certificate import BoxCertificate
from tellapart.models.boxes.form import malformed, wrong_pair
from tellapart.models.boxes.valid_planes import valid_planes
from tellapart.models.boxes.walk import Walk
from tellapart.theory.errors import InvalidArgumentError, TellapartError
from tellapart.theory.networks import intervals
from tellapart.theory.networks.dyadic import DyadicArithmetic, work
from tellapart.theory.networks.enclosing import IntervalArithmetic, enclose
from tellapart.theory.networks.interpreter import Arithmetic, prepare
from tellapart.theory.networks.points import Interval
from tellapart.theory.networks.program import Operation, Program
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["MAX_WORK", "BoxRecheck", "derived_bounds", "recheck_boxes"]

FloatArray = npt.NDArray[np.float64]

#: Multiplications of exact numbers up to which coefficients are exact (about 0.2 us each).
MAX_WORK = 20_000_000
_LINEAR = ("add", "sub", "neg", "sum", "concat", "take")
_IRRATIONAL = ("tanh", "sigmoid", "exp", "erf", "sqrt")


@register
@dataclass(frozen=True)
class BoxRecheck(Saved):
    """Whether the claims of a certificate follow; ``bool()`` of it is the answer.

    Attributes
    ----------
    accepted
        The answer.
    reason
        What does not follow; empty when accepted.
    n_pairs
        Claims in the certificate.
    arithmetic
        ``"exact"``: all coefficients were rational numbers. ``"interval"``: they were rounded
        outwards.
    """

    accepted: bool
    reason: str
    n_pairs: int
    arithmetic: str

    def __bool__(self) -> bool:
        return self.accepted

    def explain(self) -> str:
        """Return the answer and its reason as a sentence."""
        if not self.accepted:
            return f"The certificate is rejected: {self.reason}"
        return (
            f"The certificate is accepted: {count(self.n_pairs, 'pair')} of boxes, every bound "
            f"derived again ({self.arithmetic} coefficients)."
        )


def recheck_boxes(certificate: BoxCertificate, *, max_work: int = MAX_WORK) -> BoxRecheck:
    """Derive every bound of a certificate again and tell whether its claims follow.

    Parameters
    ----------
    certificate
        Anybody's; it may be forged.
    max_work
        Multiplications of exact numbers up to which coefficients are exact; beyond it they are
        intervals.

    Notes
    -----
    A forged slope makes a line worse, not false, so a claim that needed the better one is
    rejected. Linear in the size of the certificate; one backward pass for each refined slot.
    """
    n_pairs = len(certificate.pairs)
    try:
        fault = malformed(certificate)
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        fault = f"a field is not what it must be: {error}."
    if fault:
        return BoxRecheck(False, fault, n_pairs, "none")
    try:
        derived, arithmetic = derived_bounds(certificate, max_work)
    except TellapartError as error:
        return BoxRecheck(False, f"the encoder cannot be evaluated: {error}", n_pairs, "none")
    short = np.flatnonzero(~(derived >= certificate.lower))
    if len(short):
        row = int(short[0])
        name = certificate.names[int(certificate.bounded[row, 0])]
        reason = (
            f"bound {row} (the box of {name!r}) claims {certificate.lower[row]:.17g}, and what "
            f"follows is {derived[row]:.17g}."
        )
        return BoxRecheck(False, reason, n_pairs, arithmetic)
    return BoxRecheck(not (reason := wrong_pair(certificate)), reason, n_pairs, arithmetic)


def derived_bounds(certificate: BoxCertificate, max_work: int = MAX_WORK) -> tuple[FloatArray, str]:
    """Return what follows for each row of ``bounded``, and the arithmetic: the recheck proper.

    Returns
    -------
    float64 ``[q]``, rounded down, and ``"exact"`` or ``"interval"``.
    """
    fixed = _exactly_fixed(certificate.encoder) if _work(certificate) <= max_work else None
    if fixed is not None:
        return _derive(certificate, DyadicArithmetic(), fixed), "exact"
    rounded = IntervalArithmetic()
    return _derive(certificate, rounded, prepare(certificate.encoder, rounded).fixed), "interval"


def _derive(
    certificate: BoxCertificate, arithmetic: Arithmetic[Any], fixed: dict[int, Any]
) -> FloatArray:
    program = certificate.encoder
    boxes = _boxes(certificate)
    known = {s: enclose(_up_to(program, s), [boxes]) for s in _wanted(program)}
    result = np.full(len(certificate.bounded), -np.inf)
    with np.errstate(all="ignore"):  # what overflows has infinite bounds, or none (NaN)
        for b in range(len(boxes.lo)):
            rows = np.flatnonzero(certificate.bounded[:, 0] == b)
            if len(rows):
                here = {s: value[b] for s, value in known.items()}
                walk = Walk(program, arithmetic, fixed, boxes[b])
                _put_planes(certificate, b, walk, here)
                directions = certificate.directions[certificate.bounded[rows, 1]]
                result[rows] = _lower_of(walk, here, program.output, directions)
    return result


def _put_planes(
    certificate: BoxCertificate, b: int, walk: Walk[Any], known: dict[int, Interval]
) -> None:
    """Bound all operations that are not linear, in order, on one box."""
    program = certificate.encoder
    slopes = dict(zip(certificate.sloped, certificate.slopes, strict=True))
    for place, operation in enumerate(program.operations):
        slot = program.first_result + place
        if not _is_curved(program, operation, slot):
            continue
        for s in operation.arguments:
            if s in certificate.refined and s in known:
                known[s] = _refined(walk, s, known[s])
        at = [known[s] if s in known else walk.fixed(s) for s in operation.arguments]
        chosen = slopes[slot][b] if slot in slopes else None
        walk.bounds[slot] = valid_planes(operation, at, known[slot], chosen)


def _refined(walk: Walk[Any], slot: int, known: Interval) -> Interval:
    """Intersect an interval with bounds that are derived backwards."""
    unit = np.eye(known.lo.size)
    lo = walk.floor(walk.least(slot, unit)).reshape(known.shape)
    hi = -walk.floor(walk.least(slot, -unit)).reshape(known.shape)
    return Interval(np.fmax(known.lo, lo), np.fmin(known.hi, hi))


def _lower_of(
    walk: Walk[Any], known: dict[int, Interval], output: int, directions: FloatArray
) -> FloatArray:
    backward = walk.floor(walk.least(output, directions))
    if output not in known:
        return backward
    flat = walk.constant(directions)
    forward = walk.least_on(flat, known[output].lo.reshape(-1), known[output].hi.reshape(-1))
    return np.fmax(backward, walk.floor(forward))


def _is_curved(program: Program, operation: Operation, slot: int) -> bool:
    """Tell whether an operation depends on the input, and not linearly."""
    free = [program.dependent[s] for s in operation.arguments]
    if not program.dependent[slot] or operation.name in _LINEAR:
        return False
    if operation.name in ("mul", "matmul"):
        return all(free)
    return operation.name != "div" or free[1]


def _wanted(program: Program) -> list[int]:
    """Return the slots whose intervals are needed."""
    slots = {program.output}
    for place, operation in enumerate(program.operations):
        slot = program.first_result + place
        if _is_curved(program, operation, slot):
            slots |= {slot, *operation.arguments}
    return sorted(s for s in slots if program.dependent[s])


def _exactly_fixed(program: Program) -> dict[int, Any] | None:
    """Return the slots that depend on no input as exact numbers, or None if one is none."""
    exact = DyadicArithmetic()
    divisors = []
    for place, operation in enumerate(program.operations):
        free = program.dependent[program.first_result + place]
        if not free and operation.name in _IRRATIONAL:
            return None
        if free and operation.name == "div" and not program.dependent[operation.arguments[1]]:
            divisors.append(operation.arguments[1])
    try:
        fixed = prepare(program, exact).fixed
        for s in divisors:  # only powers of two have exact reciprocals
            exact.apply("div", [exact.constant(np.ones(())), fixed[s]])
    except InvalidArgumentError:
        return None
    return dict(fixed)


def _work(certificate: BoxCertificate) -> int:
    """Count the multiplications of all backward passes, roughly."""
    program = certificate.encoder
    each = 0
    for s in certificate.refined:
        size = int(np.prod(program.shape_of(s), dtype=np.int64))
        each += 2 * size * work(_up_to(program, s), 1)
    return len(certificate.centres) * each + len(certificate.bounded) * work(program, 1)


def _boxes(certificate: BoxCertificate) -> Interval:
    """Return the boxes as the encoder's input: an edge is rounded to nearest, then outwards."""
    centres = certificate.centres.reshape(-1, *certificate.encoder.inputs[0])
    with np.errstate(over="ignore"):
        lo = intervals.down(centres - certificate.radius)
        hi = intervals.up(centres + certificate.radius)
    if certificate.clip is not None:
        lo, hi = np.clip(lo, *certificate.clip), np.clip(hi, *certificate.clip)
    return Interval(lo, hi)


def _up_to(program: Program, slot: int) -> Program:
    steps = program.operations[: max(0, slot - program.first_result + 1)]
    return Program(program.inputs, program.constants, steps, slot)
