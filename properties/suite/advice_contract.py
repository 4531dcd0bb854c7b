"""Advice from the contract: which gradients are cut, and which modules answer by chance."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tellapart.properties.suite.advice_item import Advice, Strength

if TYPE_CHECKING:
    from tellapart.models.contract.findings import ContractReport, Finding

__all__ = ["from_contract"]

#: Probe of the contract -> cause; probes that are not here explain no unmet premise.
_BROKEN = {
    "determinism": "not-a-function",
    "batch-independence": "not-a-function",
    "modes": "not-a-function",
    "finite": "diverged",
    "finite-gradients": "diverged",
    "encoder-gradient": "frozen-encoder",
    "auxiliary-gradient": "detached-head",
    "prediction-gradient": "detached-predictor",
    "target-gradient": "stop-gradient",
    "actions": "action-ignored",
    "own-fit": "own-fit",
}
#: Notes that can explain one.
_NOTED = (
    "encoder-gradient", "auxiliary-gradient", "prediction-gradient", "target-gradient", "own-fit",
    "actions",
)  # fmt: skip
#: Causes that leave the auxiliary loss alone: they explain an unmet dynamics premise only.
_OF_DYNAMICS = ("detached-predictor", "stop-gradient", "action-ignored")


def from_contract(
    contract: "ContractReport | None", ratios: tuple[tuple[str, float], ...] = ()
) -> Iterator[Advice]:
    """Turn findings about gradients, modes and actions into advice that names probe and module.

    Parameters
    ----------
    contract
        The findings, or None.
    ratios
        What was measured of the premise: ``dynamics_ratio`` and ``aux_ratio``; may be empty.
    """
    if contract is None:
        return
    dynamics_met = dict(ratios).get("dynamics_ratio", 1.0) < 1
    for finding in contract.findings:
        cause = _BROKEN.get(finding.id)
        if finding.status == "note" and finding.id not in _NOTED:
            continue
        if cause is None or finding.status not in ("broken", "note"):
            continue
        if not (cause in _OF_DYNAMICS and dynamics_met):
            yield _from_finding(finding, cause, ratios)


def _from_finding(finding: "Finding", cause: str, ratios: tuple[tuple[str, float], ...]) -> Advice:
    broken = finding.status == "broken"
    strength: Strength = "measured" if broken else "possible"
    if cause == "own-fit" and "NaN" in finding.summary:
        cause = "diverged"
    said = "found" if broken else "noted what may be the reason"
    return Advice(
        cause,
        f"The contract probe {finding.id!r} {said}: {finding.summary}",
        finding.fix or "See whether training reaches the premise without it.",
        strength,
        ratios,
    )
