"""What each dropped hypothesis leaves of a world, and what must be zero there, by plain loops.

Inside of :mod:`.verify`, and as independent of the search as that is.
"""

from collections.abc import Callable, Hashable, Iterable

from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.hypotheses import Hypothesis

__all__ = ["CLAIMS", "Refused", "World", "need"]

Triple = tuple[int, int, int]


class Refused(Exception):
    """A claim is false; the message says which."""


class World:
    """The world as plain lists and dictionaries."""

    def __init__(self, specimen: Specimen) -> None:
        world = specimen.world
        self.names = list(world.observations)
        self.actions = list(world.actions)
        self.labels = list(world.labels)
        self.next = [[int(end) for end in row] for row in world.successors]
        self.rows: set[Triple] = {
            (o, a, end) for o, row in enumerate(self.next) for a, end in enumerate(row)
        }

    def shortest(self, x: int, y: int) -> int | None:
        """Return the length of the shortest word that tells two observations apart."""
        level, seen, length = {(x, y)}, {(x, y)}, 0
        while level:
            if any(self.labels[p] != self.labels[q] for p, q in level):
                return length
            reached = {
                (self.next[p][a], self.next[q][a])
                for p, q in level
                for a in range(len(self.actions))
            }
            level = reached - seen
            seen |= level
            length += 1
        return None


def _same_rows(specimen: Specimen, table: World) -> None:
    need(triples_of(specimen) == table.rows, "the data have other rows than the world.")
    _same_actions(specimen, table)


def _same_actions(specimen: Specimen, table: World) -> None:
    need(list(specimen.data.actions) == table.actions, "the data name other actions.")


def _same_labels(specimen: Specimen, table: World) -> None:
    for o, label in enumerate(table.labels):
        need(
            specimen.data.label_of(o) == label,
            f"the data label {table.names[o]} {specimen.data.label_of(o)!r}, the world {label!r}.",
        )


def _all_seen(specimen: Specimen) -> None:
    shows = list(specimen.shows)
    need(shows == list(range(len(shows))), "only markov_observation hides what a state is.")


def _whole_world(specimen: Specimen, table: World) -> None:
    _all_seen(specimen)
    _same_rows(specimen, table)
    _same_labels(specimen, table)


def _dynamics_clash(specimen: Specimen) -> str | None:
    """Return why no predictor follows the codes without error, or None."""
    codes = specimen.codes
    reached: dict[tuple[int, int], int] = {}
    for o, a, end in sorted(triples_of(specimen)):
        if reached.setdefault((codes[o], a), codes[end]) != codes[end]:
            return (
                f"code {codes[o]} and action {specimen.data.actions[a]!r} lead to the codes "
                f"{reached[codes[o], a]} and {codes[end]}, so the dynamics loss is not zero."
            )
    return None


def _label_clash(specimen: Specimen, classes: Iterable[int]) -> str | None:
    """Return why labels cannot be read from classes without error, or None."""
    read: dict[int, Hashable] = {}
    for o, group in enumerate(classes):
        label = specimen.data.label_of(o)
        if label is not None and read.setdefault(group, label) != label:
            return (
                f"code {group} has the labels {read[group]!r} and {label!r}, so the auxiliary "
                "loss is not zero."
            )
    return None


def _zero_dynamics(specimen: Specimen) -> None:
    clash = _dynamics_clash(specimen)
    need(clash is None, clash or "")


def _zero_auxiliary(specimen: Specimen) -> None:
    clash = _label_clash(specimen, specimen.codes)
    need(clash is None, clash or "")


def _forced_classes(specimen: Specimen) -> list[int]:
    """Return the class of each observation under the merges that data and looks force (S2)."""
    group = list(specimen.shows)
    rows = sorted(triples_of(specimen))
    changed = True
    while changed:
        changed = False
        for o, a, end in rows:
            for p, b, other in rows:
                if a == b and group[o] == group[p] and group[end] != group[other]:
                    old, new = group[other], group[end]
                    group = [new if one == old else one for one in group]
                    changed = True
    numbers: dict[int, int] = {}
    return [numbers.setdefault(one, len(numbers)) for one in group]


def _infeasible(specimen: Specimen) -> None:
    classes = _forced_classes(specimen)
    need(
        _label_clash(specimen, classes) is not None,
        "the merges that the data force agree with the labels, so some encoder reaches zero.",
    )
    need(
        classes == list(specimen.codes),
        f"the codes are not the classes {tuple(classes)} of the merges that the data force.",
    )


def _aux_loss(specimen: Specimen, table: World) -> None:
    _whole_world(specimen, table)
    _zero_dynamics(specimen)


def _dynamics_loss(specimen: Specimen, table: World) -> None:
    _whole_world(specimen, table)
    _zero_auxiliary(specimen)


def _joint_training(specimen: Specimen, table: World) -> None:
    _whole_world(specimen, table)
    need(
        (_dynamics_clash(specimen) is None) != (_label_clash(specimen, specimen.codes) is None),
        "exactly one of the two losses must be zero: the one that trained the encoder.",
    )


def _determinism(specimen: Specimen, table: World) -> None:
    _all_seen(specimen)
    _same_actions(specimen, table)
    _same_labels(specimen, table)
    need(
        triples_of(specimen) > table.rows, "the data must have all rows of the world and some more."
    )
    _infeasible(specimen)


def _full_coverage(specimen: Specimen, table: World) -> None:
    _all_seen(specimen)
    _same_actions(specimen, table)
    _same_labels(specimen, table)
    need(triples_of(specimen) < table.rows, "the data must have some rows of the world, not all.")
    _zero_dynamics(specimen)
    _zero_auxiliary(specimen)


def _action_conditioning(specimen: Specimen, table: World) -> None:
    _all_seen(specimen)
    _same_labels(specimen, table)
    hidden = {(o, 0, end) for o, _, end in table.rows}
    need(
        specimen.data.n_actions == 1 and triples_of(specimen) == hidden,
        "the data must be the rows of the world under one name for all actions.",
    )
    _infeasible(specimen)


def _exact_zero(specimen: Specimen, table: World) -> None:
    _whole_world(specimen, table)
    _zero_auxiliary(specimen)
    need(
        _dynamics_clash(specimen) is not None,
        "the dynamics loss is zero; it must be above zero to be scaled.",
    )


def _markov_observation(specimen: Specimen, table: World) -> None:
    _same_rows(specimen, table)
    _same_labels(specimen, table)
    shows = list(specimen.shows)
    need(
        all(shows[look] == look <= o for o, look in enumerate(shows)),
        "shows must name the first state that looks the same.",
    )
    x, y = table.names.index(specimen.x), table.names.index(specimen.y)
    need(shows[x] == shows[y], f"{specimen.x} and {specimen.y} do not look alike.")
    _infeasible(specimen)


def _informative_label(specimen: Specimen, table: World) -> None:
    _all_seen(specimen)
    _same_rows(specimen, table)
    labels = {specimen.data.label_of(o) for o in range(specimen.data.n_obs)}
    need(len(labels) == 1 and None not in labels, "the label must be constant on the data.")
    _zero_dynamics(specimen)


#: What is checked of a specimen and its world for each hypothesis.
CLAIMS: dict[Hypothesis, Callable[[Specimen, World], None]] = {
    Hypothesis.AUX_LOSS: _aux_loss,
    Hypothesis.DYNAMICS_LOSS: _dynamics_loss,
    Hypothesis.JOINT_TRAINING: _joint_training,
    Hypothesis.DETERMINISM: _determinism,
    Hypothesis.FULL_COVERAGE: _full_coverage,
    Hypothesis.ACTION_CONDITIONING: _action_conditioning,
    Hypothesis.EXACT_ZERO: _exact_zero,
    Hypothesis.MARKOV_OBSERVATION: _markov_observation,
    Hypothesis.INFORMATIVE_LABEL: _informative_label,
}


def triples_of(specimen: Specimen) -> set[Triple]:
    return {(int(o), int(a), int(end)) for o, a, end in specimen.data.triples}


def need(claim: bool, failure: str) -> None:
    """Refuse unless a claim is true."""
    if not claim:
        raise Refused(failure)
