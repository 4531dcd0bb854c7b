"""S12: how many latent dimensions linear and affine models need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from tellapart.properties.laws.claims import broken, facts_of, levels
from tellapart.properties.laws.instances import LawRank, ranks
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.linear.realisation import LinearRealisation, realise
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["LAWS"]

Matrix = list[list[Fraction]]
Measure = Callable[[DeterministicMDP], "_Needs"]
Realise = Callable[[DeterministicMDP, bool], Any]


@dataclass(frozen=True)
class _Needs:
    """The dimensions that a linear and an affine model are said to need."""

    linear: int | None
    affine: int | None


def _labels(mdp: DeterministicMDP) -> list[list[Fraction]]:
    """Return label vectors as fractions: numbers, pairs of numbers, or one-hot for names."""
    values = list(mdp.label_values)
    rows = []
    for label in mdp.labels:
        if isinstance(label, str):
            rows.append([Fraction(label == value) for value in values])
        elif isinstance(label, tuple):
            rows.append([Fraction(part) for part in label])
        else:
            rows.append([Fraction(label)])  # type: ignore[call-overload]
    return rows


def _hankel(mdp: DeterministicMDP, longest: int) -> Matrix:
    """Return labels after all words up to this length, word after word, for each observation."""
    labels, after = _labels(mdp), mdp.successors.tolist()
    matrix: Matrix = [[] for _ in after]
    for length in range(longest + 1):
        for word in product(range(mdp.n_actions), repeat=length):
            for o, row in enumerate(matrix):
                here = o
                for a in word:
                    here = after[here][a]
                row.extend(labels[here])
    return matrix


def _rank(matrix: Matrix) -> int:
    """Return the rank over the rationals, by elimination."""
    rows, rank = [list(row) for row in matrix], 0
    for column in range(len(rows[0])):
        pivot = next((k for k in range(rank, len(rows)) if rows[k][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for k in range(rank + 1, len(rows)):
            factor = rows[k][column] / rows[rank][column]
            rows[k] = [x - factor * y for x, y in zip(rows[k], rows[rank], strict=True)]
        rank += 1
    return rank


def _needs(matrix: Matrix) -> _Needs:
    return _Needs(_rank(matrix), _rank([[*row, Fraction(1)] for row in matrix]) - 1)


def _measured(mdp: DeterministicMDP) -> _Needs:
    found = capacity(mdp)
    return _Needs(found.linear, found.affine)


def _float_rank(mdp: DeterministicMDP) -> _Needs:
    """Compute the rank in floating point: known bad."""
    matrix = np.array([[float(x) for x in row] for row in _hankel(mdp, mdp.n_obs - 1)])
    wide = np.hstack([matrix, np.ones((len(matrix), 1))])
    return _Needs(int(np.linalg.matrix_rank(matrix)), int(np.linalg.matrix_rank(wide)) - 1)


def _short_words(mdp: DeterministicMDP) -> _Needs:
    """Stop at words of one action: known bad."""
    return _needs(_hankel(mdp, min(1, mdp.n_obs - 1)))


def _check_capacity(example: LawRank, measure: Measure) -> Seen:
    mdp = example.mdp
    wanted, found = _needs(_hankel(mdp, mdp.n_obs - 1)), measure(mdp)
    for name in ("linear", "affine"):
        said, right = getattr(found, name), getattr(wanted, name)
        if said != right:
            broken(f"{right} dimensions are needed ({name}), and {said} was said.")
    return _seen(mdp, wanted)


def _seen(mdp: DeterministicMDP, wanted: _Needs) -> Seen:
    history = levels(facts_of(mdp))
    blocks = 1 + max(history[-1])
    below = wanted.linear is not None and wanted.linear < blocks
    return Seen(None, len(history) - 1, blocks, None, {"below the blocks": below})


def _spare_dimension(mdp: DeterministicMDP, affine: bool) -> LinearRealisation:
    """Build the linear model where the affine one was asked for: known bad."""
    return realise(mdp, False)


def _one_too_few(mdp: DeterministicMDP, affine: bool) -> Any:
    """Leave out the last latent coordinate: known bad."""
    made = realise(mdp, affine)
    kept = slice(0, max(0, made.dimension - 1))
    return _Model(
        made.codes[:, kept], made.matrices[:, kept, kept], made.offsets[:, kept],
        made.head[kept], made.head_offset,
    )  # fmt: skip


@dataclass(frozen=True)
class _Model:
    """Matrices in the form of a ``LinearRealisation``."""

    codes: Any
    matrices: Any
    offsets: Any
    head: Any
    head_offset: Any


def _check_realised(example: LawRank, build: Realise) -> Seen:
    mdp = example.mdp
    wanted = _needs(_hankel(mdp, mdp.n_obs - 1))
    for affine, right in ((False, wanted.linear), (True, wanted.affine)):
        made = build(mdp, affine)
        codes = made.codes.tolist()
        kind = "affine" if affine else "linear"
        error = _first_error(mdp, made, codes)
        if error is not None:
            broken(f"The {kind} model does not have zero loss: {error}.")
        if len(codes[0]) != right:
            broken(f"The {kind} model has {len(codes[0])} dimensions; the smallest has {right}.")
        if not affine and (made.offsets.any() or made.head_offset.any()):
            broken("The linear model has offsets.")
    return _seen(mdp, wanted)


def _first_error(mdp: DeterministicMDP, made: Any, codes: Matrix) -> str | None:
    """Multiply out every transition and every label; name the first that is wrong."""
    offsets, matrices = made.offsets.tolist(), made.matrices.tolist()
    for o, row in enumerate(mdp.successors.tolist()):
        for a, s in enumerate(row):
            if _affine(codes[o], matrices[a], offsets[a]) != codes[s]:
                return f"{mdp.observations[o]!r} with {mdp.actions[a]!r} is predicted wrongly"
    for o, label in enumerate(_labels(mdp)):
        if _affine(codes[o], made.head.tolist(), made.head_offset.tolist()) != label:
            return f"the label of {mdp.observations[o]!r} is read wrongly"
    return None


def _affine(
    code: Sequence[Any], matrix: Sequence[Sequence[Any]], offset: Sequence[Any]
) -> list[Any]:
    return [
        sum((z * row[j] for z, row in zip(code, matrix, strict=True)), start)
        for j, start in enumerate(offset)
    ]


LAWS: tuple[Law, ...] = (
    Law(
        id="S12",
        statement="S12",
        title="the dimension that a linear model needs is the rank of the labels along words",
        text="With labels of any kind, the dimensions stated for linear and affine models are the "
        "exact ranks of the matrix of labels after all words, without and with a constant column "
        "(less 1).",
        cost=Cost.EXACT,
        cases=ranks,
        check=_check_capacity,
        subject=_measured,
        bad={"rank in floating point": _float_rank, "words of one action": _short_words},
    ),
    Law(
        id="S12-realised",
        statement="S12",
        title="a model of that dimension exists, and has zero loss over the rationals",
        text="The linear and the affine model that are built have the smallest dimension there "
        "is, and every transition and label comes out exactly when multiplied out.",
        cost=Cost.EXACT,
        cases=ranks,
        check=_check_realised,
        subject=realise,
        bad={"linear for affine": _spare_dimension, "one dimension too few": _one_too_few},
    ),
)
