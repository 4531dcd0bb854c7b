"""The bench on which probes work: fresh subjects, their answers, and private random numbers."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from tellapart.models.evaluation import BATCH_TOLERANCE
from tellapart.models.subject import Subject, SubjectError
from tellapart.theory.mdp import DeterministicMDP

if TYPE_CHECKING:
    from tellapart.models.contract.watch import FitWatch

__all__ = [
    "PARTS",
    "Answers",
    "Bench",
    "named_tensors",
    "perturb",
    "private_random",
    "random_state",
    "relative_change",
    "same_bits",
    "tolerance",
]

Factory = Callable[[DeterministicMDP, int], Any]
PARTS = ("encoder", "predictor", "head")

#: Observations, and pairs of observation and action, that a probe shows at most.
MAX_ROWS, MAX_PAIRS = 128, 4096
_COARSE_TOLERANCE = 2e-2  # half precision


@dataclass(frozen=True)
class Answers:
    """What a subject answers on the observations of a bench.

    Attributes
    ----------
    encoder, predictor, head
        ``[rows, d]``, ``[rows * actions, d]`` and ``[rows, label_dim]``.
    """

    encoder: Tensor
    predictor: Tensor
    head: Tensor

    def of(self, part: str) -> Tensor:
        """Return the answer of one part."""
        answer: Tensor = getattr(self, part)
        return answer


class Bench:
    """A factory on a system, with the observations and actions that are shown.

    Parameters
    ----------
    factory
        ``(mdp, seed) -> Subject``.
    mdp, seed
        What it is called with.

    Attributes
    ----------
    rows, actions
        int64; all observations and actions of a small system, evenly spaced ones of a large one.
    fitted
        What was seen while the subject's own fit ran; None: there is none, or it did not run.
    dtype_set
        Torch's default dtype after the factory was called last; it is put back.
    """

    def __init__(self, factory: Factory, mdp: DeterministicMDP, seed: int) -> None:
        self.factory, self.mdp, self.seed = factory, mdp, seed
        self.fitted: FitWatch | None = None
        self.dtype_set = torch.get_default_dtype()
        self.actions = _spread(mdp.n_actions, MAX_PAIRS // 2)
        self.rows = _spread(mdp.n_obs, max(2, min(MAX_ROWS, MAX_PAIRS // len(self.actions))))

    def build(self, seed: int | None = None, *, quiet: bool = False) -> Subject:
        """Call the factory.

        Parameters
        ----------
        seed
            Default: the seed of the bench.
        quiet
            Put modules into eval mode, so that dropout and BatchNorm do not answer for others.

        Raises
        ------
        SubjectError
            When the factory raises, or returns something else than a subject.
        """
        dtype = torch.get_default_dtype()
        try:
            made = self.factory(self.mdp, self.seed if seed is None else seed)
            if isinstance(made, tuple) and len(made) == 3:
                made = Subject(*made)
        except SubjectError:
            raise
        except Exception as error:  # whatever a user's factory raises is reported as the factory's
            raise SubjectError("factory", f"raised {type(error).__name__}: {error}") from error
        finally:
            self.dtype_set = torch.get_default_dtype()
            torch.set_default_dtype(dtype)
        if not isinstance(made, Subject):
            raise SubjectError(
                "factory",
                f"returned {type(made).__name__}; it must return a Subject(encoder, predictor, "
                "head) or a tuple of these three callables.",
            )
        if quiet:
            for module in made.modules:
                module.eval()
        return made

    @cached_property
    def successors(self) -> Tensor:
        """Successors of the rows under the actions, int64 ``[rows, actions]``."""
        table = self.mdp.successors[self.rows.numpy()][:, self.actions.numpy()]
        return torch.from_numpy(table.astype(np.int64))

    def pairs(self, n_rows: int) -> tuple[Tensor, Tensor]:
        """Return all pairs (row position, action) of the first ``n_rows`` rows, flat."""
        positions = torch.arange(n_rows).repeat_interleave(len(self.actions))
        return positions, self.actions.repeat(n_rows)

    def encode(self, subject: Subject, rows: Tensor | None = None) -> Any:
        """Return what the encoder answers on some observations, with gradients if enabled."""
        return subject.encoder(subject.inputs(self.mdp.n_obs, self.rows if rows is None else rows))

    def predict(self, subject: Subject, codes: Tensor) -> Any:
        """Return what the predictor answers on codes under every action."""
        positions, actions = self.pairs(len(codes))
        return subject.predictor(codes[positions.to(codes.device)], actions.to(codes.device))

    def answers(self, subject: Subject, inputs: Tensor | None = None) -> Answers:
        """Run all three parts without gradients, on other inputs if given."""
        with torch.no_grad():
            codes = self.encode(subject) if inputs is None else subject.encoder(inputs)
            read = subject.head(codes)
            return Answers(codes, self.predict(subject, codes), read.reshape(len(codes), -1))


def _spread(n: int, most: int) -> Tensor:
    """Return at most ``most`` of the indices below ``n``, evenly spaced, with both ends."""
    if n <= most:
        return torch.arange(n)
    return torch.linspace(0, n - 1, most, dtype=torch.float64).round().long()


def named_tensors(subject: Subject) -> dict[str, Tensor]:
    """Return parameters and buffers of all parts under paths such as ``encoder.0.weight``."""
    found: dict[str, Tensor] = {}
    for name in PARTS:
        part = getattr(subject, name)
        if isinstance(part, nn.Module):
            for tensors in (part.named_parameters(), part.named_buffers()):
                found.update((f"{name}.{path}", tensor) for path, tensor in tensors)
    return found


@contextmanager
def perturb(subject: Subject, parts: Sequence[str] = PARTS) -> Iterator[None]:
    """Add small noise to all floating parameters of some parts; they are put back afterwards.

    What is zero only because a layer starts at zero is not zero any more.
    """
    generator = torch.Generator().manual_seed(20)
    chosen: list[nn.Parameter] = []
    for name in parts:
        part = getattr(subject, name)
        if isinstance(part, nn.Module):
            chosen += [w for w in part.parameters() if w.is_floating_point() and not w.is_meta]
    before = [weight.detach().clone() for weight in chosen]
    with torch.no_grad():
        for weight in chosen:
            noise = torch.randn(weight.shape, generator=generator, dtype=torch.float64)
            weight.add_((0.1 * noise).to(weight))
    try:
        yield
    finally:
        with torch.no_grad():
            for weight, old in zip(chosen, before, strict=True):
                weight.copy_(old)


def random_state() -> dict[str, object]:
    """Return the global random states, of a kind that can be compared, by name of generator."""
    legacy: Any = np.random.get_state()  # noqa: NPY002  (other people's code may use it)
    return {
        "torch": torch.random.get_rng_state().numpy().tobytes(),
        "numpy": (legacy[1].tobytes(), *legacy[2:]),
        "random": random.getstate(),
    }


@contextmanager
def private_random(seed: int) -> Iterator[None]:
    """Seed the global generators (torch on the CPU, numpy, random); put them back afterwards."""
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    dtype = torch.get_default_dtype()
    with torch.random.fork_rng(devices=[]):
        try:
            torch.manual_seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002
            random.seed(seed)
            yield
        finally:
            random.setstate(python)
            np.random.set_state(legacy)  # noqa: NPY002
            torch.set_default_dtype(dtype)


def same_bits(first: Tensor, second: Tensor) -> bool:
    """Tell whether two tensors are the same numbers; NaN equals NaN, meta tensors have none."""
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    if first.is_meta or second.is_meta:
        return first.is_meta and second.is_meta
    if first.is_floating_point():
        first, second = torch.nan_to_num(first, nan=12.5), torch.nan_to_num(second, nan=12.5)
    return torch.equal(first, second.to(first.device))


def relative_change(first: Tensor, second: Tensor, scale: float | None = None) -> float:
    """Return the largest change relative to the largest number of the first tensor."""
    if first.shape != second.shape:
        return float("inf")
    if scale is None:
        scale = float(first.abs().max()) if first.numel() else 0.0
    change = float((first - second).abs().max()) if first.numel() else 0.0
    return change / scale if scale > 0 else change


def tolerance(dtype: torch.dtype) -> float:
    """Return the largest relative change that counts as rounding."""
    return BATCH_TOLERANCE.get(dtype, _COARSE_TOLERANCE)
