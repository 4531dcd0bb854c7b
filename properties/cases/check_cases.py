"""Cases of checks: an encoder on a system, to be trained again or judged again."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.models.designs import DESIGNS
from tellapart.properties.cases.case import Case, case_of
from tellapart.properties.cases.check_text import check_test
from tellapart.properties.check_report import CheckReport
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register
from tellapart.theory.verdict import Grade, Judgement, Proofs, judge

__all__ = ["CheckContent", "case_of_check", "outcome", "pytest_text"]

FloatArray = npt.NDArray[np.float64]

_NOT_RETRAINED = (
    "The weights were not trained again, since a replay runs no code but that of tellapart: the "
    "verdict was judged anew from the saved codes and residuals, and proofs about the weights were "
    "taken as saved."
)


@register
@dataclass(frozen=True, eq=False)
class CheckContent(Saved):
    """Everything that is needed to repeat a check.

    Attributes
    ----------
    mdp
        The system.
    subject, seed
        What was checked, and the seed of building and training.
    source
        Where the system came from, in words.
    retrain
        Whether replaying builds and trains the subject again: it is a built-in design.
    codes, dynamics_residuals, aux_residuals
        As in :class:`~tellapart.properties.check_report.CheckReport`.
    dtype
        Floating type the encoder computed in.
    merge_tolerance, epsilon
        As in :func:`~tellapart.theory.separation.separation`.
    required
        The grade that was asked for, or None.
    proofs
        What was proved about the weights.
    """

    mdp: DeterministicMDP
    subject: str
    seed: int
    source: str
    retrain: bool
    codes: FloatArray
    dynamics_residuals: FloatArray
    aux_residuals: FloatArray
    dtype: str
    merge_tolerance: float
    epsilon: float
    required: str | None
    proofs: Proofs

    def __post_init__(self) -> None:
        n, n_actions = self.mdp.n_obs, self.mdp.n_actions
        _check_array("codes", self.codes, (n, None))
        _check_array("dynamics_residuals", self.dynamics_residuals, (n, n_actions))
        _check_array("aux_residuals", self.aux_residuals, (n,))
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or self.seed < 0:
            raise InvalidArgumentError(f"seed is {self.seed!r}; it must be an integer >= 0.")
        for name, value in (("merge_tolerance", self.merge_tolerance), ("epsilon", self.epsilon)):
            if not isinstance(value, float | int) or not 0 <= value < 1:
                raise InvalidArgumentError(f"{name} is {value!r}; it must be in [0, 1).")

    @property
    def note(self) -> str:
        """What a replay cannot look at."""
        return "" if self.retrain else _NOT_RETRAINED

    def judge(self) -> Judgement:
        """Judge the saved codes and residuals anew; O(n² d).

        Residuals are all that is left of what the predictor and the head returned, so their
        answers are put at that distance from the target, in the first coordinate.
        """
        predicted = self.codes[self.mdp.successors].copy()
        predicted[:, :, 0] += self.dynamics_residuals
        read = self.mdp.label_vectors.copy()
        read[:, 0] += self.aux_residuals
        return judge(
            bisimulation(self.mdp),
            self.codes,
            predicted,
            read,
            proofs=self.proofs,
            require=None if self.required is None else Grade(self.required),
            epsilon=self.epsilon,
            merge_tolerance=self.merge_tolerance,
        )

    def __repr__(self) -> str:
        return f"CheckContent({self.subject!r} on {self.source!r}, seed {self.seed})"


def case_of_check(report: CheckReport, *, retrain: bool | None = None) -> Case:
    """Make a case of a check, to be saved, shared and replayed.

    Parameters
    ----------
    report
        Of :func:`tellapart.properties.check.check`. What it says of attacks and boxes is left out.
    retrain
        Whether replaying trains the subject again. Default: when the subject has the name of a
        built-in design. Code of yours is never run by a replay: its codes are judged again. Give
        False for a factory of yours that has the name of a design.

    Returns
    -------
    Case

    Raises
    ------
    InvalidArgumentError
        When ``report`` is none, or ``retrain`` is asked for what is no built-in design.
    """
    if not isinstance(report, CheckReport):
        raise InvalidArgumentError(
            f"case_of_check got a {type(report).__name__}; give it the result of check()."
        )
    known = report.subject in DESIGNS
    if retrain and not known:
        raise InvalidArgumentError(
            f"{report.subject!r} is no built-in design, so a replay cannot train it again; leave "
            "retrain out: its codes are then judged again."
        )
    judgement = report.judgement
    content = CheckContent(
        mdp=report.mdp,
        subject=report.subject,
        seed=report.seed,
        source=report.source,
        retrain=known if retrain is None else retrain,
        codes=report.codes,
        dynamics_residuals=report.dynamics_residuals,
        aux_residuals=report.aux_residuals,
        dtype=report.dtype,
        merge_tolerance=judgement.separation.merge_tolerance,
        epsilon=_epsilon(report.dtype),
        required=None if judgement.required is None else judgement.required.value,
        proofs=judgement.proofs,
    )
    measured = _measured(report) if content.retrain else {}
    return case_of("check", report.subject, content, {**_judged(judgement), **measured})


def outcome(case: Case) -> dict[str, Any]:
    """Compute the outcome of a case of a check anew.

    Raises
    ------
    InvalidArgumentError
        When the content is not that of a check, or does not fit together.
    """
    content = _content(case)
    if not content.retrain:
        try:
            return _judged(content.judge())
        except InternalError as error:  # the saved proofs contradict the saved codes
            return {"contradiction": str(error)}
    from tellapart.properties.check import check

    report = check(
        content.subject,
        content.mdp,
        seed=content.seed,
        merge_tolerance=content.merge_tolerance,
        require=content.required,
    )
    return {**_judged(report.judgement), **_measured(report)}


def pytest_text(case: Case) -> str:
    """Return a test that asks what the case asks; it fails until the subject keeps its pair apart.

    Raises
    ------
    InvalidArgumentError
        When the content is not that of a check, or nothing failed.
    """
    content = _content(case)
    witness = content.judge().witness
    if witness is None:
        raise InvalidArgumentError(
            f"The check of {content.subject!r} merged no pair that must be told apart, so there is "
            "no test that fails; make one of a check with the verdict collapsed."
        )
    return check_test(content.mdp, content.subject, content.seed, content.merge_tolerance, witness)


def _content(case: Case) -> CheckContent:
    if not isinstance(case.content, CheckContent):
        raise InvalidArgumentError(
            f"The content of this case is a {type(case.content).__name__}, not that of a check; "
            "make one with case_of_check()."
        )
    if case.content.retrain and case.content.subject not in DESIGNS:
        raise InvalidArgumentError(
            f"There is no design named {case.content.subject!r} in this version of tellapart; the "
            f"designs are {', '.join(DESIGNS)}."
        )
    return case.content


def _judged(judgement: Judgement) -> dict[str, Any]:
    """Return what a judgement says of the codes."""
    apart, witness = judgement.separation, judgement.witness
    return {
        "verdict": judgement.verdict.value,
        "grade": judgement.grade.value,
        "n_merged": apart.n_merged,
        "n_must_separate": apart.n_must_separate,
        "witness": None if witness is None else (witness.x, witness.y),
        "word": None if witness is None else witness.word,
        "distance": None if witness is None else witness.distance,
    }


def _measured(report: CheckReport) -> dict[str, Any]:
    """Return what training gives: it is the same to the last bit, or it is not the same."""
    codes = np.ascontiguousarray(report.codes, dtype="<f8")
    digest = hashlib.sha256(repr(codes.shape).encode() + codes.tobytes())
    return {
        "codes_sha256": digest.hexdigest(),
        "dynamics_loss": report.dynamics_loss,
        "aux_loss": report.aux_loss,
        "steps": None if report.training is None else report.training.steps,
    }


def _check_array(name: str, array: Any, shape: tuple[int | None, ...]) -> None:
    right = isinstance(array, np.ndarray) and array.dtype == np.float64
    if not right or array.ndim != len(shape) or not np.isfinite(array).all():
        raise InvalidArgumentError(f"{name} must be a finite float64 array {_shape(shape)}.")
    if any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        raise InvalidArgumentError(
            f"{name} has shape {list(array.shape)}; it must be {_shape(shape)}."
        )


def _shape(shape: tuple[int | None, ...]) -> str:
    return f"[{', '.join('d' if size is None else str(size) for size in shape)}]"


def _epsilon(dtype: str) -> float:
    """Return the unit of rounding of a floating type of torch, by its name."""
    import torch

    return float(torch.finfo(getattr(torch, dtype)).eps)
