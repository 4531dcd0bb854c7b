"""Covered distinguishing words on the classes of F(D), shortest first (S7)."""

from collections import deque

from tellapart.theory.partial.classes import ForcedClasses
from tellapart.theory.partial.closure import Link

__all__ = ["shortest_word"]


def shortest_word(
    classes: ForcedClasses, c: int, d: int, max_pairs: int
) -> tuple[list[Link] | None, bool]:
    """Search pairs of classes breadth-first for two different known labels.

    Returns
    -------
    The pairs of edges along a shortest covered word, or None; and whether the search was complete.
    Of several shortest words, the first in the order of the actions.

    Notes
    -----
    O(|A|) for each pair seen, of which there are at most ``max_pairs``.
    """
    labels, targets = classes.labels, classes.edge_targets
    came: dict[tuple[int, int], tuple[tuple[int, int], Link] | None] = {(c, d): None}
    queue = deque([(c, d)])
    while queue:
        pair = queue.popleft()
        if labels[pair[0]] >= 0 and labels[pair[1]] >= 0 and labels[pair[0]] != labels[pair[1]]:
            return _unwind(came, pair), True
        if pair[0] == pair[1]:
            continue
        rows, others = classes.rows_of(pair[0]), classes.rows_of(pair[1])
        for action, edge in rows.items():
            if action in others:
                link = (edge, others[action])
                there = (int(targets[link[0]]), int(targets[link[1]]))
                if there not in came:
                    if len(came) >= max_pairs:
                        return None, False
                    came[there] = (pair, link)
                    queue.append(there)
    return None, True


def _unwind(
    came: dict[tuple[int, int], tuple[tuple[int, int], Link] | None], pair: tuple[int, int]
) -> list[Link]:
    links = []
    while (step := came[pair]) is not None:
        pair, link = step
        links.append(link)
    return links[::-1]
