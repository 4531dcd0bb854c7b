"""Read a subject as programs: what its stored weights compute over the real numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.subject import Part, Subject
from tellapart.models.threads import one_thread
from tellapart.models.translation.errors import Inexpressible, NotExactlyEvaluable
from tellapart.models.translation.recorder import Recorder
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.program import NetworkModel, Program
from tellapart.theory.networks.running import results

if TYPE_CHECKING:
    from tellapart.theory.data.transitions import TransitionData

__all__ = ["translate"]

FloatArray = npt.NDArray[np.float64]
Call = Callable[[Tensor], Tensor]

#: Largest distance between a program and torch, relative to the largest answer.
TOLERANCE = {torch.float64: 1e-6, torch.float32: 1e-3}
_COARSE_TOLERANCE = 5e-2  # half precision
_NOT_TORCH = (
    "because it answers differently for a batch of one than for many, or because its own rounding "
    "is coarse: the program read from it is off by {distance:.2g}. Treat every row alike, and "
    "compute in float32 or float64."
)
_OUTSIDE_TORCH = (
    "because it computes outside torch (in numpy, in lists, or with memory that is never set): "
    "numbers that should be stored ones change with the input. Use operations of torch."
)
_NOT_BY_ROWS = (
    "because an answer depends on what else is in the batch. Treat every row alike; the likely "
    "cause is a statistic over the batch."
)


def translate(subject: Subject, system: "DeterministicMDP | TransitionData") -> NetworkModel:
    """Read encoder, predictor and head as programs over the real numbers.

    Every part is run once on a batch of one (the predictor once for each action), and the
    operations of torch that it uses are written down in the primitives of
    :class:`~tellapart.theory.networks.program.Program`, with the exact values of the weights. A
    part that decides by its input, as a table that is looked up by a one-hot observation does,
    is instead run once on all observations, where its input consists of stored numbers.

    Parameters
    ----------
    subject
        What to read. Its parts must be in eval mode where that makes a difference.
    system
        Gives the numbers of observations and actions.

    Returns
    -------
    NetworkModel

    Raises
    ------
    NotExactlyEvaluable
        When an operation has no exact counterpart, decides by a computed number, or draws random
        numbers; or when the programs do not answer as torch does. The message names the part, the
        operation and the module.
    SubjectError
        When the observations of the subject are not those of the system.

    Notes
    -----
    Computations that torch does not see (in numpy) show by recording twice, with two inputs: the
    programs must be equal. They are also compared with torch on every observation, in plain
    float64, which finds parts that treat a batch of one differently. Numbers written in Python
    count as the float64 they are.

    Examples
    --------
    >>> from tellapart.models.networks import reference_subject
    >>> from tellapart.theory.gallery import counting_chain
    >>> chain = counting_chain(9)
    >>> translate(reference_subject(chain, latent_dim=3, hidden=8), chain).predictors[0]
    Program(1 input, 4 constants with 59 numbers, 5 operations: 2 matmul, 2 add, tanh)
    """
    with one_thread(), torch.no_grad():
        observations = subject.inputs(system.n_obs)
        encoding = _Reading("encoder", subject.encoder, subject.encoder)
        codes = encoding.run(observations)
        encoder = encoding.program(observations, observations)

        def part(name: Part, module: object, call: Call) -> Program:
            reading = _Reading(name, module, call, encoding.run, name == "predictor")
            return reading.program(codes, observations)

        predictors = tuple(
            part("predictor", subject.predictor, _acting(subject, action))
            for action in range(system.n_actions)
        )
        head = part("head", subject.head, _labelling(subject))
    shown = None if encoder.is_closed else _to_numpy(observations)
    dtype = str(codes.dtype).removeprefix("torch.")
    return NetworkModel(encoder, predictors, head, shown, dtype)


def _acting(subject: Subject, action: int) -> Call:
    def act(codes: Tensor) -> Tensor:
        actions = torch.full((len(codes),), action, dtype=torch.int64, device=codes.device)
        return subject.predictor(codes, actions)

    return act


def _labelling(subject: Subject) -> Call:
    def read(codes: Tensor) -> Tensor:
        labels = subject.head(codes)
        flat = isinstance(labels, Tensor) and labels.ndim == 1
        return labels.unsqueeze(1) if flat else labels

    return read


@dataclass(frozen=True)
class _Reading:
    """How one part becomes a program.

    Attributes
    ----------
    name, module
        Of the part, for errors.
    call
        The part as a function of rows.
    encode
        What turns observations into those rows; None for the encoder.
    keeps_width
        Whether answers must be as wide as the rows.
    """

    name: Part
    module: object
    call: Call
    encode: Call | None = None
    keeps_width: bool = False

    def program(self, rows: Tensor, observations: Tensor) -> Program:
        """Return a program of one row; where the part decides by it, of all observations."""
        answers = self.run(rows)
        try:
            program, dtypes = self._recorded(rows[:1], as_input=True)
            # What was taken out of the input behind torch's back looks like a stored number.
            again, _ = self._recorded(rows[:1] / 2 + 0.25, as_input=True)
        except NotExactlyEvaluable:
            program, dtypes = self._recorded(observations, as_input=False)
            self._insist_on_rows(rows, answers)
            again = program
        if not _is_same(program, again):
            raise NotExactlyEvaluable(self.name, "", _OUTSIDE_TORCH)
        inputs = [] if program.is_closed else [_to_numpy(rows)[:, None]]
        _compare(self.name, results(program, inputs), program.output, answers, dtypes)
        return program

    def run(self, rows: Tensor) -> Tensor:
        """Run the part; whatever it raises is reported as the part's."""
        count = len(rows)
        try:
            answer = self.call(rows)
        except NotExactlyEvaluable:
            raise
        except Exception as error:
            raise NotExactlyEvaluable(
                self.name, "", f"because it raised {type(error).__name__} for {count} rows: {error}"
            ) from error
        right = isinstance(answer, Tensor) and answer.ndim == 2 and len(answer) == count
        width = rows.shape[1] if self.keeps_width else "d"
        if (
            not right
            or not answer.is_floating_point()
            or (self.keeps_width and answer.shape[1] != width)
        ):
            raise NotExactlyEvaluable(
                self.name,
                "",
                f"because it must return floating numbers [{count}, {width}] for {count} rows.",
            )
        return answer.detach()

    def _recorded(self, rows: Tensor, as_input: bool) -> tuple[Program, set[torch.dtype]]:
        """Record what happens to one row, as an input; or to all observations, as constants."""
        recorder = Recorder(self.name, self.module)
        fed = recorder.feed(rows) if as_input else rows
        with recorder.watching():
            answer = self.run(fed if as_input or self.encode is None else self.encode(fed))
        if recorder.refusal is not None:
            raise recorder.refusal
        try:
            program = recorder.tape.finish(recorder.memories.value_of(answer))
        except Inexpressible as error:
            raise recorder.refuse("", str(error)) from None
        if not all(np.isfinite(constant).all() for constant in program.constants):
            raise recorder.refuse("", "because it computes with infinity or NaN.")
        return program, recorder.dtypes | {answer.dtype}

    def _insist_on_rows(self, rows: Tensor, answers: Tensor) -> None:
        """Run a few rows alone: an answer must not depend on what else is in the batch."""
        scale = float(answers.abs().max())
        for row in sorted({0, len(rows) // 2, len(rows) - 1}):
            change = float((self.run(rows[row : row + 1]) - answers[row]).abs().max())
            if not change <= _tolerance({answers.dtype}) * scale:
                raise NotExactlyEvaluable(self.name, "", _NOT_BY_ROWS)


def _is_same(first: Program, second: Program) -> bool:
    """Tell whether two programs are equal, number by number."""
    shapes = (first.inputs, first.output, len(first.operations), len(first.constants))
    if shapes != (second.inputs, second.output, len(second.operations), len(second.constants)):
        return False
    for one, other in zip(first.operations, second.operations, strict=True):
        if (one.name, one.arguments, one.shape, one.axes) != (
            other.name, other.arguments, other.shape, other.axes,
        ):  # fmt: skip
            return False
        if one.indices is not None and not np.array_equal(one.indices, other.indices):  # type: ignore[arg-type]
            return False
    constants = zip(first.constants, second.constants, strict=True)
    return all(np.array_equal(one, other) for one, other in constants)


def _compare(
    part: Part, every: list[FloatArray], output: int, answers: Tensor, dtypes: set[torch.dtype]
) -> None:
    """Insist that a program answers as torch does, but for rounding."""
    wanted = _to_numpy(answers)
    if every[output].size != wanted.size:
        raise NotExactlyEvaluable(part, "", _NOT_BY_ROWS)
    distance = float(np.abs(every[output].reshape(wanted.shape) - wanted).max(initial=0.0))
    # What cancels in a sum leaves the rounding of what was summed.
    largest = max(float(np.abs(array).max(initial=0.0)) for array in every)
    rounding = 1e3 * max(torch.finfo(dtype).eps for dtype in dtypes) * largest
    if not distance <= _tolerance(dtypes) * float(np.abs(wanted).max(initial=0.0)) + rounding:
        raise NotExactlyEvaluable(part, "", _NOT_TORCH.format(distance=distance))


def _tolerance(dtypes: set[torch.dtype]) -> float:
    return max(TOLERANCE.get(dtype, _COARSE_TOLERANCE) for dtype in dtypes)


def _to_numpy(tensor: Tensor) -> FloatArray:
    return np.ascontiguousarray(tensor.detach().cpu().to(torch.float64).numpy().copy())
