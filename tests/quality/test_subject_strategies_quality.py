"""Do the strategies for subjects, words, data and renderings reach what matters, and shrink?

As in test_strategies_quality: shares are of examples that Hypothesis draws with a fixed seed, and
the bars stand well below what was measured (in brackets).
"""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st
from hypothesis.statistics import collector

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.renderings import renderings
from tellapart.properties.strategies import deterministic_mdps
from tellapart.properties.subject_strategies import (
    perturbed_subjects,
    trained_subjects,
    zero_loss_subjects,
)
from tellapart.properties.word_strategies import words
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.gallery import combination_lock, counting_chain
from tellapart.theory.partial.chain import infeasibility
from tellapart.theory.partial.forced import forced_merges
from tellapart.theory.partition import Partition


def sample(strategy, describe, examples=1000):
    """Draw many examples and return the share of each thing that ``describe`` says of them."""
    counts = Counter()

    @seed(20250912)
    @settings(
        max_examples=examples, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(value):
        counts["all"] += 1
        counts.update(describe(value))

    collect()
    return Counter({key: count / counts["all"] for key, count in counts.items()})


def about_zero_loss(drawn):
    yield drawn.kind
    found, n = bisimulation(drawn.mdp), drawn.mdp.n_obs
    if drawn.partition != found.partition:
        yield "not the largest"
        if drawn.partition != Partition.identity(n):
            yield "strictly between"
    if drawn.partition.n_blocks < n:
        yield "merges"
    if found.depth >= 3:
        yield "depth 3 or more"
    if drawn.seed:
        yield "coordinates moved"


def test_zero_loss_subjects_reach_every_kind_and_kernel():
    share = sample(zero_loss_subjects(), about_zero_loss, 300)
    for kind in ("quotient", "table", "krylov", "piecewise"):  # [0.22 to 0.3]
        assert share[kind] >= 0.08, share
    assert share["merges"] >= 0.12, share  # [0.23]
    assert share["not the largest"] >= 0.05, share  # [0.12]
    assert share["strictly between"] >= 0.03, share  # [0.09]
    assert share["depth 3 or more"] >= 0.1, share  # [0.23]
    assert share["coordinates moved"] >= 0.6, share  # [0.93]


def about_residuals(drawn):
    size = drawn.epsilon
    yield "tiny" if size < 1e-6 else "small" if size < 1e-3 else "large"
    yield "resolved" if drawn.resolved else "not resolved"


def test_perturbed_subjects_reach_every_size_on_both_sides_of_the_premise():
    share = sample(perturbed_subjects(), about_residuals, 300)
    assert min(share[size] for size in ("tiny", "small", "large")) >= 0.05, share  # [0.1]
    assert share["resolved"] >= 0.4, share  # [0.64]
    assert share["not resolved"] >= 0.1, share  # [0.36]


def test_trained_subjects_are_drawn_whether_training_succeeds_or_not():
    share = sample(trained_subjects(), about_residuals, 60)
    assert share["resolved"] >= 0.9, share  # [1.0]
    stopped = sample(trained_subjects(max_steps=1, min_observations=4), about_residuals, 60)
    assert stopped["resolved"] >= 0.1, stopped
    assert stopped["not resolved"] >= 0.1, stopped


def test_words_are_long_and_tell_the_hardest_pair_apart():
    lock = combination_lock(7)
    hardest = [lock.observation_index(name) for name in bisimulation(lock).hardest_pair]

    def about(word):
        if len(word) >= 6:
            yield "6 or more"
        if len({lock.label_ids[lock.run(o, word)] for o in hardest}) == 2:
            yield "hardest pair"

    actions = st.integers(0, lock.n_actions - 1)
    uniform = st.lists(actions, max_size=lock.n_obs).map(tuple)
    plain = sample(uniform, about, 400)
    share = sample(words(lock, indices=True), about, 400)
    assert share["6 or more"] >= 0.35, share
    assert share["hardest pair"] >= 0.06, share
    assert share["hardest pair"] >= 2 * plain["hardest pair"], (share, plain)


def about_data(data):
    if infeasibility(data) is not None:
        yield "infeasible"
    elif forced_merges(data) != Partition.identity(data.n_obs):
        yield "forced merges that labels allow"
    if not data.is_fully_labelled:
        yield "partly labelled"
        if not data.is_functional:
            yield "partly labelled and non-functional"
    if not data.is_total:
        yield "partial"


def test_data_are_infeasible_partial_and_forced_often_enough():
    share = sample(transition_data(), about_data, 400)
    assert share["infeasible"] >= 0.03, share
    assert share["forced merges that labels allow"] >= 0.08, share
    assert share["partly labelled"] >= 0.25, share
    assert share["partly labelled and non-functional"] >= 0.04, share
    assert share["partial"] >= 0.25, share


def rounds(data):
    witness = infeasibility(data)
    if witness is not None:
        yield "infeasible"
        if witness.n_rounds >= 3:
            yield "three rounds of merging or more"


def test_contradictions_can_be_seen_only_at_depth():
    strategy = transition_data(families=["contradiction"], max_observations=10)
    share = sample(strategy, rounds, 200)
    assert share["infeasible"] >= 0.15, share
    assert share["three rounds of merging or more"] >= 0.01, share


def near_miss(mdp):
    half = mdp.n_obs // 2
    depth = bisimulation(mdp).depth_of_indices(0, half)
    if depth is not None and depth >= 4:
        yield "told apart by four actions or more"
    if depth is not None and depth >= 6:
        yield "told apart by six actions or more"


def test_near_misses_are_told_apart_at_depth_only():
    strategy = deterministic_mdps(families=["near-miss"], max_observations=16)
    share = sample(strategy, near_miss, 200)
    assert share["told apart by four actions or more"] >= 0.4, share
    assert share["told apart by six actions or more"] >= 0.2, share


def shrunk(strategy, condition):
    """Return the least example and how many examples were tried after the first that fits."""
    calls = {"after": 0, "found": False}

    def count(value):
        calls["after"] += calls["found"]
        fits = condition(value)
        calls["found"] |= fits
        return fits

    quick = settings(
        max_examples=2000, database=None, deadline=None,
        phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    return find(strategy, count, settings=quick, random=Random(0)), calls["after"]


@pytest.mark.parametrize(
    ("strategy", "condition", "least", "steps"),
    [
        (deterministic_mdps(), lambda mdp: bisimulation(mdp).depth >= 1, 3, 80),
        (deterministic_mdps(), lambda mdp: bisimulation(mdp).depth >= 3, 5, 120),
        (transition_data(), lambda data: infeasibility(data) is not None, 2, 160),
        (transition_data(), lambda data: not data.is_total, 1, 120),
    ],
    ids=["told apart at depth 1", "told apart at depth 3", "infeasible", "partial"],
)
def test_systems_shrink_to_the_fewest_observations_in_few_steps(strategy, condition, least, steps):
    found, taken = shrunk(strategy, condition)
    assert found.n_obs == least
    assert taken <= steps


@pytest.mark.parametrize(
    ("strategy", "condition", "least", "steps"),
    [
        (zero_loss_subjects(), lambda drawn: True, ("quotient", 1, 1, 0, 0.0), 10),
        (
            zero_loss_subjects(), lambda drawn: drawn.partition.n_blocks >= 2,
            ("quotient", 2, 2, 0, 0.0), 100,
        ),
        (
            zero_loss_subjects(),
            lambda drawn: drawn.kind == "piecewise" and drawn.partition.n_blocks >= 3,
            ("piecewise", 3, 3, 0, 0.0), 160,
        ),
        (
            perturbed_subjects(), lambda drawn: drawn.epsilon < 1e-3,
            ("quotient", 1, 1, 0, 2.0**-10), 100,
        ),
        (
            perturbed_subjects(), lambda drawn: not drawn.resolved,
            ("quotient", 2, 2, 0, 4.0), 160,
        ),
        (
            trained_subjects(), lambda drawn: drawn.partition.n_blocks >= 2,
            ("trained", 2, 2, 0, 0.0), 80,
        ),
    ],
    ids=["any", "two codes", "piecewise", "residuals", "not resolved", "trained"],
)  # fmt: skip
def test_subjects_shrink_to_the_plainest_in_few_steps(strategy, condition, least, steps):
    drawn, taken = shrunk(strategy, condition)
    blocks = drawn.partition.n_blocks
    assert (drawn.kind, drawn.mdp.n_obs, blocks, drawn.seed, drawn.epsilon) == least
    assert taken <= steps


def test_words_and_renderings_shrink_to_the_plainest():
    chain = counting_chain(9)
    assert shrunk(words(chain), lambda word: True)[0] == ()
    word, steps = shrunk(words(chain), lambda word: len(word) >= 6)
    assert (word, steps <= 60) == (("-1",) * 6, True)
    shown, steps = shrunk(renderings(5), lambda shown: True)
    assert (shown.tolist(), steps <= 10) == (
        [[float(x == y) for x in range(5)] for y in range(5)],
        True,
    )
    alike, steps = shrunk(renderings(3, look_alikes=True), lambda shown: True)
    assert (alike.tolist(), steps <= 10) == ([[1, 0, 0], [1, 0, 0], [0, 0, 1]], True)


@pytest.mark.parametrize(
    "strategy",
    [
        zero_loss_subjects(), perturbed_subjects(), trained_subjects(), transition_data(),
        words(counting_chain(9)), renderings(6), renderings(6, look_alikes=True),
    ],
    ids=["zero loss", "perturbed", "trained", "data", "words", "renderings", "look-alikes"],
)  # fmt: skip
def test_nothing_is_filtered_away(strategy):
    """Hypothesis reports no example as invalid."""
    reports = []

    @seed(1)
    @settings(max_examples=50, database=None, deadline=None)  # health checks stay on
    @given(strategy)
    def collect(value):
        pass

    with collector.with_value(reports.append):
        collect()
    statuses = Counter(case["status"] for case in reports[0]["generate-phase"]["test-cases"])
    assert statuses["invalid"] == 0
    assert statuses["valid"] >= 10  # all there are, where there are fewer than 50
