"""The span of all label vectors along words: the column space of H (S12), exactly.

``H[o, w] = p(f_w(o))``. Its column space is the smallest space that contains the label vectors and
is closed under ``v -> v o f_a``; words are tried breadth first, so it grows with their length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.linear.exact_labels import ExactLabels

__all__ = ["METHODS", "WordClosure", "close_reference", "close_words_exactly"]

IntArray = npt.NDArray[np.int32]
Row = list[Fraction]

#: What ``method=`` may be.
METHODS = ("auto", "modular", "reference")

#: Blocks up to which plain fractions are quicker than loading the compiled kernels.
SMALL = 16


@dataclass(frozen=True)
class WordClosure:
    """A basis of the column space of H, as words and in reduced form.

    Attributes
    ----------
    parents, letters
        int32 ``[r]``: kept word ``i`` is the action ``letters[i]`` followed by the word
        ``parents[i]``; the empty word with label coordinate ``c`` has parent -1 and letter ``c``.
    lengths
        int32 ``[r]``: lengths of the kept words, ascending.
    core
        int32 ``[r]``: the first observations (blocks) that are linearly independent as rows of H.
    rows
        Object array of ``Fraction`` ``[r, m]``: the reduced row echelon form of the basis, with
        the identity at ``core``; row o of H is the combination ``rows[:, o]`` of the rows
        ``core``. None when it was not found within the bounds on work.
    has_one
        Whether the constant vector lies in the space.
    rank_proved, lengths_proved
        Whether ``r`` is the rank, and ``lengths`` are those of the exact computation; otherwise
        both are lower bounds.
    arithmetic
        How it was proved, for people.
    """

    parents: IntArray
    letters: IntArray
    lengths: IntArray
    core: IntArray
    rows: npt.NDArray[np.object_] | None
    has_one: bool
    rank_proved: bool
    lengths_proved: bool
    arithmetic: str

    @property
    def rank(self) -> int:
        """Number of kept words."""
        return len(self.core)

    @property
    def ranks_by_length(self) -> tuple[int, ...]:
        """Rank of H restricted to words of length at most 0, 1, ..., up to the first full one."""
        if not self.rank:
            return (0,)
        counts = np.bincount(self.lengths)
        return tuple(np.cumsum(counts).tolist())


def close_words_exactly(
    labels: ExactLabels, label_ids: IntArray, successors: IntArray, method: str = "auto"
) -> WordClosure:
    """Close label vectors under the actions.

    Parameters
    ----------
    labels, label_ids
        Vectors of the labels, and int32 ``[m]`` the label of each block.
    successors
        int32 ``[m, n_actions]`` on blocks.
    method
        ``"reference"``: fractions throughout. ``"modular"``: modulo primes, with a proof over the
        rationals. ``"auto"`` chooses by size; results are the same wherever both prove them.

    Raises
    ------
    InvalidArgumentError
        For an unknown method.
    """
    if method not in METHODS:
        raise InvalidArgumentError(
            f"method is {method!r}; it must be one of {', '.join(map(repr, METHODS))}."
        )
    if method == "reference" or (method == "auto" and len(label_ids) <= SMALL):
        return close_reference(labels, label_ids, successors)
    from tellapart.theory.linear.word_closure_modular import close_modular

    return close_modular(labels, label_ids, successors)


def close_reference(labels: ExactLabels, label_ids: IntArray, successors: IntArray) -> WordClosure:
    """Close label vectors by Gaussian elimination in fractions; the oracle of the modular way.

    Notes
    -----
    O(|A| m³) operations on fractions whose size may grow.
    """
    ids, table = label_ids.tolist(), successors.tolist()
    vectors: list[Row] = []  # of the kept words
    words: list[tuple[int, int, int]] = []  # parent, letter, length
    echelon: list[tuple[int, Row]] = []
    for c in range(labels.dim):
        _keep([labels.value(i, c) for i in ids], (-1, c, 0), vectors, words, echelon)
    head = 0
    while head < len(vectors):
        for action in range(successors.shape[1]):
            moved = [vectors[head][row[action]] for row in table]
            _keep(moved, (head, action, words[head][2] + 1), vectors, words, echelon)
        head += 1
    core, rows = _reduced(echelon)
    parents, letters, lengths = np.array(words, dtype=np.int32).reshape(len(words), 3).T
    matrix = np.empty((len(core), len(ids)), dtype=object)
    for i, row in enumerate(rows):
        matrix[i] = row
    # 1 is in the span when the combination of rows that is 1 at the core is 1 everywhere.
    has_one = all(sum(column) == 1 for column in zip(*rows, strict=True)) if rows else False
    return WordClosure(
        parents,
        letters,
        lengths,
        np.array(core, dtype=np.int32),
        matrix,
        has_one,
        True,
        True,
        "fractions throughout",
    )


def _keep(
    vector: Row,
    word: tuple[int, int, int],
    vectors: list[Row],
    words: list[tuple[int, int, int]],
    echelon: list[tuple[int, Row]],
) -> None:
    """Add a vector to the basis if it is independent of it."""
    rest = vector
    for pivot, row in echelon:
        if rest[pivot]:
            factor = rest[pivot]
            rest = [x - factor * y for x, y in zip(rest, row, strict=True)]
    pivot = next((j for j, x in enumerate(rest) if x), -1)
    if pivot >= 0:
        echelon.append((pivot, [x / rest[pivot] for x in rest]))
        vectors.append(vector)
        words.append(word)


def _reduced(echelon: Sequence[tuple[int, Row]]) -> tuple[list[int], list[Row]]:
    """Return pivots and reduced rows, by ascending pivot."""
    rows: list[tuple[int, Row]] = []
    for pivot, row in sorted(echelon, key=lambda item: -item[0]):
        for below, other in rows:
            factor = row[below]
            row = [x - factor * y for x, y in zip(row, other, strict=True)]
        rows.append((pivot, row))
    rows.reverse()
    return [pivot for pivot, _ in rows], [row for _, row in rows]
