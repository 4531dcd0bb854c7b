"""What is known about operations of torch by their names, and what is said of the others."""

from tellapart.models.translation.contractions import CONTRACTIONS
from tellapart.models.translation.decisions import DECISIONS
from tellapart.models.translation.normalisation import NORMALISATION
from tellapart.models.translation.operations import ELEMENTWISE, EXACT, Handler
from tellapart.models.translation.reductions import REDUCTIONS
from tellapart.models.translation.windows import WINDOWS

__all__ = [
    "ARITHMETIC",
    "BITS",
    "EXACT_ON_STORED",
    "METADATA",
    "NO_PRIMITIVE",
    "OTHER_FUNCTION",
    "RANDOM",
    "TOO_CLOSE",
    "UNKNOWN",
]

#: How each operation that rounds is written in primitives.
ARITHMETIC: dict[str, Handler] = {
    **ELEMENTWISE, **REDUCTIONS, **CONTRACTIONS, **NORMALISATION, **WINDOWS,
}  # fmt: skip

#: On stored numbers the result is stored numbers: nothing is rounded, or torch's rounding is meant.
EXACT_ON_STORED = EXACT | DECISIONS
RANDOM = (
    "draws random numbers, so that there is no one function; call .eval() on the module, or leave "
    "the randomness out."
)
TOO_CLOSE = (
    "decides between numbers that are too close to tell apart in spite of rounding, so that the "
    "stored weights do not say what is right; train on, or use a continuous operation."
)
BITS = "reads the bits of a number as another type; use .to(dtype)."
UNKNOWN = (
    "is not among the operations that can be proved about; write it with others (sums, products, "
    "relu, tanh, exp, softmax, ...), or store its result as a buffer if the input is not in it."
)
#: Functions that programs do not have; torch takes seconds to load what it makes of them.
NO_PRIMITIVE = frozenset(
    {
        "_log_softmax", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos",
        "digamma", "erfinv", "exp2", "lgamma", "log", "log10", "log1p", "log2",
        "log_sigmoid_forward", "logaddexp", "logit", "logsumexp", "polygamma", "sin", "sinc",
        "softplus", "tan", "xlogy",
    }
)  # fmt: skip
OTHER_FUNCTION = (
    "has no exact counterpart: programs know exp, tanh, sigmoid, erf and roots, and no logarithm, "
    "sine or cosine. Use one of those, or store its result as a buffer if the input is not in it."
)
#: These ask for the shape only, or change it in place.
METADATA = frozenset(
    {
        "_has_same_storage_numel", "detach_", "dim", "is_same_size", "numel", "size", "squeeze_",
        "stride", "swapaxes_", "swapdims_", "sym_numel", "sym_size", "sym_storage_offset",
        "sym_stride", "t_", "transpose_", "unsqueeze_",
    }
)  # fmt: skip
