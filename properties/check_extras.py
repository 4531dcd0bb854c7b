"""What a check does beside its verdict, when asked: adversarial merging, and boxes."""

from typing import Protocol

from tellapart.models.attack.table import AttackReport
from tellapart.models.boxes.report import BoxReport
from tellapart.models.subject import Subject
from tellapart.properties.subjects import SubjectSource
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Progress", "attacked", "check_boxes", "proved_boxes"]


class Progress(Protocol):
    """Called while a check works: ``(stage, done, total, note)``; total is None when unknown."""

    def __call__(self, stage: str, done: int, total: int | None, note: str) -> None:
        """Report one step."""


def check_boxes(made: Subject, mdp: DeterministicMDP, radius: float | None) -> None:
    """Refuse, before anything is trained, what boxes cannot be put around."""
    if radius is not None:
        from tellapart.models.boxes.boxes import encoder_program
        from tellapart.models.boxes.region import region_around

        region_around(encoder_program(made, mdp)[1], radius, None)


def proved_boxes(
    made: Subject, mdp: DeterministicMDP, radius: float | None, seed: int, report: Progress
) -> BoxReport | None:
    """Prove what holds in boxes of this radius; None without a radius."""
    if radius is None:
        return None
    from tellapart.models.boxes.boxes import certify_boxes

    def relay(stage: str, pairs: int) -> None:
        report("boxes", 0, None, f"{stage}, {pairs} pairs")

    return certify_boxes(made, mdp, radius, seed=seed, progress=relay)


def attacked(
    source: SubjectSource, mdp: DeterministicMDP, pairs: int, seed: int, report: Progress
) -> AttackReport | None:
    """Attack this many pairs with fresh subjects of the same source; None for no pairs."""
    if not pairs:
        return None
    from tellapart.models.attack.attack import AttackProgress, attack

    def relay(step: AttackProgress) -> None:
        report("attack", step.done, step.total, step.row.result)

    objective = (source.design and source.design.objective) or "joint"
    return attack(
        source.build, mdp, max_pairs=pairs, seed=seed, objective=objective, progress=relay
    )
