"""Must two observations be told apart? Exactly, one pair at a time, with evidence (S3)."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.border import positive_int
from tellapart.theory.partial.classes import ForcedClasses, forced_classes, refuse_infeasible
from tellapart.theory.partial.folding import Folding
from tellapart.theory.partial.pair_proof import fold_proof, word_proof
from tellapart.theory.partial.proof import Clash, MergeStep, proof_lines
from tellapart.theory.partial.words import shortest_word
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["MAX_PAIRS", "PairSeparation", "separation_of"]

#: Pairs of classes that the search for a distinguishing word looks at.
MAX_PAIRS = 200_000


@register
@dataclass(frozen=True)
class PairSeparation(Saved):
    """Whether every zero-loss encoder tells two observations apart, and why (S3).

    Attributes
    ----------
    x, y
        Names of the observations.
    separated
        The answer.
    word
        Action names of a shortest covered word that leads to different labels (S7); None when
        there is none, or none was found within the budget.
    x_trace, y_trace
        Labels along the word, the start included; None where a label is not known.
    words_complete
        False when the search for a word stopped at its budget.
    steps, clash
        For a separated pair, the proof: suppose that the two share a code (step 0), follow the
        rows, end in two different labels.
    partition
        For a pair that need not be told apart, an admissible partition that merges it: by S1 the
        kernel of some zero-loss encoder.
    """

    x: Hashable
    y: Hashable
    separated: bool
    word: tuple[Hashable, ...] | None
    x_trace: tuple[Hashable, ...]
    y_trace: tuple[Hashable, ...]
    words_complete: bool
    steps: tuple[MergeStep, ...]
    clash: Clash | None
    partition: Partition | None

    def __bool__(self) -> bool:
        return self.separated

    def explain(self, limit: int = 200) -> str:
        """Return the answer and its reasons, at most ``limit`` steps of a proof."""
        if self.clash is None:
            size = "" if self.partition is None else f" of {count(self.partition.n_blocks, 'code')}"
            return (
                f"{self.x} and {self.y} need not be told apart: an admissible partition{size} "
                "merges them."
            )
        head = [f"{self.x} and {self.y} must be told apart."]
        if self.word is not None:
            shown = " ".join(map(str, self.word)) or "(empty: the labels differ)"
            head.append(f"Word {shown}: from {self.x} the labels are {_trace(self.x_trace)},")
            head.append(f"from {self.y} they are {_trace(self.y_trace)}.")
        elif self.words_complete:
            head.append("No covered word shows it; merging and folding does.")
        head.append(f"Suppose {self.x} and {self.y} share a code (the assumption).")
        return proof_lines(self.steps, self.clash, limit, head)

    def __repr__(self) -> str:
        verdict = "must be told apart" if self.separated else "need not be told apart"
        by = f" by word {self.word!r}" if self.word is not None else ""
        return f"PairSeparation({self.x!r} and {self.y!r} {verdict}{by})"


def separation_of(
    data: TransitionData | DeterministicMDP | ForcedClasses,
    x: Hashable,
    y: Hashable,
    *,
    max_pairs: int = MAX_PAIRS,
) -> PairSeparation:
    """Decide whether every zero-loss encoder separates two named observations (S3).

    Parameters
    ----------
    data
        Any coverage and any labels; or the result of
        :func:`~tellapart.theory.partial.classes.forced_classes`, which several questions share.
    x, y
        Names of the observations.
    max_pairs
        Bound on the search for a distinguishing word. The answer does not depend on it, only
        whether a word or a longer proof shows it.

    Returns
    -------
    PairSeparation

    Raises
    ------
    InvalidArgumentError
        For a name that does not exist, or infeasible data (S2): see
        :func:`~tellapart.theory.partial.chain.infeasibility`.

    Notes
    -----
    After ``forced_classes``, O(t |A| log t) for a fold that touches t classes; when the pair is
    not separated also O(n) for the partition.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: "goal", 3: "road"})
    >>> separation_of(data, 0, 1)
    PairSeparation(0 and 1 must be told apart by word (0,))
    >>> separation_of(data, 0, 2).partition
    Partition of 4 observations into 3 blocks: {0, 2} {1} {3}
    """
    classes = data if isinstance(data, ForcedClasses) else forced_classes(data)
    limit = positive_int(max_pairs, "max_pairs", 1)
    index = classes.data.observation_index
    i, j = index(x), index(y)
    refuse_infeasible(classes)
    ids = classes.partition.ids
    c, d = int(ids[i]), int(ids[j])
    folding = Folding(classes.rows_of, classes.edge_targets, classes.labels)
    if folding.merge(c, d, (-1, -2)):
        return _merged(classes, x, y, folding)
    links, complete = shortest_word(classes, c, d, limit)
    if links is None:
        steps, clash = fold_proof(classes, i, j, folding)
        return PairSeparation(x, y, True, None, (), (), complete, steps, clash, None)
    steps, clash = word_proof(classes, i, j, links)
    word = tuple(classes.data.actions[int(classes.edge_actions[e])] for e, _ in links)
    traces = [
        tuple(
            _label(classes, k) for k in [start, *(int(classes.edge_targets[e[s]]) for e in links)]
        )
        for s, start in ((0, c), (1, d))
    ]
    return PairSeparation(x, y, True, word, traces[0], traces[1], complete, steps, clash, None)


def _merged(classes: ForcedClasses, x: Hashable, y: Hashable, folding: Folding) -> PairSeparation:
    ids = folding.ids(classes.n_classes)[classes.partition.ids]
    return PairSeparation(x, y, False, None, (), (), True, (), None, Partition(np.asarray(ids)))


def _label(classes: ForcedClasses, c: int) -> Hashable:
    identifier = int(classes.labels[c])
    return None if identifier < 0 else classes.data.label_values[identifier]


def _trace(labels: tuple[Hashable, ...]) -> str:
    return " -> ".join("?" if label is None else str(label) for label in labels)
