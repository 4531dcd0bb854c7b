"""What a counting run is: design, control, labels, architecture, seed and length."""

from dataclasses import dataclass

from tellapart.models.counting.border import as_choice, as_integer, as_size
from tellapart.models.counting.designs import counting_design
from tellapart.models.counting.networks import architecture
from tellapart.models.counting.rules import LABELINGS
from tellapart.models.counting.systems import counting_system
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

__all__ = ["RUN_CONTROLS", "RUN_LABELS", "CountingPlan"]

#: What a run may show: objects on black, glyphs, no count 0, or a background that flips by itself.
RUN_CONTROLS = ("frames", "glyphs", "no-zero", "distractor")

#: Labels of a run: those of a count, and the target together with the hue of the objects.
RUN_LABELS = (*LABELINGS, "hue")

#: More are refused by name, so that a typing error does not train for days.
MAX_STEPS, MAX_BATCH = 10_000_000, 65_536


@register
@dataclass(frozen=True, slots=True)
class CountingPlan(Saved):
    """All that fixes a counting run; the same plan gives the same numbers on one machine.

    Parameters
    ----------
    design
        One of :data:`~tellapart.models.counting.designs.COUNTING_DESIGNS`.
    control
        ``"frames"``: coloured objects on black. ``"glyphs"``: one of nine patterns for each count,
        in an order that the seed draws. ``"no-zero"``: counts 1..8 only. ``"distractor"``: the
        background is black and grey by turns, whatever the actions.
    labels
        ``"sparse"``, ``"dense"``, ``"mod3"``, ``"network"`` as in
        :func:`~tellapart.models.counting.rules.count_labels`; ``"hue"``: the sparse label, and
        cosine and sine of the hue, which is not asked of an empty picture.
    architecture
        One of :data:`~tellapart.models.counting.networks.ARCHITECTURES`.
    seed
        Of weights, frames, glyphs and random network.
    steps
        Of training.
    size
        Side of the frames: 16, 32 or 64 pixels.
    batch
        Transitions in a step.
    encoder
        The name of a user's encoder, None for the one of the architecture.

    Raises
    ------
    InvalidArgumentError
        For unknown names and numbers out of range.

    Examples
    --------
    >>> CountingPlan("joint", seed=10)
    CountingPlan(joint on frames, labels sparse, small-start, seed 10, 1500 steps)
    """

    design: str = "joint"
    control: str = "frames"
    labels: str = "sparse"
    architecture: str = "small-start"
    seed: int = 0
    steps: int = 1500
    size: int = 32
    batch: int = 64
    encoder: str | None = None

    def __post_init__(self) -> None:
        counting_design(self.design)
        architecture(self.architecture)
        as_choice("control", self.control, RUN_CONTROLS)
        as_choice("labels", self.labels, RUN_LABELS)
        as_integer("seed", self.seed, 0, 2**62)
        as_integer("steps", self.steps, 0, MAX_STEPS)
        as_size(self.size)
        as_integer("batch", self.batch, 2, MAX_BATCH)
        if not isinstance(self.encoder, str | None):
            raise InvalidArgumentError(
                f"encoder is {self.encoder!r}; it is the name of a user's encoder, or None."
            )

    @property
    def counts(self) -> range:
        """The counts that are shown."""
        return range(1 if self.control == "no-zero" else 0, 9)

    @property
    def system(self) -> DeterministicMDP:
        """The exact system of counts with the label of the run (of ``"hue"``, without the hue)."""
        labels = "sparse" if self.labels == "hue" else self.labels
        return counting_system(labels, lowest=self.counts[0], seed=self.seed)

    def explain(self) -> str:
        """Return the plan in a few lines."""
        design = counting_design(self.design)
        network = self.encoder or architecture(self.architecture).summary
        return (
            f"{design.explain()}\nPictures: {self.control}, counts {self.counts[0]}.."
            f"{self.counts[-1]}, {self.size} x {self.size} pixels; labels {self.labels}.\n"
            f"Network: {network}. Seed {self.seed}, {self.steps} steps of {self.batch} transitions."
        )

    def __repr__(self) -> str:
        return (
            f"CountingPlan({self.design} on {self.control}, labels {self.labels}, "
            f"{self.encoder or self.architecture}, seed {self.seed}, {self.steps} steps)"
        )
