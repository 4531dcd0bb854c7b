"""S2: what the transitions merge in every zero-loss encoder, and whether there is any."""

from collections.abc import Callable
from dataclasses import replace

from tellapart.properties.laws.claims import (
    Facts,
    admissible_kernels,
    broken,
    closed_kernels,
    facts_of,
    pairs_merged,
    row_clash,
    wrong_proof,
)
from tellapart.properties.laws.examples import LawData, data_examples
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.chain import Infeasibility, infeasibility
from tellapart.theory.partial.forced import forced_merges
from tellapart.theory.partition import Partition

__all__ = ["LAWS"]


def _check_forced(example: LawData, merges: Callable[[TransitionData], Partition]) -> Seen:
    """Check that F(D) has (ii) and merges exactly what every relation with (ii) merges."""
    facts = facts_of(example.data)
    found = tuple(merges(example.data).ids.tolist())
    rows = row_clash(facts, found)
    if rows is not None:
        names = [facts.names[row[2]] for row in rows]
        broken(f"{names[0]!r} and {names[1]!r} are reached by one action from one code, and the "
               f"forced merges keep them apart: {Partition(found)!r}.")  # fmt: skip
    wanted = set.intersection(*(pairs_merged(ids) for ids in closed_kernels(facts)))
    got = pairs_merged(found)
    for x, y in sorted(wanted ^ got):
        pair = f"{facts.names[x]!r} and {facts.names[y]!r}"
        if (x, y) in got:
            broken(f"{pair} are called a forced merge, and a latent dynamics has zero loss with "
                   "them apart.")  # fmt: skip
        broken(f"Every latent dynamics of zero loss merges {pair}, and they are not called forced.")
    return Seen(notes={"forced pairs": min(len(got), 4)})


def _check_feasible(
    example: LawData, ask: Callable[[TransitionData], Infeasibility | None]
) -> Seen:
    """Check that infeasible means that no partition is admissible, and that the proof stands."""
    facts = facts_of(example.data)
    possible, witness = bool(admissible_kernels(facts)), ask(example.data)
    if witness is None:
        if not possible:
            broken("No partition of these observations is the kernel of a zero-loss model, and "
                   "the data were called feasible.")  # fmt: skip
        return Seen(notes={"feasible": True})
    if possible:
        broken(f"A zero-loss model exists, and the data were called infeasible: {witness!r}.")
    wrong = wrong_proof(facts, witness.steps, witness.clash, None)
    if wrong is not None:
        broken(f"The data are infeasible, but the chain of merges does not show it: {wrong}.")
    return Seen(notes={"feasible": False, "steps": min(len(witness.steps), 4)})


def _merged_once(data: TransitionData, folds: int) -> tuple[Facts, list[int]]:
    """Merge co-successors, and what that merges, ``folds`` times; then stop, ready or not."""
    facts = facts_of(data)
    ids = list(range(facts.n))
    for _ in range(folds):
        before = list(ids)
        for o, a, s in facts.rows:
            for p, b, t in facts.rows:
                if before[o] == before[p] and a == b and ids[s] != ids[t]:
                    old, new = max(ids[s], ids[t]), min(ids[s], ids[t])
                    ids = [new if block == old else block for block in ids]
    return facts, ids


def _one_round(data: TransitionData) -> Partition:
    return Partition(_merged_once(data, 1)[1])


def _nothing_forced(data: TransitionData) -> Partition:
    return Partition.identity(data.n_obs)


def _always_feasible(data: TransitionData) -> Infeasibility | None:
    return None


def _feasible_after_one_round(data: TransitionData) -> Infeasibility | None:
    facts, ids = _merged_once(data, 1)
    labels: dict[int, set[object]] = {}
    for o, label in enumerate(facts.labels):
        if label is not None:
            labels.setdefault(ids[o], set()).add(label)
    clash = any(len(found) > 1 for found in labels.values())
    return infeasibility(data) if clash else None


def _without_reasons(data: TransitionData) -> Infeasibility | None:
    witness = infeasibility(data)
    return None if witness is None else replace(witness, steps=witness.steps[-1:])


LAWS: tuple[Law, ...] = (
    Law(
        id="S2",
        statement="S2",
        title="the forced merges are what every latent dynamics merges",
        text="F(D) respects the dynamics, and merges exactly the pairs that every equivalence "
        "which respects them merges: no zero-loss encoder can avoid them, and no others.",
        cost=Cost.EXACT,
        cases=lambda: data_examples(most=5, also=("forks",)),
        check=_check_forced,
        subject=forced_merges,
        bad={"stops after one round": _one_round, "nothing is forced": _nothing_forced},
    ),
    Law(
        id="S2-feasible",
        statement="S2",
        title="infeasible data have a chain of merges that joins two labels",
        text="Data are called infeasible exactly when no partition is the kernel of a zero-loss "
        "model; then every step of the chain follows from rows of the data and from steps before "
        "it, and it ends in two different labels.",
        cost=Cost.EXACT,
        cases=lambda: data_examples(most=5, labels=3, also=("forks",)),
        check=_check_feasible,
        subject=infeasibility,
        bad={
            "always feasible": _always_feasible,
            "stops after one round": _feasible_after_one_round,
            "a chain without its reasons": _without_reasons,
        },
    ),
)
