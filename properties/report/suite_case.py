"""The cases of a run as the page shows them: which, in which order, and what each one says."""

import base64
from dataclasses import dataclass, field
from typing import Any

from tellapart.properties.cases.files import file_name
from tellapart.properties.report.suite_case_choice import chosen_cases, severity
from tellapart.properties.report.suite_case_commands import anchors, case_command, case_python
from tellapart.properties.report.suite_case_evidence import Evidence, evidence_of, witness_parts
from tellapart.properties.report.suite_case_facts import (
    MOST_LINES,
    MOST_SUMMARY,
    advice_rows,
    depth_rows_of,
    fact_rows,
    number_rows,
    told,
)
from tellapart.properties.report.wording import integer, name_text, number
from tellapart.properties.suite.outcomes import CaseResult, Outcome
from tellapart.properties.suite.results import Report
from tellapart.properties.suite.verdicts import SuiteVerdict

__all__ = ["CaseView", "SavedFile", "case_views"]

#: Pictures and saved cases are kept for so many cases, and up to so many characters in all.
_MOST_DRAWN, _MOST_PICTURES = 120, 2_000_000
_MOST_SAVED, _MOST_JSON = 50, 1_200_000
#: So many cases are told in full, those with most to say; the others in brief.
_MOST_FULL = 400
_MOST_NOTE, _BRIEF_LINES = 400, 6


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A case to be saved from the page and replayed: file name, ``data:`` address, command."""

    name: str
    address: str
    command: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case as text and pictures; every text can be put on a page once it is escaped.

    Attributes
    ----------
    anchor, id, check, scenario
        Where it is on the page, and its names.
    verdict
        The conclusion.
    summary, story
        What was found.
    pairs, premise, ratio, seconds
        Cells of the table of its check; empty where nothing was measured.
    facts
        Pairs (name, value) with everything that was measured.
    depths
        Rows (depth, pairs, merged, smallest relative distance).
    numbers
        Other measurements.
    witness, evidence
        See :mod:`.suite_case_evidence`; None where there is none.
    notes, advice
        As in the outcome.
    command, python
        To run it again; no command for a factory that was given in Python.
    saved
        The saved case; None where there is none on the page.
    has_case
        Whether the result itself holds a saved case.
    """

    anchor: str
    id: str
    check: str
    scenario: str
    verdict: SuiteVerdict
    summary: str
    story: str
    pairs: str
    premise: str
    ratio: str
    seconds: str
    facts: tuple[tuple[str, str], ...]
    depths: tuple[tuple[str, str, str, str], ...]
    numbers: tuple[tuple[str, str], ...]
    witness: dict[str, Any] | None
    evidence: Evidence | None
    notes: tuple[str, ...]
    advice: tuple[tuple[str, str, str], ...]
    command: str | None
    python: str
    saved: SavedFile | None
    has_case: bool


@dataclass(slots=True)
class _Room:
    """What may still be put on the page."""

    seen: int = 0
    drawn: int = 0
    pictures: int = 0
    saved: int = 0
    json: int = 0
    known: dict[str, Evidence | None] = field(default_factory=dict)

    def evidence(self, outcome: Outcome) -> Evidence | None:
        if outcome.case is None or self.drawn >= _MOST_DRAWN or self.pictures >= _MOST_PICTURES:
            return None
        key = f"{outcome.case.digest}/{outcome.witness!r}"
        if key not in self.known:
            self.known[key] = evidence_of(outcome)
        found = self.known[key]
        if found is not None:
            self.drawn += 1
            self.pictures += found.size
        return found

    def file(self, outcome: Outcome) -> SavedFile | None:
        if outcome.case is None or self.saved >= _MOST_SAVED:
            return None
        data = base64.b64encode((outcome.case.to_json() + "\n").encode()).decode()
        if self.json + len(data) > _MOST_JSON:
            return None
        self.saved += 1
        self.json += len(data)
        name = file_name(outcome.case)
        address = f"data:application/json;base64,{data}"
        return SavedFile(name, address, f"tellapart replay {name}")


def case_views(report: Report, most_cases: int) -> dict[str, tuple[CaseView, ...]]:
    """Return the cases that the page shows, for each check.

    Parameters
    ----------
    report
        Of a run.
    most_cases
        How many cases are shown at most.

    Returns
    -------
    dict
        By id of the check; the worst cases first. Where there are too many, those that fail are
        chosen first, then those that show nothing, a like number of each check.
    """
    chosen = chosen_cases(report, most_cases)
    by_check: dict[str, list[CaseResult]] = {one.check: [] for one in report.results}
    for case in chosen:
        by_check[case.check].append(case)
    listed = [case for cases in by_check.values() for case in cases]
    names = anchors((_id(case) for case in listed), "case-")
    places = {case.id: name for case, name in zip(listed, names, strict=True)}
    room = _Room()
    views = {case.id: _view(report, case, places[case.id], room) for case in chosen}
    return {check: tuple(views[case.id] for case in cases) for check, cases in by_check.items()}


def _view(report: Report, case: CaseResult, anchor: str, room: _Room) -> CaseView:
    outcome = case.outcome
    plain = severity(case) > 1
    room.seen += 1
    brief = room.seen > _MOST_FULL
    apart = outcome.n_must_separate - outcome.n_merged
    return CaseView(
        anchor=anchor,
        id=_id(case),
        check=name_text(case.check),
        scenario=name_text(case.scenario, 120),
        verdict=case.verdict,
        summary=name_text(outcome.summary, MOST_SUMMARY),
        story=told(outcome.story, _BRIEF_LINES if brief else MOST_LINES),
        pairs=f"{integer(apart)} of {integer(outcome.n_must_separate)}"
        if outcome.n_must_separate
        else "",
        premise=name_text(outcome.grade or ""),
        ratio="" if outcome.ratio is None else number(outcome.ratio),
        seconds=f"{case.seconds:.2f}",
        facts=tuple(fact_rows(case, brief)),
        depths=() if brief else tuple(depth_rows_of(outcome)),
        numbers=() if brief else number_rows(outcome),
        witness=None if brief else witness_parts(outcome),
        evidence=None if plain else room.evidence(outcome),
        notes=tuple(name_text(note, _MOST_NOTE) for note in outcome.notes),
        advice=advice_rows(outcome.advice[:1] if brief else outcome.advice),
        command=case_command(report, case),
        python=case_python(report, case),
        saved=None if plain else room.file(outcome),
        has_case=outcome.case is not None,
    )


def _id(case: CaseResult) -> str:
    return name_text(case.id, 200)
