"""A case: something that failed, saved so that anyone can see it fail again."""

import hashlib
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tellapart.theory.serialise import Saved, dumps, register

__all__ = ["SCHEMA", "Case", "case_of", "fingerprint", "package_versions"]

#: Version of the format; older ones stay readable (:mod:`tellapart.properties.cases.migrations`).
SCHEMA = 1

_PACKAGES = ("tellapart", "hypothesis", "numpy", "torch")


@register
@dataclass(frozen=True)
class Case(Saved):
    """A saved instance of a failure or of a counterexample.

    Attributes
    ----------
    schema
        Version of the format.
    about
        What it is an instance of: ``"law"``, ``"counterexample"`` or ``"check"``.
    name
        Name of the law, of the dropped hypothesis, or of the subject.
    content
        Everything that is needed to see it again: systems, codes or weights, seeds. A saved
        result of tellapart.
    outcome
        What came of it, as pairs ``(name, value)``; replaying computes them anew and compares.
    versions
        Pairs (package, version) that wrote it.
    digest
        :func:`fingerprint` of ``content``; two cases of one digest are the same case.
    """

    schema: int
    about: str
    name: str
    content: Any
    outcome: tuple[tuple[str, Any], ...]
    versions: tuple[tuple[str, str], ...]
    digest: str

    def __repr__(self) -> str:
        return f"Case({self.about} {self.name}, {self.digest[:12]})"


def case_of(about: str, name: str, content: Any, outcome: dict[str, Any]) -> Case:
    """Make a case of a saved result and of what came of it; values must be what JSON can hold."""
    return Case(
        SCHEMA,
        about,
        name,
        content,
        tuple(outcome.items()),
        package_versions(),
        fingerprint(content),
    )


def fingerprint(content: Any) -> str:
    """Return the SHA-256 of the saved form of a result, 64 hexadecimal digits."""
    return hashlib.sha256(dumps(content).encode()).hexdigest()


def package_versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of Python and of the packages that decide numbers."""
    found = [("python", platform.python_version())]
    for package in _PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:  # an optional one
            continue
    return tuple(found)
