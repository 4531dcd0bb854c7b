"""S3: a pair must be told apart exactly when merging and folding it joins two labels."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from itertools import combinations

from tellapart.properties.laws.claims import (
    Facts,
    admissible_kernels,
    broken,
    clash_of,
    facts_of,
    pairs_merged,
    separating_words,
    wrong_proof,
)
from tellapart.properties.laws.examples import LawData, data_examples
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.pairs import PairSeparation, separation_of
from tellapart.theory.partial.relation import separation_relation

__all__ = ["LAWS"]

MustSeparate = Callable[[Hashable, Hashable], bool]
Relate = Callable[[TransitionData], MustSeparate]
Decide = Callable[[TransitionData, Hashable, Hashable], PairSeparation]

_INFEASIBLE = "no zero-loss encoder exists"


def _may_merge(facts: Facts) -> set[tuple[int, int]] | None:
    """Return the pairs that some zero-loss model merges, or None when there is no model."""
    kernels = admissible_kernels(facts)
    return set().union(*map(pairs_merged, kernels)) if kernels else None


def _check_relation(example: LawData, relate: Relate) -> Seen:
    """Check for every pair that every zero-loss model tells it apart when the relation says so."""
    facts = facts_of(example.data)
    may = _may_merge(facts)
    if may is None:
        return Seen(_INFEASIBLE)
    must_separate = relate(example.data)
    words = separating_words(facts)
    folds = 0
    for x, y in combinations(range(facts.n), 2):
        a, b = facts.names[x], facts.names[y]
        for one, other in ((a, b), (b, a)):
            if must_separate(one, other) == ((x, y) in may):
                broken(_wrong_pair(one, other, (x, y) in may))
        folds += (x, y) not in may and (x, y) not in words
    return Seen(target=float(folds), notes={"pairs by folds only": min(folds, 3)})


def _wrong_pair(x: Hashable, y: Hashable, may: bool) -> str:
    if may:
        return f"Some zero-loss model merges {x!r} and {y!r}; they were said to need telling apart."
    return f"Every zero-loss model tells {x!r} and {y!r} apart, and they were said to be mergeable."


def _check_pair(example: LawData, decide: Decide) -> Seen:
    """Check the answer for every pair, and its evidence: a proof, or a kernel that merges."""
    facts = facts_of(example.data)
    may = _may_merge(facts)
    if may is None:
        return Seen(_INFEASIBLE)
    words = separating_words(facts)
    for x, y in combinations(range(facts.n), 2):
        a, b = facts.names[x], facts.names[y]
        found = decide(example.data, a, b)
        if found.separated == ((x, y) in may):
            broken(_wrong_pair(a, b, (x, y) in may))
        if found.separated:
            _check_proof(facts, found)
        else:
            _check_kernel(facts, found, (x, y))
        if (x, y) in words and (found.word is None or len(found.word) > words[x, y]):
            broken(f"{a!r} and {b!r} are told apart by a word of {words[x, y]} actions, and the "
                   f"word returned is {found.word!r}.")  # fmt: skip
    return Seen(notes={"pairs": facts.n * (facts.n - 1) // 2})


def _check_proof(facts: Facts, found: PairSeparation) -> None:
    if found.clash is None:
        broken(f"{found.x!r} and {found.y!r} are called separated without a proof.")
    wrong = wrong_proof(facts, found.steps, found.clash, (found.x, found.y))
    if wrong is not None:
        broken(f"The proof that {found.x!r} and {found.y!r} must be told apart fails: {wrong}.")


def _check_kernel(facts: Facts, found: PairSeparation, pair: tuple[int, int]) -> None:
    if found.partition is None:
        broken(f"{found.x!r} and {found.y!r} are called mergeable without a kernel that merges.")
    ids = found.partition.ids.tolist()
    clash = clash_of(facts, ids)
    if clash is not None or ids[pair[0]] != ids[pair[1]]:
        broken(f"The kernel given for {found.x!r} and {found.y!r} is no evidence: "
               f"{clash or 'it keeps them apart'}.")  # fmt: skip


def _relation(data: TransitionData) -> MustSeparate:
    return separation_relation(data).must_separate


def _words_only(data: TransitionData) -> MustSeparate:
    """Separate what a covered word separates, and nothing by folds."""
    facts = facts_of(data)
    apart = separating_words(facts)
    index = facts.names.index
    return lambda x, y: (min(index(x), index(y)), max(index(x), index(y))) in apart


def _transitive(data: TransitionData) -> MustSeparate:
    """Take "need not be told apart" for an equivalence."""
    true, names = separation_relation(data), list(data.observations)
    block = dict(zip(names, range(len(names)), strict=True))
    for x, y in combinations(names, 2):
        if not true.must_separate(x, y):
            old, new = block[y], block[x]
            block = {name: new if b == old else b for name, b in block.items()}
    return lambda x, y: block[x] != block[y]


def _labels_only(data: TransitionData) -> MustSeparate:
    facts = facts_of(data)

    def differ(x: Hashable, y: Hashable) -> bool:
        one, other = facts.label(x), facts.label(y)
        return one is not None and other is not None and one != other

    return differ


def _pair_by_words(data: TransitionData, x: Hashable, y: Hashable) -> PairSeparation:
    found = separation_of(data, x, y)
    return replace(found, separated=found.word is not None)


def _pair_without_steps(data: TransitionData, x: Hashable, y: Hashable) -> PairSeparation:
    return replace(separation_of(data, x, y), steps=())


LAWS: tuple[Law, ...] = (
    Law(
        id="S3",
        statement="S3",
        title="the relation names exactly the pairs that every zero-loss model tells apart",
        text="For every pair: it is said to need telling apart exactly when no zero-loss model "
        "of the data merges it, by brute force over all kernels; words alone do not decide this, "
        "and the rest is in general not transitive.",
        cost=Cost.EXACT,
        cases=lambda: data_examples(most=6, also=("few labels", "folds")),
        check=_check_relation,
        subject=_relation,
        bad={
            "words only": _words_only,
            "assumes transitivity": _transitive,
            "labels only": _labels_only,
        },
    ),
    Law(
        id="S3-pair",
        statement="S3",
        title="the answer for one pair comes with evidence that stands",
        text="A pair is called separated with merges that end in two labels, followed step by "
        "step, or mergeable with an admissible partition that merges it; a word, where there is "
        "one, is a shortest.",
        cost=Cost.EXACT,
        cases=lambda: data_examples(most=5, also=("few labels", "folds")),
        check=_check_pair,
        subject=separation_of,
        bad={"words only": _pair_by_words, "a proof without steps": _pair_without_steps},
    ),
)
