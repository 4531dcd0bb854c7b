"""What the paper claims, what the runs show, and the verdict: every sentence is made from numbers.

Seeds and bars were fixed before any run, the rules of claims were not all: see
:data:`~tellapart.properties.counting.wording.HISTORY`. A claim is *shown* or *the opposite* only
when at least two seeds were run. A claim about how many groups there are needs every seed; a claim
about a difference needs the whole interval of the mean on one side of the limit. What a claim takes
for granted, such as latents that hold the counts, is a condition of *shown*. Everything else is
*not shown*.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.claim_rules import (
    COLLAPSED,
    CONTRAST,
    FEW,
    MANY,
    Finding,
    every_seed,
    held_back,
    whole_interval,
)
from tellapart.properties.counting.claims_controls import CONTROL_CLAIMS
from tellapart.properties.counting.statistics import t_interval
from tellapart.properties.counting.study import StudyRuns
from tellapart.properties.counting.wording import accuracy_text, groups, lost_counts
from tellapart.theory.serialise import register

__all__ = ["CLAIMS", "Claim", "ClaimSpec", "judge_claims"]

Word = Literal["shown", "not shown", "the opposite", "not measured"]


@dataclass(frozen=True, slots=True)
class ClaimSpec:
    """A claim and how it is judged.

    Attributes
    ----------
    name, claim
        What is claimed, in a sentence.
    by
        ``"paper"``: arXiv 2509.12249 says or implies it. ``"theory"``: it follows, or seems to
        follow, from the statements of the theory.
    rule
        When it counts as shown and when as the opposite.
    judge
        Runs to a finding; None where the runs are missing.
    """

    name: str
    claim: str
    by: Literal["paper", "theory"]
    rule: str
    judge: Callable[[StudyRuns], Finding | None]


@register
@dataclass(frozen=True, slots=True)
class Claim:
    """A claim, what was measured, and the verdict.

    Attributes
    ----------
    name, claim, by, rule
        Of the claim.
    measured
        A sentence of numbers.
    verdict
        ``"shown"``, ``"not shown"``, ``"the opposite"``; ``"not measured"`` in a profile without
        the runs.
    seeds
        How many seeds it rests on.
    """

    name: str
    claim: str
    by: str
    rule: str
    measured: str
    verdict: Word
    seeds: int

    def explain(self) -> str:
        """Return the claim in three lines."""
        return f"{self.verdict.upper()}: {self.claim}\n    {self.measured}\n    Rule: {self.rule}"


def _joint(runs: StudyRuns) -> Finding | None:
    found = runs.of("joint")
    if not found:
        return None
    text = f"Held-out {accuracy_text(found)}; {accuracy_text(found, 0.02)}."
    return every_seed(groups(found), lambda n: n == 9, lambda n: n <= FEW, text)


def _reward_only(runs: StudyRuns) -> Finding | None:
    found = runs.of("reward-only")
    if not found:
        return None
    text = f"Held-out {accuracy_text(found)}; {accuracy_text(found, 0.02)}."
    return every_seed(groups(found), lambda n: 1 < n <= FEW, lambda n: n >= MANY, text)


def _joint_over_reward(runs: StudyRuns) -> Finding | None:
    pairs = runs.pairs(runs.of("joint"), runs.of("reward-only"))
    if not pairs:
        return None
    gaps = t_interval(
        (a.measures.at_noise(0.02).accuracy - b.measures.at_noise(0.02).accuracy for a, b in pairs),
        -1.0, 1.0,
    )  # fmt: skip
    text = (
        f"Accuracy under 2 % noise, joint less reward-only on the same seed: {gaps.text()}; groups "
        f"{_lists([a for a, _ in pairs])} (joint) and {_lists([b for _, b in pairs])} (reward-only)"
        "."
    )
    return whole_interval(gaps, CONTRAST, 0.0, text)


def _lists(runs: Sequence[CountingRun]) -> str:
    return ", ".join(map(str, groups(runs, 0.02)))


def _dynamics_only(runs: StudyRuns) -> Finding | None:
    found = runs.of("dynamics-only")
    if not found:
        return None
    scales = {
        a.plan.seed: 100 * a.measures.latent_rms / b.measures.latent_rms
        for a, b in runs.pairs(found, runs.of("joint"))
        if b.measures.latent_rms > 0
    }
    scale = ""
    if scales:
        percent = t_interval(scales.values(), 0.0).text()
        scale = f"; scale of the latents in percent of that of joint {percent}"
    text = f"Held-out {accuracy_text(found)}{scale}."
    # One group that is as large as the latents of joint is a smear, not a collapse.
    seeds = [run.plan.seed for run in found]
    small = [seed in scales and scales[seed] <= COLLAPSED for seed in seeds]
    kinds = [n if n > 1 else int(small[k]) for k, n in enumerate(groups(found))]
    finding = every_seed(kinds, lambda kind: kind == 1, lambda kind: kind > 1, text)
    missing = [str(seed) for seed in seeds if seed not in scales]
    if not missing:
        return finding
    return held_back(
        finding, f"The scale of joint is not known on seed {', '.join(missing)}, so whether the "
        "latents have collapsed is not either.",
    )  # fmt: skip


def _random(runs: StudyRuns) -> Finding | None:
    found = runs.of("random-aux")
    if not found:
        return None
    place = t_interval(run.measures.probes.place for run in found)
    text = f"Held-out {accuracy_text(found)}; place can be read with R\u00b2 {place.text(2)}."
    return every_seed(groups(found), lambda n: n == 1, lambda n: n >= MANY, text)


def _nuisances(runs: StudyRuns) -> Finding | None:
    found = runs.of("joint")
    if not found:
        return None
    probes = [run.measures.probes for run in found]
    most = t_interval(max((p.shape - 0.25) / 0.75, p.colour, p.place) for p in probes)
    parts = [
        f"the best of the three, from 0 (chance) to 1, {most.text(2)}",
        f"shape {t_interval(p.shape for p in probes).text(2)} (chance 0.25)",
        f"colour R\u00b2 {t_interval(p.colour for p in probes).text(2)}",
        f"place R\u00b2 {t_interval(p.place for p in probes).text(2)}",
        f"shape is {100 * t_interval(p.shape_share for p in probes).mean:.2g} % of the variance",
    ]
    drawn = [run.reconstructions for run in found if run.reconstructions is not None]
    if drawn:
        parts.append(
            f"a decoder has error {drawn[0].error:.4f}, the mean picture of the count "
            f"{drawn[0].mean_error:.4f} (one seed)"
        )
    text = f"Held-out linear probes: {'; '.join(parts)}."
    finding = whole_interval(most, 0.5, 0.1, text, smaller=True)
    return held_back(finding, lost_counts(found))


#: All claims, in the order of the table.
CLAIMS: tuple[ClaimSpec, ...] = (
    ClaimSpec(
        "joint-nine", "Joint training gives nine clusters, one for each count.", "paper",
        "shown: nine groups on every seed; the opposite: at most four on every seed", _joint,
    ),
    ClaimSpec(
        "reward-few", "Reward alone gives a few coarse clusters.", "paper",
        "shown: two to four groups on every seed, without noise; the opposite: eight or nine",
        _reward_only,
    ),
    ClaimSpec(
        "joint-over-reward", "Joint training separates more than reward alone.", "paper",
        "shown: the difference of accuracies under 2 % noise is above 0.1 with its whole interval; "
        "the opposite: below 0", _joint_over_reward,
    ),
    ClaimSpec(
        "dynamics-one", "Dynamics alone collapses to one cluster.", "paper",
        "shown: one group on every seed, at most 1 % of the scale of joint on the same seed, which "
        "must be known; the opposite: more than one group on every seed", _dynamics_only,
    ),
    ClaimSpec(
        "random-none", "A random auxiliary function gives no clusters of counts.", "paper",
        "shown: one group on every seed; the opposite: eight or nine", _random,
    ),
    ClaimSpec(
        "joint-drops", "Joint latents hold the count and drop shape, colour and place.", "paper",
        "each probe from 0 (chance) to 1, the best of the three; shown: below 0.1 with its whole "
        "interval, and all counts held on every seed; the opposite: above 0.5", _nuisances,
    ),
    *(ClaimSpec(*row) for row in CONTROL_CLAIMS),
)  # fmt: skip


def judge_claims(runs: StudyRuns) -> tuple[Claim, ...]:
    """Judge every claim by the runs.

    Parameters
    ----------
    runs
        Finished runs; the encoder of a user is no evidence for or against the paper's.

    Returns
    -------
    One claim for each of :data:`CLAIMS`.
    """
    claims = []
    for spec in CLAIMS:
        finding = spec.judge(runs)
        if finding is None:
            finding = Finding("No run of this profile asks for it.", "not measured", 0)
        claims.append(
            Claim(
                spec.name, spec.claim, spec.by, spec.rule, finding.text, finding.verdict,
                finding.seeds,
            )
        )  # fmt: skip
    return tuple(claims)
