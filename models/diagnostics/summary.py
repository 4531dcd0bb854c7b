"""All diagnostics of one set of codes, beside the exact answer that none of them decides."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tellapart.models.diagnostics.border import as_codes
from tellapart.models.diagnostics.clusters import ClusterAccuracy, cluster_accuracy, lidar
from tellapart.models.diagnostics.gaussianity import sigreg
from tellapart.models.diagnostics.inverse import InverseDynamics, inverse_dynamics
from tellapart.models.diagnostics.ranks import (
    effective_rank,
    numerical_rank,
    participation_ratio,
    rank_me,
)
from tellapart.models.diagnostics.readings import Reading, read
from tellapart.models.diagnostics.spread import (
    FLOOR,
    Spread,
    spread,
    vicreg_covariance,
    vicreg_variance,
)
from tellapart.models.diagnostics.truth import MergeAnswer, Truth
from tellapart.models.evaluation import evaluate
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE
from tellapart.theory.serialise import Saved, register

__all__ = ["Diagnostics", "diagnose", "diagnose_subject"]


@register
@dataclass(frozen=True)
class Diagnostics(Saved):
    """What people watch, of one set of codes, and the exact answer.

    Attributes
    ----------
    n, d, n_classes
        Codes, dimensions, and classes: blocks of B*, blocks of F(D) for partial data, or the
        classes given.
    rank_me, effective_rank, participation_ratio, numerical_rank
        See :mod:`tellapart.models.diagnostics.ranks`.
    spread, vicreg_variance, vicreg_covariance
        See :mod:`tellapart.models.diagnostics.spread`.
    sigreg
        See :func:`tellapart.models.diagnostics.gaussianity.sigreg`.
    lidar, accuracy
        See :mod:`tellapart.models.diagnostics.clusters`; None where no class has two codes.
    inverse
        See :func:`tellapart.models.diagnostics.inverse.inverse_dynamics`; None without dynamics.
    dynamics_loss, aux_loss
        Raw losses, where they were given.
    exact
        The answer: pairs that must be told apart, and how many of them are merged.
    """

    n: int
    d: int
    n_classes: int
    rank_me: float
    effective_rank: float
    participation_ratio: float
    numerical_rank: int
    spread: Spread
    vicreg_variance: float | None
    vicreg_covariance: float | None
    sigreg: float
    lidar: float | None
    accuracy: ClusterAccuracy | None
    inverse: InverseDynamics | None
    dynamics_loss: float | None
    aux_loss: float | None
    exact: MergeAnswer

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Every diagnostic with a rule of thumb and what that says; they decide nothing."""
        return read(self)

    @property
    def wrong(self) -> tuple[str, ...]:
        """Names of the diagnostics whose rule of thumb contradicts the exact answer."""
        if not self.exact.n_must_separate:
            return ()
        healthy = not self.exact.collapsed
        return tuple(r.name for r in self.readings if r.healthy not in (None, healthy))

    def explain(self) -> str:
        """Return a table of the diagnostics, and the exact answer below it."""
        lines = [f"{'diagnostic':24}{'value':>12}  {'healthy by rule of thumb':28}says"]
        for row in self.readings:
            mark = " (wrong)" if row.name in self.wrong else ""
            lines.append(f"{row.name:24}{row.shown:>12}  {row.rule:28}{row.says}{mark}")
        verdict = "collapsed" if self.exact.collapsed else "not collapsed"
        return "\n".join([*lines, f"Exact answer: {verdict}. {self.exact.explain()}"])

    def __repr__(self) -> str:
        exact = self.exact
        return (
            f"Diagnostics({self.n} codes, d={self.d}: RankMe {self.rank_me:.2f}, SIGReg "
            f"{self.sigreg:.3g}; exact: {exact.n_merged} of {exact.n_must_separate} pairs merged)"
        )


def diagnose(
    system: Any,
    codes: Any,
    *,
    dynamics_loss: float | None = None,
    aux_loss: float | None = None,
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
    epsilon: float = float(np.finfo(np.float64).eps),
    floor: float = FLOOR,
    directions: int = 256,
    seed: int = 0,
) -> Diagnostics:
    """Compute every diagnostic of a set of codes, and the exact answer beside them.

    Parameters
    ----------
    system
        A ``DeterministicMDP``, its bisimulation, ``TransitionData``, a
        :class:`~tellapart.models.diagnostics.truth.Truth` of one of them, or integers ``[n]``: the
        class of each row of codes.
    codes
        E(o), float64 ``[n, d]``, in the order of the observations.
    dynamics_loss, aux_loss
        Raw losses, to be shown with the rest.
    merge_tolerance, epsilon
        Of the exact answer; see :func:`tellapart.theory.separation.separation`.
    floor
        Standard deviation below which a dimension counts as dead.
    directions, seed
        Of SIGReg.

    Returns
    -------
    Diagnostics

    Raises
    ------
    InvalidArgumentError
        For codes that are no finite numbers or do not fit the system, or another type of system.

    Notes
    -----
    O(n² d) for the exact answer, O(n d directions) for SIGReg. No diagnostic takes part in any
    verdict.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> codes = np.eye(9)
    >>> codes[8] = codes[0]
    >>> found = diagnose(counting_chain(9), codes)
    >>> round(found.rank_me, 1), found.exact.n_merged, "RankMe" in found.wrong
    (7.9, 1, True)
    """
    rows = as_codes(codes)
    truth = system if isinstance(system, Truth) else Truth(system)
    exact = truth.measure(rows, merge_tolerance, epsilon=epsilon)
    return Diagnostics(
        n=len(rows),
        d=rows.shape[1],
        n_classes=int(truth.classes.max()) + 1,
        rank_me=rank_me(rows),
        effective_rank=effective_rank(rows),
        participation_ratio=participation_ratio(rows),
        numerical_rank=numerical_rank(rows),
        spread=spread(rows, floor),
        vicreg_variance=vicreg_variance(rows),
        vicreg_covariance=vicreg_covariance(rows),
        sigreg=sigreg(rows, directions=directions, seed=seed),
        lidar=lidar(rows, truth.classes),
        accuracy=cluster_accuracy(rows, truth.classes),
        inverse=None if truth.mdp is None else inverse_dynamics(truth.mdp, rows),
        dynamics_loss=dynamics_loss,
        aux_loss=aux_loss,
        exact=exact,
    )


def diagnose_subject(mdp: DeterministicMDP, subject: Subject, *, seed: int = 0) -> Diagnostics:
    """Evaluate a subject on every observation of an MDP, and diagnose its codes and losses.

    Parameters
    ----------
    mdp
        The system.
    subject
        Encoder, predictor and head, in the mode in which they are to be run.
    seed
        Of the directions of SIGReg.

    Returns
    -------
    Diagnostics

    Raises
    ------
    SubjectError
        When a part of the subject is unusable.
    InvalidArgumentError
        When ``mdp`` is no deterministic MDP.
    """
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"diagnose_subject needs a DeterministicMDP, got {type(mdp).__name__}; for other "
            "systems encode the observations yourself and call diagnose(system, codes)."
        )
    found = evaluate(subject, mdp)
    return diagnose(
        mdp,
        found.codes,
        dynamics_loss=found.dynamics_loss,
        aux_loss=found.aux_loss,
        epsilon=found.epsilon,
        seed=seed,
    )
