"""The questions that an audit can be asked, each answered or refused with a reason."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tellapart.properties.source_labels import load_labelings
from tellapart.properties.sources import Source, load_source
from tellapart.theory.audit import Audit
from tellapart.theory.choice.comparison import LabelComparison, compare_labels
from tellapart.theory.choice.suggestion import LabelSuggestion, suggest_labels
from tellapart.theory.choice.targets import Sufficiency, TargetSpec, suffices
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.errors import InvalidArgumentError, InvalidMDPError
from tellapart.theory.formats.values import from_text, to_text
from tellapart.theory.horizon import Horizon
from tellapart.theory.lattice.count import AdmissibleCount, count_admissible
from tellapart.theory.linear.capacity import Capacity, capacity
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.comparison import DataLabelComparison, compare_data_labels
from tellapart.theory.serialise import register

__all__ = [
    "PairAnswer",
    "Progress",
    "Questions",
    "System",
    "find_observation",
    "loaded_source",
    "named_labels",
    "refuse_incomplete",
]

System = DeterministicMDP | TransitionData
Progress = Callable[[str, int, int | None, str], None]

#: Ranks and counts of kernels are computed without being asked up to this many codes.
MOST_CODES = 128
_COUNT_BUDGET = 2_000


@register
@dataclass(frozen=True, slots=True)
class PairAnswer:
    """Whether two named observations must be told apart, and why, in words (S3, S7).

    ``must_separate`` is None on infeasible data: there is no zero-loss encoder to speak of.
    """

    x: Hashable
    y: Hashable
    must_separate: bool | None
    reason: str


def loaded_source(on: str | System, seed: int, show: Progress) -> Source:
    """Load a SOURCE string; wrap a system that is there already."""
    if isinstance(on, DeterministicMDP | TransitionData):
        return Source(on, f"{type(on).__name__}({on.n_obs} observations)", "object")
    if not isinstance(on, str):
        raise InvalidArgumentError(
            f"The system is a {type(on).__name__}; give a SOURCE string, a DeterministicMDP or "
            "TransitionData."
        )
    return load_source(
        on,
        seed=seed,
        progress=lambda found, done: show("enumerate", done, found, "observations"),
    )


def refuse_incomplete(source: Source, needs: Mapping[str, bool], *, suggest: bool) -> None:
    """Refuse questions that need a complete system.

    Parameters
    ----------
    source
        The loaded system.
    needs
        What each question is about, and whether it was asked.
    suggest
        Whether labels are to be suggested: that needs complete dynamics, but no labels.

    Raises
    ------
    InvalidArgumentError
        When one was asked of a system that is not complete, with what is missing.
    """
    data = source.system
    if isinstance(data, DeterministicMDP) or data.is_complete:
        return
    asked = [(what, data) for what, wanted in needs.items() if wanted]
    if suggest and not (data.is_total and data.is_functional):
        asked.append(("A suggestion of labels", data.with_labels([0] * data.n_obs)))
    for what, needed in asked:
        try:
            needed.to_mdp()
        except InvalidMDPError as error:
            raise InvalidArgumentError(
                f"{source.title}: {what} is defined for a complete system. {error}"
            ) from error


def named_labels(
    source: Source, labels: Sequence[str] | Mapping[str, Any], seed: int
) -> Mapping[str, Any]:
    """Return labels by name: given as such, or by names that the source knows."""
    if isinstance(labels, Mapping) or not labels:
        return dict(labels) if isinstance(labels, Mapping) else {}
    return load_labelings(source, labels, seed=seed)


@dataclass(frozen=True)
class Questions:
    """One loaded and audited system, ready for questions."""

    source: Source
    findings: Audit | DataAudit
    time_limit: float
    seed: int
    show: Progress

    def capacity(self, always: bool) -> Capacity | None:
        """Return the ranks (S12): asked for, or cheap."""
        if isinstance(self.findings, DataAudit):
            return None
        if not always and self.findings.min_codes > MOST_CODES:
            return None
        self.show("audit", 0, None, "linear rank")
        return capacity(self.findings.mdp)

    def kernels(self) -> AdmissibleCount | None:
        """Count the kernels of zero-loss encoders (S5) of small systems."""
        if not self.findings.feasible or self.findings.forced.n_blocks > MOST_CODES:
            return None
        self.show("audit", 0, None, "admissible partitions")
        return count_admissible(self.source.system, limit=_COUNT_BUDGET)

    def horizon(self, steps: int | None) -> Horizon | None:
        """Return what a horizon misses."""
        if steps is None or isinstance(self.findings, DataAudit):
            return None
        return self.findings.horizon(steps)

    def comparison(
        self, labels: Mapping[str, Any], target: TargetSpec | None
    ) -> LabelComparison | DataLabelComparison | None:
        """Put labels side by side."""
        if not labels:
            return None
        self.show("audit", 0, None, "labels side by side")
        if isinstance(self.findings, DataAudit) or _has_gaps(labels):
            data = self.source.system
            if isinstance(data, DeterministicMDP):
                data = TransitionData.from_mdp(data)
            return compare_data_labels(data, labels)
        mdp = self.findings.mdp
        small = mdp.n_obs <= MOST_CODES
        rank = (lambda system: capacity(system).linear) if small else None
        return compare_labels(mdp, labels, target, rank=rank)

    def sufficiency(self, target: TargetSpec | None) -> Sufficiency | None:
        """Decide whether the label forces the target apart."""
        if target is None or isinstance(self.findings, DataAudit):
            return None
        return suffices(self.findings.mdp, target)

    def suggestion(self, minimise: str | None, target: TargetSpec | None) -> LabelSuggestion | None:
        """Look for labels that force the target apart."""
        if minimise is None:
            return None
        mdp = self._dynamics()
        self.show("audit", 0, None, "labels that suffice")
        return suggest_labels(
            mdp,
            "observation" if target is None else target,
            minimise=minimise,
            time_limit=self.time_limit,
            seed=self.seed,
        )

    def pair(self, x: Hashable, y: Hashable) -> PairAnswer:
        """Decide one pair."""
        if isinstance(self.findings, DataAudit):
            if not self.findings.feasible:
                reason = (
                    f"{x} and {y}: no encoder has zero loss on these data, so none separates them."
                )
                return PairAnswer(x, y, None, reason)
            found = self.findings.separation(x, y)
            return PairAnswer(x, y, found.separated, found.explain())
        word = self.findings.distinguishing_word(x, y)
        if word is None:
            reason = f"{x} and {y} need not be told apart: no word shows different labels."
            return PairAnswer(x, y, False, reason)
        traces = (self._trace(name, word) for name in (x, y))
        shown = " ".join(map(str, word)) or "(empty: the labels differ)"
        reason = "\n".join(
            [
                f"{x} and {y} must be told apart, by the word {shown}",
                *(f"  labels from {n}: {trace}" for n, trace in zip((x, y), traces, strict=True)),
            ]
        )
        return PairAnswer(x, y, True, reason)

    def _trace(self, name: Hashable, word: Sequence[Hashable]) -> str:
        assert isinstance(self.findings, Audit)  # noqa: S101 - for the type checker
        mdp = self.findings.mdp
        actions = [mdp.action_index(action) for action in word]
        return " -> ".join(map(str, mdp.label_trace(mdp.observation_index(name), actions)))

    def _dynamics(self) -> DeterministicMDP:
        """Return the complete dynamics, whose labels do not matter and need not be known."""
        if isinstance(self.findings, Audit):
            return self.findings.mdp
        data = self.findings.data
        return data.with_labels([0] * data.n_obs).to_mdp()


def _has_gaps(labels: Mapping[str, Any]) -> bool:
    return any(value is None for column in labels.values() for value in column)


def find_observation(system: System, name: Hashable) -> Hashable:
    """Return the observation that a name, or text from a command line, stands for.

    Raises
    ------
    InvalidArgumentError
        When there is none.
    """
    if isinstance(name, str):
        for candidate in (name, from_text(name)):
            try:
                system.observation_index(candidate)
            except InvalidArgumentError:
                continue
            return candidate
        for known in system.observations:
            if to_text(known) == name or str(known) == name:
                return known
    system.observation_index(name)
    return name
