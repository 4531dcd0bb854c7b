"""Charts of the course of the trainings: groups of counts, and which pairs come apart when."""

from collections.abc import Sequence
from itertools import combinations

from markupsafe import Markup

from tellapart.models.counting.emergence import Emergence
from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.statistics import t_interval
from tellapart.properties.counting.study import StudyRuns
from tellapart.properties.report.counting_panels import Axes, Series, draw_chart
from tellapart.theory.bisimulation import bisimulation

__all__ = ["emergence_panel", "groups_panel"]

#: Marks along a line.
_MARKS = 10

_ACROSS = [(k / 4 * _MARKS, f"{25 * k} %") for k in range(5)]


def groups_panel(runs: StudyRuns) -> list[Markup]:
    """Draw the number of groups of counts in the course of the training, by design."""
    series = []
    for style, design in enumerate(("joint", "reward-only", "random-aux", "dynamics-only")):
        found = _watched(runs.of(design))
        points = tuple(
            (_MARKS * share, t_interval((one.groups[look] for one in found), 1.0, 9.0))
            for look, share in _looks(found)
        )
        if points:
            series.append(Series(design, style, points))
    return draw_chart(
        "Groups of counts during training", "share of the steps", series,
        Axes((-0.2, _MARKS + 0.2), (0, 9)), _ACROSS, [(float(k), str(k)) for k in (1, 3, 5, 7, 9)],
    )  # fmt: skip


def emergence_panel(runs: StudyRuns) -> list[Markup]:
    """Draw the share of the pairs of each depth that joint training has told apart so far."""
    trained = runs.of("joint")
    found = _watched(trained)
    pairs = _pairs_by_depth(trained[0]) if found else {}
    series = []
    for style, (depth, members) in enumerate(
        (depth, members) for depth, members in pairs.items() if depth > 0
    ):
        points = tuple(
            (_MARKS * share, t_interval((_apart(one, look, members) for one in found), 0.0, 1.0))
            for look, share in _looks(found)
        )
        series.append(Series(f"depth {depth}", style % 4, points))
    return draw_chart(
        "Joint: pairs told apart so far, by depth", "share of the steps", series,
        Axes((-0.2, _MARKS + 0.2), (0, 1)), _ACROSS, [(k / 4, f"{k / 4:g}") for k in range(5)],
    )  # fmt: skip


def _watched(runs: Sequence[CountingRun]) -> list[Emergence]:
    found = [run.emergence for run in runs if run.emergence is not None]
    return [one for one in found if len(one.looks) == len(found[0].looks)]


def _looks(found: Sequence[Emergence]) -> list[tuple[int, float]]:
    """Return some looks, evenly, the last one included, with their share of the steps."""
    if not found:
        return []
    looks = found[0].looks
    stride = max(1, len(looks) // _MARKS)
    kept = range(len(looks) - 1, -1, -stride)
    return [(k, looks[k].step / looks[-1].step) for k in reversed(kept)]


def _pairs_by_depth(run: CountingRun) -> dict[int, list[tuple[int, int]]]:
    system = bisimulation(run.plan.system)
    found: dict[int, list[tuple[int, int]]] = {}
    for pair in combinations(run.plan.counts, 2):
        word = system.distinguishing_word(*pair)
        if word is not None:
            found.setdefault(len(word), []).append(pair)
    return dict(sorted(found.items()))


def _apart(found: Emergence, look: int, pairs: Sequence[tuple[int, int]]) -> float:
    merged = found.looks[look].merged
    return sum(pair not in merged for pair in pairs) / len(pairs)
