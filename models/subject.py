"""What is tested: an encoder, a predictor and a head, and the errors that name one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from tellapart.theory.errors import TellapartError

if TYPE_CHECKING:
    from tellapart.models.exact import ExactTables
    from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "Encoder",
    "Head",
    "Part",
    "Predictor",
    "Subject",
    "SubjectError",
    "device_and_dtype",
]

Part = Literal["factory", "observations", "encoder", "predictor", "head", "fit"]


class SubjectError(TellapartError, ValueError):
    """A part of a subject is unusable; the message names the part, what came and the fix.

    Parameters
    ----------
    part
        The offending part: ``"factory"``, ``"observations"``, ``"encoder"``, ``"predictor"``,
        ``"head"`` or ``"fit"``.
    message
        What was expected, what came, and what to change.
    """

    def __init__(self, part: Part, message: str) -> None:
        self.part: Part = part
        super().__init__(f"The {part} {message}")

    def __reduce__(self) -> tuple[Any, ...]:
        prefix = f"The {self.part} "
        return (SubjectError, (self.part, str(self).removeprefix(prefix)))


@runtime_checkable
class Encoder(Protocol):
    """E: floating ``[batch, *obs_shape]`` to latents ``[batch, d]``."""

    def __call__(self, observations: Tensor, /) -> Tensor:
        """Return the latents."""
        ...


@runtime_checkable
class Predictor(Protocol):
    """T: latents ``[batch, d]`` and actions int64 ``[batch]`` to latents ``[batch, d]``."""

    def __call__(self, codes: Tensor, actions: Tensor, /) -> Tensor:
        """Return the predicted latents."""
        ...


@runtime_checkable
class Head(Protocol):
    """P: latents ``[batch, d]`` to labels ``[batch, label_dim]``."""

    def __call__(self, codes: Tensor, /) -> Tensor:
        """Return the labels."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class Subject:
    """An encoder with its latent dynamics and its auxiliary head: the triple (E, T, P) of D1.

    Parameters
    ----------
    encoder
        ``nn.Module`` or callable, floating ``[batch, *obs_shape]`` to ``[batch, d]``.
    predictor
        ``nn.Module`` or callable, ``([batch, d], int64[batch])`` to ``[batch, d]``; actions are
        indices into ``mdp.actions``.
    head
        ``nn.Module`` or callable, ``[batch, d]`` to ``[batch, label_dim]``, compared with
        ``mdp.label_vectors``.
    observations
        What the encoder is shown for each observation, floating ``[n_obs, *obs_shape]``.
        ``None``: the one-hot vector of the observation's index.
    fit
        Your own trainer ``fit(subject, mdp, seed)``; it trains in place and replaces ours.
    name
        Name in reports.
    tables
        Integer tables of a constructed subject (:mod:`tellapart.models.exact`), else None.

    Raises
    ------
    SubjectError
        When a part is not callable, or the observations are not a floating tensor.

    Notes
    -----
    Parts are used in the mode (``train`` or ``eval``) in which you leave them.
    """

    encoder: Encoder
    predictor: Predictor
    head: Head
    observations: Tensor | None = None
    fit: "Callable[[Subject, DeterministicMDP, int], object] | None" = None
    name: str = "subject"
    tables: "ExactTables | None" = None

    def __post_init__(self) -> None:
        parts: tuple[tuple[Part, Any], ...] = (
            ("encoder", self.encoder),
            ("predictor", self.predictor),
            ("head", self.head),
        )
        for part, value in parts:
            _check_callable(part, value)
        if self.fit is not None:
            _check_callable("fit", self.fit)
        if self.observations is not None and not (
            isinstance(self.observations, Tensor)
            and self.observations.is_floating_point()
            and self.observations.ndim >= 1
        ):
            raise SubjectError(
                "observations",
                f"are {_describe(self.observations)}; give a floating tensor "
                "[n_obs, *obs_shape] (torch.as_tensor(array, dtype=torch.float32)), or None for "
                "one-hot observations.",
            )

    @property
    def modules(self) -> tuple[nn.Module, ...]:
        """The parts that are ``nn.Module`` objects, in the order encoder, predictor, head."""
        parts = (self.encoder, self.predictor, self.head)
        return tuple(part for part in parts if isinstance(part, nn.Module))

    @property
    def n_parameters(self) -> int:
        """Number of trainable numbers in all parts; a part used twice counts once."""
        return sum(w.numel() for weights in self.trainable_weights().values() for w in weights)

    def trainable_weights(
        self, parts: Sequence[str] = ("encoder", "predictor", "head")
    ) -> dict[str, list[nn.Parameter]]:
        """Return the trainable weights of the parts named; shared ones under the first of them."""
        weights: dict[str, list[nn.Parameter]] = {}
        seen: set[int] = set()
        for name in parts:
            part = getattr(self, name)
            own = part.parameters() if isinstance(part, nn.Module) else ()
            weights[name] = [w for w in own if w.requires_grad and id(w) not in seen]
            seen.update(id(w) for w in weights[name])
        return weights

    def inputs(self, n_obs: int, indices: Tensor | None = None) -> Tensor:
        """Return what the encoder is shown, ``[batch, *obs_shape]``, on the encoder's device.

        Parameters
        ----------
        n_obs
            Number of observations of the MDP.
        indices
            int64 ``[batch]`` of observations; ``None``: all of them, in order.

        Raises
        ------
        SubjectError
            When ``observations`` has another number of rows than the MDP has observations.
        """
        device, dtype = device_and_dtype(self.encoder)
        if indices is None:
            indices = torch.arange(n_obs)
        if self.observations is None:
            onehot = torch.zeros((len(indices), n_obs), dtype=dtype, device=device)
            onehot[torch.arange(len(indices)), indices] = 1.0
            return onehot
        if len(self.observations) != n_obs:
            raise SubjectError(
                "observations",
                f"hold {len(self.observations)} rows, but the MDP has {n_obs} observations; give "
                "one rendered observation for each, in the order of mdp.observations.",
            )
        return self.observations[indices.to(self.observations.device)].to(device)

    def __repr__(self) -> str:
        shown = "one-hot" if self.observations is None else str(list(self.observations.shape))
        parts = (self.encoder, self.predictor, self.head)
        names = ", ".join(type(part).__name__ for part in parts)
        return (
            f"Subject({self.name!r}: {names}; observations {shown}, {self.n_parameters} parameters)"
        )


def device_and_dtype(part: object) -> tuple[torch.device, torch.dtype]:
    """Return where a part lives and its floating type: of its first floating tensor, or torch's.

    Parameters
    ----------
    part
        Any part of a subject; callables that are not ``nn.Module`` count as on the CPU, in
        ``torch.get_default_dtype()``.
    """
    if isinstance(part, nn.Module):
        for tensors in (part.parameters(), part.buffers()):
            for tensor in tensors:
                if tensor.is_floating_point():
                    return tensor.device, tensor.dtype
    return torch.device("cpu"), torch.get_default_dtype()


def _check_callable(part: Part, value: object) -> None:
    if isinstance(value, type):
        raise SubjectError(
            part,
            f"is the class {value.__name__}, not an object of it; write {value.__name__}(...).",
        )
    if not callable(value):
        raise SubjectError(
            part, f"is {_describe(value)}, which cannot be called; pass an nn.Module or a function."
        )


def _describe(value: object) -> str:
    """Say what came instead of what was asked for."""
    if isinstance(value, Tensor):
        return f"a tensor of shape {list(value.shape)} and dtype {value.dtype}"
    return f"of type {type(value).__name__}"
