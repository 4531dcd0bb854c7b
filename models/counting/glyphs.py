"""Nine fixed patterns that stand for the counts, so that nothing in a picture is ordered."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from tellapart.models.counting.border import as_integer

__all__ = ["OBJECTS", "SIDE", "Glyphs", "counting_glyphs"]

#: A glyph lights this many cells of a square of SIDE by SIDE cells.
OBJECTS, SIDE = 6, 4

Pattern = tuple[tuple[int, int], ...]

# Of the nine patterns: fixed for ever, so that a glyph is the same picture in every experiment.
_PATTERN_SEED = 20250912


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Which pattern stands for which count.

    Attributes
    ----------
    patterns
        Nine patterns, each of six cells ``(column, row)`` in ``0 .. 3``.
    order
        ``patterns[order[k]]`` is shown for count ``k``.
    """

    patterns: tuple[Pattern, ...]
    order: tuple[int, ...]

    def pattern_of(self, count: int) -> Pattern:
        """Return the cells that are lit for a count."""
        return self.patterns[self.order[count]]

    def explain(self) -> str:
        """Return the nine glyphs as text, in the order of the counts."""
        lit = [set(self.pattern_of(count)) for count in range(len(self.order))]
        rows = [
            "  ".join("".join(".#"[(x, y) in cells] for x in range(SIDE)) for cells in lit)
            for y in range(SIDE)
        ]
        heads = "  ".join(f"{count:<{SIDE}}" for count in range(len(lit))).rstrip()
        return "\n".join([heads, *rows])

    def __repr__(self) -> str:
        return f"Glyphs(order={self.order})"


def counting_glyphs(seed: int = 0) -> Glyphs:
    """Return the nine fixed glyphs under a random permutation.

    Parameters
    ----------
    seed
        Of the permutation; the nine patterns are always the same.

    Returns
    -------
    Glyphs
        All have the same number of cells, and none is a translate of another: neither the lit
        area nor the place tells the count, and no glyph is part of a larger one.

    Raises
    ------
    InvalidArgumentError
        When the seed is no integer >= 0.

    Notes
    -----
    The control for networks that count by themselves: with glyphs, only the dynamics order the
    counts.

    Examples
    --------
    >>> glyphs = counting_glyphs(seed=0)
    >>> [len(glyphs.pattern_of(count)) for count in range(9)]
    [6, 6, 6, 6, 6, 6, 6, 6, 6]
    """
    order = np.random.default_rng(as_integer("seed", seed, 0)).permutation(9)
    return Glyphs(_patterns(), tuple(order.tolist()))


@cache
def _patterns() -> tuple[Pattern, ...]:
    """Draw patterns until nine differ up to translation."""
    generator = np.random.default_rng(_PATTERN_SEED)
    found: dict[Pattern, Pattern] = {}
    while len(found) < 9:
        cells = np.sort(generator.choice(SIDE * SIDE, size=OBJECTS, replace=False))
        row, column = np.divmod(cells, SIDE)
        place = tuple(zip(column.tolist(), row.tolist(), strict=True))
        left, top = int(column.min()), int(row.min())
        found.setdefault(tuple((x - left, y - top) for x, y in place), place)
    return tuple(found.values())
