"""The search for an automorphism: propagate what is forced, colour, choose, come back (S9)."""

from collections import Counter, deque
from collections.abc import Hashable

import numpy as np
import numpy.typing as npt

from tellapart.theory.errors import BudgetExceededError, InternalError

__all__ = ["SymmetrySearch"]

#: Images to be set together: (observation, image), by index.
Pairs = tuple[tuple[int, int], ...]

#: Rounds of colouring before the search; more would only prune more.
_ROUNDS = 8


class SymmetrySearch:
    """Extend ``x -> y`` to an automorphism, component by component."""

    def __init__(
        self, successors: npt.NDArray[np.int32], labels: npt.NDArray[np.int32], max_steps: int
    ) -> None:
        self.rows: list[list[int]] = successors.tolist()
        self.labels: list[int] = labels.tolist()
        self.steps_left = self.max_steps = max_steps
        self.before: list[list[list[int]]] = [[[] for _ in self.rows[0]] for _ in self.rows]
        for o, row in enumerate(self.rows):
            for action, target in enumerate(row):
                self.before[target][action].append(o)

    def run(self, x: int, y: int) -> dict[int, int] | None:
        """Return the image of every observation that is not known to stay, or None."""
        mine, other = self._component(x), self._component(y)
        if len(mine) != len(other):
            return None
        self.colours = self._coloured(mine | other)
        image = self._extend({}, {}, ((x, y),), len(mine))
        if image is not None and y not in mine:  # swap the two components, all else stays
            image |= {v: u for u, v in image.items()}
        return image

    def _component(self, start: int) -> set[int]:
        found = {start}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            around = [*self.rows[here], *(o for fibre in self.before[here] for o in fibre)]
            fresh = [o for o in dict.fromkeys(around) if o not in found]
            found.update(fresh)
            queue.extend(fresh)
        return found

    def _coloured(self, members: set[int]) -> dict[int, int]:
        """Colour so that an automorphism keeps colours: labels, successors, predecessors."""
        colours = {o: self.labels[o] for o in members}
        count = 0
        for _ in range(_ROUNDS):
            numbers: dict[Hashable, int] = {}
            keys = {o: self._signature(o, colours) for o in sorted(members)}
            colours = {o: numbers.setdefault(key, len(numbers)) for o, key in keys.items()}
            if len(numbers) == count:
                break
            count = len(numbers)
        return colours

    def _signature(self, o: int, colours: dict[int, int]) -> Hashable:
        stays = tuple(target == o for target in self.rows[o])
        after = tuple(colours[target] for target in self.rows[o])
        before = tuple(
            tuple(sorted(Counter(colours[p] for p in fibre).items())) for fibre in self.before[o]
        )
        return colours[o], stays, after, before

    def _extend(
        self,
        image: dict[int, int],
        origin: dict[int, int],
        pairs: Pairs,
        size: int,
    ) -> dict[int, int] | None:
        """Depth-first search with an explicit stack: assign, propagate, choose, come back."""
        stack = [iter([pairs])]
        trail: list[list[int]] = []
        while stack:
            choice = next(stack[-1], None)
            if choice is None:
                stack.pop()
                if trail:
                    self._undo(image, origin, trail.pop())
                continue
            added = self._assign(image, origin, choice)
            if added is None:
                continue
            if len(image) == size:
                return image
            trail.append(added)
            stack.append(iter(self._choices(image, origin)))
        return None

    def _assign(
        self, image: dict[int, int], origin: dict[int, int], pairs: Pairs
    ) -> list[int] | None:
        """Set images and all that follows from them; None, and nothing changed, on a clash."""
        added: list[int] = []
        queue = deque(pairs)
        while queue:
            u, v = queue.popleft()
            if image.get(u, v) != v or origin.get(v, u) != u or self.colours[u] != self.colours[v]:
                self._undo(image, origin, added)
                return None
            if u in image:
                continue
            image[u], origin[v] = v, u
            added.append(u)
            queue.extend(zip(self.rows[u], self.rows[v], strict=True))
            for mine, other in zip(self.before[u], self.before[v], strict=True):
                if len(mine) == len(other) == 1:
                    queue.append((mine[0], other[0]))
        return added

    @staticmethod
    def _undo(image: dict[int, int], origin: dict[int, int], added: list[int]) -> None:
        for u in added:
            del origin[image.pop(u)]

    def _choices(self, image: dict[int, int], origin: dict[int, int]) -> list[Pairs]:
        """Return the possible images of one observation that leads to those already placed."""
        for u, v in image.items():
            for mine, other in zip(self.before[u], self.before[v], strict=True):
                free = [o for o in mine if o not in image]
                if free:
                    options: list[Pairs] = [((free[0], o),) for o in other if o not in origin]
                    self._spend(len(options))
                    return options
        raise InternalError("A component of the dynamics is not connected.")

    def _spend(self, steps: int) -> None:
        self.steps_left -= steps
        if self.steps_left < 0:
            raise BudgetExceededError(
                f"The search for a symmetry made {self.max_steps} choices and is undecided. Raise "
                "max_steps, or ask about another pair."
            )
