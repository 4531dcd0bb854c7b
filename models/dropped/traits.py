"""What an encoder is made of that bears on a collapse: weights that train, norms, statistics."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from tellapart.models.contract.bench import perturb
from tellapart.models.contract.paths import listed, reaches
from tellapart.models.dropped.measure import Task
from tellapart.models.dropped.result import Trait, TraitKind
from tellapart.models.subject import Subject

__all__ = ["encoder_traits", "is_stuck"]

#: Relative difference up to which two norms, or two codes in different batches, are one.
_SAME = 1e-3
_STUCK = (TraitKind.NO_WEIGHTS, TraitKind.FROZEN, TraitKind.DETACHED)


def is_stuck(traits: tuple[Trait, ...]) -> bool:
    """Tell whether no training of the weights can move the codes."""
    return any(trait.name in _STUCK for trait in traits)


def encoder_traits(subject: Subject, task: Task) -> tuple[Trait, ...]:
    """Look at an encoder: what can be trained, and what its codes are normalised by.

    Parameters
    ----------
    subject
        Fresh.
    task
        The system.

    Returns
    -------
    Traits, in the order: weights, batch statistics, norms of the codes. A norm counts only where
    it is the last thing that happens to the codes. LayerNorm is known by its type; SimNorm and unit
    spheres by what they answer before and after noise on the weights, so that a user's own class,
    or a function in ``forward``, is found as well.
    """
    found = [*_weights(subject, task), *_batch_statistics(subject, task)]
    if isinstance(subject.encoder, nn.Module):
        found += _norms(subject, subject.encoder, task)
    return tuple(found)


def _weights(subject: Subject, task: Task) -> Iterator[Trait]:
    encoder = subject.encoder
    owned = list(encoder.parameters()) if isinstance(encoder, nn.Module) else []
    trained = [weight for weight in owned if weight.requires_grad]
    if not owned:
        what = type(encoder).__name__
        yield Trait(
            TraitKind.NO_WEIGHTS,
            "encoder",
            f"{what} has no weights that a trainer can see, so its codes stay what they are.",
        )
    elif not trained:
        yield Trait(
            TraitKind.FROZEN,
            "encoder",
            f"all {len(owned)} weight tensors have requires_grad=False, so the codes stay what "
            "they are.",
        )
    elif not reaches(subject, lambda: task.encode(subject), trained):
        yield Trait(
            TraitKind.DETACHED,
            "encoder",
            "the codes carry no gradient to its weights, so they stay what they are.",
        )


def _batch_statistics(subject: Subject, task: Task) -> Iterator[Trait]:
    """Find what makes the code of an observation depend on the others in the batch."""
    if task.mdp.n_obs < 2 or not _depends_on_batch(subject, task):
        return
    encoder = subject.encoder
    modules = encoder.named_modules() if isinstance(encoder, nn.Module) else ()
    paths = [
        f"encoder.{path}".rstrip(".")
        for path, module in modules
        if isinstance(module, _NormBase) and (module.training or module.running_mean is None)
    ]
    yield Trait(
        TraitKind.BATCH_STATISTICS,
        listed(paths) or "encoder",
        "codes are normalised by the batch: what gathers at one point is spread out again.",
    )


def _depends_on_batch(subject: Subject, task: Task) -> bool:
    """Tell whether two observations have other codes without the rest; draws of noise aside."""
    with torch.no_grad(), _buffers_kept(subject):
        whole = task.encode(subject)
        again = subject.encoder(subject.inputs(task.mdp.n_obs))
        if not torch.equal(whole, again):  # noise: nothing can be said
            return _trains_batchnorm(subject)
        try:
            few = task.encode(subject, torch.tensor([0, task.mdp.n_obs - 1]))
        except Exception:  # such as a module that refuses small batches
            return True
        change = (few - whole[[0, -1]]).abs().max()
        return bool(change > _SAME * whole.abs().max())


def _trains_batchnorm(subject: Subject) -> bool:
    encoder = subject.encoder
    modules = encoder.modules() if isinstance(encoder, nn.Module) else ()
    return any(isinstance(module, _NormBase) and module.training for module in modules)


def _norms(subject: Subject, encoder: nn.Module, task: Task) -> Iterator[Trait]:
    seen: dict[str, list[Tensor]] = {}
    with torch.no_grad(), _buffers_kept(subject), _watched(encoder, seen):
        first = task.encode(subject)
        with perturb(subject, ("encoder",)):
            second = task.encode(subject)
    modules = dict(encoder.named_modules())
    told: set[TraitKind] = set()
    for path in sorted(seen, key=lambda path: -path.count(".") - bool(path)):  # innermost first
        outputs = seen[path]
        last = len(outputs) == 2 and all(
            out.shape == codes.shape and torch.equal(out, codes)
            for out, codes in zip(outputs, (first, second), strict=True)
        )
        kind = _norm_kind(modules[path], torch.cat(outputs)) if last else None
        if kind is not None and kind not in told:
            told.add(kind)
            yield Trait(kind, f"encoder.{path}".rstrip("."), _NORMS[kind])


_NORMS = {
    TraitKind.LAYER_NORM: "each code is normalised by itself; one code for everything has a norm "
    "as well as any other.",
    TraitKind.SIMPLEX: "codes are points of simplices; one point for everything is as good as any.",
    TraitKind.UNIT_SPHERE: "codes cannot fade; one point for everything is as good as any.",
}


def _norm_kind(module: nn.Module, outputs: Tensor) -> TraitKind | None:
    if isinstance(module, nn.LayerNorm | nn.GroupNorm | getattr(nn, "RMSNorm", nn.LayerNorm)):
        return TraitKind.LAYER_NORM
    values = outputs.double()
    sums = values.sum(dim=1)
    if values.shape[1] > 1 and bool((values >= 0).all()) and _constant(sums):
        return TraitKind.SIMPLEX
    if values.shape[1] > 1 and _constant(values.norm(dim=1)):
        return TraitKind.UNIT_SPHERE
    return None


def _constant(values: Tensor) -> bool:
    """Tell whether all numbers agree and are not zero; one row shows nothing."""
    middle = float(values.mean())
    return len(values) > 2 and middle > 0 and float((values - middle).abs().max()) <= _SAME * middle


@contextmanager
def _watched(encoder: nn.Module, seen: dict[str, list[Tensor]]) -> Iterator[None]:
    """Keep what every module of the encoder answers."""

    def keep(path: str) -> Callable[[nn.Module, object, object], None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            if isinstance(output, Tensor):
                seen.setdefault(path, []).append(output.detach().clone())

        return hook

    handles = [module.register_forward_hook(keep(path)) for path, module in encoder.named_modules()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def _buffers_kept(subject: Subject) -> Iterator[None]:
    """Put running statistics back."""
    buffers = [buffer for part in subject.modules for buffer in part.buffers()]
    before = [buffer.clone() for buffer in buffers]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, old in zip(buffers, before, strict=True):
                buffer.copy_(old)
