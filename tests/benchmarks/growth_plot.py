"""Measure bisimulation from a thousand to ten million observations and draw how time grows.

    OMP_NUM_THREADS=1 python tests/benchmarks/growth_plot.py \\
        --svg docs/_static/growth.svg --markdown docs/reference/peers.md

Every point is the least CPU time over the repeats, in a process of its own. Besides the picture a
table is printed: microseconds for each observation, and the slope of a straight line through the
points in the logarithmic picture (1 is linear growth).
"""

import argparse
import shlex
import sys
from pathlib import Path

import numpy as np
from bisimulation_families import FAMILIES, measure_alone
from peers_table import machine, write_section

__all__ = ["draw", "slope", "table"]

Points = dict[str, list[tuple[int, float]]]


def sizes(least: int, most: int) -> list[int]:
    """Return the powers of ten from ``least`` to ``most``, and half steps between them."""
    exponents = np.arange(np.log10(least), np.log10(most) + 0.01, 0.5)
    return [int(round(10**exponent, -2)) for exponent in exponents.tolist()]


def slope(points: list[tuple[int, float]]) -> float:
    """Return the slope of the regression line of log time on log size."""
    x, y = np.log(np.array(points)).T
    return float(np.polyfit(x, y, 1)[0])


def table(points: Points) -> str:
    """Return Markdown: microseconds for each observation, by family and size, and the slope."""
    wanted = sorted({n for line in points.values() for n, _ in line})
    head = ["system", *(f"n = {n:,}" for n in wanted), "slope"]
    rows = [head, ["---"] + ["---:"] * (len(head) - 1)]
    for family, line in points.items():
        costs = [f"{1e6 * seconds / n:.2f}" for n, seconds in line]
        rows.append([family, *costs, f"{slope(line):.2f}"])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def draw(points: Points, path: Path) -> None:
    """Write the picture; the same points give the same bytes."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams.update({"svg.hashsalt": "tellapart", "svg.fonttype": "none"})
    figure, axes = pyplot.subplots(figsize=(7.2, 4.6), layout="constrained")
    for marker, (family, line) in zip("osD^vPX*", points.items(), strict=False):
        axes.loglog(*zip(*line, strict=True), marker=marker, markersize=4, label=family)
    ends = np.array([min(n for line in points.values() for n, _ in line),
                     max(n for line in points.values() for n, _ in line)])  # fmt: skip
    least = min(seconds / n for line in points.values() for n, seconds in line)
    axes.loglog(ends, 0.5 * least * ends, color="0.5", linestyle="--", label="proportional to n")
    axes.set_xlabel("observations n")
    axes.set_ylabel("CPU seconds")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def main() -> None:
    """Measure, print the table and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--least", type=int, default=1000)
    parser.add_argument("--most", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--svg", type=Path, help="write the picture to this file")
    parser.add_argument("--markdown", type=Path, help="also write the table to this page")
    options = parser.parse_args()
    points: Points = {family: [] for family in FAMILIES}
    for family in FAMILIES:
        for n in sizes(options.least, options.most):
            found = measure_alone(family, n, "compiled", options.repeats)
            points[family].append((n, found["times"][0]))
    command = shlex.join(["python", "tests/benchmarks/growth_plot.py", *sys.argv[1:]])
    text = f"```text\nOMP_NUM_THREADS=1 {command}\n```\n\n{machine()}.\n\n{table(points)}\n"
    print(text)
    if options.markdown:
        write_section(options.markdown, "growth", text)
    if options.svg:
        draw(points, options.svg)


if __name__ == "__main__":
    main()
