"""Run a subject on every observation and transition of an MDP, with every output checked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.subject import Part, Subject, SubjectError
from tellapart.models.threads import one_thread
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

if TYPE_CHECKING:
    from tellapart.theory.partition import Partition
    from tellapart.theory.resolution import Resolution

__all__ = ["Evaluation", "evaluate", "losses"]

FloatArray = npt.NDArray[np.float64]

#: Largest relative change of a code when its observation is encoded alone (rounding is below).
BATCH_TOLERANCE = {torch.float64: 1e-6, torch.float32: 1e-4}
_COARSE_TOLERANCE = 2e-2  # half precision
#: Larger numbers are refused: squares of their differences overflow.
_LARGEST = 1e100


@register
@dataclass(frozen=True, eq=False)
class Evaluation(Saved):
    """Everything a subject answers on one MDP.

    Attributes
    ----------
    codes
        E(o), float64 ``[n, d]``.
    predicted
        T(E(o), a), float64 ``[n, n_actions, d]``.
    read
        P(E(o)), float64 ``[n, label_dim]``.
    dynamics_residuals
        ``|T(E(o), a) - E(f(o, a))|``, Euclidean, float64 ``[n, n_actions]``.
    aux_residuals
        ``|P(E(o)) - p(o)|``, Euclidean, float64 ``[n]``.
    dynamics_loss, aux_loss
        Means of the squared residuals. They have no scale (S13): never decide by them.
    dtype
        Type the encoder computes in, such as ``"float32"``.
    """

    codes: FloatArray
    predicted: FloatArray
    read: FloatArray
    dynamics_residuals: FloatArray
    aux_residuals: FloatArray
    dynamics_loss: float
    aux_loss: float
    dtype: str

    @classmethod
    def from_outputs(
        cls,
        mdp: DeterministicMDP,
        codes: FloatArray,
        predicted: FloatArray,
        read: FloatArray,
        dtype: str = "float64",
    ) -> Self:
        """Compute residuals and losses from outputs that are known to be well formed."""
        dynamics = np.linalg.norm(predicted - codes[mdp.successors], axis=2)
        aux = np.linalg.norm(read - mdp.label_vectors, axis=1)
        dynamics_loss, aux_loss = losses(dynamics, aux)
        for array in (codes, predicted, read, dynamics, aux):
            array.setflags(write=False)
        return cls(codes, predicted, read, dynamics, aux, dynamics_loss, aux_loss, dtype)

    @property
    def latent_dim(self) -> int:
        """Dimension d of the latents."""
        return int(self.codes.shape[1])

    @property
    def epsilon(self) -> float:
        """Unit of rounding of the type the encoder computes in."""
        return float(torch.finfo(getattr(torch, self.dtype)).eps)

    def resolution(self, mdp: DeterministicMDP, partition: "Partition") -> "Resolution":
        """Return the scale-free resolution (S13) against the partition that must be told apart."""
        from tellapart.theory.resolution import resolution

        return resolution(mdp, partition, self.codes, self.predicted, self.read)

    def __repr__(self) -> str:
        n, n_actions, d = self.predicted.shape
        return (
            f"Evaluation({n} observations, {n_actions} actions, d={d}, {self.dtype}; "
            f"dynamics loss {self.dynamics_loss:.3g}, auxiliary loss {self.aux_loss:.3g})"
        )


def losses(dynamics_residuals: FloatArray, aux_residuals: FloatArray) -> tuple[float, float]:
    """Return the two losses: means of squared residual norms."""
    return float(np.mean(dynamics_residuals**2)), float(np.mean(aux_residuals**2))


def evaluate(subject: Subject, mdp: DeterministicMDP, *, batch_size: int = 1024) -> Evaluation:
    """Encode every observation, predict every transition, read every label.

    Parameters
    ----------
    subject
        What to run. Its parts are run in the mode (``train`` or ``eval``) in which they are.
    mdp
        The system; actions are passed as indices into ``mdp.actions``.
    batch_size
        Largest batch given to a part.

    Returns
    -------
    Evaluation

    Raises
    ------
    SubjectError
        When a part raises, returns the wrong shape or type, NaN or infinity, answers the same
        question differently the second time (dropout left on), or when the code of an
        observation depends on the batch it is encoded in (BatchNorm in train mode).
    InvalidArgumentError
        When ``batch_size`` is below 1.

    Notes
    -----
    Every part is run twice on everything: 2 n (2 + n_actions) rows in all, without gradients, on
    one torch thread.
    """
    if batch_size < 1:
        raise InvalidArgumentError(f"batch_size is {batch_size}; it must be at least 1.")
    with one_thread(), torch.no_grad():
        codes = _encode(subject, mdp, batch_size)
        predicted = _predict(subject, mdp, codes, batch_size)
        read = _read(subject, mdp, codes, batch_size)
    return Evaluation.from_outputs(
        mdp,
        _to_numpy(codes),
        _to_numpy(predicted).reshape(mdp.n_obs, mdp.n_actions, -1),
        _to_numpy(read),
        str(codes.dtype).removeprefix("torch."),
    )


def _encode(subject: Subject, mdp: DeterministicMDP, batch_size: int) -> Tensor:
    def encode(rows: Tensor) -> Tensor:
        inputs = subject.inputs(mdp.n_obs, rows)
        output = _call("encoder", lambda: subject.encoder(inputs), f"given {list(inputs.shape)}")
        return _check_output("encoder", output, (len(rows), None), "one latent per observation")

    rows = torch.arange(mdp.n_obs)
    codes = _run_twice("encoder", encode, rows, batch_size)
    _check_finite("encoder", codes, lambda row: f"observation {mdp.observations[row]!r}")
    _check_batch_independence(encode, codes, mdp)
    return codes


def _predict(subject: Subject, mdp: DeterministicMDP, codes: Tensor, batch_size: int) -> Tensor:
    device, dtype = codes.device, codes.dtype
    n_actions, d = mdp.n_actions, codes.shape[1]

    def predict(rows: Tensor) -> Tensor:
        z = codes[torch.div(rows, n_actions, rounding_mode="floor").to(device)]
        actions = (rows % n_actions).to(device)
        given = f"given latents {list(z.shape)} ({dtype}) and actions {list(actions.shape)}"
        output = _call("predictor", lambda: subject.predictor(z, actions), given)
        return _check_output("predictor", output, (len(rows), d), "one latent per code")

    predicted = _run_twice("predictor", predict, torch.arange(mdp.n_obs * n_actions), batch_size)

    def pair(row: int) -> str:
        o, a = divmod(row, n_actions)
        return f"observation {mdp.observations[o]!r} and action {mdp.actions[a]!r}"

    _check_finite("predictor", predicted, pair)
    return predicted


def _read(subject: Subject, mdp: DeterministicMDP, codes: Tensor, batch_size: int) -> Tensor:
    label_dim = mdp.label_vectors.shape[1]

    def read(rows: Tensor) -> Tensor:
        z = codes[rows.to(codes.device)]
        output = _call("head", lambda: subject.head(z), f"given latents {list(z.shape)}")
        if label_dim == 1 and isinstance(output, Tensor) and output.shape == (len(rows),):
            output = output.unsqueeze(1)
        return _check_output("head", output, (len(rows), label_dim), "one label per code")

    values = _run_twice("head", read, torch.arange(mdp.n_obs), batch_size)
    _check_finite("head", values, lambda row: f"observation {mdp.observations[row]!r}")
    return values


def _call(part: Part, call: Callable[[], Any], given: str) -> Any:
    try:
        return call()
    except SubjectError:
        raise
    except Exception as error:  # whatever a user's part raises is reported as the part's
        raise SubjectError(part, f"raised {type(error).__name__}, {given}: {error}") from error


def _check_output(part: Part, output: Any, shape: tuple[int, int | None], rule: str) -> Tensor:
    wanted = f"[{shape[0]}, {'d' if shape[1] is None else shape[1]}]"
    if not isinstance(output, Tensor):
        raise SubjectError(
            part, f"returned {type(output).__name__}; it must return a tensor {wanted}, {rule}."
        )
    right = output.ndim == 2 and len(output) == shape[0] and output.shape[1] >= 1
    if not right or (shape[1] is not None and output.shape[1] != shape[1]):
        raise SubjectError(
            part,
            f"returned shape {list(output.shape)}; it must return {wanted}, {rule} "
            "(flatten, or adapt the last layer).",
        )
    if not output.is_floating_point():
        raise SubjectError(
            part, f"returned dtype {output.dtype}; it must return floating numbers (.float())."
        )
    return output.detach()


def _batches(rows: Tensor, size: int) -> Iterator[Tensor]:
    yield from torch.split(rows, size)


def _run_twice(
    part: Part, run: Callable[[Tensor], Tensor], rows: Tensor, batch_size: int
) -> Tensor:
    """Run all batches twice and insist on the same answers."""
    first, second = (
        _join(part, [run(batch) for batch in _batches(rows, batch_size)]) for _ in range(2)
    )
    # On the CPU the same call gives the same bits; accelerators may sum in another order.
    if first.device.type == "cpu":
        same = torch.equal(torch.nan_to_num(first), torch.nan_to_num(second))
    else:
        same = _relative_change(first, second) <= _tolerance(first.dtype)
    if not same:
        raise SubjectError(
            part,
            f"is not deterministic: the same inputs gave outputs that differ by "
            f"{_relative_change(first, second):.2g} of their size. The likely cause is dropout "
            "left in train mode: call .eval() at the end of your fit (or in the factory), or "
            "build it without randomness.",
        )
    return first


def _join(part: Part, outputs: list[Tensor]) -> Tensor:
    widths = {output.shape[1] for output in outputs}
    if len(widths) > 1:
        raise SubjectError(
            part,
            f"returned different widths {sorted(widths)} for different batches; the latent "
            "dimension must be fixed.",
        )
    return torch.cat(outputs)


def _check_finite(part: Part, output: Tensor, name: Callable[[int], str]) -> None:
    bad = (~torch.isfinite(output)).any(dim=1).nonzero()
    if len(bad):
        row = int(bad[0, 0])
        what = "NaN" if bool(torch.isnan(output[row]).any()) else "infinity"
        raise SubjectError(
            part,
            f"returned {what} for {name(row)} ({len(bad)} of {len(output)} rows are not finite). "
            "Training may have diverged: lower the learning rate, or check the inputs.",
        )
    if part == "head":  # labels may be as large as they like; codes are compared with each other
        return
    large = (output.abs() > _LARGEST).any(dim=1).nonzero()
    if len(large):
        row = int(large[0, 0])
        raise SubjectError(
            part,
            f"returned {float(output[row].abs().max()):.2g} for {name(row)}; numbers above "
            f"{_LARGEST:g} are refused. Training may have diverged: lower the learning rate, or "
            "scale the outputs.",
        )


def _check_batch_independence(
    encode: Callable[[Tensor], Tensor], codes: Tensor, mdp: DeterministicMDP
) -> None:
    """Encode a few observations alone; their codes must not depend on their batch."""
    n = len(codes)
    if n == 1:
        return
    advice = (
        "a code must depend on its observation only. The likely cause is BatchNorm in train "
        "mode: call .eval() at the end of your fit, or use LayerNorm."
    )
    for row in sorted({0, n // 2, n - 1}):
        name = repr(mdp.observations[row])
        try:
            alone = encode(torch.tensor([row]))
        except SubjectError as error:
            raise SubjectError(
                "encoder",
                f"fails when observation {name} is encoded alone, in a batch of one; {advice} "
                f"It said: {error}",
            ) from error
        change = _relative_change(codes[row : row + 1], alone, float(codes.abs().max()))
        if not change <= _tolerance(codes.dtype):
            raise SubjectError(
                "encoder",
                f"gives observation {name} another code in another batch (relative change "
                f"{change:.2g}); {advice}",
            )


def _relative_change(first: Tensor, second: Tensor, scale: float | None = None) -> float:
    if first.shape != second.shape:
        return float("inf")
    if scale is None:
        scale = float(first.abs().max())
    change = float((first - second).abs().max())
    return change / scale if scale > 0 else change


def _tolerance(dtype: torch.dtype) -> float:
    return BATCH_TOLERANCE.get(dtype, _COARSE_TOLERANCE)


def _to_numpy(tensor: Tensor) -> FloatArray:
    return np.ascontiguousarray(tensor.cpu().to(torch.float64).numpy().copy())
