"""Small repairs of docstrings on their way from numpydoc to reStructuredText."""

import re
from typing import Any

from sphinx.application import Sphinx

#: What Sphinx makes of ``numpy.typing.ArrayLike``.
_ARRAY_LIKE = re.compile(
    r"[~\w.]*_Buffer \| [~\w.]*_SupportsArray\[.*?_NestedSequence\[complex \| bytes \| str\]"
)
_LITERAL_OR_BAR = re.compile(r"(``.*?``)|\|")


def split_names(lines: list[str]) -> list[str]:
    """Give each of several attributes that share a description an entry of its own."""
    result: list[str] = []
    inside = False
    for index, line in enumerate(lines):
        if index + 1 < len(lines) and re.fullmatch("-+", lines[index + 1]):
            inside = line == "Attributes"
        if inside and re.fullmatch(r"\w+(, \w+)+", line):
            block = []
            for below in lines[index + 1 :]:
                if below and not below.startswith(" "):
                    break
                block.append(below)
            *first, last = line.split(", ")
            for name in first:
                result += [name, *block]
            line = last
        result.append(line)
    return result


def escape_bars(line: str) -> str:
    """Write ``|A|`` for a number of elements, where reStructuredText sees a substitution."""
    return _LITERAL_OR_BAR.sub(lambda found: found[1] or r"\|", line)


def process_docstring(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
) -> None:
    """Repair one docstring in place, before napoleon reads it."""
    lines[:] = [escape_bars(line) for line in split_names(lines)]


def process_signature(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: Any, returns: Any
) -> tuple[Any, Any]:
    """Shorten types that nobody can read."""
    return tuple(  # type: ignore[return-value]
        part and _ARRAY_LIKE.sub("ArrayLike", part) for part in (signature, returns)
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Run before napoleon, which has the default priority of 500."""
    app.connect("autodoc-process-docstring", process_docstring, priority=400)
    app.connect("autodoc-process-signature", process_signature)
    return {"version": "1", "parallel_read_safe": True}
