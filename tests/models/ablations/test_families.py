import pytest

from tellapart.models.ablations.designs import ABLATIONS, ablation
from tellapart.models.ablations.families import FAMILIES, family
from tellapart.models.networks import reference_sizes
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_has_one_shape_and_repeats(name):
    chosen = family(name)
    systems = [chosen.system(seed) for seed in range(12)]
    assert len({(m.successors.shape, m.label_vectors.shape[1:]) for m in systems}) == 1
    assert len({reference_sizes(m) for m in systems}) == 1
    assert systems == [chosen.system(seed) for seed in range(12)]
    assert (len(set(systems)) > 1) is chosen.drawn
    assert all(bisimulation(m).n_must_separate for m in systems)


def test_some_families_need_deep_words_and_some_allow_merges():
    depth = {name: bisimulation(f.system(0)).depth for name, f in FAMILIES.items()}
    assert depth["chain"] == 8
    assert max(depth.values()) >= 6
    blown = bisimulation(family("blow-up").system(0)).partition
    assert blown.n_blocks <= 5 < len(blown)


def test_the_eight_designs_are_there():
    assert list(ABLATIONS) == [
        "joint", "dynamics-only", "aux-only", "decoupled", "stop-gradient", "ema-target",
        "random-target", "value-target",
    ]  # fmt: skip


@pytest.mark.parametrize(("get", "name"), [(family, "ring"), (ablation, "vicreg")])
def test_unknown_names_are_refused_with_the_known_ones(get, name):
    with pytest.raises(InvalidArgumentError, match=rf"named '{name}'; the .* are (joint|counting)"):
        get(name)
