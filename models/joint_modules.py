"""What joint training of any modules needs beside Adam: a good start and a finish.

Codes of a fresh network are often a tenth of the size that a predictor can work with, and rare
labels lie many spreads out. So the codes are brought to unit size, where the encoder ends in a
linear layer, and the labels are fitted before the predictor moves; afterwards the few transitions
that are still unresolved (S13) are given more weight and polished by Gauss-Newton steps.
"""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.first_order import (
    MAX_TRANSITIONS,
    Outputs,
    Phase,
    Scaling,
    forward,
    label_units,
    last_linear,
    train_phase,
)
from tellapart.models.gauss_newton import gauss_newton_cg
from tellapart.models.subject import Subject
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.resolution import gaps

__all__ = ["fit_labels", "polish", "standardise_codes", "trains_by_newton"]

_LABEL_STEPS, _LABEL_INNER, _LABEL_ADAM, _LABEL_RATE = 30, 200, 300, 0.03
_LABEL_LOSS = 1e-10
_POLISH_STEPS, _POLISH_INNER = 10, 100


def standardise_codes(subject: Subject, mdp: DeterministicMDP) -> None:
    """Bring each latent coordinate to mean 0 and variance 1 in the encoder's last linear layer.

    Encoders that do not end in a trainable linear layer with a bias are left alone, and so are
    coordinates that are the same for every observation.
    """
    with torch.no_grad():
        codes = subject.encoder(subject.inputs(mdp.n_obs))
        layer = last_linear(subject.encoder, codes.shape[1])
        if not isinstance(layer, torch.nn.Linear) or not layer.weight.requires_grad:
            return
        mean, spread = codes.mean(dim=0), codes.std(dim=0, correction=0)
        spread = torch.where(spread > 1e-6 * codes.abs().max(), spread, torch.ones_like(spread))
        layer.weight.div_(spread.unsqueeze(1))
        layer.bias.sub_(mean).div_(spread)


def trains_by_newton(subject: Subject, mdp: DeterministicMDP) -> bool:
    """Tell whether Gauss-Newton steps on all transitions at once are affordable here."""
    found = [w for own in subject.trainable_weights().values() for w in own]
    plain = all(w.dtype in (torch.float32, torch.float64) for w in found)
    return plain and mdp.n_obs * mdp.n_actions <= MAX_TRANSITIONS


def fit_labels(subject: Subject, mdp: DeterministicMDP, scaling: Scaling, seed: int) -> None:
    """Let encoder and head meet the auxiliary loss before the joint training, in place."""
    labels, rows = torch.tensor(mdp.label_vectors), torch.arange(mdp.n_obs)
    found = subject.trainable_weights(("encoder", "head"))
    weights: list[Tensor] = [weight for own in found.values() for weight in own]
    if not weights:
        return

    def residuals() -> Tensor:
        read = scaling(
            subject.head(subject.encoder(subject.inputs(mdp.n_obs, rows))).reshape(mdp.n_obs, -1)
        )
        errors = (read - labels.to(read)) / scaling.scale.to(read)
        return errors.reshape(-1) / math.sqrt(mdp.n_obs)

    if trains_by_newton(subject, mdp):
        try:
            gauss_newton_cg(
                residuals, weights, [1.0] * len(weights),
                steps=_LABEL_STEPS, inner_steps=_LABEL_INNER, stop_below=_LABEL_LOSS,
            )  # fmt: skip
            return
        except RuntimeError:  # torch names no narrower class for a missing second derivative
            pass
    train_phase(
        subject, mdp, Phase(("encoder", "head"), "aux"), scaling, steps=_LABEL_ADAM, seed=seed,
        learning_rate=_LABEL_RATE, weight_decay=0.0, watch=lambda *_: False,
    )  # fmt: skip


def polish(
    subject: Subject,
    mdp: DeterministicMDP,
    partition: Partition,
    scaling: Scaling,
    encoder_scale: float,
) -> int:
    """Take some Gauss-Newton steps in which what is least resolved counts most, in place.

    Every residual is measured in half its gap (S13) at the start and weighted by what it is then.

    Returns
    -------
    Steps tried.

    Raises
    ------
    RuntimeError
        From torch; see :func:`~tellapart.models.gauss_newton.gauss_newton_cg`.
    """
    rows, labels = torch.arange(mdp.n_obs), torch.tensor(mdp.label_vectors)
    found = subject.trainable_weights().items()
    weights: list[Tensor] = [weight for _, own in found for weight in own]
    metric = [encoder_scale if name == "encoder" else 1.0 for name, own in found for _ in own]

    def outputs() -> Outputs:
        return forward(subject, mdp, rows, scaling)

    with torch.no_grad():
        start = outputs()
        gap = torch.from_numpy(_half_gaps(start.codes, partition)[mdp.successors]).to(start.codes)
        unit = label_units(mdp).to(start.read)
        moved = (start.predicted - start.reached).norm(dim=2) / gap
        read = (start.read - labels.to(start.read)).norm(dim=1) / unit
        moved_weight, read_weight = _emphasis(moved) / gap, _emphasis(read) / unit

    def residuals() -> Tensor:
        out = outputs()
        dynamics = (out.predicted - out.reached) * moved_weight.unsqueeze(2)
        aux = (out.read - labels.to(out.read)) * read_weight.unsqueeze(1)
        n_pairs = mdp.n_obs * mdp.n_actions
        return torch.cat([dynamics.reshape(-1) / n_pairs**0.5, aux.reshape(-1) / mdp.n_obs**0.5])

    steps = gauss_newton_cg(
        residuals, weights, metric, steps=_POLISH_STEPS, inner_steps=_POLISH_INNER
    )[1]
    return steps


def _half_gaps(codes: Tensor, partition: Partition) -> npt.NDArray[np.float64]:
    """Return g(o)/2, with what is infinite or zero replaced by a typical gap."""
    gap = gaps(codes.double().numpy(), partition)
    usable = gap[np.isfinite(gap) & (gap > 0)]
    typical = float(np.median(usable)) if len(usable) else 1.0
    return np.where(np.isfinite(gap), np.maximum(gap, 1e-2 * typical), typical) / 2


def _emphasis(ratio: Tensor) -> Tensor:
    """Return weights with mean square 1 that grow with the ratio."""
    weight = 0.1 * ratio.max() + ratio + torch.finfo(ratio.dtype).tiny
    return weight / weight.square().mean().sqrt()
