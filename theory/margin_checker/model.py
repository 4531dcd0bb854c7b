"""The checker's own evaluation of a model: codes, predicted latents and labels read, enclosed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tellapart.theory.margin_checker.arrays import Arithmetic, Enclosure
from tellapart.theory.margin_checker.networks import Network, Runner, fraction_bits, read_program
from tellapart.theory.margin_checker.numbers import Bounds
from tellapart.theory.margin_checker.reading import Node
from tellapart.theory.margin_checker.system import System

__all__ = ["Evaluation", "Model", "Row", "largest_gap", "least_gap", "precision", "read_model"]

#: An enclosed vector.
Row = tuple[Bounds, ...]
Progress = Callable[[str, int, int | None, str], None] | None

_LEAST_BITS = 160
_MOST_BITS = 8192


@dataclass(frozen=True)
class Model:
    """The programs of a model, and what its encoder is shown.

    Attributes
    ----------
    encoder, predictors, head
        Programs; one predictor for each action.
    shown
        What the encoder is shown for each observation: its exact numbers. None where the encoder
        is closed.
    dim
        Dimension of the latents.
    """

    encoder: Network
    predictors: list[Network]
    head: Network
    shown: list[list[Fraction]] | None
    dim: int


def read_model(node: Node, system: System) -> Model:
    """Read a saved ``NetworkModel`` and check that its parts fit each other and the system."""
    encoder_, predictors_, head_, observations_, dtype_ = node.fields(
        "NetworkModel", "encoder", "predictors", "head", "observations", "dtype"
    )
    dtype_.text()
    encoder, head = read_program(encoder_), read_program(head_)
    predictors = [read_program(item) for item in predictors_.items()]
    if len(predictors) != len(system.actions):
        predictors_.fail(f"has {len(predictors)} programs for {len(system.actions)} actions")
    shown = None
    if not encoder.is_closed:
        shape, values = observations_.floats()
        if shape[:1] != (system.n_obs,) or encoder.inputs[0] != (1, *shape[1:]):
            observations_.fail(
                f"has the shape {list(shape)}, for {system.n_obs} observations of which the "
                f"encoder takes {list(encoder.inputs[0])}"
            )
        each = len(values) // system.n_obs
        shown = [values[each * o : each * (o + 1)] for o in range(system.n_obs)]
    elif observations_.value is not None:
        observations_.floats()
    dim = (encoder.shapes[encoder.output] or (0,))[-1]
    parts: list[tuple[Node, Network, int | None]] = [(encoder_, encoder, dim)]
    parts += [(item, p, dim) for item, p in zip(predictors_.items(), predictors, strict=True)]
    parts += [(head_, head, len(system.targets[0]) if system.targets else None)]
    for place, network, size in parts:
        _check_ends(place, network, system.n_obs, dim if network is not encoder else None, size)
    return Model(encoder, predictors, head, shown, dim)


def _check_ends(
    node: Node, network: Network, n_obs: int, dim: int | None, size: int | None
) -> None:
    result = network.shapes[network.output]
    rows = n_obs if network.is_closed else 1
    if len(result) != 2 or result[0] != rows or (size is not None and result[1] != size):
        node.fail(f"gives the shape {list(result)}, not {[rows, size]}")
    if dim is not None and network.inputs and network.inputs[0] != (1, dim):
        node.fail(f"takes the shape {list(network.inputs[0])}, not latents {[1, dim]}")


def precision(model: Model, claimed: Iterable[Fraction | None]) -> int:
    """Choose how many binary digits to compute with; any choice is sound.

    Enough that dyadic programs are evaluated exactly, and 160 more than the smallest or largest
    number claimed has before its first one.
    """
    entering = 0
    if model.shown is not None:
        entering = max(v.denominator.bit_length() - 1 for row in model.shown for v in row)
    exact, codes = fraction_bits(model.encoder, entering)
    for network in [*model.predictors, model.head]:
        exact = max(exact, fraction_bits(network, codes)[0])
    sizes = [
        abs(number.numerator.bit_length() - number.denominator.bit_length())
        for number in claimed
        if number
    ]
    return min(max(exact, _LEAST_BITS + max(sizes, default=0)), _MOST_BITS)


class Evaluation:
    """What a model answers on a system.

    Attributes
    ----------
    codes
        E(o) for each observation.
    predicted
        T(E(o), a) for each covered (o, a).
    read
        P(E(o)) for each labelled observation.
    latents
        The codes as enclosures ``(1, d)``, to run programs on.
    """

    def __init__(
        self, model: Model, system: System, arithmetic: Arithmetic, progress: Progress = None
    ) -> None:
        self.arithmetic = arithmetic
        self.predictors = [Runner(network, arithmetic) for network in model.predictors]
        self.head = Runner(model.head, arithmetic)
        encoder = Runner(model.encoder, arithmetic)
        everyone = range(system.n_obs)
        shown = None
        if model.shown is not None:
            shape = model.encoder.inputs[0]
            shown = [arithmetic.constant(shape, row) for row in model.shown]
        self.latents = _results(encoder, shown, everyone, "codes", progress)
        self.codes = {o: _row(self.latents[o]) for o in everyone}
        self.read: dict[int, Row] = {}
        self.predicted: dict[tuple[int, int], Row] = {}
        labelled = [o for o in everyone if system.labels[o] is not None]
        for o, result in _results(self.head, self.latents, labelled, "labels", progress).items():
            self.read[o] = _row(result)
        for action, predictor in enumerate(self.predictors):
            covered = [o for o in everyone if (o, action) in system.at]
            stage = f"predicted latents, action {action}"
            results = _results(predictor, self.latents, covered, stage, progress)
            self.predicted.update({(o, action): _row(result) for o, result in results.items()})

    def same_code(self, x: int, y: int) -> bool:
        """Tell whether two codes are provably the same vector."""
        return self.codes[x] == self.codes[y] and all(lo == hi for lo, hi in self.codes[x])


def _results(
    runner: Runner,
    inputs: dict[int, Enclosure] | list[Enclosure] | None,
    rows: Sequence[int],
    stage: str,
    progress: Progress,
) -> dict[int, Enclosure]:
    if runner.network.is_closed:
        whole = runner.output(None)
        return {o: whole.each(lambda ends, o=o: ends[o : o + 1]) for o in rows}  # type: ignore[misc]
    found = {}
    for done, o in enumerate(rows):
        if progress is not None:
            progress("margin check", done, len(rows), stage)
        found[o] = runner.output(inputs[o] if inputs is not None else None)
    return found


def _row(enclosure: Enclosure) -> Row:
    lo, hi = enclosure.lo.ravel().tolist(), enclosure.hi.ravel().tolist()
    return tuple(zip(lo, hi, strict=True))


def largest_gap(one: Row, other: Row) -> int:
    """Return the upper end of the distance of two vectors in the sup norm."""
    return max(max(b - c, d - a, 0) for (a, b), (c, d) in zip(one, other, strict=True))


def least_gap(one: Row, other: Row) -> int:
    """Return the lower end of the distance of two vectors in the sup norm."""
    return max(max(a - d, c - b, 0) for (a, b), (c, d) in zip(one, other, strict=True))
