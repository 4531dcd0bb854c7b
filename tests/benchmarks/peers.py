"""Run bisimulation side by side with every peer that is installed.

    OMP_NUM_THREADS=1 python tests/benchmarks/peers.py --n 1000000 --repeats 3

The same tables go to every tool. Each run is a process of its own, tools taken in turn; what is
timed is the algorithm, in CPU time, without building the tool's model of the system. Block counts
are compared: a tool that finds another number ends the comparison with exit code 1. stormpy,
pynini, libmata, automata-lib, BisPy and AALpy are run where they can be imported, Boa (`boa`) and
mCRL2 (`ltsconvert`) where their programs lie on the path.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bisimulation_families import peak_mib
from peers_instances import FAMILIES, FIXED, Instance, build
from peers_table import Cell, Row, render, write_section
from peers_tools import OURS, PEERS, Peer, expected_blocks

TOOLS = {tool.name: tool for tool in (OURS, *PEERS)}


class BlocksDiffer(Exception):
    """A tool found another number of blocks."""


def run_child(tool: Peer, path: Path, limit: float) -> dict[str, float] | None:
    """Measure one tool on a saved instance in a process of its own; None beyond the limit."""
    command = [sys.executable, __file__, "--child", tool.name, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise RuntimeError(f"{tool.name} failed on {path.name}:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def child(name: str, path: Path) -> None:
    """Run one tool and print what was measured."""
    found = asdict(TOOLS[name].run(Instance.load(path)))
    found["peak_mib"] = found["peak_mib"] or peak_mib()
    print(json.dumps(found))


def compare(instance: Instance, tools: list[Peer], repeats: int, limit: float) -> Row:
    """Run all tools in turn on one instance, and compare their block counts."""
    expected = expected_blocks(instance)
    n, n_actions = instance.successors.shape
    cells = {tool.name: Cell(why_not=tool.why_not(instance) or "") for tool in tools}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "instance.npz")
        instance.save(path)
        for _ in range(repeats):
            for tool in tools:
                cell = cells[tool.name]
                if cell.why_not:
                    continue
                found = run_child(tool, path, limit)
                if found is None:
                    cell.why_not = f"> {limit:g} s"
                    continue
                if found["blocks"] != expected[tool.keeps]:
                    raise BlocksDiffer(
                        f"{tool.name} finds {found['blocks']} blocks in {instance.family}, n={n}; "
                        f"tellapart finds {expected[tool.keeps]}."
                    )
                cell.seconds.append(found["seconds"])
                cell.peaks.append(found["peak_mib"])
    return Row(instance.family, n, n_actions, instance.n_labels, expected["all"], cells)


def main() -> int:
    """Compare, print, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, nargs="+", default=[1_000_000], help="observations")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit", type=float, default=300, help="seconds for one process")
    parser.add_argument("--families", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--markdown", type=Path, help="also write the table to this page")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], Path(options.child[1]))
        return 0
    tools = [TOOLS[name] for name in options.tools if TOOLS[name].is_here]
    wanted = [(f, n) for n in options.n for f in options.families if f not in FIXED]
    wanted += [(family, 0) for family in options.families if family in FIXED]
    rows = []
    for family, n in wanted:
        print(f"{family}, {n or 'its own size'} ...", file=sys.stderr, flush=True)
        try:
            rows.append(compare(build(family, n), tools, options.repeats, options.limit))
        except BlocksDiffer as difference:
            print(difference, file=sys.stderr)
            return 1
    command = shlex.join(["python", "tests/benchmarks/peers.py", *sys.argv[1:]])
    text = render(rows, tools, f"OMP_NUM_THREADS=1 {command}", options.repeats)
    print(text)
    if options.markdown:
        write_section(options.markdown, "peers", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
