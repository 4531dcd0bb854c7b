"""What a certificate says to people: which pairs are proved apart, by how much, what is missing."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from tellapart.theory.margins.certificate import Form, MarginCertificate
from tellapart.theory.margins.tables import Tables, tables_of
from tellapart.theory.naming import lookup, lookup_table
from tellapart.theory.networks.points import Arithmetic
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["DepthRow", "Margins", "PairMargin", "claim_row", "claim_word"]


@register
@dataclass(frozen=True)
class PairMargin(Saved):
    """The margin of one pair.

    Attributes
    ----------
    x, y
        Names of the observations.
    margin
        The claim, a positive rational: ``|E(x) - E(y)| >= margin`` in the sup norm.
    measured
        Upper end of the enclosure of ``|E(x) - E(y)|``.
    form
        ``"label"``, ``"step"`` or ``"path"``.
    word
        Actions along which the pair is told apart.
    """

    x: Hashable
    y: Hashable
    margin: str
    measured: float
    form: Form
    word: tuple[Hashable, ...]

    def explain(self) -> str:
        """Return the claim as a phrase."""
        return (
            f"{float(Fraction(self.margin)):.3g} for ({self.x!r}, {self.y!r}), whose codes are "
            f"{self.measured:.3g} apart, by {self.form}, word {_shortened(self.word)}"
        )

    def __repr__(self) -> str:
        return f"PairMargin({self.explain()})"


@register
@dataclass(frozen=True)
class DepthRow(Saved):
    """The pairs that need a word of one length (S7).

    Attributes
    ----------
    depth
        Length of a shortest covered distinguishing word.
    pairs, certified
        How many pairs there are, and how many of them have a margin.
    smallest
        The smallest margin among them; None without one.
    """

    depth: int
    pairs: int
    certified: int
    smallest: PairMargin | None


@register
@dataclass(frozen=True, eq=False)
class Margins(Saved):
    """Margins of all pairs of a model on a system (S10); made by :func:`.maker.certify_margins`.

    Attributes
    ----------
    certificate
        All claims, for :func:`tellapart.theory.margin_checker.checker.check_margins`.
    n_required, n_certified
        Pairs that every zero-loss encoder tells apart, and how many of them have a margin.
    n_unreachable
        Required pairs that no covered word tells apart (only merging and folding does, S3).
    residual, aux_residual
        Largest upper bounds of the dynamics residuals and of the label residuals.
    factor, threshold
        Label and step claims would tell all required pairs apart if all residuals were ``factor``
        times as large; ``threshold`` is the largest residual then. None where there is none.
    threshold_note
        Why there is none, otherwise empty.
    by_depth
        The pairs by length of word.
    smallest
        The smallest margin of a required pair; None when nothing is certified.
    uncertified
        Names of required pairs without a margin, the first 1000.
    arithmetic, widest
        How codes were computed, and the widest enclosure of a code, predicted latent or label.
    """

    certificate: MarginCertificate
    n_required: int
    n_certified: int
    n_unreachable: int
    residual: float
    aux_residual: float
    factor: float | None
    threshold: float | None
    threshold_note: str
    by_depth: tuple[DepthRow, ...]
    smallest: PairMargin | None
    uncertified: tuple[tuple[Hashable, Hashable], ...]
    arithmetic: Arithmetic
    widest: float

    @property
    def certified(self) -> bool:
        """Tell whether every pair that must be told apart has a margin, and there is one."""
        return 0 < self.n_required == self.n_certified

    @cached_property
    def _tables(self) -> Tables:
        return tables_of(self.certificate.system)

    @cached_property
    def _names(self) -> dict[Hashable, int]:
        return lookup_table(self.certificate.system.observations)

    def _row(self, x: Hashable, y: Hashable) -> int:
        names = self.certificate.system.observations
        i, j = (lookup(self._names, name, "observation", names) for name in (x, y))
        return claim_row(self.certificate, min(i, j), max(i, j), len(names))

    def margin(self, x: Hashable, y: Hashable) -> Fraction | None:
        """Return the proved distance between the codes of two named observations, or None.

        Raises
        ------
        InvalidArgumentError
            When there is no observation of one of the names.
        """
        row = self._row(x, y)
        return None if row < 0 else Fraction(self.certificate.margins[row])

    def form(self, x: Hashable, y: Hashable) -> Form | None:
        """Return how the margin of two named observations follows, or None without one."""
        row = self._row(x, y)
        return None if row < 0 else self.certificate.forms[row]

    def word(self, x: Hashable, y: Hashable) -> tuple[Hashable, ...] | None:
        """Return the actions along which the margin of two names is proved, or None without one."""
        row = self._row(x, y)
        return None if row < 0 else claim_word(self.certificate, self._tables, row)

    @property
    def by_size(self) -> bool:
        """Whether the residuals are small enough for all pairs by their size alone.

        Margins along words add up residuals with their signs: where those of neighbours cancel,
        they prove pairs apart whose residuals are not small at all.
        """
        largest = max(self.residual, self.aux_residual)
        return self.certified and self.threshold is not None and largest <= self.threshold

    @property
    def threshold_sentence(self) -> str:
        """How small residuals must be, and how large they are."""
        largest = max(self.residual, self.aux_residual)
        pairs = count(self.n_required, "pair")
        if self.threshold is None:
            note = f": {self.threshold_note}" if self.threshold_note else ""
            return (
                f"No residual would certify all pairs{note}; it is at {largest:.3g}, after "
                f"{self.n_certified:,} of its {pairs}."
            )
        by_words = self.certified and not self.by_size
        which = (
            "Proved apart along words, with the signs of the residuals; by their size alone"
            if by_words
            else "Certified"
        )
        return (
            f"{which} below a residual of {self.threshold:.3g}; it is at {largest:.3g}, after "
            f"{self.n_certified:,} of its {pairs}."
        )

    def explain(self) -> str:
        """Return what is proved, what is missing, and how small residuals would have to be."""
        forms = self.certificate.forms
        shown = ", ".join(
            f"{forms.count(form):,} by {form}"
            for form in ("label", "step", "path")
            if form in forms
        )
        lines = [
            f"{self.n_certified:,} of {count(self.n_required, 'pair')} that must be told apart "
            f"are proved apart{f' ({shown})' if shown else ''}.",
            self.threshold_sentence,
        ]
        if self.n_unreachable:
            lines.append(
                f"{count(self.n_unreachable, 'pair')} must be told apart although no covered word "
                "shows it; margins cannot reach them."
            )
        lines += _row_lines(self.by_depth)
        if self.uncertified:
            first = ", ".join(f"({x!r}, {y!r})" for x, y in self.uncertified[:5])
            more = ", .." if len(self.uncertified) > 5 else ""
            lines.append(f"Not certified: {first}{more}")
        how = "exact rational" if self.arithmetic == "exact" else "outward-rounded interval"
        lines.append(f"Codes in {how} arithmetic; the widest enclosure is {self.widest:.3g}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"Margins({self.n_certified:,} of {count(self.n_required, 'pair')} certified, largest "
            f"residual {max(self.residual, self.aux_residual):.3g})"
        )


def claim_word(certificate: MarginCertificate, tables: Tables, row: int) -> tuple[Hashable, ...]:
    """Follow a claim (its place in the certificate) to the end of its word.

    The pairs of the certificate are sorted, as the maker leaves them.
    """
    n, names = tables.n_obs, certificate.system.actions
    word: list[Hashable] = []
    while certificate.forms[row] == "step":
        s, t = certificate.supports[row].tolist()
        word.append(names[int(tables.actions[s])])
        ends = sorted((int(tables.targets[s]), int(tables.targets[t])))
        row = claim_row(certificate, ends[0], ends[1], n)
    if certificate.forms[row] == "path":
        letters = certificate.paths[int(certificate.supports[row, 0])]
        word += [names[int(tables.actions[s])] for s, _ in letters]
    return tuple(word)


def claim_row(certificate: MarginCertificate, x: int, y: int, n: int) -> int:
    """Return the place of the claim about two indices ``x < y``, or -1; O(log k)."""
    pairs = certificate.pairs
    low, high = np.searchsorted(pairs[:, 0], (x, x + 1)).tolist()
    row = low + int(np.searchsorted(pairs[low:high, 1], y))
    return row if row < high and pairs[row, 1] == y else -1


def _shortened(word: tuple[Hashable, ...], most: int = 12) -> str:
    """Print a word, leaving out the middle of a long one."""
    if not word:
        return "(empty)"
    shown = list(map(str, word))
    if len(shown) > most:
        shown = [*shown[: most - 2], "..", shown[-1]]
    return f"{' '.join(shown)} ({count(len(word), 'action')})"


def _row_lines(rows: tuple[DepthRow, ...], most: int = 12) -> list[str]:
    """Describe rows, leaving out the middle of many."""
    lines = []
    for row in rows:
        lines.append(f"  depth {row.depth}: {row.certified:,} of {count(row.pairs, 'pair')}")
        if row.smallest is not None:
            lines[-1] += f", at least {row.smallest.explain()}"
    return lines if len(lines) <= most else [*lines[: most - 2], "  ..", lines[-1]]
