"""Time and memory of loading logged transitions; one process for each way in.

    python tests/benchmarks/data_loading.py --rows 10000000 --audit

Writes a log of a random deterministic system (rows / 10 observations, 8 actions, labels of all) to
a temporary folder, and loads it: Parquet with integer and with string names, CSV, and episodes of
16 x 16 images (rows / 100 steps). With --audit each is audited, too, in the same process. Prints,
for each, seconds of wall clock and of processor, and the peak resident memory of the process
(VmHWM), imports included.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WAYS = ("parquet-integers", "parquet-strings", "csv-integers", "episodes-images")


def log(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Draw transitions of a random system with 8 actions."""
    rng = np.random.default_rng(seed)
    n_obs = max(rows // 10, 8)
    successors = rng.integers(0, n_obs, (n_obs, 8), dtype=np.int64)
    observation = rng.integers(0, n_obs, rows)
    action = rng.integers(0, 8, rows)
    return {
        "observation": observation,
        "action": action,
        "next_observation": successors[observation, action],
        "label": observation % 5,
    }


def write(way: str, rows: int, folder: Path) -> Path | None:
    """Write the file of one way in; episodes are made in the process that loads them."""
    import pyarrow as pa
    import pyarrow.compute
    import pyarrow.csv
    import pyarrow.parquet

    if way == "episodes-images":
        return None
    table = pa.table(log(rows))
    if way == "csv-integers":
        pa.csv.write_csv(table, folder / "log.csv")
        return folder / "log.csv"
    if way == "parquet-strings":
        for k, name in ((0, "observation"), (2, "next_observation")):
            text = pa.compute.binary_join_element_wise("cell", table[name].cast("string"), "-")
            table = table.set_column(k, name, text)
    pa.parquet.write_table(table, folder / f"{way}.parquet")
    return folder / f"{way}.parquet"


def episodes(steps: int, length: int = 100) -> list[dict[str, np.ndarray]]:
    """Walk at random over a grid of 64 x 64 cells that is shown as a 16 x 16 image."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (4096, 16, 16), dtype=np.uint8)
    result = []
    for _ in range(max(steps // length, 1)):
        actions = rng.integers(0, 4, length)
        moves = np.array([[0, 1], [0, -1], [1, 0], [-1, 0]])[actions]
        cells = np.vstack([[0, 0], np.cumsum(moves, axis=0)]) % 64
        codes = cells @ [64, 1]
        result.append({"observations": images[codes], "actions": actions, "labels": codes % 3})
    return result


def measure(way: str, rows: int, path: str, and_audit: bool) -> dict[str, float | str]:
    """Load in this process; what comes before, the import of NumPy, is not counted."""
    from tellapart.theory.audit import audit
    from tellapart.theory.data.transitions import TransitionData

    logged = episodes(rows // 100) if way == "episodes-images" else []
    wall, processor = time.perf_counter(), time.process_time()
    if way.startswith("parquet"):
        data = TransitionData.from_parquet(path)
    elif way.startswith("csv"):
        data = TransitionData.from_csv(path)
    else:
        data = TransitionData.from_episodes(logged)
    if and_audit:
        audit(data)
    spent = time.perf_counter() - wall, time.process_time() - processor
    peak = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
    return {
        "data": repr(data),
        "wall": spent[0],
        "processor": spent[1],
        "peak_gib": int(peak[0].split()[1]) / 2**20,
    }


def main() -> None:
    """Run every way in, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--ways", nargs="*", default=WAYS, choices=WAYS)
    parser.add_argument("--audit", action="store_true", help="audit what was loaded, too")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        way, path = arguments.measure
        print(json.dumps(measure(way, arguments.rows, path, arguments.audit)))
        return
    print(f"{'way':18} {'wall s':>8} {'cpu s':>8} {'peak GiB':>9}  data")
    for way in arguments.ways:
        with tempfile.TemporaryDirectory() as folder:
            path = write(way, arguments.rows, Path(folder))
            command = [sys.executable, __file__, "--rows", str(arguments.rows)]
            command += ["--audit"] * arguments.audit
            done = subprocess.run(
                [*command, "--measure", way, str(path)], check=True, capture_output=True, text=True
            )
        found = json.loads(done.stdout)
        print(
            f"{way:18} {found['wall']:8.2f} {found['processor']:8.2f} {found['peak_gib']:9.2f}  "
            f"{found['data']}"
        )


if __name__ == "__main__":
    main()
