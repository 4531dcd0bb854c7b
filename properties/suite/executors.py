"""Where cases are run: in this process, in processes of this machine, or on a Dask cluster.

The engine knows only :class:`concurrent.futures.Executor`, so any other executor will do as well.
It makes use of three things that an executor may have beyond that: ``kill_workers()`` to end at
once, ``width``, the number of cases to give it at a time, and :class:`WorkerLost` as the exception
of a future whose worker died while the others live on.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

from tellapart.theory.errors import InvalidArgumentError

__all__ = [
    "DaskExecutor",
    "InlineExecutor",
    "LocalProcesses",
    "OpenExecutor",
    "WorkerLost",
    "dask_executors",
    "local_processes",
]

T = TypeVar("T")
OpenExecutor = Callable[[], Executor]

#: Cases given to a cluster for each of its workers, so that none waits for the next one.
_PER_WORKER = 2
#: Seconds after which the size of a cluster is looked at again: workers come and go.
_SECONDS_BETWEEN = 5.0


class WorkerLost(BrokenExecutor):
    """The worker that ran this case died; the executor and its other workers live on."""


class InlineExecutor(Executor):
    """Runs what is submitted at once, in this process."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Run it and return a future that is done."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class LocalProcesses(ProcessPoolExecutor):
    """Processes of this machine that can be killed, and that never outlive this one."""

    def kill_workers(self) -> None:
        """End all processes at once; what they were doing is lost."""
        for process in list((self._processes or {}).values()):
            process.kill()


def local_processes(jobs: int) -> LocalProcesses:
    """Return an executor of fresh processes (spawned: no thread or lock of this one is inherited).

    Parameters
    ----------
    jobs
        How many.
    """
    return LocalProcesses(jobs, mp_context=get_context("spawn"), initializer=_prepare)


def _prepare() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that collects
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of the process that collects: without it a worker would wait for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class DaskExecutor(Executor):
    """Runs what is submitted on the workers of a Dask cluster.

    Parameters
    ----------
    client
        A ``distributed.Client``; it stays open when the executor is shut down.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inner = client.get_executor(pure=False)
        self._width, self._looked = 0, float("-inf")

    @property
    def width(self) -> int:
        """Cases to give at a time: twice as many as the cluster has workers now.

        Raises
        ------
        InvalidArgumentError
            When a worker has several threads: they would share one global random state.
        """
        if time.monotonic() - self._looked > _SECONDS_BETWEEN:
            workers = self._client.nthreads()
            for worker, threads in sorted(workers.items()):
                if threads != 1:
                    raise InvalidArgumentError(
                        f"The Dask worker {worker} has {threads} threads, which share one global "
                        "random state, so that results would depend on chance. Start workers with "
                        "`dask worker --nthreads 1`, and more of them with --nworkers."
                    )
            self._width = _PER_WORKER * len(workers)
            self._looked = time.monotonic()
        return self._width

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Send it to the cluster; :class:`WorkerLost` when every worker that tried it died."""
        outer: Future[T] = Future()
        inner = self._inner.submit(fn, *args, **kwargs)
        inner.add_done_callback(partial(_pass_on, outer))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more; cancel what was sent, or wait for it."""
        self._inner.shutdown(wait=wait and not cancel_futures)


def _pass_on(outer: "Future[Any]", inner: "Future[Any]") -> None:
    """Hand over what came of a case, in words that the engine knows."""
    if inner.cancelled():
        outer.set_exception(CancelledError("the scheduler has forgotten it"))
        return
    error = inner.exception()
    if error is None:
        outer.set_result(inner.result())
    elif isinstance(error, import_module("distributed").KilledWorker):
        outer.set_exception(WorkerLost(str(error)))
    else:
        outer.set_exception(error)


@contextmanager
def dask_executors(address: str) -> Iterator[OpenExecutor]:
    """Yield what opens executors on a Dask cluster.

    Parameters
    ----------
    address
        Of the scheduler, ``"tcp://host:8786"``.

    Raises
    ------
    InvalidArgumentError
        When Dask is not installed, or nothing answers there.
    """
    try:
        distributed = import_module("distributed")  # optional, and without types
    except ImportError as error:
        raise InvalidArgumentError(
            "A scheduler needs Dask, which is not installed: pip install 'tellapart[dask]'."
        ) from error
    try:
        client = distributed.Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidArgumentError(
            f"No Dask scheduler answers at {address!r} ({error}). Start one with `dask scheduler`, "
            "and workers with `dask worker tcp://...`."
        ) from error
    try:
        yield partial(DaskExecutor, client)
    finally:
        client.close()
