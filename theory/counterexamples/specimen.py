"""One exact counterexample: a world, what the losses are taken on, and codes that merge a pair."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.losses.irreducible import IrreducibleLoss, irreducible_loss
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

__all__ = ["Specimen"]


@register
@dataclass(frozen=True)
class Specimen(Saved):
    """Codes that merge a pair which the world tells apart, with one hypothesis of S4 dropped.

    Attributes
    ----------
    hypothesis
        What was dropped.
    world
        The deterministic MDP that decides which pairs have to be told apart (D3). With
        ``informative_label`` dropped its labels are another question than that of ``data``.
    data
        What the losses are taken on (D1): the world itself, or the world with several successors,
        missing rows, actions that are not shown, states that look alike, or a constant label.
    shows
        For each observation of the world, the first one that looks the same to the encoder; the
        identity unless ``markov_observation`` is dropped. Those that look the same have one code.
    codes
        The code of each observation of ``data``, numbered by first appearance.
    x, y
        Names of two observations of the world that share a code and are not bisimilar there.
    word
        Names of the actions (of the world) of a shortest distinguishing word.
    """

    hypothesis: Hypothesis
    world: DeterministicMDP
    data: TransitionData
    shows: tuple[int, ...]
    codes: tuple[int, ...]
    x: Hashable
    y: Hashable
    word: tuple[Hashable, ...]

    @property
    def n_observations(self) -> int:
        """Observations of the world."""
        return self.world.n_obs

    @property
    def n_actions(self) -> int:
        """Actions of the world."""
        return self.world.n_actions

    @property
    def n_codes(self) -> int:
        """Codes in use."""
        return max(self.codes) + 1

    @cached_property
    def losses(self) -> IrreducibleLoss:
        """The smallest losses that any predictor and head reach on one-hot codes, exact (S11)."""
        return irreducible_loss(self.data, np.eye(self.n_codes, dtype=np.int64)[list(self.codes)])

    @property
    def x_trace(self) -> tuple[Hashable, ...]:
        """Labels of the world along the word from x, start included."""
        return self._trace(self.x)

    @property
    def y_trace(self) -> tuple[Hashable, ...]:
        """Labels of the world along the word from y, start included."""
        return self._trace(self.y)

    def _trace(self, name: Hashable) -> tuple[Hashable, ...]:
        word = [self.world.action_index(action) for action in self.word]
        return self.world.label_trace(self.world.observation_index(name), word)

    def __repr__(self) -> str:
        return (
            f"Specimen(without {self.hypothesis}: {self.n_observations} observations, "
            f"{self.n_actions} actions, {self.n_codes} codes; {self.x!r} and {self.y!r} merged)"
        )
