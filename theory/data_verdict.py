"""Verdicts on partial data: what codes and residuals say about the pairs of S3."""

from collections.abc import Hashable
from dataclasses import dataclass
from math import dist

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.data_resolution import DataResolution, data_resolution, known_labels
from tellapart.theory.data_separation import data_separation, forced_distance
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.partial.chain import Infeasibility, check_infeasibility
from tellapart.theory.partial.pairs import PairSeparation
from tellapart.theory.partial.separation_checker import check_separation
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE, Separation
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Grade, Verdict
from tellapart.theory.wording import count

__all__ = ["DataCollapse", "DataJudgement", "judge_data"]

FloatArray = npt.NDArray[np.float64]


@register
@dataclass(frozen=True)
class DataCollapse(Saved):
    """A pair that the data require to be told apart and that shares a code, with the proof.

    Attributes
    ----------
    x, y
        Names of the observations.
    distance, threshold
        Distance between the two codes, and the threshold at or below which they count as one.
    separation
        Why every zero-loss encoder tells the pair apart (S3), row by row.
    """

    x: Hashable
    y: Hashable
    distance: float
    threshold: float
    separation: PairSeparation

    def explain(self) -> str:
        """Return the finding and its proof, one line for each step."""
        return (
            f"{self.x!r} and {self.y!r} share a code (distance {self.distance:.3g}, threshold "
            f"{self.threshold:.3g}).\n{self.separation.explain()}"
        )


@register
@dataclass(frozen=True)
class DataJudgement(Saved):
    """A verdict on partial data with its evidence.

    Attributes
    ----------
    verdict, grade
        The conclusion, and how far the premise was established: ``resolved`` or ``unmet``.
    resolution, separation
        The measurements; None for infeasible data, where no encoder meets the premise.
    forced_distance
        Largest distance between codes that every zero-loss encoder makes equal (S2). Shown beside
        the verdict; it takes no part in it.
    witness
        For ``collapsed``: the hardest merged pair, its proof confirmed by independent code.
    infeasibility
        The chain of merges that joins two labels, confirmed likewise; None when the data are
        feasible (a design may be ``infeasible`` on them all the same, by its shape).
    reasons
        Sentences that say what decided.
    """

    verdict: Verdict
    grade: Grade
    resolution: DataResolution | None
    separation: Separation | None
    forced_distance: float
    witness: DataCollapse | None
    infeasibility: Infeasibility | None
    reasons: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """The resolution ratio; infinite for infeasible data."""
        return float("inf") if self.resolution is None else self.resolution.ratio

    def explain(self) -> str:
        """Say what was decided and why, with the proof where there is one."""
        meaning = self.verdict.meaning if self.infeasibility is None else _INFEASIBLE
        lines = [f"Verdict {self.verdict} on the data: {meaning}."]
        if self.grade is Grade.RESOLVED:
            lines.append(_RESOLVED)
        lines += self.reasons
        if self.separation is not None and self.separation.n_must_separate:
            lines.append(_cut(self.separation))
        if self.resolution is not None and self.forced_distance > self.resolution.smallest_gap:
            lines.append(_far(self.forced_distance, self.resolution.smallest_gap))
        if self.witness is not None:
            lines.append(self.witness.explain())
        if self.infeasibility is not None:
            lines.append(self.infeasibility.explain())
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"DataJudgement({self.verdict}, premise {self.grade}, ratio {self.ratio:.3g})"


_INFEASIBLE = "no encoder meets the premise: the data contradict each other (S2)"
_RESOLVED = (
    "Premise resolved: every residual on the data is below half the gap it must stay below (S13). "
    "Pairs that only missing transitions or labels would tell apart may share a code."
)


def judge_data(
    audit: DataAudit,
    codes: FloatArray,
    predicted: FloatArray,
    read: FloatArray,
    *,
    infeasible: str | None = None,
    merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
    epsilon: float = float(np.finfo(np.float64).eps),
) -> DataJudgement:
    """Decide the verdict of a model on partial or non-functional data.

    What is claimed is about the data D and nothing else. The pairs are those of S3: the pairs that
    *every* zero-loss encoder on D tells apart. ``holds`` says that all of them are measured apart
    and that the model is resolved (S13): for each transition the nearest code to the predicted
    latent belongs to an observation that need not be told apart from the true successor, and each
    known label is read correctly. It does not say that the latent model is a quotient of the
    system: "need not be told apart" is in general no equivalence (S6), and a transition or label
    that is not in the data binds nothing. Nor does it say that forced merges are made, which exact
    zero loss would imply (S2): ``forced_distance`` shows how far they are. There is no grade above
    ``resolved`` here.

    Parameters
    ----------
    audit
        Of the data.
    codes
        E(o), float64 ``[n_obs, d]``, finite.
    predicted
        T(E(o), a) for each transition of the data in its order, float64 ``[n_transitions, d]``.
    read
        P(E(o)), float64 ``[n_obs, label_dim]``; rows without a known label do not count.
    infeasible
        Why no training of this design can meet the premise (S12); None when nothing rules it out.
    merge_tolerance
        Pairs closer than this share of the rms distance between codes that must be told apart
        count as one.
    epsilon
        Unit of rounding of the type the codes were computed in.

    Returns
    -------
    DataJudgement

    Raises
    ------
    InvalidArgumentError
        When the arrays do not fit the data, are not finite, or the tolerance is not in ``[0, 1)``.
    BudgetExceededError
        When the audit has no full relation because the data have too many classes.
    InternalError
        When independent code refuses a proof: a bug.

    Notes
    -----
    O(n² d). Infeasible data give ``infeasible`` whatever the codes; a merged pair gives
    ``collapsed`` whatever the premise; no pair to tell apart gives ``vacuous``; a shape that rules
    out zero loss gives ``infeasible`` otherwise.

    Examples
    --------
    >>> from tellapart.theory.partial.analysis import analyse
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: 0, 3: 1})
    >>> findings = DataAudit("four observations", analyse(data))
    >>> codes = np.array([[0.0], [0.0], [2.0], [3.0]])
    >>> found = judge_data(findings, codes, codes[data.targets], np.array([[0.], [0.], [0.], [1.]]))
    >>> found
    DataJudgement(collapsed, premise resolved, ratio 0)
    >>> found.witness.x, found.witness.y, found.witness.separation.word
    (0, 1, (0,))
    """
    if not isinstance(audit, DataAudit):
        raise InvalidArgumentError(
            f"audit is a {type(audit).__name__}; judge_data needs a DataAudit. Build one with "
            "DataAudit(title, analyse(data)), and use judge for a deterministic MDP."
        )
    _check_numbers(merge_tolerance, epsilon)
    codes, predicted, read = _checked_arrays(audit.data, codes, predicted, read)
    spread = forced_distance(audit.forced, codes)
    if audit.infeasibility is not None:
        return _infeasible(audit.data, audit.infeasibility, spread)
    relation = audit.analysis.relation
    if relation is None:
        raise BudgetExceededError(
            f"The pairs to tell apart are not known: {audit.analysis.relation_note} A verdict "
            "needs all of them: use fewer observations, or analyse with a larger max_classes."
        )
    measured = data_resolution(audit.data, relation, codes, predicted, read)
    apart = data_separation(relation, codes, merge_tolerance, epsilon=epsilon)
    grade = Grade.RESOLVED if measured.resolved else Grade.UNMET
    witness = _witness(audit, apart, codes) if apart.n_merged else None
    if apart.n_must_separate == 0:
        verdict = Verdict.VACUOUS
    elif apart.n_merged:
        verdict = Verdict.COLLAPSED
    elif infeasible is not None:
        verdict = Verdict.INFEASIBLE
    else:
        verdict = Verdict.HOLDS if grade is Grade.RESOLVED else Verdict.VACUOUS
    reasons = (
        *_reasons(audit.data, measured, apart),
        *([] if infeasible is None else [infeasible]),
    )
    return DataJudgement(verdict, grade, measured, apart, spread, witness, None, reasons)


def _infeasible(data: TransitionData, chain: Infeasibility, spread: float) -> DataJudgement:
    check = check_infeasibility(data, chain)
    if not check:
        raise InternalError(
            f"The independent checker refused our proof that the data are infeasible: "
            f"{check.reason} This is a bug in tellapart."
        )
    x, y = chain.pair
    reason = (
        f"Zero loss is impossible (S2): forced merges join {x!r}, labelled "
        f"{chain.clash.x_label!r}, and {y!r}, labelled {chain.clash.y_label!r}."
    )
    return DataJudgement(
        Verdict.INFEASIBLE, Grade.UNMET, None, None, spread, None, chain, (reason,)
    )


def _witness(audit: DataAudit, apart: Separation, codes: FloatArray) -> DataCollapse:
    """Take the hardest merged pair, and let code that shares nothing with ours confirm it."""
    data, pair = audit.data, apart.merged[0]
    why = audit.separation(pair.x, pair.y)
    i, j = data.observation_index(pair.x), data.observation_index(pair.y)
    check = check_separation(data, why)
    # The relative slack covers the last digits in which two ways of summing squares may differ.
    close = dist(codes[i].tolist(), codes[j].tolist()) <= apart.threshold * (1 + 1e-9)
    if not (why.separated and check and close):
        raise InternalError(
            f"The merged pair ({pair.x!r}, {pair.y!r}) was not confirmed: "
            f"{check.reason or 'its codes are not within the threshold.'} This is a bug in "
            "tellapart."
        )
    return DataCollapse(pair.x, pair.y, pair.distance, apart.threshold, why)


def _reasons(data: TransitionData, measured: DataResolution, apart: Separation) -> tuple[str, ...]:
    reasons = []
    if apart.n_must_separate == 0:
        reasons.append(
            "No pair has to be told apart: no contradiction of labels follows from any merge, so "
            "the theorem promises nothing on these data (hypotheses informative_label, "
            "full_coverage)."
        )
    if apart.n_merged:
        reasons.append(
            f"{apart.n_merged} of {count(apart.n_must_separate, 'pair')} that must be told apart "
            f"share a code (distance at most {apart.threshold:.3g})."
        )
    if measured.dynamics_ratio >= 1:
        t = measured.worst_transition
        o, a, end = (int(column[t]) for column in (data.sources, data.action_ids, data.targets))
        reasons.append(
            f"The dynamics premise is unmet (hypothesis dynamics_loss): "
            f"{measured.n_dynamics_unresolved} of {count(data.n_transitions, 'predicted latent')} "
            f"are not within half the gap of their target; worst at {data.row_text(t)}: "
            f"({data.observations[o]!r}, {data.actions[a]!r}) -> {data.observations[end]!r} "
            f"(ratio {measured.dynamics_ratio:.3g})."
        )
    if measured.aux_ratio >= 1 and measured.worst_label is not None:
        reasons.append(
            f"The auxiliary premise is unmet (hypothesis aux_loss): {measured.n_aux_unresolved} "
            f"of {count(data.n_labelled, 'known label')} are not read within half the gap to the "
            f"next label; worst at observation {data.observations[measured.worst_label]!r} "
            f"(ratio {measured.aux_ratio:.3g})."
        )
    return tuple(reasons)


def _cut(apart: Separation) -> str:
    """Say where the threshold cuts the distribution of distances."""
    closest = apart.smallest
    if closest is None:
        raise InternalError("Pairs without a closest one. This is a bug in tellapart.")
    return (
        f"{count(apart.n_must_separate, 'pair')} must be told apart: the closest, {closest.x!r} "
        f"and {closest.y!r}, is {closest.relative:.3g} of the rms distance apart; at most "
        f"{apart.merge_tolerance:g} counts as one code."
    )


def _far(forced: float, gap: float) -> str:
    return (
        f"Codes that every zero-loss encoder makes equal are up to {forced:.3g} apart, more than "
        f"the smallest gap ({gap:.3g}) between codes that must be told apart: the losses are not "
        "zero, and forced merges are not made."
    )


def _check_numbers(merge_tolerance: object, epsilon: object) -> None:
    for name, value in (("merge_tolerance", merge_tolerance), ("epsilon", epsilon)):
        number = isinstance(value, int | float | np.floating) and not isinstance(value, bool)
        if not number or not 0 <= value < 1:  # type: ignore[operator]
            raise InvalidArgumentError(
                f"{name} is {value!r}; it is relative to the size of the codes and must be a "
                "number in [0, 1)."
            )


def _checked_arrays(
    data: TransitionData, codes: FloatArray, predicted: FloatArray, read: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the arrays as float64, or name the one that does not fit the data."""
    width = np.shape(codes)[1] if np.ndim(codes) == 2 else -1
    wanted = {
        "codes": (codes, (data.n_obs, width), "[n_obs, d]"),
        "predicted": (predicted, (data.n_transitions, width), "[n_transitions, d]"),
        "read": (read, (data.n_obs, known_labels(data)[1].shape[1]), "[n_obs, label_dim]"),
    }
    checked = []
    for name, (values, shape, meaning) in wanted.items():
        array = np.asarray(values)
        if array.dtype.kind not in "fiu" or array.shape != shape or 0 in shape:
            sizes = ["d >= 1" if size == -1 else str(size) for size in shape]
            raise InvalidArgumentError(
                f"{name} has shape {array.shape} and dtype {array.dtype}; it must be numbers "
                f"{meaning} = [{', '.join(sizes)}]."
            )
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            row = int(np.argmin(np.isfinite(array).all(axis=1)))
            raise InvalidArgumentError(
                f"{name} holds NaN or infinity in row {row}; judge finite numbers only."
            )
        checked.append(array)
    return checked[0], checked[1], checked[2]
