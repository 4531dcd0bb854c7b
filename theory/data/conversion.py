"""Transition data and deterministic MDPs, one into the other."""

from typing import TYPE_CHECKING

import numpy as np

from tellapart.theory.data.rows import RowNames
from tellapart.theory.errors import (
    DuplicateTransitionError,
    InvalidLabelError,
    MissingTransitionError,
)
from tellapart.theory.labels import LabelCoding
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.theory.data.transitions import TransitionData

__all__ = ["data_of_mdp", "mdp_of_data", "refuse_contradictions"]


def refuse_contradictions(data: "TransitionData") -> None:
    """Raise DuplicateTransitionError, with both rows, when a pair has several successors."""
    if data.is_functional:
        return
    sizes = np.diff(data.pair_starts)
    one = int(data.pair_starts[int(np.argmax(sizes > 1))])
    o, a = int(data.sources[one]), int(data.action_ids[one])
    ends = [data.observations[int(data.targets[t])] for t in (one, one + 1)]
    raise DuplicateTransitionError(
        f"Observation {data.observations[o]!r} with action {data.actions[a]!r} leads to "
        f"{ends[0]!r} ({data.row_text(one)}) and to {ends[1]!r} ({data.row_text(one + 1)}); "
        f"{count(int((sizes > 1).sum()), 'such pair')} in all. A deterministic system has one "
        "successor; give observations that differ different names, or audit the data without "
        "the deterministic flag."
    )


def mdp_of_data(data: "TransitionData") -> DeterministicMDP:
    """Return the deterministic MDP of total, functional, fully labelled data, or say why not."""
    refuse_contradictions(data)
    if not data.is_fully_labelled:
        o = int(np.argmax(data.label_ids < 0))
        raise InvalidLabelError(
            f"Observation {data.observations[o]!r} has no label "
            f"({data.n_obs - data.n_labelled} have none). A deterministic MDP is labelled "
            "everywhere; audit the data as they are, or add the labels."
        )
    table = data.table()
    if not data.is_total:
        o, a = np.argwhere(table < 0)[0].tolist()
        raise MissingTransitionError(
            f"Observation {data.observations[o]!r} has no successor for action "
            f"{data.actions[a]!r} ({count(data.n_missing_pairs, 'such pair')} in all). A "
            "deterministic MDP needs exactly one for every pair; audit the data as they are, or "
            "log the missing transitions."
        )
    labels = LabelCoding(data.label_ids, data.label_values)
    return DeterministicMDP(table, labels, data.observations, data.actions)


def data_of_mdp(cls: "type[TransitionData]", mdp: DeterministicMDP) -> "TransitionData":
    """Return the transitions and labels of a deterministic MDP as data; names are kept."""
    n, width = mdp.successors.shape
    triples = np.empty((n * width, 3), dtype=np.int32)
    triples[:, 0] = np.repeat(np.arange(n, dtype=np.int32), width)
    triples[:, 1] = np.tile(np.arange(width, dtype=np.int32), n)
    triples[:, 2] = mdp.successors.reshape(-1)
    labels = LabelCoding(mdp.label_ids, mdp.label_values)
    return cls(triples, labels, mdp.observations, mdp.actions, row_names=RowNames("transition"))
