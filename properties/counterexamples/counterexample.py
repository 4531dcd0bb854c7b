"""A counterexample to one hypothesis of S4: the smallest one, explained, drawn and saved."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tellapart.models.counterexamples.attempts import Factory
from tellapart.models.counterexamples.collapse import TrainedCollapse
from tellapart.models.counterexamples.training import train_dropped
from tellapart.models.counterexamples.verify import verify_collapse
from tellapart.models.fit import check_integer
from tellapart.properties.cases.case import Case, case_of
from tellapart.properties.counterexamples.content import CounterexampleContent, outcome_of
from tellapart.theory.counterexamples.minimum import Minimum
from tellapart.theory.counterexamples.search import smallest_counterexamples
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.counterexamples.verify import verify_specimen
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis, hypothesis_named
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["Counterexample", "counterexample", "counterexample_of"]

Progress = Callable[[str], None]


@register
@dataclass(frozen=True, repr=False, eq=False)
class Counterexample(Saved):
    """What becomes possible when a hypothesis is dropped; made by :func:`counterexample`.

    Attributes
    ----------
    hypothesis
        What was dropped.
    specimen
        The counterexample that is told and drawn: world, data, codes, pair and word.
    minimum
        All smallest ones, and the proof that nothing smaller exists; None for one that was shrunk
        from a system of yours.
    trained
        A real encoder that collapsed on it; None when none was asked for.
    origin
        What it was shrunk from; empty for a minimum.
    design
        Name of a built-in design, None where the encoder was made by a factory of yours.
    seed
        First seed of the training.
    """

    hypothesis: Hypothesis
    specimen: Specimen
    minimum: Minimum | None
    trained: TrainedCollapse | None
    origin: str
    design: str | None
    seed: int

    @property
    def specimens(self) -> tuple[Specimen, ...]:
        """All smallest counterexamples, one for each class up to renaming."""
        return (self.specimen,) if self.minimum is None else self.minimum.specimens

    def explain(self, *, show_all: bool = False) -> str:
        """Return the story in plain text.

        Parameters
        ----------
        show_all
            List every smallest counterexample, not only the one that is told.
        """
        from tellapart.properties.counterexamples.story import story

        return story(self, show_all=show_all)

    def to_svg(self) -> str:
        """Return a picture as a file of its own: codes by colour, the word in thick arrows."""
        from tellapart.properties.counterexamples.picture import svg_file

        return svg_file(self.specimen)

    def to_dot(self) -> str:
        """Return DOT for Graphviz with the same marks."""
        from tellapart.properties.counterexamples.picture import dot_text

        return dot_text(self.specimen)

    def to_html(self, path: str | Path) -> None:
        """Write one self-contained page."""
        from tellapart.properties.files import write_atomically
        from tellapart.properties.report.counterexample_page import render_counterexample

        write_atomically(Path(path), render_counterexample(self))

    def to_pytest(self) -> str:
        """Return a pytest file of its own that fails until the codes in it are fixed."""
        from tellapart.properties.counterexamples.pytest_text import specimen_test

        return specimen_test(self.specimen)

    def case(self) -> Case:
        """Return a case that ``tellapart replay`` computes anew.

        An encoder of a factory of yours is not in it: only its exact part is replayed.
        """
        trains = self.trained is not None and self.design is not None
        content = CounterexampleContent(
            self.specimen,
            self.design if trains else None,
            self.seed,
            "The trained encoder is of your own code and was not trained again."
            if self.trained is not None and not trains
            else "",
        )
        trained = self.trained if trains else None
        return case_of(
            "counterexample", self.hypothesis.value, content, outcome_of(self.specimen, trained)
        )

    def __repr__(self) -> str:
        state = "not trained"
        if self.trained is not None:
            state = str(self.trained.way) if self.trained.collapsed else "did not collapse"
        specimen = self.specimen
        size = ", ".join([
            count(specimen.n_observations, "observation"),
            count(specimen.n_actions, "action"),
            count(specimen.n_codes, "code"),
        ])  # fmt: skip
        number = "shrunk" if self.minimum is None else f"{self.minimum.n_specimens} up to renaming"
        return f"Counterexample(without {self.hypothesis}: {size}, {number}; trained: {state})"


def counterexample(
    drop: Hypothesis | str = "aux_loss",
    *,
    max_observations: int = 4,
    design: str | Factory = "mlp",
    trained: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
) -> Counterexample:
    """Find the smallest counterexample without a hypothesis, and train an encoder into it.

    Parameters
    ----------
    drop
        Name of the hypothesis; dashes count as underscores.
    max_observations
        Bound on the search.
    design
        The encoder: ``"mlp"`` (a small tanh network), the name of a design, or a factory
        ``(mdp, seed) -> Subject``.
    trained
        Whether to train one.
    seed
        Of its weights.
    progress
        Called with a line of text before each stage.

    Returns
    -------
    Counterexample
        Verified by code that shares nothing with the search and the training.

    Raises
    ------
    InvalidArgumentError
        For an unknown hypothesis or design, numbers out of range, or when there is no
        counterexample within ``max_observations``.
    SubjectError
        When the factory is unusable.
    InternalError
        When the verification refuses what was found.

    Examples
    --------
    >>> found = counterexample("aux_loss", trained=False)
    >>> found
    Counterexample(without aux_loss: 2 observations, 1 action, 1 code, 3 up to renaming; \
trained: not trained)
    """
    hypothesis = hypothesis_named(drop)
    check_integer("seed", seed, 0)
    minimum = smallest_counterexamples(
        hypothesis, max_observations=max_observations, progress=progress
    )
    if not minimum.specimens:
        raise InvalidArgumentError(
            f"There is no counterexample without {hypothesis} with at most {max_observations} "
            "observations; allow more."
        )
    return counterexample_of(
        minimum.specimens[0], minimum=minimum, design=design if trained else None, seed=seed,
        progress=progress,
    )  # fmt: skip


def counterexample_of(
    specimen: Specimen,
    *,
    minimum: Minimum | None = None,
    origin: str = "",
    design: str | Factory | None = "mlp",
    seed: int = 0,
    progress: Progress | None = None,
) -> Counterexample:
    """Verify a specimen, train an encoder into it, and put both together.

    Parameters
    ----------
    specimen
        From the search, from shrinking, or made by hand.
    minimum
        The search it came from.
    origin
        What it was shrunk from.
    design, seed
        As for :func:`counterexample`; None: train nothing.
    progress
        Called with a line of text before training.

    Raises
    ------
    InvalidArgumentError
        When the specimen is no counterexample, for an unknown design or a negative seed.
    InternalError
        When it came from the search, or a trained collapse is not what it says.
    """
    check = verify_specimen(specimen)
    if not check:
        text = f"This is no counterexample: {check.failure}"
        raise InternalError(text) if minimum is not None else InvalidArgumentError(text)
    collapse = None
    if design is not None:
        if progress is not None:
            progress("training an encoder")
        collapse = train_dropped(specimen, design=design, seed=seed)
        confirmed = verify_collapse(specimen, collapse)
        if not confirmed:
            raise InternalError(f"A trained collapse is not what it says: {confirmed.failure}")
    return Counterexample(
        hypothesis=specimen.hypothesis, specimen=specimen, minimum=minimum, trained=collapse,
        origin=origin, design=design if isinstance(design, str) else None, seed=seed,
    )  # fmt: skip
