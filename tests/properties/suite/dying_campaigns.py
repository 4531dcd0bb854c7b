"""A script: run a campaign again and again, killed before each SQL statement, and resume it.

``python dying_campaigns.py FOLDER`` prints, for each statement, the signal that ended the first run
and whether the second one came to the same results as a run that nothing disturbed.
"""

import json
import os
import signal
import sys
import warnings
from concurrent.futures import Executor, Future
from pathlib import Path

from campaign_parts import answer, plan

from tellapart.properties.suite.engine import Engine
from tellapart.properties.suite.executors import InlineExecutor
from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.plan import Job
from tellapart.properties.suite.registry import check_named
from tellapart.properties.suite.store import Store, report_of_store

CHECKS = ("exact-counting",)
PLAN = plan(5, CHECKS)
RUN = {
    "subject": "made", "profile": "ci", "seed": 0, "spec": "2026.1", "merge_tolerance": 1e-3
}  # fmt: skip


def submit(executor: Executor, job: Job) -> "Future[CaseResult]":
    return executor.submit(answer, job)


def campaign(path: Path, kill_at: int | None = None) -> tuple[list[str], int]:
    """Run the campaign; with ``kill_at``, up to that SQL statement."""
    left = [kill_at]
    count = [0]

    def statement(text: str) -> None:
        count[0] += 1
        if left[0] is not None and count[0] == left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    with Store.open(path, **RUN) as store:  # type: ignore[arg-type]
        store._connection.set_trace_callback(statement)
        checks = {id: check_named(id) for id in CHECKS}
        engine = Engine(PLAN, checks, submit, InlineExecutor, (), 0.2, {}, ledger=store)
        found = [one.to_json() for one in engine.run()]
    return found, count[0]


def main() -> None:
    warnings.simplefilter("ignore")  # of forking beside threads that torch may have started
    folder = Path(sys.argv[1])
    expected, n_statements = campaign(folder / "whole.sqlite")
    told = []
    for kill_at in range(1, n_statements + 1):
        path = folder / f"killed-{kill_at}.sqlite"
        child = os.fork()
        if child == 0:
            campaign(path, kill_at)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        before = report_of_store(path)
        found, _ = campaign(path)
        after = report_of_store(path)
        told.append(
            {
                "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                "done": before.n_cases,
                "same": found == expected and [one.to_json() for one in after.results] == expected,
                "cases": after.n_cases,
                "interrupted": after.interrupted,
            }
        )
    print(json.dumps({"killed": told, "n_cases": len(PLAN)}))


if __name__ == "__main__":
    main()
