"""Families of systems for the ablation matrix: one system for each seed, all of one shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tellapart.theory.gallery import blow_up, counting_chain, grid, random_mdp
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.naming import entry_named

__all__ = ["FAMILIES", "Family", "family"]

_CHAIN, _COUNTER, _RANDOM = 10, 12, 12
_ORIGINALS, _COPIES = 5, 3


@dataclass(frozen=True, repr=False)
class Family:
    """A named family of systems.

    Attributes
    ----------
    name, summary
        For tables and documentation.
    drawn
        Whether every seed has a system of its own; otherwise only the weights differ.
    """

    name: str
    summary: str
    drawn: bool
    _build: Callable[[int], DeterministicMDP]

    def system(self, seed: int) -> DeterministicMDP:
        """Return the system of a seed; all systems of a family have one shape."""
        return self._build(seed)

    def __repr__(self) -> str:
        return f"Family({self.name!r}: {self.summary})"


def family(name: str) -> Family:
    """Return a family by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> family("counting-9").system(0).n_obs
    9
    """
    return entry_named(FAMILIES, name, "family", "families")


def _random(n: int, seed: int) -> DeterministicMDP:
    """Draw successors and labels; where one label is drawn for all, the first gets the other.

    With one label for all nothing would have to be told apart.
    """
    mdp = random_mdp(n, 2, 2, seed=seed)
    if len(mdp.label_values) > 1:
        return mdp
    return mdp.with_labels([1 - mdp.labels[0], *mdp.labels[1:]])  # type: ignore[operator]


def _chain(seed: int) -> DeterministicMDP:
    """Walk on to the end, or fall back to the start; label 1 at the end."""
    here = np.arange(_CHAIN)
    successors = np.stack([np.minimum(here + 1, _CHAIN - 1), np.zeros_like(here)], axis=1)
    return DeterministicMDP(successors, (here == _CHAIN - 1).astype(int), actions=("on", "reset"))


def _counter(seed: int) -> DeterministicMDP:
    """Count round in a circle; label 1 at 0 only."""
    here = np.arange(_COUNTER)
    successors = np.stack([(here + 1) % _COUNTER, (here - 1) % _COUNTER], axis=1)
    return DeterministicMDP(successors, (here == 0).astype(int), actions=("+1", "-1"))


def _sparse_label(seed: int) -> DeterministicMDP:
    """Take random successors, with label 1 at one observation only."""
    mdp = random_mdp(_RANDOM, 2, 2, seed=seed)
    return mdp.with_labels([int(o == 0) for o in range(_RANDOM)])


def _frozen_lake(seed: int) -> DeterministicMDP:
    return DeterministicMDP.from_gymnasium("FrozenLake-v1", is_slippery=False)


_ALL = (
    Family(
        "counting-9", "count up and down among 0..8, label 1 at 4", False,
        lambda seed: counting_chain(9),
    ),
    Family("chain", f"{_CHAIN} observations: on to the end or back to the start", False, _chain),
    Family("counter", f"{_COUNTER} observations: count modulo {_COUNTER}", False, _counter),
    Family(
        "random", f"{_RANDOM} observations, random successors and labels", True,
        lambda seed: _random(_RANDOM, seed),
    ),
    Family(
        "sparse-label", f"{_RANDOM} observations, random successors, one rare label", True,
        _sparse_label,
    ),
    Family(
        "blow-up", f"{_ORIGINALS} random observations, {_COPIES} copies of each", True,
        lambda seed: blow_up(_random(_ORIGINALS, seed), _COPIES, seed=seed),
    ),
    Family("grid", "a grid of 3 by 4, label 1 in one corner", False, lambda seed: grid(3, 4)),
    Family("frozen-lake", "FrozenLake-v1 of Gymnasium, not slippery", False, _frozen_lake),
)  # fmt: skip

#: All families by name, in the order of tables.
FAMILIES: Mapping[str, Family] = MappingProxyType({entry.name: entry for entry in _ALL})
