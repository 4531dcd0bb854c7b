"""The encoder of a user: ``my.py:factory``, called with a seed."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from tellapart.models.counting.networks import architecture, build_networks
from tellapart.properties.errors import SubjectSourceError
from tellapart.properties.user_code import named_function
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["EncoderSource", "load_encoder"]


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
        Of the file that it comes from: an edited file is another encoder.
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
        What it is tried with.

    Returns
    -------
    EncoderSource

    Raises
    ------
    SubjectSourceError
        When there is no such factory, or it raises.
    InvalidArgumentError
        When it returns no encoder of pictures float32 ``[batch, 3, size, size]``.
    """
    if not isinstance(source, str) or not all(source.rpartition(":")):
        raise SubjectSourceError(
            f"encoder is {source!r}; write path/to/file.py:factory or package.module:factory."
        )
    factory = named_function(source, "(seed) -> nn.Module")
    _try(source, factory, size, seed)
    origin = getattr(sys.modules.get(factory.__module__), "__file__", None)
    content = Path(origin).read_bytes() if origin else source.encode()
    return EncoderSource(source, factory, hashlib.sha256(content).hexdigest())


def _try(source: str, factory: Callable[[int], nn.Module], size: int, seed: int) -> None:
    """Build the networks once, so that a wrong encoder is refused before hours of training."""
    try:
        build_networks(architecture("small-start"), seed, size, encoder_factory=factory)
    except InvalidArgumentError:
        raise
    except Exception as error:
        raise SubjectSourceError(
            f"{source} raised {type(error).__name__}: {error}. It is called as factory(seed) and "
            "must return a torch.nn.Module of pictures [batch, 3, size, size] in [0, 1]."
        ) from error
