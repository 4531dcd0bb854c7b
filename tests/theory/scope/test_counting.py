"""Counts without listing: Burnside and products, against lists made in plain Python."""

import itertools

import pytest

from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.scope.counting import (
    all_partitions,
    count_isomorphism_classes,
    count_tables,
    count_zero_loss,
)


@pytest.mark.parametrize(("n", "classes"), [(1, 1), (2, 3), (3, 7), (4, 19), (5, 47), (6, 130)])
def test_one_action_and_one_label_are_the_functional_digraphs(n, classes):
    """The number of mappings of n points into themselves up to renaming (OEIS A001372)."""
    assert count_isomorphism_classes(n, 1, 1)[0] == classes


@pytest.mark.parametrize(("n", "m", "labels"), [(2, 1, 2), (2, 2, 2), (3, 1, 2), (2, 1, 3)])
@pytest.mark.parametrize("drop", [None, Hypothesis.AUX_LOSS, Hypothesis.DYNAMICS_LOSS])
def test_products_count_what_a_list_counts(n, m, labels, drop):
    cells = list(itertools.product(range(n), range(m)))
    found = 0
    for table in itertools.product(range(n), repeat=len(cells)):
        step = dict(zip(cells, table, strict=True))
        for label in itertools.product(range(labels), repeat=n):
            for ids in all_partitions(n):
                together = [(x, y) for x in range(n) for y in range(n) if ids[x] == ids[y]]
                right = drop is Hypothesis.AUX_LOSS or all(
                    label[x] == label[y] for x, y in together
                )
                if drop is not Hypothesis.DYNAMICS_LOSS:
                    right = right and all(
                        ids[step[x, a]] == ids[step[y, a]] for x, y in together for a in range(m)
                    )
                found += right
    assert count_zero_loss(n, m, labels, drop) == found


def test_tables_are_counted_exactly_beyond_machine_integers():
    assert count_tables(20, 4, 2) == 20**80 * 2**20
