"""Which runs make up a study of the counting environment: its profiles, fixed before any run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from tellapart.models.counting.designs import COUNTING_DESIGNS
from tellapart.models.counting.forced import forced_plans
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.naming import entry_named

__all__ = ["GLYPH_SEEDS", "PROFILES", "SEEDS", "Profile", "StudyRuns", "pictured", "study_plans"]

#: Seeds of the runs. The recipe was found on seeds 0..3, so no run of a study uses those.
SEEDS = (30, 31, 32)
#: Seeds of the glyphs, which are drawn anew for each.
GLYPH_SEEDS = (40, 41, 42, 43, 44)

#: Designs that a user's encoder goes through.
USER_DESIGNS = ("joint", "reward-only", "dynamics-only")

STEPS, SHORT = 1500, 600


@dataclass(frozen=True, slots=True)
class Profile:
    """How much to run.

    Attributes
    ----------
    name, summary
        For people.
    plans
        What is trained, in the order of the tables.
    user_seeds
        Seeds of a user's encoder.
    """

    name: str
    summary: str
    plans: tuple[CountingPlan, ...]
    user_seeds: tuple[int, ...]


def _quick() -> Iterator[CountingPlan]:
    for seed in SEEDS:
        yield CountingPlan("joint", seed=seed, steps=STEPS)
    yield CountingPlan("reward-only", seed=SEEDS[0], steps=STEPS)
    for seed in SEEDS:
        yield CountingPlan("dynamics-only", seed=seed, steps=SHORT)


def _paper() -> Iterator[CountingPlan]:
    for design in COUNTING_DESIGNS:
        for seed in SEEDS:
            yield CountingPlan(design, seed=seed, steps=STEPS)
    for control, seeds in (("glyphs", GLYPH_SEEDS), ("frames", SEEDS)):
        for design in ("joint", "reward-only"):
            for seed in seeds:
                yield CountingPlan(
                    design, control=control, architecture="default-cnn", seed=seed, steps=STEPS
                )
    for control in ("no-zero", "distractor"):
        for seed in SEEDS:
            yield CountingPlan("joint", control=control, seed=seed, steps=STEPS)
    for labels in ("dense", "mod3", "network"):
        yield CountingPlan("joint", labels=labels, seed=SEEDS[0], steps=STEPS)
    base, _ = forced_plans()
    for seed in SEEDS:
        yield from forced_plans(replace(base, seed=seed))


#: The profiles by name.
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "quick": Profile(
            "quick", "joint, reward-only and dynamics-only", tuple(_quick()), SEEDS[:1],
        ),
        "paper": Profile(
            "paper", "all designs, controls and labels", tuple(_paper()), SEEDS,
        ),
    }
)  # fmt: skip


def study_plans(
    profile: str, *, encoder: str | None = None, steps: int | None = None, size: int | None = None
) -> tuple[CountingPlan, ...]:
    """Return the plans of a profile.

    Parameters
    ----------
    profile
        ``"quick"`` or ``"paper"``.
    encoder
        The name of a user's encoder: it goes through joint, reward-only and dynamics-only as well.
    steps, size
        Of every run instead of the profile's own: a trial of the command, not of the claims.

    Raises
    ------
    InvalidArgumentError
        For an unknown profile, and numbers out of range.

    Examples
    --------
    >>> study_plans("quick")[0]
    CountingPlan(joint on frames, labels sparse, small-start, seed 30, 1500 steps)
    """
    chosen = entry_named(PROFILES, profile, "profile")
    plans = list(chosen.plans)
    if encoder is not None:
        plans += [
            CountingPlan(design, seed=seed, steps=STEPS, encoder=encoder)
            for design in USER_DESIGNS
            for seed in chosen.user_seeds
        ]
    return tuple(
        replace(p, steps=p.steps if steps is None else steps, size=p.size if size is None else size)
        for p in plans
    )


def pictured(plan: CountingPlan) -> bool:
    """Tell whether a decoder is trained for a run: the first seed of each row of the figure."""
    ordinary = (plan.control, plan.labels, plan.architecture) == ("frames", "sparse", "small-start")
    return ordinary and plan.seed == SEEDS[0]


class StudyRuns:
    """Finished runs, found by what was trained.

    Parameters
    ----------
    runs
        In any order.

    Raises
    ------
    InvalidArgumentError
        When one plan was run twice.
    """

    def __init__(self, runs: Sequence[CountingRun]) -> None:
        plans = [run.plan for run in runs]
        for k, plan in enumerate(plans):
            if plan in plans[:k]:
                raise InvalidArgumentError(f"{plan!r} is there twice; a seed counts once.")
        self.all = tuple(runs)

    def of(
        self,
        design: str,
        *,
        control: str = "frames",
        labels: str = "sparse",
        architecture: str = "small-start",
        encoder: str | None = None,
    ) -> tuple[CountingRun, ...]:
        """Return the runs of a setting by ascending seed."""
        wanted = (design, control, labels, architecture, encoder)
        found = [
            run
            for run in self.all
            for p in (run.plan,)
            if (p.design, p.control, p.labels, p.architecture, p.encoder) == wanted
        ]
        return tuple(sorted(found, key=lambda run: run.plan.seed))

    def pairs(
        self, one: Sequence[CountingRun], other: Sequence[CountingRun]
    ) -> tuple[tuple[CountingRun, CountingRun], ...]:
        """Return the runs of two settings that share a seed."""
        by_seed = {run.plan.seed: run for run in other}
        return tuple((run, by_seed[run.plan.seed]) for run in one if run.plan.seed in by_seed)

    def settings(self) -> tuple[tuple[CountingRun, ...], ...]:
        """Return all runs by setting, in the order of their first run."""
        groups: dict[tuple[object, ...], list[CountingRun]] = {}
        for run in self.all:
            p = run.plan
            key = (p.design, p.control, p.labels, p.architecture, p.encoder)
            groups.setdefault(key, []).append(run)
        return tuple(tuple(group) for group in groups.values())
