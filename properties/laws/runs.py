"""Run many laws: one after another or in several processes, once or pass after pass."""

import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tellapart.properties.laws.engine import DATABASE, check_positive, run_law
from tellapart.properties.laws.jobs import Pool, Task, opened_pool
from tellapart.properties.laws.law import Cost, Law
from tellapart.properties.laws.profiles import PROFILES, Profile, profile_named
from tellapart.properties.laws.registry import LAWS
from tellapart.properties.laws.summary import LawResult, LawsReport, LawVerdict, merged
from tellapart.theory.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.properties.check_extras import Progress

__all__ = ["run_laws"]

#: A pass that would leave a law less time than this is not begun.
_LEAST_SLICE = 0.5


def run_laws(
    laws: Iterable[Law] | None = None,
    *,
    profile: Profile | str = "ci",
    seed: int | None = None,
    jobs: int = 1,
    hours: float | None = None,
    max_seconds: float | None = None,
    database: Path | str | None = None,
    progress: "Progress | None" = None,
) -> LawsReport:
    """Look for examples that contradict laws.

    Parameters
    ----------
    laws
        Which; default: all.
    profile, seed, max_seconds, database
        As for :func:`.engine.run_law`, of each law.
    jobs
        Processes. More than one needs the laws of the registry, and a main module that may be
        imported again (``if __name__ == "__main__"``).
    hours
        Time of the whole run, for profiles that repeat.
    progress
        Called with ``"laws"``, how many are done, how many there are, and a note.

    Returns
    -------
    LawsReport
        With the results in the order of ``laws``, whatever the number of jobs.

    Raises
    ------
    InvalidArgumentError
        For arguments that cannot be used together, no law, or as for :func:`.engine.run_law`.

    Notes
    -----
    Profiles that repeat give every law ``profile.slice_seconds``, then begin anew with the seeds
    that follow, until the time is over; laws that are broken drop out. Ctrl-C ends them with the
    results so far.
    """
    chosen = profile_named(profile)
    wanted = tuple(LAWS.values()) if laws is None else tuple(laws)
    _check_arguments(wanted, chosen, jobs, hours)
    check_positive("max_seconds", max_seconds)
    if chosen.repeats:
        seed = secrets.randbits(48) if seed is None else seed
        database = DATABASE if database is None else database
    plan = _Plan(
        wanted, chosen, 0 if seed is None else seed, jobs, max_seconds,
        None if database is None else str(database), progress or _silent,
    )  # fmt: skip
    started = time.monotonic()
    hours = chosen.hours if hours is None else hours
    ends = None if hours is None else started + 3600 * hours
    found: dict[str, LawResult] = {}
    interrupted = False
    holder: AbstractContextManager[Pool | None] = nullcontext()
    if jobs > 1:
        holder = opened_pool(jobs)
    with holder as pool:
        try:
            for law, result in _passes(plan, found, ends, pool):
                found[law.id] = merged(found[law.id], result) if law.id in found else result
        except KeyboardInterrupt:
            if not chosen.repeats:
                raise
            interrupted = True
    results = tuple(found[law.id] for law in wanted if law.id in found)
    return LawsReport(chosen.name, results, time.monotonic() - started, interrupted)


@dataclass(frozen=True)
class _Plan:
    """What was asked for."""

    laws: tuple[Law, ...]
    profile: Profile
    seed: int
    jobs: int
    max_seconds: float | None
    database: str | None
    progress: "Progress"

    def task(self, law: Law, done: LawResult | None, seconds: float | None) -> Task:
        """Return the next run of a law, with the seeds that follow those it had."""
        rounds = 0 if done is None else done.n_rounds
        return Task(law.id, self.profile.name, self.seed + rounds, seconds, self.database)


def _passes(
    plan: _Plan, found: dict[str, LawResult], ends: float | None, pool: Pool | None
) -> Iterator[tuple[Law, LawResult]]:
    """Yield results; with a profile that repeats, of pass after pass."""
    if not plan.profile.repeats:
        yield from _one_pass(plan, plan.laws, found, plan.max_seconds, pool)
        return
    usual = plan.max_seconds or plan.profile.slice_seconds
    while True:
        alive = tuple(
            law for law in plan.laws
            if law.id not in found or found[law.id].verdict is not LawVerdict.BROKEN
        )  # fmt: skip
        share = usual
        if ends is not None and alive:
            rest = ends - time.monotonic()
            share = min(usual, rest * min(plan.jobs, len(alive)) / len(alive))
        if not alive or (share < _LEAST_SLICE and found):
            return
        yield from _one_pass(plan, alive, found, max(share, _LEAST_SLICE), pool)


def _one_pass(
    plan: _Plan,
    laws: tuple[Law, ...],
    found: dict[str, LawResult],
    seconds: float | None,
    pool: Pool | None,
) -> Iterator[tuple[Law, LawResult]]:
    tasks = {law.id: plan.task(law, found.get(law.id), seconds) for law in laws}
    by_name = {law.id: law for law in laws}
    n = len(laws)
    if pool is None:
        for done, law in enumerate(laws):
            yield law, _here(law, tasks[law.id], plan, done, n)
    else:
        plan.progress("laws", 0, n, "")
        # The longest first, so that no process is left alone with one of them at the end.
        order = sorted(laws, key=lambda law: -list(Cost).index(law.cost))
        results = pool.run([tasks[law.id] for law in order])
        for done, result in enumerate(results, start=1):
            plan.progress("laws", done, n, f"{result.law}: {result.n_examples} examples")
            yield by_name[result.law], result
    plan.progress("laws", n, n, "")


def _here(law: Law, task: Task, plan: _Plan, done: int, n: int) -> LawResult:
    """Run a task in this process, telling every example."""
    plan.progress("laws", done, n, law.id)
    return run_law(
        law,
        profile=plan.profile,
        seed=task.seed,
        max_seconds=task.max_seconds,
        database=task.database,
        on_example=lambda tally: plan.progress(
            "laws", done, n, f"{law.id}: {tally.checked} examples"
        ),
    )


def _check_arguments(
    laws: tuple[Law, ...], profile: Profile, jobs: int, hours: float | None
) -> None:
    if not laws:
        raise InvalidArgumentError("There is no law to run; give at least one.")
    for law in laws:
        if not isinstance(law, Law):
            raise InvalidArgumentError(
                f"{law!r} is a {type(law).__name__}; give laws, as of laws_named(['S4'])."
            )
    names = [law.id for law in laws]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidArgumentError(f"The law {twice!r} is given twice; give each law once.")
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise InvalidArgumentError(f"jobs is {jobs!r}; it must be an integer >= 1.")
    if jobs > 1:
        _check_known(laws, profile)
    check_positive("hours", hours)
    if hours is not None and not profile.repeats:
        repeating = ", ".join(name for name, one in PROFILES.items() if one.repeats)
        raise InvalidArgumentError(
            f"hours is {hours!r}, but the profile {profile.name!r} is one round of examples; give "
            f"no hours, or one of the profiles {repeating}."
        )


def _check_known(laws: tuple[Law, ...], profile: Profile) -> None:
    """Other processes find laws and profiles by their names."""
    for law in laws:
        if LAWS.get(law.id) is not law:
            raise InvalidArgumentError(
                f"{law!r} is not in the registry, and other processes find laws there; use jobs=1."
            )
    if PROFILES.get(profile.name) is not profile:
        raise InvalidArgumentError(
            f"{profile!r} is not one of PROFILES, and other processes find it there; use jobs=1."
        )


def _silent(stage: str, done: int, total: int | None, note: str) -> None:
    """Report nothing."""
