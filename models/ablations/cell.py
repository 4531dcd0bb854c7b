"""One cell of the ablation matrix: a design on a family of systems, with several seeds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.models.ablations.designs import AblationDesign, ablation
from tellapart.models.ablations.families import family
from tellapart.models.ablations.targets import random_target, value_target
from tellapart.models.ablations.training import Outcome, train_batch
from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.separation import Separation, separation
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Grade, Judgement, Verdict, judge

__all__ = ["AblationCell", "AblationRun", "DepthCount", "run_cell"]


@register
@dataclass(frozen=True, slots=True)
class DepthCount:
    """Pairs that must be told apart, by the length of their shortest distinguishing word.

    Attributes
    ----------
    depth
        That length.
    pairs, apart
        Pairs of this depth, and those with different codes.
    """

    depth: int
    pairs: int
    apart: int


@register
@dataclass(frozen=True, slots=True)
class AblationRun:
    """One trained subject.

    Attributes
    ----------
    seed
        Of its weights and, in a drawn family, of its system.
    verdict
        On the label of the task: the theorem is asked to tell apart what *that* needs.
    own_verdict
        On the label that the auxiliary loss used; the same unless the design replaces it.
    dynamics_ratio, aux_ratio
        Resolution ratios (S13) for the own label; the premise is met when both are below 1.
    covered
        Whether B* of the own label tells apart whatever the task needs (S9).
    task, own
        Counts by depth for the two labels.
    size
        Rms distance between codes of different blocks, relative to the one before training.
    """

    seed: int
    verdict: Verdict
    own_verdict: Verdict
    dynamics_ratio: float
    aux_ratio: float
    covered: bool
    task: tuple[DepthCount, ...]
    own: tuple[DepthCount, ...]
    size: float

    @property
    def premise(self) -> bool:
        """Whether the premise is met for the label that was trained on (S13)."""
        return max(self.dynamics_ratio, self.aux_ratio) < 1


@register
@dataclass(frozen=True)
class AblationCell(Saved):
    """All runs of one design on one family.

    Attributes
    ----------
    design, family
        Names.
    weight_decay
        Of the encoder.
    steps
        Of each stage of training.
    runs
        One for each seed, in order.
    """

    design: str
    family: str
    weight_decay: float
    steps: int
    runs: tuple[AblationRun, ...]

    def explain(self) -> str:
        """Return the cell in a few lines of text."""
        verdicts = [run.verdict for run in self.runs]
        counts = ", ".join(f"{verdicts.count(v)} {v.value}" for v in Verdict if v in verdicts)
        pairs = sum(row.pairs for run in self.runs for row in run.task)
        apart = sum(row.apart for run in self.runs for row in run.task)
        return (
            f"{self.design} on {self.family}, weight decay {self.weight_decay:g}, "
            f"{self.steps} steps, {len(self.runs)} seeds: {counts}.\n"
            f"  {apart} of {pairs} pairs that must be told apart were; the premise was met in "
            f"{sum(run.premise for run in self.runs)} runs."
        )

    def __repr__(self) -> str:
        return (
            f"AblationCell({self.design!r} on {self.family!r}, weight decay "
            f"{self.weight_decay:g}, {len(self.runs)} runs)"
        )


def run_cell(
    design: str, family_name: str, *, weight_decay: float, seeds: int, steps: int
) -> AblationCell:
    """Train and judge one design on one family, seeds ``0 .. seeds - 1``.

    Parameters
    ----------
    design, family_name
        Names in :data:`~tellapart.models.ablations.designs.ABLATIONS` and
        :data:`~tellapart.models.ablations.families.FAMILIES`.
    weight_decay
        Of the encoder, at least 0.
    seeds, steps
        How many runs, and how many steps of each stage of training.

    Returns
    -------
    AblationCell

    Raises
    ------
    InvalidArgumentError
        For an unknown name, a negative decay, or numbers below 1.

    Notes
    -----
    The same arguments give the same bytes on the same machine. Every run is judged by
    :func:`tellapart.theory.verdict.judge` against the label that was trained on. Where that is not
    the task's, the verdict on the task is ``collapsed`` when a pair of the task is merged,
    ``holds`` when the premise is met and B* of the own label refines B* of the task (S4 with S9),
    and ``vacuous`` otherwise.

    Examples
    --------
    >>> cell = run_cell("joint", "counting-9", weight_decay=0.0, seeds=2, steps=400)
    >>> sum(row.apart for row in cell.runs[0].task)
    36
    """
    chosen, systems = ablation(design), family(family_name)
    for name, value in (("seeds", seeds), ("steps", steps)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= 1.")
    if not (np.isfinite(weight_decay) and weight_decay >= 0):
        raise InvalidArgumentError(f"weight_decay is {weight_decay!r}; it must be a number >= 0.")
    tasks = [systems.system(seed) for seed in range(seeds)]
    trained_on = [_own(chosen, task, seed) for seed, task in enumerate(tasks)]
    outcomes = train_batch(
        chosen, tasks, trained_on, seeds=range(seeds), steps=steps, weight_decay=weight_decay
    )
    runs = [
        _run(seed, *parts)
        for seed, parts in enumerate(zip(tasks, trained_on, outcomes, strict=True))
    ]
    return AblationCell(design, family_name, float(weight_decay), steps, tuple(runs))


def _own(design: AblationDesign, task: DeterministicMDP, seed: int) -> DeterministicMDP:
    if design.target == "random":
        return random_target(task, seed)
    return value_target(task) if design.target == "value" else task


def _run(
    seed: int, task: DeterministicMDP, system: DeterministicMDP, outcome: Outcome
) -> AblationRun:
    needed = bisimulation(task)
    promised = needed if system is task else bisimulation(system)
    found = judge(promised, outcome.codes, outcome.predicted, outcome.read)
    apart = found.separation if system is task else separation(needed, outcome.codes)
    covered = promised.partition.refines(needed.partition)
    before = _rms(needed, outcome.first_codes)
    return AblationRun(
        seed=seed,
        verdict=found.verdict if system is task else _task_verdict(found, apart, covered),
        own_verdict=found.verdict,
        dynamics_ratio=found.resolution.dynamics_ratio,
        aux_ratio=found.resolution.aux_ratio,
        covered=covered,
        task=_counts(apart),
        own=_counts(found.separation),
        size=_rms(needed, outcome.codes) / before if before > 0 else 1.0,
    )


def _task_verdict(found: Judgement, apart: Separation, covered: bool) -> Verdict:
    """Judge the pairs of the task by a premise that was met, or not, for another label."""
    if apart.n_merged:
        return Verdict.COLLAPSED
    promised = covered and found.grade is not Grade.UNMET and apart.n_must_separate > 0
    return Verdict.HOLDS if promised else Verdict.VACUOUS


def _rms(bisim: Bisimulation, codes: npt.NDArray[np.float64]) -> float:
    return separation(bisim, codes).rms


def _counts(apart: Separation) -> tuple[DepthCount, ...]:
    return tuple(DepthCount(r.depth, r.n_pairs, r.n_pairs - r.n_merged) for r in apart.by_depth)
