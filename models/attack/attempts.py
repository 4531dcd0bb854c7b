"""Attempts on one pair: fresh weights, the search, and what came of it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

from torch import nn

from tellapart.models.attack.exact import ExactAnswers
from tellapart.models.attack.measure import Measured, is_exactly_zero, measure, zero_tolerance
from tellapart.models.attack.pull import Pull
from tellapart.models.attack.row import AttackOutcome, AttackRow
from tellapart.models.attack.search import Search, pull_together
from tellapart.models.evaluation import Evaluation, evaluate
from tellapart.models.subject import Subject, SubjectError
from tellapart.theory.errors import InternalError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

__all__ = ["Attempt", "Attempts", "Build", "built"]

#: ``build(mdp, seed)`` returns a fresh, untrained subject.
Build = Callable[[DeterministicMDP, int], Subject]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt.

    Attributes
    ----------
    measured, search, outcome
        What was measured, how it was made, and what it means.
    guided
        Whether what has to follow from the pair was pulled too.
    """

    measured: Measured
    search: Search
    outcome: AttackOutcome
    guided: bool

    @property
    def is_final(self) -> bool:
        """Whether another attempt could not do better; Adam never comes down to zero."""
        resolved = self.outcome is AttackOutcome.RESOLVED and self.search.method == "adam"
        return resolved or self.outcome in (AttackOutcome.MERGED, AttackOutcome.BELOW)

    @property
    def rank(self) -> tuple[int, bool, float]:
        """Sorts the best attempt first: merged at zero loss, resolved, merged, smallest loss."""
        order = (AttackOutcome.MERGED, AttackOutcome.RESOLVED)
        kind = order.index(self.outcome) if self.outcome in order else len(order)
        return kind, self.measured.distance > DEFAULT_MERGE_TOLERANCE, self.measured.loss


class Attempts:
    """Attacks pairs of one system, each from fresh weights.

    Parameters
    ----------
    build
        Of the design.
    exact
        The system and what it allows.
    seed
        Of the first attempt on each pair; the others count on from it.
    most
        Attempts on a pair.
    """

    def __init__(self, build: Build, exact: ExactAnswers, seed: int, most: int) -> None:
        self.build, self.exact, self.seed, self.most = build, exact, seed, most

    def row(self, x: int, y: int) -> AttackRow:
        """Attack one pair of indices until it is merged at zero loss or attempts run out.

        Raises
        ------
        InternalError
            When the two exact answers differ, or the pair cannot share a code and does so at a
            loss that is zero bit for bit.
        """
        exact, mdp = self.exact, self.exact.mdp
        may_collapse = exact.allowed.same_block(x, y)
        least = exact.least_merge(x, y)
        if may_collapse != (least is not None):
            raise InternalError(
                f"Merge and fold contradicts the exact classes of {mdp!r} on the pair "
                f"{mdp.observations[x]!r}, {mdp.observations[y]!r}; please report this."
            )
        # Where all observations have to share one code there is no spread to be held.
        centred = least is None or least.n_blocks > 1
        pull = Pull(x, y, 0.0, centred, exact.counts_dynamics, exact.counts_aux)
        return self._sum_up(self._attempts(pull, least), x, y, least)

    def _sum_up(
        self, made: Sequence[Attempt], x: int, y: int, least: Partition | None
    ) -> AttackRow:
        """Return the row of the best attempt."""
        exact, mdp = self.exact, self.exact.mdp
        best = min(made, key=lambda one: one.rank)
        word = exact.bisimulation.word_of_indices(x, y)
        return AttackRow(
            x=mdp.observations[x],
            y=mdp.observations[y],
            depth=None if word is None else len(word),
            word=None if word is None else tuple(mdp.actions[a] for a in word),
            labels=None if word is None else _labels(mdp, x, y, word),
            may_collapse=least is not None,
            least_codes=None if least is None else least.n_blocks,
            outcome=best.outcome,
            distance=best.measured.distance,
            dynamics_relative=best.measured.dynamics,
            aux_relative=best.measured.aux,
            loss=best.measured.loss,
            irreducible=best.measured.irreducible,
            ratio=best.measured.ratio,
            method=best.search.method,
            steps=sum(one.search.steps for one in made),
            restarts=len(made) - 1,
            guided=best.guided,
        )

    def _attempts(self, pull: Pull, least: Partition | None) -> list[Attempt]:
        """Try until one succeeds; the last time with everything that has to follow pulled too."""
        made: list[Attempt] = []
        while len(made) < self.most and not (made and made[-1].is_final):
            last = made and len(made) == self.most - 1
            tried = replace(pull, also=_consequences(least, pull)) if last else pull
            made.append(self._attempt(tried, least is not None, self.seed + len(made)))
        return made

    def _attempt(self, pull: Pull, may_collapse: bool, seed: int) -> Attempt:
        subject = built(self.build, self.exact.mdp, seed)
        search = pull_together(subject, self.exact.mdp, pull)
        evaluation = evaluate(subject, self.exact.mdp)
        found = measure(self.exact, evaluation, pull.x, pull.y, pull.centred)
        outcome = self._outcome(found, evaluation, pull, may_collapse)
        return Attempt(found, search, outcome, bool(pull.also))

    def _outcome(
        self, found: Measured, evaluation: Evaluation, pull: Pull, may_collapse: bool
    ) -> AttackOutcome:
        joint = self.exact.objective == "joint"
        if not found.distance <= DEFAULT_MERGE_TOLERANCE:
            return AttackOutcome.NOT_REACHED
        zero = found.loss <= zero_tolerance(evaluation)
        if may_collapse:
            resolved = joint and found.ratio < 1
            if zero and (resolved or not joint):
                return AttackOutcome.MERGED
            return AttackOutcome.RESOLVED if resolved else AttackOutcome.NOT_REACHED
        if joint and is_exactly_zero(self.exact.mdp, evaluation, pull.x, pull.y):
            raise InternalError(
                f"{self.exact.mdp.observations[pull.x]!r} and "
                f"{self.exact.mdp.observations[pull.y]!r} share a code at a loss that is zero bit "
                "for bit, although S4 tells them apart; please report this with the system."
            )
        return AttackOutcome.BELOW if zero else AttackOutcome.FLOOR


def _consequences(least: Partition | None, pull: Pull) -> tuple[tuple[int, int], ...]:
    """Return the other merges that follow from the pair at zero loss, none if it clashes."""
    if least is None:
        return ()
    first = least.representatives[least.ids].tolist()
    merged = [(one, o) for o, one in enumerate(first) if one != o]
    return tuple(pair for pair in merged if pair != (pull.x, pull.y))


def _labels(
    mdp: DeterministicMDP, x: int, y: int, word: Sequence[int]
) -> tuple[Hashable, Hashable]:
    ends = (mdp.run(x, word), mdp.run(y, word))
    one, other = (mdp.label_values[mdp.label_ids[end]] for end in ends)
    return one, other


def built(build: Build, mdp: DeterministicMDP, seed: int) -> Subject:
    """Build a subject and make sure that its encoder can be trained.

    Raises
    ------
    SubjectError
        When it is no subject, or there is nothing to train.
    """
    subject = build(mdp, seed)
    if not isinstance(subject, Subject):
        raise SubjectError(
            "factory",
            f"returned {type(subject).__name__}; it must return a fresh Subject for (mdp, seed).",
        )
    encoder = subject.encoder
    if not isinstance(encoder, nn.Module) or not any(p.requires_grad for p in encoder.parameters()):
        raise SubjectError(
            "encoder",
            f"of {subject.name} has nothing to train, so no pair can be pulled together; attack a "
            "design with a trainable nn.Module as encoder.",
        )
    return subject
