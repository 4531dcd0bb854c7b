"""From a table and a structure to a specimen with names."""

from itertools import combinations

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.isomorphism import Structure
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["HIDDEN", "build_specimen"]

#: What the data call every action when actions are not shown.
HIDDEN = "hidden"


def build_specimen(
    hypothesis: Hypothesis, table: npt.NDArray[np.int8], structure: Structure
) -> Specimen:
    """Return the specimen of a table ``[n, m]`` and a structure found by the search.

    Observations are named ``s0, s1, ..``, actions ``a0, a1, ..``; labels are integers. Of the
    merged pairs the first of the deepest is shown; with ``markov_observation`` dropped, of the
    pairs that look alike.
    """
    labels, codes, looks, rows = structure
    n, m = table.shape
    world = DeterministicMDP(
        table.astype(np.int64),
        labels,
        [f"s{o}" for o in range(n)],
        [f"a{a}" for a in range(m)],
    )
    shows = tuple(looks.index(look) for look in looks)
    grouped = looks if hypothesis is Hypothesis.MARKOV_OBSERVATION else codes
    x, y = _deepest_pair(world, grouped)
    return Specimen(
        hypothesis=hypothesis,
        world=world,
        data=_data_of(hypothesis, world, rows),
        shows=shows,
        codes=codes,
        x=world.observations[x],
        y=world.observations[y],
        word=bisimulation(world).distinguishing_word(f"s{x}", f"s{y}") or (),
    )


def _deepest_pair(world: DeterministicMDP, groups: tuple[int, ...]) -> tuple[int, int]:
    found = bisimulation(world)
    best: tuple[int, tuple[int, int]] | None = None
    for x, y in combinations(range(world.n_obs), 2):
        if groups[x] != groups[y]:
            continue
        word = found.distinguishing_word(world.observations[x], world.observations[y])
        if word is not None and (best is None or len(word) > best[0]):
            best = (len(word), (x, y))
    if best is None:
        raise InternalError(
            "The search for counterexamples returned codes that merge no pair with a word. Please "
            "report this as a bug."
        )
    return best[1]


def _data_of(
    hypothesis: Hypothesis, world: DeterministicMDP, rows: tuple[tuple[int, ...], ...]
) -> TransitionData:
    """Return what the losses are taken on."""
    triples = [
        (o, a, end) for o, row in enumerate(world.successors.tolist()) for a, end in enumerate(row)
    ]
    labels = list(world.labels)
    actions = list(world.actions)
    if hypothesis is Hypothesis.DETERMINISM:
        triples += [(o, a, end) for o, a, end in rows]
    elif hypothesis is Hypothesis.FULL_COVERAGE:
        triples = [triple for triple in triples if triple[:2] not in rows]
    elif hypothesis is Hypothesis.ACTION_CONDITIONING:
        triples = sorted({(o, 0, end) for o, _, end in triples})
        actions = [HIDDEN]
    elif hypothesis is Hypothesis.INFORMATIVE_LABEL:
        labels = [0] * world.n_obs
    table = np.array(triples, dtype=np.int64).reshape(-1, 3)
    return TransitionData(table, labels, world.observations, actions)
