"""Audit: what the label and the dynamics force on every zero-loss encoder, before any training."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import overload

from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.confirmation import Confirmation, confirm_certificate
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.data_audit import DataAudit
from tellapart.theory.data_confirmation import confirm_data
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.horizon import Horizon, horizon
from tellapart.theory.linear.capacity import capacity
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.analysis import analyse
from tellapart.theory.partition import Partition
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["Audit", "DataAudit", "HardestPair", "audit", "hardest_pair"]


@register
@dataclass(frozen=True, slots=True)
class HardestPair:
    """A pair with a longest shortest distinguishing word (S7).

    Attributes
    ----------
    x, y
        Names of the observations.
    word
        Action names of a shortest distinguishing word; empty when the labels differ at once.
    x_trace, y_trace
        Labels along the word, the start included: ``len(word) + 1`` each, equal but for the end.
    """

    x: Hashable
    y: Hashable
    word: tuple[Hashable, ...]
    x_trace: tuple[Hashable, ...]
    y_trace: tuple[Hashable, ...]


@register
@dataclass(frozen=True)
class Audit(Saved):
    """What every zero-loss encoder of a total, fully labelled system must do.

    Attributes
    ----------
    source
        Where the system came from, for people.
    mdp
        The system.
    partition
        B*: pairs in different blocks must be told apart; inside a block anything goes (S5).
    blocks_by_depth
        ``|B_0| .. |B_depth|``: blocks after 0, 1, 2 ... steps of dynamics.
    pairs_by_depth
        Unordered pairs whose shortest distinguishing word has length 0, 1, 2 ...
    hardest
        A pair that needs the longest word; None when nothing must be told apart.
    certificate_confirmed
        Which independent checkers confirmed partition and separating tree.
    """

    source: str
    mdp: DeterministicMDP
    partition: Partition
    blocks_by_depth: tuple[int, ...]
    pairs_by_depth: tuple[int, ...]
    hardest: HardestPair | None
    certificate_confirmed: Confirmation

    @property
    def confirmed_by(self) -> tuple[str, ...]:
        """Names of the checkers that confirmed the certificate."""
        return self.certificate_confirmed.names

    @property
    def feasible(self) -> bool:
        """Zero loss is always attainable on a total, deterministic, fully labelled system (S1)."""
        return True

    @property
    def forced(self) -> Partition:
        """F(D), the merges no zero-loss encoder can avoid: none here, the identity (S2)."""
        return Partition.identity(self.mdp.n_obs)

    @property
    def depth(self) -> int:
        """Length of the longest shortest distinguishing word."""
        return len(self.blocks_by_depth) - 1

    @property
    def n_must_separate(self) -> int:
        """Number of unordered pairs that every zero-loss encoder tells apart (S4)."""
        return sum(self.pairs_by_depth)

    @property
    def n_may_merge(self) -> int:
        """Number of unordered pairs that an encoder may merge at zero loss (S5)."""
        n = self.mdp.n_obs
        return n * (n - 1) // 2 - self.n_must_separate

    @property
    def min_codes(self) -> int:
        """Smallest number of codes of a zero-loss encoder: the number of blocks of B* (S5)."""
        return self.partition.n_blocks

    @property
    def min_codes_bounds(self) -> tuple[int, int]:
        """Bounds on the smallest number of codes: for a total system they meet."""
        return self.min_codes, self.min_codes

    @cached_property
    def rank(self) -> int | None:
        """Smallest latent dimension for linear dynamics and head (S12).

        None when it is not proved; :func:`tellapart.theory.linear.capacity.capacity` says more.
        """
        return capacity(self.mdp).linear

    @property
    def joint_gain(self) -> int:
        """Blocks that the dynamics loss adds to those of the label alone (S8)."""
        return self.blocks_by_depth[-1] - self.blocks_by_depth[0]

    @cached_property
    def bisimulation(self) -> Bisimulation:
        """The bisimulation behind the numbers; computed again for an audit that was loaded."""
        return bisimulation(self.mdp)

    def must_separate(self, x: Hashable, y: Hashable) -> bool:
        """Tell whether every zero-loss encoder separates two named observations (S3, S4)."""
        index = self.mdp.observation_index
        return not self.partition.same_block(index(x), index(y))

    def distinguishing_word(self, x: Hashable, y: Hashable) -> tuple[Hashable, ...] | None:
        """Return a shortest distinguishing word of a named pair, or None if bisimilar (S7)."""
        return self.bisimulation.distinguishing_word(x, y)

    def horizon(self, steps: int) -> Horizon:
        """Tell which pairs a training horizon of ``steps`` steps cannot reach (S7)."""
        return horizon(self.bisimulation, steps)

    def explain(self) -> str:
        """Say in a few sentences what the numbers mean."""
        mdp = self.mdp
        lines = [
            f"{self.source}: {count(mdp.n_obs, 'observation')}, {count(mdp.n_actions, 'action')}, "
            f"{count(len(mdp.label_values), 'label value')}.",
            f"Every zero-loss encoder tells {count(self.n_must_separate, 'pair')} apart and uses "
            f"at least {count(self.min_codes, 'code')}; {count(self.n_may_merge, 'pair')} may "
            "share a code.",
            f"The label alone gives {count(self.blocks_by_depth[0], 'block')}; "
            f"{count(self.depth, 'step')} of dynamics give {self.min_codes}.",
        ]
        if self.hardest is not None:
            word = " ".join(map(str, self.hardest.word)) or "(empty: the labels differ)"
            lines.append(
                f"Hardest pair: {self.hardest.x!r} and {self.hardest.y!r}, told apart by {word}."
            )
        else:
            lines.append("Nothing must be told apart: the theorem promises nothing here.")
        lines.append(f"The certificate of B* is {self.certificate_confirmed.explain()}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"Audit({self.source!r}: {self.mdp.n_obs} observations, {self.min_codes} blocks, "
            f"depth {self.depth}, {self.n_must_separate} pairs to tell apart)"
        )


@overload
def audit(system: DeterministicMDP, *, source: str = ...) -> Audit: ...
@overload
def audit(
    system: DeterministicMDP | TransitionData,
    *,
    source: str = ...,
    time_limit: float = ...,
    progress: Callable[[str], None] | None = ...,
) -> Audit | DataAudit: ...
def audit(
    system: DeterministicMDP | TransitionData,
    *,
    source: str = "system",
    time_limit: float = 10.0,
    progress: Callable[[str], None] | None = None,
) -> Audit | DataAudit:
    """Compute what labels and dynamics force on an encoder, before any training (S2-S8).

    Parameters
    ----------
    system
        A deterministic MDP, or transition data of any coverage. Data that turn out to be total,
        deterministic and fully labelled are audited as the MDP that they are.
    source
        A title for people.
    time_limit
        Seconds for the smallest number of codes of partial data, an NP-hard problem (S6); when
        they are spent, bounds are reported.
    progress
        Called with the name of each part of the work on partial data before it begins.

    Returns
    -------
    Audit
        For a total, deterministic, fully labelled system.
    DataAudit
        For other data.

    Raises
    ------
    InvalidArgumentError
        For something that is neither.
    InternalError
        When a checker refuses our own certificate, with the name of the checker: a bug.

    Notes
    -----
    Total: O(|A| n log n), plus the check of the certificate. Partial: O(m log m) for m transitions,
    plus the full relation where the data have at most a few thousand classes.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> report = audit(counting_chain(9), source="counting")
    >>> report.blocks_by_depth, report.pairs_by_depth
    ((2, 4, 6, 8, 9), (8, 13, 9, 5, 1))
    """
    if isinstance(system, TransitionData):
        if not system.is_complete:
            parts = analyse(system, time_limit=time_limit, progress=progress)
            found = DataAudit(source, parts)
            confirmed = confirm_data(parts.classes, parts.forced, parts.infeasibility)
            found.__dict__["certificate_confirmed"] = confirmed  # fills the cached property
            return found
        system = system.to_mdp()
    if not isinstance(system, DeterministicMDP):
        raise InvalidArgumentError(
            f"audit needs a DeterministicMDP or TransitionData, got {type(system).__name__}. Build "
            "one with DeterministicMDP.from_networkx, from_gymnasium or TransitionData.from_arrays."
        )
    return _audit_mdp(system, source)


def _audit_mdp(mdp: DeterministicMDP, source: str) -> Audit:
    bisim = bisimulation(mdp)
    confirmed = confirm_certificate(mdp, bisim.certificate())
    findings = Audit(
        source=source,
        mdp=mdp,
        partition=bisim.partition,
        blocks_by_depth=bisim.blocks_by_depth,
        pairs_by_depth=bisim.pairs_by_depth,
        hardest=hardest_pair(bisim),
        certificate_confirmed=confirmed,
    )
    findings.__dict__["bisimulation"] = bisim  # fills the cached property
    return findings


def hardest_pair(bisim: Bisimulation) -> HardestPair | None:
    """Return a pair that needs a longest word, with the word and both label traces."""
    pair = bisim.hardest_pair
    if pair is None:
        return None
    mdp = bisim.mdp
    i, j = mdp.observation_index(pair[0]), mdp.observation_index(pair[1])
    word = bisim.word_of_indices(i, j) or ()
    return HardestPair(
        x=pair[0],
        y=pair[1],
        word=tuple(mdp.actions[a] for a in word),
        x_trace=mdp.label_trace(i, word),
        y_trace=mdp.label_trace(j, word),
    )
