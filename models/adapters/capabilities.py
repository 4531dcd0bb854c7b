"""What a subject or an encoder alone can do, so that checks know what to ask of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import nn

from tellapart.models.adapters.encoder_only import EncoderOnly
from tellapart.models.adapters.frozen_head import FrozenHead
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register

__all__ = ["Capabilities", "capabilities"]

_NOISE = (
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout,
)  # fmt: skip
_BATCH = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm)


@register
@dataclass(frozen=True)
class Capabilities(Saved):
    """What is there, read from the parts; made by :func:`capabilities`.

    Attributes
    ----------
    has_head
        A head that can be trained together with the encoder; False also for a linear head that is
        solved on frozen codes.
    has_predictor
        A latent dynamics T.
    trainable
        At least one weight of the encoder can be trained.
    images
        Observations are arrays (at least two dimensions each), not vectors.
    stochastic
        A part holds dropout in train mode: the same question may get two answers.
    batched_only
        A part holds batch normalisation in train mode: codes depend on their batch.
    """

    has_head: bool
    has_predictor: bool
    trainable: bool
    images: bool
    stochastic: bool
    batched_only: bool

    def explain(self) -> str:
        """Say what follows for checks."""
        lines = []
        if not self.has_head or not self.has_predictor:
            missing = [
                name
                for name, there in (("head", self.has_head), ("predictor", self.has_predictor))
                if not there
            ]
            lines.append(
                f"No {' and no '.join(missing)} trained with the encoder: the theorem promises "
                "nothing for it; its codes can be audited."
            )
        if not self.trainable:
            lines.append("No weight of the encoder can be trained: it is measured as it is.")
        if self.stochastic:
            lines.append("Dropout is in train mode: call .eval() before it is measured.")
        if self.batched_only:
            lines.append("BatchNorm is in train mode: call .eval() before it is measured.")
        if self.images:
            lines.append("Observations are arrays such as images.")
        return "\n".join(lines) or "A complete trainable triple on vectors."


def capabilities(subject: Subject | EncoderOnly) -> Capabilities:
    """Read the capabilities of a subject, or of an encoder alone.

    Parameters
    ----------
    subject
        A :class:`~tellapart.models.subject.Subject` (adapted or not) or an
        :class:`~tellapart.models.adapters.encoder_only.EncoderOnly`, in the mode in which it is
        to be measured.

    Returns
    -------
    Capabilities
        Read from modules and tensors, nothing is run: parts that are plain functions count as
        neither trainable nor stochastic. The evaluation finds what this cannot see.

    Raises
    ------
    InvalidArgumentError
        For anything else.

    Examples
    --------
    >>> found = capabilities(EncoderOnly(nn.Sequential(nn.Linear(5, 2), nn.Dropout())))
    >>> found.has_head, found.trainable, found.stochastic
    (False, True, True)
    """
    if not isinstance(subject, Subject | EncoderOnly):
        raise InvalidArgumentError(
            f"capabilities are those of a Subject or an EncoderOnly, not of "
            f"{type(subject).__name__}; adapt it first, such as with from_modules(encoder, "
            "predictor, head, mdp)."
        )
    head = subject.head if isinstance(subject, Subject) else None
    modules = [module for part in _parts(subject) for module in part.modules()]
    shown = subject.observations
    return Capabilities(
        has_head=head is not None and not isinstance(head, FrozenHead),
        has_predictor=isinstance(subject, Subject),
        trainable=isinstance(subject.encoder, nn.Module)
        and any(weight.requires_grad for weight in subject.encoder.parameters()),
        images=shown is not None and shown.ndim >= 3,
        stochastic=any(isinstance(m, _NOISE) and m.training and m.p > 0 for m in modules),
        batched_only=any(
            isinstance(m, _BATCH) and (m.training or m.running_mean is None) for m in modules
        ),
    )


def _parts(subject: Subject | EncoderOnly) -> Iterator[nn.Module]:
    if isinstance(subject, Subject):
        yield from subject.modules
    elif isinstance(subject.encoder, nn.Module):
        yield subject.encoder
