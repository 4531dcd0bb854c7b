"""One case on its way: the subject and the system of it, and what a check can do with them."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

from torch import Tensor

from tellapart.models.contract.findings import ContractReport
from tellapart.models.contract.probe import probe
from tellapart.models.subject import Subject
from tellapart.properties.cases.check_cases import case_of_check
from tellapart.properties.check import check
from tellapart.properties.check_report import CheckReport
from tellapart.properties.subjects import SubjectSource
from tellapart.properties.suite.advice import advise
from tellapart.properties.suite.outcomes import DepthShare, Outcome, SystemFacts, witness_text
from tellapart.properties.suite.registry import Scenario
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE, Separation
from tellapart.theory.verdict import Grade

__all__ = [
    "Trial",
    "depth_shares",
    "outcome_of",
    "summary_of",
    "system_facts",
    "takes_observations",
]

#: Contract reports of this process: some twenty checks ask the same one.
_CONTRACTS: dict[tuple[Any, ...], ContractReport] = {}
_MOST_CONTRACTS = 32


@dataclass(frozen=True)
class Trial:
    """What a check is given.

    Attributes
    ----------
    source
        How to build the subject, by name.
    scenario
        The case.
    seed
        Of building and training in this case.
    merge_tolerance
        Codes closer than this share of the rms distance between blocks count as one.
    """

    source: SubjectSource
    scenario: Scenario
    seed: int
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE

    @cached_property
    def any_system(self) -> DeterministicMDP | TransitionData:
        """The system of the case, total or partial."""
        return self.scenario.system(self.seed)

    @property
    def system(self) -> DeterministicMDP:
        """The system of the case.

        Raises
        ------
        InvalidArgumentError
            When the case is one of partial data: use :attr:`data`.
        """
        found = self.any_system
        if not isinstance(found, DeterministicMDP):
            raise InvalidArgumentError(f"{self.scenario.name} is partial data; use trial.data.")
        return found

    @property
    def data(self) -> TransitionData:
        """The system of the case as transition data."""
        found = self.any_system
        return TransitionData.from_mdp(found) if isinstance(found, DeterministicMDP) else found

    def build(self, mdp: DeterministicMDP | None = None, seed: int | None = None) -> Subject:
        """Build a fresh subject, for the system of the case unless another is given."""
        return self.source.build(
            self.system if mdp is None else mdp, self.seed if seed is None else seed
        )

    def check(self, mdp: DeterministicMDP | None = None, seed: int | None = None) -> CheckReport:
        """Build, train and judge (see :func:`tellapart.properties.check.check`)."""
        return check(
            self.source,
            self.system if mdp is None else mdp,
            seed=self.seed if seed is None else seed,
            merge_tolerance=self.merge_tolerance,
        )

    def contract(self) -> ContractReport:
        """Ask all probes of the contract; the same question is asked once in a process."""
        key = (self.source.name, self.source.factory, self.system.fingerprint, self.seed)
        if key not in _CONTRACTS:
            while len(_CONTRACTS) >= _MOST_CONTRACTS:
                del _CONTRACTS[next(iter(_CONTRACTS))]
            _CONTRACTS[key] = probe(self.source.factory, self.system, self.seed)
        return _CONTRACTS[key]

    def showing(self, observations: Tensor) -> "Trial":
        """Return the same case for a factory that is told what its encoder is shown.

        Parameters
        ----------
        observations
            float ``[n_obs, *obs_shape]``, passed on as ``factory(mdp, seed, observations=...)``.
        """
        if not takes_observations(self.source.factory):
            raise InvalidArgumentError(
                f"The factory of {self.source.name} takes no observations; write "
                "def factory(mdp, seed, observations=None)."
            )
        factory = partial(_with_observations, self.source.factory, observations)
        return replace(self, source=SubjectSource(self.source.name, factory))


def _with_observations(
    factory: Callable[..., Any], observations: Tensor, mdp: DeterministicMDP, seed: int
) -> Any:
    made = factory(mdp, seed, observations=observations)
    if isinstance(made, tuple) and len(made) == 3:
        made = Subject(*made)
    if isinstance(made, Subject) and made.observations is None:
        return replace(made, observations=observations)
    return made


def takes_observations(factory: Callable[..., Any]) -> bool:
    """Tell whether a factory can be told what its encoder is shown."""
    try:
        parameters = inspect.signature(factory).parameters
    except (TypeError, ValueError):
        return False
    return "observations" in parameters


def system_facts(
    mdp: DeterministicMDP, title: str, exact: Bisimulation | None = None
) -> SystemFacts:
    """Return a system in numbers."""
    found = bisimulation(mdp) if exact is None else exact
    return SystemFacts(
        title, mdp.fingerprint, mdp.n_obs, mdp.n_actions, found.partition.n_blocks, found.depth
    )


def outcome_of(report: CheckReport, title: str) -> Outcome:
    """Return what a check of one encoder on one system came to.

    Parameters
    ----------
    report
        Of :meth:`Trial.check`.
    title
        Of the system, for people.
    """
    verdict, judgement = SuiteVerdict(report.verdict.value), report.judgement
    apart = judgement.separation
    holds = verdict is SuiteVerdict.HOLDS
    return Outcome(
        verdict=verdict,
        summary=summary_of(title, apart, judgement.grade, judgement.resolution.ratio),
        story=_story(report),
        grade=judgement.grade.value,
        system=system_facts(report.mdp, title, report.bisimulation),
        by_depth=depth_shares(apart),
        n_must_separate=apart.n_must_separate,
        n_merged=apart.n_merged,
        ratio=judgement.resolution.ratio,
        margin=_margin(report),
        losses=(report.dynamics_loss, report.aux_loss),
        steps=None if report.training is None else report.training.steps,
        numbers=_numbers(report),
        witness=judgement.witness,
        advice=() if holds else advise(report),
        case=None if holds else case_of_check(report),
    )


def summary_of(title: str, apart: Separation, grade: Grade, ratio: float) -> str:
    """Say in a sentence how many pairs are apart, and how far the premise was established."""
    pairs = f"{apart.n_must_separate - apart.n_merged} of {apart.n_must_separate} pairs apart"
    return f"{title}: {pairs}, premise {grade}, resolution ratio {ratio:.3g}."


def depth_shares(apart: Separation) -> tuple[DepthShare, ...]:
    """Return separation by depth as outcomes keep it."""
    return tuple(
        DepthShare(row.depth, row.n_pairs, row.n_merged, row.relative) for row in apart.by_depth
    )


def _story(report: CheckReport) -> str:
    lines = list(report.judgement.reasons)
    if report.judgement.witness is not None:
        lines.append(witness_text(report.judgement.witness))
    lines.append(f"Losses: dynamics {report.dynamics_loss:.3g}, auxiliary {report.aux_loss:.3g}.")
    return "\n".join(lines)


def _margin(report: CheckReport) -> float | None:
    """Return the smallest certified margin relative to the rms distance between blocks."""
    margins, rms = report.margins, report.judgement.separation.rms
    if margins is None or not margins.certified or margins.smallest is None or rms == 0:
        return None
    return float(Fraction(margins.smallest.margin)) / rms


def _numbers(report: CheckReport) -> tuple[tuple[str, float], ...]:
    """Return what is shown beside verdicts when designs are compared; it never decides."""
    found, smallest = report.diagnostics, report.judgement.separation.smallest
    numbers: dict[str, float | None] = {
        "smallest relative distance": None if smallest is None else smallest.relative,
        "RankMe": found.rank_me,
        "effective rank": found.effective_rank,
        "participation ratio": found.participation_ratio,
        "numerical rank": float(found.numerical_rank),
        "SIGReg": found.sigreg,
        "LiDAR": found.lidar,
    }
    return tuple((name, float(value)) for name, value in numbers.items() if value is not None)
