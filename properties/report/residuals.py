"""The residual tables of a page: the worst transitions and labels, against their half gaps."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tellapart.properties.report.wording import name_text, number
from tellapart.theory.resolution import gaps, label_gaps

if TYPE_CHECKING:
    from tellapart.properties.check_report import CheckReport

__all__ = ["ResidualRow", "label_residuals", "transition_residuals"]

FloatArray = npt.NDArray[np.float64]

_WORST = 10


@dataclass(frozen=True, slots=True)
class ResidualRow:
    """One residual with the half gap it must stay below."""

    where: str
    action: str
    target: str
    residual: str
    half_gap: str
    ratio: str
    bar: str
    unresolved: bool


def transition_residuals(report: "CheckReport") -> list[ResidualRow]:
    """Return the transitions with the largest ratio of residual to half gap (S13)."""
    mdp = report.mdp
    half = gaps(report.codes, report.audit.partition)[mdp.successors] / 2
    ratio = _ratio(report.dynamics_residuals, half)
    rows = []
    for flat in _largest(ratio.ravel()):
        o, a = divmod(flat, mdp.n_actions)
        target = name_text(mdp.observations[int(mdp.successors[o, a])])
        action = name_text(mdp.actions[a])
        values = (report.dynamics_residuals[o, a], half[o, a], ratio[o, a])
        rows.append(_residual(name_text(mdp.observations[o]), action, target, *values))
    return rows


def label_residuals(report: "CheckReport") -> list[ResidualRow]:
    """Return the observations whose label is read worst, relative to half the gap of labels."""
    mdp = report.mdp
    half = label_gaps(mdp) / 2
    ratio = _ratio(report.aux_residuals, half)
    return [
        _residual(
            name_text(mdp.observations[o]),
            "",
            name_text(mdp.label_values[mdp.label_ids[o]]),
            report.aux_residuals[o],
            half[o],
            ratio[o],
        )
        for o in _largest(ratio)[: _WORST // 2]
    ]


def _ratio(residual: FloatArray, half: FloatArray) -> FloatArray:
    """Divide as S13 does: nothing to stay below gives 0, a gap of zero infinity."""
    safe = np.where((half > 0) & np.isfinite(half), half, 1.0)
    return np.where(np.isinf(half), 0.0, np.where(half > 0, residual / safe, np.inf))


def _largest(ratio: FloatArray) -> list[int]:
    return [int(i) for i in np.argsort(-ratio, kind="stable")[:_WORST]]


def _residual(
    where: str, action: str, target: str, residual: float, half: float, ratio: float
) -> ResidualRow:
    return ResidualRow(
        where=where,
        action=action,
        target=target,
        residual=number(float(residual)),
        half_gap=number(float(half)),
        ratio=number(float(ratio)),
        bar=f"{100 * min(float(ratio), 1.0):.1f}",
        unresolved=bool(ratio >= 1),
    )
