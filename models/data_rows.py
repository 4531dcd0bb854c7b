"""Logged transitions as tensors: forward passes and losses over triples (o, a, o')."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from tellapart.models.counterexamples.rows import stand_in
from tellapart.models.first_order import MAX_TRANSITIONS, Batch, Outputs, Scaling
from tellapart.models.subject import Subject
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_resolution import known_labels, label_half_gaps
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["DataRows"]


@dataclass(frozen=True, eq=False)
class DataRows:
    """The distinct transitions and the known labels of data.

    Attributes
    ----------
    mdp
        A total system with the sizes of the data, for factories; it is not trained on.
    sources, actions, targets
        int64 ``[m]``: the transitions, in the order of the data.
    known
        int64 ``[l]``: observations with a known label.
    labels
        float64 ``[l, label_dim]``; one row of zeros where no label is known.
    units
        The unit in which each label has to be read: half its gap (S13), float64 ``[rows]``.
    """

    mdp: DeterministicMDP
    sources: Tensor
    actions: Tensor
    targets: Tensor
    known: Tensor
    labels: Tensor
    units: Tensor

    @classmethod
    def of(cls, data: TransitionData) -> Self:
        """Return the tensors of data.

        Examples
        --------
        >>> rows = DataRows.of(TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: 5.0}))
        >>> rows.targets, rows.known, rows.labels
        (tensor([1, 2]), tensor([1]), tensor([[5.]], dtype=torch.float64))
        """
        known, labels = known_labels(data)
        units = label_half_gaps(labels)
        finite = np.where(np.isfinite(units), units, 1.0)
        return cls(
            mdp=stand_in(data),
            sources=torch.tensor(data.sources.astype(np.int64)),
            actions=torch.tensor(data.action_ids.astype(np.int64)),
            targets=torch.tensor(data.targets.astype(np.int64)),
            known=torch.tensor(known.astype(np.int64)),
            labels=torch.tensor(labels if len(known) else np.zeros((1, 1))),
            units=torch.tensor(finite if len(known) else np.ones(1)),
        )

    @property
    def n_transitions(self) -> int:
        """Number m of distinct transitions."""
        return len(self.sources)

    @property
    def label_spread(self) -> Tensor:
        """Mean squared distance of the labels from their mean; 0 for a constant label."""
        return (self.labels - self.labels.mean(dim=0)).square().sum(dim=1).mean()

    def forward(self, subject: Subject, scaling: Scaling, frozen: bool = False) -> Outputs:
        """Run the subject on all observations, transitions and known labels, with gradients.

        ``predicted`` and ``reached`` are ``[m, 1, d]``; ``read`` has a row for each known label,
        one row of zeros where there is none.
        """
        codes = self._encoded(subject, None, frozen)
        return self._outputs(
            subject, scaling, codes, self.sources, self.actions, self.targets, self.known
        )

    def draw(
        self, subject: Subject, scaling: Scaling, seed: int, frozen: bool = False
    ) -> Callable[[], Batch]:
        """Return what runs the next batch: everything, or a fresh random sample in each call."""
        most, generator = MAX_TRANSITIONS, torch.Generator().manual_seed(seed)
        if max(self.n_transitions, len(self.known), self.mdp.n_obs) <= most:
            return lambda: Batch(self.forward(subject, scaling, frozen), self.labels, self.units)

        def sample() -> Batch:
            rows = torch.randperm(self.n_transitions, generator=generator)[:most]
            chosen = torch.randperm(len(self.known), generator=generator)[:most]
            ends = torch.cat([self.sources[rows], self.targets[rows], self.known[chosen]])
            shown, place = torch.unique(ends, return_inverse=True)
            source, target, known = place.split([len(rows), len(rows), len(chosen)])
            codes = self._encoded(subject, shown, frozen)
            out = self._outputs(
                subject, scaling, codes, source, self.actions[rows], target, known
            )  # fmt: skip
            kept = chosen if len(chosen) else torch.zeros(1, dtype=torch.int64)
            return Batch(out, self.labels[kept], self.units[kept])

        return sample

    def residuals(self, out: Outputs, size: Tensor, anchor: float) -> Tensor:
        """Return weighted residuals in one vector, in the type of the codes.

        Parameters
        ----------
        out
            Of :meth:`forward`.
        size
            Mean square of each code coordinate at the start, ``[d]``, the unit of the dynamics.
        anchor
            Weight of the residual that keeps each coordinate at that size.
        """
        spread = float(self.label_spread) ** 0.5 or 1.0
        dynamics = (out.predicted - out.reached) / (size.sqrt() * self.n_transitions**0.5)
        aux = (out.read - self.labels.to(out.read)) / (spread * len(out.read) ** 0.5)
        kept = anchor * (out.codes.square().mean(dim=0) / size - 1)
        return torch.cat([dynamics.reshape(-1), aux.reshape(-1), kept])

    def _encoded(self, subject: Subject, shown: Tensor | None, frozen: bool) -> Tensor:
        codes = subject.encoder(subject.inputs(self.mdp.n_obs, shown))
        return codes.detach() if frozen else codes

    def _outputs(
        self, subject: Subject, scaling: Scaling, codes: Tensor, sources: Tensor,
        actions: Tensor, targets: Tensor, known: Tensor,
    ) -> Outputs:  # fmt: skip
        place = codes.device
        predicted = subject.predictor(codes[sources.to(place)], actions.to(place))
        if len(known):
            read = scaling(subject.head(codes[known.to(place)]).reshape(len(known), -1))
        else:
            read = codes.new_zeros((1, self.labels.shape[1]))
        return Outputs(codes, predicted.unsqueeze(1), codes[targets.to(place)].unsqueeze(1), read)
