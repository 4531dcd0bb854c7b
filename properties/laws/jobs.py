"""Laws in several processes: each starts fresh, and everything that passes between is text."""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from tellapart.properties.laws.summary import LawResult

__all__ = ["Pool", "Task", "opened_pool"]


@dataclass(frozen=True)
class Task:
    """One run of a law, by names.

    Attributes
    ----------
    law, profile
        Names.
    seed, max_seconds, database
        As for :func:`tellapart.properties.laws.engine.run_law`.
    """

    law: str
    profile: str
    seed: int
    max_seconds: float | None
    database: str | None


@dataclass(frozen=True)
class Pool:
    """Processes that run laws."""

    executor: ProcessPoolExecutor

    def run(self, tasks: Sequence[Task]) -> Iterator[LawResult]:
        """Yield the results as they come."""
        for future in as_completed([self.executor.submit(_work, task) for task in tasks]):
            yield LawResult.from_json(future.result())


@contextmanager
def opened_pool(jobs: int) -> Iterator[Pool]:
    """Start processes (spawned, so that no thread or lock of this one is inherited)."""
    from hypothesis.configuration import storage_directory

    home = str(storage_directory(intent_to_write=False).path)
    executor = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_prepare, initargs=(home,)
    )
    try:
        yield Pool(executor)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _prepare(home: str) -> None:
    from hypothesis.configuration import set_hypothesis_home_dir

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the task, not the idle process
    set_hypothesis_home_dir(home)


def _work(task: Task) -> str:
    from tellapart.properties.laws.engine import run_law
    from tellapart.properties.laws.registry import law_named

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = run_law(
            law_named(task.law),
            profile=task.profile,
            seed=task.seed,
            max_seconds=task.max_seconds,
            database=task.database,
        )
        return result.to_json()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
