import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.evaluation import evaluate
from tellapart.models.recipes import KINDS, PERTURBED_KINDS, SubjectRecipe
from tellapart.models.translation.subject import translate
from tellapart.properties.strategies import admissible_partitions, deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.networks.evaluation import enclose_points
from tellapart.theory.partition import Partition, kernel

CHAIN = counting_chain(5)
IDENTITY = Partition.identity(5)
EXACT = st.just(0.0)
SHARES = {0.0, 0.25, 0.5, 1.0}


@st.composite
def recipes(draw, kinds=KINDS, epsilon=EXACT):
    mdp = draw(deterministic_mdps(max_observations=6))
    kind = draw(st.sampled_from(kinds))
    free = kind in ("table", "piecewise")
    partition = draw(admissible_partitions(mdp)) if free else bisimulation(mdp).partition
    return SubjectRecipe(mdp, partition, kind, draw(st.integers(0, 99)), draw(epsilon))


@given(recipes())
def test_a_saved_recipe_builds_the_same_bits(recipe):
    first = evaluate(recipe.build(), recipe.mdp)
    saved = SubjectRecipe.from_json(recipe.to_json())
    assert saved == recipe
    again = evaluate(saved.build(), saved.mdp)
    for name in ("codes", "predicted", "read"):
        assert getattr(first, name).tobytes() == getattr(again, name).tobytes()
    assert (first.dynamics_loss, first.aux_loss) == (0.0, 0.0)
    assert kernel(first.codes) == recipe.partition


epsilons = st.builds(lambda e, k: (1 + k / 8) * 2.0**-e, st.integers(0, 30), st.integers(0, 7))


@given(recipes(PERTURBED_KINDS, epsilons))
def test_residuals_are_exactly_what_was_asked_for(recipe):
    found = evaluate(recipe.build(), recipe.mdp)
    assert kernel(found.codes) == recipe.partition
    for residuals in (found.dynamics_residuals, found.aux_residuals):
        assert residuals.max() == recipe.epsilon
        assert set((residuals / recipe.epsilon).reshape(-1).tolist()) <= SHARES


@pytest.mark.parametrize("kind", PERTURBED_KINDS)
def test_perturbed_parts_are_formulas_that_can_be_evaluated_exactly(kind):
    recipe = SubjectRecipe(CHAIN, IDENTITY, kind, seed=4, epsilon=2.0**-7)
    points = enclose_points(translate(recipe.build(), CHAIN), CHAIN)
    gap = points.predicted.lo - points.codes.lo[CHAIN.successors]
    assert np.array_equal(points.predicted.lo, points.predicted.hi)
    assert np.abs(gap).max() == 2.0**-7


@pytest.mark.parametrize("kind", KINDS)
def test_the_zeroth_seed_leaves_coordinates_plain(kind):
    codes = evaluate(SubjectRecipe(CHAIN, IDENTITY, kind).build(), CHAIN).codes
    moved = evaluate(SubjectRecipe(CHAIN, IDENTITY, kind, seed=1).build(), CHAIN).codes
    assert not np.array_equal(codes, moved)
    if kind in ("table", "quotient"):
        assert np.array_equal(codes, np.eye(5))
    if kind == "piecewise":
        assert codes[:, 0].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"construction": "tables"}, "choose one of quotient, table, krylov, piecewise"),
        ({"construction": "krylov", "epsilon": 0.5}, "choose one of quotient, table, piecewise"),
        ({"construction": "table", "seed": -1}, "seed is -1"),
        ({"construction": "table", "seed": 1.5}, "seed is 1.5"),
        ({"construction": "table", "epsilon": -0.5}, "at least 2"),
        ({"construction": "table", "epsilon": 1e-12}, "at least 2"),
        ({"construction": "table", "epsilon": float("nan")}, "at least 2"),
        ({"construction": "table", "epsilon": float("inf")}, "at least 2"),
    ],
)
def test_recipes_of_nothing_are_refused(fields, message):
    with pytest.raises(InvalidArgumentError, match=message):
        SubjectRecipe(CHAIN, IDENTITY, **fields)


def test_kinds_that_have_one_kernel_refuse_another():
    constant = CHAIN.with_labels([0] * 5)
    for kind in ("quotient", "krylov"):
        with pytest.raises(InvalidArgumentError, match="builds the kernel B"):
            SubjectRecipe(constant, IDENTITY, kind).build()
    with pytest.raises(InvalidArgumentError, match="not admissible"):
        SubjectRecipe(CHAIN, Partition.single_block(5), "table").build()
