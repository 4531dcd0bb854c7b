"""The zoo of designs: ways to build and train a subject, each with the verdict to expect (S8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.exact import ExactHead, ExactTables, exact_subject
from tellapart.models.fit import Objective, fit
from tellapart.models.networks import LinearHead, as_indices, reference_subject
from tellapart.models.progress import FitProgress, FitResult
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.naming import entry_named

__all__ = ["DESIGNS", "Design", "constant_subject", "design", "scaled_label_subject"]

Progress = Callable[[FitProgress], None] | None
Build = Callable[[DeterministicMDP, int], Subject]
Train = Callable[[Subject, DeterministicMDP, int, Progress], FitResult]

#: Decay of encoder weights in the one-sided designs: what their loss does not pay for fades.
#: Without it, codes stay apart because they began apart, which shows nothing.
ONE_SIDED_DECAY = 3.0
_ONE_SIDED_STEPS = 2000


@dataclass(frozen=True, repr=False)
class Design:
    """A named way to build and to train a subject.

    Attributes
    ----------
    name, summary
        For lists and reports.
    expects
        The verdict to expect, and why, in one sentence.
    objective
        What is trained; None: nothing, the subject is constructed.
    """

    name: str
    summary: str
    expects: str
    objective: Objective | None
    _build: Build
    _train: Train | None = None

    def build(self, mdp: DeterministicMDP, seed: int = 0) -> Subject:
        """Return a fresh subject for an MDP; the same seed gives the same weights."""
        return self._build(mdp, seed)

    def train(
        self,
        subject: Subject,
        mdp: DeterministicMDP,
        seed: int = 0,
        progress: Progress = None,
    ) -> FitResult | None:
        """Train a subject that :meth:`build` returned, in place; None if nothing is trained."""
        return None if self._train is None else self._train(subject, mdp, seed, progress)

    def __repr__(self) -> str:
        return f"Design({self.name!r}: {self.summary})"


def design(name: str) -> Design:
    """Return a design by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.
    """
    return entry_named(DESIGNS, name, "design")


class ConstantEncoder(nn.Module):
    """E(o) = 0 in ``d`` dimensions for every observation."""

    origin: Tensor

    def __init__(self, d: int) -> None:
        super().__init__()
        self.register_buffer("origin", torch.zeros(d, dtype=torch.float64))

    def forward(self, observations: Tensor) -> Tensor:
        """Return zeros float64 ``[batch, d]``."""
        return self.origin.expand(len(observations), -1).clone()


class IdentityPredictor(nn.Module):
    """T(z, a) = z."""

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return the codes."""
        return codes.clone()


def constant_subject(mdp: DeterministicMDP, *, d: int = 4) -> Subject:
    """Build total collapse: one code for everything, zero dynamics loss, the mean label read."""
    mean = torch.tensor(mdp.label_vectors).mean(dim=0)
    head = LinearHead(d, len(mean))
    with torch.no_grad():
        head.weight.zero_()
        head.bias.copy_(mean)
    head.requires_grad_(False)
    return Subject(ConstantEncoder(d), IdentityPredictor(), head, name="constant")


class LabelEncoder(nn.Module):
    """E(o) = ``scale`` times the one-hot vector of the label of o."""

    codes: Tensor
    label_ids: Tensor

    def __init__(self, mdp: DeterministicMDP, scale: float) -> None:
        super().__init__()
        eye = torch.eye(len(mdp.label_values), dtype=torch.float64)
        self.register_buffer("codes", scale * eye)
        self.register_buffer("label_ids", torch.tensor(mdp.label_ids.astype(np.int64)))

    def forward(self, observations: Tensor) -> Tensor:
        """Return codes float64 ``[batch, n_labels]``."""
        return self.codes[self.label_ids[as_indices(observations)]]


class MeanSuccessorPredictor(nn.Module):
    """The best predictor there is for label codes: the mean successor of each (label, action)."""

    means: Tensor

    def __init__(self, mdp: DeterministicMDP, scale: float) -> None:
        super().__init__()
        n_labels = len(mdp.label_values)
        means = np.zeros((mdp.n_actions, n_labels, n_labels))
        successors = mdp.label_ids[mdp.successors]
        for action in range(mdp.n_actions):
            np.add.at(means[action], (mdp.label_ids, successors[:, action]), 1.0)
        means /= means.sum(axis=2, keepdims=True)
        self.scale = scale
        self.register_buffer("means", torch.tensor(means))

    def forward(self, codes: Tensor, actions: Tensor) -> Tensor:
        """Return predicted latents float64 ``[batch, n_labels]``."""
        label = codes.argmax(dim=1)
        return self.scale * self.means[actions, label]


class _Unscaled(nn.Module):
    """Divide by a number, then read."""

    def __init__(self, head: nn.Module, scale: float) -> None:
        super().__init__()
        self.head, self.scale = head, scale

    def forward(self, codes: Tensor) -> Tensor:
        read: Tensor = self.head(codes / self.scale)
        return read


def scaled_label_subject(mdp: DeterministicMDP, scale: float = 1.0) -> Subject:
    """Build an encoder that merges everything of one label, shrunk by ``scale``.

    The trap of S13: the auxiliary loss is zero and the dynamics loss is proportional to
    ``scale²``, as small as you like, although every pair that only the dynamics tells apart is
    merged. The resolution ratio does not move.

    Parameters
    ----------
    mdp
        The system.
    scale
        Positive; ``scale=1e-12`` brings the raw loss to about 1e-25.

    Raises
    ------
    InvalidArgumentError
        When ``scale`` is not a positive finite number.
    """
    if not (np.isfinite(scale) and scale > 0):
        raise InvalidArgumentError(f"scale is {scale!r}; it must be a positive finite number.")
    first = np.unique(mdp.label_ids, return_index=True)[1]
    n_labels = len(first)
    tables = ExactTables(
        codes=np.eye(n_labels, dtype=np.int64),
        block_ids=mdp.label_ids.astype(np.int64),
        successors=np.zeros((n_labels, mdp.n_actions), dtype=np.int64),
        labels=mdp.label_vectors[first],
    )
    return Subject(
        LabelEncoder(mdp, scale),
        MeanSuccessorPredictor(mdp, scale),
        _Unscaled(ExactHead(tables, None), scale),
        name="scaled-label",
    )


def _reference(name: str) -> Build:
    return lambda mdp, seed: reference_subject(mdp, seed=seed, name=name)


def _trained(objective: Objective, decay: float = 0.0) -> Train:
    def train(subject: Subject, mdp: DeterministicMDP, seed: int, progress: Progress) -> FitResult:
        steps = None if objective == "joint" else _ONE_SIDED_STEPS
        return fit(
            subject, mdp, objective=objective, seed=seed, max_steps=steps,
            weight_decay=decay, progress=progress,
        )  # fmt: skip

    return train


_ALL = (
    Design(
        "exact",
        "constructed from the largest bisimulation, zero loss bit for bit",
        "holds, grade exact: the construction of S1",
        None,
        lambda mdp, seed: exact_subject(mdp),
    ),
    Design(
        "joint",
        "encoder, predictor and head trained together on both losses",
        "holds, grade certified on small systems (S10), resolved on large ones (S13)",
        "joint",
        _reference("joint"),
        _trained("joint"),
    ),
    Design(
        "dynamics-only",
        "encoder and predictor trained on the dynamics loss, with weight decay",
        "collapsed or vacuous: without labels any congruence will do, one code for all included",
        "dynamics",
        _reference("dynamics-only"),
        _trained("dynamics", ONE_SIDED_DECAY),
    ),
    Design(
        "aux-only",
        "encoder and head trained on the auxiliary loss, with weight decay",
        "collapsed or vacuous: nothing asks to tell apart what has the same label",
        "aux",
        _reference("aux-only"),
        _trained("aux", ONE_SIDED_DECAY),
    ),
    Design(
        "decoupled",
        "as aux-only; then the predictor is fitted on the frozen latents",
        "collapsed or vacuous: the predictor cannot repair what the encoder merged",
        "decoupled",
        _reference("decoupled"),
        _trained("decoupled", ONE_SIDED_DECAY),
    ),
    Design(
        "constant",
        "one code for every observation",
        "collapsed: zero dynamics loss, and every pair is merged",
        None,
        lambda mdp, seed: constant_subject(mdp),
    ),
)

#: All designs by name, in the order of the documentation.
DESIGNS: Mapping[str, Design] = MappingProxyType({entry.name: entry for entry in _ALL})
