"""Look at a saved file again: check certificates anew, measure reports and cases anew."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tellapart.properties.errors import ReplayError
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

if TYPE_CHECKING:  # certificates are checked without importing torch
    from tellapart.properties.check_report import CheckReport

__all__ = ["Replay", "ReplayedFile", "Replays", "replay", "replay_all"]

Progress = Callable[[str, int, int | None, str], None]


@register
@dataclass(frozen=True)
class Replay(Saved):
    """What a saved file says, and whether that is so.

    Attributes
    ----------
    saved
        What was saved: ``"Case"``, ``"MarginCertificate"``, ``"BoxCertificate"``,
        ``"CheckReport"`` or ``"GateCase"``.
    confirmed
        True when everything that the file claims was confirmed.
    text
        What was looked at and what came of it.
    """

    saved: str
    confirmed: bool
    text: str

    def explain(self) -> str:
        """Return the result in a few lines of text."""
        return f"{self.saved}: {'confirmed' if self.confirmed else 'NOT confirmed'}\n{self.text}"


@register
@dataclass(frozen=True)
class ReplayedFile(Saved):
    """One file of several.

    Attributes
    ----------
    path
        The file.
    saved
        What was saved, as in :class:`Replay`; None when the file could not be replayed.
    confirmed
        True when everything that the file claims was confirmed.
    text
        What came of it, or why it could not be replayed.
    """

    path: str
    saved: str | None
    confirmed: bool
    text: str

    def line(self) -> str:
        """Return the file and what came of it as one line, the reason as more lines."""
        if self.confirmed:
            return f"{self.path}: confirmed ({self.saved})"
        answer = "cannot be replayed" if self.saved is None else f"NOT confirmed ({self.saved})"
        reason = self.text.replace("\n", "\n    ")
        return f"{self.path}: {answer}\n    {reason}"


@register
@dataclass(frozen=True)
class Replays(Saved):
    """What came of several files.

    Attributes
    ----------
    files
        One entry for each file, in order.
    """

    files: tuple[ReplayedFile, ...]

    @property
    def confirmed(self) -> bool:
        """True when every file was confirmed."""
        return all(file.confirmed for file in self.files)

    @property
    def n_confirmed(self) -> int:
        """How many files were confirmed."""
        return sum(file.confirmed for file in self.files)

    @property
    def n_unreadable(self) -> int:
        """How many files could not be replayed."""
        return sum(file.saved is None for file in self.files)

    def explain(self) -> str:
        """Return a line for each file, and how many were confirmed."""
        last = f"{self.n_confirmed} of {count(len(self.files), 'file')} confirmed."
        return "\n".join([*(file.line() for file in self.files), last])


def replay_all(paths: Sequence[str | Path], *, progress: Progress | None = None) -> Replays:
    """Replay several files, and all ``*.json`` files of folders.

    Parameters
    ----------
    paths
        Files and folders; the files of a folder are taken by name, those of its folders are not.
    progress
        As for :func:`replay`.

    Returns
    -------
    Replays
        Files that cannot be replayed are in it, with the reason.

    Raises
    ------
    ReplayError
        When there is no file at all.
    """
    files = [file for path in map(Path, paths) for file in _files(path)]
    if not files:
        shown = ", ".join(map(str, paths)) or "nothing"
        raise ReplayError(f"There is no .json file to replay in {shown}.")
    return Replays(tuple(_replayed(file, progress) for file in files))


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else [path]


def _replayed(path: Path, progress: Progress | None) -> ReplayedFile:
    try:
        found = replay(path, progress=progress)
    except ReplayError as error:
        return ReplayedFile(str(path), None, False, str(error))
    return ReplayedFile(str(path), found.saved, found.confirmed, found.text)


def replay(path: str | Path, *, progress: Progress | None = None) -> Replay:
    """Check a saved certificate, report or case again.

    Parameters
    ----------
    path
        A JSON file: a :class:`~tellapart.properties.cases.case.Case`, a certificate of margins
        (``tellapart check --certificate``) or of boxes, a report (``tellapart check --json``) or a
        case of a :class:`~tellapart.models.gate.CollapseGate`.
    progress
        Called with stage, done, total and a note.

    Returns
    -------
    Replay

    Raises
    ------
    ReplayError
        When the file cannot be read, or is none of these.
    """
    text = _read(Path(path))
    kind = _kind(text, Path(path))
    try:
        return _KINDS[kind](text, progress or _silent)
    except InvalidArgumentError as error:
        raise ReplayError(f"{path} cannot be replayed: {error}") from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayError(f"{path} cannot be read: {error}") from error


def _kind(text: str, path: Path) -> str:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReplayError(f"{path} is not JSON: {error}") from error
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ReplayError(
            f"{path} holds {f'a {kind}' if kind else 'no saved result'}; replay reads "
            f"{', '.join(_KINDS)}. Save a certificate with `tellapart check ... --certificate "
            "FILE`."
        )
    return kind


def _margins(text: str, progress: Progress) -> Replay:
    from tellapart.theory.margin_checker.checker import check_margins

    answer = check_margins(text, progress=progress)
    return Replay("MarginCertificate", answer.holds, answer.explain())


def _boxes(text: str, progress: Progress) -> Replay:
    from tellapart.models.boxes.certificate import BoxCertificate
    from tellapart.models.boxes.recheck import recheck_boxes

    progress("check", 0, None, "boxes")
    answer = recheck_boxes(BoxCertificate.from_json(text))
    return Replay("BoxCertificate", bool(answer), answer.explain())


def _report(text: str, progress: Progress) -> Replay:
    """Judge the saved codes again, and give a complete certificate to the checker."""
    from tellapart.properties.check_report import CheckReport

    report = CheckReport.from_json(text)
    lines = [f"{report.subject} on {report.source}, seed {report.seed}: {report.verdict}."]
    confirmed = True
    witness = report.judgement.witness
    if witness is not None:
        confirmed = _witness_holds(report)
        lines.append(
            f"Witness {witness.x!r} | {witness.y!r} "
            f"{'replayed' if confirmed else 'is not confirmed by the saved codes'}."
        )
    if report.margins is not None and report.margins.certified:
        answer = _margins(report.margins.certificate.to_json(), progress)
        confirmed = confirmed and answer.confirmed
        lines.append(answer.text)
    return Replay("CheckReport", confirmed, "\n".join(lines))


def _witness_holds(report: "CheckReport") -> bool:
    from tellapart.theory.witness_checker import replay_witness

    mdp, witness = report.mdp, report.judgement.witness
    if witness is None:
        return True
    word = [mdp.action_index(action) for action in witness.word]
    return replay_witness(
        mdp.successors.tolist(), mdp.labels, report.codes.tolist(),
        mdp.observation_index(witness.x), mdp.observation_index(witness.y), word,
        witness.threshold,
    )  # fmt: skip


def _case(text: str, progress: Progress) -> Replay:
    from tellapart.properties.cases.files import case_from_json
    from tellapart.properties.cases.replaying import replay_case

    case = case_from_json(text)
    progress("replay", 0, None, f"{case.about} {case.name}")
    answer = replay_case(case)
    return Replay("Case", answer.same, answer.explain())


def _gate_case(text: str, progress: Progress) -> Replay:
    from tellapart.models.gate_records import GateCase

    case = GateCase.from_json(text)
    now = case.measure()
    same = now.n_merged == case.reading.n_merged and now.collapsed
    found = f"Measured anew: {now.n_merged} of {now.n_must_separate} pairs are merged."
    return Replay("GateCase", same, f"{case.explain()}\n{found}")


_KINDS: dict[str, Callable[[str, Progress], Replay]] = {
    "MarginCertificate": _margins,
    "BoxCertificate": _boxes,
    "CheckReport": _report,
    "GateCase": _gate_case,
    "Case": _case,
}


def _silent(stage: str, done: int, total: int | None, note: str) -> None:
    """Report nothing."""
