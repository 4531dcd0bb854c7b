"""What the numbers of the ablation matrix say, in sentences made from the numbers alone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tellapart.theory.verdict import Verdict
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.models.ablations.cell import AblationCell, AblationRun

__all__ = ["FADED", "sentences"]

#: Codes below this share of the size they began with have faded.
FADED = 1e-3


def sentences(cells: Sequence["AblationCell"]) -> list[str]:
    """Return what the cells show, the designs in their order; one weight decay at a time.

    Parameters
    ----------
    cells
        Any cells; they are told apart by design and weight decay.

    Returns
    -------
    Sentences, none of them without runs that it is about.
    """
    text = []
    for decay in dict.fromkeys(cell.weight_decay for cell in cells):
        runs: dict[str, list[AblationRun]] = {}
        for cell in cells:
            if cell.weight_decay == decay:
                runs.setdefault(cell.design, []).extend(cell.runs)
        title = f"With weight decay {decay:g}" if decay else "Without weight decay"
        text += [f"{title}, {line}" for line in _of_one_decay(runs)]
    return [*text, _about_the_theorem([run for cell in cells for run in cell.runs])]


def _of_one_decay(runs: dict[str, list["AblationRun"]]) -> list[str]:
    lines = []
    shares = {
        name: {verdict: sum(run.verdict is verdict for run in found) for verdict in Verdict}
        for name, found in runs.items()
    }
    always = [n for n, found in runs.items() if shares[n][Verdict.HOLDS] == len(found)]
    if always:
        lines.append(
            f"every run met the premise and told apart every pair that it must: {_list(always)}."
        )
    for verdict, says in (
        (Verdict.HOLDS, "some runs met the premise and told everything apart"),
        (Verdict.VACUOUS, "all pairs were apart without any guarantee (vacuous)"),
        (Verdict.COLLAPSED, "pairs that must be told apart were merged (collapsed)"),
    ):
        counted = [
            f"{n} ({shares[n][verdict]} of {count(len(found), 'run')})"
            for n, found in runs.items()
            if shares[n][verdict] and n not in always
        ]
        if counted:
            lines.append(f"{says}: {_list(counted)}.")
    faded = [n for n, found in runs.items() if _median([run.size for run in found]) < FADED]
    if faded:
        lines.append(
            f"codes faded to less than {FADED:g} of the size they began with, so that only their "
            f"proportions are left: {_list(faded)}."
        )
    missing = [
        f"{n} ({sum(not run.covered for run in found)} of {count(len(found), 'run')})"
        for n, found in runs.items()
        if not all(run.covered for run in found)
    ]
    if missing:
        lines.append(
            "the label that was trained on does not ask for all that the task needs: "
            f"{_list(missing)}."
        )
    return lines


def _about_the_theorem(runs: Sequence["AblationRun"]) -> str:
    """Say whether a met premise ever came with a merged pair of the label that was trained on."""
    met = [run for run in runs if run.premise]
    broken = sum(run.own_verdict is Verdict.COLLAPSED for run in met)
    if not met:
        return "No run met the premise, so the theorem was not put to the test."
    if broken:
        return (
            f"In {broken} of the {count(len(met), 'run')} that met the premise a pair that the "
            "trained label separates was merged at the threshold: look at those runs."
        )
    return (
        f"In none of the {count(len(met), 'run')} that met the premise a pair was merged that the "
        "trained label separates, as the theorem says (S4)."
    )


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
