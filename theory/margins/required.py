"""Which pairs every zero-loss encoder tells apart, and how far apart their labels are."""

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError
from tellapart.theory.margins.constants import sup_distances
from tellapart.theory.margins.iteration import Words
from tellapart.theory.margins.tables import Tables
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.points import Interval
from tellapart.theory.partial.relation import separation_relation

__all__ = ["label_gaps", "required_pairs"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def label_gaps(tables: Tables) -> FloatArray:
    """Return lower bounds of ``|p(x) - p(y)|`` by pair number, 0 where labels do not differ."""
    known, first = np.unique(tables.label_ids, return_index=True)
    if known[0] < 0:
        known, first = known[1:], first[1:]
    values = tables.labels[first]
    between = sup_distances(Interval(values, values))[0]
    place = np.searchsorted(known, np.maximum(tables.label_ids, 0))
    gaps = between[np.ix_(place, place)].reshape(-1) if len(known) else np.zeros(1)
    return np.where(tables.label_differs, gaps, 0.0)


def required_pairs(system: DeterministicMDP | TransitionData, words: Words) -> BoolArray:
    """Return which pairs every zero-loss encoder tells apart, by pair number (S3, S4)."""
    n = system.n_obs
    if isinstance(system, TransitionData) and not system.is_complete:
        relation = separation_relation(system, max_classes=n)
        ids = relation.forced.ids
        apart = np.triu(relation.separated[np.ix_(ids, ids)], 1).reshape(-1)
        agrees = not (~apart & (words.lengths >= 0)).any()
    else:
        mdp = system if isinstance(system, DeterministicMDP) else system.to_mdp()
        ids = bisimulation(mdp).partition.ids
        apart = np.triu(ids[:, None] != ids[None, :], 1).reshape(-1)
        agrees = np.array_equal(apart, words.lengths >= 0)
    if not agrees:
        raise InternalError(
            f"Words over pairs and the relation of {n} observations disagree about which pairs "
            "must be told apart: please report this with the system."
        )
    return apart
