"""Confirm what is claimed of partial data with the checkers extracted from their proofs (S2, S3).

Three claims: a partition is the kernel of a zero-loss encoder (a model, checked row by row); the
data are infeasible, or a pair must be told apart (a replay of merges that ends in two labels in one
block); a partition is ``F(D)`` (a replay that leaves nothing to merge). The generated module
:mod:`tellapart.theory.extracted_checker` does the checking. This one finds the rows that are named,
and hands over tables: rows, labels, and hints that spare searches. The proofs do not rely on the
hints: wrong ones can only make it refuse.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.chain import Infeasibility
from tellapart.theory.partial.pairs import PairSeparation
from tellapart.theory.partial.proof import MergeStep
from tellapart.theory.partition import Partition
from tellapart.theory.verified_data_tables import Replay, Tables, Wrong, read, reading
from tellapart.theory.wording import count

__all__ = [
    "MOST_OBSERVATIONS",
    "MOST_TRANSITIONS",
    "VerifiedDataCheck",
    "check_admissible_verified",
    "check_forced_verified",
    "check_infeasibility_verified",
    "check_separation_verified",
]

#: Each step is compared at all observations, in plain Python.
MOST_OBSERVATIONS = 1000

#: Each row is looked at, in plain Python.
MOST_TRANSITIONS = 200_000


@dataclass(frozen=True)
class VerifiedDataCheck:
    """The verified checker's answer; ``bool()`` of it is ``ok``.

    Attributes
    ----------
    ok
        Whether the claim is proved by what was given. Yes is proved by ``accepts_model_iff``,
        ``clash_sound`` or ``forced_exactly``, no matter what hints were given. No says only that
        this evidence does not prove it.
    reason
        Why not, or what is proved.
    """

    ok: bool
    reason: str

    def __bool__(self) -> bool:
        return self.ok

    def explain(self) -> str:
        """Return the answer as a sentence."""
        return f"Evidence {'confirmed' if self.ok else 'refused'} by the proof: {self.reason}"


def check_admissible_verified(data: TransitionData, partition: Partition) -> VerifiedDataCheck:
    """Check that some zero-loss encoder has this kernel (S1), so that zero loss is attainable.

    Parameters
    ----------
    data
        At most :data:`MOST_OBSERVATIONS` observations and :data:`MOST_TRANSITIONS` transitions.
    partition
        Of the observations. One that does not fit is refused, never raised.

    Raises
    ------
    InvalidArgumentError
        When ``data`` are none, or too large.

    Notes
    -----
    O(m + n): the model has the blocks as codes, one successor for each block and action, and one
    label for each block.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 1], [0, 0, 2]], labels={1: "a"})
    >>> check_admissible_verified(data, Partition([0, 1, 1])).explain()
    'Evidence confirmed by the proof: a model with 2 codes has zero loss.'
    """

    def prove(tables: Tables) -> str:
        _, k = _model(tables, partition)
        return f"a model with {count(k, 'code')} has zero loss."

    return _answer(data, prove)


def check_infeasibility_verified(data: TransitionData, witness: Infeasibility) -> VerifiedDataCheck:
    """Check a witness that no encoder reaches zero loss (S2).

    The numbers of steps and rows, and the reasons that people read, are not looked at:
    :func:`~tellapart.theory.partial.chain.check_infeasibility` does that.

    Raises
    ------
    InvalidArgumentError
        As :func:`check_admissible_verified`.

    Notes
    -----
    O(s n + m) for s steps.

    Examples
    --------
    >>> from tellapart.theory.partial.chain import infeasibility
    >>> data = TransitionData([[0, 0, 1], [0, 0, 2]], {1: "round", 2: "square"})
    >>> check_infeasibility_verified(data, infeasibility(data)).explain()
    'Evidence confirmed by the proof: the merges join two labels, so no encoder has zero loss.'
    """

    def prove(tables: Tables) -> str:
        steps, clash = read(witness, "steps", "clash")
        _clash(tables, (0, 0), steps, clash)
        return "the merges join two labels, so no encoder has zero loss."

    return _answer(data, prove)


def check_separation_verified(data: TransitionData, result: PairSeparation) -> VerifiedDataCheck:
    """Check the evidence that a pair must be told apart, or need not be (S3).

    The word and its labels, and what :func:`check_infeasibility_verified` leaves out, are not
    looked at: :func:`~tellapart.theory.partial.separation_checker.check_separation` does that.

    Raises
    ------
    InvalidArgumentError
        As :func:`check_admissible_verified`.

    Notes
    -----
    O(s n + m) for s steps.

    Examples
    --------
    >>> from tellapart.theory.partial.pairs import separation_of
    >>> data = TransitionData([[0, 0, 2], [1, 0, 3]], labels={2: "goal", 3: "road"})
    >>> check_separation_verified(data, separation_of(data, 0, 1)).explain()
    'Evidence confirmed by the proof: every zero-loss encoder tells 0 and 1 apart.'
    >>> check_separation_verified(data, separation_of(data, 0, 3)).explain()
    'Evidence confirmed by the proof: a model with zero loss merges 0 and 3.'
    """

    def prove(tables: Tables) -> str:
        x_name, y_name, separated = read(result, "x", "y", "separated")
        x, y = tables.observation(x_name), tables.observation(y_name)
        if separated is True:
            _clash(tables, (x, y), *read(result, "steps", "clash"))
            return f"every zero-loss encoder tells {tables.name(x)} and {tables.name(y)} apart."
        if separated is not False:
            raise Wrong("it does not say whether the pair is told apart: no True, no False.")
        codes, _ = _model(tables, *read(result, "partition"))
        if codes[x] != codes[y]:  # the very table that the extracted function saw
            raise Wrong(f"the partition does not merge {tables.name(x)} and {tables.name(y)}.")
        return f"a model with zero loss merges {tables.name(x)} and {tables.name(y)}."

    return _answer(data, prove)


def check_forced_verified(
    data: TransitionData, partition: Partition, steps: Sequence[MergeStep]
) -> VerifiedDataCheck:
    """Check that a partition is ``F(D)``: all that is merged is forced, nothing is left (S2).

    Parameters
    ----------
    data
        As :func:`check_admissible_verified`.
    partition
        The claim.
    steps
        Merges in order: what :func:`tellapart.theory.partial.merge_proof.merge_steps` makes.

    Raises
    ------
    InvalidArgumentError
        As :func:`check_admissible_verified`.

    Notes
    -----
    O(s n + m) for s steps.

    Examples
    --------
    >>> from tellapart.theory.partial.classes import forced_classes
    >>> from tellapart.theory.partial.merge_proof import merge_steps
    >>> data = TransitionData([[0, 0, 1], [0, 0, 2], [1, 0, 3], [2, 0, 4]])
    >>> found = forced_classes(data)
    >>> check_forced_verified(data, found.partition, merge_steps(found)).explain()
    'Evidence confirmed by the proof: the partition into 3 blocks is the forced one.'
    """
    return _answer(data, lambda tables: _forced(tables, partition, steps))


def _answer(data: TransitionData, prove: Callable[[Tables], str]) -> VerifiedDataCheck:
    """Check the data at the border, and turn evidence that does not fit into a refusal."""
    if not isinstance(data, TransitionData):
        raise InvalidArgumentError(
            f"A {type(data).__name__} is not TransitionData; give the data that the evidence is "
            "about."
        )
    if data.n_obs > MOST_OBSERVATIONS or data.n_transitions > MOST_TRANSITIONS:
        raise InvalidArgumentError(
            f"The data have {data.n_obs} observations and {data.n_transitions} transitions; the "
            f"verified checker takes at most {MOST_OBSERVATIONS} and {MOST_TRANSITIONS}. Use "
            "check_infeasibility, check_separation or check_merges for larger ones."
        )
    try:
        return VerifiedDataCheck(True, prove(Tables(data)))
    except Wrong as error:
        return VerifiedDataCheck(False, str(error))


def _model(tables: Tables, partition: object) -> tuple[list[int], int]:
    """Return the codes of a model that was accepted, and how many there are."""
    codes, k = tables.codes(partition)
    heads = [0] * k
    for code, label in zip(codes, tables.labels, strict=True):
        heads[code] = label - 1 if label else heads[code]
    if tables.accepts_model(codes, heads):
        return codes, k
    if not tables.follows_rows(codes):
        raise Wrong("some block has two successors for one action.")
    raise Wrong("some block has two labels.")


def _follow(replay: Replay) -> None:
    if not replay.accepts():
        raise Wrong("in some step the sources do not share a code by the steps before it.")


def _clash(tables: Tables, pair: tuple[int, int], steps: object, clash: object) -> None:
    if clash is None:
        raise Wrong("it needs a contradiction.")
    replay = Replay(tables, pair, steps)
    x_name, x_label, y_name, y_label = read(clash, "x", "x_label", "y", "y_label")
    x, y = tables.observation(x_name), tables.observation(y_name)
    for o, label in ((x, x_label), (y, y_label)):
        with reading():  # labels may be compared, and shown, by code of their own
            if not tables.labels[o] or tables.data.label_of(o) != label:
                raise Wrong(f"{tables.name(o)} does not have the label {label!r}.")
    if not replay.accepts_clash(x, y):
        _follow(replay)
        raise Wrong(
            f"{tables.name(x)} and {tables.name(y)} are not joined, or have the same label."
        )


def _forced(tables: Tables, partition: Partition, steps: Sequence[MergeStep]) -> str:
    codes, k = tables.codes(partition)
    replay = Replay(tables, (0, 0), steps)
    if replay.accepts_forced(codes, k):
        return f"the partition into {count(k, 'block')} is the forced one."
    _follow(replay)
    if not tables.follows_rows(codes):
        raise Wrong("some block has two successors for one action: merges are missing.")
    raise Wrong("the steps end in another partition.")
