"""The laws machinery refutes theorems that are wrong, each with the smallest example there is."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from hypothesis import strategies as st

from tellapart.models.diagnostics.ranks import rank_me
from tellapart.models.evaluation import evaluate
from tellapart.models.exact import exact_subject, verify_exact
from tellapart.properties.laws.engine import run_law
from tellapart.properties.laws.examples import LawData, LawKernel, LawSystem
from tellapart.properties.laws.law import Cost, Law, LawBroken, Seen
from tellapart.properties.laws.summary import LawVerdict
from tellapart.properties.strategies import admissible_partitions
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.losses.irreducible import irreducible_loss
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.partition import Partition, kernel
from tellapart.theory.serialise import Saved, register


@register
@dataclass(frozen=True)
class WrongCodes(Saved):
    """A system, and integer codes of its observations."""

    mdp: DeterministicMDP
    codes: tuple[tuple[int, ...], ...]


@register
@dataclass(frozen=True)
class WrongScale(Saved):
    """A system, a kernel, and codes of that kernel of size ``10 ** -digits``."""

    mdp: DeterministicMDP
    partition: Partition
    digits: int


@register
@dataclass(frozen=True)
class WrongLabels(Saved):
    """A system, and another label for it."""

    mdp: DeterministicMDP
    other: tuple[int, ...]


def pairs(mdp):
    """Yield pairs of observations, and whether they are bisimilar."""
    blocks = bisimulation(mdp).partition
    for x, y in combinations(range(mdp.n_obs), 2):
        yield x, y, blocks.same_block(x, y)


@st.composite
def rows(draw, most):
    """Draw observations 0 and 1 and all that they lead to, and one more number for each.

    What is left out by itself need not be left out by shrinking, which would have to rename
    observations all over the table.
    """
    columns = draw(st.sampled_from([[0], [1], [0, 1]]))
    number = st.integers(0, most - 1)
    one = st.tuples(st.integers(0, 1), number, number, st.integers(0, 3))
    drawn = draw(st.tuples(*[one] * most))
    kept = [0, 1]
    for o in kept:  # grows
        for a in columns:
            if drawn[o][1 + a] not in kept:
                kept.append(drawn[o][1 + a])
    successors = [[kept.index(drawn[o][1 + a]) for a in columns] for o in kept]
    mdp = DeterministicMDP(successors, [drawn[o][0] for o in kept])
    return mdp, [drawn[o][3] for o in kept]


def plain_systems(most):
    """Draw a system."""
    return rows(most).map(lambda drawn: LawSystem(drawn[0]))


@st.composite
def kernels(draw, most):
    """Draw a system and an admissible partition of it."""
    mdp, _ = draw(rows(most))
    return LawKernel(mdp, draw(admissible_partitions(mdp)), "onehot", 0)


@st.composite
def partial_data(draw, most):
    """Draw data in which any transition and any label may be missing."""
    mdp, gaps = draw(rows(most))
    labels = [None if gap % 2 else label for label, gap in zip(mdp.labels, gaps, strict=True)]
    kept = [(o, a, int(mdp.successors[o, a])) for o in range(mdp.n_obs)
            for a in range(mdp.n_actions) if gaps[o] & 2]  # fmt: skip
    names = range(mdp.n_obs), range(mdp.n_actions)
    return LawData(TransitionData(kept or [(0, 0, 0)], labels, *names))


# 1. Collapse inside a block of bisimilarity is allowed, not forced.


def check_equal_codes(example, build):
    evaluation = evaluate(build(example.mdp, example.partition), example.mdp)
    assert verify_exact(example.mdp, build(example.mdp, example.partition).tables, evaluation)
    for x, y, bisimilar in pairs(example.mdp):
        if bisimilar and (evaluation.codes[x] != evaluation.codes[y]).any():
            raise LawBroken(f"{x} and {y} are bisimilar and have different codes.")
    return Seen()


# 2. Words can be long.


def check_short_words(example, refine):
    found = refine(example.mdp)
    if found.depth > 1:
        raise LawBroken(f"{found.hardest_pair} need a word of length {found.depth}.")
    return Seen(None, found.depth, found.partition.n_blocks)


# 3. The dynamics alone are content with one code for everything.


@st.composite
def dynamics_only(draw, most):
    """Draw a system and the kernel of an encoder whose dynamics loss is zero."""
    mdp, _ = draw(rows(most))
    blind = mdp.with_labels([0] * mdp.n_obs)
    return LawKernel(mdp, draw(admissible_partitions(blind)), "onehot", 0)


def check_without_aux(example, build):
    blind = example.mdp.with_labels([0] * example.mdp.n_obs)
    found = evaluate(build(blind, example.partition), blind)
    assert found.dynamics_loss == 0
    for x, y, bisimilar in pairs(example.mdp):
        if not bisimilar and (found.codes[x] == found.codes[y]).all():
            raise LawBroken(f"{x} and {y} are not bisimilar and share a code.")
    return Seen()


# 4. Rank says nothing about which codes are equal.


_DIRECTIONS = ((1, 0), (0, 1), (1, 1))


@st.composite
def coded(draw, most):
    """Draw a system, and codes in two dimensions."""
    mdp, more = draw(rows(most))
    return WrongCodes(mdp, tuple(_DIRECTIONS[code % 3] for code in more))


def check_full_rank(example, rank):
    if rank(np.array(example.codes, dtype=float)) < 0.95 * 2:
        return Seen("the rank is not full")
    for x, y, bisimilar in pairs(example.mdp):
        if not bisimilar and example.codes[x] == example.codes[y]:
            raise LawBroken(f"The rank is full, and {x} and {y} share a code.")
    return Seen()


# 5. With gaps in the data "need not be told apart" is no equivalence.


def check_transitive(example, relate):
    try:
        relation = relate(example.data)
    except InvalidArgumentError:
        return Seen("infeasible data")
    if not relation.is_transitive:
        raise LawBroken(f"{relation.intransitive_triple} is no chain.")
    return Seen()


# 6. Small latents make small losses.


@st.composite
def scaled(draw, most):
    """Draw a system, codes that keep the labels apart, and how small the codes are."""
    digits = draw(st.integers(0, 6))
    mdp, blocks = draw(rows(most))
    partition = Partition(blocks).meet(Partition(mdp.label_ids))
    return WrongScale(mdp, partition, digits)


def check_small_loss(example, loss):
    codes = np.eye(example.partition.n_blocks)[example.partition.ids] * 10.0**-example.digits
    found = loss(example.mdp, codes)
    if found.dynamics + found.auxiliary > 1e-6:
        return Seen("the loss is not small")
    for x, y, bisimilar in pairs(example.mdp):
        if not bisimilar and (codes[x] == codes[y]).all():
            raise LawBroken(f"The loss is {found.dynamics:.1g}, and {x} and {y} share a code.")
    return Seen()


# 7. What counts is which observations a label tells apart, not how many values it has.


@st.composite
def relabelled(draw, most):
    """Draw a system with two labels."""
    mdp, more = draw(rows(most))
    return WrongLabels(mdp, tuple(other % 4 for other in more))


def check_more_values(example, refine):
    other = example.mdp.with_labels(example.other)
    if len(other.label_values) <= len(example.mdp.label_values):
        return Seen("the other label has no more values")
    if not refine(other).partition.refines(refine(example.mdp).partition):
        raise LawBroken("The label with more values leaves a pair together.")
    return Seen()


# 8. Codes of different blocks need not be independent.


def check_dimension(example, measure):
    found = measure(example.mdp)
    if found.n_blocks < 2:
        return Seen("one block")
    if found.allows(found.n_blocks - 1):
        raise LawBroken(f"{found.linear} dimensions suffice for {found.n_blocks} blocks.")
    return Seen()


WRONG = {
    "equal-codes": ("bisimilar pairs have equal codes", kernels, check_equal_codes, exact_subject),
    "short-words": ("words of length 1 suffice", plain_systems, check_short_words, bisimulation),
    "without-aux": (
        "separation without the auxiliary loss", dynamics_only, check_without_aux, exact_subject,
    ),
    "rank": ("full RankMe implies no collapse", coded, check_full_rank, rank_me),
    "transitive": (
        "'need not be told apart' is transitive on partial data", partial_data, check_transitive,
        separation_relation,
    ),
    "small-loss": (
        "a small raw loss implies separation", scaled, check_small_loss, irreducible_loss,
    ),
    "more-values": (
        "a label with more values separates more", relabelled, check_more_values, bisimulation,
    ),
    "dimension": (
        "as many latent dimensions as blocks are needed", plain_systems, check_dimension, capacity,
    ),
}  # fmt: skip


def wrong(name, most=6):
    """Return a wrong theorem as a law, about systems of at most so many observations."""
    title, cases, check, subject = WRONG[name]
    text = f"{title}: this is wrong."
    return Law(
        f"wrong-{name}", "none", title, text, Cost.EXACT, lambda: cases(most), check, subject, {}
    )


def refuted(name, seed, size):
    """Return the example that refutes a wrong law: of this size, and no smaller one does."""
    for most in range(2, size):
        assert run_law(wrong(name, most), seed=seed).verdict is not LawVerdict.BROKEN
    law = wrong(name, size)
    result = run_law(law, seed=seed)
    assert result.verdict is LawVerdict.BROKEN, result.explain()
    assert result.n_examples <= 300
    with pytest.raises(LawBroken):
        law.check(result.case.content, law.subject)
    return result.case.content


SEEDS = pytest.mark.parametrize("seed", [0])


@SEEDS
def test_bisimilar_pairs_have_equal_codes(seed):
    found = refuted("equal-codes", seed, 2)
    assert (found.mdp.n_obs, found.mdp.n_actions, len(found.mdp.label_values)) == (2, 1, 1)
    assert found.partition == Partition.identity(2)


@SEEDS
def test_words_of_length_one_suffice(seed):
    found = refuted("short-words", seed, 4)
    assert (found.mdp.n_obs, found.mdp.n_actions) == (4, 1)
    assert bisimulation(found.mdp).depth == 2  # with two labels n - 2 is the most


@SEEDS
def test_separation_without_the_auxiliary_loss(seed):
    found = refuted("without-aux", seed, 2)
    assert (found.mdp.n_obs, found.mdp.n_actions) == (2, 1)
    assert found.partition == Partition.single_block(2)
    assert found.mdp.labels[0] != found.mdp.labels[1]


@SEEDS
def test_full_rank_implies_no_collapse(seed):
    found = refuted("rank", seed, 3)
    assert (found.mdp.n_obs, found.mdp.n_actions) == (3, 1)  # two codes span the plane
    assert kernel(found.codes).n_blocks == 2


@SEEDS
def test_need_not_be_told_apart_is_transitive(seed):
    found = refuted("transitive", seed, 3)
    assert found.data.n_obs == 3
    assert sorted(found.data.label_ids.tolist()) == [-1, 0, 1]  # the one between has no label
    assert found.data.n_transitions <= 1


@SEEDS
def test_a_small_raw_loss_implies_separation(seed):
    found = refuted("small-loss", seed, 3)
    assert (found.mdp.n_obs, found.mdp.n_actions, found.digits) == (3, 1, 3)
    assert found.partition.n_blocks == len(found.mdp.label_values) == 2


@SEEDS
def test_a_label_with_more_values_separates_more(seed):
    found = refuted("more-values", seed, 4)
    assert (found.mdp.n_obs, found.mdp.n_actions) == (4, 1)
    assert (len(found.mdp.label_values), len(set(found.other))) == (2, 3)


@SEEDS
def test_as_many_dimensions_as_blocks_are_needed(seed):
    found = refuted("dimension", seed, 2)
    assert isinstance(found, LawSystem)
    assert (found.mdp.n_obs, found.mdp.n_actions) == (2, 1)
    assert capacity(found.mdp).linear == 1


@pytest.mark.parametrize("name", WRONG)
def test_each_is_refuted_among_systems_of_any_size_too(name):
    """At sizes up to 6 something fails as well; the same run finds the same example."""
    one, other = (run_law(wrong(name)) for _ in range(2))
    assert one.verdict is LawVerdict.BROKEN
    assert (one.case, one.message) == (other.case, other.message)
