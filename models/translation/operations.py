"""Elementwise operations of torch, written in the primitives of programs.

Every function takes the arguments that torch gives, with tensors replaced by values, and returns a
value; a tuple where torch returns several tensors, with None for what is chosen, not computed.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.translation.errors import Inexpressible
from tellapart.models.translation.tape import Scalar, Value

__all__ = ["ELEMENTWISE", "EXACT", "Handler", "add", "inverse_root"]

Operand = Value | Scalar
Handler = Callable[..., Any]

#: torch's GELU by tanh multiplies by this float64 (the root of 2/pi is not a ratio).
_GELU_SCALE = 0.7978845608028654
_GELU_CUBIC = 0.044715

#: Not rounded by torch: on stored numbers the result is a stored number.
EXACT = frozenset(
    {
        "abs", "neg", "relu", "maximum", "minimum", "fmax", "fmin", "max", "min", "amax", "amin",
        "aminmax", "clamp", "clamp_min", "clamp_max", "hardtanh", "max_pool2d_with_indices",
        "max_pool3d_with_indices", "adaptive_max_pool2d",
    }
)  # fmt: skip


def _unary(name: str) -> Handler:
    return lambda x: x.apply(name)


def _scaled(y: Operand, factor: Scalar) -> Operand:
    return y if factor == 1 else y * factor


def add(x: Operand, y: Operand, alpha: Scalar = 1) -> Operand:
    """Return x + alpha y; where one of them is a stored -infinity, that."""
    y = _scaled(y, alpha)
    for first, second in ((x, y), (y, x)):
        content = second.tape.content(second) if isinstance(second, Value) else None
        if content is not None and np.isneginf(content).any() and isinstance(first, Value):
            return _hidden_where(first, content)
    return x + y


def _hidden_where(x: Value, mask: npt.NDArray[np.float64]) -> Value:
    """Return x + mask, where -infinity in the mask hides an entry from a softmax."""
    hidden = np.isneginf(mask)
    total = x + x.tape.constant(np.where(hidden, 0.0, mask))
    outside = x.tape.as_value(-np.inf).cells
    hidden = np.broadcast_to(hidden, total.shape)
    return x.tape.gather(np.where(hidden, outside, total.cells.reshape(total.shape)))


def sub(x: Operand, y: Operand, alpha: Scalar = 1) -> Operand:
    """Return x - alpha y."""
    return x - _scaled(y, alpha)


def div(x: Value, y: Operand, rounding_mode: str | None = None) -> Operand:
    """Return x / y."""
    if rounding_mode is not None:
        raise Inexpressible("rounds its result; divide without rounding_mode.")
    return x / y


def power(x: Operand, exponent: Operand) -> Operand:
    """Return x to an integer, or half an odd integer."""
    if isinstance(exponent, Value):
        content = exponent.tape.content(exponent)
        if content is None or content.size != 1:
            raise Inexpressible("has an exponent that is not one stored number.")
        exponent = float(content.reshape(-1)[0])
    twice = 2 * float(exponent)
    if not isinstance(x, Value) or twice != int(twice) or abs(twice) > 128:
        raise Inexpressible("is only known for integer and half-integer exponents up to 64.")
    whole, half = divmod(int(abs(twice)), 2)
    result = _integer_power(x, whole) * x.apply("sqrt") if half else _integer_power(x, whole)
    return 1 / result if twice < 0 else result


def _integer_power(x: Value, exponent: int) -> Value:
    if exponent == 0:
        return x * 0 + 1
    root = _integer_power(x, exponent // 2) if exponent > 1 else x
    if exponent == 1:
        return x
    return root * root * x if exponent % 2 else root * root


def inverse_root(x: Value) -> Value:
    """Return 1/sqrt(x)."""
    return 1 / x.apply("sqrt")


def clamp(x: Value, low: Operand | None = None, high: Operand | None = None, **named: Any) -> Value:
    """Return x held between two bounds; the upper one wins, as in torch."""
    low, high = named.get("min", low), named.get("max", high)
    if low is not None:
        x = x.maximum(low)
    return x if high is None else x.minimum(high)


def hardtanh(x: Value, low: Scalar = -1, high: Scalar = 1) -> Value:
    """Return x held between two numbers."""
    return clamp(x, low, high)


def leaky_relu(x: Value, slope: Scalar = 0.01) -> Value:
    """Return x where positive, slope x elsewhere."""
    return x.maximum(x * slope) if slope <= 1 else x.minimum(x * slope)


def prelu(x: Value, weight: Value) -> Value:
    """Return x where positive, weight x elsewhere, with slopes that were trained."""
    return x.apply("relu") - weight * (-x).apply("relu")


def elu(x: Value, alpha: Scalar = 1, scale: Scalar = 1, input_scale: Scalar = 1) -> Operand:
    """Return scale x where positive, scale alpha (exp(input_scale x) - 1) elsewhere."""
    falling = _scaled(_scaled(x.minimum(0.0), input_scale).apply("exp") - 1, alpha)  # type: ignore[union-attr]
    return _scaled(x.apply("relu") + falling, scale)


def celu(x: Value, alpha: Scalar = 1) -> Operand:
    """Return x where positive, alpha (exp(x / alpha) - 1) elsewhere."""
    return x.apply("relu") + _scaled((x.minimum(0.0) / alpha).apply("exp") - 1, alpha)


def silu(x: Value) -> Value:
    """Return x sigmoid(x)."""
    return x * x.apply("sigmoid")


def gelu(x: Value, approximate: str = "none") -> Value:
    """Return GELU, by erf or by tanh."""
    if approximate == "tanh":
        inner = (x + x * x * x * _GELU_CUBIC) * _GELU_SCALE
        return x * 0.5 * (inner.apply("tanh") + 1)
    root = x.tape.as_value(2.0).apply("sqrt")
    return x * 0.5 * ((x / root).apply("erf") + 1)


def mish(x: Value) -> Value:
    """Return x tanh(softplus(x)): with e^x = u/v, no power above 1, x (u² + 2uv)/(u² + 2uv + 2v²).

    tanh(log y) = (y² - 1)/(y² + 1) at y = 1 + e^x.
    """
    u, v = x.minimum(0.0).apply("exp"), (-x).minimum(0.0).apply("exp")
    top = u * u + u * v * 2
    return x * (top / (top + v * v * 2))


def hardsigmoid(x: Value) -> Value:
    """Return x + 3 held between 0 and 6, over 6."""
    return clamp(x + 3, 0.0, 6.0) / 6


def softshrink(x: Value, width: Scalar = 0.5) -> Value:
    """Return x moved towards 0 by a width."""
    return (x - width).apply("relu") - (-x - width).apply("relu")


def threshold(x: Value, bound: Scalar, value: Scalar) -> Value:
    """Return x above a bound, and the bound itself elsewhere."""
    if bound != value:
        raise Inexpressible("jumps at its threshold, so it decides; use a continuous function.")
    return x.maximum(bound)


def glu(x: Value, dim: int = -1) -> Value:
    """Return the first half times the sigmoid of the second."""
    halves = np.split(x.cells.reshape(x.shape), 2, axis=dim)
    first, second = (x.tape.gather(half) for half in halves)
    return first * second.apply("sigmoid")


def exponential_sum(x: Value, sign: int) -> Value:
    """Return (exp(x) + sign exp(-x)) / 2."""
    rising, falling = x.apply("exp"), (-x).apply("exp")
    return (rising + falling if sign > 0 else rising - falling) / 2


def lerp(start: Value, end: Value, weight: Operand) -> Operand:
    """Return start + weight (end - start)."""
    return start + weight * (end - start)


def addcmul(x: Value, a: Value, b: Value, value: Scalar = 1) -> Operand:
    """Return x + value a b."""
    return x + _scaled(a * b, value)


def addcdiv(x: Value, a: Value, b: Value, value: Scalar = 1) -> Operand:
    """Return x + value a / b."""
    return x + _scaled(a / b, value)


ELEMENTWISE: dict[str, Handler] = {
    **{name: _unary(name) for name in ("abs", "neg", "relu", "tanh", "sigmoid", "exp", "erf", "sqrt")},  # noqa: E501
    "add": add, "sub": sub, "rsub": lambda x, y, alpha=1: y - _scaled(x, alpha),
    "mul": lambda x, y: x * y, "div": div, "pow": power, "square": lambda x: x * x,
    "rsqrt": inverse_root, "reciprocal": lambda x: 1 / x, "expm1": lambda x: x.apply("exp") - 1,
    "erfc": lambda x: 1 - x.apply("erf"), "sinh": lambda x: exponential_sum(x, -1),
    "cosh": lambda x: exponential_sum(x, 1), "clamp": clamp, "clamp_min": clamp,
    "clamp_max": lambda x, high: clamp(x, None, high), "hardtanh": hardtanh,
    "relu6": lambda x: clamp(x, 0.0, 6.0), "leaky_relu": leaky_relu, "_prelu_kernel": prelu,
    "elu": elu, "celu": celu, "silu": silu, "gelu": gelu, "mish": mish,
    "hardsigmoid": hardsigmoid, "hardswish": lambda x: x * hardsigmoid(x),
    "softshrink": softshrink, "threshold": threshold, "glu": glu, "lerp": lerp,
    "addcmul": addcmul, "addcdiv": addcdiv, "maximum": lambda x, y: x.maximum(y),
    "minimum": lambda x, y: x.minimum(y), "fmax": lambda x, y: x.maximum(y),
    "fmin": lambda x, y: x.minimum(y),
}  # fmt: skip
