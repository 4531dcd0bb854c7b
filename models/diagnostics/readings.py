"""How each diagnostic is usually read: a rule of thumb, and what it says about given codes.

The rules are common practice, not truths; that each of them is wrong on some encoder is the point.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tellapart.models.diagnostics.gaussianity import NORMAL_MEAN

if TYPE_CHECKING:
    from tellapart.models.diagnostics.summary import Diagnostics

__all__ = ["DIAGNOSTICS", "Reading", "read"]

#: Share of the possible rank from which a rank counts as full.
RANK_SHARE = 0.5
#: Largest VICReg variance and covariance terms, and raw loss, that count as good.
VARIANCE_LIMIT, COVARIANCE_LIMIT, LOSS_LIMIT = 0.1, 1.0, 1e-6
#: Largest SIGReg statistic that counts as Gaussian: twice its mean under the normal law.
SIGREG_LIMIT = 2 * NORMAL_MEAN
#: Terms of VICReg below this are the rounding of zero.
_ROUNDING = 1e-12
#: Smallest cluster accuracy that counts as good.
ACCURACY_LIMIT = 0.95


@dataclass(frozen=True, slots=True)
class Reading:
    """One diagnostic, as it is usually read.

    Attributes
    ----------
    name
        Of the diagnostic.
    shown
        Its value for people; "not defined" where it has none.
    rule
        The rule of thumb, in words.
    healthy
        What the rule says; None where the diagnostic is not defined.
    """

    name: str
    shown: str
    rule: str
    healthy: bool | None

    @property
    def says(self) -> str:
        """``"healthy"``, ``"collapsed"``, or ``"-"`` where it is not defined."""
        return "-" if self.healthy is None else "healthy" if self.healthy else "collapsed"


def read(found: "Diagnostics") -> tuple[Reading, ...]:
    """Return all diagnostics of some codes with what their rules of thumb say."""
    return tuple(rule(found) for rule in _RULES.values())


def _rank(name: str, field: str) -> Callable[["Diagnostics"], Reading]:
    def rule(found: "Diagnostics") -> Reading:
        value, most = getattr(found, field), found.d
        words = f"at least half of d = {most}"
        return Reading(name, f"{value:.2f}", words, value >= RANK_SHARE * most)

    return rule


def _numerical(found: "Diagnostics") -> Reading:
    most = min(found.d, max(found.n - 1, 1))
    return Reading(
        "numerical rank", str(found.numerical_rank), f"full: {most}", found.numerical_rank >= most
    )


def _deviation(found: "Diagnostics") -> Reading:
    spread = found.spread
    return Reading(
        "smallest std", _number(spread.smallest), f"at least {spread.floor:g}", spread.n_low == 0
    )


def _below(
    name: str, field: str, limit: float, rounding: float = 0.0
) -> Callable[["Diagnostics"], Reading]:
    def rule(found: "Diagnostics") -> Reading:
        value = getattr(found, field)
        value = 0.0 if value is not None and value < rounding else value
        return _limited(name, value, f"below {limit:.3g}", None if value is None else value < limit)

    return rule


def _lidar(found: "Diagnostics") -> Reading:
    most = min(found.d, found.n_classes - 1)
    value = found.lidar
    good = None if value is None else value >= RANK_SHARE * most
    return _limited("LiDAR", value, f"at least half of {most}", good)


def _accuracy(name: str, field: str) -> Callable[["Diagnostics"], Reading]:
    def rule(found: "Diagnostics") -> Reading:
        value = None if found.accuracy is None else getattr(found.accuracy, field)
        good = None if value is None else value >= ACCURACY_LIMIT
        return _limited(name, value, f"at least {ACCURACY_LIMIT:g}", good)

    return rule


def _inverse(found: "Diagnostics") -> Reading:
    inverse = found.inverse
    if inverse is None:
        return _limited("inverse dynamics error", None, "as from observations", None)
    rule = f"as from observations: {_number(inverse.floor)}"
    good = inverse.error <= inverse.floor
    return _limited("inverse dynamics error", inverse.error, rule, good)


def _limited(name: str, value: float | None, rule: str, healthy: bool | None) -> Reading:
    return Reading(name, "not defined" if value is None else _number(value), rule, healthy)


def _number(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:.3g}" if 0.01 <= abs(value) < 1000 else f"{value:.1e}"


_RULES: dict[str, Callable[["Diagnostics"], Reading]] = {
    "RankMe": _rank("RankMe", "rank_me"),
    "effective rank": _rank("effective rank", "effective_rank"),
    "participation ratio": _rank("participation ratio", "participation_ratio"),
    "numerical rank": _numerical,
    "smallest std": _deviation,
    "VICReg variance": _below("VICReg variance", "vicreg_variance", VARIANCE_LIMIT, _ROUNDING),
    "VICReg covariance": _below(
        "VICReg covariance", "vicreg_covariance", COVARIANCE_LIMIT, _ROUNDING
    ),
    "SIGReg": _below("SIGReg", "sigreg", SIGREG_LIMIT),
    "LiDAR": _lidar,
    "accuracy in sample": _accuracy("accuracy in sample", "in_sample"),
    "accuracy held out": _accuracy("accuracy held out", "held_out"),
    "inverse dynamics error": _inverse,
    "dynamics loss": _below("dynamics loss", "dynamics_loss", LOSS_LIMIT),
    "auxiliary loss": _below("auxiliary loss", "aux_loss", LOSS_LIMIT),
}

#: Names of all diagnostics, in the order in which they are printed.
DIAGNOSTICS = tuple(_RULES)
