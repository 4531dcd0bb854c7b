"""Probes of what the parts answer: where, in which shapes and types, and finite or not."""

import torch
from torch import Tensor

from tellapart.models.contract.bench import PARTS, Bench, named_tensors
from tellapart.models.contract.findings import Finding, broken, fine, note
from tellapart.models.subject import Subject

__all__ = ["probe_device", "probe_dtypes", "probe_finite", "probe_shapes"]

_LARGEST = 1e100  # evaluation refuses larger codes: squares of their differences overflow


def probe_device(bench: Bench) -> Finding:
    """Check that all weights and buffers are on one device."""
    places: dict[str, str] = {}
    for path, tensor in named_tensors(bench.build(quiet=True)).items():
        places.setdefault(str(tensor.device), path)
    if len(places) <= 1:
        return fine("device", f"everything is on {next(iter(places), 'cpu')}")
    (first, path), (second, other), *_ = places.items()
    return broken(
        "device",
        f"{path} is on {first}, but {other} is on {second}.",
        "All parameters and buffers of the three parts live on one device; observations are moved "
        "to the device of the encoder, and codes stay where the encoder put them.",
        f"Move the parts together with .to({first!r}), and register tensors that belong to a "
        "module with register_buffer, so that .to() takes them along.",
    )


def probe_shapes(bench: Bench) -> Finding:
    """Check the shapes of the three answers."""
    subject, n, label_dim = bench.build(quiet=True), len(bench.rows), _label_dim(bench)
    with torch.no_grad():
        inputs = subject.inputs(bench.mdp.n_obs, bench.rows)
        codes, wrong = _call(subject, "encoder", f"{list(inputs.shape)}", inputs)
        wrong = wrong or _wrong_shape("encoder", codes, (n, None))
        if wrong is not None:
            return wrong
        positions, actions = (index.to(codes.device) for index in bench.pairs(n))
        given = f"latents {[len(positions), codes.shape[1]]} and actions {list(actions.shape)}"
        moved, wrong = _call(subject, "predictor", given, codes[positions], actions)
        wrong = wrong or _wrong_shape("predictor", moved, (len(positions), codes.shape[1]))
        if wrong is not None:
            return wrong
        read, wrong = _call(subject, "head", f"latents {list(codes.shape)}", codes)
        if label_dim == 1 and isinstance(read, Tensor) and read.shape == (n,):
            read = read.unsqueeze(1)
        wrong = wrong or _wrong_shape("head", read, (n, label_dim))
    return wrong or fine(
        "shapes", f"latents [batch, {codes.shape[1]}], labels [batch, {label_dim}]"
    )


def _label_dim(bench: Bench) -> int:
    return int(bench.mdp.label_vectors.shape[1])


def _call(
    subject: Subject, part: str, given: str, *inputs: Tensor
) -> tuple[Tensor, Finding | None]:
    """Call a part; what it raises is a finding."""
    try:
        answer: Tensor = getattr(subject, part)(*inputs)
    except Exception as error:  # whatever a user's part raises is reported as the part's
        wrong = broken(
            "shapes",
            f"the {part} raised {type(error).__name__} when given {given}.",
            f"It said: {error}",
            _signature(part),
        )
        return inputs[0], wrong
    return answer, None


def _signature(part: str) -> str:
    return {
        "encoder": "The encoder takes floating [batch, *obs_shape] (one-hot rows unless the "
        "subject has observations) and returns [batch, d].",
        "predictor": "The predictor takes latents [batch, d] and actions int64 [batch] and "
        "returns [batch, d].",
        "head": "The head takes latents [batch, d] and returns labels [batch, label_dim], with "
        "label_dim = mdp.label_vectors.shape[1].",
    }[part]


def _wrong_shape(part: str, answer: object, shape: tuple[int, int | None]) -> Finding | None:
    wanted = f"[{shape[0]}, {'d' if shape[1] is None else shape[1]}]"
    if isinstance(answer, Tensor):
        right = answer.ndim == 2 and len(answer) == shape[0] and answer.shape[1] >= 1
        if right and shape[1] in (None, answer.shape[1]):
            return None
        came = f"the shape {list(answer.shape)}"
    else:
        came = f"an object of type {type(answer).__name__}"
    return broken(
        "shapes",
        f"the {part} returned {came} instead of a tensor {wanted}.",
        _signature(part),
        "Return the tensor alone, flatten what has more dimensions, or adapt the last layer.",
    )


def probe_dtypes(bench: Bench) -> Finding:
    """Check that answers are floating and that predictions are as fine as codes."""
    answers = bench.answers(bench.build(quiet=True))
    for part in PARTS:
        dtype = answers.of(part).dtype
        if not dtype.is_floating_point:
            return broken(
                "dtypes",
                f"the {part} returned {dtype}.",
                "Latents and labels are floating numbers; losses and distances of others have no "
                "gradient.",
                "Return .float() or .double(), before any rounding to classes.",
            )
    codes, moved = answers.encoder.dtype, answers.predictor.dtype
    if codes != moved:
        return broken(
            "dtypes",
            f"the encoder returned {codes}, but the predictor {moved}.",
            "Predicted and encoded latents are compared with each other; a coarser type on one "
            "side leaves a residual that no training removes.",
            f"Build both in one type, for example predictor.to({codes}).",
        )
    if torch.finfo(codes).eps > 1e-6:
        return note(
            "dtypes",
            f"the latents are {codes}, with a unit of rounding of {torch.finfo(codes).eps:.1g}.",
            "Codes that differ by less cannot be told apart, and the residuals of a well trained "
            "model are at that level.",
            "Evaluate a float32 copy of the parts where margins matter.",
        )
    return fine("dtypes", f"latents {codes}, labels {answers.head.dtype}")


def probe_finite(bench: Bench) -> Finding:
    """Check for NaN, infinity and numbers whose squares overflow."""
    answers = bench.answers(bench.build(quiet=True))
    for part in PARTS:
        answer = answers.of(part)
        bad = ~torch.isfinite(answer)
        if part != "head":
            bad |= answer.abs() > _LARGEST
        rows = bad.any(dim=1).nonzero().flatten()
        if len(rows):
            row = int(rows[0])
            worst = answer[row][bad[row]][0]
            return broken(
                "finite",
                f"the untrained {part} returned {float(worst):.3g} for {_who(bench, part, row)} "
                f"({len(rows)} of {len(answer)} rows).",
                f"All answers are finite, and latents below {_LARGEST:g}.",
                "Look for a division by zero, a logarithm or root of what is not positive, or "
                "observations with NaN.",
            )
    return fine("finite", "all answers are finite")


def _who(bench: Bench, part: str, row: int) -> str:
    """Name the question behind a row of an answer."""
    names, actions = bench.mdp.observations, bench.mdp.actions
    if part != "predictor":
        return f"observation {names[int(bench.rows[row])]!r}"
    o, a = divmod(row, len(bench.actions))
    name, action = names[int(bench.rows[o])], actions[int(bench.actions[a])]
    return f"observation {name!r} and action {action!r}"
