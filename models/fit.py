"""Train a subject: the right method for its size and parts, with progress and a result."""

import math
from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import torch

from tellapart.models.evaluation import evaluate
from tellapart.models.module_levenberg import MAX_JACOBIAN, MAX_RESIDUALS, module_sizes
from tellapart.models.module_runs import run_first_order, run_module_levenberg
from tellapart.models.networks import MAX_DUAL, dual_size
from tellapart.models.progress import FitProgress, FitResult, FitStatus, Throttle
from tellapart.models.runs import (
    Options,
    Run,
    Trio,
    reference_trio,
    run_levenberg,
    run_own,
    run_table,
)
from tellapart.models.subject import Subject
from tellapart.models.threads import one_thread
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition

__all__ = [
    "FitProgress",
    "FitResult",
    "FitStatus",
    "Method",
    "Objective",
    "check_integer",
    "check_options",
    "fit",
]

Objective = Literal["joint", "dynamics", "aux", "decoupled"]
Method = Literal["auto", "lm", "table-adam", "first-order"]

LM_STEPS, MODULE_STEPS, TABLE_STEPS, FIRST_ORDER_STEPS = 60, 60, 600, 4000


def fit(
    subject: Subject,
    mdp: DeterministicMDP,
    *,
    objective: Objective = "joint",
    method: Method = "auto",
    seed: int = 0,
    max_steps: int | None = None,
    learning_rate: float = 1e-2,
    weight_decay: float = 0.0,
    encoder_scale: float | None = None,
    anchor: float | None = None,
    target: float | None = None,
    partition: Partition | None = None,
    progress: Callable[[FitProgress], None] | None = None,
) -> FitResult:
    """Train a subject in place.

    Parameters
    ----------
    subject
        What to train. If it has a ``fit`` of its own, that is called and nothing else is done.
        Otherwise every part that is an ``nn.Module`` is trained, in the mode (``train`` or
        ``eval``) in which you left it; parts without trainable parameters stay as they are.
    mdp
        The system.
    objective
        ``"joint"``: both losses. ``"dynamics"`` or ``"aux"``: one loss, the third part stays as
        built. ``"decoupled"``: encoder and head under the auxiliary loss, then the predictor on
        frozen latents (S8).
    method
        ``"auto"``: for joint training ``"lm"`` (Levenberg-Marquardt) where the system is small
        enough. Above that, ``"table-adam"`` for a
        :func:`~tellapart.models.networks.reference_subject`, and ``"first-order"`` (AdamW) for
        any other modules; also where ``"lm"`` left them unresolved, and for other objectives.
    seed
        Of batches, restarts and, while your own ``fit`` or modules run, of torch's global
        generator on the CPU, which is put back afterwards.
    max_steps
        Step limit of one attempt; default 60 for ``"lm"``, 600 for ``"table-adam"``, 4000 for
        ``"first-order"``. ``"lm"`` makes a second attempt from fresh weights if the first fails.
    learning_rate, weight_decay
        Of ``"first-order"``; the decay acts on the encoder only.
    encoder_scale
        How far the encoder moves where predictor and head move 1, in (0, 1]; of joint training.
        Default 0.1 for ``"lm"`` on a reference subject, 0.01 on other modules; relative learning
        rate 0.15 (fading) for ``"table-adam"``, 0.1 for ``"first-order"``. Small values keep codes
        near where they began: training is more reliable, and more of what keeps codes apart is
        inherited from the initialisation.
    anchor
        Weight of the residual ``mean_o z_j² - 1`` (on modules: relative to the size at the start)
        of each latent coordinate j, which fixes the scale of the latents and can be met exactly;
        0: none. Default 0.3. ``"first-order"`` has none: its loss has no scale.
    target
        Resolution ratio at which joint training stops, default 0.5 for ``"table-adam"``, 0.1 for
        ``"first-order"``, 1e-5 for ``"lm"`` on modules with float32 weights, 1e-13 with float64.
        On a reference subject ``"lm"`` always goes on to the level of rounding.
    partition
        B* of ``mdp``, if you have it already.
    progress
        Called at most about ten times a second, and at the end.

    Returns
    -------
    FitResult

    Raises
    ------
    SubjectError
        When a part is unusable, or your own ``fit`` raises.
    InvalidArgumentError
        For an unknown objective or method, a negative seed, a step limit below 1, or a method
        that cannot train this subject.

    Notes
    -----
    Runs on one torch thread, so that on the CPU the same call gives the same bytes; the number of
    threads is put back afterwards. Nothing here decides a verdict: evaluate afterwards.

    Examples
    --------
    >>> from tellapart.models.networks import reference_subject
    >>> from tellapart.theory.gallery import counting_chain
    >>> mdp = counting_chain(9)
    >>> fit(reference_subject(mdp), mdp).resolved
    True
    """
    _check_choice("objective", objective, get_args(Objective))
    _check_choice("method", method, get_args(Method))
    options = check_options(seed, max_steps, encoder_scale, anchor, target)
    _check_real("learning_rate", learning_rate, 0.0, math.inf)
    _check_real("weight_decay", weight_decay, 0.0, math.inf, least=True)
    partition = bisimulation(mdp).partition if partition is None else partition
    run = Run(subject, mdp, partition, objective, seed, Throttle(progress), options)
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if subject.fit is not None:
            return run_own(run)
        if subject.n_parameters == 0:
            return run.result(FitStatus.UNTRAINED, "none", 0)
        trio = reference_trio(subject, mdp)
        if trio is None:
            evaluate(subject, mdp)  # an unusable part is named now, not after minutes of training
        chosen = _choose(method, subject, mdp, trio, objective)
        if chosen == "lm" and trio is not None:
            return run_levenberg(run, trio, max_steps or LM_STEPS)
        if chosen == "table-adam" and trio is not None:
            return run_table(run, trio, max_steps or TABLE_STEPS)
        if chosen == "lm":
            solved = run_module_levenberg(run, max_steps or MODULE_STEPS, keep=method == "lm")
            if solved is not None:
                return solved
        steps = max_steps or FIRST_ORDER_STEPS
        return run_first_order(run, steps, learning_rate, weight_decay)


def check_options(
    seed: int,
    max_steps: int | None,
    encoder_scale: float | None,
    anchor: float | None,
    target: float | None = None,
) -> Options:
    """Refuse what no trainer can use, naming it."""
    check_integer("seed", seed, 0)
    if max_steps is not None:
        check_integer("max_steps", max_steps, 1)
    _check_real("encoder_scale", encoder_scale, 0.0, 1.0)
    _check_real("anchor", anchor, 0.0, 100.0, least=True)
    _check_real("target", target, 0.0, math.inf)
    return Options(encoder_scale, anchor, target)


def check_integer(name: str, value: object, least: int) -> None:
    """Refuse anything but an integer of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")


def _check_real(name: str, value: object, low: float, high: float, *, least: bool = False) -> None:
    """Refuse numbers outside (low, high]; ``least``: low itself is allowed."""
    if value is None:
        return
    number = float(value) if isinstance(value, int | float | np.floating) else math.nan
    inside = low <= number <= high and (least or number != low)
    if isinstance(value, bool) or not inside or math.isinf(number):
        interval = f"{'[' if least else '('}{low:g}, {high:g}{')' if high == math.inf else ']'}"
        raise InvalidArgumentError(f"{name} is {value!r}; it must be a number in {interval}.")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidArgumentError(f"{name} is {value!r}; choose one of {', '.join(choices)}.")


def _choose(
    method: Method, subject: Subject, mdp: DeterministicMDP, trio: Trio | None, objective: str
) -> Method:
    """Resolve ``"auto"``, or say why the method asked for cannot train this subject."""
    if method == "first-order":
        return method
    table = trio is not None and objective == "joint"
    small = objective == "joint" and _is_small(subject, mdp, trio)
    if method == "auto":
        return "lm" if small else "table-adam" if table else "first-order"
    if method == "table-adam" and not table:
        raise InvalidArgumentError(
            "method='table-adam' trains the joint objective of a reference_subject (TableEncoder, "
            "MLPPredictor and LinearHead on one-hot observations, all weights trainable); use "
            "method='first-order' here."
        )
    if method == "lm" and not small:
        raise InvalidArgumentError(
            f"method='lm' trains the joint objective on the CPU, with at most {MAX_DUAL} residuals "
            f"for a reference_subject and {MAX_RESIDUALS} for other modules (and {MAX_JACOBIAN} "
            f"entries of their Jacobian). {subject!r} on {mdp!r} is outside that; use "
            "method='auto' or 'first-order'."
        )
    return method


def _is_small(subject: Subject, mdp: DeterministicMDP, trio: Trio | None) -> bool:
    if trio is not None:
        return dual_size(mdp, trio[0].table.shape[1]) <= MAX_DUAL
    sizes = module_sizes(subject, mdp)
    if sizes is None:
        return False
    residuals, weights = sizes
    return residuals <= MAX_RESIDUALS and residuals * weights <= MAX_JACOBIAN
