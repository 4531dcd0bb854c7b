"""Twenty seeded bugs: one small edit each, of the kind that people make, in theory/ and models/.

They were chosen before anyone looked at what the laws catch. ``old`` occurs exactly once in its
file. ``law`` is one that catches the bug; None for a survivor, explained in
docs/reference/mutants.md.
"""

from dataclasses import dataclass

__all__ = ["MUTANTS", "Mutant"]


@dataclass(frozen=True)
class Mutant:
    """One seeded bug."""

    name: str
    file: str
    old: str
    new: str
    mistake: str
    law: str | None


MUTANTS = (
    Mutant(
        "refinement-last-action", "theory/refinement/vectorised.py",
        "    for column in successors.T:\n",
        "    for column in successors.T[:-1]:\n",
        "refinement leaves out the last action", "S1-refused",
    ),
    Mutant(
        "refinement-all-for-any", "theory/refinement/vectorised.py",
        "(signatures[1:] != signatures[:-1]).any(axis=1)",
        "(signatures[1:] != signatures[:-1]).all(axis=1)",
        "signatures count as different only when every action differs", "S1-refused",
    ),
    Mutant(
        "word-one-short", "theory/bisimulation.py",
        "for k in range(depth - 1, -1, -1):",
        "for k in range(depth - 1, 0, -1):",
        "distinguishing words stop one action early", "S4-judge",
    ),
    Mutant(
        "join-without-root", "theory/partition.py",
        "parent[max(a, b)] = min(a, b)",
        "parent[mine] = min(a, b)",
        "union-find hangs up a node instead of its root", "S5",
    ),
    Mutant(
        "stability-first-action", "theory/stability.py",
        "for action, column in enumerate(mdp.successors.T):",
        "for action, column in enumerate(mdp.successors.T[:1]):",
        "admissibility is checked for the first action only", "S1-refused",
    ),
    Mutant(
        "forced-one-round", "theory/partial/closing_reference.py",
        "        links = later\n",
        "        links = []\n",
        "forced merges stop after one round", "S2",
    ),
    Mutant(
        "fold-forgets-class-zero", "theory/partial/folding.py",
        "elif other >= 0 and self._labels[one] != self._labels[other]:",
        "elif other > 0 and self._labels[one] != self._labels[other]:",
        "a fold takes class 0 for an unlabelled one", "S3-pair",
    ),
    Mutant(
        "words-mix-actions", "theory/partial/relation_reference.py",
        "if action == other and x != y and how[x, y] == MAY_MERGE:",
        "if x != y and how[x, y] == MAY_MERGE:",
        "words may take different actions from the two observations", "S3",
    ),
    Mutant(
        "clique-of-neighbours", "theory/partial/greedy_codes.py",
        "            candidates &= separated[chosen]\n",
        "            candidates[chosen] = False\n",
        "the clique is the neighbours of its first member", "S6",
    ),
    Mutant(
        "affine-always-one-less", "theory/linear/capacity.py",
        "affine_low = rank - 1 if found.has_one else rank",
        "affine_low = rank - 1",
        "the affine dimension is one less even where 1 is not in the span", "S12",
    ),
    Mutant(
        "rank-of-short-words", "theory/linear/word_closure.py",
        "while head < len(vectors):",
        "while head < min(labels.dim, len(vectors)):",
        "the rank counts words of length 0 and 1 only", "S12",
    ),
    Mutant(
        "margin-one-residual", "theory/margins/iteration.py",
        "cost, divisor = up(bounds[first] + bounds[second]), constants[edges.actions[kept]]",
        "cost, divisor = up(bounds[first]), constants[edges.actions[kept]]",
        "a step subtracts the residual of one transition, not of both", "S10",
    ),
    Mutant(
        "checker-ignores-residuals", "theory/margin_checker/checker.py",
        "return margin * constant <= claims.margins[led_to] - residuals",
        "return margin * constant <= claims.margins[led_to]",
        "the checker of margins forgets the residuals of a step", "S10-steps",
    ),
    Mutant(
        "gap-of-the-source", "theory/resolution.py",
        "dynamics = _ratios(residual, gap[mdp.successors] / 2)",
        "dynamics = _ratios(residual, gap[:, None] / 2 + 0 * residual)",
        "the residual is held against the gap of the source, not of the successor", "S13",
    ),
    Mutant(
        "irreducible-without-actions", "theory/losses/irreducible.py",
        "mixed_groups(rows.ids[sources] * system.n_actions + actions, rows.ids[targets])",
        "mixed_groups(rows.ids[sources] * system.n_actions, rows.ids[targets])",
        "groups of equal code forget the action", "S11",
    ),
    Mutant(
        "unmet-premise-holds", "theory/verdict.py",
        "enough = grade is not Grade.UNMET and (require is None or grade.rank >= require.rank)",
        "enough = require is None or grade.rank >= require.rank",
        "an unmet premise passes when no grade is required", "S4-judge",
    ),
    Mutant(
        "gauge-without-signs", "models/exact.py",
        "inverse = ((upper_inverse @ lower_inverse) * signs)[:, order]",
        "inverse = (upper_inverse @ lower_inverse)[:, order]",
        "the inverse of the gauge forgets the signs", "S1",
    ),
    Mutant(
        "residual-at-the-source", "models/evaluation.py",
        "dynamics = np.linalg.norm(predicted - codes[mdp.successors], axis=2)",
        "dynamics = np.linalg.norm(predicted - codes[:, None], axis=2)",
        "predictions are compared with the code of the source", "S1-losses",
    ),
    Mutant(
        "covers-of-pairs", "theory/lattice/congruences.py",
        "return sum(size * (size - 1) // 2 for size in sizes.values())",
        "return sum(size - 1 for size in sizes.values())",
        "a block of three counts two pairs, so that the lattice misses members", "S5",
    ),
    Mutant(
        "merged-strictly-below", "theory/separation.py",
        "merged = distance <= self.threshold",
        "merged = distance < self.threshold",
        "equal codes at a threshold of zero do not count as merged", "S4-judge",
    ),
)  # fmt: skip
