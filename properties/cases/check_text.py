"""The test that a case of a check becomes."""

from collections.abc import Hashable
from fractions import Fraction

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import CollapseWitness

__all__ = ["check_test", "literal", "mdp_literal"]

_TEXT = '''"""{subject} merges two observations that must be told apart; passes when it does not."""

{imports}from tellapart.properties.check import check
from tellapart.theory.mdp import DeterministicMDP

#: A built-in design, "path/to/file.py:factory" or "package.module:factory".
SUBJECT = {subject_literal}
SEED = {seed}
MDP = {mdp}
X, Y = {x}, {y}
WORD = {word}  # leads from X and from Y to different labels


def test_the_pair_must_be_told_apart():
    word = [MDP.action_index(action) for action in WORD]
    runs = [MDP.label_trace(MDP.observation_index(name), word) for name in (X, Y)]
    assert runs[0][-1] != runs[1][-1]


def test_the_pair_is_told_apart():
    report = check(SUBJECT, MDP, seed=SEED, merge_tolerance={tolerance})
    x, y = (report.codes[MDP.observation_index(name)] for name in (X, Y))
    distance = float(((x - y) ** 2).sum() ** 0.5)
    assert distance > report.judgement.separation.threshold, report.explain()
'''


def check_test(
    mdp: DeterministicMDP, subject: str, seed: int, tolerance: float, witness: CollapseWitness
) -> str:
    """Return a pytest file that checks the subject on the system and asks about the pair.

    Raises
    ------
    InvalidArgumentError
        When names or labels have no Python literal.
    """
    pieces = [mdp_literal(mdp), *map(literal, (witness.x, witness.y, witness.word))]
    needed = "from fractions import Fraction\n\n" if "Fraction(" in "".join(pieces) else ""
    return _TEXT.format(
        subject=ascii(subject)[1:-1].replace('"', "'"),
        imports=needed,
        subject_literal=ascii(subject),
        seed=seed,
        mdp=pieces[0],
        x=pieces[1],
        y=pieces[2],
        word=pieces[3],
        tolerance=repr(tolerance),
    )


def mdp_literal(mdp: DeterministicMDP) -> str:
    """Return a Python expression that builds an equal MDP; it needs Fraction for fractions.

    Raises
    ------
    InvalidArgumentError
        When names or labels are something else than numbers, strings and tuples of them.

    Examples
    --------
    >>> print(mdp_literal(DeterministicMDP([[0], [0]], labels=["a", "b"])))
    DeterministicMDP(
        successors=[
            [0],
            [0],
        ],
        labels=['a', 'b'],
        observations=[0, 1],
        actions=[0],
    )
    """
    rows = "".join(f"        {row!r},\n" for row in mdp.successors.tolist())
    return (
        f"DeterministicMDP(\n    successors=[\n{rows}    ],\n"
        f"    labels={_listed(mdp.labels)},\n"
        f"    observations={_listed(tuple(mdp.observations))},\n"
        f"    actions={_listed(tuple(mdp.actions))},\n)"
    )


def _listed(values: tuple[Hashable, ...]) -> str:
    return f"[{', '.join(map(literal, values))}]"


def literal(value: object) -> str:
    """Write a name or a label as Python source; it needs Fraction for fractions.

    Raises
    ------
    InvalidArgumentError
        When it is something else than a number, a string or a tuple of them.

    Examples
    --------
    >>> literal(("a", 1, Fraction(1, 3)))
    "('a', 1, Fraction(1, 3))"
    """
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return ascii(value)
    if isinstance(value, Fraction):
        return f"Fraction({value.numerator}, {value.denominator})"
    if isinstance(value, tuple):
        inner = ", ".join(map(literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    raise InvalidArgumentError(
        f"{value!r} of type {type(value).__name__} has no Python literal; name observations, "
        "actions and labels with numbers, strings or tuples of them."
    )
