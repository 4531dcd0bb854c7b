"""S11: the smallest loss that given codes allow, and when it is zero."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tellapart.properties.laws.claims import Facts, broken, clash_of, facts_of
from tellapart.properties.laws.instances import LawCodes, coded_data
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.losses.irreducible import irreducible_loss

__all__ = ["LAWS"]

Vector = Sequence[int | Fraction]
Loss = Callable[[TransitionData, Any], Any]


@dataclass(frozen=True)
class _Answer:
    """What a known-bad subject says, in the form of an ``IrreducibleLoss``."""

    dynamics: Fraction
    auxiliary: Fraction

    @property
    def is_zero(self) -> bool:
        return self.dynamics == self.auxiliary == 0


def _grouped(items: Sequence[tuple[Hashable, Vector]]) -> Fraction:
    """Return the mean squared distance of vectors to the mean of their group."""
    groups: dict[Hashable, list[Vector]] = {}
    for key, vector in items:
        groups.setdefault(key, []).append(vector)
    total = Fraction(0)
    for members in groups.values():
        for column in zip(*members, strict=True):
            mean = Fraction(sum(column)) / len(column)
            total += sum(((value - mean) ** 2 for value in column), Fraction(0))
    return total / len(items) if items else Fraction(0)


def _dynamics(facts: Facts, codes: Sequence[Vector], by_action: bool = True) -> Fraction:
    rows = facts.rows
    return _grouped([((tuple(codes[o]), by_action and a), codes[s]) for o, a, s in rows])


def _auxiliary(facts: Facts, codes: Sequence[Vector]) -> Fraction:
    known = [
        (code, label) for code, label in zip(codes, facts.labels, strict=True) if label is not None
    ]
    return _grouped([(tuple(code), (label,)) for code, label in known])  # type: ignore[misc]


def _blind_to_actions(data: TransitionData, codes: Sequence[Vector]) -> _Answer:
    """Group by codes alone, as if the predictor did not see the action: known bad."""
    facts = facts_of(data)
    return _Answer(_dynamics(facts, codes, by_action=False), _auxiliary(facts, codes))


def _ungrouped(data: TransitionData, codes: Sequence[Vector]) -> _Answer:
    """Take the spread of all successors and of all labels, without groups: known bad."""
    facts = facts_of(data)
    nothing = [(0,)] * facts.n
    rows = [(0, codes[s]) for _, _, s in facts.rows]
    return _Answer(_grouped(rows), _auxiliary(facts, nothing))


def _check_loss(example: LawCodes, loss: Loss) -> Seen:
    facts = facts_of(example.data)
    found = loss(example.data, example.codes)
    for name, wanted in (
        ("dynamics", _dynamics(facts, example.codes)),
        ("auxiliary", _auxiliary(facts, example.codes)),
    ):
        said = getattr(found, name)
        if said != wanted:
            broken(f"The smallest {name} loss of these codes is {wanted}, and {said} was said.")
    clash = clash_of(facts, example.codes)
    if found.is_zero and clash is not None:
        broken(f"Zero loss is said to be reachable, but {clash}.")
    if not found.is_zero and clash is None:
        broken("Zero loss is said to be out of reach, but tables for T and P exist.")
    return Seen(notes={"zero": clash is None, "codes": len(set(example.codes))})


LAWS: tuple[Law, ...] = (
    Law(
        id="S11",
        statement="S11",
        title="the smallest loss of given codes is the spread within groups, zero iff admissible",
        text="For codes of integers on any data, both parts of the irreducible loss are the "
        "fractions that sums over groups of equal code and action give, and both are zero exactly "
        "when tables for T and P exist.",
        cost=Cost.EXACT,
        cases=coded_data,
        check=_check_loss,
        subject=irreducible_loss,
        bad={"blind to actions": _blind_to_actions, "without groups": _ungrouped},
    ),
)
