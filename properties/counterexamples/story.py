"""A counterexample as a story: what was dropped, what is merged, and what would have helped."""

from collections.abc import Hashable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from tellapart.properties.report.rows import trace_rows
from tellapart.properties.report.wording import name_text
from tellapart.theory.counterexamples.minimum import specimen_table
from tellapart.theory.counterexamples.scaling import scale_for
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.properties.counterexamples.counterexample import Counterexample

__all__ = [
    "codes_table",
    "data_lines",
    "loss_lines",
    "runs_table",
    "size_lines",
    "story",
    "text_table",
    "world_table",
]

Table = list[tuple[str, ...]]


def story(found: "Counterexample", *, show_all: bool = False) -> str:
    """Tell a counterexample in plain text.

    Parameters
    ----------
    found
        The counterexample.
    show_all
        List all smallest ones at the end.
    """
    specimen, hypothesis = found.specimen, found.hypothesis
    parts = [
        [
            f"Counterexample without {hypothesis}",
            f"Dropped: {hypothesis.dropped}.",
            f"Then: {hypothesis.consequence}.",
        ],
        [_world_head(specimen), *text_table(world_table(specimen))],
        [f"The encoder: {count(specimen.n_codes, 'code')}", *text_table(codes_table(specimen))],
        [_runs_head(specimen), *text_table(runs_table(specimen))],
        ["The losses with these codes, for the best predictor and head", *loss_lines(specimen)],
        ["What the theorem would have needed", f"  {_capital(hypothesis.needed)}."],
        ["How small it is", *(f"  {line}" for line in size_lines(found))],
    ]
    changed = data_lines(specimen)
    if changed:
        parts.insert(2, ["What the losses see", *(f"  {line}" for line in changed)])
    if found.trained is not None:
        lines = found.trained.explain().splitlines()
        parts.append(["A trained encoder", *(f"  {line}" for line in lines)])
    if show_all:
        table = specimen_table(found.specimens)
        parts.append(["All of this size, up to renaming", *(f"  {line}" for line in table)])
    return "\n\n".join("\n".join(part) for part in parts)


def world_table(specimen: Specimen) -> Table:
    """Return the world: a head, then each observation with its label and successors."""
    world = specimen.world
    head = ("observation", "label", *(f"after {name_text(a, 20)}" for a in world.actions))
    rows = [
        (_name(name), _name(label), *(_name(world.observations[s]) for s in row))
        for name, label, row in zip(
            world.observations, world.labels, world.successors.tolist(), strict=True
        )
    ]
    return [head, *rows]


def codes_table(specimen: Specimen) -> Table:
    """Return the code of each observation of the world, with the merged pair marked."""
    rows = []
    for o, name in enumerate(specimen.world.observations):
        merged = name in (specimen.x, specimen.y)
        code = specimen.codes[specimen.shows[o]]
        rows.append((_name(name), f"c{code}", "merged" if merged else ""))
    return [("observation", "code", ""), *rows]


def runs_table(specimen: Specimen) -> Table:
    """Return the two runs of the distinguishing word side by side."""
    x, y = _name(specimen.x), _name(specimen.y)
    rows: Table = [("step", "action", f"from {x}", "label", f"from {y}", "label", "")]
    for row in trace_rows(specimen.world, specimen.x, specimen.y, specimen.word):
        mark = "labels differ" if row.differs else ""
        rows.append((row.step, row.action, row.x, row.x_label, row.y, row.y_label, mark))
    return rows


def data_lines(specimen: Specimen) -> list[str]:
    """Say how the data differ from the world, a line for each difference."""
    world, data, hypothesis = specimen.world, specimen.data, specimen.hypothesis
    if hypothesis is Hypothesis.ACTION_CONDITIONING:
        return ["The transitions of the world without their actions:", *_transitions(specimen)]
    if hypothesis is Hypothesis.INFORMATIVE_LABEL:
        return [f"The label {_name(data.label_values[0])} in every observation."]
    if hypothesis is Hypothesis.MARKOV_OBSERVATION:
        names = world.observations
        return [
            f"{_name(names[o])} looks like {_name(data.observations[seen])}."
            for o, seen in enumerate(specimen.shows)
            if names[o] != data.observations[seen]
        ]
    own = _named(world.observations, world.actions, world_rows(specimen))
    seen = _named(data.observations, data.actions, data.triples.tolist())
    added = [f"Another successor: {_row_text(row)}." for row in seen if row not in own]
    missing = [f"Not in the data: {_row_text(row)}." for row in own if row not in seen]
    return [*added, *missing]


def world_rows(specimen: Specimen) -> list[list[int]]:
    """Return the transitions of the world as index triples."""
    table = specimen.world.successors.tolist()
    return [[o, a, s] for o, row in enumerate(table) for a, s in enumerate(row)]


def loss_lines(specimen: Specimen) -> list[str]:
    """Say which loss is zero and which is not, in exact numbers."""
    losses = specimen.losses
    lines = text_table([
        ("dynamics", str(losses.dynamics), _zero_text(losses.dynamics)),
        ("auxiliary", str(losses.auxiliary), _zero_text(losses.auxiliary)),
    ])  # fmt: skip
    for group, kind in ((losses.worst_dynamics, "successors"), (losses.worst_label, "labels")):
        if group is not None:
            lines.append(f"  {kind}: {group.explain()}")
    if specimen.hypothesis is Hypothesis.EXACT_ZERO and losses.dynamics:
        scale = scale_for(specimen, Fraction(1, 10**6))
        lines += [
            "  This is for codes of size 1. Codes of size s, with the head stretched by 1/s, have",
            f"  s² times this dynamics loss: s = {float(scale):.3g} gives a loss of 1e-06.",
        ]
    return lines


def size_lines(found: "Counterexample") -> list[str]:
    """Say how many there are and why nothing is smaller, or where it was shrunk from."""
    specimen, minimum = found.specimen, found.minimum
    if minimum is None:
        source = f" Shrunk from {found.origin}." if found.origin else ""
        return [f"{_size_text(specimen)}.{source}"]
    kinds = count(minimum.n_specimens, "counterexample")
    lines = [f"{_size_text(specimen)}: {kinds} up to renaming, of which this is the first."]
    lines.append(minimum.proof())
    if minimum.variant:
        lines.append(f"Here the encoder is {minimum.variant}." if _is_loss(minimum.variant) else
                     f"Here {minimum.variant}.")  # fmt: skip
    for other in minimum.others:
        if other.specimens:
            shown = _size_text(other.specimens[0])
            lines.append(
                f"The other way, {other.variant}: {_lower(shown)}; "
                f"{other.n_specimens} up to renaming."
            )
    return lines


def text_table(rows: Table) -> list[str]:
    """Return rows as aligned lines, indented by two."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        ("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]


def _world_head(specimen: Specimen) -> str:
    return (
        f"The world: {count(specimen.n_observations, 'observation')}, "
        f"{count(specimen.n_actions, 'action')}"
    )


def _runs_head(specimen: Specimen) -> str:
    x, y = _name(specimen.x), _name(specimen.y)
    if not specimen.word:
        return f"{x} and {y} have different labels at once"
    word = " ".join(_name(action) for action in specimen.word)
    return f"{x} and {y} along the word {word}"


def _size_text(specimen: Specimen) -> str:
    return (
        f"{_capital(count(specimen.n_observations, 'observation'))}, "
        f"{count(specimen.n_actions, 'action')}, {count(specimen.n_codes, 'code')}"
    )


def _transitions(specimen: Specimen) -> list[str]:
    data = specimen.data
    names = data.observations
    return [f"{_name(names[o])} to {_name(names[s])}" for o, _, s in data.triples.tolist()]


def _named(
    names: Sequence[Hashable], actions: Sequence[Hashable], rows: list[list[int]]
) -> list[tuple[Hashable, Hashable, Hashable]]:
    return [(names[o], actions[a], names[s]) for o, a, s in rows]


def _row_text(row: tuple[Hashable, Hashable, Hashable]) -> str:
    return f"{_name(row[0])} under {_name(row[1])} to {_name(row[2])}"


def _zero_text(loss: Fraction | float) -> str:
    return "zero" if loss == 0 else "not zero, for any predictor and head"


def _is_loss(variant: str) -> bool:
    return variant.startswith("trained")


def _name(name: Hashable) -> str:
    return name_text(name, 24)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
