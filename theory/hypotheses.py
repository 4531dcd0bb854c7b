"""The nine hypotheses of the theorem (S4), and what is left without each of them."""

from enum import StrEnum

from tellapart.theory.errors import InvalidArgumentError

__all__ = ["Hypothesis", "hypothesis_named"]


class Hypothesis(StrEnum):
    """A hypothesis of S4 that can be dropped.

    Examples
    --------
    >>> Hypothesis.AUX_LOSS.dropped
    'only the dynamics loss is zero'
    """

    AUX_LOSS = "aux_loss"
    DYNAMICS_LOSS = "dynamics_loss"
    JOINT_TRAINING = "joint_training"
    DETERMINISM = "determinism"
    FULL_COVERAGE = "full_coverage"
    ACTION_CONDITIONING = "action_conditioning"
    EXACT_ZERO = "exact_zero"
    MARKOV_OBSERVATION = "markov_observation"
    INFORMATIVE_LABEL = "informative_label"

    @property
    def dropped(self) -> str:
        """What dropping it means."""
        return _TEXTS[self][0]

    @property
    def consequence(self) -> str:
        """What is then possible."""
        return _TEXTS[self][1]

    @property
    def needed(self) -> str:
        """What the theorem would have needed."""
        return _TEXTS[self][2]


_TEXTS = {
    Hypothesis.AUX_LOSS: (
        "only the dynamics loss is zero",
        "one code for everything is a zero-loss solution",
        "a head that reads the labels from the codes without error",
    ),
    Hypothesis.DYNAMICS_LOSS: (
        "only the auxiliary loss is zero",
        "any merge inside a label class is a zero-loss solution",
        "a predictor that maps the code of each observation to the code of its successor",
    ),
    Hypothesis.JOINT_TRAINING: (
        "the encoder sees one loss only; the other part is fitted afterwards on frozen latents",
        "the encoder collapses as under its one loss, and the fitted part cannot reach zero",
        "an encoder that both losses train",
    ),
    Hypothesis.DETERMINISM: (
        "one observation and action lead to several successors",
        "the successors must share a code, and then their labels may contradict each other",
        "one successor for each observation and action",
    ),
    Hypothesis.FULL_COVERAGE: (
        "some transitions of the system are not in the data",
        "pairs that only the missing transitions tell apart may share a code",
        "every pair of observation and action in the data",
    ),
    Hypothesis.ACTION_CONDITIONING: (
        "the predictor does not see the action",
        "the successors under all actions must share a code, and their labels may contradict",
        "a predictor that is given the action",
    ),
    Hypothesis.EXACT_ZERO: (
        "the losses are small, but not zero",
        "codes of any loss, however small, may merge the pair: shrink the latents, stretch the "
        "head",
        "losses that are zero, or small against a Lipschitz bound (S10) or the gaps (S13)",
    ),
    Hypothesis.MARKOV_OBSERVATION: (
        "two states of the system show the same observation",
        "no encoder can tell them apart, and their labels or successors contradict each other",
        "an observation for each state, or labels and successors that depend on it alone",
    ),
    Hypothesis.INFORMATIVE_LABEL: (
        "the label is constant on the data",
        "both losses are zero with one code for everything: the theorem promises nothing",
        "a label that takes two values",
    ),
}


def hypothesis_named(name: "Hypothesis | str") -> Hypothesis:
    """Return a hypothesis by its name; dashes count as underscores.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.
    """
    known = str(name).replace("-", "_")
    if known not in list(Hypothesis):
        names = ", ".join(one.value for one in Hypothesis)
        raise InvalidArgumentError(
            f"There is no hypothesis named {name!r}; the theorem has the hypotheses {names}."
        )
    return Hypothesis(known)
