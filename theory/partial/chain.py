"""Feasibility: whether the forced merges join two different labels, and by which rows (S2)."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.border import as_data
from tellapart.theory.partial.closure import Closure, Link, close
from tellapart.theory.partial.nearest_labels import nearest_clash
from tellapart.theory.partial.proof import Clash, MergeStep, Prover, proof_lines
from tellapart.theory.partial.proof_checker import ProofCheck, check_proof
from tellapart.theory.serialise import Saved, register

__all__ = ["Infeasibility", "check_infeasibility", "infeasibility", "needs_of", "witness_of"]


@register
@dataclass(frozen=True)
class Infeasibility(Saved):
    """Why no encoder reaches zero loss on the data: merges that join two different labels (S2).

    Attributes
    ----------
    steps
        The merges, each once, each after its reasons.
    clash
        Two observations of different labels that the steps join.
    n_rounds
        First round of merging (D4 ii applied to everything merged before) with such a clash.
    """

    steps: tuple[MergeStep, ...]
    clash: Clash
    n_rounds: int

    @property
    def chain_length(self) -> int:
        """Number of links between the two labelled observations; the fewest of that round."""
        return len(self.clash.because)

    @property
    def pair(self) -> tuple[Hashable, Hashable]:
        """Names of the two labelled observations."""
        return self.clash.x, self.clash.y

    def explain(self, limit: int = 200) -> str:
        """Return the proof, one numbered line for each merge, at most ``limit`` of them."""
        text = proof_lines(self.steps, self.clash, limit)
        return f"{text}\nNo encoder, of whatever size, reaches zero loss on these data."

    def __repr__(self) -> str:
        return (
            f"Infeasibility({self.clash.x!r} labelled {self.clash.x_label!r} must share a code "
            f"with {self.clash.y!r} labelled {self.clash.y_label!r}: {len(self.steps)} merges)"
        )


def infeasibility(data: TransitionData | DeterministicMDP) -> Infeasibility | None:
    """Return the witness that zero loss is impossible, or None when it is possible (S2).

    The chain belongs to the first round of merging that joins two labels, and has as few links
    as any chain of that round.

    Raises
    ------
    InvalidArgumentError
        For data of another type.

    Notes
    -----
    As :func:`~tellapart.theory.partial.forced.forced_merges`, and O(m log m) for the chain when
    there is a clash.

    Examples
    --------
    >>> data = TransitionData(
    ...     [[0, 0, 1], [0, 0, 2]], {1: "round", 2: "square"}, ["blank", "circle", "box"], ["+1"]
    ... )
    >>> print(infeasibility(data).explain())
    1. row 0: (blank, +1) -> circle; row 1: (blank, +1) -> box: so circle and box share a code.
    2. circle is labelled round, box is labelled square, and they share a code by 1: contradiction.
    No encoder, of whatever size, reaches zero loss on these data.
    """
    checked = as_data(data)
    return witness_of(checked, close(checked))


def witness_of(data: TransitionData, closure: Closure) -> Infeasibility | None:
    """Return the witness, given the closure of the data."""
    if not closure.clash_round:
        return None
    before = close(data, method=closure.method, max_rounds=closure.clash_round - 1)
    x, y, links = nearest_clash(data, before.partition.ids)
    prover = Prover(data, needs_of(data, before))
    clash = prover.clash(x, y, links)
    return Infeasibility(tuple(prover.steps), clash, closure.clash_round)


def needs_of(data: TransitionData, closure: Closure) -> Callable[[Link], list[Link]]:
    """Return the function that gives the links between the sources of a link."""

    def needs(link: Link) -> list[Link]:
        u, v = int(data.sources[link[0]]), int(data.sources[link[1]])
        return [] if u == v else closure.path(u, v)

    return needs


def check_infeasibility(data: TransitionData, witness: Infeasibility) -> ProofCheck:
    """Check a witness row by row, by code that shares nothing with what found it.

    Notes
    -----
    O(size of the witness) look-ups. It does not check that the chain is as short as can be.

    Examples
    --------
    >>> data = TransitionData([[0, 0, 1], [0, 0, 2]], {1: "round", 2: "square"})
    >>> bool(check_infeasibility(data, infeasibility(data)))
    True
    """
    return check_proof(data, witness.steps, witness.clash)
