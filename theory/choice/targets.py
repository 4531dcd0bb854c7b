"""Does a label force the encoder to keep a given partition apart (S9).

A *target* is the partition that the encoder must keep apart: every observation, the count, the
room. A label p suffices for it when every zero-loss encoder does so, that is, when ``B*(p)``
refines it.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.labels import code_labels
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register

__all__ = [
    "Sufficiency",
    "TargetSpec",
    "merged_pair",
    "n_merged_pairs",
    "require_mdp",
    "suffices",
    "target_partition",
]

#: What a target may be given as; see :func:`target_partition`.
TargetSpec = (
    Partition
    | str
    | Mapping[Hashable, Hashable]
    | Sequence[Hashable]
    | npt.NDArray[np.integer[Any]]
)


@register
@dataclass(frozen=True)
class Sufficiency(Saved):
    """Whether a label forces a target apart (S9); ``bool()`` of it is the answer.

    Attributes
    ----------
    holds
        The answer: ``B*(p)`` refines the target.
    x, y
        Names of a pair that the target separates and ``B*`` merges (the first by index), or None.
    n_pairs
        Unordered pairs that the target separates.
    n_missing
        How many of them the label does not force apart.
    target_blocks
        Number of blocks of the target.
    label_blocks
        Number of blocks of ``B*(p)``.
    """

    holds: bool
    x: Hashable
    y: Hashable
    n_pairs: int
    n_missing: int
    target_blocks: int
    label_blocks: int

    def __bool__(self) -> bool:
        return self.holds

    @property
    def witness(self) -> tuple[Hashable, Hashable] | None:
        """The pair that is not forced apart, by name; None when the label suffices."""
        return None if self.holds else (self.x, self.y)

    def explain(self) -> str:
        """Return the answer and its reason in a sentence or two."""
        if self.holds:
            return (
                f"The label suffices: every zero-loss encoder keeps all {self.n_pairs} pairs of "
                f"the target apart ({self.label_blocks} blocks of bisimilarity refine its "
                f"{self.target_blocks})."
            )
        return (
            f"The label does not suffice: {self.n_missing} of the {self.n_pairs} pairs that the "
            f"target separates may share a code at zero loss.\n"
            f"For example {self.x!r} and {self.y!r}: no sequence of actions leads them to "
            "different labels."
        )

    def __repr__(self) -> str:
        if self.holds:
            return f"Sufficiency(holds, {self.n_pairs} pairs)"
        return (
            f"Sufficiency(fails for {self.n_missing} of {self.n_pairs} pairs, as "
            f"{self.x!r} and {self.y!r})"
        )


def suffices(mdp: DeterministicMDP, target: TargetSpec = "observation") -> Sufficiency:
    """Tell whether the label of ``mdp`` forces the encoder to keep ``target`` apart (S9).

    Parameters
    ----------
    mdp
        The dynamics, with the label in question.
    target
        As in :func:`target_partition`; default: every observation apart.

    Returns
    -------
    Sufficiency

    Raises
    ------
    InvalidArgumentError
        When the target is not a partition of the observations of ``mdp``.

    Notes
    -----
    O(|A| n log n); the pairs are counted from block sizes, not listed.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> bool(suffices(counting_chain(9)))
    True
    >>> suffices(counting_chain(9).with_labels([0] * 9), [c % 2 for c in range(9)])
    Sufficiency(fails for 20 of 20 pairs, as 0 and 1)
    """
    require_mdp(mdp)
    wanted = target_partition(mdp, target)
    found = bisimulation(mdp).partition
    pair = merged_pair(found, wanted)
    names = mdp.observations
    return Sufficiency(
        holds=pair is None,
        x=None if pair is None else names[pair[0]],
        y=None if pair is None else names[pair[1]],
        n_pairs=wanted.n_separated_pairs,
        n_missing=n_merged_pairs(found, wanted),
        target_blocks=wanted.n_blocks,
        label_blocks=found.n_blocks,
    )


def merged_pair(found: Partition, target: Partition) -> tuple[int, int] | None:
    """Return the first pair of indices that ``target`` separates and ``found`` merges, or None."""
    stands_for = found.representatives[found.ids]
    clash = np.flatnonzero(target.ids != target.ids[stands_for])
    if not clash.size:
        return None
    y = int(clash[0])
    return int(stands_for[y]), y


def n_merged_pairs(found: Partition, target: Partition) -> int:
    """Return how many unordered pairs ``target`` separates and ``found`` merges; O(n log n)."""
    return found.meet(target).n_separated_pairs - found.n_separated_pairs


def require_mdp(mdp: Any) -> None:
    """Raise InvalidArgumentError when something else than a deterministic MDP is given."""
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"The system is a {type(mdp).__name__}; the choice of a label needs a "
            "DeterministicMDP (total, one successor for every pair). Make one of complete data "
            "with TransitionData.to_mdp()."
        )


def target_partition(mdp: DeterministicMDP, spec: TargetSpec) -> Partition:
    """Turn what a user gives as a target into a partition of the observations.

    Parameters
    ----------
    mdp
        The system.
    spec
        ``"observation"`` (every observation apart), ``"label"`` (the blocks of the label, ker p),
        a :class:`~tellapart.theory.partition.Partition`, one class for each observation in order,
        or a mapping ``{observation name: class}`` of all observations. A class is anything that a
        label may be.

    Returns
    -------
    Partition

    Raises
    ------
    InvalidArgumentError
        For another word, another number of observations, or names that are missing or unknown.
    InvalidLabelError
        For a class that is NaN, None or not hashable.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> target_partition(counting_chain(3), {0: "even", 1: "odd", 2: "even"})
    Partition of 3 observations into 2 blocks: {0, 2} {1}
    """
    require_mdp(mdp)
    if isinstance(spec, str):
        return _named_target(mdp, spec)
    if isinstance(spec, Partition):
        _check_count(mdp, len(spec))
        return spec
    if isinstance(spec, Mapping):
        return Partition(code_labels(_in_order(mdp, spec)).ids)
    if not isinstance(spec, Sequence | np.ndarray) or getattr(spec, "ndim", 1) == 0:
        raise InvalidArgumentError(
            f"The target is a {type(spec).__name__}; give 'observation', 'label', a Partition, "
            "one class for each observation, or a mapping from observation names to classes."
        )
    _check_count(mdp, len(spec))
    return Partition(code_labels(spec).ids)


def _named_target(mdp: DeterministicMDP, spec: str) -> Partition:
    if spec == "observation":
        return Partition.identity(mdp.n_obs)
    if spec == "label":
        return Partition(mdp.label_ids)
    raise InvalidArgumentError(
        f"The target is {spec!r}; as a word it must be 'observation' (every observation apart) or "
        "'label' (the blocks of the label). Otherwise give a Partition, a list of classes, or a "
        "mapping from observation names to classes."
    )


def _check_count(mdp: DeterministicMDP, count: int) -> None:
    if count != mdp.n_obs:
        raise InvalidArgumentError(
            f"The target has {count} entries and the system has {mdp.n_obs} observations; give "
            "one class for each observation."
        )


def _in_order(mdp: DeterministicMDP, spec: Mapping[Hashable, Hashable]) -> list[Hashable]:
    for name in spec:
        mdp.observation_index(name)
    missing = [name for name in mdp.observations if name not in spec]
    if missing:
        raise InvalidArgumentError(
            f"The target gives no class to the observation {missing[0]!r} ({len(missing)} have "
            "none). Give every observation a class; those that may merge share one."
        )
    return [spec[name] for name in mdp.observations]
