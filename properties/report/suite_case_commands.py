"""What to type to see one case again: a command, Python, and a name that a link can carry."""

import glob
import re
import shlex
from collections.abc import Iterable
from keyword import iskeyword

from tellapart.models.designs import DESIGNS
from tellapart.properties.report.wording import name_text
from tellapart.properties.suite.outcomes import CaseResult
from tellapart.properties.suite.results import Report
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

__all__ = ["anchors", "case_command", "case_python", "run_command"]

_LONGEST = 400


def anchors(names: Iterable[str], prefix: str) -> list[str]:
    """Return an id of a page for each name, the same for the same names; no two are equal.

    Examples
    --------
    >>> anchors(["exact-counting/a-0", "my check/<b>", "my check/(b)"], "case-")
    ['case-exact-counting/a-0', 'case-my-check/-b-', 'case-my-check/-b--2']
    """
    found: dict[str, None] = {}
    for name in names:
        plain = prefix + re.sub(r"[^A-Za-z0-9_./-]+", "-", name)
        unique, n = plain, 1
        while unique in found:
            n += 1
            unique = f"{plain}-{n}"
        found[unique] = None
    return list(found)


def run_command(report: Report) -> str | None:
    """Return the command that runs the whole suite again; None for a factory given in Python."""
    return _command(report, [])


def case_command(report: Report, case: CaseResult) -> str | None:
    """Return the command that runs one case again; None for a factory given in Python."""
    return _command(report, ["--only", _pattern(case)])


def _command(report: Report, options: list[str]) -> str | None:
    if not _is_named(report.subject):
        return None
    subject, profile = name_text(report.subject, _LONGEST), name_text(report.profile)
    words = ["tellapart", "suite", subject, "--profile", profile, "--seed", str(report.seed)]
    words += options
    tolerance = _tolerance(report)
    if tolerance is not None:
        words += ["--merge-tolerance", repr(tolerance)]
    return shlex.join(words)


def case_python(report: Report, case: CaseResult) -> str:
    """Return Python that runs one case again."""
    named = _is_named(report.subject)
    subject = repr(name_text(report.subject, _LONGEST)) if named else _factory(report.subject)
    lines = ["from tellapart.properties.suite.running import check_encoder", ""]
    if not named:
        lines.append(f"# {subject}: the factory that was tested; import or define it first")
    tolerance = _tolerance(report)
    extra = "" if tolerance is None else f"    merge_tolerance={tolerance!r},\n"
    lines.append(
        f"report = check_encoder(\n    {subject},\n    profile={name_text(report.profile)!r},\n"
        f"    seed={report.seed},\n    only=[{_pattern(case)!r}],\n{extra}    on_fail=None,\n)"
    )
    lines.append("print(report.explain())")
    return "\n".join(lines)


def _pattern(case: CaseResult) -> str:
    """Return the pattern that matches this case and no other."""
    return glob.escape(name_text(case.id, _LONGEST))


def _is_named(subject: str) -> bool:
    """Tell whether a subject can be found by its name alone."""
    return subject in DESIGNS or ":" in subject


def _factory(subject: str) -> str:
    usable = subject.isidentifier() and not iskeyword(subject)
    return subject if usable else "factory"


def _tolerance(report: Report) -> float | None:
    """Return the merge tolerance of a run where it is not the usual one."""
    given = report.merge_tolerance
    return None if given == DEFAULT_MERGE_TOLERANCE else given
