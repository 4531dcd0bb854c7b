"""A Hypothesis strategy for transition data: gaps, several successors, labels here and there."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tellapart.properties.families import FAMILIES, check_bounds, chosen_families
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData

__all__ = ["DATA_FAMILIES", "transition_data"]

#: What :func:`transition_data` draws from.
DATA_FAMILIES = ("any", "functional", "gaps", "nuisance", "contradiction")

#: Families with gaps. A near miss takes few choices for many observations: shrinking stays there.
_SPREAD = tuple(family for family in FAMILIES if family != "near-miss")


def transition_data(
    *,
    max_observations: int = 6,
    max_actions: int = 2,
    max_labels: int = 2,
    families: Sequence[str] | None = None,
) -> st.SearchStrategy[TransitionData]:
    """Draw coverage D and labels p with names ``0, 1, ...`` and labels ``0 .. max_labels-1``.

    Parameters
    ----------
    max_observations, max_actions, max_labels
        Bounds, inclusive.
    families
        Which of :data:`DATA_FAMILIES` to draw from; default all.

        ``"any"``: any rows and any labels on any observations; every data set within the bounds
        (of up to three rows for each observation) is one of these, infeasible ones included.
        ``"functional"``: the same, with one successor for each pair that is covered.
        ``"gaps"``: an MDP of :func:`~tellapart.properties.strategies.deterministic_mdps` from which
        a few transitions and labels are left out: long words, and pairs that only folds separate.
        ``"nuisance"``: such an MDP in which observations come in several looks, and one pair leads
        to several of them: forced merges that labels allow.
        ``"contradiction"``: such an MDP with one row more, which gives a pair a second successor.
        Where the two successors must be told apart the data are infeasible (S2), and it can take
        as many rounds of merging to see it as the word that tells them apart has actions.

    Raises
    ------
    InvalidArgumentError
        For empty bounds or an unknown family.

    Notes
    -----
    Shrinks to one observation with a self-loop and no label.
    """
    check_bounds(
        observations=(1, max_observations), actions=(1, max_actions), labels=(1, max_labels)
    )
    chosen = chosen_families(families, DATA_FAMILIES)
    bounds = (max_observations, max_actions, max_labels)
    drawn = {
        "any": _rows(*bounds, functional=False),
        "functional": _rows(*bounds, functional=True),
        "gaps": _gaps(*bounds),
        "nuisance": _nuisance(*bounds),
        "contradiction": _contradiction(*bounds),
    }
    return st.one_of(*(drawn[family] for family in chosen))


@st.composite
def _rows(
    draw: st.DrawFn, most: int, most_actions: int, most_labels: int, functional: bool
) -> TransitionData:
    n, width = draw(st.integers(1, most)), draw(st.integers(1, most_actions))
    here = st.integers(0, n - 1)
    rows = draw(st.lists(st.tuples(here, st.integers(0, width - 1), here), min_size=1,
                         max_size=3 * n))  # fmt: skip
    if functional:  # the last of several successors stays
        rows = [(*pair, x) for pair, x in {(o, a): x for o, a, x in rows}.items()]
    return TransitionData(rows, draw(_labels(n, most_labels)), range(n), range(width))


def _labels(n: int, most_labels: int) -> st.SearchStrategy[list[int | None]]:
    one = st.one_of(st.none(), st.integers(0, most_labels - 1))
    return st.lists(one, min_size=n, max_size=n)


@st.composite
def _gaps(draw: st.DrawFn, most: int, most_actions: int, most_labels: int) -> TransitionData:
    mdp = draw(deterministic_mdps(max_observations=most, max_actions=most_actions,
                                  max_labels=most_labels, families=_SPREAD))  # fmt: skip
    whole = TransitionData.from_mdp(mdp)
    gaps = draw(st.sets(st.integers(0, whole.n_transitions - 1), max_size=3))
    rows = [row for k, row in enumerate(whole.triples.tolist()) if k not in gaps]
    hidden = draw(st.sets(st.integers(0, mdp.n_obs - 1), max_size=2))
    labels = {o: label for o, label in enumerate(mdp.labels) if o not in hidden}
    return TransitionData(rows or whole.triples, labels, range(mdp.n_obs), range(mdp.n_actions))


@st.composite
def _nuisance(draw: st.DrawFn, most: int, most_actions: int, most_labels: int) -> TransitionData:
    """Draw an MDP and give its observations looks: the last ones are looks of the first."""
    mdp = draw(deterministic_mdps(max_observations=max(1, (most + 1) // 2),
                                  max_actions=most_actions, max_labels=most_labels))  # fmt: skip
    here = st.integers(0, mdp.n_obs - 1)
    shown = [*range(mdp.n_obs), *draw(st.lists(here, max_size=most - mdp.n_obs))]
    looks: dict[int, list[int]] = {}
    for look, o in enumerate(shown):
        looks.setdefault(o, []).append(look)
    rows = []
    for look, o in enumerate(shown):
        for a, target in enumerate(mdp.successors[o].tolist()):
            seen = draw(st.lists(st.sampled_from(looks[target]), min_size=1, max_size=2))
            rows += [(look, a, s) for s in seen]
    labels = [mdp.labels[o] for o in shown]
    return TransitionData(rows, labels, range(len(shown)), range(mdp.n_actions))


@st.composite
def _contradiction(
    draw: st.DrawFn, most: int, most_actions: int, most_labels: int
) -> TransitionData:
    mdp = draw(deterministic_mdps(max_observations=most, max_actions=most_actions,
                                  max_labels=most_labels))  # fmt: skip
    here = st.integers(0, mdp.n_obs - 1)
    row = draw(st.tuples(here, st.integers(0, mdp.n_actions - 1), here))
    whole = TransitionData.from_mdp(mdp)
    rows = [*whole.triples.tolist(), list(row)]
    return TransitionData(rows, mdp.labels, range(mdp.n_obs), range(mdp.n_actions))
