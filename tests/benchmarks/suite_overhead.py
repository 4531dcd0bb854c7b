"""Measure what the suite costs beside its cases: 20 ms of CPU each, two processes, a store.

Run ``OMP_NUM_THREADS=1 python tests/benchmarks/suite_overhead.py [CASES]``. The first figure is CPU
time of the process that collects, for each case; it does not depend on what else the machine does.
The second compares the time by the clock with that of the cases alone, and does.
"""

import argparse
import tempfile
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from suite_burning import BURN, burn

from tellapart.properties.suite.engine import Engine
from tellapart.properties.suite.executors import local_processes
from tellapart.properties.suite.plan import make_plan
from tellapart.properties.suite.profiles import SUITE_PROFILES
from tellapart.properties.suite.registry import SPEC
from tellapart.properties.suite.store import Store
from tellapart.properties.suite.work import Portable, Task, run_task

JOBS = 2


def measured(work: Callable[[], Any]) -> tuple[float, float]:
    """Return the CPU time of this process, and the time by the clock."""
    cpu, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - clock


def bare(executor: Any, tasks: list[Task]) -> None:
    """Run tasks by the executor alone, as many at a time as the suite does."""
    flying: deque[Any] = deque()
    for task in tasks:
        if len(flying) == 2 * JOBS:
            flying.popleft().result()
        flying.append(executor.submit(run_task, task))
    for future in flying:
        future.result()


def main() -> None:
    """Print both figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=1000)
    n_cases = parser.parse_args().cases
    profile, subject = SUITE_PROFILES["ci"], Portable("joint", "joint")
    plan = make_plan((burn,), profile, 0)[:n_cases]
    tasks = {job.id: Task(subject, job, profile, 1e-3) for job in plan}
    executor = local_processes(JOBS)
    for future in [executor.submit(run_task, tasks[job.id]) for job in plan[: 4 * JOBS]]:
        future.result()  # processes are up, and everything is imported

    opened = partial(_Borrowed, executor)
    with tempfile.TemporaryDirectory() as folder:
        run = {"subject": "joint", "profile": "ci", "seed": 0, "spec": SPEC}
        with Store.open(f"{folder}/a.sqlite", **run, merge_tolerance=1e-3) as store:
            engine = Engine(
                plan, {"made-to-burn": burn},
                lambda executor, job: executor.submit(run_task, tasks[job.id]), opened, (), 0.2, {},
                width=2 * JOBS, ledger=store,
            )  # fmt: skip
            cpu, clock = measured(engine.run)
            assert len(store) == n_cases
    alone_cpu, _ = measured(partial(bare, executor, list(tasks.values())))
    executor.shutdown()
    alone = n_cases * BURN / JOBS
    print(f"{n_cases} cases of {1e3 * BURN:.0f} ms, {JOBS} processes")
    print(f"CPU time of the collecting process: {1e3 * cpu / n_cases:.2f} ms a case")
    print(f"  as a share of the work: {cpu / n_cases / BURN:.1%}")
    print(f"  of which ProcessPoolExecutor alone: {1e3 * alone_cpu / n_cases:.2f} ms a case")
    print(f"by the clock: {clock:.1f} s; the cases alone: {alone:.1f} s ({clock / alone - 1:.1%})")


class _Borrowed:
    """An executor that is not shut down by who uses it."""

    def __init__(self, executor: Any) -> None:
        self.submit = executor.submit

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave it as it is."""


if __name__ == "__main__":
    main()
