"""Labels in coordinates that a linear head can be trained on, whatever their scale and rank."""

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from tellapart.models.levenberg import Parameters

__all__ = ["LabelCoordinates"]


@dataclass(frozen=True)
class LabelCoordinates:
    """Labels in coordinates of mean 0 and variance 1, as many as the labels have dimensions.

    Constant and linearly dependent label coordinates would make the system solved singular.

    Attributes
    ----------
    targets
        float64 ``[n, r]``.
    mixing, mean
        ``labels = targets @ mixing + mean``, ``[r, q]`` and ``[q]``.
    """

    targets: Tensor
    mixing: Tensor
    mean: Tensor

    @classmethod
    def of(cls, labels: Tensor) -> Self:
        """Whiten labels float64 ``[n, q]`` by a singular value decomposition."""
        mean = labels.mean(dim=0)
        left, values, right = torch.linalg.svd(labels - mean, full_matrices=False)
        # At least one coordinate is kept, so that constant labels need no special case.
        kept = max(1, int((values > 1e-10 * (values[0] + labels.abs().max())).sum()))
        root = float(len(labels)) ** 0.5
        targets = left[:, :kept] * root * (values[:kept] > 0)
        return cls(targets, values[:kept, None] * right[:kept] / root, mean)

    def start(self, p: Parameters) -> Parameters:
        """Give weights an untrained head for these coordinates, and latents that fit it.

        The latents move by the least that makes the head read every label. Rare labels lie many
        standard deviations out; the slow encoder would take long to get there.
        """
        weight = p.head_weight[:, : self.targets.shape[1]]
        table = p.table + (self.targets - p.table @ weight) @ torch.linalg.pinv(weight)
        bias = torch.zeros_like(p.head_bias[: weight.shape[1]])
        return replace(p, table=table, head_weight=weight, head_bias=bias)

    def finish(self, p: Parameters) -> Parameters:
        """Fold the coordinates into the head, which then reads the labels themselves."""
        weight, bias = p.head_weight @ self.mixing, p.head_bias @ self.mixing + self.mean
        return replace(p, head_weight=weight, head_bias=bias)
