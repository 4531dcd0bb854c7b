"""The claims that need controls: what the loss does, what the network does, what theory says."""

import math
from collections.abc import Callable
from itertools import combinations
from typing import Literal

import numpy as np

from tellapart.models.counting.forced import forced_collapse, ratio_of
from tellapart.models.counting.heldout import IN_SAMPLE
from tellapart.models.counting.readout import centroids_of
from tellapart.models.counting.runs import CountingRun
from tellapart.properties.counting.claim_rules import (
    CONTRAST,
    Finding,
    every_seed,
    held_back,
    whole_interval,
)
from tellapart.properties.counting.statistics import t_interval
from tellapart.properties.counting.study import StudyRuns
from tellapart.properties.counting.wording import (
    accuracy,
    accuracy_text,
    groups,
    groups_text,
    lost_counts,
    seeds_text,
)
from tellapart.theory.verdict import Grade

__all__ = ["CONTROL_CLAIMS", "noise_accuracy", "rank_of_extremes", "share_before_extremes"]

Row = tuple[str, str, Literal["paper", "theory"], str, Callable[[StudyRuns], Finding | None]]

#: In-sample and held-out accuracy may differ by this much without anybody being misled.
_CLOSE = 0.02

#: Reward-only separates the counts as well when its accuracy is at least this.
_SEPARATES = 0.8

_ENDS = {
    "shown": f"The contrast is there: more than {CONTRAST} with its whole interval.",
    "the opposite": f"The contrast is absent: less than {CONTRAST} with its whole interval.",
    "not shown": "These runs do not decide whether there is a contrast.",
}


def noise_accuracy(d: int, seed: int = 0) -> float:
    """Return the in-sample accuracy of pure noise: 256 normal latents, nine random counts.

    Parameters
    ----------
    d
        Latent dimension.
    seed
        Of the noise.

    Examples
    --------
    >>> noise_accuracy(256) > 0.85
    True
    """
    source = np.random.default_rng(seed)
    counts = source.integers(9, size=IN_SAMPLE)
    codes = source.standard_normal((IN_SAMPLE, d))
    centroids = centroids_of(codes, counts)
    return centroids.accuracy(codes, counts)


def _misled(runs: StudyRuns) -> Finding | None:
    design = "random-aux" if runs.of("random-aux") else "dynamics-only"
    found = runs.of(design)
    if not found:
        return None
    pairs = [(run.measures.in_sample_accuracy, run.measures.accuracy) for run in found]
    inside = t_interval((one for one, _ in pairs), 0.0, 1.0)
    gap = t_interval((abs(one - other) for one, other in pairs), 0.0, 1.0)
    d = found[0].measures.diagnostics.d
    text = (
        f"{design}: {inside.text()} in sample, {accuracy(found).text()} held out on the same "
        f"encoders, apart by {gap.text()}. Pure noise has {noise_accuracy(d):.2f} in sample "
        f"with {d} coordinates and {noise_accuracy(256):.2f} with 256; chance is 0.11."
    )
    # Shown would be agreement, so the claim is that the difference is small.
    return whole_interval(gap, 2 * _CLOSE, _CLOSE, text, smaller=True)


def _contrast(control: str, level: float) -> Callable[[StudyRuns], Finding | None]:
    """Compare joint with reward-only under the ordinary network."""

    def judge(runs: StudyRuns) -> Finding | None:
        joint, reward = (
            runs.of(design, control=control, architecture="default-cnn")
            for design in ("joint", "reward-only")
        )
        pairs = runs.pairs(joint, reward)
        if not pairs:
            return None
        gaps = {}
        for at in (0.0, 0.02):
            differences = (
                a.measures.at_noise(at).accuracy - b.measures.at_noise(at).accuracy
                for a, b in pairs
            )
            gaps[at] = t_interval(differences, -1.0, 1.0)
        ones, others = [a for a, _ in pairs], [b for _, b in pairs]
        parts = [
            f"{'under 2 % noise' if at else 'without noise'} {accuracy(ones, at).text()} (joint, "
            f"{groups_text(groups(ones, at))}) and {accuracy(others, at).text()} (reward-only, "
            f"{groups_text(groups(others, at))}), a difference of {gaps[at].text()}"
            for at in (0.0, 0.02)
        ]
        reached = ", ".join(map(str, groups(ones, level)))
        nine = len(ones[0].measures.counts)
        text = (
            f"Accuracy {'; '.join(parts)}. Joint itself reaches {reached} of {nine} groups"
            f"{' under 2 % noise' if level else ''}."
        )
        finding = whole_interval(gaps[level], CONTRAST, CONTRAST, text)
        if finding.verdict == "the opposite" and accuracy(others, level).mean < _SEPARATES:
            return Finding(
                f"{text} The difference is small, but reward-only does not separate the counts "
                "either, so it is no answer.", "not shown", finding.seeds,
            )  # fmt: skip
        return Finding(f"{finding.text} {_ENDS[finding.verdict]}", finding.verdict, finding.seeds)

    return judge


def _background(runs: StudyRuns) -> Finding | None:
    """Ask whether latents keep a bit that the dynamics flip and no label asks for."""
    found = runs.of("joint", control="distractor")
    read = [run.measures.probes.bit for run in found]
    known = [accuracy for accuracy in read if accuracy is not None]
    if not known:
        return None
    told = t_interval((2 * accuracy - 1 for accuracy in known), -1.0, 1.0)
    text = (
        f"Held-out {accuracy_text(found)}. A linear probe reads the background with accuracy "
        f"{t_interval(known, 0.0, 1.0).text()} (chance 0.5)."
    )
    finding = whole_interval(told, 0.5, 0.1, text, smaller=True)
    return held_back(finding, lost_counts(found))


def rank_of_extremes(run: CountingRun) -> tuple[int, int]:
    """Return the rank of the pair (0, 8) by separation, 1 for the least separated, of how many."""
    table, counts = run.measures.separation, run.measures.counts
    own = table[counts.index(0)][counts.index(8)]
    others = [table[i][j] for i in range(len(counts)) for j in range(i)]
    return 1 + sum(other < own for other in others), len(others)


def _deepest(runs: StudyRuns) -> Finding | None:
    found = [run for run in runs.of("joint") if run.emergence is not None]
    if not found:
        return None
    shares = [share_before_extremes(run) for run in found]
    last = ", ".join(_last_pairs(run) for run in found)
    ranks = ", ".join("{} of {}".format(*rank_of_extremes(run)) for run in found)
    interval = t_interval(shares, 0.0, 1.0)
    text = (
        f"Of the other pairs {interval.text(2)} come apart before (0, 8) in training (a share; a "
        f"half where both are seen apart at the same look). The last to come apart: {last}. At the "
        f"end the separation of (0, 8) over its spread has rank {ranks} from the least."
    )
    return whole_interval(interval, 0.9, 0.5, text)


def share_before_extremes(run: CountingRun) -> float:
    """Return the share of other pairs that come apart before (0, 8), ties as halves.

    Raises
    ------
    ValueError
        For a run whose training was not watched.
    """
    if run.emergence is None:
        raise ValueError(f"The training of {run.plan!r} was not watched.")
    never = math.inf
    steps = {
        pair: never if (step := run.emergence.apart_from(*pair)) is None else step
        for pair in combinations(run.emergence.counts, 2)
    }
    own = steps.pop((0, 8))
    return sum((step < own) + 0.5 * (step == own) for step in steps.values()) / len(steps)


def _last_pairs(run: CountingRun) -> str:
    pairs = run.emergence.last_pairs if run.emergence is not None else ()
    named = " and ".join(map(str, pairs[:2]))
    return named if len(pairs) <= 2 else f"{named} and {len(pairs) - 2} more"


def _forced(runs: StudyRuns) -> Finding | None:
    with_zero = runs.of("joint", labels="hue", architecture="default-cnn")
    without = runs.of("joint", control="no-zero", labels="hue", architecture="default-cnn")
    pairs = [forced_collapse(*pair) for pair in runs.pairs(with_zero, without)]
    if not pairs:
        return None
    count, action = pairs[0].named
    largest = [found.error > max(found.others) for found in pairs]
    logs = [_log(found.ratio) for found in pairs]
    known = [log for log in logs if log is not None]
    blames = f"The chain of merges blames {action} from {count}."
    if len(known) < len(logs):
        shown = ", ".join("not known" if log is None else _power(log) for log in logs)
        return Finding(
            f"{blames} Its error over that of {action} from {count + 1} is {shown}: an error is 0 "
            "or not finite, so the ratio decides nothing.", "not shown", len(logs),
        )  # fmt: skip
    ratios = t_interval(known)
    text = (
        f"{blames} Its error over that of {action} from "
        f"{count + 1} is {_powers(ratios.values)}, mean {_power(ratios.mean)}"
        f"{_ends(ratios.low, ratios.high)} (geometric). It is the largest error of {action} "
        f"{seeds_text(largest)}."
    )
    usual = {
        run.plan.seed: _log(ratio_of(run, count, action))
        for run in runs.of("joint", architecture="default-cnn")
    }
    if usual:
        plain = ", ".join("not known" if log is None else _power(log) for log in usual.values())
        text += f" Where no colour is demanded the ratio is {plain}."
    of_seed = {found.run_with.plan.seed: log for found, log in zip(pairs, known, strict=True)}
    finding = whole_interval(ratios, math.log(2), 0.0, text)
    return held_back(finding, _doubt(largest, action, of_seed, usual))


def _doubt(
    largest: list[bool], action: str, of_seed: dict[int, float], usual: dict[int, float | None]
) -> str:
    """Say why a large ratio does not show that the demanded colour costs it; empty if it does."""
    if not all(largest):
        return f"Another error of {action} is as large, so the merges do not single this one out."
    paired = [(log, usual[seed]) for seed, log in of_seed.items() if seed in usual]
    if len(paired) < 2:
        return "Fewer than two of these seeds have a run without colour to compare with."
    if not all(other is not None and own > other for own, other in paired):
        return (
            "It is not above the ratio without colour on every seed, so colour does not explain it."
        )
    return ""


def _log(ratio: float) -> float | None:
    """Return the logarithm; None of a ratio that is not finite, which decides nothing."""
    if not 0 <= ratio < math.inf:
        return None
    return math.log(ratio) if ratio > 0 else -math.inf


def _power(log: float) -> str:
    return f"{math.exp(min(log, 700.0)):.2g}"


def _powers(logs: tuple[float, ...] | list[float]) -> str:
    return ", ".join(map(_power, logs))


def _ends(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" [{_power(low)}, {_power(high)}]"


def _resolved(runs: StudyRuns) -> Finding | None:
    found = runs.of("joint")
    if not found:
        return None
    hits = [run.measures.resolution.grade is Grade.RESOLVED for run in found]
    ours = [run for run in runs.all if run.plan.encoder is None]
    everywhere = sum(run.measures.resolution.grade is Grade.RESOLVED for run in ours)
    share = t_interval((run.measures.resolution.dynamics_unresolved for run in found), 0.0, 1.0)
    middle = t_interval((run.measures.resolution.dynamics_median for run in found), 0.0)
    text = (
        f"Joint is resolved {seeds_text(hits)}; of all {len(ours)} runs {everywhere} are. Of the "
        f"held-out transitions of joint {share.text()} are unresolved (a share); the median ratio "
        f"is {middle.text(2)}, where 1 is the limit."
    )
    return every_seed([int(hit) for hit in hits], lambda hit: hit == 1, lambda hit: hit == 0, text)


#: Name, claim, whose, rule and judge.
CONTROL_CLAIMS: tuple[Row, ...] = (
    (
        "in-sample", "In-sample nearest-centroid accuracy tells how well counts are clustered.",
        "paper",
        "distance of in-sample from held-out accuracy of random-aux, or of dynamics-only without "
        f"it; shown: below {_CLOSE} with its whole interval; the opposite: above {2 * _CLOSE}",
        _misled,
    ),
    (
        "loss-on-glyphs",
        "Joint training separates more than reward-only where the picture has no order (glyphs).",
        "theory",
        "joint less reward-only, accuracy under 2 % noise; shown: above 0.1 with its whole "
        f"interval; the opposite: below 0.1 where reward-only has {_SEPARATES} or more",
        _contrast("glyphs", 0.02),
    ),
    (
        "loss-on-frames",
        "Joint training separates more than reward-only on frames with an ordinary network.",
        "theory",
        "joint less reward-only, accuracy without noise; shown: above 0.1 with its whole interval; "
        f"the opposite: below 0.1 where reward-only has {_SEPARATES} or more",
        _contrast("frames", 0.0),
    ),
    (
        "background-dropped",
        "A background that changes by itself, which nothing asks for, is dropped.", "theory",
        "joint with the distractor; a linear probe of the background from 0 (chance) to 1; shown: "
        "below 0.1 with its whole interval, and all counts held on every seed; the opposite: above "
        "0.5", _background,
    ),
    (
        "deepest-last", "The deepest pair, (0, 8), is the last to separate.", "theory",
        "share of the other pairs that come apart before it; shown: above 0.9 with its whole "
        "interval; the opposite: below 0.5", _deepest,
    ),
    (
        "forced-colour",
        "A label that asks for the colour costs dynamics error at +1 from 0, as the merges say.",
        "theory",
        "error of +1 from 0 over that from 1, finite on every seed; shown: above 2 with its whole "
        "interval, on every seed the largest error of +1, and above the same ratio of the run of "
        "that seed without colour (two seeds at least); the opposite: below 1", _forced,
    ),
    (
        "premise", "Joint runs meet the premise of the theorem on held-out frames (S13).",
        "theory", "shown: resolved on every seed; the opposite: on none", _resolved,
    ),
)  # fmt: skip
