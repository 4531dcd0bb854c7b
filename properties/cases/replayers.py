"""Which module computes the outcome of which cases; imported when first needed."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any

from tellapart.properties.cases.case import Case
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["REPLAYERS", "replayer", "replayer_module"]

#: Takes a case, returns the outcome of its content as computed now.
Outcome = Callable[[Case], dict[str, Any]]

#: ``module:function`` for each value of ``Case.about``. The function returns the outcome; the
#: module imports the classes of the content, and may have ``pytest_text(case) -> str``.
REPLAYERS: Mapping[str, str] = MappingProxyType(
    {
        "law": "tellapart.properties.laws.replaying:outcome",
        "counterexample": "tellapart.properties.counterexamples.replaying:outcome",
        "check": "tellapart.properties.cases.check_cases:outcome",
    }
)

#: Modules that register the classes of contents where the replayer does not import them itself.
_CLASSES = MappingProxyType({"law": "tellapart.properties.laws.registry"})


def replayer(about: Any) -> Outcome:
    """Return the function that computes the outcome of cases of this kind.

    Raises
    ------
    InvalidArgumentError
        When there is none.
    """
    module = replayer_module(about)
    found: Outcome = getattr(module, REPLAYERS[about].partition(":")[2])
    return found


def replayer_module(about: Any) -> ModuleType:
    """Return the module of :func:`replayer`, imported.

    Raises
    ------
    InvalidArgumentError
        When there are no cases of this kind.
    """
    if not isinstance(about, str) or about not in REPLAYERS:
        raise InvalidArgumentError(
            f"There are no cases about {about!r}; there are cases about {', '.join(REPLAYERS)}."
        )
    if about in _CLASSES:
        import_module(_CLASSES[about])
    return import_module(REPLAYERS[about].partition(":")[0])
