"""Run a study of the counting environment: by processes, resumable, with progress."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import connection
from pathlib import Path
from queue import Empty
from typing import Any

from tellapart.models.counting.losses import LossPoint
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun, run_counting
from tellapart.models.fit import check_integer
from tellapart.models.subject import SubjectError
from tellapart.properties.counting.encoders import EncoderSource, load_encoder
from tellapart.properties.counting.report import CountingReport, Failure, counting_report
from tellapart.properties.counting.store import RunStore
from tellapart.properties.counting.study import pictured, study_plans
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.wording import count

__all__ = ["reproduce_counting"]

Progress = Callable[[str, int, int | None, str], None]
Outcome = CountingRun | Failure

_DECODER_STEPS, _EVERY, _POLL = 300, 250, 0.25


@dataclass(frozen=True, slots=True)
class _Job:
    """One run, as a worker gets it."""

    plan: CountingPlan
    each: int
    decoder_steps: int
    checkpoint: Path | None
    encoder: str | None


def reproduce_counting(
    profile: str = "quick",
    *,
    jobs: int = 1,
    folder: Path | None = None,
    encoder: str | None = None,
    steps: int | None = None,
    size: int | None = None,
    each: int = 50,
    plans: Sequence[CountingPlan] | None = None,
    progress: Progress | None = None,
) -> CountingReport:
    """Train the runs of a profile and hold them against bars and claims.

    Parameters
    ----------
    profile
        ``"quick"`` or ``"paper"``.
    jobs
        Processes; 1 trains in this one.
    folder
        Where finished runs and checkpoints are kept. The same call goes on where a killed one
        stopped. None: nothing is kept.
    encoder
        ``file.py:factory`` of an encoder of yours, trained beside ours.
    steps, size
        Of every run, in place of the profile's own: a trial of the command. Its bars and claims
        say nothing about the recipe.
    each
        Held-out transitions for each count and action.
    plans
        Run these in place of those of the profile; a user's encoder must be named in them.
    progress
        Called with the stage, the number of steps done, of all steps, and a note.

    Returns
    -------
    CountingReport
        A run that fails (training diverges) is listed in it with the reason.

    Raises
    ------
    InvalidArgumentError
        For unknown names and numbers out of range, an unusable folder or encoder.
    SubjectSourceError
        When the encoder cannot be loaded.

    Notes
    -----
    A run depends on its plan alone: neither ``jobs`` nor an interruption changes a number but the
    CPU seconds, on one machine.

    Examples
    --------
    >>> report = reproduce_counting(plans=[CountingPlan(seed=10, steps=2, size=16)], each=2)
    >>> report.bars[0].outcome
    'missed'
    """
    check_integer("jobs", jobs, 1)
    check_integer("each", each, 2)
    own = plans is not None
    if plans is None:
        plans = study_plans(profile, encoder=encoder, steps=steps, size=size)
    elif not plans or steps is not None or size is not None:
        raise InvalidArgumentError(
            "plans is empty, or given together with steps or size; give at least one plan, with "
            "its own steps and size."
        )
    named = {plan.encoder for plan in plans} - {None}
    if named - {encoder}:
        raise InvalidArgumentError(
            f"The plans name the encoders {sorted(map(str, named))}, but encoder is {encoder!r}; "
            "give the one that they name."
        )
    source = None if encoder is None else load_encoder(encoder, size=plans[0].size)
    store = RunStore(folder, "" if source is None else source.digest)
    todo = [_job(plan, each, store) for plan in plans]
    outcomes = _all(todo, store, jobs, source, progress or (lambda *_: None))
    return counting_report(
        "own plans" if own else profile, plans, [outcomes[plan] for plan in plans]
    )


def _job(plan: CountingPlan, each: int, store: RunStore) -> _Job:
    shown = pictured(plan)
    decoder = min(_DECODER_STEPS, plan.steps) if shown else 0
    return _Job(plan, each, decoder, store.checkpoint(plan, each, decoder), plan.encoder)


def _all(
    todo: Sequence[_Job], store: RunStore, jobs: int, source: EncoderSource | None, tell: Progress
) -> dict[CountingPlan, Outcome]:
    """Load what is there, make the rest, keep each run as soon as it is done."""
    found: dict[CountingPlan, Outcome] = {}
    for job in todo:
        loaded = store.load(job.plan, job.each, job.decoder_steps)
        if loaded is not None:
            found[job.plan] = loaded
    board = _Board(todo, found, tell)
    missing = [job for job in todo if job.plan not in found]
    for job, outcome in _made(missing, min(jobs, len(missing)), source, board):
        if isinstance(outcome, CountingRun):
            store.save(outcome, job.each, job.decoder_steps)
        found[job.plan] = outcome
        board.finish(job.plan)
    return found


class _Board:
    """Counts steps of all runs, and shows them."""

    def __init__(self, todo: Sequence[_Job], found: dict[CountingPlan, Outcome], tell: Progress):
        self.steps = {job.plan: job.plan.steps if job.plan in found else 0 for job in todo}
        self.total = sum(job.plan.steps for job in todo)
        self.done, self.tell = len(found), tell
        self.show(f"{len(found)} of {count(len(todo), 'run')} found" if found else "")

    def step(self, plan: CountingPlan, step: int) -> None:
        """Note that a run has done some steps."""
        self.steps[plan] = max(step, self.steps[plan])
        network = plan.encoder or plan.architecture
        where = f"{plan.design} on {plan.control}, {network}, seed {plan.seed}"
        self.show(f"{self.done} of {count(len(self.steps), 'run')}; {where}")

    def finish(self, plan: CountingPlan) -> None:
        """Note that a run is done."""
        self.done += 1
        self.step(plan, plan.steps)

    def show(self, note: str) -> None:
        """Tell the listener."""
        self.tell("counting", sum(self.steps.values()), self.total, note)


def _made(
    todo: Sequence[_Job], jobs: int, source: EncoderSource | None, board: _Board
) -> Iterator[tuple[_Job, Outcome]]:
    if jobs <= 1:
        factory = None if source is None else source.factory
        for job in todo:
            yield job, _make(job, factory, lambda step, job=job: board.step(job.plan, step))  # type: ignore[misc]
        return
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(told,))
    try:
        open_futures = {pool.submit(_worker, k, job): job for k, job in enumerate(todo)}
        while open_futures:
            done, _ = wait(open_futures, timeout=_POLL, return_when=FIRST_COMPLETED)
            for k, step in _drain(told):
                board.step(todo[k].plan, step)
            for future in done:
                yield open_futures.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _drain(told: Any) -> Iterator[tuple[int, int]]:
    while True:
        try:
            yield told.get_nowait()
        except Empty:
            return


def _make(job: _Job, factory: Callable[[int], Any] | None, told: Callable[[int], None]) -> Outcome:
    """Train and measure one run; a run that fails is an outcome too."""

    def progress(step: int, steps: int, losses: LossPoint) -> None:
        told(step)

    try:
        return run_counting(
            job.plan, encoder_factory=None if job.encoder is None else factory,
            checkpoint=job.checkpoint, every=_EVERY, progress=progress, each=job.each,
            decoder_steps=job.decoder_steps,
        )  # fmt: skip
    except SubjectError as error:
        return Failure(job.plan, str(error))
    except Exception as error:
        if job.encoder is None:
            raise
        return Failure(job.plan, f"{job.encoder} raised {type(error).__name__}: {error}")


#: The queue to the parent, in a worker.
_TOLD: list[Any] = []


def _begin(told: Any) -> None:
    """Keep the queue, and end this worker when the command is killed: nobody would read it."""
    told.cancel_join_thread()  # what nobody reads any more must not hold the worker up
    _TOLD.append(told)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _worker(k: int, job: _Job) -> Outcome:
    """Run one job in a worker, which loads the encoder by its name."""
    factory = None
    if job.encoder is not None:
        factory = load_encoder(job.encoder, size=job.plan.size, seed=job.plan.seed).factory
    return _make(job, factory, lambda step: _TOLD[0].put((k, step)))
