"""Probes that ask again: twice, in another batch, under another action."""

from collections.abc import Callable

import torch
from torch import Tensor

from tellapart.models.contract.bench import (
    Bench,
    perturb,
    relative_change,
    same_bits,
    tolerance,
)
from tellapart.models.contract.findings import Finding, broken, fine, not_applicable, note
from tellapart.models.subject import Subject
from tellapart.theory.bisimulation import bisimulation

__all__ = ["probe_actions", "probe_batches", "probe_determinism"]

_FEW = 3


def probe_determinism(bench: Bench) -> Finding:
    """Ask every part the same question twice, in eval mode."""
    subject = bench.build(quiet=True)
    with torch.no_grad():
        codes = bench.encode(subject)
        asked: dict[str, Callable[[], Tensor]] = {
            "encoder": lambda: bench.encode(subject),
            "predictor": lambda: bench.predict(subject, codes),
            "head": lambda: subject.head(codes),
        }
        for part, ask in asked.items():
            first, second = ask(), ask()
            same = same_bits(first, second)
            if first.device.type != "cpu":  # accelerators may sum in another order
                same = relative_change(first, second) <= tolerance(first.dtype)
            if not same:
                return broken(
                    "determinism",
                    f"the {part} answered the same question differently the second time, in eval "
                    f"mode (relative change {relative_change(first, second):.2g}).",
                    "A part is a function: one observation has one code. Otherwise it is not "
                    "defined which observations share a code.",
                    "Remove the noise (F.dropout needs training=self.training), the counter or "
                    "the cache, or return the mean of a stochastic latent.",
                )
    return fine("determinism", "the same question gets the same answer twice")


def probe_batches(bench: Bench) -> Finding:
    """Ask single rows alone, and all rows in reverse order, in eval mode."""
    if len(bench.rows) == 1:
        return not_applicable("batch-independence", "there is only one observation")
    subject = bench.build(quiet=True)
    with torch.no_grad():
        codes = bench.encode(subject)
        positions, actions = (index.to(codes.device) for index in bench.pairs(len(codes)))
        questions: dict[str, tuple[Tensor, ...]] = {
            "encoder": (subject.inputs(bench.mdp.n_obs, bench.rows),),
            "predictor": (codes[positions], actions),
            "head": (codes,),
        }
        for part, given in questions.items():
            complaint = _depends_on_batch(subject, part, given)
            if complaint is not None:
                return broken(
                    "batch-independence",
                    f"the {part} {complaint}",
                    "The answer to one row depends on that row only. Otherwise a code is no "
                    "property of the observation, and training may solve the task by comparing "
                    "rows of a batch.",
                    "Normalise each row by itself (LayerNorm) or by running statistics "
                    "(BatchNorm in eval mode), not by the mean or norm of the batch.",
                )
    return fine("batch-independence", "alone, in a batch and in another order: the same answers")


def _depends_on_batch(subject: Subject, part: str, given: tuple[Tensor, ...]) -> str | None:
    """Say how an answer depends on the batch, if it does."""
    ask = getattr(subject, part)
    together = ask(*given)
    n, scale = len(together), float(together.abs().max())
    reverse = torch.arange(n - 1, -1, -1, device=given[0].device)
    orders = {"in reverse order": reverse}
    picks = sorted({0, n // 2, n - 1})[:_FEW]
    orders |= {f"row {row} alone": torch.tensor([row], device=given[0].device) for row in picks}
    for how, rows in orders.items():
        try:
            other = ask(*(tensor[rows] for tensor in given))
        except Exception as error:  # a part that cannot take one row fails as a part
            return f"raised {type(error).__name__} when asked {how}: {error}"
        change = relative_change(together[rows.to(together.device)], other, scale)
        if not change <= tolerance(together.dtype):
            return f"answers differently when asked {how} (relative change {change:.2g})."
    return None


def probe_actions(bench: Bench) -> Finding:
    """Check that the predictor depends on the action at all, on the codes in use."""
    ids = torch.tensor(bisimulation(bench.mdp).partition.ids.tolist())[bench.successors]
    matters = bool((ids != ids[:, :1]).any())
    if not matters:
        return not_applicable("actions", "no action leads elsewhere than another, up to B*")
    subject = bench.build(quiet=True)
    if _moves(bench, subject):
        return fine("actions", "the prediction depends on the action")
    with perturb(subject, ("predictor",)):
        if _moves(bench, subject):
            return fine("actions", "the prediction depends on the action once weights are not zero")
    if _moves(bench, subject, elsewhere=True):
        return note(
            "actions",
            "the predictor depends on the action, but on no code in use.",
            "Successors of some observation under two actions must be told apart; with these codes "
            "they are predicted alike.",
            "See whether the encoder gives many observations one code.",
        )
    return broken(
        "actions",
        "the predictor gives the same latent for every action, on every code in use.",
        "Successors of some observation under two actions must be told apart, so T(z, a) has to "
        "depend on a; such a predictor cannot reach zero loss.",
        "Feed the action to the predictor: one-hot beside the latent, or an embedding.",
    )


def _moves(bench: Bench, subject: Subject, elsewhere: bool = False) -> bool:
    """Tell whether predictions differ between actions, on the codes or on random ones."""
    with torch.no_grad():
        codes: Tensor = bench.encode(subject)
        if elsewhere:
            generator = torch.Generator().manual_seed(3)
            codes = torch.randn(codes.shape, generator=generator, dtype=torch.float64).to(codes)
        moved = bench.predict(subject, codes).reshape(len(codes), len(bench.actions), -1)
        change = float((moved - moved[:, :1]).abs().max())
        return change > 4 * float(torch.finfo(moved.dtype).eps) * float(moved.abs().max())
