"""SUBJECT arguments: a built-in design, or a factory in the user's own code."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tellapart.models.designs import DESIGNS, Design
from tellapart.models.subject import Subject, SubjectError
from tellapart.properties.errors import SubjectSourceError
from tellapart.properties.user_code import named_function
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["Factory", "SubjectSource", "load_subject"]

Factory = Callable[[DeterministicMDP, int], Any]


@dataclass(frozen=True, slots=True)
class SubjectSource:
    """A named way to build subjects.

    Attributes
    ----------
    name
        For people and reports.
    factory
        ``(mdp, seed) -> Subject``, fresh and untrained.
    design
        The built-in design behind it, or None for the user's own code.
    """

    name: str
    factory: Factory
    design: Design | None = None

    def build(self, mdp: DeterministicMDP, seed: int) -> Subject:
        """Call the factory and make sure that it returned a subject.

        Raises
        ------
        SubjectError
            When the factory raises, or returns something else.
        """
        try:
            made = self.factory(mdp, seed)
        except SubjectError:
            raise
        except (Exception, SystemExit) as error:
            raise SubjectError(
                "factory",
                f"of {self.name} raised {type(error).__name__}: {error}. It is called "
                "as factory(mdp, seed) and must return a Subject(encoder, predictor, head).",
            ) from error
        if isinstance(made, tuple) and len(made) == 3 and all(callable(part) for part in made):
            made = Subject(*made, name=self.name)
        if not isinstance(made, Subject):
            raise SubjectError(
                "factory",
                f"of {self.name} returned {type(made).__name__}; it must return a "
                "Subject(encoder, predictor, head) or a tuple of these three callables.",
            )
        return made


def load_subject(subject: "str | Factory | SubjectSource") -> SubjectSource:
    """Resolve a SUBJECT argument.

    Parameters
    ----------
    subject
        The name of a built-in design, ``package.module:factory``, ``path/to/file.py:factory``,
        or a factory itself. What is loaded already is returned as it is.

    Returns
    -------
    SubjectSource

    Raises
    ------
    SubjectSourceError
        When the name is unknown, the file is missing or does not import, or the attribute is
        missing or not callable.
    """
    if isinstance(subject, SubjectSource):
        return subject
    if not isinstance(subject, str):
        if not callable(subject):
            raise SubjectSourceError(
                f"A subject is a design name, 'file.py:factory' or a callable (mdp, seed) -> "
                f"Subject, not {type(subject).__name__}."
            )
        return SubjectSource(getattr(subject, "__name__", "factory"), subject)
    if subject in DESIGNS:
        design = DESIGNS[subject]
        return SubjectSource(design.name, design.build, design)
    if ":" not in subject:
        raise _unknown_design(subject)
    factory = named_function(subject, "(mdp, seed) -> Subject")
    _check_signature(subject, factory)
    return SubjectSource(subject, factory)


def _unknown_design(subject: str) -> SubjectSourceError:
    close = get_close_matches(subject, DESIGNS, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return SubjectSourceError(
        f"There is no design named {subject!r}.{hint} Designs: {', '.join(DESIGNS)}. For your own "
        "encoder write path/to/file.py:factory or package.module:factory."
    )


def _check_signature(subject: str, factory: Factory) -> None:
    try:
        inspect.signature(factory).bind(None, 0)
    except TypeError as error:
        raise SubjectSourceError(
            f"{subject} cannot be called as factory(mdp, seed): {error}. It takes the system and "
            "an integer seed and returns a fresh, untrained Subject."
        ) from None
    except ValueError:
        return  # some builtins have no signature; calling them will tell
