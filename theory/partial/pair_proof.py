"""Proofs that a pair must be told apart, spelled out over observations and rows (S3)."""

from collections.abc import Callable
from itertools import pairwise

from tellapart.theory.errors import InternalError
from tellapart.theory.partial.classes import ForcedClasses
from tellapart.theory.partial.closure import Link, compress
from tellapart.theory.partial.folding import Folding
from tellapart.theory.partial.proof import ASSUMPTION, Clash, MergeStep, Prover

__all__ = ["fold_proof", "word_proof"]

Proof = tuple[tuple[MergeStep, ...], Clash]


class _Ends:
    """Observations at the ends of links between classes, for one pair that is supposed merged."""

    def __init__(self, classes: ForcedClasses, i: int, j: int) -> None:
        self._classes = classes
        self._pair = {ASSUMPTION[0]: i, ASSUMPTION[1]: j}

    def target(self, t: int) -> int:
        """Return the observation that a transition (or half of the assumption) ends in."""
        return self._pair[t] if t < 0 else int(self._classes.data.targets[t])

    def transitions(self, link: Link) -> Link:
        """Return the transitions of a pair of edges; the assumption stays what it is."""
        if link[0] < 0:
            return link
        p, q = (int(self._classes.edge_transitions[e]) for e in link)
        return p, q

    def through(self, u: int, links: list[Link], v: int) -> list[Link]:
        """Join links end to end from ``u`` to ``v``, with the forced merges in between."""
        whole: list[Link] = []
        here = u
        for link in links:
            whole += [*self._forced(here, self.target(link[0])), link]
            here = self.target(link[1])
        return whole + self._forced(here, v)

    def _forced(self, u: int, v: int) -> list[Link]:
        return [] if u == v else self._classes.closure.path(u, v)


def fold_proof(classes: ForcedClasses, i: int, j: int, folding: Folding) -> Proof:
    """Return the proof by the merges of a fold that ended in a clash."""
    ends = _Ends(classes, i, j)
    data, ids = classes.data, classes.partition.ids

    def chain(u: int, v: int) -> list[Link]:
        if ids[u] == ids[v]:
            return ends.through(u, [], v)
        links = folding.path(int(ids[u]), int(ids[v]))
        return compress(ends.through(u, [ends.transitions(link) for link in links], v))

    def needs(link: Link) -> list[Link]:
        u, v = (int(data.sources[t]) for t in link)
        return [] if u == v else chain(u, v)

    if folding.clash is None:
        raise InternalError("A fold without a clash proves nothing. Please report this.")
    x, y = (int(classes.labelled[c]) for c in folding.clash)
    return _finish(classes, needs, x, y, chain(x, y))


def word_proof(classes: ForcedClasses, i: int, j: int, word: list[Link]) -> Proof:
    """Return the proof that follows a word of pairs of edges from both observations."""
    ends = _Ends(classes, i, j)
    data = classes.data
    links = [ASSUMPTION, *(ends.transitions(link) for link in word)]
    before = {_key(link): previous for previous, link in pairwise(links)}

    def needs(link: Link) -> list[Link]:
        u, v = (int(data.sources[t]) for t in link)
        previous = before.get(_key(link))
        if u == v:
            return []
        return ends.through(u, [] if previous is None else [previous], v)

    c, d = ((int(classes.edge_targets[e]) for e in word[-1]) if word
            else (int(classes.partition.ids[o]) for o in (i, j)))  # fmt: skip
    x, y = int(classes.labelled[c]), int(classes.labelled[d])
    return _finish(classes, needs, x, y, ends.through(x, [links[-1]], y))


def _finish(
    classes: ForcedClasses, needs: Callable[[Link], list[Link]], x: int, y: int, links: list[Link]
) -> Proof:
    prover = Prover(classes.data, needs)
    clash = prover.clash(x, y, links)
    return tuple(prover.steps), clash


def _key(link: Link) -> Link:
    return (min(link), max(link))
