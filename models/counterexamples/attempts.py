"""One training of one subject on a specimen: three ways to do it, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.counterexamples.collapse import TrainedCollapse, Way
from tellapart.models.counterexamples.descent import Decay, descend
from tellapart.models.counterexamples.measure import (
    Yardstick,
    floors,
    pair_distance,
    reaches,
)
from tellapart.models.counterexamples.networks import shrunk
from tellapart.models.counterexamples.rows import Rows
from tellapart.models.subject import Subject, SubjectError
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["SMALL_LOSS", "Attempts", "Factory"]

Factory = Callable[[DeterministicMDP, int], Any]
FloatArray = npt.NDArray[np.float64]

#: Up to it a loss is "small" where exact zero is what was dropped.
SMALL_LOSS = 1e-4
_STEPS, _FIT_STEPS = 150, 60
#: A loss at which training stops: nothing but rounding is left.
_BOTTOM = 1e-26
_PART = {"dynamics": "predictor", "auxiliary": "head"}
#: Decay that fades to nothing, so that the losses can become zero; and decay that stays.
_FADING, _STAYING = Decay(1.0, 0.5, 1e-12), Decay(0.3)
#: Weight of holding the size of the codes near what it was.
_ANCHOR = 0.3
#: Relative residual that counts as zero: a little above what rounding leaves.
_ZERO, _UNITS = 1e-6, 64.0


@dataclass(frozen=True, eq=False)
class Attempts:
    """Trains fresh subjects on one specimen.

    Attributes
    ----------
    specimen
        What to collapse on.
    rows
        Its transitions and labels as tensors.
    yardstick
        What counts as merged.
    build
        ``(mdp, seed) -> Subject``, fresh and untrained.
    """

    specimen: Specimen
    rows: Rows
    yardstick: Yardstick
    build: Factory

    @property
    def trained(self) -> tuple[str, ...]:
        """The losses that the encoder is trained on."""
        losses = self.specimen.losses
        zero = [name for name in ("dynamics", "auxiliary") if not getattr(losses, name)]
        both = not zero or self.small
        dropped = {Hypothesis.AUX_LOSS: ["dynamics"], Hypothesis.DYNAMICS_LOSS: ["auxiliary"]}
        default = ["dynamics", "auxiliary"] if both else zero
        return tuple(dropped.get(self.specimen.hypothesis, default))

    def attempt(self, way: Way, seed: int, attempts: int) -> TrainedCollapse:
        """Train one fresh subject and measure it.

        Parameters
        ----------
        way
            How to train it.
        seed
            Of its weights.
        attempts
            How many trainings there have been, this one included.
        """
        subject = self._built(seed)
        zero = _zero(subject)
        before = self._codes(subject)
        self._train(subject, way, before)
        self._fit_rest(subject, way)
        if self.small and way is Way.ADVERSARIAL:
            subject = self._shrunk(subject)
        return self._measured(subject, way, seed, attempts, before, zero)

    def _built(self, seed: int) -> Subject:
        subject = self.build(self.rows.mdp, seed)
        if isinstance(subject, tuple) and len(subject) == 3:
            subject = Subject(*subject)
        if not isinstance(subject, Subject):
            raise SubjectError(
                "factory",
                f"returned {type(subject).__name__}; it must return a Subject(encoder, predictor, "
                "head).",
            )
        if not subject.trainable_weights()["encoder"]:
            raise SubjectError(
                "encoder", "has nothing to train; a trained counterexample needs weights."
            )
        return subject

    def _codes(self, subject: Subject) -> FloatArray:
        with torch.no_grad():
            return np.array(self.rows.encode(subject).double().numpy())

    def _train(self, subject: Subject, way: Way, before: FloatArray) -> None:
        pulled = way is Way.ADVERSARIAL
        # Pulled codes can make the auxiliary loss zero; the dynamics loss is made small later.
        names = ("auxiliary",) if self.small and pulled else self.trained
        parts = ["encoder", *(_PART[name] for name in names)]
        grouped = subject.trainable_weights(parts)
        weights = [w for part in parts for w in grouped[part]]
        decayed = [part == "encoder" and w.ndim > 1 for part in parts for w in grouped[part]]
        size = float(_size(torch.from_numpy(before), self.specimen.n_codes > 1))

        def residuals() -> Tensor:
            out = self.rows.run(subject)
            losses = [getattr(self.rows, name)(out) for name in names]
            return torch.cat([*losses, *self._shaping(out.codes, way, size)])

        decay = Decay()
        if way is Way.DECAY:
            decay = _STAYING if self.small else _FADING

        def done() -> bool:
            return self._done(subject, names, way, before)

        descend(residuals, weights, decayed, steps=_STEPS, decay=decay, done=done)

    @property
    def small(self) -> bool:
        """Whether small losses will do."""
        return self.specimen.hypothesis is Hypothesis.EXACT_ZERO

    def _done(self, subject: Subject, names: tuple[str, ...], way: Way, before: FloatArray) -> bool:
        """Tell whether more steps would change nothing that matters."""
        with torch.no_grad():
            out = self.rows.run(subject)
        losses = [float(getattr(self.rows, name)(out).square().sum()) for name in names]
        codes = out.codes.double().numpy()
        if way is Way.ADVERSARIAL:
            apart = pair_distance(self.specimen, codes)
            scale = self.yardstick.scale(before, codes)
            return max(losses) <= _BOTTOM and apart <= _BOTTOM**0.5 * scale
        if not self.small:
            return max(losses) <= _BOTTOM
        threshold = self.yardstick.threshold(self.yardstick.scale(before, codes))
        merged = pair_distance(self.specimen, codes) <= threshold
        return max(losses) <= SMALL_LOSS and (merged or way is Way.ITSELF)

    def _shaping(self, codes: Tensor, way: Way, size: float) -> list[Tensor]:
        """Return residuals that are no loss: hold the size of the codes, pull some together."""
        if way is Way.DECAY or (self.small and way is Way.ITSELF):
            return []
        found = _size(codes, self.specimen.n_codes > 1)
        parts = [_ANCHOR * (found / size - 1).reshape(1)]
        if way is Way.ADVERSARIAL:
            first = [self.specimen.codes.index(code) for code in self.specimen.codes]
            parts.append((codes - codes[first]).reshape(-1) / size)
        return parts

    def _fit_rest(self, subject: Subject, way: Way) -> None:
        """Fit what was not trained on the frozen codes."""
        later = [name for name in _PART if name not in self.trained]
        if self.small and way is Way.ADVERSARIAL:
            later = ["dynamics"]
        for name in later:
            weights = subject.trainable_weights([_PART[name]])[_PART[name]]
            if weights:

                def residuals(name: str = name) -> Tensor:
                    value: Tensor = getattr(self.rows, name)(self.rows.run(subject))
                    return value

                flags = [False] * len(weights)
                descend(residuals, weights, flags, steps=_FIT_STEPS, done=lambda: False)

    def _shrunk(self, subject: Subject) -> Subject:
        """Shrink the latents until the dynamics loss is small."""
        with torch.no_grad():
            loss = float(self.rows.dynamics(self.rows.run(subject)).square().sum())
        return shrunk(subject, min(1.0, (0.1 * SMALL_LOSS / max(loss, 1e-300)) ** 0.5))

    def _measured(
        self,
        subject: Subject,
        way: Way,
        seed: int,
        attempts: int,
        before: FloatArray,
        zero: float,
    ) -> TrainedCollapse:
        rows, specimen = self.rows, self.specimen
        with torch.no_grad():
            out = rows.run(subject).double()
            dynamics = float(rows.dynamics(out).square().sum())
            auxiliary = float(rows.auxiliary(out).square().sum()) * rows.label_unit**2
        parts = (out.codes, out.predicted, out.read)
        codes, predicted, read = (np.array(part.numpy()) for part in parts)
        scale = self.yardstick.scale(before, codes)
        threshold = self.yardstick.threshold(scale)
        best_dynamics, best_auxiliary = floors(specimen, codes, threshold)
        distance = pair_distance(specimen, codes)
        good = distance <= threshold and self._as_claimed(
            {"dynamics": (dynamics, best_dynamics, scale),
             "auxiliary": (auxiliary, float(best_auxiliary), rows.label_unit)}, zero
        )  # fmt: skip
        return TrainedCollapse(
            hypothesis=specimen.hypothesis, design=subject.name, seed=seed, attempts=attempts,
            way=way, collapsed=good, trained=self.trained, codes=codes, predicted=predicted,
            read=read, dynamics_loss=dynamics, auxiliary_loss=auxiliary,
            dynamics_floor=best_dynamics, auxiliary_floor=best_auxiliary, x=specimen.x,
            y=specimen.y, distance=distance, distance_before=pair_distance(specimen, before),
            threshold=threshold, scale=scale, zero=zero,
        )  # fmt: skip

    def _as_claimed(self, losses: dict[str, tuple[float, float, float]], zero: float) -> bool:
        """Tell whether trained losses are zero (or small), and fitted ones at their floor."""
        for name, (loss, floor, unit) in losses.items():
            if name not in self.trained:
                good = reaches(loss, floor, unit)
            else:
                good = loss <= SMALL_LOSS if self.small else loss**0.5 <= zero * unit
            if not good:
                return False
        return True


def _size(codes: Tensor, centred: bool) -> Tensor:
    shifted = codes - codes.mean(dim=0) if centred else codes
    return shifted.square().sum(dim=1).mean().clamp_min(1e-300).sqrt()


def _zero(subject: Subject) -> float:
    coarsest = max(
        (torch.finfo(w.dtype).eps for weights in subject.trainable_weights().values()
         for w in weights), default=0.0,
    )  # fmt: skip
    return max(_ZERO, _UNITS * coarsest)
