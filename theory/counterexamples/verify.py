"""Independent check of a specimen: plain loops over its fields, and no code of the search.

What is decided
---------------
1. The word leads the two observations of the pair to different labels of the world, and no shorter
   word does (breadth-first over pairs of observations).
2. The pair shares a code.
3. The data are what dropping the hypothesis leaves of the world: all of it, more successors, fewer
   rows, hidden actions, states that look alike, or a constant label.
4. The losses that must be zero are: equal codes have equal labels, and equal codes and actions
   have successors of equal codes (D4, S1). ``exact_zero`` needs a dynamics loss above zero.
5. Where no encoder can reach zero (``determinism``, ``action_conditioning``,
   ``markov_observation``): the merges that the data force put two labels into one class (S2), and
   the codes are the classes of those merges.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from tellapart.theory.counterexamples.claims import CLAIMS, Refused, World, need
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["SpecimenCheck", "verify_specimen"]


@dataclass(frozen=True, slots=True)
class SpecimenCheck:
    """Whether a specimen is what it claims; ``bool()`` of it is ``holds``.

    Attributes
    ----------
    holds
        Whether every claim is true.
    failure
        The first claim that is not, as a sentence; None when all are.
    """

    holds: bool
    failure: str | None = None

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return the answer as a sentence."""
        if self.failure is None:
            return "The specimen is a counterexample: every claim was checked."
        return f"The specimen is refused: {self.failure}"


def verify_specimen(specimen: Specimen) -> SpecimenCheck:
    """Check every claim of a specimen by plain loops.

    Parameters
    ----------
    specimen
        From the search, from a file, or made by hand.

    Returns
    -------
    SpecimenCheck
        A specimen that is malformed is refused with a reason, never raised.

    Raises
    ------
    InvalidArgumentError
        For something that is not a specimen.

    Notes
    -----
    O(n² |A| + t²) for t rows of data, the forced merges O(n t²). See the module for what is
    decided; minimality is not: that is the search's claim.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from tellapart.theory.counterexamples.search import smallest_counterexamples
    >>> specimen = smallest_counterexamples("dynamics_loss").specimens[0]
    >>> verify_specimen(specimen)
    SpecimenCheck(holds=True, failure=None)
    >>> verify_specimen(replace(specimen, word=())).failure
    'the word () leads both of s0 and s2 to the label 0, so it does not tell them apart.'
    """
    if not isinstance(specimen, Specimen):
        raise InvalidArgumentError(
            f"verify_specimen needs a Specimen, got {type(specimen).__name__}. "
            "smallest_counterexamples(...).specimens has some."
        )
    try:
        table = World(specimen)
        _check_shape(specimen)
        _check_pair(specimen, table)
        CLAIMS[specimen.hypothesis](specimen, table)
    except Refused as refused:
        return SpecimenCheck(False, str(refused))
    return SpecimenCheck(True)


def _check_shape(specimen: Specimen) -> None:
    n, seen = specimen.world.n_obs, specimen.data.n_obs
    need(
        list(specimen.data.observations) == list(specimen.world.observations),
        "the data name other observations than the world.",
    )
    need(
        len(specimen.codes) == seen,
        f"there are {len(specimen.codes)} codes for {seen} observations of the data.",
    )
    need(
        len(specimen.shows) == n and all(_is_index(look, seen) for look in specimen.shows),
        "shows must hold one index of an observation of the data for each of the world.",
    )
    order = list(dict.fromkeys(specimen.codes))
    need(
        all(_is_index(code, n) for code in specimen.codes) and order == list(range(len(order))),
        f"the codes {specimen.codes} are not numbered by first appearance.",
    )


def _check_pair(specimen: Specimen, table: World) -> None:
    for name in (specimen.x, specimen.y):
        need(name in table.names, f"the world has no observation {name!r}.")
    for action in specimen.word:
        need(action in table.actions, f"the world has no action {action!r}.")
    x, y = table.names.index(specimen.x), table.names.index(specimen.y)
    p, q = x, y
    for action in specimen.word:
        a = table.actions.index(action)
        p, q = table.next[p][a], table.next[q][a]
    word = _listed(specimen.word)
    need(
        table.labels[p] != table.labels[q],
        f"the word {word} leads both of {specimen.x} and {specimen.y} to the label "
        f"{table.labels[p]!r}, so it does not tell them apart.",
    )
    shortest = table.shortest(x, y)
    need(
        shortest == len(specimen.word),
        f"the word {word} is not a shortest one: {shortest} actions suffice.",
    )
    codes, shows = specimen.codes, specimen.shows
    need(
        codes[shows[x]] == codes[shows[y]],
        f"{specimen.x} and {specimen.y} have the codes {codes[shows[x]]} and {codes[shows[y]]}.",
    )


def _listed(word: tuple[Hashable, ...]) -> str:
    return f"({', '.join(map(str, word))})"


def _is_index(value: object, limit: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < limit
