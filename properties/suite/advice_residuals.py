"""Advice from codes and residuals: what a best affine part would do, which actions fail, scale."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tellapart.properties.suite.advice_fits import NEAR_ONE, affine_fit
from tellapart.properties.suite.advice_forms import Forms
from tellapart.properties.suite.advice_item import Advice, Strength, numbers_of
from tellapart.theory.resolution import gaps, label_gaps
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.properties.check_report import CheckReport

__all__ = ["from_residuals"]

FloatArray = npt.NDArray[np.float64]

#: Raw losses below this are what people call zero; no verdict uses it.
TINY_LOSS = 1e-6
#: A dynamics loss in this range of the best one without actions counts as making no use of them.
_BLIND = (0.9, 1.5)


def from_residuals(report: "CheckReport", forms: Forms) -> Iterator[Advice]:
    """Advise on a run whose premise is unmet, from its codes and residuals."""
    apart = report.judgement.separation
    if apart.n_must_separate and apart.n_merged == apart.n_must_separate:
        yield _constant(report)
        return
    if apart.n_merged and _trained(report):
        yield _merged(report)
    if report.judgement.resolution.aux_ratio >= 1:
        yield from _head(report, forms)
    if report.judgement.resolution.dynamics_ratio >= 1:
        yield from _blind(report)
        yield from _predictor(report, forms)
        yield from _actions(report)
        yield from _shrunk(report)


def _constant(report: "CheckReport") -> Advice:
    apart = report.judgement.separation
    spread = float(np.abs(report.codes - report.codes.mean(axis=0)).max())
    return Advice(
        "constant-codes",
        f"All {apart.n_must_separate} pairs that must be told apart share a code (codes are within "
        f"{spread:.3g} of their mean), at a dynamics loss of {report.dynamics_loss:.3g} and an "
        f"auxiliary loss of {report.aux_loss:.3g}.",
        "Let the auxiliary loss train the encoder, with a weight that the dynamics loss does not "
        "drown; see that the encoder looks at its observation.",
        "measured",
        numbers_of(
            merged=apart.n_merged,
            spread=spread,
            dynamics_loss=report.dynamics_loss,
            aux_loss=report.aux_loss,
        ),
    )


def _merged(report: "CheckReport") -> Advice:
    apart, gap = report.judgement.separation, report.judgement.resolution.smallest_gap
    room = "no room" if gap == 0 else f"only {gap / 2:.3g} of room"
    return Advice(
        "merged-codes",
        f"{apart.n_merged} of {apart.n_must_separate} pairs that must be told apart share a code "
        f"(at most {apart.threshold:.3g} apart), which leaves predictor and head {room}: the "
        "encoder merged them.",
        "See that both losses reach the encoder (the contract probes tell) and that it can show "
        "the difference: more width, another seed, a larger weight of the auxiliary loss.",
        "measured",
        numbers_of(merged=apart.n_merged, must_separate=apart.n_must_separate, smallest_gap=gap),
    )


def _strength(report: "CheckReport") -> Strength:
    """One half of the premise alone is unmet: its part is at fault. Both: it may be."""
    measured = report.judgement.resolution
    return "measured" if min(measured.dynamics_ratio, measured.aux_ratio) < 1 else "possible"


def _trained(report: "CheckReport", *objectives: str) -> bool:
    """Tell whether some training aimed at a loss; a part that was not trained is not too weak."""
    training = report.training
    aimed = training is not None and training.objective in ("joint", *objectives)
    return aimed and training is not None and training.method != "none"


def _head(report: "CheckReport", forms: Forms) -> Iterator[Advice]:
    mdp, ratio = report.mdp, report.judgement.resolution.aux_ratio
    fit = affine_fit(report.codes, mdp.label_vectors, label_gaps(mdp) / 2)
    if fit is None or not _trained(report, "aux"):
        return
    numbers = numbers_of(
        aux_ratio=ratio, affine_ratio=fit.ratio, affine_least=fit.least, observations=mdp.n_obs,
        latent_dim=report.codes.shape[1],
    )  # fmt: skip
    if fit.ratio < 1:
        yield Advice(
            "head-not-fitted",
            f"The head reads labels with ratio {ratio:.3g}, and an affine head fitted to the same "
            f"codes would reach {fit.ratio:.3g} (below 1 is met).",
            "Train the head longer, or with a higher learning rate or weight of its loss; see that "
            "the optimiser holds its weights.",
            _strength(report),
            numbers,
        )
    elif forms.head in ("linear", "affine") and fit.least >= NEAR_ONE:
        yield Advice(
            "head-too-weak",
            f"The {forms.head} head has ratio {ratio:.3g}, and on these codes no {forms.head} head "
            f"has one below {fit.least:.3g} (below 1 is met).",
            "Give the head a hidden layer, or let the auxiliary loss move the encoder more.",
            _strength(report),
            numbers,
        )


def _predictor(report: "CheckReport", forms: Forms) -> Iterator[Advice]:
    mdp, ratio = report.mdp, report.judgement.resolution.dynamics_ratio
    half = gaps(report.codes, report.audit.partition) / 2
    fits = [affine_fit(report.codes, report.codes[to], half[to]) for to in mdp.successors.T]
    known = [fit for fit in fits if fit is not None]
    if len(known) < len(fits) or not _trained(report, "dynamics", "decoupled"):
        return
    best, least = max(fit.ratio for fit in known), max(fit.least for fit in known)
    numbers = numbers_of(
        dynamics_ratio=ratio, affine_ratio=best, affine_least=least, observations=mdp.n_obs,
        latent_dim=report.codes.shape[1],
    )  # fmt: skip
    if best < 1:
        yield Advice(
            "predictor-not-fitted",
            f"The predictor has ratio {ratio:.3g}, and one affine map for each action, fitted to "
            f"the same codes, would reach {best:.3g} (below 1 is met).",
            "Train the predictor longer, or with a higher learning rate or weight of its loss; "
            "see that the optimiser holds its weights and that it is given the action.",
            _strength(report),
            numbers,
        )
    elif forms.predictor in ("linear", "affine") and least >= NEAR_ONE:
        yield Advice(
            "predictor-too-weak",
            f"The {forms.predictor} predictor has ratio {ratio:.3g}, and on these codes no "
            f"{forms.predictor} predictor has one below {least:.3g} (below 1 is met).",
            "Give the predictor a hidden layer, or the latent more dimensions.",
            _strength(report),
            numbers,
        )


def _blind(report: "CheckReport") -> Iterator[Advice]:
    """Compare with the best predictor that ignores the action, and test what follows from it."""
    mdp = report.mdp
    if mdp.n_actions < 2 or not _trained(report, "dynamics", "decoupled"):
        return
    reached = report.codes[mdp.successors]  # [n, actions, d]
    blind = float(np.square(reached - reached.mean(axis=1, keepdims=True)).sum(axis=2).mean())
    share = report.dynamics_loss / blind if blind > 0 else 0.0
    if not _BLIND[0] <= share <= _BLIND[1] or not _may_be_blind(reached, report):
        return
    yield Advice(
        "action-ignored",
        f"The dynamics loss is {report.dynamics_loss:.3g}, and the best prediction that ignores "
        f"the action has {blind:.3g}: the predictor makes no measurable use of the action.",
        "Feed the action to the predictor (one-hot beside the latent, or an embedding), or train "
        "it longer if it is fed.",
        "measured",
        numbers_of(
            dynamics_loss=report.dynamics_loss, action_blind_loss=blind, actions=mdp.n_actions
        ),
    )


def _may_be_blind(reached: FloatArray, report: "CheckReport") -> bool:
    """One prediction for all actions: two targets are no further apart than both residuals."""
    residual, slack = report.dynamics_residuals, 1e-6
    for a in range(1, reached.shape[1]):
        between = np.linalg.norm(reached[:, a] - reached[:, a - 1], axis=1)
        if (between > (residual[:, a] + residual[:, a - 1]) * (1 + slack)).any():
            return False
    return True


def _actions(report: "CheckReport") -> Iterator[Advice]:
    """Compare actions: some mispredicted, others not at all."""
    mdp = report.mdp
    half = gaps(report.codes, report.audit.partition) / 2
    unresolved = (report.dynamics_residuals >= half[mdp.successors]).sum(axis=0)
    bad = np.flatnonzero(unresolved).tolist()
    if mdp.n_actions < 2 or not bad or len(bad) > mdp.n_actions // 2:
        return
    rms = np.sqrt(np.square(report.dynamics_residuals).mean(axis=0))
    good = [a for a in range(mdp.n_actions) if a not in bad]
    names = ", ".join(repr(mdp.actions[a]) for a in bad[:6]) + ", ..." * (len(bad) > 6)
    total = int(unresolved.sum())
    yield Advice(
        "one-action",
        f"{'The one' if total == 1 else f'All {total}'} unresolved "
        f"{'transition is' if total == 1 else 'transitions are'} under {names} (rms residual "
        f"{rms[bad].max():.3g}); the other {count(len(good), 'action')} reach {rms[good].max():.3g}"
        " or less.",
        "See how the predictor is given that action, and that the data of the loss hold it as "
        "often as others.",
        "measured",
        numbers_of(
            unresolved=total, actions=len(bad), rms_of_these=rms[bad].max(),
            rms_of_others=rms[good].max(),
        ),
    )  # fmt: skip


def _shrunk(report: "CheckReport") -> Iterator[Advice]:
    apart, measured = report.judgement.separation, report.judgement.resolution
    # A loss that is tiny beside the distances too is small by itself, whatever pair it fails.
    if report.dynamics_loss >= TINY_LOSS or report.dynamics_loss <= TINY_LOSS * apart.rms**2:
        return
    yield Advice(
        "shrunk-latents",
        f"The dynamics loss of {report.dynamics_loss:.3g} is small because the latents are: codes "
        f"of different blocks are {apart.rms:.3g} apart (rms), and the residuals are "
        f"{measured.dynamics_ratio:.3g} times what half the gaps allow.",
        "Keep the scale of the latents: normalise them (LayerNorm, SimNorm), or add a variance "
        "term; the loss itself proves nothing (S13).",
        "measured",
        numbers_of(
            dynamics_loss=report.dynamics_loss,
            rms_distance=apart.rms,
            dynamics_ratio=measured.dynamics_ratio,
            smallest_gap=measured.smallest_gap,
        ),
    )
