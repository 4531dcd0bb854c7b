"""One counting run from plan to measures: what ``tellapart reproduce counting`` repeats."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from tellapart.models.counting.emergence import Emergence
from tellapart.models.counting.losses import LossPoint
from tellapart.models.counting.measures import CountingMeasures, measure_counting
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.reconstructions import Reconstructions, reconstruct
from tellapart.models.counting.training import train_counting
from tellapart.theory.serialise import Saved, register

__all__ = ["CountingRun", "run_counting"]


@register
@dataclass(frozen=True, repr=False)
class CountingRun(Saved):
    """What was run, and what came of it.

    Attributes
    ----------
    plan
        All that fixes the run.
    losses
        About a hundred points of the history.
    cpu_seconds
        Of the training, those before an interruption included; the one number that varies.
    measures
        On held-out frames.
    reconstructions
        Pictures decoded from the latents, where they were asked for.
    emergence
        Which counts were told apart in the course of the training; None for latents that were not
        trained.
    """

    plan: CountingPlan
    losses: tuple[LossPoint, ...]
    cpu_seconds: float
    measures: CountingMeasures
    reconstructions: Reconstructions | None
    emergence: Emergence | None = None

    def explain(self) -> str:
        """Return plan and measures in a few lines."""
        parts = [self.plan.explain(), f"{self.cpu_seconds:.1f} CPU seconds of training."]
        parts.append(self.measures.explain())
        if self.reconstructions is not None:
            parts.append(self.reconstructions.explain())
        return "\n".join(parts)

    def __repr__(self) -> str:
        return f"CountingRun({self.plan!r}: {self.measures!r})"


def run_counting(
    plan: CountingPlan,
    *,
    encoder_factory: Callable[[int], nn.Module] | None = None,
    checkpoint: str | Path | None = None,
    every: int = 250,
    progress: Callable[[int, int, LossPoint], None] | None = None,
    held_out_seed: int | None = None,
    each: int = 50,
    decoder_steps: int = 0,
) -> CountingRun:
    """Train, measure, and perhaps decode.

    Parameters
    ----------
    plan, encoder_factory, checkpoint, every, progress
        As in :func:`~tellapart.models.counting.training.train_counting`.
    held_out_seed, each
        Of the held-out frames, as in
        :func:`~tellapart.models.counting.measures.measure_counting`.
    decoder_steps
        Train a decoder for this many steps (300 show enough); 0: none.

    Returns
    -------
    CountingRun
        The same for the same arguments, but for ``cpu_seconds``.

    Raises
    ------
    InvalidArgumentError
        For arguments out of range, an unusable encoder, or the checkpoint of another run.
    SubjectError
        When training diverges.

    Examples
    --------
    >>> run = run_counting(CountingPlan(steps=3, size=16, batch=8), each=4)
    >>> len(run.losses), run.measures.counts
    (3, (0, 1, 2, 3, 4, 5, 6, 7, 8))
    """
    trained = train_counting(
        plan, encoder_factory=encoder_factory, checkpoint=checkpoint, every=every,
        progress=progress,
    )  # fmt: skip
    pictures = None
    if decoder_steps:
        pictures = reconstruct(trained, steps=decoder_steps, seed=held_out_seed)
    measures = measure_counting(trained, seed=held_out_seed, each=each)
    return CountingRun(
        plan, trained.losses, trained.cpu_seconds, measures, pictures, trained.emergence
    )
