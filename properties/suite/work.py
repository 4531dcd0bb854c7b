"""Run one case, in this process or in any other: everything it needs is found by name."""

import pickle
import time
import traceback
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from tellapart.models.adapters.capabilities import capabilities
from tellapart.models.contract.bench import private_random
from tellapart.models.subject import SubjectError
from tellapart.properties.subjects import SubjectSource, load_subject
from tellapart.properties.suite.advice import advise_error
from tellapart.properties.suite.outcomes import CaseResult, Outcome
from tellapart.properties.suite.plan import Job
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Capability, Check, check_named
from tellapart.properties.suite.trial import Trial, takes_observations
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.gallery import counting_chain

__all__ = ["Portable", "Task", "plain_result", "portable", "run_case", "run_task"]

_MISSING = {
    Capability.TRAINABLE: "its encoder has no weights to train and it has no fit of its own",
    Capability.HEAD: "it has no head that is trained together with the encoder",
    Capability.OUR_TRAINER: "it has a fit of its own, which takes complete systems, not logged "
    "data",
    Capability.OBSERVATIONS: "its factory takes no observations; write def factory(mdp, seed, "
    "observations=None) and give them to Subject(..., observations=observations)",
}


@dataclass(frozen=True)
class Portable:
    """A subject in a form that another process can load.

    Attributes
    ----------
    name
        For people.
    text
        A SUBJECT argument; empty where a factory was given.
    factory
        The pickled factory, where one was given.
    """

    name: str
    text: str
    factory: bytes = b""


@dataclass(frozen=True)
class Task:
    """A case with everything that another process needs."""

    subject: Portable
    job: Job
    profile: SuiteProfile
    merge_tolerance: float


def portable(subject: Any, source: SubjectSource) -> Portable:
    """Return a subject in a form that another process can load.

    Raises
    ------
    InvalidArgumentError
        When it is a function that only this process knows.
    """
    if isinstance(subject, str):
        place, colon, attribute = subject.rpartition(":")
        if colon and place.endswith(".py"):
            subject = f"{Path(place).resolve()}:{attribute}"
        return Portable(source.name, subject)
    try:
        return Portable(source.name, "", pickle.dumps(subject))
    except Exception as error:
        raise InvalidArgumentError(
            f"The factory {source.name} cannot be sent to another process ({error}). Use jobs=1, "
            "or define it at the top level of a module."
        ) from error


@lru_cache(maxsize=8)
def _loaded(subject: Portable) -> SubjectSource:
    if subject.text:
        return load_subject(subject.text)
    found = load_subject(pickle.loads(subject.factory))
    return SubjectSource(subject.name, found.factory, found.design)


def run_task(task: Task) -> CaseResult:
    """Run a case in another process."""
    import_module(task.job.module)  # registers checks of the user's own
    check = check_named(task.job.check)
    return run_case(_loaded(task.subject), check, task.job, task.profile, task.merge_tolerance)


def run_case(
    source: SubjectSource, check: Check, job: Job, profile: SuiteProfile, merge_tolerance: float
) -> CaseResult:
    """Run a case; whatever the subject does wrong is in the result.

    Raises
    ------
    InternalError
        When tellapart contradicts itself.

    Notes
    -----
    The global random states are seeded by the seed of the case and put back, so that a factory that
    draws from them gives the same subject in any order of cases.
    """
    started = time.perf_counter()
    missing = _missing(source, check)
    if missing is not None:
        return plain_result(job, SuiteVerdict.SKIPPED, missing)
    trial = Trial(source, check.scenario(job.scenario, profile), job.seed, merge_tolerance)
    try:
        with private_random(job.seed):
            outcome = check.run(trial)
    except InternalError:
        raise
    except SubjectError as error:
        outcome = Outcome(SuiteVerdict.ERROR, str(error), advice=advise_error(error))
    except Exception as error:  # of the subject, or of a check of the user's own
        outcome = Outcome(
            SuiteVerdict.ERROR, f"{type(error).__name__}: {error}", _last_calls(error)
        )
    return CaseResult(
        job.check, job.scenario, job.tier, job.seed, outcome, time.perf_counter() - started
    )


def plain_result(job: Job, verdict: SuiteVerdict, summary: str) -> CaseResult:
    """Return a result for a case that was not run."""
    return CaseResult(job.check, job.scenario, job.tier, job.seed, Outcome(verdict, summary), 0.0)


def _last_calls(error: Exception) -> str:
    """Return where it was raised, innermost last."""
    calls = traceback.extract_tb(error.__traceback__)[-3:]
    return "\n".join(f"{Path(c.filename).name}:{c.lineno} in {c.name}: {c.line}" for c in calls)


def _missing(source: SubjectSource, check: Check) -> str | None:
    """Say what the subject lacks to be asked; None when nothing is lacking."""
    if not check.requires:
        return None
    has = _capabilities(source)
    lacking = [one for one in Capability if one in check.requires and one not in has]
    return f"not asked: {_MISSING[lacking[0]]}." if lacking else None


@lru_cache(maxsize=64)
def _capabilities(source: SubjectSource) -> frozenset[Capability]:
    """Return what a subject has, from one that is built for a small system."""
    found = {Capability.OBSERVATIONS} if takes_observations(source.factory) else set()
    try:
        with private_random(0):
            subject = source.build(counting_chain(9), 0)
        read = capabilities(subject)
    except Exception:  # what is wrong with it is told by the checks that build it
        return frozenset(Capability)
    if read.trainable or subject.fit is not None:
        found.add(Capability.TRAINABLE)
    if subject.fit is None:
        found.add(Capability.OUR_TRAINER)
    if read.has_head:
        found.add(Capability.HEAD)
    return frozenset(found)
