"""Examples of the laws S8 to S13: data that can be saved, and how they are drawn."""

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from tellapart.properties.laws.examples import data_examples
from tellapart.properties.strategies import admissible_partitions, deterministic_mdps, labelings
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = [
    "LawCodes",
    "LawModel",
    "LawNoise",
    "LawOneLoss",
    "LawRank",
    "LawTarget",
    "coded_data",
    "models_of_all_kinds",
    "noisy_codes",
    "one_loss",
    "ranks",
    "symmetric_systems",
    "targets",
]

_SEEDS = st.integers(0, 99)


@register
@dataclass(frozen=True)
class LawOneLoss(Saved):
    """A system, one of the two losses, a kernel on which that loss can be zero, and a seed."""

    mdp: DeterministicMDP
    partition: Partition
    loss: str
    seed: int


@register
@dataclass(frozen=True)
class LawTarget(Saved):
    """A system, and a partition that its label may or may not force apart."""

    mdp: DeterministicMDP
    target: Partition


@register
@dataclass(frozen=True)
class LawModel(Saved):
    """A system, and how a model of it is built.

    Attributes
    ----------
    mdp, partition
        The system, and an admissible partition: the kernel of constructed models.
    build
        ``"untrained"`` (random weights), ``"quotient"``, ``"table"`` or ``"piecewise"``
        (constructed and moved), or ``"trained"``.
    seed
        Of everything random in it.
    exponent
        Constructed models have residuals up to ``2 ** -exponent``; trained ones get
        ``exponent`` steps.
    """

    mdp: DeterministicMDP
    partition: Partition
    build: str
    seed: int
    exponent: int


@register
@dataclass(frozen=True)
class LawCodes(Saved):
    """Data, and a code of integers for each observation."""

    data: TransitionData
    codes: tuple[tuple[int, ...], ...]


@register
@dataclass(frozen=True)
class LawRank(Saved):
    """A system whose labels are numbers of any size, pairs of numbers, or names."""

    mdp: DeterministicMDP


@register
@dataclass(frozen=True)
class LawNoise(Saved):
    """A system and the outputs of a model, all of them integers times ``2 ** exponent``.

    Attributes
    ----------
    mdp
        The system; labels are integers.
    codes
        One row for each observation.
    predicted
        For each observation and action the predicted latent.
    read
        For each observation the label read, in units of ``2 ** -10``.
    exponent
        Scale of the latents; the labels do not scale.
    """

    mdp: DeterministicMDP
    codes: tuple[tuple[int, ...], ...]
    predicted: tuple[tuple[tuple[int, ...], ...], ...]
    read: tuple[int, ...]
    exponent: int


@st.composite
def one_loss(draw: st.DrawFn) -> LawOneLoss:
    """Draw refinements of the label for the auxiliary loss, congruences for the dynamics loss."""
    mdp = draw(deterministic_mdps(max_observations=7))
    loss = draw(st.sampled_from(["dynamics", "auxiliary"]))
    if loss == "dynamics":
        blind = mdp.with_labels([0] * mdp.n_obs)
        partition = draw(
            st.one_of(st.just(Partition([0] * mdp.n_obs)), admissible_partitions(blind))
        )
    else:
        split = draw(labelings(mdp.n_obs, 3))
        partition = Partition(
            [3 * p + k for p, k in zip(mdp.label_ids.tolist(), split, strict=True)]
        )
    return LawOneLoss(mdp, partition, loss, draw(_SEEDS))


@st.composite
def targets(draw: st.DrawFn) -> LawTarget:
    """Draw systems with every observation as the target, or any partition."""
    mdp = draw(deterministic_mdps(max_observations=7))
    some = labelings(mdp.n_obs, 3).map(Partition)
    target = draw(st.one_of(some, st.just(Partition.identity(mdp.n_obs))))
    return LawTarget(mdp, target)


def symmetric_systems() -> st.SearchStrategy[LawTarget]:
    """Draw small systems, most of them with symmetries; the target is not used."""
    families = ("permutation", "disconnected", "random", "blow-up")
    drawn = deterministic_mdps(max_observations=5, max_actions=2, max_labels=2, families=families)
    return drawn.map(lambda mdp: LawTarget(mdp, Partition.identity(mdp.n_obs)))


@st.composite
def models_of_all_kinds(draw: st.DrawFn, builds: tuple[str, ...], most: int = 5) -> LawModel:
    """Draw systems with two labels at least, and models of these kinds."""
    mdp = draw(deterministic_mdps(min_observations=2, max_observations=most, max_actions=2))
    if len(mdp.label_values) == 1:
        mdp = mdp.with_labels([int(o == mdp.n_obs - 1) for o in range(mdp.n_obs)])
    build = draw(st.sampled_from(builds))
    partition = Partition.identity(mdp.n_obs)
    if build in ("table", "piecewise"):
        partition = draw(admissible_partitions(mdp))
    elif build == "quotient":
        from tellapart.theory.bisimulation import bisimulation

        partition = bisimulation(mdp).partition
    # Small residuals first: with large ones no pair has a margin.
    return LawModel(mdp, partition, build, draw(_SEEDS), 1 + draw(st.integers(0, 12)))


@st.composite
def coded_data(draw: st.DrawFn) -> LawCodes:
    """Draw data with codes of one or two integers, many of them equal."""
    data = draw(data_examples(most=6)).data
    d = draw(st.integers(1, 2))
    code = st.tuples(*[st.integers(-2, 2)] * d)
    codes = draw(st.lists(code, min_size=data.n_obs, max_size=data.n_obs))
    return LawCodes(data, tuple(codes))


_WIDE = st.sampled_from([0, 1, 10**17, 10**17 + 1, Fraction(1, 3), Fraction(-1, 10**9)])


@st.composite
def ranks(draw: st.DrawFn) -> LawRank:
    """Draw systems of at most four observations with labels of any kind."""
    mdp = draw(deterministic_mdps(max_observations=4, max_actions=2, max_labels=4))
    n_labels = len(mdp.label_values)
    kind = draw(st.sampled_from(["numbers", "pairs", "names"]))
    one: st.SearchStrategy[object] = _WIDE
    if kind == "pairs":
        one = st.tuples(st.integers(-1, 2), st.integers(-1, 2))
    elif kind == "names":
        one = st.sampled_from(["red", "green", "blue", "grey"])
    values = draw(st.lists(one, min_size=n_labels, max_size=n_labels, unique=True))
    return LawRank(mdp.with_labels([values[k] for k in mdp.label_ids.tolist()]))


@st.composite
def noisy_codes(draw: st.DrawFn) -> LawNoise:
    """Draw codes near one point for each block of B*, and answers near what they should be."""
    from tellapart.theory.bisimulation import bisimulation

    mdp = draw(deterministic_mdps(min_observations=2, max_observations=6, max_actions=2))
    blocks = bisimulation(mdp).partition.ids.tolist()
    d = draw(st.integers(1, 2))
    noise = st.sampled_from([1, 4, 16, 64]).flatmap(lambda k: st.integers(-k, k))
    place = st.tuples(*[st.integers(-8, 8)] * d)
    places = draw(st.lists(place, min_size=max(blocks) + 1, max_size=max(blocks) + 1, unique=d > 0))
    wide = draw(st.booleans())

    def near(point: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(p + (draw(noise) if wide else draw(st.integers(-1, 1))) for p in point)

    codes = [near(tuple(32 * p for p in places[b])) for b in blocks]
    predicted = [[near(codes[s]) for s in row] for row in mdp.successors.tolist()]
    error = st.integers(-511, 511) if draw(st.booleans()) else st.integers(-600, 600)
    read = [1024 * int(label) + draw(error) for label in mdp.labels]  # type: ignore[call-overload]
    return LawNoise(
        mdp, tuple(codes), tuple(map(tuple, predicted)), tuple(read), draw(st.integers(-40, 40))
    )
