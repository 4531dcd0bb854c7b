"""Every subject with a name: the zoo, what breaks the contract, and the built-in designs."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tellapart.models.designs import DESIGNS
from tellapart.models.zoo.breakers import BREAKERS
from tellapart.models.zoo.pixels import PIXELS
from tellapart.models.zoo.registry import ZOO
from tellapart.theory.naming import entry_named

__all__ = ["SUBJECTS", "subject_named"]

Factory = Callable[..., Any]

#: Factories by name; ``breaks-RULE`` breaks that rule of the contract.
SUBJECTS: Mapping[str, Factory] = MappingProxyType(
    {
        **{name: entry.build for name, entry in ZOO.items()},
        **PIXELS,
        **{f"breaks-{rule}": build for rule, build in BREAKERS.items()},
        **{name: one.build for name, one in DESIGNS.items() if name not in ZOO},
    }
)


def subject_named(name: str) -> Factory:
    """Return a factory ``(mdp, seed) -> Subject`` by the name of its subject.

    A built-in design that has a training of its own (as ``dynamics-only``) is trained by it only
    under its own name; here it is built, and trained as any factory is.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> from tellapart.theory.gallery import pick
    >>> subject_named("breaks-seeds")(pick(), 0)
    Subject('subject': MLPEncoder, MLPPredictor, LinearHead; observations one-hot, 461 parameters)
    """
    return entry_named(SUBJECTS, name, "subject")
