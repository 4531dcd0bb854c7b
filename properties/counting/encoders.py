"""The encoder of a user: ``my.py:factory``, called with a seed."""

import hashlib
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from tellapart.models.counting.networks import (
    architecture,
    build_networks,
    device_advice,
)
from tellapart.models.threads import one_thread
from tellapart.properties.errors import SubjectSourceError
from tellapart.properties.user_code import named_function
from tellapart.theory.errors import InvalidArgumentError, TellapartError

__all__ = ["EncoderSource", "blame", "encoder_factory", "load_encoder"]

_SIGNATURE = "(seed) -> nn.Module"


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """A named way to build encoders.

    Attributes
    ----------
    name
        As it was given.
    factory
        ``seed -> nn.Module``.
    digest
        Of the file that is named, and of the untrained encoder itself (structure, initial weights,
        latents of some pictures): an edited file, or a helper of it that builds something else,
        is another encoder.
    """

    name: str
    factory: Callable[[int], nn.Module]
    digest: str


def load_encoder(source: str, *, size: int = 32, seed: int = 0) -> EncoderSource:
    """Resolve ``file.py:factory`` or ``package.module:factory``, and try it once.

    Parameters
    ----------
    source
        Where the factory is.
    size
        Side of the pictures that it is tried on.
    seed
        What it is tried with. The digest is that of this size and seed.

    Returns
    -------
    EncoderSource

    Raises
    ------
    SubjectSourceError
        When there is no such factory, or it raises.
    InvalidArgumentError
        When it returns no encoder of pictures float32 ``[batch, 3, size, size]``.

    Notes
    -----
    What the user's code prints goes to stderr.
    """
    if not isinstance(source, str) or not all(source.rpartition(":")):
        raise SubjectSourceError(
            f"encoder is {source!r}; write path/to/file.py:factory or package.module:factory."
        )
    factory = encoder_factory(source)
    with one_thread(), redirect_stdout(sys.stderr):
        digest = _tried(source, factory, size, seed)
    return EncoderSource(source, factory, digest)


def encoder_factory(source: str) -> Callable[[int], nn.Module]:
    """Import a factory and do not try it.

    Raises
    ------
    SubjectSourceError
        When there is no such factory.
    """
    return named_function(source, _SIGNATURE)


def blame(source: str, error: BaseException) -> str:
    """Say that an error comes from a user's encoder."""
    if isinstance(error, TellapartError):
        return f"{source}: {error}"
    said = str(error).rstrip(".")
    return f"{source} raised {type(error).__name__}: {said}.{device_advice(error)}"


def _tried(source: str, factory: Callable[[int], nn.Module], size: int, seed: int) -> str:
    """Build the networks once, so that a wrong encoder is refused before hours of training.

    Returns the digest of what was built.
    """
    chosen = architecture("small-start")
    try:
        encoder = build_networks(chosen, seed, size, encoder_factory=factory).encoder
        return _digest(source, encoder, size)
    except TellapartError as error:
        raise InvalidArgumentError(blame(source, error)) from error
    except (Exception, SystemExit) as error:
        raise SubjectSourceError(
            f"{blame(source, error)} It is called as factory(seed) and must return a "
            "torch.nn.Module of pictures [batch, 3, size, size] in [0, 1]."
        ) from error


def _digest(source: str, encoder: nn.Module, size: int) -> str:
    """Hash all that tells this encoder from an edited one, as far as it can be seen untrained."""
    place = source.rpartition(":")[0]
    file = place if place.endswith(".py") else getattr(sys.modules.get(place), "__file__", None)
    found = hashlib.sha256(Path(file).read_bytes() if file else source.encode())
    found.update(re.sub(r" at 0x[0-9a-fA-F]+", "", repr(encoder)).encode())
    state = {f"weights of {name}": value for name, value in encoder.state_dict().items()}
    for name, value in (state | {"latents": _some_latents(encoder, size)}).items():
        if isinstance(value, Tensor):
            flat = value.detach().cpu().contiguous().reshape(-1)
            found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
            found.update(flat.view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


def _some_latents(encoder: nn.Module, size: int) -> Tensor:
    """Show what the encoder computes: code of a helper may change and leave all weights alone."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        latents: Tensor = encoder.eval()(torch.rand(4, 3, size, size))
    return latents
