"""Run one law: draw examples, count them, and make a failing one small."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tellapart.properties.laws.law import Law
from tellapart.properties.laws.profiles import Profile, profile_named
from tellapart.properties.laws.replaying import case_of_law, subject_name
from tellapart.properties.laws.summary import LawResult, LawVerdict, verdict_of
from tellapart.properties.laws.trial import Limits, Tally, explore
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["DATABASE", "check_positive", "run_law"]

#: Where repeating profiles keep failing examples, unless another folder is given.
DATABASE = Path(".tellapart") / "examples"


def run_law(
    law: Law,
    *,
    profile: Profile | str = "ci",
    subject: Any = None,
    seed: int | None = None,
    max_examples: int | None = None,
    max_seconds: float | None = None,
    database: Path | str | None = None,
    on_example: Callable[[Tally], None] | None = None,
) -> LawResult:
    """Look for an example that contradicts a law.

    Parameters
    ----------
    law
        What is claimed; see :data:`tellapart.properties.laws.registry.LAWS`.
    profile
        How many examples, from where; see :data:`tellapart.properties.laws.profiles.PROFILES`.
    subject
        What is tested in place of the subject of the law, as one of ``law.bad``; None: its own.
    seed
        Of the first round. Default 0, and a random one for profiles that repeat.
    max_examples
        One round of this many examples, whatever the profile says.
    max_seconds
        No example is begun after this time. Default: none, and ``profile.slice_seconds`` for
        profiles that repeat. Shrinking takes up to ``profile.shrink_seconds`` more.
    database
        Folder of failing examples, tried first and added to; default: none, and
        ``.tellapart/examples`` for profiles that repeat.
    on_example
        Called with the count so far after each example that keeps the law.

    Returns
    -------
    LawResult

    Raises
    ------
    InvalidArgumentError
        For something that is no law, an unknown profile, or a bound that is not positive.

    Notes
    -----
    The same arguments give the same examples on one installation, unless a time limit ends the
    run or a database adds to it. Hypothesis also tries constants that it finds in modules of
    yours, so that an installation with other code may draw other examples. Do not call this inside
    a ``@given`` test: Hypothesis refuses tests in tests.
    """
    chosen = profile_named(profile)
    _check_arguments(law, seed, max_examples, max_seconds)
    if chosen.repeats:
        seed = secrets.randbits(48) if seed is None else seed
        max_seconds = chosen.slice_seconds if max_seconds is None else max_seconds
        database = DATABASE if database is None else database
    seed = 0 if seed is None else seed
    subject = law.subject if subject is None else subject
    started = time.monotonic()
    limits = Limits(
        examples=max_examples or chosen.examples[law.cost],
        ends=None if max_seconds is None else started + max_seconds,
        shrink_seconds=chosen.shrink_seconds,
        database=None if database is None else Path(database),
    )
    tally, rounds = Tally(law, subject), 0
    while True:
        explore(tally, _seed_of(law, seed + rounds), limits, on_example)
        rounds += 1
        again = chosen.repeats and max_examples is None and not tally.is_broken
        if not again or limits.ends is None or time.monotonic() >= limits.ends:
            break
    return _result(tally, chosen, seed, rounds, time.monotonic() - started)


def _check_arguments(
    law: object, seed: int | None, max_examples: int | None, max_seconds: float | None
) -> None:
    if not isinstance(law, Law):
        raise InvalidArgumentError(
            f"{law!r} is a {type(law).__name__}; give a Law, such as law_named('S4')."
        )
    for name, value, least in (("seed", seed, 0), ("max_examples", max_examples, 1)):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if value is not None and not (whole and value >= least):
            raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")
    check_positive("max_seconds", max_seconds)


def check_positive(name: str, value: object) -> None:
    """Refuse anything but None or a positive number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (number and 0 < value < float("inf")):  # type: ignore[operator]
        raise InvalidArgumentError(f"{name} is {value!r}; it must be a positive number.")


def _seed_of(law: Law, number: int) -> int:
    """Return the seed of a round; laws do not share theirs."""
    return int.from_bytes(hashlib.sha256(f"{law.id}/{number}".encode()).digest()[:8], "big")


def _result(tally: Tally, profile: Profile, seed: int, rounds: int, seconds: float) -> LawResult:
    law, case = tally.law, None
    if tally.message is not None and tally.failing is not None:
        case = case_of_law(law, tally.subject, tally.failing, tally.message)
    found = LawResult(
        law=law.id,
        title=law.title,
        subject=subject_name(law, tally.subject),
        verdict=LawVerdict.HOLDS,
        profile=profile.name,
        most_vacuous=profile.most_vacuous,
        first_seed=seed,
        n_rounds=rounds,
        n_examples=tally.checked,
        n_discarded=max(0, tally.begun - tally.checked),
        vacuous=tuple(sorted(tally.reasons.items())),
        depths=tuple(sorted(tally.depths.items())),
        block_counts=tuple(sorted(tally.blocks.items())),
        notes=tuple((*key, number) for key, number in sorted(tally.notes.items())),
        best_target=tally.best,
        seconds=seconds,
        n_shrinks=tally.shrinks,
        message=tally.message,
        case=case,
    )
    return replace(found, verdict=verdict_of(found))
