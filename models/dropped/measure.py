"""One loss of a subject on a system, and what its codes look like, in units that no scaling cheats.

Codes can shrink, and every distance and every residual with them, while the encoder tells apart
what it told apart before. So the unit of length is the rms distance of codes that must be told
apart in the fresh subject, times the factor by which the size of the codes (their rms norm, not
centred) has shrunk since. Codes that fade keep their distances in this unit. Codes that gather at
one point away from the origin lose them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.subject import Part, Subject, SubjectError
from tellapart.theory.bisimulation import Bisimulation
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import kernel
from tellapart.theory.resolution import label_gaps
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

__all__ = ["Answers", "Apart", "Task", "same_norm", "zero_of"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

#: Residuals up to it, in the unit, count as zero in float64; so many roundings in other types.
_ZERO, _UNITS = 1e-6, 64.0
_ROUNDING_UNITS = 16
_SAME_NORM = 1e-3


@dataclass(frozen=True, eq=False)
class Answers:
    """What encoder and the part that is asked answer, with gradients where they have any.

    Attributes
    ----------
    codes
        ``[n, d]``.
    answer, target
        T(E(o), a) and E(f(o, a)), ``[n * n_actions, d]``; or P(E(o)) and p(o),
        ``[n, label_dim]``.
    """

    codes: Tensor
    answer: Tensor
    target: Tensor


@dataclass(frozen=True, eq=False)
class Apart:
    """How far apart codes are that must be told apart.

    Attributes
    ----------
    unit, threshold
        The unit of length, and the distance up to which a pair is merged.
    n_groups
        Groups of codes, joined by chains of distances up to the threshold.
    n_merged
        Merged pairs of observations that must be told apart, and were asked to merge.
    pair
        Indices of the deepest merged pair, else of the closest one.
    distance
        Between its codes, in the unit.
    closest
        Smallest distance of two codes that must be told apart, in the unit.
    spread, widest
        Rms distance of such codes, and the largest of those that may merge, in the unit.
    turned
        Largest change of a distance between the fresh codes and these, once both are divided by
        the rms distance of all pairs: 0 where codes were only moved, turned and scaled.
    """

    unit: float
    threshold: float
    n_groups: int
    n_merged: int
    pair: tuple[int, int]
    distance: float
    closest: float
    spread: float
    widest: float
    turned: float


class Task:
    """One of the two losses on a system.

    Parameters
    ----------
    bisimulation
        Of the system.
    dropped
        ``AUX_LOSS``: the dynamics loss is left, and everything may merge. ``DYNAMICS_LOSS``: the
        auxiliary loss is left, and what has one label may merge.
    seed
        Of torch's global generator in each pass, for parts that draw noise.
    """

    def __init__(self, bisimulation: Bisimulation, dropped: Hypothesis, seed: int) -> None:
        self.bisimulation, self.dropped, self.seed = bisimulation, dropped, seed
        mdp = self.mdp
        dynamics = dropped is Hypothesis.AUX_LOSS
        self.part: Part = "predictor" if dynamics else "head"
        ids = np.zeros(mdp.n_obs, np.int64) if dynamics else mdp.label_ids.astype(np.int64)
        self.classes = torch.from_numpy(ids)
        self.n_classes = int(ids.max()) + 1
        self.class_sizes = torch.bincount(self.classes)
        self.successors = torch.from_numpy(mdp.successors.astype(np.int64)).reshape(-1)
        self.sources = torch.arange(mdp.n_obs).repeat_interleave(mdp.n_actions)
        self.actions = torch.arange(mdp.n_actions).repeat(mdp.n_obs)
        self.labels = torch.tensor(mdp.label_vectors)

    @property
    def mdp(self) -> DeterministicMDP:
        """The system."""
        return self.bisimulation.mdp

    @cached_property
    def apart(self) -> BoolArray:
        """Pairs that must be told apart, bool ``[n, n]``."""
        ids = self.bisimulation.partition.ids
        return np.asarray(ids[:, None] != ids[None, :])

    @cached_property
    def may_merge(self) -> BoolArray:
        """Pairs that must be told apart and that the loss that is left lets go."""
        ids = self.classes.numpy()
        same: BoolArray = ids[:, None] == ids[None, :]
        return self.apart & same

    @cached_property
    def depth(self) -> npt.NDArray[np.int64]:
        """Depth of each pair that must be told apart, int64 ``[n, n]``."""
        total = np.zeros(self.apart.shape, dtype=np.int64)
        for step in self.bisimulation.history:
            total += step.ids[:, None] == step.ids[None, :]
        return total

    def encode(self, subject: Subject, rows: Tensor | None = None) -> Tensor:
        """Return the codes of all observations, or of some; noise is the same in each call."""
        torch.manual_seed(self.seed)
        codes: Tensor = subject.encoder(subject.inputs(self.mdp.n_obs, rows))
        return codes

    def run(self, subject: Subject) -> Answers:
        """Run the encoder and the part that is asked on everything."""
        codes = self.encode(subject)
        if self.part == "head":
            read = subject.head(codes).reshape(len(codes), -1)
            return Answers(codes, read, self.labels.to(read))
        predicted = subject.predictor(codes[self.sources], self.actions.to(codes.device))
        return Answers(codes, predicted, codes[self.successors])

    def residuals(self, out: Answers, unit: float) -> Tensor:
        """Return residuals whose squares sum to the loss, relative to a unit, or to the labels."""
        scale = unit if self.part == "predictor" else self.label_unit
        gap: Tensor = (out.answer - out.target) / (scale * len(out.answer) ** 0.5)
        return gap.reshape(-1)

    @cached_property
    def label_unit(self) -> float:
        """Half the smallest distance of two label values; 1 where there is one value."""
        smallest = float(label_gaps(self.mdp).min())
        return smallest / 2 if np.isfinite(smallest) else 1.0

    def checked(self, subject: Subject) -> FloatArray:
        """Run the parts once, refuse what cannot be used, and return the codes ``[n, d]``."""
        try:
            with torch.no_grad():
                out = self.run(subject)
        except SubjectError:
            raise
        except Exception as error:  # whatever a user's part raises is reported as the subject's
            raise SubjectError(
                "encoder",
                f"or the {self.part} of {subject.name} raised {type(error).__name__}: {error}",
            ) from error
        _check_output("encoder", subject, out.codes, out.codes.shape)
        _check_output(self.part, subject, out.answer, out.target.shape)
        return _numpy(out.codes)

    def unit(self, codes: FloatArray) -> float:
        """Return the rms distance of codes that must be told apart; 1 where all of them agree."""
        squares = _squared_distances(codes)
        return float(np.sqrt(squares[self.apart].mean())) or 1.0

    def measure(self, before: FloatArray, after: FloatArray, epsilon: float) -> Apart:
        """Measure codes against those of the fresh subject.

        Parameters
        ----------
        before, after
            float64 ``[n, d]``.
        epsilon
            Unit of rounding of their type.

        Notes
        -----
        O(n² d). Of the auxiliary loss alone codes of different labels stay apart, so there the
        unit is the rms distance of the codes as they are.
        """
        distance, fresh = (np.sqrt(_squared_distances(codes)) for codes in (after, before))
        unit = self.unit(before) * min(1.0, _size(after) / (_size(before) or 1.0))
        if self.part == "head":
            unit = self.unit(after)
        rounding = _ROUNDING_UNITS * epsilon * float(np.abs(after).max(initial=0.0))
        threshold = max(DEFAULT_MERGE_TOLERANCE * unit, rounding)
        merged = self.may_merge & (distance <= threshold)
        rank = np.where(merged, 1e6 + self.depth, -distance / (distance.max() or 1.0))
        pair = np.unravel_index(int(np.where(self.may_merge, rank, -np.inf).argmax()), rank.shape)
        scale = unit or 1.0
        return Apart(
            unit=unit,
            threshold=threshold,
            n_groups=kernel(after, threshold).n_blocks,
            n_merged=int(merged.sum()) // 2,
            pair=(int(pair[0]), int(pair[1])),
            distance=float(distance[pair]) / scale,
            closest=float(distance[self.may_merge].min()) / scale,
            spread=float(np.sqrt(np.square(distance)[self.apart].mean())) / scale,
            widest=float(distance[self.may_merge].max()) / scale,
            turned=float(np.abs(_shape(distance) - _shape(fresh)).max()),
        )

    def distinct(self, subject: Subject, groups: IntArray, unit: float) -> Callable[[], Tensor]:
        """Return a function to the residuals on one observation of each group, codes frozen.

        Parameters
        ----------
        subject
            What answers.
        groups
            Indices of the observations.
        unit
            Of the codes.
        """
        rows = torch.from_numpy(groups)
        with torch.no_grad():
            codes = self.encode(subject).detach()
        successors = self.successors.reshape(self.mdp.n_obs, -1)[rows].reshape(-1)
        sources = rows.repeat_interleave(self.mdp.n_actions)
        actions = torch.arange(self.mdp.n_actions).repeat(len(rows)).to(codes.device)

        def residuals() -> Tensor:
            torch.manual_seed(self.seed)
            if self.part == "head":
                read = subject.head(codes[rows]).reshape(len(rows), -1)
                return ((read - self.labels.to(read)[rows]) / self.label_unit).reshape(-1)
            missed = subject.predictor(codes[sources], actions) - codes[successors]
            return missed.reshape(-1) / unit

        return residuals

    def relative_residual(self, out: Answers, found: Apart) -> float:
        """Return the largest residual norm, in the unit of the codes, or of the labels."""
        scale = found.unit or 1.0 if self.part == "predictor" else self.label_unit
        return float((out.answer - out.target).double().norm(dim=1).max()) / scale

    def n_unresolved(self, out: Answers, threshold: float) -> int:
        """Count residuals that are not below half of what they must stay below (S13)."""
        residual = _numpy((out.answer - out.target).double().norm(dim=1))
        half = label_gaps(self.mdp) / 2 if self.part == "head" else threshold / 2
        return int(((residual >= half) & (residual > 0)).sum())


def zero_of(subject: Subject) -> tuple[float, float]:
    """Return the unit of rounding of a subject, and the relative residual that counts as zero."""
    types = [weight.dtype for part in subject.modules for weight in part.parameters()]
    types = [kind for kind in types if kind.is_floating_point] or [torch.get_default_dtype()]
    epsilon = max(float(torch.finfo(kind).eps) for kind in types)
    return epsilon, max(_ZERO, _UNITS * epsilon)


def same_norm(before: FloatArray, after: FloatArray) -> bool:
    """Tell whether all codes, before and after, have one norm that is not zero."""
    norms = np.linalg.norm(np.concatenate([before, after]), axis=1)
    middle = float(norms.mean())
    return middle > 0 and float(np.abs(norms - middle).max()) <= _SAME_NORM * middle


def _numpy(tensor: Tensor) -> FloatArray:
    return np.array(tensor.detach().cpu().double().numpy())


def _shape(distance: FloatArray) -> FloatArray:
    shape: FloatArray = distance / (float(np.sqrt(np.square(distance).mean())) or 1.0)
    return shape


def _size(codes: FloatArray) -> float:
    return float(np.sqrt(np.square(codes).sum(axis=1).mean()))


def _squared_distances(codes: FloatArray) -> FloatArray:
    found = np.zeros((len(codes), len(codes)))
    for column in codes.T:  # never [n, n, d] at once
        found += np.square(column[:, None] - column[None, :])
    return found


def _check_output(part: Part, subject: Subject, tensor: Tensor, shape: torch.Size) -> None:
    right = tensor.is_floating_point() and tensor.ndim == 2 and tensor.shape == shape
    if not (right and bool(torch.isfinite(tensor).all())):
        raise SubjectError(
            part,
            f"of {subject.name} returned a tensor of shape {list(tensor.shape)} and dtype "
            f"{tensor.dtype}, or numbers that are not finite; it must return finite floating "
            f"numbers, a row for each input.",
        )
