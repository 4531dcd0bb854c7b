"""Examples of the laws S1 to S7: data that can be saved, and how they are drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import admissible_partitions, deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = [
    "LawData",
    "LawKernel",
    "LawSystem",
    "LawTraining",
    "any_kernels",
    "data_examples",
    "kernels",
    "systems",
    "trainings",
]

#: Seeds are small: they number variants, and small ones are easy to read in a saved case.
_SEEDS = st.integers(0, 99)


@register
@dataclass(frozen=True)
class LawSystem(Saved):
    """A total, fully labelled system."""

    mdp: DeterministicMDP


@register
@dataclass(frozen=True)
class LawData(Saved):
    """Transition data of any coverage and labelling."""

    data: TransitionData


@register
@dataclass(frozen=True)
class LawKernel(Saved):
    """A system, a partition of its observations, and how an encoder with that kernel is built.

    Attributes
    ----------
    mdp, partition
        The system and the kernel.
    build
        ``"onehot"`` or ``"random"`` tables, ``"piecewise"`` linear networks, or the smallest
        ``"linear"`` model, whose kernel is B* whatever the partition.
    seed
        Of what is random in the encoder.
    """

    mdp: DeterministicMDP
    partition: Partition
    build: str
    seed: int


@register
@dataclass(frozen=True)
class LawTraining(Saved):
    """A system, and the seed of the weights that are trained on it."""

    mdp: DeterministicMDP
    seed: int


def systems(*, most: int = 8, least: int = 1, actions: int = 3) -> st.SearchStrategy[LawSystem]:
    """Draw systems; in half of them the names count down, so that a name is not its index."""
    return _mdps(most, least, actions).map(LawSystem)


def _mdps(most: int, least: int = 1, actions: int = 3) -> st.SearchStrategy[DeterministicMDP]:
    drawn = deterministic_mdps(min_observations=least, max_observations=most, max_actions=actions)
    return st.builds(_named, drawn, st.booleans())


def _named(mdp: DeterministicMDP, down: bool) -> DeterministicMDP:
    if not down:
        return mdp
    names, actions = range(mdp.n_obs)[::-1], range(mdp.n_actions)[::-1]
    return DeterministicMDP(mdp.successors, mdp.labels, names, actions)


def _informed(mdp: DeterministicMDP) -> DeterministicMDP:
    """Give the last observation a label of its own where all labels are equal."""
    if len(mdp.label_values) > 1:
        return mdp
    return mdp.with_labels([*mdp.labels[:-1], 1 + int(mdp.labels[0] == 1)])


def data_examples(
    *, most: int = 5, actions: int = 2, labels: int = 2, also: Sequence[str] = ("few labels",)
) -> st.SearchStrategy[LawData]:
    """Draw data of every family of ``transition_data``, and of what else a law turns on.

    Parameters
    ----------
    most, actions, labels
        Bounds, inclusive; families in ``also`` may need more.
    also
        ``"few labels"``: functional data in which few observations are labelled, so that folds
        decide and no quotient is the largest. ``"forks"``: one pair with two successors, and what
        follows them merges step by step, perhaps into two labels. ``"folds"``: a pair that folds
        tell apart and no word does. ``"rings"``: neighbours in an odd ring must differ, so that
        two codes do not suffice although the largest clique has two members. ``"traps"``: merging
        the first pair that may be merged costs a code.
    """
    known = transition_data(max_observations=most, max_actions=actions, max_labels=labels)
    more = {
        "few labels": lambda: _few_labels(most, actions),
        "forks": lambda: _with_more(_forks()),
        "folds": lambda: _with_more(_folds()),
        "rings": lambda: _with_more(_rings()),
        "traps": lambda: _with_more(_traps()),
    }
    # The families of transition_data count one by one, so each of these counts three times.
    drawn = st.one_of(known, *(more[name]() for name in also for _ in range(3)))
    return st.builds(_named_data, drawn, st.booleans()).map(LawData)


def _named_data(data: TransitionData, down: bool) -> TransitionData:
    if not down:
        return data
    labels = [data.label_of(o) for o in range(data.n_obs)]
    names, actions = range(data.n_obs)[::-1], range(data.n_actions)[::-1]
    return TransitionData(data.triples, labels, names, actions)


@st.composite
def _few_labels(draw: st.DrawFn, most: int, actions: int) -> TransitionData:
    n = draw(st.one_of(st.integers(min(4, most), most), st.just(most)))
    here = st.integers(0, n - 1)
    row = st.tuples(here, st.integers(0, actions - 1), here)
    rows = {drawn[:2]: drawn for drawn in draw(st.lists(row, min_size=n // 2, max_size=2 * n))}
    labels = draw(st.dictionaries(here, st.integers(0, 1), min_size=2, max_size=n // 2 + 1))
    return TransitionData(
        list(rows.values()), [labels.get(o) for o in range(n)], range(n), range(actions)
    )


Parts = tuple[list[tuple[int, int, int]], dict[int, int]]


@st.composite
def _with_more(draw: st.DrawFn, drawn: st.SearchStrategy[Parts]) -> TransitionData:
    """Cover up to two pairs more, and put the observations in some order."""
    rows, labels = draw(drawn)
    n = 1 + max(max(row[0], row[2]) for row in rows)
    width = 1 + max(row[1] for row in rows)
    here, covered = st.integers(0, n - 1), {row[:2] for row in rows}
    more = draw(st.lists(st.tuples(here, st.integers(0, width - 1), here), max_size=2))
    rows = rows + list({row[:2]: row for row in more if row[:2] not in covered}.values())
    order = draw(st.permutations(range(n)))
    moved = [(order[o], a, order[s]) for o, a, s in rows]
    placed = {order[o]: label for o, label in labels.items()}
    return TransitionData(moved, [placed.get(o) for o in range(n)], range(n), range(width))


@st.composite
def _forks(draw: st.DrawFn) -> Parts:
    """Draw two or three branches of one pair, of which up to two go on by one action."""
    branches, action = draw(st.integers(2, 3)), draw(st.integers(0, 1))
    rows = [(0, 0, 1 + i) for i in range(branches)]
    onward = sorted(draw(st.sets(st.integers(1, branches), max_size=2)))
    rows += [(i, action, 1 + branches + k) for k, i in enumerate(onward)]
    label, known = st.one_of(st.none(), st.integers(0, 1)), st.integers(0, 1)
    drawn = {o: draw(known if o > branches else label) for o in range(1, len(rows) + 1)}
    return rows, {o: found for o, found in drawn.items() if found is not None}


@st.composite
def _folds(draw: st.DrawFn) -> Parts:
    """Draw two observations whose merge links three others, the outer two of which clash."""
    rows = [(0, 0, 2), (1, 0, 3), (0, 1, 3), (1, 1, 4)]
    labels = {2: 0, 4: 1}
    if draw(st.booleans()):
        labels[3] = draw(st.integers(0, 1))  # then words suffice
    return rows, labels


def _rings() -> st.SearchStrategy[Parts]:
    rows = [row for i in range(5) for row in ((i, i, 5), ((i + 1) % 5, i, 6))]
    return st.just((rows, {5: 0, 6: 1}))


def _traps() -> st.SearchStrategy[Parts]:
    """Draw labelled 0 and 1, where 2 and 3 fit 1 and 0 but not the other way round."""
    return st.just(([(0, 0, 1), (1, 0, 1), (3, 0, 2)], {0: 0, 1: 1}))


@st.composite
def kernels(draw: st.DrawFn, most: int = 8, informative: bool = False) -> LawKernel:
    """Draw systems with an admissible partition, anywhere in the interval (S5).

    With ``informative`` some pair must be told apart, and the smallest linear encoder is drawn too.
    """
    mdp = draw(_mdps(most, 2).map(_informed) if informative else _mdps(most))
    partition = draw(admissible_partitions(mdp))
    builds = ["onehot", "random", "piecewise", *(["linear"] if informative else [])]
    return LawKernel(mdp, partition, draw(st.sampled_from(builds)), draw(_SEEDS))


@st.composite
def any_kernels(draw: st.DrawFn, most: int = 5) -> LawKernel:
    """Draw systems with any partition, admissible or not."""
    mdp = draw(_mdps(most))
    block = st.integers(0, mdp.n_obs - 1)
    ids = draw(st.lists(block, min_size=mdp.n_obs, max_size=mdp.n_obs))
    drawn = st.one_of(admissible_partitions(mdp), st.just(Partition(ids)))
    return LawKernel(mdp, draw(drawn), draw(st.sampled_from(["onehot", "random"])), draw(_SEEDS))


def trainings(*, most: int = 7) -> st.SearchStrategy[LawTraining]:
    """Draw systems in which some pair must be told apart, and seeds."""
    return st.builds(LawTraining, _mdps(most, 2, 2).map(_informed), _SEEDS)
