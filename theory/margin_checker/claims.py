"""What a margin certificate claims: read from JSON as exact numbers, still to be verified."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from tellapart.theory.margin_checker.reading import Node
from tellapart.theory.margin_checker.system import Pair, System

__all__ = ["FIELDS", "Claims", "read_claims"]

FIELDS = (
    "dynamics_bounds",
    "aux_bounds",
    "predictor_constants",
    "predictor_sources",
    "head_constant",
    "head_source",
    "pairs",
    "margins",
    "forms",
    "supports",
    "paths",
)


@dataclass(frozen=True)
class Claims:
    """The claims, with the meaning that ``MarginCertificate`` gives to each.

    Attributes
    ----------
    dynamics_bounds, aux_bounds, predictor_constants, predictor_sources, head_constant, head_source
        As in the certificate; rationals are non-negative.
    pairs, margins, forms, supports
        One entry for each claim; margins are positive, pairs differ and are ordered.
    number
        The number of the claim on each pair.
    paths
        Pairs of transitions.
    """

    dynamics_bounds: list[Fraction]
    aux_bounds: list[Fraction | None]
    predictor_constants: list[Fraction | None]
    predictor_sources: list[str]
    head_constant: Fraction | None
    head_source: str
    pairs: list[Pair]
    margins: list[Fraction]
    forms: list[str]
    supports: list[tuple[int, int]]
    paths: list[list[tuple[int, int]]]
    number: dict[Pair, int]

    def numbers(self) -> Iterator[Fraction | None]:
        """Go through all the numbers claimed."""
        yield from self.dynamics_bounds
        yield from self.aux_bounds
        yield from self.predictor_constants
        yield self.head_constant
        yield from self.margins


def read_claims(nodes: list[Node], system: System) -> Claims:
    """Read the fields of a certificate named in ``FIELDS``, in that order."""
    dynamics_, aux_, constants_, sources_, head_, source_, pairs_, margins_, forms_, supports_ = (
        nodes[:10]
    )
    dynamics = [item.rational() for item in dynamics_.items()]
    _check_count(dynamics_, len(dynamics), len(system.transitions), "transition")
    aux = [item.rational_or_none() for item in aux_.items()]
    _check_count(aux_, len(aux), system.n_obs, "observation")
    for item, bound, label in zip(aux_.items(), aux, system.labels, strict=True):
        if (bound is None) != (label is None):
            item.fail("must be a rational where the observation has a label, and else null")
    constants = [item.rational_or_none() for item in constants_.items()]
    _check_count(constants_, len(constants), len(system.actions), "action")
    sources = [item.text("points", "norm") for item in sources_.items()]
    _check_count(sources_, len(sources), len(system.actions), "action")
    pairs = _read_pairs(pairs_, 0, system.n_obs)
    number = {pair: i for i, pair in enumerate(pairs)}
    if len(number) != len(pairs) or any(x >= y for x, y in pairs):
        pairs_.fail("does not list pairs x < y, each once")
    margins = [item.rational() for item in margins_.items()]
    _check_count(margins_, len(margins), len(pairs), "pair")
    if not all(margins):
        margins_.fail("holds a margin that is not positive")
    forms = [item.text("label", "step", "path") for item in forms_.items()]
    _check_count(forms_, len(forms), len(pairs), "pair")
    transitions = len(system.transitions)
    paths = [_read_path(item, transitions) for item in nodes[10].items()]
    supports = _read_pairs(supports_, -1, max(transitions, len(paths)))
    _check_count(supports_, len(supports), len(pairs), "pair")
    for i, (form, support) in enumerate(zip(forms, supports, strict=True)):
        if not _fits(form, support, transitions, len(paths)):
            supports_.fail(f"has {list(support)} in row {i}, which no {form} claim rests on")
    return Claims(
        dynamics, aux, constants, sources,
        head_.rational_or_none(), source_.text("points", "norm"),
        pairs, margins, forms, supports, paths, number,
    )  # fmt: skip


def _read_pairs(node: Node, low: int, high: int) -> list[tuple[int, int]]:
    shape, flat = node.integers(low, high)
    if len(shape) != 2 or shape[1] != 2:
        node.fail(f"has the shape {list(shape)}, not [k, 2]")
    return list(zip(flat[::2], flat[1::2], strict=True))


def _read_path(node: Node, transitions: int) -> list[tuple[int, int]]:
    found = []
    for item in node.items():
        ends = [end.integer(0, transitions) for end in item.items()]
        if len(ends) != 2:
            item.fail("is not a pair of transitions")
        found.append((ends[0], ends[1]))
    return found


def _fits(form: str, support: tuple[int, int], transitions: int, paths: int) -> bool:
    one, other = support
    if form == "label":
        return support == (-1, -1)
    if form == "path":
        return 0 <= one < paths and other == -1
    return 0 <= one < transitions and 0 <= other < transitions


def _check_count(node: Node, found: int, wanted: int, noun: str) -> None:
    if found != wanted:
        node.fail(f"has {found} entries; there must be {wanted}, one for each {noun}")
