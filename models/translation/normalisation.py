"""Normalisation layers of torch, written in the primitives of programs."""

from collections.abc import Sequence
from typing import Any

from tellapart.models.translation.errors import Inexpressible
from tellapart.models.translation.operations import Handler, inverse_root
from tellapart.models.translation.reductions import mean, variance
from tellapart.models.translation.tape import Value

__all__ = ["NORMALISATION"]

_BATCH = (
    "uses statistics of the batch, so that an answer depends on what else is in the batch; "
    "call .eval() on the module."
)


def _standardised(x: Value, axes: Sequence[int], eps: float) -> tuple[Value, Value, Value]:
    """Return (x - mean) / sqrt(var + eps), the mean, and 1 / sqrt(var + eps)."""
    middle = mean(x, axes, keepdim=True)
    scale = inverse_root(variance(x, axes, 0, keepdim=True) + eps)
    return (x - middle) * scale, middle, scale


def _affine(x: Value, weight: Value | None, bias: Value | None) -> Value:
    scaled = x if weight is None else x * weight
    return scaled if bias is None else scaled + bias


def _by_channel(value: Value | None, depth: int) -> Value | None:
    """Return one number for each channel, where the channels are axis 1 of ``depth``."""
    return None if value is None else value.reshape((1, value.size, *[1] * (depth - 2)))


def layer_norm(
    x: Value, shape: Sequence[int], weight: Value | None, bias: Value | None, eps: float
) -> tuple[Value, Value, Value]:
    """Return the layer norm over the last axes, and its statistics."""
    axes = range(len(x.shape) - len(shape), len(x.shape))
    normed, middle, scale = _standardised(x, list(axes), eps)
    return _affine(normed, weight, bias), middle, scale


def rms_norm(
    x: Value, shape: Sequence[int], weight: Value | None = None, eps: float | None = None
) -> tuple[Value, Value]:
    """Return x over its root mean square along the last axes, and the factor."""
    if eps is None:
        raise Inexpressible("takes its eps from the type it computes in; write eps=.")
    axes = range(len(x.shape) - len(shape), len(x.shape))
    scale = inverse_root(mean(x * x, list(axes), keepdim=True) + eps)
    return _affine(x * scale, weight, None), scale


def group_norm(
    x: Value, weight: Value | None, bias: Value | None,
    count: int, channels: int, positions: int, groups: int, eps: float,
) -> tuple[Value, Value, Value]:  # fmt: skip
    """Return the group norm, and its statistics."""
    parts = x.reshape((count, groups, x.size // (count * groups)))
    normed, middle, scale = _standardised(parts, [2], eps)
    depth = len(x.shape)
    weights = (_by_channel(weight, depth), _by_channel(bias, depth))
    statistics = (value.reshape((count, groups)) for value in (middle, scale))
    return (_affine(normed.reshape(x.shape), *weights), *statistics)  # type: ignore[return-value]


def batch_norm(
    x: Value, weight: Value | None, bias: Value | None,
    running_mean: Value | None, running_var: Value | None,
    training: bool, momentum: float, eps: float, *_: Any,
) -> tuple[Value | None, ...]:  # fmt: skip
    """Return the batch norm with the statistics that were stored."""
    depth = len(x.shape)
    middle, spread = _by_channel(running_mean, depth), _by_channel(running_var, depth)
    if training or middle is None or spread is None:
        raise Inexpressible(_BATCH)
    normed = (x - middle) * inverse_root(spread + eps)
    weights = (_by_channel(weight, depth), _by_channel(bias, depth))
    return _affine(normed, *weights), None, None, None


def _batch_norm_stored(
    x: Value, weight: Value | None, bias: Value | None,
    running_mean: Value, running_var: Value, momentum: float, eps: float,
) -> tuple[Value | None, ...]:  # fmt: skip
    return batch_norm(x, weight, bias, running_mean, running_var, False, momentum, eps)


def weight_norm(v: Value, g: Value, dim: int = 0) -> tuple[Value, Value]:
    """Return g v / |v|, with one norm for each place along an axis, and the norms."""
    axes = [axis for axis in range(len(v.shape)) if axis != dim % len(v.shape)]
    lengths = (v * v).reduce("sum", axes, keep=True).apply("sqrt")
    return v * (g / lengths), lengths


NORMALISATION: dict[str, Handler] = {
    "native_layer_norm": layer_norm, "native_group_norm": group_norm,
    "native_batch_norm": batch_norm, "cudnn_batch_norm": batch_norm,
    "_native_batch_norm_legit_no_training": _batch_norm_stored,
    "_fused_rms_norm": rms_norm, "_weight_norm_interface": weight_norm,
}  # fmt: skip
