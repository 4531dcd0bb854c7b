"""Hypothesis strategies for subjects: exactly zero loss, trained, or off by a known residual.

Importing this module loads torch. Nothing is filtered: a trained subject whose premise is not met
is drawn like any other, and says so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import floor, isfinite, log2
from typing import Any

from hypothesis import strategies as st

from tellapart.models.evaluation import Evaluation, evaluate
from tellapart.models.fit import Objective, fit
from tellapart.models.networks import reference_subject
from tellapart.models.recipes import KINDS, PERTURBED_KINDS, SubjectRecipe
from tellapart.models.subject import Subject
from tellapart.properties.strategies import admissible_partitions, deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition, kernel

__all__ = [
    "DrawnSubject",
    "perturbed_subjects",
    "subject_recipes",
    "trained_subjects",
    "zero_loss_subjects",
]

System = DeterministicMDP | st.SearchStrategy[DeterministicMDP] | None
Factory = Callable[..., Subject]

#: Seeds below this are drawn; 0 leaves coordinates plain.
_SEEDS = 2**16
#: How many of the largest residuals are drawn more often: four octaves.
_BORDER = 32


@dataclass(frozen=True, eq=False)
class DrawnSubject:
    """A subject, the system it is for, and how it came about.

    Attributes
    ----------
    mdp
        The system.
    subject
        Encoder, predictor and head.
    partition
        The kernel of its encoder (D2) on the observations of ``mdp``.
    kind
        ``"table"``, ``"quotient"``, ``"krylov"``, ``"piecewise"`` or ``"trained"``.
    seed
        Together with the system, the kind and the partition it decides everything.
    epsilon
        The largest residual of a perturbed subject; 0 for the others.
    """

    mdp: DeterministicMDP
    subject: Subject = field(repr=False)
    partition: Partition
    kind: str
    seed: int
    epsilon: float = 0.0

    @classmethod
    def of(cls, recipe: SubjectRecipe) -> "DrawnSubject":
        """Build the subject of a recipe."""
        return cls(
            recipe.mdp,
            recipe.build(),
            recipe.partition,
            recipe.construction,
            recipe.seed,
            recipe.epsilon,
        )

    @property
    def recipe(self) -> SubjectRecipe | None:
        """What to save in order to build this subject again; None for a trained one."""
        if self.kind == "trained":
            return None
        return SubjectRecipe(self.mdp, self.partition, self.kind, self.seed, self.epsilon)

    @cached_property
    def evaluation(self) -> Evaluation:
        """What the subject answers on every observation and transition."""
        return evaluate(self.subject, self.mdp)

    @cached_property
    def resolved(self) -> bool:
        """Whether the premise of S13 is met: every residual is below half of its gap."""
        top = bisimulation(self.mdp).partition
        return self.evaluation.resolution(self.mdp, top).resolved

    def explain(self) -> str:
        """Return what was drawn, and what its losses are, in a few lines of text."""
        found, blocks = self.evaluation, self.partition.n_blocks
        premise = "met" if self.resolved else "not met"
        return (
            f"{self.kind} subject with seed {self.seed} on {self.mdp!r}: {blocks} "
            f"code{'s' * (blocks != 1)} in {found.latent_dim} latent dimensions.\n"
            f"Largest residuals: dynamics {found.dynamics_residuals.max():.3g}, labels "
            f"{found.aux_residuals.max():.3g}. The premise of S13 is {premise}."
        )


def zero_loss_subjects(
    mdp: System = None, *, kinds: Sequence[str] = KINDS, **bounds: Any
) -> st.SearchStrategy[DrawnSubject]:
    """Draw subjects whose two losses are zero bit for bit (D1, S1).

    Parameters
    ----------
    mdp
        A system, a strategy for systems, or None for
        :func:`~tellapart.properties.strategies.deterministic_mdps`.
    kinds
        Which of ``"quotient"``, ``"table"``, ``"krylov"`` and ``"piecewise"`` to draw; see
        :class:`~tellapart.models.recipes.SubjectRecipe`. Tables and piecewise linear networks have
        any admissible kernel, the other two have B*.
    **bounds
        For ``deterministic_mdps``, where ``mdp`` is None.

    Raises
    ------
    InvalidArgumentError
        For an unknown kind, for bounds beside a system, or for something that is no system.

    Notes
    -----
    Shrinks to the quotient with unit vectors as codes, on the smallest system. Labels must be
    exact in float64 for ``"krylov"`` and ``"piecewise"``.
    """
    return subject_recipes(mdp, kinds=kinds, **bounds).map(DrawnSubject.of)


def subject_recipes(
    mdp: System = None, *, kinds: Sequence[str] = KINDS, **bounds: Any
) -> st.SearchStrategy[SubjectRecipe]:
    """Draw what :func:`zero_loss_subjects` builds, as data that can be saved and replayed.

    Parameters
    ----------
    mdp, kinds, **bounds
        As for :func:`zero_loss_subjects`.
    """
    return _recipes(_systems(mdp, bounds), _chosen(kinds, KINDS), st.just(0.0))


def perturbed_subjects(
    mdp: System = None,
    *,
    kinds: Sequence[str] = PERTURBED_KINDS,
    min_epsilon: float = 2.0**-30,
    max_epsilon: float = 4.0,
    **bounds: Any,
) -> st.SearchStrategy[DrawnSubject]:
    """Draw zero-loss subjects whose predictor and head are then moved by known residuals.

    Every residual is 0, a quarter, a half or all of ``epsilon``, and the largest residual of the
    dynamics and that of the labels are ``epsilon`` itself: exactly, in float64, where labels are
    integers. The parts remain what they were: linear maps, or ReLU networks.

    Parameters
    ----------
    mdp, **bounds
        As for :func:`zero_loss_subjects`.
    kinds
        Which of ``"quotient"``, ``"table"`` and ``"piecewise"`` to draw.
    min_epsilon, max_epsilon
        Bounds, inclusive, at least 2^-30. Drawn are the numbers ``(1 + k/8) 2^e`` between them:
        spread evenly over orders of magnitude, and every second one from the four upper octaves.

    Raises
    ------
    InvalidArgumentError
        As for :func:`zero_loss_subjects`, and for bounds that hold no such number.
    """
    sizes = _sizes(min_epsilon, max_epsilon)
    chosen = _chosen(kinds, PERTURBED_KINDS)
    return _recipes(_systems(mdp, bounds), chosen, sizes).map(DrawnSubject.of)


def trained_subjects(
    mdp: System = None,
    *,
    factory: Factory = reference_subject,
    objective: Objective = "joint",
    max_steps: int | None = None,
    **bounds: Any,
) -> st.SearchStrategy[DrawnSubject]:
    """Draw systems and seeds, and train a subject on each.

    Whether training met the premise is measured and never filtered: look at
    :attr:`DrawnSubject.resolved`.

    Parameters
    ----------
    mdp
        As for :func:`zero_loss_subjects`.
    factory
        Called as ``factory(mdp, seed=seed)``; default the reference subject. A subject with a
        ``fit`` of its own is trained by that.
    objective, max_steps
        As for :func:`tellapart.models.fit.fit`.
    **bounds
        For ``deterministic_mdps``, where ``mdp`` is None; default at most 5 observations and 2
        actions, which train in about a tenth of a second.

    Raises
    ------
    InvalidArgumentError
        For bounds beside a system, or for something that is no system.

    Notes
    -----
    Shrinking trains anew at every step.
    """
    if mdp is None:
        bounds = {"max_observations": 5, "max_actions": 2} | bounds
    systems = _systems(mdp, bounds)

    def train(case: tuple[int, DeterministicMDP]) -> DrawnSubject:
        seed, system = case
        subject = factory(system, seed=seed)
        fit(subject, system, objective=objective, seed=seed, max_steps=max_steps)
        found = evaluate(subject, system)
        return DrawnSubject(system, subject, kernel(found.codes), "trained", seed)

    return st.tuples(_seeds(), systems).map(train)


def _seeds() -> st.SearchStrategy[int]:
    return st.integers(0, _SEEDS - 1)


def _systems(mdp: System, bounds: dict[str, Any]) -> st.SearchStrategy[DeterministicMDP]:
    if mdp is None:
        return deterministic_mdps(**bounds)
    if bounds:
        raise InvalidArgumentError(
            f"{', '.join(bounds)} bound systems that are drawn; leave them out where a system (or "
            "a strategy) is given."
        )
    if isinstance(mdp, DeterministicMDP):
        return st.just(mdp)
    if isinstance(mdp, st.SearchStrategy):
        return mdp
    raise InvalidArgumentError(
        f"mdp is a {type(mdp).__name__}; give a DeterministicMDP, a strategy that draws them, or "
        "None."
    )


def _chosen(kinds: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    chosen = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    unknown = [kind for kind in chosen if kind not in known]
    if unknown or not chosen:
        raise InvalidArgumentError(
            f"kinds is {list(chosen)}; choose at least one of {', '.join(known)}."
        )
    return chosen


@st.composite
def _recipes(
    draw: st.DrawFn,
    systems: st.SearchStrategy[DeterministicMDP],
    kinds: tuple[str, ...],
    sizes: st.SearchStrategy[float],
) -> SubjectRecipe:
    # The system comes after what does not depend on it: leaving observations out, when an example
    # is shrunk, then moves nothing else.
    kind, seed, epsilon = draw(st.sampled_from(kinds)), draw(_seeds()), draw(sizes)
    mdp = draw(systems)
    if kind in ("table", "piecewise"):
        partition = draw(admissible_partitions(mdp))
    else:
        partition = bisimulation(mdp).partition
    return SubjectRecipe(mdp, partition, kind, seed, epsilon)


def _sizes(smallest: float, largest: float) -> st.SearchStrategy[float]:
    """Draw numbers (1 + k/8) 2^e by their position, the largest first: shrinking ends there."""
    for name, value in (("min_epsilon", smallest), ("max_epsilon", largest)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise InvalidArgumentError(f"{name} is {value!r}; it must be a number.")
    if smallest < 2.0**-30:
        raise InvalidArgumentError(
            f"min_epsilon is {smallest!r}; it must be at least 2^-30, so that residuals are not "
            "lost where they are added to codes."
        )
    if smallest > largest:
        raise InvalidArgumentError(
            f"min_epsilon is {smallest!r} and max_epsilon {largest!r}; they must be in order."
        )
    positions = range(8 * floor(log2(smallest)), 8 * floor(log2(largest)) + 8)
    sizes = [size for size in map(_size, reversed(positions)) if smallest <= size <= largest]
    if not sizes:
        raise InvalidArgumentError(
            f"There is no number (1 + k/8) 2^e between {smallest!r} and {largest!r}; give wider "
            "bounds."
        )
    # Most of the range meets every premise; where premises begin to fail is drawn more often.
    return st.one_of(st.sampled_from(sizes[:_BORDER]), st.sampled_from(sizes))


def _size(position: int) -> float:
    exponent, eighths = divmod(position, 8)
    return float((1 + eighths / 8) * 2.0**exponent)
