"""Run the laws against seeded bugs: ``python tests/meta/mutants/run.py [NAME ...] [--jobs 2]``.

Each job copies theory/, models/ and properties/ to a folder of its own, seeds one bug after the
other there, and runs the laws in a fresh process until the first one breaks: the one on record for
the bug, then the others, the quick ones first. Without a bug no law may break: that is run first.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # a script's own folder, also when imported by path

from mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("theory", "models", "properties")

#: Runs in the fresh process: laws in the order of their cost, until one breaks.
_CHILD = """
import json, sys, time
from dataclasses import replace
started = time.monotonic()
profile, likely, names = sys.argv[1], sys.argv[2], sys.argv[3:]
found = {"law": None, "message": None, "seconds": 0.0, "ran": 0}
try:
    import tellapart.theory
    assert sys.path[1] in tellapart.theory.__file__, tellapart.theory.__file__
    from tellapart.properties.laws.engine import run_law
    from tellapart.properties.laws.law import Cost
    from tellapart.properties.laws.profiles import PROFILES
    from tellapart.properties.laws.registry import laws_named
    chosen = replace(PROFILES[profile], shrink_seconds=0.01)
    order = {cost: place for place, cost in enumerate(Cost)}
    for law in sorted(laws_named(names), key=lambda law: (law.id != likely, order[law.cost])):
        result = run_law(law, profile=chosen)
        found["ran"] += 1
        if result.verdict.value == "broken":
            found.update(law=law.id, message=result.message)
            break
except Exception as error:
    found.update(law="(none could run)", message=f"{type(error).__name__}: {error}")
found["seconds"] = time.monotonic() - started
print(json.dumps(found))
"""


def copy_rooms(folder: Path) -> Path:
    """Copy the three rooms as one package ``tellapart``; return the folder to import from."""
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, folder / "tellapart" / room, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


def seeded(mutant: Mutant, text: str) -> str:
    """Return the text of a file with the bug in it; the old text must occur exactly once."""
    if text.count(mutant.old) != 1:
        raise ValueError(f"{mutant.name}: the old text occurs {text.count(mutant.old)} times.")
    return text.replace(mutant.old, mutant.new)


def run_laws(folder: Path, profile: str, likely: str, laws: list[str]) -> dict[str, Any]:
    """Run laws against the copy in ``folder``, a likely one first; return what broke first."""
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"OMP_NUM_THREADS": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis")}
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, profile, likely, *laws],
        cwd=folder, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    if not lines:
        raise RuntimeError(f"The process that runs the laws died:\n{done.stderr}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def run_mutant(
    folder: Path, mutant: Mutant | None, profile: str, laws: list[str]
) -> dict[str, Any]:
    """Seed one bug in the copy in ``folder``, run laws, and take the bug out again."""
    if mutant is None:
        return {"mutant": "(no bug)", **run_laws(folder, profile, "", laws)}
    file = folder / "tellapart" / mutant.file
    text, times = file.read_text(encoding="utf-8"), file.stat()
    file.write_text(seeded(mutant, text), encoding="utf-8")
    try:
        return {"mutant": mutant.name, **run_laws(folder, profile, mutant.law or "", laws)}
    finally:
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))  # compiled kernels stay valid


def main() -> int:
    """Print one line for each bug; return how many survived, or 100 when a law breaks without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="bugs by name; default: all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--profile", default="ci")
    parser.add_argument("--law", action="append", default=[], help="only these laws")
    parser.add_argument("--no-control", action="store_true", help="leave the run without a bug out")
    options = parser.parse_args()
    chosen = [m for m in MUTANTS if not options.names or m.name in options.names]
    tasks: list[Mutant | None] = [*([] if options.no_control else [None]), *chosen]
    folders: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as base, ThreadPoolExecutor(options.jobs) as pool:
        for job in range(options.jobs):
            folders.put(copy_rooms(Path(base) / str(job)))

        def one(task: Mutant | None) -> dict[str, Any]:
            folder = folders.get()
            try:
                return run_mutant(folder, task, options.profile, options.law)
            finally:
                folders.put(folder)

        started = time.monotonic()
        results = []
        for found in (done.result() for done in as_completed(pool.submit(one, t) for t in tasks)):
            results.append(found)
            broken = found["law"] or "survived"
            print(f"{found['mutant']:30} {broken:20} {found['seconds']:6.1f} s  "
                  f"{(found['message'] or '')[:90]}", flush=True)  # fmt: skip
    survivors = sum(r["law"] is None for r in results if r["mutant"] != "(no bug)")
    print(f"{len(chosen) - survivors} of {len(chosen)} caught, {time.monotonic() - started:.0f} s")
    control_broke = any(r["law"] is not None for r in results if r["mutant"] == "(no bug)")
    return 100 if control_broke else survivors


if __name__ == "__main__":
    sys.exit(main())
