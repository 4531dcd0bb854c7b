"""Matrices of the smallest linear or affine model, on blocks; inner part of realisation (S12).

The closure gives every row of H as a combination of the rows of ``r`` core observations. Those
combinations are codes: the code of a successor of a core observation is a row of T_a, its label a
row of P, and by linearity that settles all other observations.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import BudgetExceededError
from tellapart.theory.linear.exact_labels import ExactLabels
from tellapart.theory.linear.rational import independent_columns, inverse
from tellapart.theory.linear.word_closure import WordClosure

__all__ = ["MAX_WORDS", "BlockModel", "plain", "spell", "with_constant"]

IntArray = npt.NDArray[np.int32]
Objects = npt.NDArray[np.object_]

#: Latent dimensions up to which coordinates that are words are computed (a matrix is inverted).
MAX_WORDS = 100


@dataclass
class BlockModel:
    """Matrices on blocks; ``core`` lists blocks, in affine models the first is the origin."""

    codes: Objects
    matrices: Objects
    offsets: Objects
    head: Objects
    head_offset: Objects
    affine: bool
    core: list[int]

    @classmethod
    def of(
        cls,
        rows: Objects,
        core: list[int],
        labels: ExactLabels,
        ids: IntArray,
        successors: IntArray,
        affine: bool,
    ) -> "BlockModel":
        """Read the matrices off the reduced rows of the closure (:func:`with_constant` if affine).

        Codes are scaled, coordinate by coordinate, to integers.
        """
        if affine:
            rows = rows[1:]  # the origin: coordinates of every code add up to 1 with its own
        m, d = len(ids), len(rows)
        scales = [lcm(*(x.denominator for x in row)) for row in rows]
        codes = np.empty((m, d), dtype=object)
        for j, (row, scale) in enumerate(zip(rows, scales, strict=True)):
            codes[:, j] = [int(x * scale) for x in row]
        reciprocals = np.empty((d, 1), dtype=object)
        reciprocals[:, 0] = [1 if scale == 1 else Fraction(1, scale) for scale in scales]
        values = np.empty((labels.count, labels.dim), dtype=object)
        for label in range(labels.count):
            values[label] = labels.vector(label)
        free, origin = (core[1:], core[0]) if affine else (core, None)
        zero = np.zeros(d, dtype=object)
        offsets = np.stack([zero if origin is None else codes[row[origin]] for row in successors.T])
        head_offset = np.zeros(labels.dim, dtype=object) if origin is None else values[ids[origin]]
        matrices = np.stack([
            (codes[moves[free]] - offset) * reciprocals
            for moves, offset in zip(successors.T, offsets, strict=True)
        ])  # fmt: skip
        head = (values[ids[free]] - head_offset) * reciprocals
        return cls(codes, matrices, offsets, head, head_offset, affine, core)

    def in_words(
        self, closure: WordClosure, labels: ExactLabels, ids: IntArray, successors: IntArray
    ) -> list[int]:
        """Change coordinates in place to labels along words; return the words that are used.

        The new code is ``z G + g``, so ``T'_a = G^-1 T_a G`` and offsets follow.
        """
        d = self.codes.shape[1]
        if d > MAX_WORDS:
            raise BudgetExceededError(
                f"The model has {d} dimensions; coordinates='words' inverts a matrix of that size "
                f"and is limited to {MAX_WORDS}. Use coordinates='observations'."
            )
        seen = _labels_along_words(closure, labels, ids, successors)
        free = self.core[1:] if self.affine else self.core
        shift = seen[self.core[0]] if self.affine else np.zeros(closure.rank, dtype=object)
        whole = np.empty((d, closure.rank), dtype=object)
        for i, block in enumerate(free):
            whole[i] = (seen[block] - shift) * Fraction(1, self.codes[block, i])
        used = independent_columns(whole)
        basis, shift = whole[:, used], shift[used]
        back = inverse(basis)
        self.matrices = np.stack([back @ matrix @ basis for matrix in self.matrices])
        self.offsets = np.stack([
            offset @ basis + shift - shift @ matrix
            for offset, matrix in zip(self.offsets, self.matrices, strict=True)
        ])  # fmt: skip
        self.head = back @ self.head
        self.head_offset = self.head_offset - shift @ self.head
        self.codes = seen[:, used]
        return [int(word) for word in used]


def with_constant(rows: Objects, core: list[int], has_one: bool) -> tuple[Objects, list[int]]:
    """Return the reduced form of the span of ``rows`` and of the constant vector."""
    if has_one:
        return rows, core
    rest = 1 - rows.sum(axis=0) if len(rows) else np.full(rows.shape[1], Fraction(1), dtype=object)
    pivot = next(j for j, x in enumerate(rest.tolist()) if x)
    rest = rest / rest[pivot]
    cleared = rows - rows[:, [pivot]] * rest
    order = sorted(range(len(core) + 1), key=lambda i: (*core, pivot)[i])
    return np.vstack([cleared, rest])[order], sorted((*core, pivot))


def _labels_along_words(
    closure: WordClosure, labels: ExactLabels, ids: IntArray, successors: IntArray
) -> Objects:
    """Return the label vectors of all kept words as columns, ``[m, r]``."""
    table = np.empty((labels.dim, labels.count), dtype=object)
    for c in range(labels.dim):
        table[c] = [labels.value(label, c) for label in range(labels.count)]
    seen = np.empty((len(ids), closure.rank), dtype=object)
    words = zip(closure.parents.tolist(), closure.letters.tolist(), strict=True)
    for i, (parent, letter) in enumerate(words):
        if parent < 0:
            seen[:, i] = table[letter][ids]
        else:
            seen[:, i] = seen[successors[:, letter], parent]
    return seen


def spell(closure: WordClosure, word: int) -> tuple[list[int], int]:
    """Return the actions of a kept word, and the label coordinate read at its end."""
    actions = []
    while closure.parents[word] >= 0:
        actions.append(int(closure.letters[word]))
        word = int(closure.parents[word])
    return actions, int(closure.letters[word])


def plain(matrix: Objects) -> Objects:
    """Return the same numbers, integers where they are integers and fractions elsewhere."""
    result = np.empty(matrix.size, dtype=object)
    known: dict[int | Fraction, int | Fraction] = {}  # few numbers are distinct
    for place, entry in enumerate(matrix.reshape(-1).tolist()):
        if entry not in known:
            value = Fraction(entry)
            known[entry] = value.numerator if value.denominator == 1 else value
        result[place] = known[entry]
    return result.reshape(matrix.shape)
