"""What all adapters share: the adapted subject, and a first look at the shapes of its parts."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tellapart.models.subject import Part, Subject, SubjectError
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["AdaptedSubject", "Hint", "as_system", "attribute", "checked", "hint", "untouched"]

#: Says how to repair a part, given the latents ``[2, d]`` it was shown (observations for E).
Hint = Callable[[Tensor], str]


@dataclass(frozen=True, eq=False, repr=False)
class AdaptedSubject(Subject):
    """A subject (D1) made by an adapter from an object of another shape.

    Parameters
    ----------
    shape
        The shape it came in, such as ``"world model"``.
    origin
        The object that was adapted: your own ``fit(subject, mdp, seed)`` finds it here, with its
        regularisers and whatever else is no part of the triple.
    dropped
        Hypotheses of the theorem that this way of building and training gives up.

    Notes
    -----
    Other parameters are those of :class:`~tellapart.models.subject.Subject`.
    """

    shape: str = "modules"
    origin: object = None
    dropped: tuple[Hypothesis, ...] = ()

    def explain(self) -> str:
        """Say what was adapted and what the theorem does not promise for it."""
        source = type(self.origin).__name__
        lines = [f"{self.name}: a subject from a {self.shape} ({source}).", repr(self)]
        lines += [f"Dropped: {h.value} ({h.dropped})." for h in self.dropped]
        if not self.dropped:
            lines.append("No hypothesis of the theorem is dropped by the adapter.")
        return "\n".join(lines)


def checked(
    subject: AdaptedSubject, mdp: DeterministicMDP, hints: Mapping[Part, Hint] | None = None
) -> AdaptedSubject:
    """Run every part on two observations, and return the subject if the shapes fit.

    Parameters
    ----------
    subject
        What an adapter built.
    mdp
        Gives the numbers of observations, actions and label coordinates.
    hints
        For each part, what to write when its shapes do not fit.

    Raises
    ------
    SubjectError
        When a part raises or answers in another shape; the message ends with the fix.

    Notes
    -----
    Leaves buffers (BatchNorm statistics) and torch's random state on the CPU as they were.
    """
    hints = hints or {}
    with untouched(*subject.modules), torch.no_grad():
        rows = torch.tensor([0, mdp.n_obs - 1])
        shown = subject.inputs(mdp.n_obs, rows)
        codes = _answer("encoder", lambda: subject.encoder(shown), shown, None, hints)
        actions = torch.tensor([0, mdp.n_actions - 1], device=codes.device)
        width = codes.shape[1]
        _answer("predictor", lambda: subject.predictor(codes, actions), codes, width, hints)
        label_dim = mdp.label_vectors.shape[1]
        _answer("head", lambda: subject.head(codes), codes, label_dim, hints)
    return subject


def _answer(
    part: Part,
    call: Callable[[], Any],
    given: Tensor,
    width: int | None,
    hints: Mapping[Part, Hint],
) -> Tensor:
    """Return a part's answer ``[2, width]``, or say what is wrong with it."""

    def fix() -> str:
        return hints[part](given) if part in hints else "Adapt its first or last layer."

    try:
        output = call()
    except SubjectError:
        raise
    except Exception as error:  # whatever the adapted object raises is reported as the part's
        raise SubjectError(
            part,
            f"raised {type(error).__name__}, given {list(given.shape)}: {error}. {fix()}",
        ) from error
    if part == "head" and width == 1 and isinstance(output, Tensor) and output.shape == (2,):
        output = output.unsqueeze(1)
    if not isinstance(output, Tensor):
        raise SubjectError(part, f"returned {type(output).__name__}, not a tensor. {fix()}")
    if output.ndim != 2 or len(output) != 2 or width not in (None, output.shape[1]):
        raise SubjectError(
            part,
            f"returned shape {list(output.shape)} for a batch of two; it must be "
            f"[2, {'d' if width is None else width}]. {fix()}",
        )
    return output


@contextmanager
def untouched(*parts: object) -> Iterator[None]:
    """Run something on modules without moving their buffers or the random state on the CPU."""
    modules = [part for part in parts if isinstance(part, nn.Module)]
    kept = [(buffer, buffer.clone()) for module in modules for buffer in module.buffers()]
    with torch.random.fork_rng(devices=[]):
        try:
            yield
        finally:
            with torch.no_grad():
                for buffer, before in kept:
                    buffer.copy_(before)


def hint(text: str) -> Hint:
    """Return a hint that says the same whatever was given."""
    return lambda given: text


def attribute(model: object, names: tuple[str, ...], shape: str, fix: str) -> Any:
    """Return the first attribute of these (dotted) names that the object has.

    Raises
    ------
    InvalidArgumentError
        When it has none of them.
    """
    for name in names:
        found: Any = model
        for step in name.split("."):
            found = getattr(found, step, None)
        if found is not None:
            return found
    shown = " or ".join(repr(name) for name in names)
    raise InvalidArgumentError(
        f"The object of type {type(model).__name__} has no {shown}, which a {shape} has. {fix}"
    )


def as_system(mdp: object) -> DeterministicMDP:
    """Return the system, which gives an adapter its sizes.

    Raises
    ------
    InvalidArgumentError
        When it is something else.
    """
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"mdp is of type {type(mdp).__name__}; an adapter needs the DeterministicMDP that your "
            "factory(mdp, seed) is called with: pass it on."
        )
    return mdp
