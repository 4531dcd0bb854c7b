"""What the probes of the contract report: one finding each, and all of them together."""

import textwrap
from dataclasses import dataclass
from typing import Literal

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register

__all__ = ["ContractReport", "Finding", "Status", "broken", "fine", "not_applicable", "note"]

Status = Literal["ok", "broken", "note", "not applicable"]


@register
@dataclass(frozen=True)
class Finding(Saved):
    """What one probe found.

    Attributes
    ----------
    id
        Of the probe, such as ``"batch-independence"``.
    status
        ``"ok"``; ``"broken"``: a rule of the contract is broken; ``"note"``: allowed, but it
        changes what results mean; ``"not applicable"``: nothing to ask here, or the question has
        no answer because of an earlier finding.
    summary
        One sentence, with the part or module path it is about.
    detail
        The rule, and what was seen; may be empty.
    fix
        What to change; empty where nothing has to change.
    """

    id: str
    status: Status
    summary: str
    detail: str = ""
    fix: str = ""

    def explain(self) -> str:
        """Return the finding as text: a headline, then the rule and the fix, indented."""
        lines = [f"[{self.status}] {self.id}: {self.summary}"]
        texts = (self.detail, f"Fix: {self.fix}" if self.fix else "")
        lines += [textwrap.indent(_wrap(text, 94, ""), "  ") for text in texts if text]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Finding({self.id!r}, {self.status!r}: {self.summary})"


@register
@dataclass(frozen=True, repr=False)
class ContractReport(Saved):
    """All findings about one factory on one system.

    Attributes
    ----------
    subject
        Name of the subject, or of the factory when it built none.
    seed
        Given to the factory; ``seed + 1`` is the other seed.
    findings
        One for each probe, in the order of :data:`~tellapart.models.contract.probe.PROBES`.
    """

    subject: str
    seed: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Tell whether no finding is ``"broken"``."""
        return not self.broken

    @property
    def broken(self) -> tuple[Finding, ...]:
        """The findings that are ``"broken"``."""
        return self.having("broken")

    @property
    def notes(self) -> tuple[Finding, ...]:
        """The findings that are a ``"note"``."""
        return self.having("note")

    def having(self, status: Status) -> tuple[Finding, ...]:
        """Return the findings of one status, in order."""
        return tuple(finding for finding in self.findings if finding.status == status)

    def finding(self, id: str) -> Finding:
        """Return the finding of one probe.

        Raises
        ------
        InvalidArgumentError
            When there is no probe of that id.
        """
        for finding in self.findings:
            if finding.id == id:
                return finding
        names = ", ".join(finding.id for finding in self.findings)
        raise InvalidArgumentError(f"There is no probe {id!r}. Probes: {names}.")

    def explain(self) -> str:
        """Return what is broken and what is noted in full, and the rest in two lines."""
        head = "keeps" if self.ok else "breaks"
        lines = [f"{self.subject} {head} the contract ({self._counts()}; seed {self.seed})."]
        lines += [finding.explain() for finding in (*self.broken, *self.notes)]
        rest: tuple[Status, ...] = ("ok", "not applicable")
        for status in rest:
            names = ", ".join(finding.id for finding in self.having(status))
            if names:
                lines.append(_wrap(f"[{status}] {names}", 96, "  "))
        return "\n".join(lines)

    def _counts(self) -> str:
        statuses: tuple[Status, ...] = ("broken", "note", "ok", "not applicable")
        return ", ".join(f"{len(self.having(status))} {status}" for status in statuses)

    def __repr__(self) -> str:
        names = ", ".join(finding.id for finding in self.broken)
        return f"ContractReport({self.subject!r}: {self._counts()}{': ' * bool(names)}{names})"


def _wrap(text: str, width: int, indent: str) -> str:
    """Break lines between words only, never inside names with hyphens or long paths."""
    return textwrap.fill(
        text, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )


def fine(id: str, summary: str) -> Finding:
    """Return a finding without complaint."""
    return Finding(id, "ok", summary)


def broken(id: str, summary: str, detail: str, fix: str) -> Finding:
    """Return a finding that says which rule is broken, and the fix."""
    return Finding(id, "broken", summary, detail, fix)


def note(id: str, summary: str, detail: str, fix: str = "") -> Finding:
    """Return a finding that is allowed, but changes what results mean."""
    return Finding(id, "note", summary, detail, fix)


def not_applicable(id: str, summary: str) -> Finding:
    """Return a finding of a probe that has nothing to ask."""
    return Finding(id, "not applicable", summary)
