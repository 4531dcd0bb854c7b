"""Margins along words by difference quotients: no product of norms (the path form of S10).

With ``T(E(x), a) - T(E(y), a) = (E(x) - E(y)) M`` along a word, and W the same for the head, the
label difference at the end is ``(E(x) - E(y)) S`` plus residuals carried through later matrices.
Words that share an ending share the work: a pair uses the matrix of the pair that it leads to.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.margins.balls import Ball, add, matmul, of_interval, point
from tellapart.theory.margins.iteration import LABEL, STEP, Estimates, Words, reached_pairs
from tellapart.theory.margins.rounding import DOWN, TINY, UP, cut
from tellapart.theory.margins.slopes import Quotients, quotients_of
from tellapart.theory.margins.tables import Tables
from tellapart.theory.networks.points import ModelPoints
from tellapart.theory.networks.program import NetworkModel

__all__ = ["PathEngine", "chosen_words", "letters_of", "path_engine"]

FloatArray = npt.NDArray[np.float64]
LongArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: Claims are made smaller by this much, far more than the checker's arithmetic can differ by.
_SHRINK = 1.0 - 1e-9
#: Floats held at once in one array of quotients (16 MiB).
_CHUNK = 2_000_000


@dataclass(frozen=True, eq=False)
class _Level:
    """What is known of the pairs whose words have one length.

    ``matrix`` is S, ``[k, d, label_dim]``; ``lost`` bounds what residuals take off each label
    coordinate, and ``gaps`` are lower bounds of the label differences, both ``[k, label_dim]``.
    """

    matrix: Ball
    lost: FloatArray
    gaps: FloatArray


@dataclass(frozen=True, eq=False)
class PathEngine:
    """A model prepared for margins along words; made by :func:`path_engine`.

    Attributes
    ----------
    tables
        The system.
    head
        Difference quotients of the head.
    predictors
        The same for each action; None where there are none that we know.
    residuals, label_residuals
        Signed residuals, ``[n_transitions, d]`` and ``[n_obs, label_dim]``.
    """

    tables: Tables
    head: Quotients
    predictors: tuple[Quotients | None, ...]
    residuals: Ball
    label_residuals: Ball

    def margins(
        self, words: Words, wanted: BoolArray, max_work: int, spent: int = 0
    ) -> tuple[FloatArray, int]:
        """Bound the distances of the wanted pairs along their words.

        Parameters
        ----------
        words
            One word for each pair, such that the rest of a word is the word of the pair that its
            first letter leads to.
        wanted
            bool ``[n_obs**2]``.
        max_work
            Multiply-adds at most; shorter words come first.
        spent
            How many of them are spent already.

        Returns
        -------
        float64 ``[n_obs**2]``, 0 where there is no positive margin, with 26 binary digits; and
        the multiply-adds spent by now.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return self._margins(_both_ways(words, self.tables.n_obs), wanted, max_work, spent)

    def _margins(
        self, words: Words, wanted: BoolArray, max_work: int, spent: int
    ) -> tuple[FloatArray, int]:
        values = np.zeros(len(wanted))
        rows = np.full(len(wanted), -1, dtype=np.int64)
        level: _Level | None = None
        for pairs in self._levels(words, wanted):
            if level is None:
                level, cost = self._leaves(pairs), self.head.work * len(pairs)
            else:
                pairs = pairs[rows[self._reached(words.following[pairs])] >= 0]
                actions = self.tables.actions[words.following[pairs, 0]]
                known = np.array([part is not None for part in self.predictors])
                pairs, actions = pairs[known[actions]], actions[known[actions]]
                costs = np.array([self._cost(a) for a in range(len(known))], dtype=np.int64)
                fits = int(np.searchsorted(spent + costs[actions].cumsum(), max_work, side="right"))
                pairs, actions, cost = (
                    pairs[:fits],
                    actions[:fits],
                    int(costs[actions[:fits]].sum()),
                )
                if not len(pairs):
                    break
                level = self._step(level, rows, pairs, actions, words.following[pairs])
                values[pairs] = _bounds(level)
            spent += cost
            rows[:] = -1
            rows[pairs] = np.arange(len(pairs))
        return np.where(wanted, values, 0.0), spent

    def _levels(self, words: Words, wanted: BoolArray) -> list[LongArray]:
        """Ordered pairs by length of word: the wanted ones and all that their words pass."""
        pairs = np.flatnonzero(words.lengths >= 0)
        pairs = pairs[np.argsort(words.lengths[pairs], kind="stable")]
        lengths = words.lengths[pairs]
        if not len(pairs):
            return []
        ends = np.searchsorted(lengths, np.arange(int(lengths[-1]) + 2))
        kept = wanted.copy()
        result = []
        for length in range(int(lengths[-1]), -1, -1):
            level = pairs[ends[length] : ends[length + 1]]
            level = level[kept[level]]
            if length:
                kept[self._reached(words.following[level])] = True
            if len(level):
                result.append(level)
        return result[::-1]

    def _leaves(self, pairs: LongArray) -> _Level:
        x, y = np.divmod(pairs, self.tables.n_obs)
        chunks = [
            self.head.matrix(x[part], y[part]) for part in _parts(len(pairs), self.head.numbers)
        ]
        kappa = add(self.label_residuals[x], self.label_residuals[y], -1.0)
        gaps = np.abs(self.tables.labels[x] - self.tables.labels[y]) * DOWN
        return _Level(_joined(chunks, len(pairs)), kappa.magnitude, gaps)

    def _step(
        self, level: _Level, rows: LongArray, pairs: LongArray, actions: LongArray, moves: LongArray
    ) -> _Level:
        """Put one letter in front of the words of a level."""
        x, y = np.divmod(pairs, self.tables.n_obs)
        later = rows[self._reached(moves)]
        shape = (len(pairs), *level.matrix.shape[1:])
        matrix = Ball(np.empty(shape), np.empty(shape))
        lost = np.empty((len(pairs), shape[2]))
        for action, quotients in enumerate(self.predictors):
            mine = np.flatnonzero(actions == action)
            for part in _parts(len(mine), quotients.numbers if quotients else 1):
                here = mine[part]
                if quotients is None:
                    continue
                after = level.matrix[later[here]]
                found = matmul(quotients.matrix(x[here], y[here]), after)
                matrix.mid[here], matrix.rad[here] = found.mid, found.rad
                s, t = moves[here].T
                rho = add(self.residuals[s], self.residuals[t], -1.0)
                carried = matmul(rho.reshape(len(here), 1, -1), after).magnitude[:, 0]
                lost[here] = (level.lost[later[here]] + carried) * UP
        return _Level(matrix, lost, level.gaps[later])

    def _reached(self, moves: LongArray) -> LongArray:
        """Numbers of the ordered pairs that pairs of transitions lead to."""
        ends = self.tables.targets[moves]
        return np.asarray(ends[:, 0] * self.tables.n_obs + ends[:, 1])

    def _cost(self, action: int) -> int:
        quotients = self.predictors[action]
        if quotients is None:
            return 0
        d, width = self.residuals.shape[1], self.label_residuals.shape[1]
        return (1 if quotients.is_constant else quotients.work) + 3 * d * d * width


def path_engine(tables: Tables, model: NetworkModel, points: ModelPoints) -> PathEngine | None:
    """Prepare a model, or return None where its head has no difference quotients that we know."""
    head = quotients_of(model.head, points.codes)
    if head is None:
        return None
    known: dict[int, Quotients | None] = {}
    for program in model.predictors:
        if id(program) not in known:
            known[id(program)] = quotients_of(program, points.codes)
    codes = of_interval(points.codes)
    predicted = of_interval(points.predicted[tables.sources, tables.actions])
    residuals = add(predicted, codes[tables.targets], -1.0)
    labels = point(np.nan_to_num(tables.labels))
    label_residuals = add(of_interval(points.read), labels, -1.0)
    if points.zero_loss:
        residuals = point(np.zeros(residuals.shape))
        label_residuals = point(np.zeros(label_residuals.shape))
    predictors = tuple(known[id(program)] for program in model.predictors)
    return PathEngine(tables, head, predictors, residuals, label_residuals)


def chosen_words(tables: Tables, estimates: Estimates) -> Words:
    """Return the words that value iteration chose, where they end at a label."""
    lengths = np.where(estimates.forms == LABEL, 0, -1).astype(np.int32)
    open_pairs = np.flatnonzero(estimates.forms == STEP)
    length = 0
    while open_pairs.size:
        length += 1
        reached = reached_pairs(tables, estimates.supports[open_pairs])
        ready = lengths[reached] == length - 1
        if not ready.any():
            break
        lengths[open_pairs[ready]] = length
        open_pairs = open_pairs[~ready]
    following = np.where((lengths > 0)[:, None], estimates.supports, -1)
    return Words(lengths, following)


def letters_of(tables: Tables, words: Words, pair: int) -> tuple[tuple[int, int], ...]:
    """Return the pairs of transitions along a word, the first of each from the side of x."""
    letters = []
    x, y = divmod(pair, tables.n_obs)
    while words.lengths[pair] > 0:
        s, t = words.following[pair].tolist()
        if tables.sources[s] != x:
            s, t = t, s
        letters.append((s, t))
        x, y = int(tables.targets[s]), int(tables.targets[t])
        pair = min(x, y) * tables.n_obs + max(x, y)
    return tuple(letters)


def _both_ways(words: Words, n: int) -> Words:
    """Give ordered pairs (y, x) the words of (x, y).

    Difference quotients of products depend on the order, and the checker keeps to that of x and y
    all along a word.
    """
    lengths, following = words.lengths.reshape(n, n), words.following.reshape(n, n, 2)
    turned = (lengths < 0)[:, :, None]
    both = np.where(turned, following.transpose(1, 0, 2)[:, :, ::-1], following)
    return Words(np.maximum(lengths, lengths.T).reshape(-1), both.reshape(n * n, 2))


def _bounds(level: _Level) -> FloatArray:
    """Return ``max_j (|p(x_k) - p(y_k)|_j - lost_j) / Σ_r |S[r, j]|``, rounded down."""
    slack = 1 + (level.matrix.shape[1] + 4) * 2.0**-50
    columns = level.matrix.magnitude.sum(axis=1) * slack
    left = (level.gaps - level.lost) * DOWN
    usable = np.isfinite(columns) & (columns > 0) & (left >= TINY)
    found = np.where(usable, left / np.where(usable, columns, 1.0), 0.0)
    return cut(found.max(axis=1, initial=0.0) * DOWN * _SHRINK)


def _parts(count: int, numbers: int) -> list[slice]:
    step = max(1, _CHUNK // max(1, numbers))
    return [slice(start, start + step) for start in range(0, count, step)]


def _joined(chunks: list[Ball], count: int) -> Ball:
    """Join matrices of parts; one matrix for all stands for each."""
    if len(chunks) == 1 or chunks[0].shape[0] == 1:
        shape = (count, *chunks[0].shape[1:])
        return Ball(np.broadcast_to(chunks[0].mid, shape), np.broadcast_to(chunks[0].rad, shape))
    return Ball(
        np.concatenate([chunk.mid for chunk in chunks]),
        np.concatenate([chunk.rad for chunk in chunks]),
    )
