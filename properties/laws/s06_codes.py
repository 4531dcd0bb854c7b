"""S6: the smallest number of codes of a zero-loss encoder, between its bounds."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

from tellapart.properties.laws.claims import (
    Facts,
    admissible_kernels,
    broken,
    clash_of,
    facts_of,
    pairs_merged,
)
from tellapart.properties.laws.examples import LawData, data_examples
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.partial.min_codes import MinimumCodes, minimum_codes

__all__ = ["LAWS"]

Bound = Callable[[TransitionData], MinimumCodes]
_PROVED = "optimum proved"


def _check_codes(example: LawData, bound: Bound) -> Seen:
    """Check the evidence of both bounds, and that a proved optimum is the optimum."""
    facts, found = facts_of(example.data), bound(example.data)
    kernels = admissible_kernels(facts)
    if (found.status == "infeasible") != (not kernels):
        broken(f"{len(kernels)} partitions are kernels of zero-loss models, and the status is "
               f"{found.status!r}.")  # fmt: skip
    if not kernels:
        return Seen(notes={"status": found.status})
    fewest = min(1 + max(ids) for ids in kernels)
    lower, upper = found.lower, found.upper
    if lower is None or upper is None or not lower <= fewest <= upper:
        broken(f"{fewest} codes are the fewest, and the bounds are {lower} and {upper}.")
    if found.status == _PROVED and not lower == fewest == upper:
        broken(f"{fewest} codes are the fewest, and {lower} to {upper} were called proved.")
    _check_evidence(facts, found, set().union(*map(pairs_merged, kernels)))
    return Seen(n_blocks=fewest, notes={"status": found.status, "method": found.method})


def _check_evidence(facts: Facts, found: MinimumCodes, may: set[tuple[int, int]]) -> None:
    index = facts.names.index
    for x, y in combinations(found.clique, 2):
        if tuple(sorted((index(x), index(y)))) in may:
            broken(f"{x!r} and {y!r} are in the clique of pairs to tell apart, and some zero-loss "
                   "model merges them.")  # fmt: skip
    if len(set(found.clique)) < len(found.clique):
        broken(f"The clique {found.clique!r} names an observation twice.")
    if found.lower is None or len(found.clique) > found.lower:
        broken(f"A clique of {len(found.clique)} goes with the lower bound {found.lower}.")
    ids = [] if found.partition is None else found.partition.ids.tolist()
    if len(ids) != facts.n or len(set(ids)) != found.upper:
        broken(f"{found.partition!r} is no evidence of {found.upper} codes.")
    clash = clash_of(facts, ids)
    if clash is not None:
        broken(f"{found.partition!r} is given as the kernel of a zero-loss model, yet {clash}.")


def _greedy_as_optimum(data: TransitionData) -> MinimumCodes:
    """Take what greedy merging reaches for the optimum."""
    found = minimum_codes(data, exact=False)
    return found if found.upper is None else replace(found, status=_PROVED, lower=found.upper)


def _clique_as_optimum(data: TransitionData) -> MinimumCodes:
    """Take the largest clique found for the optimum, with a partition of some other size."""
    found = minimum_codes(data, exact=False)
    return found if found.lower is None else replace(found, status=_PROVED, upper=found.lower)


def _never_infeasible(data: TransitionData) -> MinimumCodes:
    found = minimum_codes(data)
    if found.status != "infeasible":
        return found
    return MinimumCodes("bounds only", "none", 1, data.n_obs, (), None, "not asked")


LAWS: tuple[Law, ...] = (
    Law(
        id="S6",
        statement="S6",
        title="the fewest codes lie between the bounds, and a proved optimum is the optimum",
        text="The smallest kernel, by brute force over all of them, has a number of blocks "
        "between the bounds; the clique is of pairs that every zero-loss model tells apart, the "
        "partition is admissible, and an optimum called proved is reached by some kernel and "
        "undercut by none.",
        cost=Cost.EXACT,
        cases=lambda: data_examples(most=6, also=("few labels", "forks", "rings", "traps")),
        check=_check_codes,
        subject=minimum_codes,
        bad={
            "greedy called optimal": _greedy_as_optimum,
            "clique called optimal": _clique_as_optimum,
            "never infeasible": _never_infeasible,
        },
    ),
)
