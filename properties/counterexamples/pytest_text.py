"""A counterexample as a pytest file that fails until its codes are fixed."""

from collections.abc import Iterable

from tellapart.theory.counterexamples.specimen import Specimen

__all__ = ["specimen_test"]

_TEST = '''\
"""Without {hypothesis}: {dropped}.

Two observations that the world tells apart share a code. The test fails until my_codes gives them
different codes.
"""

from tellapart.theory.mdp import DeterministicMDP

WORLD = DeterministicMDP(
    [
{rows}
    ],
    labels={labels},
    observations={observations},
    actions={actions},
)
X, Y = {x}, {y}
WORD = {word}


def my_codes(mdp):
    """Return one code for each observation: put your own encoder here."""
    return {codes}


def labels_along(mdp, name, word):
    """Return the labels that are seen from an observation along a word of actions."""
    actions = [mdp.action_index(action) for action in word]
    return mdp.label_trace(mdp.observation_index(name), actions)


def test_the_pair_is_told_apart():
    from_x, from_y = labels_along(WORLD, X, WORD), labels_along(WORLD, Y, WORD)
    assert from_x[-1] != from_y[-1]
    codes = my_codes(WORLD)
    assert len(codes) == WORLD.n_obs
    code_x, code_y = (codes[WORLD.observation_index(name)] for name in (X, Y))
    assert code_x != code_y, (
        f"{{X!r}} and {{Y!r}} share the code {{code_x!r}}; along {{WORD!r}} they show the labels "
        f"{{from_x!r}} and {{from_y!r}}"
    )
'''


def specimen_test(specimen: Specimen) -> str:
    """Return Python source of a test that imports tellapart and nothing else.

    The world stands in it as literals, and the codes as a function ``my_codes`` to be replaced.
    The same specimen gives the same text.
    """
    world = specimen.world
    rows = [f"        {row!r}," for row in world.successors.tolist()]
    return _TEST.format(
        hypothesis=specimen.hypothesis.value,
        dropped=specimen.hypothesis.dropped,
        rows="\n".join(rows),
        labels=_literals(world.labels),
        observations=_literals(world.observations),
        actions=_literals(world.actions),
        x=ascii(specimen.x),
        y=ascii(specimen.y),
        word=ascii(tuple(specimen.word)),
        codes=repr([specimen.codes[seen] for seen in specimen.shows]),
    )


def _literals(values: Iterable[object]) -> str:
    return ascii(list(values))
