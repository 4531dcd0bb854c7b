"""Runs of a study in this process or in several: whatever a user's encoder does, a run ends."""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stdout
from dataclasses import dataclass
from multiprocessing import connection
from pathlib import Path
from queue import Empty
from typing import Any

from torch import nn

from tellapart.models.counting.checkpoints import CheckpointError, CheckpointWriteError
from tellapart.models.counting.losses import LossPoint
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun, run_counting
from tellapart.models.subject import SubjectError
from tellapart.properties.counting.encoders import blame, encoder_factory
from tellapart.properties.counting.report import Failure

__all__ = ["Job", "Outcome", "finished_jobs"]

Outcome = CountingRun | Failure
Told = Callable[[CountingPlan, int], None]
Factory = Callable[[int], nn.Module]

_EVERY, _POLL = 250, 0.25


@dataclass(frozen=True, slots=True)
class Job:
    """One run, as a worker gets it.

    Attributes
    ----------
    plan
        What to train.
    each
        Held-out transitions for each count and action.
    decoder_steps
        Of the decoder; 0: none.
    checkpoint
        Where the run is kept while it is trained.
    encoder
        The name of the user's, or None.
    """

    plan: CountingPlan
    each: int
    decoder_steps: int
    checkpoint: Path | None
    encoder: str | None


def finished_jobs(
    todo: Sequence[Job], jobs: int, factory: Factory | None, told: Told
) -> Generator[tuple[Job, Outcome], None, None]:
    """Do all jobs and yield each as soon as it is done.

    Parameters
    ----------
    todo
        What to do.
    jobs
        Processes; 1 is this one.
    factory
        Of the user's encoder, where a job names one; other processes load it by its name.
    told
        Called with a plan and the number of its steps that are done.

    Raises
    ------
    CheckpointWriteError
        When no checkpoint can be written.

    Notes
    -----
    Close the iterator to stop: workers end at once, and their checkpoints stay.
    """
    if jobs > 1:
        yield from _by_processes(todo, jobs, told)
        return
    for job in todo:
        yield job, _make(job, lambda: factory, lambda step, job=job: told(job.plan, step))  # type: ignore[misc]


class _Pool:
    """One worker that can be replaced when it has died, and that a closed pipe ends."""

    def __init__(self, told: Any, stop: Any, context: Any) -> None:
        self.arguments, self.context = (told, stop), context
        self.renew()

    def renew(self) -> None:
        """Take a fresh process."""
        self.pool = ProcessPoolExecutor(
            1, mp_context=self.context, initializer=_begin, initargs=self.arguments
        )


def _by_processes(todo: Sequence[Job], jobs: int, told: Told) -> Iterator[tuple[Job, Outcome]]:
    """Give each process one run at a time, so that a dead one is the end of that run only."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    listener, stop = context.Pipe(duplex=False)
    pools = [_Pool(queue, listener, context) for _ in range(jobs)]
    idle, waiting = list(pools), deque(enumerate(todo))
    running: dict[Future[Outcome], tuple[_Pool, Job]] = {}
    try:
        while waiting or running:
            while idle and waiting:
                pool, (k, job) = idle.pop(), waiting.popleft()
                running[pool.pool.submit(_worker, k, job)] = pool, job
            done, _ = wait(running, timeout=_POLL, return_when=FIRST_COMPLETED)
            for k, step in _drain(queue):
                told(todo[k].plan, step)
            for future in done:
                pool, job = running.pop(future)
                idle.append(pool)
                yield job, _outcome(future, pool, job)
    finally:
        stop.close()  # the workers see it, and end in the middle of a step
        for pool in pools:
            pool.pool.shutdown(wait=True, cancel_futures=True)
        listener.close()


def _outcome(future: "Future[Outcome]", pool: _Pool, job: Job) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        pool.pool.shutdown(wait=True)
        pool.renew()
        return Failure(
            job.plan, "the process of this run died (out of memory? a crash or os._exit in the "
            "encoder?)",
        )  # fmt: skip


def _drain(told: Any) -> Iterator[tuple[int, int]]:
    while True:
        try:
            yield told.get_nowait()
        except Empty:
            return


def _make(job: Job, load: Callable[[], Factory | None], told: Callable[[int], None]) -> Outcome:
    """Train and measure one run; a run that fails is an outcome too."""
    if job.encoder is None:
        try:
            return _trained(job, None, told)
        except SubjectError as error:
            return Failure(job.plan, str(error))
    stdout = sys.stdout

    def tell(step: int) -> None:
        with redirect_stdout(stdout):  # the listener is not the user's encoder
            told(step)

    try:
        with redirect_stdout(sys.stderr):
            return _trained(job, load(), tell)
    except CheckpointWriteError:
        raise
    except SubjectError as error:
        return Failure(job.plan, str(error))
    except (Exception, SystemExit) as error:
        return Failure(job.plan, blame(job.encoder, error))


def _trained(job: Job, factory: Factory | None, told: Callable[[int], None]) -> CountingRun:
    """Train from the checkpoint, or from the beginning where it cannot be continued."""

    def progress(step: int, steps: int, losses: LossPoint) -> None:
        told(step)

    def train() -> CountingRun:
        return run_counting(
            job.plan, encoder_factory=factory, checkpoint=job.checkpoint, every=_EVERY,
            progress=progress, each=job.each, decoder_steps=job.decoder_steps,
        )  # fmt: skip

    try:
        return train()
    except CheckpointError:
        if job.checkpoint is None:
            raise
    _remove(job.checkpoint)
    return train()


def _remove(checkpoint: Path) -> None:
    try:
        checkpoint.unlink(missing_ok=True)
    except OSError as error:
        raise CheckpointWriteError(
            f"The damaged checkpoint {checkpoint} cannot be removed: {error.strerror or error}. "
            "Remove it, or name another folder."
        ) from error


#: The queue to the parent, in a worker.
_TOLD: list[Any] = []


def _begin(told: Any, stop: Any) -> None:
    """Keep the queue, and end this worker when the command is killed or stops."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which decides
    told.cancel_join_thread()  # what nobody reads any more must not hold the worker up
    _TOLD.append(told)
    parent = multiprocessing.parent_process()
    ends = [stop] if parent is None else [stop, parent.sentinel]

    def watch() -> None:
        connection.wait(ends)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _worker(k: int, job: Job) -> Outcome:
    """Run one job in a worker, which loads the encoder by its name."""

    def load() -> Factory | None:
        return None if job.encoder is None else encoder_factory(job.encoder)

    return _make(job, load, lambda step: _TOLD[0].put((k, step)))
