"""Measure how many counting frames are drawn in a second of process CPU time, on one thread.

Run ``OMP_NUM_THREADS=1 python tests/benchmarks/counting_frames.py``; it prints a table.
"""

import time

import numpy as np

from tellapart.models.counting.environment import CountingEnv
from tellapart.models.counting.frames import frames
from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.models.counting.scenes import draw_scenes

SIZES = (16, 32, 64)
BATCHES = (256, 8192)
REPEATS = 7

#: What is asked of frames of 32 x 32 pixels.
BAR = 60_000


def rate(n: int, size: int, glyphs: bool = False) -> float:
    """Return the median number of frames in a second, uniform counts, places drawn anew."""
    counts = np.random.default_rng(0).integers(0, 9, size=n)
    chosen = counting_glyphs() if glyphs else None
    rates = []
    for seed in range(REPEATS):
        start = time.process_time()
        frames(counts, seed, size=size, glyphs=chosen)
        rates.append(n / (time.process_time() - start))
    return float(np.median(rates))


def share_of_drawing(n: int, size: int) -> float:
    """Return which share of the time goes into drawing places, the rest into pixels."""
    counts = np.random.default_rng(0).integers(0, 9, size=n)
    start = time.process_time()
    for seed in range(REPEATS):
        draw_scenes(counts, seed)
    return (time.process_time() - start) / REPEATS * rate(n, size) / n


def steps(size: int, n: int = 2000) -> float:
    """Return the number of steps of the environment in a second, resets included."""
    env = CountingEnv(size=size)
    env.reset(seed=0)
    actions = np.random.default_rng(0).integers(2, size=n)
    start = time.process_time()
    for action in actions:
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()
    return n / (time.process_time() - start)


def main() -> None:
    """Print the table."""
    print("| size | frames at once | frames/s | glyphs/s | share of drawing places |")
    print("|---|---|---|---|---|")
    for size in SIZES:
        for n in BATCHES:
            plain, glyph = rate(n, size), rate(n, size, glyphs=True)
            print(
                f"| {size} | {n} | {plain:,.0f} | {glyph:,.0f} | {share_of_drawing(n, size):.0%} |"
            )
    worst = min(rate(n, 32) for n in BATCHES)
    print(f"32 x 32: {worst:,.0f} frames/s, {'above' if worst >= BAR else 'BELOW'} {BAR:,}.")
    print("environment steps/s:", ", ".join(f"{steps(size):,.0f} at {size}" for size in SIZES))


if __name__ == "__main__":
    main()
