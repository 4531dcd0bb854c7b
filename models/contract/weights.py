"""Probes of the weights one by one: those no loss reaches, and gradients that are not finite."""

from collections.abc import Callable

import torch
from torch import Tensor

from tellapart.models.contract.bench import PARTS, Bench, named_tensors
from tellapart.models.contract.findings import Finding, broken, fine, note
from tellapart.models.contract.paths import gradients_of, listed, weight_paths

__all__ = ["probe_finite_gradients", "probe_unused"]


def probe_unused(bench: Bench) -> Finding:
    """Name trainable weights that neither loss reaches."""
    subject = bench.build()
    with torch.no_grad():
        codes = bench.encode(subject).clone()
    asks: dict[str, Callable[[], Tensor]] = {
        "encoder": lambda: bench.encode(subject),
        "predictor": lambda: bench.predict(subject, codes),
        "head": lambda: subject.head(codes),
    }
    paths = {id(w): p for p, w in weight_paths(subject, *PARTS).items() if w.requires_grad}
    weights = {id(w): w for w in named_tensors(subject).values() if id(w) in paths}
    used: set[int] = set()
    cut_off: set[int] = set()
    for part, ask in asks.items():
        gradients = gradients_of(ask(), list(weights.values()))
        reached = {key for key, g in zip(weights, gradients, strict=True) if g is not None}
        used |= reached
        if part == "encoder" and not reached:  # said by the probe of the encoder
            cut_off = {id(w) for w in weight_paths(subject, "encoder").values()}
    unused = [path for key, path in paths.items() if key not in used | cut_off]
    if not unused:
        return fine("unused-parameters", f"every one of {len(weights)} weights is reached")
    summary = f"{listed(unused)} {'gets' if len(unused) == 1 else 'get'} no gradient from any loss."
    rule = "Weights that no answer depends on stay what they were at the start."
    if bench.fitted is not None:
        return note("unused-parameters", summary, f"{rule} The own fit may have losses for them.")
    return broken(
        "unused-parameters",
        summary,
        f"{rule} Often a layer was forgotten in forward, or its answer is detached.",
        "Use the layer in forward, remove it, or freeze it with requires_grad_(False).",
    )


def probe_finite_gradients(bench: Bench) -> Finding:
    """Compute the gradients of the joint loss and name weights where they are not finite."""
    subject = bench.build()
    codes = bench.encode(subject)
    reached = bench.encode(subject, bench.successors.reshape(-1))
    read = subject.head(codes).reshape(len(codes), -1)
    labels = torch.tensor(bench.mdp.label_vectors)[bench.rows].to(read)
    loss = (bench.predict(subject, codes) - reached).square().sum(dim=1).mean()
    loss = loss + (read - labels).square().sum(dim=1).mean().to(loss)
    weights = {p: w for p, w in weight_paths(subject, *PARTS).items() if w.requires_grad}
    if loss.requires_grad and weights:
        gradients = torch.autograd.grad(loss, list(weights.values()), allow_unused=True)
        pairs = zip(weights, gradients, strict=True)
        bad = [p for p, g in pairs if g is not None and not bool(torch.isfinite(g).all())]
        if bad:
            return broken(
                "finite-gradients",
                f"the gradient of the joint loss is not finite at {listed(bad)}, though all "
                "answers are finite.",
                "One step with such a gradient makes the weights NaN.",
                "Add a small constant inside roots, norms and divisions (the root of zero has an "
                "infinite slope), and use torch.where on the input, not only on the result.",
            )
    return fine("finite-gradients", "the gradients of the joint loss are finite")
