"""Strategies for scenes, and an independent count of what a frame shows."""

import numpy as np
from hypothesis import strategies as st

from tellapart.models.counting.glyphs import counting_glyphs
from tellapart.models.counting.scenes import draw_scenes

SEEDS = st.integers(0, 2**32 - 1)
COUNTS = st.lists(st.integers(0, 8), min_size=1, max_size=6)


@st.composite
def scenes(draw, counts=COUNTS):
    numbers = draw(counts)
    n = len(numbers)
    shapes = draw(st.none() | st.lists(st.integers(0, 3), min_size=n, max_size=n))
    bits = draw(st.none() | st.lists(st.integers(0, 1), min_size=n, max_size=n))
    glyphs = draw(st.none() | st.integers(0, 5).map(counting_glyphs))
    return draw_scenes(numbers, draw(SEEDS), shapes=shapes, bits=bits, glyphs=glyphs)


def connected_parts(frame):
    """Count the connected parts that differ from the commonest colour, by flood fill."""
    values, times = np.unique(frame.reshape(-1, 3), axis=0, return_counts=True)
    todo = {tuple(p) for p in np.argwhere((frame != values[times.argmax()]).any(axis=2)).tolist()}
    parts = 0
    while todo:
        parts += 1
        stack = [todo.pop()]
        while stack:
            y, x = stack.pop()
            near = {(y + v, x + u) for v in (-1, 0, 1) for u in (-1, 0, 1)} & todo
            todo -= near
            stack.extend(near)
    return parts
