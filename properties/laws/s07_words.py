"""S7: two observations are bisimilar exactly when no word tells them apart."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any, Protocol

from tellapart.properties.laws.claims import (
    Facts,
    admissible_kernels,
    broken,
    closed_kernels,
    facts_of,
    levels,
    pairs_merged,
    separating_words,
)
from tellapart.properties.laws.examples import LawData, LawSystem, data_examples, systems
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.bisimulation import Bisimulation, bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partial.relation import separation_relation
from tellapart.theory.partition import Partition

__all__ = ["LAWS"]

Word = tuple[Hashable, ...] | None
Lengths = Callable[[Hashable, Hashable], int | None]


class Refined(Protocol):
    """What the law asks of a bisimulation."""

    @property
    def history(self) -> Sequence[Partition]:
        """``B_0 .. B_depth``."""

    def separation_depth(self, x: Hashable, y: Hashable) -> int | None:
        """Return the first k with the two apart in ``B_k``."""

    def distinguishing_word(self, x: Hashable, y: Hashable) -> Word:
        """Return a shortest word that tells the two apart."""


def _check_words(example: LawSystem, refine: Callable[[DeterministicMDP], Refined]) -> Seen:
    """Compare partitions with D3, and depths and words with a search of all words."""
    facts, found = facts_of(example.mdp), refine(example.mdp)
    wanted = levels(facts)
    got = [tuple(p.ids.tolist()) for p in found.history]
    for k, (one, other) in enumerate(zip(got, wanted, strict=False)):
        if one != other:
            broken(f"B_{k} is {Partition(other)!r}, and {Partition(one)!r} was returned.")
    if len(got) != len(wanted):
        broken(f"The depth is {len(wanted) - 1}, and {len(got) - 1} was returned.")
    words = separating_words(facts)
    for x, y in combinations(range(facts.n), 2):
        _check_pair(facts, found, (x, y), words.get((x, y)), wanted)
    hardest = max(words.values(), default=0)
    return Seen(None, len(wanted) - 1, 1 + max(wanted[-1]), float(hardest))


def _check_pair(
    facts: Facts, found: Refined, pair: tuple[int, int], length: int | None,
    history: Sequence[Sequence[int]],
) -> None:  # fmt: skip
    x, y = (facts.names[o] for o in pair)
    first = next((k for k, ids in enumerate(history) if ids[pair[0]] != ids[pair[1]]), None)
    if first != length:
        broken(f"A shortest word for {x!r} and {y!r} has length {length}, and they part in "
               f"B_{first}: S7 itself fails.")  # fmt: skip
    for one, other in ((x, y), (y, x)):
        depth, word = found.separation_depth(one, other), found.distinguishing_word(one, other)
        if depth != length:
            broken(f"{one!r} and {other!r} are first separated at {length}, not {depth}.")
        if (None if word is None else len(word)) != length:
            broken(f"A shortest word for {one!r} and {other!r} has length {length}, and {word!r} "
                   "was returned.")  # fmt: skip
        if word is not None and not _tells_apart(facts, pair, word):
            broken(f"The word {word!r} leads {one!r} and {other!r} to equal labels.")


def _tells_apart(facts: Facts, pair: tuple[int, int], word: Sequence[Hashable]) -> bool:
    after = {(o, facts.actions[a]): s for o, a, s in facts.rows}
    x, y = pair
    for action in word:
        if (x, action) not in after:  # no action of that name
            return False
        x, y = after[x, action], after[y, action]
    return facts.labels[x] != facts.labels[y]


def _check_engine(example: LawSystem, run: Callable[[DeterministicMDP, str], Any]) -> Seen:
    """Compare what every engine returns with D3."""
    from tellapart.theory.partial.closure import has_numba

    facts = facts_of(example.mdp)
    wanted = levels(facts)
    for method in ("reference", "numpy", *(("compiled",) if has_numba() else ())):
        found = run(example.mdp, method)
        got = [tuple(p.ids.tolist()) for p in found.history]
        if got != wanted:
            broken(f"The engine {method!r} returned {[Partition(ids) for ids in got]!r}; by D3 it "
                   f"is {[Partition(ids) for ids in wanted]!r}.")  # fmt: skip
    return Seen(None, len(wanted) - 1, 1 + max(wanted[-1]), float(len(wanted)))


def _engine(mdp: DeterministicMDP, method: str) -> Bisimulation:
    return bisimulation(mdp, method=method)


def _check_covered(example: LawData, lengths: Callable[[TransitionData], Lengths]) -> Seen:
    """Compare the lengths of covered words with a search, in which forced merges count as one."""
    facts = facts_of(example.data)
    if not admissible_kernels(facts):
        return Seen("no zero-loss encoder exists")
    closed = [pairs_merged(ids) for ids in closed_kernels(facts)]
    forced = set.intersection(*closed)
    first = [min([x, *(a for a, b in forced if b == x)]) for x in range(facts.n)]
    known = {first[o]: label for o, label in enumerate(facts.labels) if label is not None}
    merged = replace(
        facts,
        rows=tuple((first[o], a, first[s]) for o, a, s in facts.rows),
        labels=tuple(known.get(o) for o in range(facts.n)),
    )
    words, word_length = separating_words(merged), lengths(example.data)
    for x, y in combinations(range(facts.n), 2):
        one, other = sorted((first[x], first[y]))
        wanted = words.get((one, other))
        for a, b in ((x, y), (y, x)):
            got = word_length(facts.names[a], facts.names[b])
            if got != wanted:
                broken(f"A shortest covered word for {facts.names[a]!r} and {facts.names[b]!r} "
                       f"has length {wanted}, and {got} was returned.")  # fmt: skip
    return Seen(target=float(max(words.values(), default=0)), notes={"forced": bool(forced)})


@dataclass(frozen=True)
class _Altered:
    """A bisimulation with a mistake in it: cut off at ``most`` steps, or with longer words."""

    true: Bisimulation
    most: int | None = None
    detours: bool = False

    @property
    def history(self) -> Sequence[Partition]:
        return self.true.history[: None if self.most is None else self.most + 1]

    def separation_depth(self, x: Hashable, y: Hashable) -> int | None:
        depth = self.true.separation_depth(x, y)
        return depth if depth is None or self.most is None or depth <= self.most else None

    def distinguishing_word(self, x: Hashable, y: Hashable) -> Word:
        if self.separation_depth(x, y) is None:
            return None
        word = self.true.distinguishing_word(x, y)
        return self._longer(x, y, word) if self.detours else word

    def _longer(self, x: Hashable, y: Hashable, word: Word) -> Word:
        """Return a word that tells apart as well, one action longer, where there is one."""
        facts = facts_of(self.true.mdp)
        pair = (facts.names.index(x), facts.names.index(y))
        longer = product(facts.actions, repeat=len(word or ()) + 1)
        return next((w for w in longer if _tells_apart(facts, pair, w)), word)


def _one_step(mdp: DeterministicMDP) -> Refined:
    return _Altered(bisimulation(mdp), most=1)


def _labels_alone(mdp: DeterministicMDP) -> Refined:
    return _Altered(bisimulation(mdp), most=0)


def _longest_first(mdp: DeterministicMDP) -> Refined:
    return _Altered(bisimulation(mdp), detours=True)


def _covered(data: TransitionData) -> Lengths:
    return separation_relation(data).word_length


def _folds_as_words(data: TransitionData) -> Lengths:
    """Take every pair that must be told apart for one that some word tells apart."""
    found = separation_relation(data)

    def length(x: Hashable, y: Hashable) -> int | None:
        known = found.word_length(x, y)
        return 1 if known is None and found.must_separate(x, y) else known

    return length


def _one_step_covered(data: TransitionData) -> Lengths:
    found = separation_relation(data)
    return lambda x, y: length if (length := found.word_length(x, y)) in (0, 1) else None


def _one_engine_short(mdp: DeterministicMDP, method: str) -> Any:
    found = bisimulation(mdp, method=method)
    return found if method != "numpy" else _Altered(found, most=max(1, found.depth - 1))


def _actions_alike(mdp: DeterministicMDP, method: str) -> Any:
    """Sort the successors of each observation, as if it did not matter which action led where."""
    from numpy import sort

    return bisimulation(DeterministicMDP(sort(mdp.successors, axis=1), mdp.labels), method=method)


LAWS: tuple[Law, ...] = (
    Law(
        id="S7",
        statement="S7",
        title="a pair is first separated in B_k when its shortest word has length k",
        text="B_0, B_1, ... are those of the definition; two observations are bisimilar exactly "
        "when no word leads to different labels, and otherwise the first B_k that separates them, "
        "the depth and the word returned have the length of a shortest word, and the word "
        "tells them apart.",
        cost=Cost.EXACT,
        cases=systems,
        check=_check_words,
        subject=bisimulation,
        bad={
            "one step suffices": _one_step,
            "labels alone": _labels_alone,
            "longer words": _longest_first,
        },
    ),
    Law(
        id="S7-data",
        statement="S7",
        title="covered words of partial data are as short as can be",
        text="The length said to be that of a shortest word through covered transitions, between "
        "observations whose labels are known, is what a search of all words finds; observations "
        "that the dynamics merge count as one.",
        cost=Cost.EXACT,
        cases=lambda: data_examples(most=6, also=("few labels", "folds")),
        check=_check_covered,
        subject=_covered,
        bad={"folds count as words": _folds_as_words, "one step suffices": _one_step_covered},
    ),
    Law(
        id="S7-engines",
        statement="S7",
        title="every engine of the refinement returns the partitions of the definition",
        text="The plain, the vectorised and, where it is installed, the compiled engine return "
        "B_0, B_1, ... up to B*, bit for bit.",
        cost=Cost.EXACT,
        cases=lambda: systems(most=10),
        check=_check_engine,
        subject=_engine,
        bad={"one engine stops early": _one_engine_short, "actions alike": _actions_alike},
    ),
)
