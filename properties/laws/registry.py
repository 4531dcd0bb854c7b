"""All laws by name: what the modules ``s01_...`` to ``s13_...`` of this package define."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from tellapart.properties import laws as _package
from tellapart.properties.laws.law import Law
from tellapart.theory.errors import InternalError
from tellapart.theory.naming import entry_named

__all__ = ["LAWS", "law_named", "laws_named"]


def _modules() -> list[str]:
    """Return the names of the modules of statements, in the order of the statements."""
    names = [module.name for module in iter_modules(_package.__path__)]
    return sorted(name for name in names if name[:1] == "s" and name[1:3].isdigit())


def _collected() -> Mapping[str, Law]:
    found: dict[str, Law] = {}
    for name in _modules():
        for law in import_module(f"{_package.__name__}.{name}").LAWS:
            if law.id in found:
                raise InternalError(f"Two laws have the name {law.id!r}; the second is in {name}.")
            found[law.id] = law
    return MappingProxyType(found)


#: Every law by its name, in the order of the statements.
LAWS: Mapping[str, Law] = _collected()


def law_named(name: str) -> Law:
    """Return a law by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> law_named("S11").statement
    'S11'
    """
    return entry_named(LAWS, name, "law")


def laws_named(names: Iterable[str]) -> tuple[Law, ...]:
    """Return laws by name or by statement, each once, in the order of the statements.

    A name of a statement stands for all of its laws: ``"S4"`` for ``S4`` and ``S4-trained``.
    Nothing given is all laws.

    Raises
    ------
    InvalidArgumentError
        When a name is neither.

    Examples
    --------
    >>> {law.statement for law in laws_named(["S8", "S11"])} == {"S8", "S11"}
    True
    """
    wanted = set(names)
    known = set(LAWS) | {law.statement for law in LAWS.values()}
    for name in sorted(wanted - known, key=repr):
        law_named(name)
    return tuple(law for law in LAWS.values() if not wanted or {law.id, law.statement} & wanted)
