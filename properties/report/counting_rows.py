"""The runs of a counting study in rows: one for each setting, means over its seeds."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.statistics import t_interval
from tellapart.properties.counting.wording import accuracy, groups

if TYPE_CHECKING:
    from tellapart.properties.counting.report import CountingReport

__all__ = ["LEGEND", "setting_name", "setting_rows"]

_HEAD = (
    "run", "n", "held out", "groups", "2 % noise", "groups", "in sample", "scale", "RankMe",
    "1 ahead", "8 ahead", "unresolved", "least loss",
)  # fmt: skip

#: What the columns are.
LEGEND = (
    ("n", "seeds; numbers are means over them"),
    ("held out", "nearest-centroid accuracy on frames that nothing was fitted to"),
    ("groups", "of counts that are told apart, on each seed"),
    ("2 % noise", "the same with noise of 2 % of the rms distance of the latents from their mean"),
    ("in sample", "accuracy as the paper takes it: centroids and test on the same 256 frames"),
    ("scale", "that rms distance; RankMe is the effective rank of the latents"),
    ("1, 8 ahead", "accuracy of latents that are predicted so many actions ahead"),
    ("unresolved", "share of held-out transitions whose error is too large for S13"),
    (
        "least loss",
        "dynamics and auxiliary loss that remain when each group has one code (S11), exact",
    ),
)


def setting_name(run: CountingRun) -> str:
    """Name what was trained, without the seed.

    Examples
    --------
    >>> from tellapart.models.counting.plan import CountingPlan
    >>> setting_name(CountingRun(CountingPlan("ema"), (), 0.0, None, None))
    'ema'
    """
    p = run.plan
    parts = [p.design]
    if p.control != "frames":
        parts.append(p.control)
    if p.labels != "sparse":
        parts.append(f"label {p.labels}")
    if p.encoder is not None:
        parts.append(p.encoder)
    elif p.architecture != "small-start":
        parts.append(p.architecture)
    return ", ".join(parts)


def setting_rows(report: "CountingReport", *, intervals: bool = False) -> list[tuple[str, ...]]:
    """Return one row for each setting, the heading first.

    Parameters
    ----------
    report
        A finished study.
    intervals
        Whether the held-out accuracy has its interval in brackets, where there is one.
    """
    return [_HEAD, *(_row(runs, intervals) for runs in report.find().settings())]


def _row(runs: Sequence[CountingRun], intervals: bool) -> tuple[str, ...]:
    def mean(of: Callable[[CountingRun], float]) -> float:
        return t_interval(map(of, runs)).mean

    ahead = {
        steps: mean(lambda run, k=k: run.measures.rollouts[k].accuracy)  # type: ignore[misc]
        for k, steps in enumerate(row.steps for row in runs[0].measures.rollouts)
    }
    return (
        setting_name(runs[0]),
        str(len(runs)),
        _accuracy(runs, intervals),
        _groups(runs, 0.0),
        f"{mean(lambda run: run.measures.at_noise(0.02).accuracy):.3f}",
        _groups(runs, 0.02),
        f"{mean(lambda run: run.measures.in_sample_accuracy):.3f}",
        f"{mean(lambda run: run.measures.latent_rms):.2g}",
        f"{mean(lambda run: run.measures.diagnostics.rank_me):.2f}",
        f"{ahead[1]:.3f}",
        f"{ahead[8]:.3f}",
        f"{100 * mean(lambda run: run.measures.resolution.dynamics_unresolved):.1f} %",
        _short(mean(_least_loss)),
    )


def _accuracy(runs: Sequence[CountingRun], with_interval: bool) -> str:
    found = accuracy(runs)
    if not with_interval or found.low is None or found.high is None:
        return f"{found.mean:.3f}"
    return f"{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _least_loss(run: CountingRun) -> float:
    """Return the loss that groups with one code each leave to any predictor and head."""
    return float(run.measures.irreducible.dynamics + run.measures.irreducible.auxiliary)


def _short(loss: float) -> str:
    return f"{loss:.2g}" if loss > 0 else "0"


def _groups(runs: Sequence[CountingRun], level: float) -> str:
    return " ".join(map(str, groups(runs, level)))
