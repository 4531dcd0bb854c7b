"""Is a collapse reachable once one of the two losses is gone? Trained, measured, and explained."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from tellapart.models.contract.bench import Bench, private_random
from tellapart.models.diagnostics.ranks import effective_rank
from tellapart.models.dropped.measure import Task, same_norm, zero_of
from tellapart.models.dropped.mechanism import mechanism_of
from tellapart.models.dropped.own_fit import own_fit_reach
from tellapart.models.dropped.result import OwnFitReach, Reach, ReachTry, ReachWay
from tellapart.models.dropped.trainer import finish, train
from tellapart.models.dropped.traits import encoder_traits, is_stuck
from tellapart.models.fit import check_integer
from tellapart.models.subject import Subject
from tellapart.models.threads import one_thread
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import kernel

__all__ = ["reach_without_aux", "reach_without_dynamics"]

Factory = Callable[[DeterministicMDP, int], Any]
Progress = Callable[[str, int, int | None, str], None]
FloatArray = npt.NDArray[np.float64]

_STEPS = 100


def reach_without_aux(
    factory: Factory,
    mdp: DeterministicMDP,
    seed: int = 0,
    *,
    seeds: int = 3,
    max_steps: int = _STEPS,
    progress: Progress | None = None,
) -> Reach:
    """Ask whether a design collapses once the auxiliary loss is gone (S8).

    With the dynamics loss alone one code for everything is a solution. A design that cannot reach
    it has another mechanism that keeps codes apart, and its good verdicts may owe to that rather
    than to the two losses. Fresh subjects are trained on the dynamics loss in three ways in turn:
    alone; with weight decay on the encoder; and while all codes are pulled together at constant
    size. The first collapse ends the search.

    Parameters
    ----------
    factory
        ``(mdp, seed) -> Subject``, or a tuple of encoder, predictor and head; fresh, untrained.
    mdp
        The system. Its labels say what must be told apart, and are not trained on.
    seed, seeds
        Weights ``seed``, ``seed + 1``, ... : so many in each way.
    max_steps
        Iterations of L-BFGS in each training.
    progress
        Called as ``progress("dropped", done, total, what)`` before each training.

    Returns
    -------
    Reach
        ``reached``, or the ``mechanism`` that was found. A subject's own ``fit`` is set aside for
        this. It is then run on the system with all labels equal; a fit that keeps codes apart
        there, and whose loss is higher once they are pulled together, makes the answer "not
        reached", whatever the architecture allows.

    Raises
    ------
    InvalidArgumentError
        When ``mdp`` is no system, no pair in it must be told apart, or a number is out of range.
    SubjectError
        When the factory or a part is unusable.

    Notes
    -----
    A try reaches a collapse when

    - a pair that must be told apart (B*) is within the merge tolerance, 1e-3, of the rms distance
      that such pairs have in the fresh subject, times the factor by which the size of the codes
      has shrunk since: codes that fade are not merged, codes that gather at one point are; and
    - every dynamics residual is below half of that threshold. This is S13 with "counts as one
      code" in place of "need not be told apart": each prediction is nearer to the code of its
      successor than anything that counts as another code. ``exact`` says whether the residuals are
      zero to rounding as well (1e-6 of the unit; more for coarser types).

    "Not reached" is no proof, unless the encoder cannot be trained. O(n |A|) a step, O(n² d) every
    ten steps. One torch thread; same call, same bytes. Global random states are put back.

    Examples
    --------
    >>> from tellapart.models.designs import design
    >>> from tellapart.theory.gallery import counting_chain
    >>> reach_without_aux(design("joint").build, counting_chain(9))
    Reach('joint' without aux_loss: reached pulled together)
    """
    return _reach(factory, mdp, Hypothesis.AUX_LOSS, seed, seeds, max_steps, progress)


def reach_without_dynamics(
    factory: Factory,
    mdp: DeterministicMDP,
    seed: int = 0,
    *,
    seeds: int = 3,
    max_steps: int = _STEPS,
    progress: Progress | None = None,
) -> Reach:
    """Ask whether a design merges what has one label once the dynamics loss is gone (S8).

    The mirror of :func:`reach_without_aux`: encoder and head are trained on the auxiliary loss, and
    codes of one label are pulled together. The unit is the rms distance of the codes as they are,
    since labels keep some of them apart, and the residuals of the labels must be below half their
    gaps. A ``fit`` of its own is not run.

    Parameters
    ----------
    factory, mdp, seed, seeds, max_steps, progress
        As of :func:`reach_without_aux`.

    Returns
    -------
    Reach

    Raises
    ------
    InvalidArgumentError
        As of :func:`reach_without_aux`, and when labels alone tell everything apart.
    SubjectError
        When the factory or a part is unusable.

    Examples
    --------
    >>> from tellapart.models.designs import design
    >>> from tellapart.theory.gallery import counting_chain
    >>> found = reach_without_dynamics(design("joint").build, counting_chain(9))
    >>> found.reached, found.tries[-1].n_groups, found.n_codes
    (True, 2, 2)
    """
    return _reach(factory, mdp, Hypothesis.DYNAMICS_LOSS, seed, seeds, max_steps, progress)


def _reach(
    factory: Factory,
    mdp: DeterministicMDP,
    dropped: Hypothesis,
    seed: int,
    seeds: int,
    max_steps: int,
    progress: Progress | None,
) -> Reach:
    _check(factory, mdp, seed, seeds, max_steps)
    with one_thread(), private_random(seed):
        task = Task(bisimulation(mdp), dropped, seed)
        _check_task(task)
        subject = Bench(factory, mdp, seed).build()
        task.checked(subject)
        traits = encoder_traits(subject, task)
        tries = _tries(factory, task, _plan(seed, seeds, is_stuck(traits)), max_steps, progress)
        own: OwnFitReach | None = None
        if subject.fit is not None and dropped is Hypothesis.AUX_LOSS:
            if progress is not None:
                progress("dropped", len(tries), None, "own fit, all labels equal")
            own = own_fit_reach(factory, task, seed, max_steps)
    last = tries[-1]
    ends = [mdp.observation_index(name) for name in (last.x, last.y)]
    word = task.bisimulation.word_of_indices(*ends) if last.reached else None
    return Reach(
        dropped=dropped,
        design=subject.name,
        n_obs=mdp.n_obs,
        n_blocks=task.bisimulation.partition.n_blocks,
        n_codes=task.n_classes,
        tries=tries,
        traits=traits,
        own_fit=own,
        word=tuple(mdp.actions[a] for a in word or ()),
        mechanism=mechanism_of(subject, task.part, tries, traits, own),
    )


def _plan(seed: int, seeds: int, stuck: bool) -> list[tuple[ReachWay, int]]:
    """Return what to try: all ways with all seeds, or one try where no code can move."""
    if stuck:
        return [(ReachWay.ITSELF, seed)]
    return [(way, seed + k) for way in ReachWay for k in range(seeds)]


def _tries(
    factory: Factory,
    task: Task,
    plan: list[tuple[ReachWay, int]],
    max_steps: int,
    progress: Progress | None,
) -> tuple[ReachTry, ...]:
    tries: list[ReachTry] = []
    for way, seed in plan:
        if progress is not None:
            progress("dropped", len(tries), len(plan), f"{way.value}, seed {seed}")
        tries.append(_try(factory, task, way, seed, max_steps))
        if tries[-1].reached:
            break
    return tuple(tries)


def _try(factory: Factory, task: Task, way: ReachWay, seed: int, max_steps: int) -> ReachTry:
    """Train one fresh subject and measure it."""
    subject = Bench(factory, task.mdp, seed).build()
    before = task.checked(subject)
    epsilon, zero = zero_of(subject)

    def finished() -> bool:
        with torch.no_grad():
            out = task.run(subject)
        codes = out.codes.double().cpu().numpy()
        if not np.isfinite(codes).all():
            return True
        found = task.measure(before, codes, epsilon)
        if way is ReachWay.PULLED and found.widest <= zero:
            return True
        exact = task.relative_residual(out, found) <= zero
        return exact and (found.n_merged > 0 or way is not ReachWay.PULLED)

    steps = train(subject, task, way, max_steps, finished)
    _finish(subject, task, before, zero)
    return _measured(subject, task, before, (way, seed, steps))


def _finish(subject: Subject, task: Task, before: FloatArray, zero: float) -> None:
    """Fit predictor or head to merged codes, where training left more than rounding."""
    codes = task.checked(subject)
    found = task.measure(before, codes, zero_of(subject)[0])
    with torch.no_grad():
        exact = task.relative_residual(task.run(subject), found) <= zero
    if found.n_merged and not exact:
        groups = kernel(codes, found.threshold).representatives.astype(np.int64)
        finish(subject, task, groups, found.unit or 1.0)


def _measured(
    subject: Subject, task: Task, before: FloatArray, run: tuple[ReachWay, int, int]
) -> ReachTry:
    after = task.checked(subject)
    epsilon, zero = zero_of(subject)
    with torch.no_grad():
        out = task.run(subject)
    found = task.measure(before, after, epsilon)
    n_unresolved = task.n_unresolved(out, found.threshold)
    loss = task.relative_residual(out, found)
    names = task.mdp.observations
    return ReachTry(
        way=run[0],
        seed=run[1],
        steps=run[2],
        reached=found.n_merged > 0 and n_unresolved == 0,
        loss=loss,
        exact=loss <= zero and n_unresolved == 0,
        n_unresolved=n_unresolved,
        n_groups=found.n_groups,
        n_merged=found.n_merged,
        x=names[found.pair[0]],
        y=names[found.pair[1]],
        distance=found.distance,
        closest=found.closest,
        spread=found.spread,
        rank=effective_rank(after),
        turned=found.turned,
        same_norm=same_norm(before, after),
        fixed=_fixed(before, after),
    )


def _fixed(before: FloatArray, after: FloatArray) -> tuple[int, ...]:
    """Return coordinates that training left bit for bit, and that differ between observations."""
    still = (before == after).all(axis=0) & (after != after[0]).any(axis=0)
    return tuple(np.flatnonzero(still).tolist())


def _check(factory: object, mdp: object, seed: int, seeds: int, max_steps: int) -> None:
    if not callable(factory):
        raise InvalidArgumentError(
            f"factory is a {type(factory).__name__}; give a function (mdp, seed) -> Subject."
        )
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"mdp is a {type(mdp).__name__}; give a DeterministicMDP, such as counting_chain(9)."
        )
    check_integer("seed", seed, 0)
    check_integer("seeds", seeds, 1)
    check_integer("max_steps", max_steps, 1)


def _check_task(task: Task) -> None:
    if not task.apart.any():
        raise InvalidArgumentError(
            f"No two observations of {task.mdp!r} must be told apart, so nothing can collapse; "
            "give a system with informative labels."
        )
    if not task.may_merge.any():
        raise InvalidArgumentError(
            f"The labels of {task.mdp!r} alone tell apart what must be told apart, so nothing "
            "collapses without the dynamics loss; give a system whose labels say less."
        )
