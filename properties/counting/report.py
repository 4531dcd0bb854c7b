"""A finished study: its runs, what they say about the claims, and which bars they reach."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.bars import BarResult, judge_bars
from tellapart.properties.counting.claims import Claim, judge_claims
from tellapart.properties.counting.study import PROFILES, StudyRuns, study_plans
from tellapart.properties.files import write_atomically
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["CountingReport", "Failure", "counting_report"]


@register
@dataclass(frozen=True, slots=True)
class Failure:
    """A run that came to nothing.

    Attributes
    ----------
    plan
        What was to be run.
    reason
        Why there is no result.
    """

    plan: CountingPlan
    reason: str


@register
@dataclass(frozen=True, repr=False)
class CountingReport(Saved):
    """A finished study; made by :func:`~tellapart.properties.counting.run.reproduce_counting`.

    Attributes
    ----------
    profile
        Its name.
    runs
        Finished ones, in the order of the profile.
    failures
        The others.
    claims
        What the paper claims, what was measured, and the verdict.
    bars
        What a reproduction must reach, and whether it did.
    """

    profile: str
    runs: tuple[CountingRun, ...]
    failures: tuple[Failure, ...]
    claims: tuple[Claim, ...]
    bars: tuple[BarResult, ...]

    @property
    def trial(self) -> str:
        """What makes this a trial of the command, such as ``"a trial of 2 steps"``; else empty.

        A trial has runs of the profile at other numbers than the profile's own. It judges nothing:
        its claims and bars are *not measured*.
        """
        plans = [run.plan for run in self.runs] + [failure.plan for failure in self.failures]
        return _trial(self.profile, plans)

    @property
    def cpu_seconds(self) -> float:
        """CPU time of all training."""
        return sum(run.cpu_seconds for run in self.runs)

    @property
    def exit_code(self) -> int:
        """1 when a bar is missed, 3 when a run failed or a bar was not measured, else 0."""
        outcomes = {bar.outcome for bar in self.bars}
        if "missed" in outcomes:
            return 1
        return 3 if self.failures or "not measured" in outcomes else 0

    def find(self) -> StudyRuns:
        """Return the runs, to be found by setting."""
        return StudyRuns(self.runs)

    def explain(self) -> str:
        """Return claims, bars and the table of runs as text."""
        from tellapart.properties.report.counting_console import text_report

        return text_report(self)

    def figure(self) -> str:
        """Return the figure as the text of an SVG file."""
        from tellapart.properties.report.counting_figure import draw_counting

        return str(draw_counting(self)) + "\n"

    def save(self, folder: Path) -> tuple[Path, ...]:
        """Write the report as JSON, text and SVG into a folder; returns the paths."""
        texts = {
            "counting.json": self.to_json() + "\n", "counting.txt": self.explain() + "\n",
            "counting.svg": self.figure(),
        }  # fmt: skip
        paths = tuple(folder / name for name in texts)
        for path, text in zip(paths, texts.values(), strict=True):
            write_atomically(path, text)
        return paths

    def to_html(self, path: str | Path) -> None:
        """Write one self-contained page."""
        from tellapart.properties.report.counting_page import render_counting

        write_atomically(Path(path), render_counting(self))

    def __repr__(self) -> str:
        met = sum(bar.outcome == "met" for bar in self.bars)
        return (
            f"CountingReport({self.profile}: {count(len(self.runs), 'run')}, {met} of "
            f"{count(len(self.bars), 'bar')} met)"
        )


def counting_report(
    profile: str, plans: Sequence[CountingPlan], outcomes: Sequence[CountingRun | Failure]
) -> CountingReport:
    """Judge the outcomes of a study.

    Parameters
    ----------
    profile
        Its name.
    plans
        All that was to be run.
    outcomes
        Of each plan.

    Returns
    -------
    CountingReport
        Where runs of the profile have other steps or sizes than the profile's own, no claim and no
        bar is judged.
    """
    runs = tuple(outcome for outcome in outcomes if isinstance(outcome, CountingRun))
    failures = tuple(outcome for outcome in outcomes if isinstance(outcome, Failure))
    found = StudyRuns(runs)
    seeds: dict[str, tuple[int, ...]] = {}
    for p in plans:
        setting = (p.control, p.labels, p.architecture, p.encoder)
        if setting == ("frames", "sparse", "small-start", None):
            seeds[p.design] = (*seeds.get(p.design, ()), p.seed)
    claims, bars = judge_claims(found), judge_bars(found, seeds)
    if trial := _trial(profile, plans):
        why = f"{trial[0].upper()}{trial[1:]}; nothing is judged."
        claims = tuple(replace(claim, measured=why, verdict="not measured") for claim in claims)
        bars = tuple(replace(bar, reason=trial, outcome="not measured") for bar in bars)
    return CountingReport(profile, runs, failures, claims, bars)


def _trial(profile: str, plans: Sequence[CountingPlan]) -> str:
    """Name what differs from the plans of the profile; own plans are compared with all profiles."""
    named = [profile] if profile in PROFILES else list(PROFILES)
    asked: dict[CountingPlan, list[CountingPlan]] = {}
    for name in named:
        for encoder in dict.fromkeys(plan.encoder for plan in plans):
            for plan in study_plans(name, encoder=encoder):
                asked.setdefault(_kind(plan), []).append(plan)
    other = [(p, asked[_kind(p)]) for p in plans if p not in asked.get(_kind(p), [p])]
    if not other:
        return ""
    steps = sorted({p.steps for p, own in other if p.steps not in {q.steps for q in own}})
    sizes = sorted({p.size for p, own in other if p.size not in {q.size for q in own}})
    batches = sorted({p.batch for p, own in other if p.batch not in {q.batch for q in own}})
    parts = [
        *([f"of {_either(steps)} {'step' if steps == [1] else 'steps'}"] if steps else []),
        *([f"on pictures of side {_either(sizes)}"] if sizes else []),
        *([f"with batches of {_either(batches)}"] if batches else []),
    ]
    return " ".join(["a trial", *parts])


def _kind(plan: CountingPlan) -> CountingPlan:
    """Return the plan without its numbers."""
    return replace(plan, steps=0, size=32, batch=2)


def _either(numbers: Sequence[int]) -> str:
    return " or ".join(map(str, numbers))
