"""Named MDPs with known answers: the examples of docs, tests and the command line."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = [
    "GalleryEntry",
    "blow_up",
    "combination_lock",
    "counting_chain",
    "cycle",
    "de_bruijn",
    "gallery",
    "gallery_mdp",
    "grid",
    "hopcroft_ullman",
    "pick",
    "random_mdp",
    "redundant_pick",
    "shift_register",
    "tree",
]

#: Larger systems are refused by name, so that a typing error does not fill the memory.
MAX_OBSERVATIONS = 10_000_000


def counting_chain(n: int = 9, target: int | None = None) -> DeterministicMDP:
    """Count up and down: observations ``0 .. n-1``, label 1 exactly at the target.

    Parameters
    ----------
    n
        Number of observations; actions -1 and +1 are clipped at the ends.
    target
        The count with label 1; default the middle, ``(n - 1) // 2``.

    Notes
    -----
    With the target in the middle of an odd ``n``: ``n`` blocks, depth ``(n - 1) // 2``. The chain
    of arXiv 2509.12249 (target 4 of 0..8): 2, 4, 6, 8, 9 blocks by depth.
    """
    _at_least("n", n, 1)
    goal = (n - 1) // 2 if target is None else target
    if not 0 <= goal < n:
        raise InvalidArgumentError(f"target is {goal}; it must be one of 0..{n - 1}.")
    here = np.arange(n)
    successors = np.stack([np.maximum(here - 1, 0), np.minimum(here + 1, n - 1)], axis=1)
    return DeterministicMDP(successors, (here == goal).astype(int), actions=("-1", "+1"))


def pick() -> DeterministicMDP:
    """Pick a puck from one of four places: 5 observations, 5 blocks, depth 1.

    Action ``pick i`` leads from ``puck at i`` to ``picked`` (label 1) and does nothing elsewhere.
    Source: the environment Pick of github.com/ondrejbiza/mdp_abstraction.
    """
    return _pick([f"puck at {place}" for place in range(1, 5)])


def redundant_pick() -> DeterministicMDP:
    """Return :func:`pick` with each puck seen in two ways: 9 observations, 5 blocks, depth 1.

    Source: the environment Redundant Pick of github.com/ondrejbiza/mdp_abstraction.
    """
    places = range(1, 5)
    return _pick([f"puck at {p}" for p in places] + [f"puck at {p}, again" for p in places])


def _pick(sights: list[str]) -> DeterministicMDP:
    names = [*sights, "picked"]
    goal = len(sights)
    successors = [[goal if here % 4 == a else here for a in range(4)] for here in range(goal)]
    successors.append([goal] * 4)
    labels = [0] * goal + [1]
    return DeterministicMDP(successors, labels, names, [f"pick {place}" for place in range(1, 5)])


def cycle(n: int = 8) -> DeterministicMDP:
    """Go round in one cycle, label 1 exactly at 0: ``n`` blocks, depth ``n - 2`` (0 if n < 2)."""
    _at_least("n", n, 1)
    here = np.arange(n)
    return DeterministicMDP(((here + 1) % n)[:, None], (here == 0).astype(int), actions=("step",))


def grid(rows: int = 3, columns: int = 4) -> DeterministicMDP:
    """Walk a grid with four clipped moves, label 1 exactly in the last corner.

    ``rows * columns`` blocks: the numbers of steps down and right to the goal tell every cell
    apart. Observations are named ``(row, column)``.
    """
    _at_least("rows", rows, 1)
    _at_least("columns", columns, 1)
    row, column = np.divmod(np.arange(rows * columns), columns)
    moves = ((-1, 0), (1, 0), (0, -1), (0, 1))
    successors = np.stack(
        [
            np.clip(row + down, 0, rows - 1) * columns + np.clip(column + right, 0, columns - 1)
            for down, right in moves
        ],
        axis=1,
    )
    labels = np.zeros(rows * columns, dtype=int)
    labels[-1] = 1
    names = list(zip(row.tolist(), column.tolist(), strict=True))
    return DeterministicMDP(successors, labels, names, ("up", "down", "left", "right"))


def shift_register(k: int = 4) -> DeterministicMDP:
    """Remember the last ``k`` bits, show the oldest: ``2**k`` blocks, depth ``k - 1``.

    Actions ``0`` and ``1`` push a bit. The transition graph is the binary de Bruijn graph.
    """
    _at_least("k", k, 1)
    here = np.arange(2**k)
    pushed = (2 * here) % 2**k
    names = [format(bits, f"0{k}b") for bits in range(2**k)]
    return DeterministicMDP(np.stack([pushed, pushed + 1], axis=1), here >> (k - 1), names)


def de_bruijn(k: int = 4) -> DeterministicMDP:
    """Go round a binary de Bruijn sequence of order ``k``, showing its bits.

    One action, ``2**k`` observations (positions), ``2**k`` blocks at depth ``k - 1``: every window
    of ``k`` bits occurs once. The shallowest a cycle of two labels can be.
    """
    _at_least("k", k, 1)
    bits = _de_bruijn_bits(k)
    here = np.arange(2**k)
    return DeterministicMDP(((here + 1) % 2**k)[:, None], bits, actions=("step",))


def _de_bruijn_bits(k: int) -> list[int]:
    """Build the sequence by the prefer-one rule: append 1 unless the window is known."""
    window, mask = 0, 2**k - 1
    seen, bits = {0}, []
    for _ in range(2**k):
        bits.append(window >> (k - 1))
        one = ((window << 1) & mask) | 1
        window = one if one not in seen else one - 1
        seen.add(window)
    return bits


def combination_lock(n: int = 6, combination: Sequence[int] | None = None) -> DeterministicMDP:
    """Open a lock digit by digit; a wrong digit starts over: ``n + 1`` blocks, depth ``n - 1``.

    Parameters
    ----------
    n
        Length of the combination; the observations are ``0 .. n-1`` right digits, and ``"open"``.
    combination
        Digits ``0 .. n_actions-1``; default 0, 1, 0, 1, ...

    Notes
    -----
    The label is 1 exactly when open, and open stays open. Telling 0 from 1 right digits takes all
    of the other ``n - 1``.
    """
    _at_least("n", n, 1)
    digits = [i % 2 for i in range(n)] if combination is None else list(combination)
    if len(digits) != n or any(digit < 0 for digit in digits):
        raise InvalidArgumentError(f"combination is {digits}; give {n} digits >= 0.")
    n_actions = max(2, max(digits) + 1)
    successors = np.zeros((n + 1, n_actions), dtype=int)
    successors[np.arange(n), digits] = np.arange(1, n + 1)
    successors[n] = n
    return DeterministicMDP(successors, [0] * n + [1], [*range(n), "open"])


def hopcroft_ullman() -> DeterministicMDP:
    """Return the textbook automaton for minimisation: 8 observations, 5 blocks, depth 2.

    Hopcroft, Motwani and Ullman, "Introduction to Automata Theory", figure 4.8; label 1 is
    acceptance. Blocks: A E, B H, C, D F, G.
    """
    table = {
        "A": "BF", "B": "GC", "C": "AC", "D": "CG", "E": "HF", "F": "CG", "G": "GE", "H": "GC"
    }  # fmt: skip
    names = list(table)
    successors = [[names.index(target) for target in table[name]] for name in names]
    return DeterministicMDP(successors, [int(name == "C") for name in names], names)


def tree(depth: int = 3) -> DeterministicMDP:
    """Descend a complete binary tree to its leaves: one block for each level.

    ``2**(depth+1) - 1`` observations, ``depth + 1`` blocks, depth ``depth - 1`` (0 if that is
    less). Label 1 exactly at the leaves, which are absorbing; nodes are named by their path.
    """
    _at_least("depth", depth, 0)
    n = 2 ** (depth + 1) - 1
    here = np.arange(n)
    leaf = here >= n // 2
    successors = np.where(leaf[:, None], here[:, None], 2 * here[:, None] + np.array([1, 2]))
    names = ["root"] + ["".join("LR"[int(bit)] for bit in f"{i + 1:b}"[1:]) for i in range(1, n)]
    return DeterministicMDP(successors, leaf.astype(int), names, ("left", "right"))


def blow_up(mdp: DeterministicMDP, copies: int = 3, seed: int = 0) -> DeterministicMDP:
    """Return an MDP with ``copies`` of each observation and the blocks and depth of ``mdp``.

    Every transition leads to a random copy of its successor. Observation ``copies * o + c`` is
    copy ``c`` of ``o``, named ``(name, c)``.
    """
    _at_least("copies", copies, 1)
    generator = np.random.default_rng(seed)
    table = np.repeat(mdp.successors.astype(np.int64), copies, axis=0) * copies
    table += generator.integers(copies, size=table.shape)
    labels = np.repeat(mdp.label_ids, copies)
    names = [(name, c) for name in mdp.observations for c in range(copies)]
    values = [mdp.label_values[i] for i in labels.tolist()]
    return DeterministicMDP(table, values, names, mdp.actions)


def random_mdp(n: int = 32, actions: int = 2, labels: int = 2, seed: int = 0) -> DeterministicMDP:
    """Return an MDP with uniformly random successors and labels ``0 .. labels-1``."""
    for name, value in (("n", n), ("actions", actions), ("labels", labels)):
        _at_least(name, value, 1)
    _at_least("seed", seed, 0)
    generator = np.random.default_rng(seed)
    successors = generator.integers(n, size=(n, actions), dtype=np.int32)
    return DeterministicMDP(successors, generator.integers(labels, size=n))


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise InvalidArgumentError(f"{name} is {value}; it must be at least {least}.")


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """One family of the gallery, with the known answers for its default size.

    Attributes
    ----------
    name
        Default name, such as ``counting-9``: :func:`gallery_mdp` builds it.
    pattern
        The name with its parameters, such as ``counting-N``.
    summary
        One line.
    n_obs, n_blocks, depth
        Known answers for the default: observations, blocks of B* and depth (D3).
    """

    name: str
    pattern: str
    summary: str
    n_obs: int
    n_blocks: int
    depth: int

    def build(self) -> DeterministicMDP:
        """Return the default MDP."""
        return gallery_mdp(self.name)

    def explain(self) -> str:
        """Return the known answers in one line."""
        return (
            f"{self.name}: {self.summary}; {self.n_obs} observations, {self.n_blocks} blocks, "
            f"depth {self.depth}"
        )


_ENTRIES = (
    GalleryEntry("counting-9", "counting-N", "count up and down, label 1 in the middle", 9, 9, 4),
    GalleryEntry("pick", "pick", "pick a puck from one of four places", 5, 5, 1),
    GalleryEntry("redundant-pick", "redundant-pick", "pick, each puck seen two ways", 9, 5, 1),
    GalleryEntry("cycle-8", "cycle-N", "one action round a cycle, label 1 once", 8, 8, 6),
    GalleryEntry("grid-3x4", "grid-ROWSxCOLUMNS", "four moves, label 1 in a corner", 12, 12, 4),
    GalleryEntry("shift-register-4", "shift-register-K", "push bits, see the oldest", 16, 16, 3),
    GalleryEntry("de-bruijn-4", "de-bruijn-K", "one action round a de Bruijn sequence", 16, 16, 3),
    GalleryEntry("lock-6", "lock-N", "combination lock, label 1 when open", 7, 7, 5),
    GalleryEntry("hopcroft-ullman", "hopcroft-ullman", "textbook automaton", 8, 5, 2),
    GalleryEntry("tree-3", "tree-DEPTH", "binary tree, label 1 at the leaves", 15, 4, 2),
    GalleryEntry(
        "blow-up:counting-9:3",
        "blow-up:NAME:COPIES",
        "random copies of every observation",
        27,
        9,
        4,
    ),
)

# Pattern -> number of observations and builder, both of the integers in the name.
_BUILDERS: dict[str, tuple[Callable[..., int], Callable[..., DeterministicMDP]]] = {
    r"counting-(\d+)": (lambda n: n, counting_chain),
    r"pick": (lambda: 5, pick),
    r"redundant-pick": (lambda: 9, redundant_pick),
    r"cycle-(\d+)": (lambda n: n, cycle),
    r"grid-(\d+)x(\d+)": (lambda rows, columns: rows * columns, grid),
    r"shift-register-(\d+)": (lambda k: 2 ** min(k, 64), shift_register),
    r"de-bruijn-(\d+)": (lambda k: 2 ** min(k, 64), de_bruijn),
    r"lock-(\d+)": (lambda n: n + 1, combination_lock),
    r"hopcroft-ullman": (lambda: 8, hopcroft_ullman),
    r"tree-(\d+)": (lambda depth: 2 ** min(depth + 1, 64), tree),
}


def gallery() -> tuple[GalleryEntry, ...]:
    """Return all families, each with known answers for its default size."""
    return _ENTRIES


def gallery_mdp(name: str) -> DeterministicMDP:
    """Build a gallery MDP by name.

    Parameters
    ----------
    name
        As in the patterns of :func:`gallery`: ``counting-9``, ``grid-3x4``,
        ``blow-up:counting-9:3``, ... ; blow-ups use seed 0.

    Raises
    ------
    InvalidArgumentError
        For an unknown name (close ones are suggested), a size outside the family's range, or one
        of more than ten million observations.

    Examples
    --------
    >>> gallery_mdp("counting-9")
    DeterministicMDP(n_obs=9, n_actions=2, n_labels=2)
    """
    blown = re.fullmatch(r"blow-up:(.+):(\d+)", name, re.ASCII)
    if blown:
        inner = gallery_mdp(blown[1])
        _check_size(name, inner.n_obs * int(blown[2]))
        return blow_up(inner, int(blown[2]))
    for pattern, (size, build) in _BUILDERS.items():
        match = re.fullmatch(pattern, name, re.ASCII)
        if match:
            numbers = [int(digits[:20]) for digits in match.groups()]
            _check_size(name, size(*numbers))
            return build(*numbers)
    patterns = [entry.pattern for entry in _ENTRIES]
    close = difflib.get_close_matches(name, [*(e.name for e in _ENTRIES), *patterns], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise InvalidArgumentError(
        f"There is no gallery MDP named {name!r}.{hint} Names: {', '.join(patterns)} (capitals "
        "stand for numbers, NAME for another name)."
    )


def _check_size(name: str, n_obs: int) -> None:
    if n_obs > MAX_OBSERVATIONS:
        raise InvalidArgumentError(
            f"The gallery MDP {name!r} would have {n_obs} observations; the bound is "
            f"{MAX_OBSERVATIONS}. Use a smaller size."
        )
