"""What is known about codes inside boxes: proved distances beside distances that were reached."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tellapart.models.boxes.certificate import BoxCertificate
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["BoxPair", "BoxReport", "BoxStatus"]

FloatArray = npt.NDArray[np.float64]
BoxStatus = Literal["certified", "refuted", "unknown"]


@register
@dataclass(frozen=True, eq=False)
class BoxPair(Saved):
    """Two classes of observations whose boxes must stay apart.

    Attributes
    ----------
    x, y
        Names of an observation of each class.
    n_pairs
        Pairs of boxes that this stands for.
    status
        ``"certified"``: proved for all pairs of boxes. ``"refuted"``: two inputs in the boxes
        have codes closer than what is asked. ``"unknown"``: neither.
    certified
        Proved: codes of inputs in the two boxes differ by at least this in the sup norm. 0: no
        proof.
    closest
        Reached: two inputs in the boxes have codes at most this far apart.
    tightest
        Names of the two observations with the smallest proved distance; where there is no proof
        or a refutation, with the smallest reached one.
    witness
        The two inputs that reach ``closest``; None for a certified pair.
    """

    x: Hashable
    y: Hashable
    n_pairs: int
    status: BoxStatus
    certified: float
    closest: float
    tightest: tuple[Hashable, Hashable]
    witness: tuple[FloatArray, FloatArray] | None

    def __repr__(self) -> str:
        return (
            f"BoxPair({self.x!r} and {self.y!r}: {self.status}, certified {self.certified:.3g}, "
            f"closest found {self.closest:.3g})"
        )


@register
@dataclass(frozen=True, eq=False)
class BoxReport(Saved):
    """Do the codes of classes stay apart in boxes; made by :func:`certify_boxes`.

    Attributes
    ----------
    radius, clip
        The boxes.
    delta
        The distance that was asked for; 0: any positive one.
    method
        How bounds were found: ``"crown"``, ``"crown-ibp"`` or ``"ibp"``.
    arithmetic
        Of the recheck: ``"exact"`` or ``"interval"``; ``"none"`` when nothing came that far.
    pairs
        One entry for each pair of classes.
    certificate
        The proof of every certified pair; None when there is none.
    seed
        Of the attack.
    """

    radius: float
    clip: tuple[float, float] | None
    delta: float
    method: str
    arithmetic: str
    pairs: tuple[BoxPair, ...]
    certificate: BoxCertificate | None
    seed: int

    def __bool__(self) -> bool:
        return self.n_certified == len(self.pairs)

    @property
    def n_certified(self) -> int:
        """Number of pairs of classes that are proved to stay apart."""
        return sum(pair.status == "certified" for pair in self.pairs)

    @property
    def n_refuted(self) -> int:
        """Number of pairs of classes for which a witness was found."""
        return sum(pair.status == "refuted" for pair in self.pairs)

    @property
    def certified(self) -> float:
        """The distance that is proved for all pairs of classes; 0 when one has no proof."""
        return min((pair.certified for pair in self.pairs), default=0.0)

    def table(self) -> tuple[tuple[str, str, str, str, str], ...]:
        """Return rows of text: x, y, status, certified distance, closest distance found."""
        return tuple(
            (str(p.x), str(p.y), p.status, f"{p.certified:.3g}", f"{p.closest:.3g}")
            for p in self.pairs
        )

    def explain(self, limit: int = 20) -> str:
        """Return the result as text, with at most ``limit`` pairs, those not certified first."""
        asked = f"at least {self.delta:.3g} apart" if self.delta else "apart"
        shown = f", numbers within [{self.clip[0]:g}, {self.clip[1]:g}]" if self.clip else ""
        counts = Counter(pair.status for pair in self.pairs)
        checked = (
            "nothing was left to recheck"
            if self.arithmetic == "none"
            else f"rechecked in {self.arithmetic} arithmetic"
        )
        lines = [
            f"Codes in boxes of radius {self.radius:.3g} around observations{shown}:",
            f"  {counts['certified']} of {count(len(self.pairs), 'pair')} of classes certified to "
            f"stay {asked}, {counts['refuted']} refuted, {counts['unknown']} unknown",
            f"  bounds by {self.method}, {checked}; witnesses by gradient attack "
            f"(seed {self.seed})",
        ]
        order = {"refuted": 0, "unknown": 1, "certified": 2}
        ranked = sorted(self.pairs, key=lambda p: (order[p.status], p.certified, p.closest))
        for pair in ranked[:limit]:
            proved = f"at least {pair.certified:.3g}" if pair.certified else "no proof"
            lines.append(
                f"  {pair.x} and {pair.y}: {pair.status}; {proved}, closest pair found at distance "
                f"{pair.closest:.3g}"
            )
        if len(ranked) > limit:
            lines.append(f"  and {count(len(ranked) - limit, 'more pair')}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"BoxReport(radius {self.radius:.3g}: {self.n_certified} of {len(self.pairs)} pairs "
            f"certified, {self.n_refuted} refuted)"
        )
