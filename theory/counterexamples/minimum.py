"""The smallest counterexamples to a hypothesis, and what was examined to know that."""

from dataclasses import dataclass

from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count, integer

__all__ = ["Minimum", "SizeExamined"]


@register
@dataclass(frozen=True, slots=True)
class SizeExamined:
    """One size of world, and how many candidates of it were decided.

    Attributes
    ----------
    n_observations, n_actions
        The size.
    n_dynamics
        Dynamics of this size up to renaming; 0 where a SAT solver decided instead.
    n_examined
        Candidates: dynamics with labels, codes, and added, missing or hidden parts. Of the last
        size, those up to the first number of codes, label values and extra rows with any hit.
    n_found
        Counterexamples among them, before renaming.
    """

    n_observations: int
    n_actions: int
    n_dynamics: int
    n_examined: int
    n_found: int


@register
@dataclass(frozen=True, repr=False)
class Minimum(Saved):
    """The smallest counterexamples; made by :func:`.search.smallest_counterexamples`.

    Smaller means fewer observations, then fewer actions, codes, label values and extra rows.

    Attributes
    ----------
    hypothesis
        What was dropped.
    variant
        Which way, for a hypothesis that can be dropped in two ways; otherwise empty.
    specimens
        The counterexamples of the smallest size, one for each class up to renaming; the first of
        them where there are more than were asked for. Empty when there is none in the bounds.
    n_specimens
        How many classes there are; 1 where a SAT solver found one and did not count.
    counted
        Whether ``n_specimens`` counts all.
    sizes
        Every size that was examined, ascending; all but the last without any.
    extra, n_extra
        What a specimen has besides dynamics, labels and codes (a missing row, say), and how much.
    codes_asked, max_labels, min_depth
        What was asked for: exactly this number of codes (None: any), label values at most, and the
        depth of the merged pair at least.
    others
        The minima of the other ways to drop the hypothesis.
    """

    hypothesis: Hypothesis
    variant: str
    specimens: tuple[Specimen, ...]
    n_specimens: int
    counted: bool
    sizes: tuple[SizeExamined, ...]
    extra: str
    n_extra: int
    codes_asked: int | None
    max_labels: int
    min_depth: int
    others: tuple["Minimum", ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is a counterexample in the bounds."""
        return bool(self.specimens)

    @property
    def n_examined(self) -> int:
        """Candidates that were decided."""
        return sum(size.n_examined for size in self.sizes)

    @property
    def n_observations(self) -> int:
        """Observations of the world of each specimen."""
        return self._first().n_observations

    @property
    def n_actions(self) -> int:
        """Actions of the world of each specimen."""
        return self._first().n_actions

    @property
    def n_codes(self) -> int:
        """Codes in use in each specimen."""
        return self._first().n_codes

    @property
    def n_labels(self) -> int:
        """Label values of the world of each specimen."""
        return len(self._first().world.label_values)

    def _first(self) -> Specimen:
        if not self.specimens:
            raise InvalidArgumentError(
                f"No counterexample without {self.hypothesis} was found in the bounds, so it has "
                "no size. Ask found first, or search larger sizes."
            )
        return self.specimens[0]

    def explain(self) -> str:
        """Return the size, the sentence that proves it, and the specimens as a table."""
        lines = [f"Without {self.hypothesis}: {self.hypothesis.dropped}."]
        if self.variant:
            lines.append(f"Here: {self.variant}.")
        if not self.specimens:
            lines.append("No counterexample in the bounds.")
            return "\n".join([*lines, self.proof()])
        lines += [f"{self._size_text()}.", self.proof(), "", *specimen_table(self.specimens)]
        hidden = self.n_specimens - len(self.specimens)
        if hidden:
            lines.append(f"and {integer(hidden)} more")
        for other in self.others:
            size = other._size_text() if other.specimens else "no counterexample in the bounds"
            lines += ["", f"The other way, {other.variant}: {_lower(size)}. {other.proof()}"]
        return "\n".join(lines)

    def proof(self) -> str:
        """Return the sentence that says why nothing smaller exists."""
        smaller = self.sizes[:-1] if self.specimens else self.sizes
        tried = ", ".join(f"{size.n_observations} x {size.n_actions}" for size in smaller)
        what = "one" if self.codes_asked is None else f"one with {count(self.codes_asked, 'code')}"
        what += (
            f" whose pair needs at least {count(self.min_depth, 'action')}"
            if self.min_depth
            else ""
        )
        if not self.specimens:
            labels = count(self.max_labels, "label value")
            head = f"None of the sizes {tried} (observations x actions) has {what}, with at most "
            return f"{head}{labels}: {self._how()}."
        fewer = [] if self.codes_asked is not None else ["codes"]
        fewer += ["label values", *([f"{self.extra}s"] if self.extra else [])]
        head = f"None of the smaller sizes {tried} (observations x actions) has {what}, and t"
        return (
            f"{head if smaller else 'T'}his size has none with fewer {' or '.join(fewer)}: "
            f"{self._how()}."
        )

    def _how(self) -> str:
        """Say who decided the sizes."""
        solved = [f"{s.n_observations} x {s.n_actions}" for s in self.sizes if not s.n_dynamics]
        if len(solved) == len(self.sizes):
            return "a SAT solver decided"
        text = f"every candidate was examined, {integer(self.n_examined)} in all"
        return f"{text}, and a SAT solver decided {', '.join(solved)}" if solved else text

    def _size_text(self) -> str:
        parts = [
            count(self.n_observations, "observation"),
            count(self.n_actions, "action"),
            count(self.n_codes, "code"),
            count(self.n_labels, "label value"),
        ]
        if self.extra:
            parts.append(count(self.n_extra, self.extra))
        number = f"{integer(self.n_specimens)} up to renaming" if self.counted else "one is shown"
        return f"Smallest: {', '.join(parts)}; {number}"

    def __repr__(self) -> str:
        if not self.specimens:
            return f"Minimum(without {self.hypothesis}: none in the bounds)"
        return (
            f"Minimum(without {self.hypothesis}: {self.n_specimens} up to renaming with "
            f"{count(self.n_observations, 'observation')}, {count(self.n_actions, 'action')}, "
            f"{count(self.n_codes, 'code')})"
        )


def specimen_table(specimens: tuple[Specimen, ...]) -> list[str]:
    """Return one line for each specimen: successors, labels, codes, what the data see, the pair."""
    head = ("world", "labels", "codes", "data", "pair", "word")
    rows = [head, *(_cells(specimen) for specimen in specimens)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _cells(specimen: Specimen) -> tuple[str, ...]:
    world = specimen.world
    columns = [
        ",".join(str(world.observations[o]) for o in world.successors[:, a].tolist())
        for a in range(world.n_actions)
    ]
    return (
        " ".join(columns),
        ",".join(map(str, world.labels)),
        ",".join(map(str, specimen.codes)),
        _data_text(specimen),
        f"{specimen.x} {specimen.y}",
        " ".join(map(str, specimen.word)) or "(empty)",
    )


def _data_text(specimen: Specimen) -> str:
    """Say how the data differ from the world."""
    world, data = specimen.world, specimen.data
    looks = specimen.shows
    if looks != tuple(range(world.n_obs)):
        alike = [(o, look) for o, look in enumerate(looks) if o != look]
        names = world.observations
        return ", ".join(f"{names[o]} looks like {names[look]}" for o, look in alike)
    if data.n_actions < world.n_actions:
        return "actions hidden"
    rows = {
        (o, a, int(end)) for (o, a), end in _enumerated(world.successors.tolist())
    }  # fmt: skip
    seen = {(int(o), int(a), int(end)) for o, a, end in data.triples.tolist()}
    names, actions = world.observations, world.actions
    changes = [(row, "+") for row in sorted(seen - rows)]
    changes += [(row, "-") for row in sorted(rows - seen)]
    if changes:
        return ", ".join(f"{s}{names[o]} {actions[a]} {names[e]}" for (o, a, e), s in changes)
    return "all of it" if data.n_labelled and len(data.label_values) > 1 else "labels constant"


def _enumerated(table: list[list[int]]) -> list[tuple[tuple[int, int], int]]:
    return [((o, a), end) for o, row in enumerate(table) for a, end in enumerate(row)]


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
