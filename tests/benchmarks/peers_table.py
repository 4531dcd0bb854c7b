"""The comparison with the peers as Markdown."""

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from peers_tools import OURS, PEERS, Peer

__all__ = ["Cell", "Row", "machine", "render", "write_section"]


@dataclass
class Cell:
    """All runs of one tool on one instance: seconds and peak MiB, or why there are none."""

    seconds: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    why_not: str = ""

    @property
    def median(self) -> float | None:
        """Median of the seconds."""
        return statistics.median(self.seconds) if self.seconds else None


@dataclass
class Row:
    """One instance: what it is, its number of blocks, and a cell for each tool."""

    family: str
    n: int
    n_actions: int
    n_labels: int
    blocks: int
    cells: dict[str, Cell]


def machine() -> str:
    """Describe the machine and the versions that matter, in one line."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    kib = int(Path("/proc/meminfo").read_text().split()[1])
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba"))
    return (
        f"{os.cpu_count()} cores ({model}), {kib / 1024**2:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}"
    )


def write_section(path: Path, name: str, text: str) -> None:
    """Write a file; in one that has the marks ``<!-- name:begin -->`` and ``end``, between them."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    page = path.read_text() if path.exists() else ""
    if begin in page and end in page:
        before, rest = page.split(begin, 1)
        text = f"{before}{begin}\n{text.strip()}\n\n{end}{rest.split(end, 1)[1]}"
    path.write_text(text)


def render(rows: Sequence[Row], tools: Sequence[Peer], command: str, repeats: int) -> str:
    """Return the whole report: command, machine, times, memory, tools and what was left out."""
    names = [tool.name for tool in tools]
    titles = ["system", "observations", "actions", "blocks", *names]
    times, memory = [titles], [titles]
    for row in rows:
        head = [row.family, f"{row.n:,}", str(row.n_actions), f"{row.blocks:,}"]
        base = row.cells[OURS.name].median if OURS.name in row.cells else None
        times.append([*head, *(_time(row.cells[name], base) for name in names)])
        memory.append([*head, *(_memory(row.cells[name]) for name in names)])
    parts = [
        f"```text\n{command}\n```",
        f"{machine()}.",
        f"CPU seconds, median of repeated runs ({repeats}) in processes of their own, taken in "
        "turn; in brackets how many times as long as tellapart.",
        _table(times),
        "Peak memory of the process in MiB: interpreter, the tool's own model of the system and "
        "whatever built it included.",
        _table(memory),
        _tools(tools),
    ]
    left_out = _left_out(rows)
    return "\n\n".join([*parts, *([left_out] if left_out else [])]) + "\n"


def _time(cell: Cell, base: float | None) -> str:
    median = cell.median
    if median is None:
        return cell.why_not if cell.why_not.startswith(">") else "-"
    shown = f"{median:.2g}" if median < 1 else f"{median:.1f}"
    if not base or median is base:
        return shown
    ratio = median / base
    return f"{shown} ({ratio:.{0 if ratio >= 100 else 1 if ratio >= 0.1 else 2}f}x)"


def _memory(cell: Cell) -> str:
    return f"{max(cell.peaks):,.0f}" if cell.peaks else "-"


def _table(lines: Sequence[Sequence[str]]) -> str:
    head, *body = lines
    rule = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body))


_KEEPS = {
    "all": "all observations",
    "reachable": "those that observation 0 reaches",
    "live": "those that observation 0 reaches, with label 1 ahead",
}


def _tools(tools: Sequence[Peer]) -> str:
    lines = [["tool", "version", "the time includes", "blocks of", "run up to"]]
    lines += [
        [tool.name, tool.version, tool.timed, _KEEPS[tool.keeps], f"{tool.most:,}"]
        for tool in tools
    ]
    absent = [tool.name for tool in PEERS if not tool.is_here]
    note = f"\n\nNot installed on this machine: {', '.join(absent)}." if absent else ""
    return _table(lines) + note


def _left_out(rows: Sequence[Row]) -> str:
    found: dict[str, list[str]] = {}
    for row in rows:
        for name, cell in row.cells.items():
            if cell.why_not and not cell.why_not.startswith(">"):
                where = f"{row.family} ({row.n:,})"
                found.setdefault(f"{name}, {cell.why_not}", []).append(where)
    lines = [f"- {rule}: {'; '.join(where)}" for rule, where in sorted(found.items())]
    return "\n".join(["Left out by rule (`-` in the tables):", "", *lines]) if lines else ""
