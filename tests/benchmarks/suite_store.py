"""Measure a store of 100,000 cases: adding them, resuming from them, and the report of them.

Run ``OMP_NUM_THREADS=1 python tests/benchmarks/suite_store.py [CASES] [FOLDER]``; it prints a
table. Cases are real results of three subjects under other names; FOLDER keeps the file.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from tellapart.models.zoo.registry import ZOO
from tellapart.properties.suite.checks.exact import counting
from tellapart.properties.suite.outcomes import CaseResult, Outcome
from tellapart.properties.suite.registry import SPEC, Tier, check
from tellapart.properties.suite.results import Report
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.store import Store, report_of_store
from tellapart.properties.suite.trial import Trial

N_CHECKS = 40
#: Of 200 cases of a check: so many collapse, so many are vacuous; the others hold.
COLLAPSED, VACUOUS = 1, 5
RUN: dict[str, Any] = {
    "subject": "made", "profile": "campaign", "seed": 0, "spec": SPEC, "merge_tolerance": 1e-3
}  # fmt: skip


def register(number: int) -> None:
    """Register a check that is never run here."""

    @check(
        id=f"made-{number:02}", tier=Tier.RANDOM, cost=counting.cost, title="Made up", why="None.",
        scenarios=lambda profile: (), passes=["joint"], fails=["merged-ends"],
    )  # fmt: skip
    def never(trial: Trial) -> Outcome:
        raise AssertionError(trial)


def template(subject: Any) -> CaseResult:
    """Return a real result."""
    report = check_encoder(subject, profile="smoke", only=["exact-counting"], on_fail=None)
    return report.results[0].cases[0]


def made_cases(n: int) -> Iterator[CaseResult]:
    """Yield results under many names."""
    holds, vacuous = template("joint"), template("dynamics-only")
    collapsed = template(ZOO["merged-ends"].build)
    for number in range(n):
        place = number // N_CHECKS
        of_200 = place % 200
        one = collapsed if of_200 < COLLAPSED else vacuous if of_200 < VACUOUS else holds
        yield replace(
            one, check=f"made-{number % N_CHECKS:02}", scenario=f"case-{place}", seed=number
        )


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the CPU time of some work, and what it returned."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def fill(path: Path, cases: list[CaseResult]) -> None:
    """Add all cases."""
    with Store.open(path, **RUN) as store:
        for one in cases:
            store.add(one)


def resume(path: Path, ids: list[str]) -> int:
    """Return how many cases of the plan are known."""
    with Store.open(path, **RUN) as store:
        return len(store.recall(ids).ids)


def page(report: Report, path: Path) -> int:
    """Write the page and return its size."""
    report.to_html(path)
    return path.stat().st_size


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=100_000)
    parser.add_argument("folder", nargs="?", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for number in range(N_CHECKS):
        register(number)
    with tempfile.TemporaryDirectory() as temporary:
        path = (given.folder or Path(temporary)) / "made.sqlite"
        path.unlink(missing_ok=True)
        cases = list(made_cases(given.cases))
        ids = [one.id for one in cases]
        adding, _ = seconds(partial(fill, path, cases))
        del cases
        resuming, known = seconds(lambda: resume(path, ids))
        reporting, report = seconds(lambda: report_of_store(path))
        assert report.n_cases == known == given.cases, (report.n_cases, known)
        drawing, size = seconds(lambda: page(report, path.with_suffix(".html")))
        shown = sum(len(one.cases) for one in report.results)
        megabytes = path.stat().st_size / 1e6
    print("| what | CPU time |\n|---|---|")
    print(f"| adding one case | {1e6 * adding / given.cases:.0f} us |")
    print(f"| resuming from {given.cases:,} cases | {resuming:.2f} s |")
    print(f"| the report, {shown} cases in full | {reporting:.2f} s |")
    print(f"| its HTML page, {size / 1e6:.1f} MB | {drawing:.2f} s |")
    print(f"\nThe file has {megabytes:.0f} MB.")


if __name__ == "__main__":
    main()
