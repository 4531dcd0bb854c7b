"""Rows, labels and evidence of partial data as the tables that the extracted checker takes.

Evidence may be of any class. Every attribute of it is read once, and what was read is what the
extracted function sees and what the answer speaks of: no method of the evidence is asked anything.
"""

import contextlib
from collections.abc import Callable, Hashable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from tellapart.theory import extracted_checker
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partition import Partition

__all__ = ["Replay", "Tables", "Wrong", "read", "reading"]

Table = Callable[[int], int]
Table2 = Callable[[int, int], int]


class Wrong(Exception):
    """Evidence that does not fit the data, with the reason."""


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Refuse evidence that cannot be read: whatever its own code raises is its own fault."""
    try:
        yield
    except Wrong:
        raise
    except InvalidArgumentError as error:  # a name that the data do not have, or no partition
        raise Wrong(str(error)) from None
    except Exception:
        raise Wrong("it is not made of steps, a contradiction or a partition.") from None


def read(evidence: object, *names: str) -> list[Any]:
    """Return attributes of evidence, each read once."""
    with reading():
        return [getattr(evidence, name) for name in names]


class Tables:
    """The rows and labels as the extracted functions take them; label 0 is "not known"."""

    def __init__(self, data: TransitionData) -> None:
        self.data = data
        self.n, self.rows = data.n_obs, data.n_transitions
        columns = (data.sources.tolist(), data.action_ids.tolist(), data.targets.tolist())
        self.sources, self.actions, self.successors = columns
        self.labels = [label + 1 for label in data.label_ids.tolist()]
        self.row_of = {row: t for t, row in enumerate(zip(*columns, strict=True))}
        self.source: Table = self.sources.__getitem__
        self.taken: Table = self.actions.__getitem__
        self.successor: Table = self.successors.__getitem__
        self.label: Table = self.labels.__getitem__

    def observation(self, name: Hashable) -> int:
        """Return the index of a named observation."""
        with reading():
            return self.data.observation_index(name)

    def name(self, observation: int) -> str:
        """Return the name of an observation as the data have it, for an answer."""
        return repr(self.data.observations[observation])

    def step_rows(self, step: object) -> tuple[int, int]:
        """Return the transitions that a step names."""
        fields = read(step, "number", "action", "x", "x_next", "y", "y_next")
        number, action, x, x_next, y, y_next = fields
        with reading():
            by, rows = self.data.action_index(action), []
            for source, successor in ((x, x_next), (y, y_next)):
                s, t = self.observation(source), self.observation(successor)
                row = self.row_of.get((s, by, t))
                if row is None:
                    raise Wrong(
                        f"step {number}: no row leads from {self.name(s)} by "
                        f"{self.data.actions[by]!r} to {self.name(t)}."
                    )
                rows.append(row)
        return rows[0], rows[1]

    def codes(self, partition: object) -> tuple[list[int], int]:
        """Return the block of each observation, and the number of blocks."""
        with reading():
            if not isinstance(partition, Partition):
                raise Wrong(f"it needs a partition of the {self.n} observations.")
            # A subclass may count or compare in its own way: only the ids of it are used.
            plain = Partition(np.asarray(partition.ids))
        if len(plain) != self.n:
            raise Wrong(f"it needs a partition of the {self.n} observations.")
        return plain.ids.tolist(), plain.n_blocks

    def leads(self, codes: list[int]) -> Table2:
        """Return where an action leads from a code: a hint, compared with every row."""
        rows = zip(self.sources, self.actions, self.successors, strict=True)
        known = {(codes[s], a): codes[t] for s, a, t in rows}
        return lambda code, action: known[code, action]

    def follows_rows(self, codes: list[int]) -> bool:
        """Tell whether one code leads to one code, for each action."""
        return extracted_checker.follows_rows(
            self.rows, self.source, self.taken, self.successor,
            codes.__getitem__, self.leads(codes),
        )  # fmt: skip

    def accepts_model(self, codes: list[int], heads: list[int]) -> bool:
        """Tell whether a model with these codes and labels of codes has zero loss."""
        return extracted_checker.accepts_model(
            self.n, self.rows, self.source, self.taken, self.successor, self.label,
            codes.__getitem__, self.leads(codes), heads.__getitem__,
        )  # fmt: skip


class Replay:
    """A list of steps with the blocks after each: hints, compared with the steps."""

    def __init__(self, tables: Tables, pair: tuple[int, int], steps: Any) -> None:
        self.tables = tables
        self.u, self.v = pair
        with reading():
            listed = list(islice(steps, len(steps)))  # an iterator without an end has no length
        rows = [tables.step_rows(step) for step in listed]
        self.steps = len(rows)
        self.first: Table = [first for first, _ in rows].__getitem__
        self.second: Table = [second for _, second in rows].__getitem__
        self.blocks = [_joined(list(range(tables.n)), *pair)]
        for first, second in rows:
            here = self.blocks[-1]
            ends = (here[tables.successors[t]] for t in (first, second))
            self.blocks.append(_joined(here, *ends))

    def block(self, i: int, o: int) -> int:
        """Return the block of an observation after ``i`` steps."""
        return self.blocks[i][o]

    def accepts(self) -> bool:
        """Tell whether every step holds."""
        t = self.tables
        return extracted_checker.accepts_replay(
            t.n, t.rows, t.source, t.taken, t.successor,
            self.u, self.v, self.steps, self.first, self.second, self.block,
        )  # fmt: skip

    def accepts_clash(self, x: int, y: int) -> bool:
        """Tell whether the steps hold and join two observations of different labels."""
        t = self.tables
        return extracted_checker.accepts_clash(
            t.n, t.rows, t.source, t.taken, t.successor, t.label,
            self.u, self.v, self.steps, self.first, self.second, self.block, x, y,
        )  # fmt: skip

    def accepts_forced(self, codes: list[int], n_codes: int) -> bool:
        """Tell whether the steps hold and end in this partition, with nothing left to merge."""
        t = self.tables
        least = [0] * n_codes
        for code, block in zip(codes, self.blocks[-1], strict=True):
            least[code] = block
        return extracted_checker.accepts_forced(
            t.n, t.rows, t.source, t.taken, t.successor,
            self.u, self.v, self.steps, self.first, self.second, self.block,
            codes.__getitem__, least.__getitem__, t.leads(codes),
        )  # fmt: skip


def _joined(blocks: list[int], r: int, s: int) -> list[int]:
    low, high = min(r, s), max(r, s)
    return blocks if low == high else [low if block == high else block for block in blocks]
