"""Probes of gradients: which loss reaches which part.

Each path of the two losses is asked by itself. The dynamics loss reaches the encoder through the
prediction T(E(o), a) and through the target E(o'), the auxiliary loss through P(E(o)); so the
encoder is asked for gradients of its weights, and predictor and head for gradients of the codes.
A path counts when a random direction of the answer has a gradient that is not zero, at the start
or after small noise on the weights (layers that start at zero pass nothing on).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tellapart.models.contract.bench import Bench, perturb
from tellapart.models.contract.findings import Finding, broken, fine, not_applicable, note
from tellapart.models.contract.paths import listed, reaches, weight_paths
from tellapart.models.subject import Subject

__all__ = [
    "probe_auxiliary_path",
    "probe_encoder",
    "probe_prediction_path",
    "probe_target_path",
]

_NO_PATH = (
    "Look for .detach(), torch.no_grad(), torch.inference_mode(), .data, numpy, or argmax and "
    "rounding on the way."
)


def probe_encoder(bench: Bench) -> Finding:
    """Check that codes carry gradients to weights that a trainer can see."""
    subject = bench.build()
    encoder = subject.encoder
    weights = list(encoder.parameters()) if isinstance(encoder, nn.Module) else []
    trainable = [weight for weight in weights if weight.requires_grad]
    if not trainable:
        return _without_weights(bench, subject, len(weights))
    if not reaches(subject, lambda: bench.encode(subject), trainable):
        return broken(
            "encoder-gradient",
            "the codes carry no gradient to the weights of the encoder.",
            "Both losses train the encoder. With an encoder cut off the codes stay what they were "
            "at the start: nothing drives apart what must be told apart, and zero loss is luck.",
            _NO_PATH,
        )
    frozen = [p for p, w in weight_paths(subject, "encoder").items() if not w.requires_grad]
    if frozen:
        return note(
            "encoder-gradient",
            f"{listed(frozen)} of the encoder {'is' if len(frozen) == 1 else 'are'} frozen "
            "(requires_grad=False).",
            "Training moves only the rest of the encoder; what the frozen part merges stays "
            "merged.",
            "Set requires_grad_(True) if that is not meant.",
        )
    return fine("encoder-gradient", "codes carry gradients to the weights of the encoder")


def _without_weights(bench: Bench, subject: Subject, n_frozen: int) -> Finding:
    """Speak of an encoder that has no weights to train."""
    if bench.encode(subject).requires_grad:
        return broken(
            "encoder-gradient",
            f"the codes carry gradients, but to no weight of the encoder "
            f"({type(subject.encoder).__name__}).",
            "A trainer collects encoder.parameters(); weights behind a plain function are never "
            "trained by it.",
            "Pass the nn.Module itself, or wrap it in an nn.Module that holds it as attribute.",
        )
    watched = bench.fitted
    if watched is not None and "encoder" in watched.changed:
        return note(
            "encoder-gradient",
            "the encoder has no trainable weights before training, but the subject's own fit "
            "changes it.",
            "Findings about gradients speak about the parts as they are built.",
        )
    if n_frozen:
        return broken(
            "encoder-gradient",
            f"all {n_frozen} weights of the encoder are frozen (requires_grad=False).",
            "Both losses train the encoder (joint training). With a frozen one the codes stay "
            "what they were at the start: zero loss then depends on luck, and is mostly out of "
            "reach.",
            "Call encoder.requires_grad_(True), or train it by the subject's own fit.",
        )
    return note(
        "encoder-gradient",
        "the encoder has no weights: its codes are constructed, only other parts are trained.",
        "What such an encoder merges, no training tells apart.",
    )


def probe_prediction_path(bench: Bench) -> Finding:
    """Check that the dynamics loss reaches the codes through the predictor."""
    subject = bench.build()
    return _through(
        bench,
        subject,
        "prediction-gradient",
        "predictor",
        lambda codes: bench.predict(subject, codes),
        "The dynamics loss |T(E(o), a) - E(o')| trains the encoder through the prediction as well "
        "as through the target. Without the first path codes are drawn to what happens to be "
        "predicted, but never made predictable.",
    )


def probe_auxiliary_path(bench: Bench) -> Finding:
    """Check that the auxiliary loss reaches the codes through the head."""
    if len(bench.mdp.label_values) == 1:
        return not_applicable(
            "auxiliary-gradient", "all labels are equal: a constant head is right"
        )
    subject = bench.build()
    return _through(
        bench,
        subject,
        "auxiliary-gradient",
        "head",
        subject.head,
        "The auxiliary loss |P(E(o)) - p(o)| trains the encoder: it is what keeps codes apart. "
        "With a detached head joint training is dropped, and the dynamics loss alone is zero for "
        "a constant encoder.",
    )


def _through(
    bench: Bench,
    subject: Subject,
    id: str,
    part: str,
    ask: Callable[[Tensor], Tensor],
    rule: str,
) -> Finding:
    """Check that the answers of a part carry gradients to the codes it was given."""
    with torch.no_grad():
        codes = bench.encode(subject).clone()
    codes.requires_grad_(True)
    if reaches(subject, lambda: ask(codes), [codes], (part,)):
        if bench.fitted is not None and bench.fitted.apart(part):
            return note(
                id,
                f"the {part} carries gradients to the codes, but the subject's own fit never runs "
                "it on codes with gradients.",
                f"{rule} That zero loss tells apart stays true (S4); whether training reaches it "
                "is another question.",
                f"Let the loss of the {part} train the encoder too, if that is meant.",
            )
        return fine(id, f"the answers of the {part} carry gradients to the codes")
    with torch.no_grad(), perturb(subject, (part,)):
        depends = not torch.equal(ask(codes), ask(2 * codes + 1))
    summary = f"the {part} depends on the codes, but carries no gradient to them."
    if not depends:
        summary = f"the {part} does not depend on the codes."
    return broken(id, summary, rule, _NO_PATH if depends else f"Feed the codes to the {part}.")


def probe_target_path(bench: Bench) -> Finding:
    """Check that the dynamics loss reaches the encoder through the target E(o')."""
    subject = bench.build()
    encoder = subject.encoder
    weights = list(encoder.parameters()) if isinstance(encoder, nn.Module) else []
    weights = [weight for weight in weights if weight.requires_grad]
    if not weights:
        return not_applicable("target-gradient", "the encoder has no trainable weights")
    n = len(bench.rows)
    reached = torch.tensor(bench.mdp.successors[bench.rows.numpy(), 0].astype("int64"))

    def together() -> Tensor:
        codes: Tensor = bench.encode(subject, torch.cat([bench.rows, reached]))
        return codes[n:]

    def afterwards() -> Tensor:
        bench.encode(subject)
        codes: Tensor = bench.encode(subject, reached)
        return codes

    for ask, where in ((together, "the second half of a batch"), (afterwards, "a second call")):
        if not reaches(subject, ask, weights):
            return broken(
                "target-gradient",
                f"the codes of {where} carry no gradient, though others do: a stop-gradient on "
                "the target.",
                "A row carries gradients wherever it stands. With a stop-gradient in the encoder "
                "the trainer minimises another loss than the one that is reported; that zero loss "
                "tells apart stays true, but training may not get there.",
                "Return all codes with their gradients; stop gradients in the fit, if you must.",
            )
    return _fitted_target(bench)


def _fitted_target(bench: Bench) -> Finding:
    """Add what was seen of stopped gradients while the subject's own fit ran."""
    watched = bench.fitted
    seen = None if watched is None else watched.stopped()
    if seen is None:
        return fine("target-gradient", "codes of successors carry gradients to the encoder")
    return note(
        "target-gradient",
        f"the subject's own fit stops gradients at codes: {seen}.",
        "If these are the targets of the dynamics loss (stop-gradient, or a slow copy as target), "
        "training is not descent on the loss that is reported. That zero loss tells apart stays "
        "true (S4); whether training reaches it is another question. Codes detached only for a "
        "log or a plot do no harm.",
    )
