"""Names, numbers and words as a person reads them, on the page and on the terminal alike."""

import math
from collections.abc import Hashable, Sequence
from itertools import groupby

from tellapart.theory.wording import count, integer

__all__ = ["aligned", "count", "integer", "name_text", "number", "word_text"]

#: Words up to this length are written out; longer ones as runs.
_PLAIN_WORD = 20
_MOST_RUNS = 16


def number(value: float) -> str:
    """Write a measured number with three digits."""
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    return f"{value:.3g}"


def name_text(name: Hashable, most: int = 60) -> str:
    """Write an observation, action or label as printable text of at most ``most`` characters.

    Control characters and lone surrogates, which no page can hold, become the replacement mark.
    """
    text = name if isinstance(name, str) else repr(name)
    text = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text)
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def word_text(word: Sequence[Hashable]) -> str:
    """Write a word of actions; runs of one action in a long word are counted."""
    if not word:
        return "(empty word: the labels differ at once)"
    if len(word) <= _PLAIN_WORD:
        return " ".join(name_text(action, 30) for action in word)
    runs = [(name_text(action, 30), len(list(group))) for action, group in groupby(word)]
    shown = [name if n == 1 else f"{name} (\u00d7{n})" for name, n in runs]
    if len(shown) > _MOST_RUNS:
        half = _MOST_RUNS // 2
        shown = [*shown[:half], "\u2026", *shown[-half:]]
    return f"{' '.join(shown)} \u2014 {len(word)} actions"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Write a table in columns: the first one to the left, the others to the right."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            entry.ljust(width) if k == 0 else entry.rjust(width)
            for k, (entry, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
