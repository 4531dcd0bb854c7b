"""Cases of laws: a failing example as a case, and what comes of it today."""

from pathlib import Path
from typing import Any

from tellapart.properties.cases.case import Case, case_of
from tellapart.properties.cases.files import save_case
from tellapart.properties.laws.law import Law, LawBroken
from tellapart.properties.laws.registry import law_named
from tellapart.properties.laws.summary import LawsReport
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["ANOTHER", "OWN", "case_of_law", "outcome", "save_cases", "subject_name"]

#: Names of subjects in results and cases that are not known-bad ones.
OWN, ANOTHER = "its own", "another"


def subject_name(law: Law, subject: Any) -> str:
    """Return what a subject is called in results: of the law, known to be bad, or another."""
    if subject is law.subject:
        return OWN
    return next((name for name, bad in law.bad.items() if bad is subject), ANOTHER)


def case_of_law(law: Law, subject: Any, example: Any, message: str) -> Case | None:
    """Make a case of a failing example; None when the example cannot be saved."""
    try:
        return case_of(
            "law", law.id, example, {"subject": subject_name(law, subject), "broken": message}
        )
    except InvalidArgumentError:  # an example of a law of yours that is no saved result
        return None


def outcome(case: Case) -> dict[str, Any]:
    """Check the example of a case anew, with the subject it broke then.

    Parameters
    ----------
    case
        A case about a law.

    Returns
    -------
    ``{"subject": name, "broken": message}``; the message is None when the example keeps the law.

    Raises
    ------
    InvalidArgumentError
        When the case is about something else, the law does not exist, or the subject was neither
        that of the law nor one of its known-bad ones.
    """
    if case.about != "law":
        raise InvalidArgumentError(f"{case!r} is about a {case.about}; give a case about a law.")
    law, name = law_named(case.name), dict(case.outcome).get("subject", OWN)
    if name != OWN and name not in law.bad:
        raise InvalidArgumentError(
            f"{case!r} was found with a subject that is not saved ({name!r}). Call "
            f"law_named({law.id!r}).check(case.content, subject) with that subject."
        )
    subject = law.subject if name == OWN else law.bad[name]
    try:
        law.check(case.content, subject)
    except LawBroken as error:
        return {"subject": name, "broken": str(error)}
    except Exception as error:
        return {"subject": name, "broken": f"the check raised {type(error).__name__}: {error}"}
    return {"subject": name, "broken": None}


def save_cases(report: LawsReport, folder: Path) -> tuple[Path, ...]:
    """Write the case of every broken law to a folder, which is made; return the files.

    A file is named after the law and the fingerprint of the example, so the same failure gives
    the same file.
    """
    cases = [result.case for result in report.broken if result.case is not None]
    if cases:
        folder.mkdir(parents=True, exist_ok=True)
    return tuple(save_case(case, folder) for case in cases)
