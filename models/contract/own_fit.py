"""Probe of a subject's own fit: whether it runs, and changes what it should.

See :mod:`tellapart.models.contract.watch` for what is seen while it runs.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from tellapart.models.contract.bench import (
    PARTS,
    Bench,
    named_tensors,
    private_random,
    same_bits,
)
from tellapart.models.contract.findings import Finding, broken, fine, not_applicable, note
from tellapart.models.contract.watch import DetachMode, FitWatch, PartHook
from tellapart.models.subject import Subject

__all__ = ["probe_own_fit", "watch_fit"]


def watch_fit(bench: Bench) -> FitWatch | None:
    """Run the own fit of a fresh subject under watch; None where it has none."""
    subject = bench.build()
    fit = subject.fit
    if fit is None:
        return None
    watch = FitWatch(subject)
    before = {path: t.detach().clone() for path, t in named_tensors(subject).items()}
    answers = _quiet_answers(bench, subject)
    handles = _hang_hooks(watch)
    try:
        with private_random(bench.seed), DetachMode(watch):
            fit(subject, bench.mdp, bench.seed)
            watch.end_step()
    except Exception as error:  # whatever a user's fit raises is reported as the fit's
        watch.error = f"{type(error).__name__}: {error}"
    finally:
        for handle in handles:
            handle.remove()
        watch.nodes.clear()
    watch.changed = _changed(bench, subject, before, answers)
    return watch


def _hang_hooks(watch: FitWatch) -> list[RemovableHandle]:
    """Watch the encoder, and every layer of the other parts: losses may call layers directly."""
    handles: list[RemovableHandle] = []
    for part in PARTS:
        whole = getattr(watch.subject, part)
        if isinstance(whole, nn.Module):
            layers = [whole] if part == "encoder" else list(whole.modules())
            hook = PartHook(watch, part)
            handles += [layer.register_forward_hook(hook) for layer in layers]
    return handles


def _quiet_answers(bench: Bench, subject: Subject) -> dict[str, Tensor]:
    """Answers of parts that are no modules: their weights cannot be seen."""
    answers = bench.answers(subject)
    plain = [part for part in PARTS if not isinstance(getattr(subject, part), nn.Module)]
    return {part: answers.of(part).clone() for part in plain}


def _changed(
    bench: Bench, subject: Subject, before: dict[str, Tensor], answers: dict[str, Tensor]
) -> tuple[str, ...]:
    now = named_tensors(subject)
    moved = {
        path.partition(".")[0]
        for path, old in before.items()
        if path not in now or not same_bits(old, now[path])
    }
    if answers:
        after = bench.answers(subject)
        moved |= {part for part, old in answers.items() if not same_bits(old, after.of(part))}
    return tuple(part for part in PARTS if part in moved)


def probe_own_fit(bench: Bench) -> Finding:
    """Check that the subject's own fit runs, and changes what it should."""
    watch = bench.fitted
    if watch is None:
        return not_applicable("own-fit", "the subject has no fit of its own, or it was not run")
    if watch.error is not None:
        return broken(
            "own-fit",
            f"the fit raised {watch.error}",
            "The fit is called as fit(subject, mdp, seed) and trains the subject in place.",
            "Run it in a plain script on the same system to see the traceback.",
        )
    lost = [p for p, t in named_tensors(watch.subject).items() if not _finite(t)]
    if lost:
        return broken(
            "own-fit",
            f"after the fit {lost[0]} holds NaN or infinity ({len(lost)} tensors do).",
            "A trained subject has finite weights.",
            "Training diverged: lower the learning rate, clip gradients, or check the loss.",
        )
    return _judge_changes(watch)


def _finite(tensor: Tensor) -> bool:
    return tensor.is_meta or bool(torch.isfinite(tensor).all())


def _judge_changes(watch: FitWatch) -> Finding:
    weights = watch.subject.trainable_weights()
    if "encoder" not in watch.changed and weights["encoder"]:
        return broken(
            "own-fit",
            f"the fit did not change the encoder (it changed {_names(watch.changed)}).",
            "A fit trains the encoder in place; codes that stay what they were at the start are "
            "told apart by luck only.",
            "Give the optimiser encoder.parameters(), call backward on a loss that reaches it, "
            "and train the modules of the subject that is passed, not copies of them.",
        )
    still = [part for part in PARTS if weights[part] and part not in watch.changed]
    if still or "encoder" not in watch.changed:
        names = " and ".join(still or ["encoder"])
        return note(
            "own-fit",
            f"the fit left the {names} as it was.",
            "Zero loss needs all three parts; one that is not trained rarely fits the others.",
        )
    return fine("own-fit", f"the fit changed {_names(watch.changed)}")


def _names(parts: Sequence[str]) -> str:
    return ", ".join(parts) or "nothing"
