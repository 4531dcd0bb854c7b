"""What a case shows of its evidence: the system with the witness in it, and the codes."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from tellapart.properties.cases.check_cases import CheckContent
from tellapart.properties.report.charts import distance_histogram
from tellapart.properties.report.data_pictures import data_pictures
from tellapart.properties.report.graph import action_legend, is_drawable, ringed_label
from tellapart.properties.report.pictures import Picture, Pictures, pictures, system_picture
from tellapart.properties.report.rows import TraceRow, trace_rows
from tellapart.properties.report.scatter import draw_latents, project
from tellapart.properties.report.wording import count, integer, name_text, number, word_text
from tellapart.properties.suite.outcomes import Outcome
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import TellapartError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.forced import forced_merges
from tellapart.theory.separation import Separation
from tellapart.theory.verdict import CollapseWitness

__all__ = ["Evidence", "evidence_of", "system_of", "witness_parts"]

#: Larger systems are not judged again for a picture of their distances.
_MOST_JUDGED = 300
_MOST_COORDINATES = 8
_WITNESS_WORDS = "the witness pair; thick arrows: its word"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The pictures of a case and its codes in numbers.

    Attributes
    ----------
    pictures
        Of the system, with the legend of its actions.
    codes
        Histogram of distances and scatter plot of the latents, where there are codes.
    rows
        The codes of the witness pair: pairs (name, coordinates).
    """

    pictures: Pictures
    codes: tuple[Picture, ...]
    rows: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """Characters of all pictures."""
        shown = (*self.pictures.figures, *self.codes)
        return sum(len(one.svg) for one in shown)


def system_of(outcome: Outcome) -> DeterministicMDP | TransitionData | None:
    """Return the system that the saved case of an outcome holds; None where it holds none."""
    content: Any = None if outcome.case is None else outcome.case.content
    held: Iterable[Any] = (content,)
    if is_dataclass(content):
        held = (content, *(getattr(content, one.name) for one in fields(content)))
    kinds = (DeterministicMDP, TransitionData)
    return next((one for one in held if isinstance(one, kinds)), None)


def evidence_of(outcome: Outcome) -> Evidence | None:
    """Draw what the saved case of an outcome holds; None where there is nothing to draw.

    Parameters
    ----------
    outcome
        Of a case. Its own saved case, not its words, says what is drawn.
    """
    system = system_of(outcome)
    if system is None:
        return None
    if isinstance(system, TransitionData):
        return Evidence(_data_pictures(system, outcome.witness), (), ())
    drawn = _system_pictures(system, outcome.witness)
    facts = outcome.system
    if facts is not None and facts.fingerprint != system.fingerprint:
        smaller = (
            f"The case was made small: these are {count(system.n_obs, 'observation')}, for the "
            f"{integer(facts.n_obs)} of the system that was measured. {drawn.note}"
        )
        drawn = replace(drawn, note=smaller.strip())
    content = None if outcome.case is None else outcome.case.content
    if not isinstance(content, CheckContent) or system.n_obs > _MOST_JUDGED:
        return Evidence(drawn, (), ())
    return Evidence(drawn, _code_pictures(content), _code_rows(content, outcome.witness))


def _system_pictures(mdp: DeterministicMDP, witness: CollapseWitness | None) -> Pictures:
    bisim = bisimulation(mdp)
    ends = _ends(mdp, witness)
    if not is_drawable(mdp):
        return pictures(bisim, ends, "the witness pair")
    followed = set() if witness is None or ends is None else _followed(mdp, witness, ends)
    figure = system_picture(bisim, ends, _WITNESS_WORDS, followed)
    ringed = ringed_label(mdp)
    ring = "" if ringed is None else name_text(mdp.label_values[ringed])
    return Pictures((figure,), "", tuple(action_legend(mdp)), ring)


def _data_pictures(data: TransitionData, witness: CollapseWitness | None) -> Pictures:
    ends = _ends(data, witness)
    return data_pictures(data, forced_merges(data), ends or (), "the witness pair")


def _ends(
    system: DeterministicMDP | TransitionData, witness: CollapseWitness | None
) -> tuple[int, int] | None:
    """Return the witness pair as indices; None where the system has no such observations."""
    if witness is None:
        return None
    try:
        return system.observation_index(witness.x), system.observation_index(witness.y)
    except TellapartError:  # the case holds another system than the one the pair was found in
        return None


def _followed(
    mdp: DeterministicMDP, witness: CollapseWitness, ends: tuple[int, int]
) -> set[tuple[int, int]]:
    """Return the transitions (observation, action) that the word takes from both ends."""
    taken = set()
    if not all(action in mdp.actions for action in witness.word):
        return set()
    for at in ends:
        for name in witness.word:
            action = mdp.action_index(name)
            taken.add((at, action))
            at = int(mdp.successors[at, action])
    return taken


def _code_pictures(content: CheckContent) -> tuple[Picture, ...]:
    """Draw how far apart the codes are, and where they lie; O(n² d)."""
    try:
        apart = content.judge().separation
    except TellapartError:  # saved proofs that contradict the saved codes: shown by a replay
        return ()
    figures = []
    if apart.n_must_separate:
        figures.append(_histogram(apart))
    mdp, bisim = content.mdp, bisimulation(content.mdp)
    projection = project(content.codes)
    index = mdp.observation_index
    merged = [(index(pair.x), index(pair.y)) for pair in apart.merged]
    shares = (
        f"Codes on their first two principal axes, which hold {100 * sum(projection.shares):.1f} % "
        "of the variance"
        if sum(projection.shares)
        else "All codes are the same"
    )
    figures.append(
        Picture(
            "Where the codes lie",
            draw_latents(mdp, bisim.partition, projection, merged),
            f"{shares}; colour is the block of B*. Dashed halo: a merged pair.",
        )
    )
    return tuple(figures)


def _histogram(apart: Separation) -> Picture:
    return Picture(
        "How far apart the codes are",
        distance_histogram(apart),
        f"{count(apart.n_must_separate, 'pair')} that must be told apart, by distance; merged: "
        f"{integer(apart.n_merged)}. Intervals are not equally wide.",
    )


def _code_rows(
    content: CheckContent, witness: CollapseWitness | None
) -> tuple[tuple[str, str], ...]:
    ends = _ends(content.mdp, witness)
    if ends is None:
        return ()
    names = content.mdp.observations
    rows = []
    for o in ends:
        code = content.codes[o].tolist()
        more = [f"\u2026 ({len(code)} in all)"] * (len(code) > _MOST_COORDINATES)
        shown = [number(value) for value in code[:_MOST_COORDINATES]]
        rows.append((name_text(names[o]), ", ".join([*shown, *more])))
    return tuple(rows)


def witness_parts(outcome: Outcome) -> dict[str, Any] | None:
    """Return the witness of an outcome with its label traces as text; None where there is none."""
    witness = outcome.witness
    if witness is None:
        return None
    system = system_of(outcome)
    trace = None
    if (
        isinstance(system, DeterministicMDP)
        and _ends(system, witness) is not None
        and all(action in system.actions for action in witness.word)
    ):
        trace = trace_rows(system, witness.x, witness.y, witness.word)
    return {
        "x": name_text(witness.x),
        "y": name_text(witness.y),
        "word": word_text(witness.word),
        "distance": witness.distance,
        "threshold": witness.threshold,
        "trace": trace or _labels_only(witness),
    }


def _labels_only(witness: CollapseWitness) -> list[TraceRow]:
    """Return the trace of a witness whose system is not at hand: labels without observations."""
    actions: tuple[Hashable, ...] = ("", *witness.word)
    pairs = zip(actions, witness.x_trace, witness.y_trace, strict=False)
    return [
        TraceRow(
            str(step), name_text(action), "", name_text(one), "", name_text(other), one != other
        )
        for step, (action, one, other) in enumerate(pairs)
    ]
