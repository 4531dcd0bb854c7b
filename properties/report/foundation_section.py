"""What the section of a page shows about what a verdict rests on."""

from typing import Any

from tellapart.properties.foundations import known_by
from tellapart.theory.foundations.foundation import Foundation

__all__ = ["foundation_section"]


def foundation_section(foundation: Foundation) -> dict[str, Any]:
    """Return the foundation, and how each of its statements is known, for the template."""
    return {"foundation": foundation, "known": known_by(foundation.statements)}
