"""The least equivalence with D4 (ii), in plain Python: readable, and the oracle of the kernel."""

from collections.abc import Sequence
from itertools import pairwise

__all__ = ["Closed", "close_reference", "find", "hang_below"]

#: Parents of the union-find, proof forest (towards, here, there), rounds, first round with a clash.
Closed = tuple[list[int], tuple[list[int], list[int], list[int]], int, int]


def close_reference(
    n_obs: int,
    starts: Sequence[int],
    triples: tuple[Sequence[int], Sequence[int], Sequence[int]],
    labels: Sequence[int],
    max_rounds: int,
) -> Closed:
    """Merge co-successors, in rounds, until nothing changes or ``max_rounds`` are over (S2).

    Round ``k + 1`` merges the ends of any two transitions with one action whose sources were
    merged by the end of round ``k``; round 1 starts from equal sources.

    Parameters
    ----------
    n_obs
        Number of observations.
    starts
        ``[n_pairs + 1]``: where each covered pair begins among the sorted transitions.
    triples
        Sources, actions and successors of the transitions.
    labels
        Label ids, -1 where not known.
    max_rounds
        Stop after so many rounds.

    Returns
    -------
    Closed
        The proof forest has an edge for each merge that did something: ``towards[v] = u`` since
        transition ``here[v]`` ends in ``v`` and ``there[v]`` in ``u``; -1 at a root.

    Notes
    -----
    O(m α) set operations and O(n log n) turning of proof paths.
    """
    sources, actions, targets = triples
    parent, size, label = list(range(n_obs)), [1] * n_obs, list(labels)
    proof = ([-1] * n_obs, [-1] * n_obs, [-1] * n_obs)
    rows: list[dict[int, int]] = [{} for _ in range(n_obs)]  # action -> a transition with it
    links = []
    for first, end in pairwise(starts):
        rows[sources[first]][actions[first]] = first
        links += [(first, other) for other in range(first + 1, end)]
    rounds = clash = 0
    while links and rounds < max_rounds:
        rounds += 1
        later = []
        for one, other in links:
            p, q = one, other
            x, y = find(parent, targets[p]), find(parent, targets[q])
            if x == y:
                continue
            if size[x] < size[y]:
                p, q, x, y = q, p, y, x
            hang_below(proof, targets[p], targets[q], p, q)
            parent[y] = x
            size[x] += size[y]
            if label[x] >= 0 and label[y] >= 0 and label[x] != label[y]:
                clash = clash or rounds
            label[x] = max(label[x], label[y])
            for action, transition in rows[y].items():
                known = rows[x].setdefault(action, transition)
                if known != transition:
                    later.append((known, transition))
            rows[y] = {}
        links = later
    return parent, proof, rounds, clash


def find(parent: list[int], node: int) -> int:
    """Return the root of a node, halving the path on the way."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def hang_below(
    proof: tuple[list[int], list[int], list[int]], u: int, v: int, p: int, q: int
) -> None:
    """Make ``v`` the root of its tree of the proof forest and hang it below ``u``."""
    towards, here, there = proof
    child, above, mine, its = v, towards[v], here[v], there[v]
    towards[v], here[v], there[v] = u, q, p
    while above >= 0:
        step = (above, towards[above], here[above], there[above])
        towards[above], here[above], there[above] = child, its, mine
        child, above, mine, its = step
