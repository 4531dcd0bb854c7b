"""Probe of train and eval mode: which modules answer differently, and how they were left."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tellapart.models.contract.bench import PARTS, Bench, relative_change
from tellapart.models.contract.findings import Finding, broken, fine, not_applicable, note
from tellapart.models.subject import Subject

__all__ = ["probe_modes"]

_NAMED = 6


def probe_modes(bench: Bench) -> Finding:
    """Compare the answers in train and in eval mode, module by module.

    What counts is the mode in which the factory leaves a module, or the subject's own fit.
    """
    watched = bench.fitted
    trained = watched is not None and watched.error is None
    subject = watched.subject if watched is not None and trained else bench.build()
    if not subject.modules:
        return not_applicable("modes", "no part is an nn.Module")
    left = {path: module.training for path, module in _named_modules(subject)}
    culprits = _culprits(bench, subject)
    if not culprits:
        return fine("modes", "train and eval mode give the same answers")
    places = {path: text for path, text in culprits.items() if left[path]}
    who = "the fit" if trained else "the factory"
    if not places:
        return note(
            "modes",
            f"{_list(culprits)}; {who} leaves eval mode on.",
            "Parts are evaluated in the mode in which they are left; in eval mode these modules "
            "answer row by row."
            + ("" if trained else " The trainer runs them in eval mode as well."),
            "" if trained else "Give the subject its own fit to train them in train mode.",
        )
    return broken(
        "modes",
        f"{_list(places)}, and {who} leaves train mode on.",
        "Parts are evaluated in the mode in which they are left; in train mode dropout draws "
        "noise and BatchNorm mixes the rows of a batch, so that an observation has no code of its "
        "own.",
        f"Call .eval() on these modules at the end of {who}, or use LayerNorm and no dropout.",
    )


def _list(culprits: dict[str, str]) -> str:
    shown = [f"{path} ({text})" for path, text in list(culprits.items())[:_NAMED]]
    more = len(culprits) - len(shown)
    verb = "answers" if len(culprits) == 1 else "answer"
    names = ", ".join(shown) + (f" and {more} more" if more else "")
    return f"{names} {verb} differently in train mode"


def _named_modules(subject: Subject) -> Iterator[tuple[str, nn.Module]]:
    """Yield every module once, under a path such as ``encoder.1``."""
    seen: set[int] = set()
    for name in PARTS:
        part = getattr(subject, name)
        if isinstance(part, nn.Module):
            for path, module in part.named_modules():
                if id(module) not in seen:
                    seen.add(id(module))
                    yield f"{name}.{path}".rstrip("."), module


def _culprits(bench: Bench, subject: Subject) -> dict[str, str]:
    """Return path and description of the modules that alone change an answer in train mode."""
    found: dict[str, str] = {}
    with _modes_and_buffers(subject), torch.no_grad():
        for module in subject.modules:
            module.eval()
        quiet = _ask(bench, subject)
        for path, module in _named_modules(subject):
            with _modes_and_buffers(subject):
                module.training = True  # this one alone, not its children
                try:
                    loud = _ask(bench, subject)
                except Exception as error:  # such as BatchNorm on a batch of one
                    found[path] = f"{type(module).__name__} raised {type(error).__name__}: {error}"
                    continue
            change = max(
                relative_change(torch.nan_to_num(x), torch.nan_to_num(y))
                for x, y in zip(quiet, loud, strict=True)
            )
            if change > 0:
                found[path] = f"{type(module).__name__}, relative change {change:.2g}"
    return found


def _ask(bench: Bench, subject: Subject) -> tuple[Tensor, ...]:
    torch.manual_seed(0)  # noise that is drawn in eval mode too is another probe's business
    answers = bench.answers(subject)
    return answers.encoder, answers.predictor, answers.head


@contextmanager
def _modes_and_buffers(subject: Subject) -> Iterator[None]:
    """Put modes and buffers (running statistics) back afterwards."""
    modules = list(_named_modules(subject))
    modes = [module.training for _, module in modules]
    buffers = [buffer for part in subject.modules for buffer in part.buffers()]
    before = [buffer.clone() for buffer in buffers]
    try:
        yield
    finally:
        for (_, module), mode in zip(modules, modes, strict=True):
            module.training = mode
        with torch.no_grad():
            for buffer, old in zip(buffers, before, strict=True):
                buffer.copy_(old)
