"""What a model answers on a system: codes, predicted latents and labels, every digit proved."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.networks.dyadic import Dyadic, evaluate_exact, not_rational, work
from tellapart.theory.networks.enclosing import enclose
from tellapart.theory.networks.intervals import point, rearranged, subtract
from tellapart.theory.networks.points import Interval, ModelPoints
from tellapart.theory.networks.program import NetworkModel, Program
from tellapart.theory.networks.resolving import ResolutionBounds, resolution_bounds
from tellapart.theory.networks.targets import System, label_targets, transitions_of
from tellapart.theory.partial.border import positive_int

__all__ = [
    "ResolutionBounds", "enclose_points", "label_targets", "residual_bounds",
    "resolution_bounds", "transitions_of",
]  # fmt: skip

FloatArray = npt.NDArray[np.float64]

#: Multiplications and additions of large integers that "auto" allows: a few seconds.
_MAX_WORK = 20_000_000


def enclose_points(
    model: NetworkModel,
    system: System,
    *,
    arithmetic: Literal["auto", "exact", "interval"] = "auto",
    max_work: int = _MAX_WORK,
) -> ModelPoints:
    """Evaluate a model on every observation of a system, as a function of real numbers.

    Parameters
    ----------
    model
        A network as programs.
    system
        What it was made for; its observations are the rows of the model's.
    arithmetic
        ``"auto"``: exact where all programs are rational and the work is at most ``max_work``,
        otherwise intervals. ``"exact"``: exact whatever it costs. ``"interval"``: intervals.
    max_work
        Multiplications and additions of integers that ``"auto"`` allows.

    Returns
    -------
    ModelPoints

    Raises
    ------
    InvalidArgumentError
        When the model does not fit the system; with ``"exact"``, when an operation is not
        rational; when a value leaves the range of float64 or is not defined.

    Examples
    --------
    >>> keep = Program(((1, 1),), (), (), 0)
    >>> model = NetworkModel(keep, (keep,), keep, np.array([[0.25], [0.5]]), "float64")
    >>> from tellapart.theory.mdp import DeterministicMDP
    >>> loop = DeterministicMDP([[0], [1]], labels=[0.25, 0.5])
    >>> points = enclose_points(model, loop)
    >>> points.arithmetic, points.zero_loss, points.code_ids.tolist()
    ('exact', True, [0, 1])
    """
    if arithmetic not in ("auto", "exact", "interval"):
        raise InvalidArgumentError(
            f"arithmetic is {arithmetic!r}; use 'auto', 'exact' or 'interval'."
        )
    allowed = positive_int(max_work, "max_work")
    targets = label_targets(system)
    _check_model(model, system, targets)
    if arithmetic != "interval":
        reason = _not_exact(model, system.n_obs, None if arithmetic == "exact" else allowed)
        if not reason:
            return _exact_points(model, system, targets)
        if arithmetic == "exact":
            raise InvalidArgumentError(f"{reason} Use arithmetic='interval'.")
    codes = _enclosed(model.encoder, model.observations)
    predicted = [_enclosed(program, codes) for program in model.predictors]
    points = (
        codes,
        Interval(np.stack([p.lo for p in predicted], 1), np.stack([p.hi for p in predicted], 1)),
        _enclosed(model.head, codes),
    )
    _check_bounded(*points)
    return ModelPoints(*points, "interval", False, None)


def residual_bounds(points: ModelPoints, system: System) -> tuple[FloatArray, FloatArray]:
    """Bound the residuals from above, in the sup norm.

    Parameters
    ----------
    points
        From :func:`enclose_points` on the same system.
    system
        A deterministic MDP or transition data.

    Returns
    -------
    dynamics
        float64 ``[n_transitions]``, at least ``|T(E(o), a) - E(o')|``; numbered as
        :func:`transitions_of` says.
    aux
        float64 ``[n_obs]``, at least ``|P(E(o)) - p(o)|``; NaN where there is no label.
    """
    sources, actions, successors = transitions_of(system)
    targets = label_targets(system)
    known = ~np.isnan(targets).any(axis=1)
    if points.zero_loss:
        return np.zeros(len(sources)), np.where(known, 0.0, np.nan)
    dynamics = _size(points.predicted[sources, actions], points.codes[successors])
    aux = np.full(len(targets), np.nan)
    if known.any():
        aux[known] = _size(points.read[known], point(targets[known]))
    return dynamics, aux


def _size(x: Interval, y: Interval) -> FloatArray:
    difference = subtract(x, y)
    size = np.maximum(np.abs(difference.lo), np.abs(difference.hi)).max(axis=1, initial=0.0)
    # Equal floats have the difference zero, which subtract rounds outwards like any other.
    same = ((x.lo == y.hi) & (x.hi == y.lo)).all(axis=1)
    result: FloatArray = np.where(same, 0.0, size)
    return result


def _enclosed(program: Program, given: FloatArray | Interval | None) -> Interval:
    """Run a program on one vector or image for each observation; return ``[n, width]``."""
    if program.is_closed:
        return enclose(program, ())
    if given is None:
        raise InvalidArgumentError(
            "The encoder takes an observation, and the model has no observations; give them."
        )
    rows = point(given) if isinstance(given, np.ndarray) else given
    result = enclose(program, [rearranged(rows, lambda end: end[:, None])])
    return rearranged(result, lambda end: end[:, 0])


def _not_exact(model: NetworkModel, n_obs: int, max_work: int | None) -> str:
    """Say why exact arithmetic is not for this model; "" if it is."""
    programs = {
        "encoder": model.encoder,
        **{f"predictor of action {a}": p for a, p in enumerate(model.predictors)},
        "head": model.head,
    }
    for part, program in programs.items():
        reason = not_rational(program)
        if reason:
            return f"The {part} has no exact value: {reason}"
    spent = sum(work(program, n_obs) for program in programs.values())
    if max_work is not None and spent > max_work:
        return f"Exact evaluation takes {spent} operations, above max_work={max_work}."
    return ""


def _exact_points(model: NetworkModel, system: System, targets: FloatArray) -> ModelPoints:
    shown = None if model.observations is None else Dyadic.of_floats(model.observations)
    codes = _exact(model.encoder, shown)
    predicted = [_exact(program, codes) for program in model.predictors]
    read = _exact(model.head, codes)
    known = ~np.isnan(targets).any(axis=1)
    missed = [read[known].minus(Dyadic.of_floats(targets[known]))]
    sources, actions, successors = transitions_of(system)
    for action, values in enumerate(predicted):
        mine = actions == action
        missed.append(values[sources[mine]].minus(codes[successors[mine]]))
    zero_loss = not any(part.numerators.astype(bool).any() for part in missed)
    enclosed = [values.enclosed() for values in predicted]
    points = (
        codes.enclosed(),
        Interval(np.stack([p.lo for p in enclosed], 1), np.stack([p.hi for p in enclosed], 1)),
        read.enclosed(),
    )
    _check_bounded(*points)
    seen: dict[tuple[int, ...], int] = {}
    ids = [seen.setdefault(tuple(row), len(seen)) for row in codes.numerators.tolist()]
    return ModelPoints(*points, "exact", zero_loss, np.array(ids, dtype=np.int64))


def _exact(program: Program, given: Dyadic | None) -> Dyadic:
    if program.is_closed:
        return evaluate_exact(program, ())
    if given is None:
        raise InvalidArgumentError(
            "The encoder takes an observation, and the model has no observations; give them."
        )
    return evaluate_exact(program, [given[:, None]])[:, 0]


def _check_bounded(codes: Interval, predicted: Interval, read: Interval) -> None:
    for name, values in {"code": codes, "predicted latent": predicted, "label read": read}.items():
        bad = np.argwhere(~(np.isfinite(values.lo) & np.isfinite(values.hi)))
        if bad.size:
            raise InvalidArgumentError(
                f"The {name} of observation {bad[0][0]} is not bounded: on the way to it a number "
                "leaves the range of float64. Scale the weights of the subject."
            )


def _check_model(model: NetworkModel, system: System, targets: FloatArray) -> None:
    if len(model.predictors) != system.n_actions:
        raise InvalidArgumentError(
            f"The model has {len(model.predictors)} predictors and the system "
            f"{system.n_actions} actions; there must be one for each action."
        )
    if model.observations is not None:
        if len(model.observations) != system.n_obs:
            raise InvalidArgumentError(
                f"The model has {len(model.observations)} observations and the system "
                f"{system.n_obs}; there must be one row for each."
            )
        if not np.isfinite(model.observations).all():
            row = int(np.argwhere(~np.isfinite(model.observations))[0][0])
            raise InvalidArgumentError(
                f"Observation {row} of the model has a NaN or infinite entry; repair it."
            )
    d, dim = model.latent_dim, targets.shape[1]
    wanted = {"encoder": (model.encoder, d), "head": (model.head, dim)}
    wanted |= {f"predictor of action {a}": (p, d) for a, p in enumerate(model.predictors)}
    for part, (program, width) in wanted.items():
        if part == "head" and np.isnan(targets).all():
            width = program.shape_of(program.output)[-1]  # nothing to compare it with
        shape = (system.n_obs if program.is_closed else 1, width)
        if program.shape_of(program.output) != shape:
            raise InvalidArgumentError(
                f"The {part} gives the shape {program.shape_of(program.output)}; it must be "
                f"{shape} here."
            )
