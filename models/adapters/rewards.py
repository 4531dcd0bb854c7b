"""Rewards as labels: of each action, and read from two-hot logits."""

import torch
from torch import Tensor, nn

from tellapart.models.adapters.adapters import as_system
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["TwoHot", "reward_labels"]


class TwoHot(nn.Module):
    """Read the number that a row of two-hot logits stands for.

    The mean of the bins ``low .. high`` under softmax; with ``symlog`` bins, ``sign(x) (exp|x| -
    1)`` of it.

    Parameters
    ----------
    n_bins
        Width of the logits. 1: the number itself is given, without bins.
    low, high
        Values of the first and the last bin.
    symlog
        Whether bins are in the symmetric logarithm.

    Raises
    ------
    InvalidArgumentError
        For fewer than one bin, or ``low >= high``.

    Examples
    --------
    >>> TwoHot(3, -1.0, 1.0, symlog=False)(torch.tensor([[0.0, 0.0, 50.0]]))
    tensor([[1.]])
    """

    bins: Tensor

    def __init__(self, n_bins: int, low: float, high: float, *, symlog: bool = True) -> None:
        super().__init__()
        if isinstance(n_bins, bool) or not isinstance(n_bins, int) or n_bins < 1:
            raise InvalidArgumentError(f"n_bins is {n_bins!r}; it must be an integer >= 1.")
        if not float(low) < float(high):
            raise InvalidArgumentError(f"low is {low!r} and high {high!r}; low must be smaller.")
        self.symlog = symlog
        bins = torch.linspace(float(low), float(high), n_bins)
        self.register_buffer("bins", bins, persistent=False)

    def forward(self, logits: Tensor) -> Tensor:
        """Return numbers ``[batch, 1]`` for logits ``[batch, n_bins]``."""
        value = logits
        if len(self.bins) > 1:
            value = (logits.softmax(dim=-1) * self.bins.to(logits)).sum(dim=-1, keepdim=True)
        return value.sign() * value.abs().expm1() if self.symlog else value


def reward_labels(mdp: DeterministicMDP) -> DeterministicMDP:
    """Return the system whose label is the reward of each action: ``(p(f(o, a)) for a)``.

    A world model predicts ``reward(z, a)``, the reward of taking a, while p(o) belongs to the
    observation itself. Where the label of an observation is the reward for reaching it, this is
    the label that ``reward`` can be trained on. What must be told apart may change (D3): audit the
    system that you train on.

    Parameters
    ----------
    mdp
        A system with one number as the label of an observation.

    Raises
    ------
    InvalidArgumentError
        When labels are not single numbers, or ``mdp`` is no system.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> reward_labels(counting_chain(3)).labels
    ((0, 1), (0, 0), (1, 0))
    """
    labels = as_system(mdp).labels
    if mdp.label_vectors.shape[1] != 1 or any(isinstance(value, tuple) for value in labels):
        raise InvalidArgumentError(
            "reward_labels needs one number as the label of each observation, and these labels are "
            f"such as {labels[0]!r}. A system whose labels are rewards for each action already "
            "needs no conversion."
        )
    return mdp.with_labels([tuple(labels[s] for s in row) for row in mdp.successors.tolist()])
