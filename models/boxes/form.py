"""What can be said about a certificate of boxes without running its encoder."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from tellapart.models.boxes.certificate import BoxCertificate

__all__ = ["distance_from", "malformed", "wrong_pair"]

FloatArray = npt.NDArray[np.float64]


def distance_from(low: float, less: float, direction: FloatArray) -> float:
    """Return the distance that follows from two bounds, rounded down; 0 when none does.

    Parameters
    ----------
    low, less
        Lower bounds of ``<u, E(x')>`` in one box and of ``<-u, E(y')>`` in another.
    direction
        u.

    Examples
    --------
    >>> distance_from(1.5, -0.5, np.array([2.0, 0.0]))
    0.5
    """
    length = _length(direction)
    if not (np.isfinite(low) and np.isfinite(less) and length):
        return 0.0
    exact = (Fraction(low) + Fraction(less)) / length
    near = float(exact)
    return near if Fraction(near) <= exact else float(np.nextafter(near, -np.inf))


def wrong_pair(certificate: BoxCertificate) -> str:
    """Return what is wrong with a claim about two boxes, or nothing; in exact rationals."""
    rows = list(zip(certificate.bounded.tolist(), certificate.lower.tolist(), strict=True))
    claims = zip(
        certificate.pairs.tolist(),
        certificate.supports.tolist(),
        certificate.deltas.tolist(),
        strict=True,
    )
    for (x, y), (first, second), delta in claims:
        (box, u), low = rows[first]
        (other, v), less = rows[second]
        name = f"{certificate.names[x]!r} and {certificate.names[y]!r}"
        if (box, other) != (x, y):
            return f"the bounds that support {name} are of other boxes."
        if not np.array_equal(certificate.directions[u], -certificate.directions[v]):
            return f"the directions that support {name} are not opposite."
        length = _length(certificate.directions[u])
        if not length or Fraction(low) + Fraction(less) < Fraction(delta) * length:
            return f"the bounds of {name} do not give a distance of {delta:.17g}."
    return ""


def malformed(certificate: BoxCertificate) -> str:
    """Return what keeps a certificate from being read as claims, or nothing."""
    return _wrong_boxes(certificate) or _wrong_slopes(certificate) or _wrong_tables(certificate)


def _wrong_boxes(certificate: BoxCertificate) -> str:
    program, centres = certificate.encoder, certificate.centres
    rows = len(program.inputs) == 1 and centres.ndim >= 1
    if not rows or centres.size != len(centres) * int(np.prod(program.inputs[0])):
        return "the encoder does not take one observation of the shape of the centres."
    if len(certificate.names) != len(centres) or not np.isfinite(centres).all():
        return "the centres are not finite, or are not as many as the names."
    clip = certificate.clip or (-np.inf, np.inf)
    if not (np.isfinite(certificate.radius) and certificate.radius >= 0 and clip[0] <= clip[1]):
        return "the radius or the range is none."
    if not bool(((clip[0] <= centres) & (centres <= clip[1])).all()):
        return "a centre is outside of the range."
    return ""


def _wrong_slopes(certificate: BoxCertificate) -> str:
    program = certificate.encoder
    last = program.first_result + len(program.operations)
    inside = [s for s in certificate.sloped if program.first_result <= s < last]
    shapes = [(len(certificate.centres), 2, *program.shape_of(s)) for s in inside]
    if len(inside) != len(certificate.sloped) or shapes != [s.shape for s in certificate.slopes]:
        return "the slopes do not fit the encoder."
    if not all(np.isfinite(s).all() for s in certificate.slopes):
        return "a slope is not finite."
    return ""


def _wrong_tables(certificate: BoxCertificate) -> str:
    program, n = certificate.encoder, len(certificate.centres)
    m, q, k = (len(a) for a in (certificate.directions, certificate.bounded, certificate.pairs))
    d = int(np.prod(program.shape_of(program.output), dtype=np.int64))
    shapes = (
        (certificate.directions, (m, d)),
        (certificate.lower, (q,)),
        (certificate.deltas, (k,)),
    )
    if not all(a.shape == shape and np.isfinite(a).all() for a, shape in shapes):
        return "the numbers of the claims are not finite, or of another shape."
    tables = (
        (certificate.bounded, (q, 2), (n, m)),
        (certificate.pairs, (k, 2), (n, n)),
        (certificate.supports, (k, 2), (q, q)),
    )
    for table, shape, top in tables:
        right = table.shape == shape and table.dtype.kind in "iu"
        if not right or not bool(((table >= 0) & (table < np.array(top))).all()):
            return "a claim speaks of a box, a direction or a bound that is not there."
    return "" if bool((certificate.deltas > 0).all()) else "a claimed distance is not positive."


def _length(direction: FloatArray) -> Fraction:
    """Return the sum of absolute values, exactly."""
    return sum((abs(Fraction(value)) for value in direction.tolist()), Fraction(0))
