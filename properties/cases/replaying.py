"""Replay a case: compute its outcome anew and compare it bit for bit."""

from dataclasses import dataclass
from typing import Any

from tellapart.properties.cases.case import Case, case_of, fingerprint
from tellapart.properties.cases.replayers import replayer
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, dumps, register

__all__ = ["ABSENT", "CaseReplay", "replay_case"]

_CHANGED = "The content was changed after the case was saved, so nothing was computed from it."
#: Stands in a difference for a value that one side does not have.
ABSENT = "(absent)"


@register
@dataclass(frozen=True)
class CaseReplay(Saved):
    """What came of a case now, beside what came of it when it was saved.

    Attributes
    ----------
    about, name, digest
        Of the case.
    same
        True when every value of the outcome is the same, bit for bit.
    differences
        Triples (name, stored value, value now), :data:`ABSENT` where there is none. The name
        ``digest`` says that the content is not what it was when the case was saved; then nothing
        is computed from it.
    versions_changed
        Triples (package, version that wrote the case, version now).
    note
        What the replay did not look at; empty when it looked at everything.
    """

    about: str
    name: str
    digest: str
    same: bool
    differences: tuple[tuple[str, Any, Any], ...]
    versions_changed: tuple[tuple[str, str, str], ...]
    note: str = ""

    def __bool__(self) -> bool:
        return self.same

    def explain(self) -> str:
        """Return the comparison in a few lines."""
        head = f"Case {self.about} {self.name}, {self.digest[:12]}: "
        lines = [head + ("the same outcome, bit for bit." if self.same else "the outcome differs.")]
        lines += [
            f"  {name}: {old!r} when saved, {new!r} now" for name, old, new in self.differences
        ]
        if self.versions_changed:
            changed = ", ".join(f"{p} {old} -> {new}" for p, old, new in self.versions_changed)
            lines.append(f"  Versions changed since: {changed}.")
        if self.note:
            lines.append(f"  {self.note}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        found = "same" if self.same else f"{len(self.differences)} differences"
        return f"CaseReplay({self.about} {self.name}, {self.digest[:12]}: {found})"


def replay_case(case: Case) -> CaseReplay:
    """Compute the outcome of a case from its content and compare it with the stored one.

    Parameters
    ----------
    case
        As loaded by :func:`~tellapart.properties.cases.files.load_case`.

    Returns
    -------
    CaseReplay

    Raises
    ------
    InvalidArgumentError
        When ``case`` is none, or of a kind that cannot be replayed.

    Notes
    -----
    Values are compared as they are saved: two floats are the same when all their digits are.
    Where a content has a ``note``, it says what cannot be replayed.
    """
    if not isinstance(case, Case):
        raise InvalidArgumentError(
            f"replay_case got a {type(case).__name__}; load a case with load_case(path)."
        )
    now = fingerprint(case.content)
    if now != case.digest:
        return _compared(case, (("digest", case.digest, now),), _CHANGED)
    outcome = replayer(case.about)(case)
    differences = _differences(dict(case.outcome), outcome)
    return _compared(case, differences, str(getattr(case.content, "note", "")))


def _compared(case: Case, differences: tuple[tuple[str, Any, Any], ...], note: str) -> CaseReplay:
    now = case_of(case.about, case.name, case.content, {}).versions
    changed = _differences(dict(case.versions), dict(now))
    return CaseReplay(
        case.about, case.name, case.digest, not differences, differences, changed, note
    )


def _differences(old: dict[str, Any], new: dict[str, Any]) -> tuple[tuple[str, Any, Any], ...]:
    names = [*old, *(name for name in new if name not in old)]
    pairs = ((name, old.get(name, ABSENT), new.get(name, ABSENT)) for name in names)
    return tuple(row for row in pairs if _bits(row[1]) != _bits(row[2]))


def _bits(value: Any) -> str:
    """Return the saved form: 1, 1.0 and True differ, as do 0.0 and -0.0."""
    return dumps((value,))
