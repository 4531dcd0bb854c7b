"""The losses of one step of a counting run, by design."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from tellapart.models.counting.designs import CountingDesign
from tellapart.models.counting.networks import CountingNetworks, RandomTarget
from tellapart.models.counting.regularisers import sigreg_loss, vicreg_loss
from tellapart.models.counting.samples import CountingSampler, Transitions
from tellapart.theory.serialise import register

__all__ = ["LABEL_WEIGHT", "LossPoint", "StepLosses", "as_input"]

#: Weight of the label loss, and of that of the random function, beside the dynamics loss.
LABEL_WEIGHT = 10.0

_VICREG = (25.0, 25.0, 1.0)  # dynamics, variance, covariance
_SIGREG, _DIRECTIONS = 0.05, 256


@register
@dataclass(frozen=True, slots=True)
class LossPoint:
    """The losses of one step.

    Attributes
    ----------
    step
        How many steps were done with it.
    dynamics
        Mean squared error of a coordinate of the predicted latent.
    label
        Mean squared error of the head, in units of the range of the label.
    other
        Loss of the random function or of the regulariser; 0 where there is none.
    """

    step: int
    dynamics: float
    label: float
    other: float


class StepLosses:
    """The loss of a batch under a design.

    Parameters
    ----------
    design
        Which losses reach the encoder.
    networks
        What is trained.
    average
        A moving average of the encoder, where the design asks for it.
    sampler
        Of the plan: it knows the labels.
    target
        The random function of the picture, where the design asks for it.
    """

    def __init__(
        self,
        design: CountingDesign,
        networks: CountingNetworks,
        average: nn.Module | None,
        sampler: CountingSampler,
        target: RandomTarget | None,
    ) -> None:
        self.design, self.networks, self.average = design, networks, average
        self.sampler, self.target = sampler, target

    def __call__(self, batch: Transitions) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
        """Return the loss to minimise, and those of dynamics, label and the rest."""
        design, networks = self.design, self.networks
        after = as_input(batch.after.pictures)
        pictures = torch.cat([as_input(batch.before.pictures), after])
        codes = networks.encoder(pictures).float()
        first, goal = codes.chunk(2)
        if self.average is not None:
            with torch.no_grad():
                goal = self.average(after).float()
        if not design.dynamics:
            first, goal = first.detach(), goal.detach()
        elif design.reached == "stopped":
            goal = goal.detach()
        predicted = networks.predictor(first, torch.from_numpy(batch.actions))
        dynamics = nn.functional.mse_loss(predicted, goal)
        # Where the label does not train the encoder, its head is still fitted, to be measured.
        seen = codes if design.aux == "label" else codes.detach()
        label = _asked_error(networks.head(seen), self._labels(batch))
        other = self._other(codes, pictures)
        share = _VICREG[0] if design.regulariser == "vicreg" else 1.0
        return share * dynamics + LABEL_WEIGHT * label + other, (dynamics, label, other)

    def _labels(self, batch: Transitions) -> Tensor:
        labels = [self.sampler.labels(shown) for shown in (batch.before, batch.after)]
        return torch.from_numpy(np.concatenate(labels)).float()

    def _other(self, codes: Tensor, pictures: Tensor) -> Tensor:
        """Return the weighted loss of the random function or of the regulariser."""
        if self.target is not None and self.networks.random_head is not None:
            error: Tensor = self.networks.random_head(codes) - self.target(pictures)
            return LABEL_WEIGHT * error.square().mean()
        if self.design.regulariser == "vicreg":
            one, other = (vicreg_loss(part) for part in codes.chunk(2))
            variance, covariance = one[0] + other[0], one[1] + other[1]
            return (_VICREG[1] * variance + _VICREG[2] * covariance) / 2
        if self.design.regulariser == "sigreg":
            return _SIGREG * sigreg_loss(codes, torch.randn(codes.shape[1], _DIRECTIONS))
        return torch.zeros(())


def as_input(pictures: npt.NDArray[np.uint8]) -> Tensor:
    """Return pictures uint8 ``[n, h, w, 3]`` as float32 ``[n, 3, h, w]`` in [0, 1]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous().float().div_(255)


def _asked_error(read: Tensor, labels: Tensor) -> Tensor:
    """Return the mean squared error of each label where it is asked, added up."""
    asked = ~labels.isnan()
    missed = torch.where(asked, read - labels.nan_to_num(), torch.zeros(()))
    by_label = missed.square().sum(dim=0) / asked.sum(dim=0).clamp(min=1)
    # Cosine and sine are one label: each counts half.
    return by_label[0] + (by_label[1:].mean() if len(by_label) > 1 else 0.0)
