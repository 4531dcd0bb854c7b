"""The laws S1 to S7: kept by what they are about, broken by every subject known to be bad."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, event, find, given, settings

from tellapart.properties.laws import (
    s01_characterisation,
    s02_forced,
    s03_separation,
    s04_no_collapse,
    s04_verdicts,
    s05_lattice,
    s06_codes,
    s07_words,
)
from tellapart.properties.laws.examples import LawData, LawKernel, LawSystem, LawTraining
from tellapart.properties.laws.law import Cost, LawBroken, Seen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import dumps, loads

LAWS = (
    *s01_characterisation.LAWS,
    *s02_forced.LAWS,
    *s03_separation.LAWS,
    *s04_no_collapse.LAWS,
    *s04_verdicts.LAWS,
    *s05_lattice.LAWS,
    *s06_codes.LAWS,
    *s07_words.LAWS,
)
BAD = [(law, name) for law in LAWS for name in law.bad]
EXAMPLES = {Cost.EXACT: 60, Cost.ALGEBRAIC: 40, Cost.TRAINED: 12}


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_the_law_is_kept_and_says_something(law):
    seen = []

    @settings(max_examples=EXAMPLES[law.cost])
    @given(law.cases())
    def run(example):
        found = law.check(example, law.subject)
        assert isinstance(found, Seen)
        event(f"vacuous: {found.vacuous}")
        seen.append(found)

    run()
    assert sum(found.vacuous is not None for found in seen) <= len(seen) / 4


@pytest.mark.parametrize(("law", "name"), BAD, ids=lambda value: getattr(value, "id", value))
def test_every_known_bad_subject_breaks_the_law(law, name):
    def breaks(example):
        try:
            law.check(example, law.bad[name])
        except LawBroken as error:
            return str(error).endswith(".")  # a sentence, not an accident
        return False

    generate = settings(
        max_examples=600,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    example = find(law.cases(), breaks, settings=generate)
    law.check(example, law.subject)  # the example is sound: only the bad subject fails on it
    with pytest.raises(LawBroken):
        law.check(loads(dumps(example), type(example)), law.bad[name])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_the_same_example_is_seen_alike_twice(law):
    @settings(max_examples=3)
    @given(law.cases())
    def run(example):
        assert law.check(example, law.subject) == law.check(example, law.subject)

    run()


def test_laws_are_named_after_their_statements():
    assert {law.statement for law in LAWS} == {f"S{k}" for k in range(1, 8)}
    assert len({law.id for law in LAWS}) == len(LAWS)
    for law in LAWS:
        assert law.id == law.statement or law.id.startswith(f"{law.statement}-")
        assert law.bad
        assert law.text.endswith(".")


def law_of(name):
    return next(law for law in LAWS if law.id == name)


def test_the_counting_chain_needs_words_of_four_actions():
    law, example = law_of("S7"), LawSystem(counting_chain(9))
    seen = law.check(example, law.subject)
    assert (seen.depth, seen.n_blocks, seen.target) == (4, 9, 4.0)
    with pytest.raises(LawBroken, match="The depth is 4, and 1 was returned"):
        law.check(example, law.bad["one step suffices"])


def test_the_counting_chain_with_a_gap_needs_folds():
    """Without (7, -1) words leave four pairs that may be merged, and folds leave only (7, 8)."""
    chain = counting_chain(9)
    whole = TransitionData.from_mdp(chain).triples.tolist()
    rows = [row for row in whole if row[:2] != [7, 0]]
    example = LawData(TransitionData(rows, chain.labels, actions=chain.actions))
    law = law_of("S3")
    seen = law.check(example, law.subject)
    assert seen.target == 3.0
    with pytest.raises(LawBroken, match=r"tells \d and \d apart, and they were said to be merge"):
        law.check(example, law.bad["words only"])


def test_label_codes_merge_what_only_the_dynamics_tells_apart():
    chain = counting_chain(5)
    example = LawKernel(chain, Partition.identity(5), "onehot", 0)
    law = law_of("S4")
    assert law.check(example, law.subject).target == -1.0
    with pytest.raises(LawBroken, match="0 and 1 share a code although a word of 1 actions"):
        law.check(example, law.bad["label codes"])


def test_training_that_does_not_meet_the_premise_says_nothing():
    def untrained(example):
        return s04_no_collapse.Claim(np.zeros((5, 1)), False, {"grade": "unmet"})

    law = law_of("S4-trained")
    seen = law.check(LawTraining(counting_chain(5), 0), untrained)
    assert seen.vacuous == "the premise was not met"


def test_an_odd_ring_needs_three_codes():
    rows = [row for i in range(5) for row in ((i, i, 5), ((i + 1) % 5, i, 6))]
    example = LawData(TransitionData(rows, {5: "a", 6: "b"}))
    law = law_of("S6")
    seen = law.check(example, law.subject)
    assert (seen.n_blocks, seen.notes["status"]) == (3, "optimum proved")
    with pytest.raises(LawBroken, match="3 codes are the fewest, and the bounds are 2 and 2"):
        law.check(example, law.bad["clique called optimal"])


@pytest.mark.parametrize("wrong", [
    lambda found: replace(found, clique=found.clique[:1] * 2),
    lambda found: replace(found, clique=("p", "q")),
    lambda found: replace(found, lower=1, clique=("p", "u")),
    lambda found: replace(found, partition=None),
    lambda found: replace(found, partition=Partition([0, 0, 1, 1, 1])),
    lambda found: replace(found, status="infeasible"),
])  # fmt: skip
def test_bounds_without_evidence_break_s6(wrong):
    rows = [[1, 0, 3], [2, 0, 4], [0, 0, 0]]
    names = ["x", "p", "q", "u", "v"]
    example = LawData(TransitionData(rows, {3: "a", 0: "b"}, names))
    law = law_of("S6")
    law.check(example, law.subject)
    with pytest.raises(LawBroken):
        law.check(example, lambda data: wrong(law.subject(data)))


@pytest.mark.parametrize("wrong", [
    lambda found: replace(found, evidence=found.evidence[::-1]),
    lambda found: replace(found, x="d"),
    lambda found: replace(found, holds=True),
])  # fmt: skip
def test_a_witness_that_does_not_stand_breaks_s1(wrong):
    data = TransitionData([[0, 0, 1], [2, 0, 3]], {1: 0, 3: 1, 0: 5}, "abcd", ["go"])
    law = law_of("S1-data")
    law.check(LawData(data), law.subject)

    def altered(data, partition):
        found = law.subject(data, partition)
        return found if found else wrong(found)

    with pytest.raises(LawBroken):
        law.check(LawData(data), altered)


@pytest.mark.parametrize("field", ["word", "x_trace", "y"])
def test_a_witness_of_collapse_that_does_not_replay_breaks_s4(field):
    chain = counting_chain(5)
    example = LawKernel(chain, Partition([0, 1, 2, 1, 0]), "onehot", 0)
    law = law_of("S4-judge")
    assert law.check(example, law.subject).notes["verdict"] == "collapsed"
    other = {"word": (), "x_trace": (9,), "y": 2}[field]

    def altered(*arguments):
        found = law.subject(*arguments)
        return replace(found, witness=replace(found.witness, **{field: other}))

    with pytest.raises(LawBroken):
        law.check(example, altered)


def test_what_a_subject_raises_is_not_hidden():
    def raises(mdp):
        raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        law_of("S5").check(LawSystem(counting_chain(3)), raises)
