"""The theorem itself (S4), on drawn systems: constructed encoders exactly, trained ones counted.

What must be told apart is decided here by walking pairs of observations, not by our refinement, so
that a mistake there cannot hide a mistake here.
"""

import itertools
from collections import Counter

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tellapart.models.designs import DESIGNS
from tellapart.models.evaluation import evaluate
from tellapart.models.exact import exact_subject, verify_exact
from tellapart.properties.strategies import admissible_partitions, deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.partition import kernel
from tellapart.theory.verdict import Grade, Verdict, judge


def some_word_separates(mdp, x, y):
    """Search the pairs that words reach from (x, y) for two different labels."""
    seen, todo = {(x, y)}, [(x, y)]
    while todo:
        here, there = todo.pop()
        if mdp.label_ids[here] != mdp.label_ids[there]:
            return True
        for pair in zip(*mdp.successors[[here, there]].tolist(), strict=True):
            if pair not in seen:
                seen.add(pair)
                todo.append(pair)
    return False


def pairs_to_tell_apart(mdp):
    pairs = itertools.combinations(range(mdp.n_obs), 2)
    return [pair for pair in pairs if some_word_separates(mdp, *pair)]


@given(st.data())
def test_zero_loss_encoders_tell_apart_what_a_word_tells_apart(data):
    mdp = data.draw(deterministic_mdps(), label="mdp")
    partition = data.draw(admissible_partitions(mdp), label="kernel")
    gauge = data.draw(st.sampled_from(["onehot", "random"]), label="gauge")
    subject = exact_subject(mdp, partition, gauge=gauge)
    found = evaluate(subject, mdp)

    assert np.array_equal(found.predicted, found.codes[mdp.successors])  # D1, bit for bit
    assert np.array_equal(found.read, mdp.label_vectors)
    assert verify_exact(mdp, subject.tables, found)
    assert kernel(found.codes) == partition  # S1: exactly the kernel asked for
    for x, y in pairs_to_tell_apart(mdp):
        assert not np.array_equal(found.codes[x], found.codes[y])  # S4


def test_trained_encoders_whose_premise_is_met_tell_apart_what_a_word_tells_apart():
    tally = Counter()

    @settings(max_examples=50)
    @given(deterministic_mdps(min_observations=2, max_observations=8), st.integers(0, 3))
    def run(mdp, seed):
        pairs = pairs_to_tell_apart(mdp)
        subject = DESIGNS["joint"].build(mdp, seed)
        DESIGNS["joint"].train(subject, mdp, seed)
        found = evaluate(subject, mdp)
        judged = judge(bisimulation(mdp), found.codes, found.predicted, found.read)
        assert judged.separation.n_must_separate == len(pairs)
        if not pairs:
            tally["nothing to tell apart"] += 1
            return
        event(f"verdict {judged.verdict}")
        tally[judged.verdict] += 1
        if judged.grade is Grade.RESOLVED:
            assert judged.verdict is Verdict.HOLDS
            for x, y in pairs:
                assert not np.array_equal(found.codes[x], found.codes[y])

    run()
    decided = tally[Verdict.HOLDS] + tally[Verdict.COLLAPSED] + tally[Verdict.VACUOUS]
    assert decided >= 20, tally
    # A vacuous run proves nothing, so too many of them would make this test say nothing.
    assert tally[Verdict.HOLDS] >= 0.9 * decided, tally
