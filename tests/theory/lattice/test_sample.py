"""Samples of admissible partitions: equally likely where that is said, admissible always."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.properties.data_strategies import transition_data
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError, InvalidLabelError
from tellapart.theory.gallery import (
    cycle,
)
from tellapart.theory.lattice.admissible import admissible_lattice
from tellapart.theory.lattice.census import census
from tellapart.theory.lattice.components import factors
from tellapart.theory.lattice.count import count_admissible
from tellapart.theory.lattice.sample import (
    draw_uniform,
    sample_admissible,
)
from tellapart.theory.partial.admissible import is_admissible_for

SYSTEMS = st.one_of(
    transition_data(), deterministic_mdps(max_observations=6, max_actions=2, max_labels=2)
)


class Script:
    """A stand-in for Random that plays one sequence of choices and notes its alternatives."""

    def __init__(self, choices):
        self.choices, self.sizes = choices, []

    def randrange(self, size):
        position = len(self.sizes)
        self.sizes.append(size)
        return self.choices[position] if position < len(self.choices) else 0


def chances(draw):
    """The exact probability of every outcome of ``draw``, over all its choices."""
    found = Counter()
    waiting = [()]
    while waiting:
        script = Script(waiting.pop())
        outcome = draw(script)
        played = [*script.choices, *[0] * (len(script.sizes) - len(script.choices))]
        chance = Fraction(1)
        for size in script.sizes:
            chance /= size
        found[outcome] += chance
        for k in range(len(script.choices), len(played)):
            waiting += [(*played[:k], other) for other in range(1, script.sizes[k])]
    return found


@given(deterministic_mdps(max_observations=5, max_actions=2, max_labels=2))
@settings(max_examples=25)
def test_every_partition_of_a_part_is_equally_likely(mdp):
    found = factors(mdp)
    for part in found.parts:
        listed = census(part, 1000)
        if listed.total <= 12:
            spread = chances(lambda script, p=part, c=listed: draw_uniform(p, c, script))
            assert len(spread) == listed.total
            assert set(spread.values()) == {Fraction(1, listed.total)}


@given(SYSTEMS, st.integers(-3, 3), st.sampled_from([1, 2, 1000]))
def test_samples_are_admissible_and_repeat(system, seed, limit):
    if not admissible_lattice(system).feasible:
        with pytest.raises(InvalidLabelError, match="to share a code and their labels differ"):
            sample_admissible(system, seed)
        return
    sample = sample_admissible(system, seed, 4, limit=limit)
    assert len(sample) == 4
    assert all(is_admissible_for(system, partition) for partition in sample)
    assert sample == sample_admissible(system, seed, 4, limit=limit)
    assert sample.uniform == count_admissible(system, limit=limit).exact


@pytest.mark.parametrize("limit", [1, 1000])
def test_samples_reach_everything_with_and_without_the_list(limit):
    data = TransitionData(
        [[0, 0, 2], [1, 0, 3], [4, 0, 4]], labels={2: "a", 4: "b"}, observations=range(5)
    )
    sample = sample_admissible(data, 0, 600, limit=limit)
    assert sample.uniform == (limit == 1000)
    assert set(sample) == set(admissible_lattice(data))


@pytest.mark.parametrize(
    ("seed", "count", "message"),
    [(None, 1, "seed is None"), (True, 1, "seed is True"), (0, 0, "count is 0"), (0, 1.0, "count")],
)
def test_bad_draws_are_refused(seed, count, message):
    with pytest.raises(InvalidArgumentError, match=message):
        sample_admissible(cycle(3), seed, count)
