"""The largest radius at which boxes are certified, by halving."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from tellapart.models.boxes.boxes import Method, certify_boxes
from tellapart.models.boxes.claims import System
from tellapart.models.boxes.region import checked_number
from tellapart.models.boxes.report import BoxReport
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register
from tellapart.theory.wording import count

__all__ = ["RadiusSearch", "largest_radius"]


@register
@dataclass(frozen=True, eq=False)
class RadiusSearch(Saved):
    """Between which radii certification of all pairs ends; made by :func:`largest_radius`.

    Attributes
    ----------
    certified
        All pairs are certified at this radius; 0 when they were at none that was tried.
    failed
        Smallest radius that was tried and failed; None when none failed.
    report
        The result at ``certified``; at the smallest radius tried when ``certified`` is 0.
    tried
        Every radius tried with its number of certified pairs, in order.
    """

    certified: float
    failed: float | None
    report: BoxReport
    tried: tuple[tuple[float, int], ...]

    def explain(self) -> str:
        """Return the radii in a few lines."""
        total = len(self.report.pairs)
        end = "the largest that was tried" if self.failed is None else f"not at {self.failed:.3g}"
        head = (
            f"All {count(total, 'pair')} of classes are certified up to radius "
            f"{self.certified:.3g} ({end})."
            if self.certified
            else f"At no radius that was tried are all {count(total, 'pair')} certified."
        )
        steps = (f"  radius {radius:.3g}: {n} of {total} certified" for radius, n in self.tried)
        return "\n".join([head, *steps])


def largest_radius(
    subject: Subject,
    system: System,
    most: float,
    *,
    halvings: int = 8,
    pairs: Iterable[tuple[Hashable, Hashable]] | None = None,
    clip: tuple[float, float] | None = None,
    delta: float = 0.0,
    method: Method = "auto",
    seed: int = 0,
) -> RadiusSearch:
    """Search for the largest radius at which all pairs of classes are certified.

    Parameters
    ----------
    subject, system, pairs, clip, delta, method, seed
        As for :func:`~tellapart.models.boxes.boxes.certify_boxes`.
    most
        Largest radius of interest, positive.
    halvings
        Radii tried after ``most``; the answer is exact up to ``most / 2**halvings``.

    Returns
    -------
    RadiusSearch

    Raises
    ------
    InvalidArgumentError
        When ``most`` is not positive, or ``halvings`` is not an integer from 1 to 50.

    Notes
    -----
    ``halvings + 1`` runs of ``certify_boxes``. Between two radii that were tried nothing is said.
    """
    most = checked_number(most, "most", 0.0)
    if most == 0.0:
        raise InvalidArgumentError("most is 0; give the largest radius of interest.")
    whole = isinstance(halvings, int) and not isinstance(halvings, bool)
    if not whole or not 1 <= halvings <= 50:
        raise InvalidArgumentError(f"halvings is {halvings!r}; it must be an integer 1 to 50.")
    named = None if pairs is None else list(pairs)
    low, high = 0.0, None
    tried = []
    best = worst = None
    radius = most
    for _ in range(halvings + 1):
        report = certify_boxes(
            subject, system, radius, pairs=named, clip=clip, delta=delta, method=method, seed=seed
        )
        tried.append((radius, report.n_certified))
        if report:
            low, best = radius, report
        else:
            high, worst = radius, report
        if high is None:
            break
        radius = (low + high) / 2
    shown = best or worst
    assert shown is not None  # noqa: S101 - at least one radius was tried
    return RadiusSearch(low, high, shown, tuple(sorted(tried)))
