"""Adversarial merging: train a design to zero loss while a pair is pulled together.

What the losses allow to share a code merges; what they tell apart keeps a loss.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import torch

from tellapart.models.attack.attempts import Attempts, Build, built
from tellapart.models.attack.exact import ExactAnswers
from tellapart.models.attack.measure import zero_tolerance
from tellapart.models.attack.pairs import all_pairs, choose_pairs, named_pairs
from tellapart.models.attack.row import AttackRow
from tellapart.models.attack.table import AttackReport
from tellapart.models.evaluation import evaluate
from tellapart.models.fit import Objective, fit
from tellapart.models.subject import Subject
from tellapart.models.threads import one_thread
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

__all__ = ["AttackProgress", "attack"]

#: Steps of training one loss alone when its codes help to choose the pairs.
_CHOICE_STEPS = 400


@dataclass(frozen=True, slots=True)
class AttackProgress:
    """A moment of an attack.

    Attributes
    ----------
    done, total
        Pairs finished, and pairs in all.
    row
        The pair finished last.
    """

    done: int
    total: int
    row: AttackRow


def attack(
    build: Build,
    mdp: DeterministicMDP,
    *,
    pairs: Iterable[Sequence[Hashable]] | None = None,
    max_pairs: int = 60,
    seed: int = 0,
    objective: Objective = "joint",
    restarts: int = 1,
    progress: Callable[[AttackProgress], None] | None = None,
) -> AttackReport:
    """Try to merge pairs of observations at zero loss, and compare with the exact answer (S4, S8).

    Parameters
    ----------
    build
        ``build(mdp, seed)`` returns a fresh, untrained subject; the same seed gives the same
        weights. Its parts are trained by this function; a ``fit`` of its own is not used.
    mdp
        The system.
    pairs
        Pairs of names of observations; default: all, or a choice of ``max_pairs``.
    max_pairs
        With ``pairs=None``: how many at most. A third each are bisimilar, deepest, and closest in
        the codes of the design trained as usual.
    seed
        Of the weights and of the choice.
    objective
        The losses that the design trains its encoder on: ``"joint"``, ``"dynamics"``, ``"aux"`` or
        ``"decoupled"`` (its encoder sees the auxiliary loss only). These are attacked.
    restarts
        Fresh starts after an attempt that does not merge its pair at zero loss. The last one also
        pulls together what has to follow from the pair (merge and fold, S3).
    progress
        Called after each pair.

    Returns
    -------
    AttackReport

    Raises
    ------
    InvalidArgumentError
        For an unknown objective or name, a number out of range, or a system of one observation.
    SubjectError
        When the factory or a part is unusable, or nothing can be trained.
    InternalError
        When a pair that cannot share a code does so at a loss that is zero bit for bit: that
        contradicts S4.

    Notes
    -----
    Each attempt solves at most 80 linear systems, O((n |A| d)³) each, or takes 1600 steps of Adam
    where those are too large. The first attempt on a pair does not depend on the exact answer,
    but for one thing: where everything has to become one code, the anchor holds the size of the
    codes, not their spread. One torch thread; same call, same bytes.

    Examples
    --------
    >>> from tellapart.models.networks import reference_subject
    >>> from tellapart.theory.gallery import gallery_mdp
    >>> mdp = gallery_mdp("redundant-pick")
    >>> report = attack(
    ...     lambda mdp, seed: reference_subject(mdp, seed=seed),
    ...     mdp,
    ...     pairs=[("puck at 1", "puck at 1, again"), ("puck at 1", "picked")],
    ... )
    >>> [row.outcome.value for row in report.rows]
    ['merged at zero loss', 'floor']
    """
    _check(mdp, max_pairs, seed, objective, restarts)
    exact = ExactAnswers(mdp, objective)
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        subject = built(build, mdp, seed)
        tolerance = zero_tolerance(evaluate(subject, mdp))
        chosen = _pairs(exact, subject, pairs, max_pairs, seed)
        attempt = Attempts(build, exact, seed, 1 + restarts)
        rows: list[AttackRow] = []
        for x, y in chosen:
            rows.append(attempt.row(x, y))
            if progress is not None:
                progress(AttackProgress(len(rows), len(chosen), rows[-1]))
    return AttackReport(
        subject=subject.name,
        objective=objective,
        seed=seed,
        observations=mdp.observations,
        rows=tuple(rows),
        n_pairs=mdp.n_obs * (mdp.n_obs - 1) // 2,
        exact=exact.bisimulation.partition,
        allowed=exact.allowed,
        merge_tolerance=DEFAULT_MERGE_TOLERANCE,
        zero_tolerance=tolerance,
    )


def _pairs(
    exact: ExactAnswers,
    subject: Subject,
    pairs: Iterable[Sequence[Hashable]] | None,
    max_pairs: int,
    seed: int,
) -> list[tuple[int, int]]:
    mdp = exact.mdp
    if pairs is not None:
        return named_pairs(mdp, pairs)
    if mdp.n_obs * (mdp.n_obs - 1) // 2 <= max_pairs:
        return all_pairs(mdp.n_obs)
    fit(
        subject, mdp, objective=exact.objective, seed=seed,
        max_steps=None if exact.objective == "joint" else _CHOICE_STEPS,
        partition=exact.bisimulation.partition,
    )  # fmt: skip
    codes = evaluate(subject, mdp).codes
    return choose_pairs(exact.bisimulation, codes, max_pairs, np.random.default_rng(seed))


def _check(mdp: DeterministicMDP, max_pairs: int, seed: int, objective: str, restarts: int) -> None:
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"attack needs a DeterministicMDP and got a {type(mdp).__name__}; the exact classes of "
            "partial data are no partition."
        )
    if mdp.n_obs < 2:
        raise InvalidArgumentError("The system has one observation; there is no pair to merge.")
    if objective not in get_args(Objective):
        choices = ", ".join(get_args(Objective))
        raise InvalidArgumentError(f"objective is {objective!r}; choose one of {choices}.")
    for name, value, least in (("max_pairs", max_pairs, 1), ("seed", seed, 0),
                               ("restarts", restarts, 0)):  # fmt: skip
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidArgumentError(
                f"{name} is {value!r}; it must be an integer of at least {least}."
            )
