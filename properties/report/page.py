"""What every page shares: the environment of templates, versions, pictures, pairs."""

import platform
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from tellapart.properties.report.pictures import pictures
from tellapart.properties.report.rows import block_rows, trace_rows
from tellapart.properties.report.wording import count, integer, name_text, number, word_text
from tellapart.theory.bisimulation import Bisimulation

if TYPE_CHECKING:
    from tellapart.theory.audit import Audit, HardestPair
    from tellapart.theory.verdict import CollapseWitness

__all__ = ["environment", "pair_parts", "system_parts", "versions"]

_PACKAGES = ("numpy", "torch")


def versions() -> list[tuple[str, str]]:
    """Return what wrote the page: names and versions."""
    own = [("tellapart", version("tellapart")), ("Python", platform.python_version())]
    return own + [(name, version(name)) for name in _PACKAGES]


def system_parts(
    findings: "Audit", bisim: Bisimulation, witness: "CollapseWitness | None"
) -> dict[str, Any]:
    """Return what pages about a complete system show: versions, picture, hardest pair, blocks."""
    index = bisim.mdp.observation_index
    pair = witness or findings.hardest
    words = "the witness pair" if witness is not None else "the hardest pair to tell apart"
    ends = None if pair is None else (index(pair.x), index(pair.y))
    return {
        "findings": findings,
        "mdp": findings.mdp,
        "versions": versions(),
        "pictures": pictures(bisim, ends, words),
        "hardest": pair_parts(bisim, findings.hardest),
        "blocks": block_rows(bisim),
    }


def pair_parts(
    bisim: Bisimulation, pair: "HardestPair | CollapseWitness | None"
) -> dict[str, Any] | None:
    """Return a pair with its word and label traces as text."""
    if pair is None:
        return None
    return {
        "x": name_text(pair.x),
        "y": name_text(pair.y),
        "word": word_text(pair.word),
        "length": len(pair.word),
        "trace": trace_rows(bisim.mdp, pair.x, pair.y, pair.word),
        "distance": getattr(pair, "distance", None),
        "threshold": getattr(pair, "threshold", None),
    }


@cache
def environment() -> Environment:
    """Return the templates, ready to render."""
    made = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        {"named": name_text, "number": number, "integer": integer, "counted": count}
    )
    return made


def _template(name: str) -> str:
    return files("tellapart.properties.report").joinpath(name).read_text(encoding="utf-8")
