"""Advice for runs whose premise was not met: causes, concluded from what was measured."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tellapart.properties.suite.advice_contract import from_contract
from tellapart.properties.suite.advice_forms import forms_of
from tellapart.properties.suite.advice_item import (
    CAUSES,
    STRENGTHS,
    Advice,
    Strength,
    by_likelihood,
    numbers_of,
)
from tellapart.properties.suite.advice_merge import merge_advice
from tellapart.properties.suite.advice_residuals import from_residuals
from tellapart.properties.suite.advice_structure import from_capacity, from_label
from tellapart.properties.suite.advice_training import from_training
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.verdict import Grade, Verdict

if TYPE_CHECKING:
    from tellapart.models.contract.findings import ContractReport
    from tellapart.models.subject import Subject, SubjectError
    from tellapart.properties.check_report import CheckReport

__all__ = ["CAUSES", "STRENGTHS", "Advice", "Strength", "advise", "advise_error", "merge_advice"]


def advise(
    report: "CheckReport",
    contract: "ContractReport | None" = None,
    subject: "Subject | None" = None,
) -> tuple[Advice, ...]:
    """Say why a check did not hold, from what it measured, and what to change.

    Parameters
    ----------
    report
        Of the check.
    contract
        Of :func:`~tellapart.models.contract.probe.probe` on the same factory and system: it names
        frozen encoders, detached heads and stopped gradients.
    subject
        The subject, trained or fresh: predictor and head are read as programs, to see whether they
        are linear or affine. Without it bounds that hold for such parts only are not claimed.

    Returns
    -------
    tuple of Advice
        Most likely first: what is proved, then what was measured, then what is possible. Empty
        for ``holds``, and only then.

    Raises
    ------
    InvalidArgumentError
        When an argument is of the wrong type, or the subject does not fit the report.

    Notes
    -----
    O(n² d + n |A| d²) for n observations, and one closing of words (S12) up to 200 blocks.
    Advice takes no part in any verdict.

    Examples
    --------
    >>> from tellapart.properties.check import check
    >>> from tellapart.theory.gallery import counting_chain
    >>> report = check("constant", on=counting_chain(9).with_labels([0] * 9))
    >>> advise(report)[0].text
    'The label is 0 on all 9 observations, so no pair has to be told apart and the theorem promises nothing.'
    """  # noqa: E501
    _check_arguments(report, contract, subject)
    if report.verdict is Verdict.HOLDS:
        return ()
    found = _first_of_each(_causes(report, contract, subject))
    if not any(advice.strength != "possible" for advice in found):
        found.append(_unexplained(report))
    return tuple(sorted(found, key=by_likelihood))


def _causes(
    report: "CheckReport", contract: "ContractReport | None", subject: "Subject | None"
) -> Iterator[Advice]:
    yield from from_label(report)
    if not report.audit.n_must_separate:
        return
    forms = forms_of(report, subject)
    yield from from_capacity(report, forms)
    if report.judgement.grade is not Grade.UNMET:
        yield from _premise_met(report)
        return
    measured = report.judgement.resolution
    ratios = numbers_of(dynamics_ratio=measured.dynamics_ratio, aux_ratio=measured.aux_ratio)
    yield from from_contract(contract, ratios)
    yield from from_training(report)
    yield from from_residuals(report, forms)


def _first_of_each(found: Iterable[Advice]) -> list[Advice]:
    """Keep the strongest advice of each cause, the first of equals."""
    kept: dict[str, Advice] = {}
    for advice in found:
        known = kept.get(advice.cause)
        if known is None or by_likelihood(advice) < by_likelihood(known):
            kept[advice.cause] = advice
    return list(kept.values())


def _premise_met(report: "CheckReport") -> Iterator[Advice]:
    """Explain a met premise: the grade was not enough, or the merge tolerance is coarse."""
    judgement, apart = report.judgement, report.judgement.separation
    ratio = judgement.resolution.ratio
    if report.verdict is Verdict.COLLAPSED:
        yield Advice(
            "below-tolerance",
            f"The premise is met (ratio {ratio:.3g}), but {apart.n_merged} of "
            f"{apart.n_must_separate} pairs are at most {apart.threshold:.3g} apart, "
            f"{apart.merge_tolerance:g} of the rms distance {apart.rms:.3g}.",
            "Spread the codes more evenly (a variance term, normalised latents), or lower "
            "merge_tolerance if such distances are meant.",
            "measured",
            numbers_of(ratio=ratio, merged=apart.n_merged, threshold=apart.threshold),
        )
    elif judgement.required is not None and judgement.grade.rank < judgement.required.rank:
        fix = "Train to smaller residuals, in float64 where that is possible."
        if report.precision.reason is not None:
            fix = f"Write the subject so that it is exactly evaluable: {report.precision.reason}"
        yield Advice(
            "grade-too-low",
            f"The premise is {judgement.grade.value} (ratio {ratio:.3g}), and "
            f"{judgement.required.value} was required.",
            fix,
            "measured",
            numbers_of(ratio=ratio, rank=judgement.grade.rank, required=judgement.required.rank),
        )


def _unexplained(report: "CheckReport") -> Advice:
    measured = report.judgement.resolution
    return Advice(
        "unexplained",
        f"The worst residuals are {measured.dynamics_ratio:.3g} (dynamics) and "
        f"{measured.aux_ratio:.3g} (auxiliary) times what is allowed, and nothing that was "
        "measured says why.",
        "Pass the contract report and the subject as well; a subject without a fit of its own is "
        "trained by tellapart, which records its losses.",
        "measured",
        numbers_of(dynamics_ratio=measured.dynamics_ratio, aux_ratio=measured.aux_ratio),
    )


def advise_error(
    error: "SubjectError", contract: "ContractReport | None" = None
) -> tuple[Advice, ...]:
    """Say why a subject could not be checked at all: BatchNorm in train mode, NaN, bad shapes.

    Parameters
    ----------
    error
        What the check raised; its message names part and fix.
    contract
        As in :func:`advise`.

    Returns
    -------
    tuple of Advice
        The findings of the contract that are broken and explain it, then the error itself.

    Raises
    ------
    InvalidArgumentError
        When an argument is of the wrong type.
    """
    from tellapart.models.subject import SubjectError

    if not isinstance(error, SubjectError):
        raise InvalidArgumentError(
            f"error is of type {type(error).__name__}; it must be the SubjectError that check "
            "raised."
        )
    _check_contract(contract)
    found = [advice for advice in from_contract(contract) if advice.strength == "measured"]
    text = f"The check ended with an error: {error}"
    last = Advice("unexplained", text, "Do what the message says, then check again.", "measured")
    return (*sorted(_first_of_each(found), key=by_likelihood), last)


def _check_arguments(report: Any, contract: Any, subject: Any) -> None:
    from tellapart.models.subject import Subject
    from tellapart.properties.check_report import CheckReport

    if not isinstance(report, CheckReport):
        raise InvalidArgumentError(
            f"report is of type {type(report).__name__}; it must be the CheckReport that check "
            "returned."
        )
    _check_contract(contract)
    if subject is not None and not isinstance(subject, Subject):
        raise InvalidArgumentError(
            f"subject is of type {type(subject).__name__}; it must be a Subject, such as "
            "factory(mdp, seed) returns, or None."
        )


def _check_contract(contract: Any) -> None:
    from tellapart.models.contract.findings import ContractReport

    if contract is not None and not isinstance(contract, ContractReport):
        raise InvalidArgumentError(
            f"contract is of type {type(contract).__name__}; it must be the ContractReport that "
            "probe returned, or None."
        )
