"""Run a study of the counting environment: by processes, resumable, with progress."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun
from tellapart.models.fit import check_integer
from tellapart.properties.counting.encoders import EncoderSource, load_encoder
from tellapart.properties.counting.report import CountingReport, counting_report
from tellapart.properties.counting.store import RunStore
from tellapart.properties.counting.study import pictured, study_plans
from tellapart.properties.counting.workers import Job, Outcome, finished_jobs
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.wording import count

__all__ = ["reproduce_counting"]

Progress = Callable[[str, int, int | None, str], None]
_DECODER_STEPS = 300


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
        A run that fails is listed in it with the reason: training diverges, the encoder raises or
        ends the program, the process dies.

    Raises
    ------
    InvalidArgumentError
        For unknown names and numbers out of range, an unusable folder or encoder, a run that
        cannot be written.
    CheckpointWriteError
        When the disk is full.
    SubjectSourceError
        When the encoder cannot be loaded.

    Notes
    -----
    A run depends on its plan alone: neither ``jobs`` nor an interruption changes a number but the
    CPU seconds, on one machine. A checkpoint that is damaged or another run's is begun again.

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


def _job(plan: CountingPlan, each: int, store: RunStore) -> Job:
    shown = pictured(plan)
    decoder = min(_DECODER_STEPS, plan.steps) if shown else 0
    return Job(plan, each, decoder, store.checkpoint(plan, each, decoder), plan.encoder)


def _all(
    todo: Sequence[Job], store: RunStore, jobs: int, source: EncoderSource | None, tell: Progress
) -> dict[CountingPlan, Outcome]:
    """Load what is there, make the rest, keep each run as soon as it is done."""
    found: dict[CountingPlan, Outcome] = {}
    for job in todo:
        loaded = store.load(job.plan, job.each, job.decoder_steps)
        if loaded is not None:
            found[job.plan] = loaded
    board = _Board(todo, found, tell)
    missing = [job for job in todo if job.plan not in found]
    factory = None if source is None else source.factory
    made = finished_jobs(missing, min(jobs, len(missing)), factory, board.step)
    with closing(made):  # an error or Ctrl-C here stops the workers
        for job, outcome in made:
            if isinstance(outcome, CountingRun):
                store.save(outcome, job.each, job.decoder_steps)
            found[job.plan] = outcome
            board.finish(job.plan)
    return found


class _Board:
    """Counts steps of all runs, and shows them."""

    def __init__(self, todo: Sequence[Job], found: dict[CountingPlan, Outcome], tell: Progress):
        self.steps = {job.plan: job.plan.steps if job.plan in found else 0 for job in todo}
        self.total = sum(job.plan.steps for job in todo)
        self.done, self.tell = len(found), tell
        self.show(f"{len(found)} of {count(len(todo), 'run')} found" if found else "")

    def step(self, plan: CountingPlan, step: int) -> None:
        """Note that a run has done some steps; after the last one it is measured."""
        self._note(plan, step, "; measuring" if step >= plan.steps else "")

    def finish(self, plan: CountingPlan) -> None:
        """Note that a run is done."""
        self.done += 1
        self._note(plan, plan.steps, "")

    def _note(self, plan: CountingPlan, step: int, more: str) -> None:
        self.steps[plan] = max(step, self.steps[plan])
        network = plan.encoder or plan.architecture
        where = f"{plan.design} on {plan.control}, {network}, seed {plan.seed}"
        self.show(f"{self.done} of {count(len(self.steps), 'run')}; {where}{more}")

    def show(self, note: str) -> None:
        """Tell the listener."""
        self.tell("counting", sum(self.steps.values()), self.total, note)
