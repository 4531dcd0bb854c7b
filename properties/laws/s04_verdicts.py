"""S4 as a verdict: what is concluded about given codes is what exact arithmetic concludes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.properties.laws.claims import Facts, broken, facts_of, levels, separating_words
from tellapart.properties.laws.examples import LawKernel, any_kernels
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import CollapseWitness, Judgement, Verdict, judge

__all__ = ["LAWS"]

FloatArray = npt.NDArray[np.float64]
Judge = Callable[[DeterministicMDP, FloatArray, FloatArray, FloatArray], Judgement]
Vector = list[Fraction]

#: A raw loss that somebody would call zero.
_SMALL_LOSS = 1e-6


def _check_judged(example: LawKernel, ask: Judge) -> Seen:
    """Compare the verdict on codes with a drawn kernel with the one that rationals give."""
    facts = facts_of(example.mdp)
    points, scale = _points(example), Fraction(1, 2 ** (example.seed % 3 * 15))
    codes = [[part * scale for part in points[b]] for b in example.partition.ids.tolist()]
    predicted = _group_means(codes, facts)
    read = _label_means(codes, example.mdp)
    # Residuals of 0 to 9 eighths, which straddle half a gap of 1, at one row and one label.
    o = example.seed % facts.n
    predicted[o][-1][0] += Fraction(example.seed % 10, 8) * scale
    read[o][0] += Fraction(example.seed // 10, 8)
    judged = ask(example.mdp, *(_floats(part) for part in (codes, predicted, read)))
    words = separating_words(facts)
    merged = {(x, y) for x, y in words if codes[x] == codes[y]}
    expected = _expected(example.mdp, codes, predicted, read, words)
    if expected is not None and judged.verdict is not expected:
        broken(f"{example.partition!r} as codes, scaled by {scale}: the verdict should be "
               f"{expected.value!r}, and it is {judged.verdict.value!r}.")  # fmt: skip
    if judged.witness is not None:
        _check_witness(facts, judged.witness, merged)
    history = levels(facts)
    return Seen(None, len(history) - 1, 1 + max(history[-1]), notes={"verdict": judged.verdict})


def _points(example: LawKernel) -> list[list[int]]:
    """Return distinct integer points for the blocks: unit vectors, or drawn by the seed."""
    m = example.partition.n_blocks
    if example.build == "onehot":
        return [[int(i == j) for j in range(m)] for i in range(m)]
    noise = np.random.default_rng(example.seed).integers(-3, 4, size=(m, 2))
    return [[b, *row] for b, row in enumerate(noise.tolist())]


def _group_means(codes: list[Vector], facts: Facts) -> list[list[Vector]]:
    """Return the best prediction for every row: the mean successor of its (code, action) (S11)."""
    groups: dict[tuple[tuple[Fraction, ...], int], list[Vector]] = {}
    for o, a, s in facts.rows:
        groups.setdefault((tuple(codes[o]), a), []).append(codes[s])
    mean = {key: [sum(column) / len(rows) for column in zip(*rows, strict=True)]
            for key, rows in groups.items()}  # fmt: skip
    return [[list(mean[tuple(code), a]) for a in range(len(facts.actions))] for code in codes]


def _label_means(codes: list[Vector], mdp: DeterministicMDP) -> list[Vector]:
    labels = [[Fraction(part) for part in row] for row in mdp.label_vectors.tolist()]
    groups: dict[tuple[Fraction, ...], list[Vector]] = {}
    for code, label in zip(codes, labels, strict=True):
        groups.setdefault(tuple(code), []).append(label)
    return [
        [sum(column) / len(column) for column in zip(*groups[tuple(code)], strict=True)]
        for code in codes
    ]


def _floats(parts: Any) -> FloatArray:
    return np.array(parts, dtype=np.float64)


def _square(one: Vector, other: Vector) -> Fraction:
    return sum(((p - q) ** 2 for p, q in zip(one, other, strict=True)), Fraction(0))


def _expected(
    mdp: DeterministicMDP,
    codes: list[Vector],
    predicted: list[list[Vector]],
    read: list[Vector],
    words: Mapping[tuple[int, int], int],
) -> Verdict | None:
    """Return the verdict by S4 and S13 in rationals; None where half a gap is met exactly."""
    if not words:
        return Verdict.VACUOUS
    if any(codes[x] == codes[y] for x, y in words):
        return Verdict.COLLAPSED
    facts = facts_of(mdp)
    gaps = [
        min((_square(codes[x], codes[y]) for x, y in words if o in (x, y)), default=None)
        for o in range(facts.n)
    ]
    rooms = [
        (4 * _square(predicted[o][a], codes[s]), gap)
        for o, a, s in facts.rows
        if (gap := gaps[s]) is not None
    ]
    labels = [[Fraction(part) for part in row] for row in mdp.label_vectors.tolist()]
    rooms += [
        (4 * _square(read[o], label), _square(label, other))
        for o, label in enumerate(labels)
        for other in labels
        if other != label
    ]
    if any(residual == gap for residual, gap in rooms):
        return None
    resolved = all(residual < gap for residual, gap in rooms)
    return Verdict.HOLDS if resolved else Verdict.VACUOUS


def _check_witness(facts: Facts, witness: CollapseWitness, merged: set[tuple[int, int]]) -> None:
    x, y = facts.names.index(witness.x), facts.names.index(witness.y)
    said = f"The witness of collapse {witness.x!r}, {witness.y!r}"
    if (min(x, y), max(x, y)) not in merged:
        broken(f"{said} is not a pair that shares a code and must not.")
    after = {(o, a): s for o, a, s in facts.rows}
    for name in witness.word:
        x, y = (after[o, facts.actions.index(name)] for o in (x, y))
    if facts.labels[x] == facts.labels[y]:
        broken(f"{said} is not told apart by its word {witness.word!r}.")
    if (witness.x_trace[-1], witness.y_trace[-1]) != (facts.labels[x], facts.labels[y]):
        broken(f"{said} shows labels that its word {witness.word!r} does not lead to.")


def _judge(
    mdp: DeterministicMDP, codes: FloatArray, predicted: FloatArray, read: FloatArray
) -> Judgement:
    return judge(bisimulation(mdp), codes, predicted, read)


def _judge_raw_loss(
    mdp: DeterministicMDP, codes: FloatArray, predicted: FloatArray, read: FloatArray
) -> Judgement:
    """Call an encoder good whose dynamics loss is small."""
    judged = judge(bisimulation(mdp), codes, predicted, read)
    loss = np.square(predicted - codes[mdp.successors]).mean()
    collapsed = judged.verdict is Verdict.COLLAPSED
    verdict = Verdict.HOLDS if collapsed and loss < _SMALL_LOSS else judged.verdict
    return replace(judged, verdict=verdict)


def _judge_labels(
    mdp: DeterministicMDP, codes: FloatArray, predicted: FloatArray, read: FloatArray
) -> Judgement:
    """Ask only for what the label tells apart."""
    still = np.tile(np.arange(mdp.n_obs)[:, None], (1, mdp.n_actions))
    alone = DeterministicMDP(still, mdp.labels, mdp.observations, mdp.actions)
    return judge(bisimulation(alone), codes, predicted, read)


LAWS: tuple[Law, ...] = (
    Law(
        id="S4-judge",
        statement="S4",
        title="the verdict on given codes is the one that exact arithmetic gives",
        text="For codes with any kernel and at any scale, with predictions and labels off by "
        "drawn residuals: collapsed exactly when a pair to be told apart shares a code, holds "
        "only when every residual is below half its gap, and the witness replays.",
        cost=Cost.EXACT,
        cases=any_kernels,
        check=_check_judged,
        subject=_judge,
        bad={"raw loss": _judge_raw_loss, "labels only": _judge_labels},
    ),
)
