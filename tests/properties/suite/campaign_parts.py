"""Small campaigns: checks that answer at once, some of which kill their process.

Imported by name in other processes too, so it loads no torch.
"""

import os
import signal
from dataclasses import replace
from pathlib import Path

from tellapart.properties.suite.advice_item import Advice
from tellapart.properties.suite.outcomes import CaseResult, DepthShare, Outcome, SystemFacts
from tellapart.properties.suite.plan import Job, seed_of
from tellapart.properties.suite.verdicts import SuiteVerdict

VERDICTS = (
    SuiteVerdict.HOLDS, SuiteVerdict.HOLDS, SuiteVerdict.VACUOUS, SuiteVerdict.COLLAPSED,
    SuiteVerdict.SKIPPED, SuiteVerdict.BROKEN,
)  # fmt: skip


def job(check: str, scenario: str, tier: str = "exact") -> Job:
    return Job(check, __name__, scenario, seed_of(f"{check}/{scenario}", 0), tier)


def plan(n_cases: int = 10, checks: tuple[str, ...] = ("check-a", "check-b")) -> tuple[Job, ...]:
    return tuple(job(check, f"case-{number}") for number in range(n_cases) for check in checks)


def answer(job: Job) -> CaseResult:
    """Return a result that depends on the job alone, with something in every field that counts."""
    seed = job.seed
    verdict = VERDICTS[seed % len(VERDICTS)]
    outcome = Outcome(
        verdict,
        f"seed {seed}",
        grade="resolved" if seed % 3 else None,
        system=SystemFacts(f"system {seed % 5}", f"{seed % 5:064x}", 9, 2, 4 + seed % 5, 3),
        by_depth=tuple(
            DepthShare(depth, 4 + seed % (depth + 3), seed % 2, 1 / (1 + seed % 97))
            for depth in range(seed % 4)
        ),
        margin=seed / 2**33 if seed % 2 else None,
        ratio=seed / 2**31,
        losses=(seed / 2**32, 0.0),
        notes=(f"note {seed % 3}", "common") if seed % 4 == 0 else (),
    )
    if verdict is SuiteVerdict.VACUOUS:
        text = f"The loss stays at {seed}."
        outcome = replace(outcome, advice=(Advice("plateau", text, "Go on.", "measured"),))
    return CaseResult(job.check, job.scenario, job.tier, seed, outcome, (seed % 7) / 8)


def answer_or_die(job: Job, folder: str) -> CaseResult:
    """Answer; but cases with a telling name kill their process, always or the first time."""
    name = job.scenario
    if name.startswith("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("mortal"):
        try:
            (Path(folder) / name).touch(exist_ok=False)
        except FileExistsError:
            return answer(job)
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("unsendable"):
        return lambda: None  # type: ignore[return-value]
    return answer(job)
