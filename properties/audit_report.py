"""One audit with all that was asked of it: what the command line prints and the page shows."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from tellapart.properties.audit_questions import (
    PairAnswer,
    Progress,
    Questions,
    System,
    find_observation,
    loaded_source,
    named_labels,
    refuse_incomplete,
)
from tellapart.properties.source_targets import load_target
from tellapart.theory.audit import Audit, audit
from tellapart.theory.choice.comparison import LabelComparison
from tellapart.theory.choice.suggestion import LabelSuggestion
from tellapart.theory.choice.targets import Sufficiency, TargetSpec
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.foundations.foundation import Foundation
from tellapart.theory.horizon import Horizon
from tellapart.theory.lattice.admissible import AdmissibleLattice, admissible_lattice
from tellapart.theory.lattice.count import AdmissibleCount
from tellapart.theory.linear.capacity import Capacity
from tellapart.theory.partial.comparison import DataLabelComparison
from tellapart.theory.serialise import Saved, register

__all__ = ["AuditReport", "PairAnswer", "audit_report"]

#: Hasse diagrams are made of at most this many kernels.
MOST_KERNELS = 2_000


@register
@dataclass(frozen=True)
class AuditReport(Saved):
    """An audit and the further questions that were asked of the same system.

    Attributes
    ----------
    audit
        What every zero-loss encoder must do.
    capacity
        Latent dimensions that linear and affine dynamics need (S12); None for partial data, and
        for systems of more than 128 blocks unless it was asked for.
    kernels
        How many kernels zero loss allows (S5); None above 128 codes.
    horizon, comparison, sufficiency, suggestion
        Answers to questions, None where they were not asked.
    pairs
        Answers about single pairs.
    """

    audit: Audit | DataAudit
    capacity: Capacity | None = None
    kernels: AdmissibleCount | None = None
    horizon: Horizon | None = None
    comparison: LabelComparison | DataLabelComparison | None = None
    sufficiency: Sufficiency | None = None
    suggestion: LabelSuggestion | None = None
    pairs: tuple[PairAnswer, ...] = ()

    @property
    def source(self) -> str:
        """Where the system came from."""
        return self.audit.source

    @property
    def system(self) -> System:
        """The audited system."""
        return self.audit.mdp if isinstance(self.audit, Audit) else self.audit.data

    @property
    def foundation(self) -> Foundation:
        """What the answers rest on: statements, checkers, assumptions."""
        from tellapart.properties.foundations import foundation_of_audit

        return foundation_of_audit(self)

    @cached_property
    def lattice(self) -> AdmissibleLattice | None:
        """All kernels that zero loss allows, where they are few enough to list; else None."""
        if self.kernels is None or not self.kernels.exact or self.kernels.value > MOST_KERNELS:
            return None
        return admissible_lattice(self.system, limit=MOST_KERNELS)

    def explain(self) -> str:
        """Say in plain text everything that was found."""
        parts = (
            self.capacity, self.kernels, self.horizon, self.comparison, self.sufficiency,
            self.suggestion,
        )  # fmt: skip
        texts = [self.audit.explain(), *(part.explain() for part in parts if part is not None)]
        return "\n\n".join([*texts, *(pair.reason for pair in self.pairs)])

    def to_html(self, path: str | Path) -> None:
        """Write one self-contained page; an unfinished write leaves no file."""
        from tellapart.properties.files import write_atomically
        from tellapart.properties.report.html_audit import render_audit

        write_atomically(Path(path), render_audit(self))


def audit_report(
    on: str | System,
    *,
    compare_labels: Sequence[str] | Mapping[str, Any] = (),
    target: TargetSpec | None = None,
    suggest: Literal["observations", "values"] | None = None,
    horizon: int | None = None,
    pairs: Sequence[tuple[Hashable, Hashable]] = (),
    capacity: bool = False,
    time_limit: float = 10.0,
    seed: int = 0,
    progress: Progress | None = None,
) -> AuditReport:
    """Audit a system and answer the questions that were asked, as ``tellapart audit`` does.

    Parameters
    ----------
    on
        A SOURCE string, a deterministic MDP, or transition data.
    compare_labels
        Labels to put side by side (S9): names that the SOURCE knows, see
        :func:`~tellapart.properties.source_labels.load_labelings`, or ``{name: labels}``.
    target
        Decide whether the label forces this partition apart (S9): what
        :func:`~tellapart.properties.source_targets.load_target` reads, or any target of
        :func:`~tellapart.theory.choice.targets.suffices`. It is also what ``suggest`` aims at.
    suggest
        Look for the fewest labelled observations, or label values, that force the target (default:
        every observation) apart.
    horizon
        Say which pairs a training horizon of so many steps cannot reach.
    pairs
        Pairs of observations to decide; names, or their text.
    capacity
        Compute the linear rank (S12) at any size.
    time_limit
        Seconds of each search for an optimum.
    seed
        Of a ``random:`` SOURCE that names none, and of the searches.
    progress
        Called with ``(stage, done, total or None, note)``.

    Returns
    -------
    AuditReport

    Raises
    ------
    SourceError
        For a SOURCE that cannot be loaded.
    InvalidArgumentError
        For questions that do not fit the system: unknown names, or questions that need a complete
        system asked of partial data.

    Examples
    --------
    >>> report = audit_report("gallery:counting-9", horizon=3)
    >>> report.capacity.linear, report.kernels.value, report.horizon.n_unreached
    (9, 1, 1)
    """
    show = progress or (lambda stage, done, total, note: None)
    source = loaded_source(on, seed, show)
    # Whatever can be refused is refused here, before the work and not after it.
    refuse_incomplete(
        source,
        {
            "The rank": capacity,
            "The horizon": horizon is not None,
            "Whether a label suffices for a target": target is not None and suggest is None,
        },
        suggest=suggest is not None,
    )
    labels = named_labels(source, compare_labels, seed)
    wanted = load_target(target, source.system) if isinstance(target, str) else target
    named = [tuple(find_observation(source.system, name) for name in pair) for pair in pairs]
    show("audit", 0, None, "what must be told apart")
    findings = audit(
        source.system,
        source=source.title,
        time_limit=time_limit,
        progress=lambda part: show("audit", 0, None, part),
    )
    asked = Questions(source, findings, time_limit, seed, show)
    return AuditReport(
        audit=findings,
        capacity=asked.capacity(always=capacity),
        kernels=asked.kernels(),
        horizon=asked.horizon(horizon),
        comparison=asked.comparison(labels, wanted),
        sufficiency=asked.sufficiency(wanted),
        suggestion=asked.suggestion(suggest, wanted),
        pairs=tuple(asked.pair(x, y) for x, y in named),
    )
