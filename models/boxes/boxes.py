"""Certify that an encoder keeps classes apart in boxes around their observations.

S4 speaks of the observations that there are. A box speaks of all inputs near one: what it says is
about robustness, and a merge inside boxes but off the observations contradicts no theorem.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from tellapart.models.boxes.claims import Claims, System, claims_for
from tellapart.models.boxes.falsify import closest_in_boxes
from tellapart.models.boxes.planes import SLOPED
from tellapart.models.boxes.recheck import MAX_WORK
from tellapart.models.boxes.region import Region, checked_number, region_around
from tellapart.models.boxes.report import BoxPair, BoxReport, BoxStatus
from tellapart.models.boxes.search import METHODS, propose, prove
from tellapart.models.boxes.witness import enclosed_distances
from tellapart.models.subject import Subject
from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.models.translation.subject import translate
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InternalError, InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.dyadic import work
from tellapart.theory.networks.program import Program

__all__ = ["Method", "certify_boxes", "encoder_program"]

FloatArray = npt.NDArray[np.float64]
Method = Literal["auto", "crown", "crown-ibp", "ibp"]
Listener = Callable[[str, int], None]

#: Multiplications up to which "auto" bounds hidden layers backwards too (below a minute).
_MAX_REFINING = 200_000_000


def certify_boxes(
    subject: Subject,
    system: System,
    radius: float,
    *,
    pairs: Iterable[tuple[Hashable, Hashable]] | None = None,
    clip: tuple[float, float] | None = None,
    delta: float = 0.0,
    method: Method = "auto",
    seed: int = 0,
    max_work: int = MAX_WORK,
    progress: Listener | None = None,
) -> BoxReport:
    """Prove or refute that codes stay apart when inputs change by up to a radius.

    The claim for observations x and y: ``|E(x') - E(y')| >= delta`` in the sup norm for *all*
    inputs x', y' whose numbers differ from those of x and y by at most ``radius``. It is made for
    all pairs of classes that must be told apart, and counts as certified for two classes when it
    is proved for every pair of their observations.

    Parameters
    ----------
    subject
        Only its encoder is looked at.
    system
        Says which observations must be told apart: blocks of ``B*`` of an MDP, S3 for data.
    radius
        Largest change of a number, at least 0.
    pairs
        Names of the observations to compare instead of the classes.
    clip
        Lowest and highest value of a number, such as ``(0.0, 1.0)`` for pixels.
    delta
        Distance that is asked for; 0: any positive one.
    method
        ``"crown"``: linear bounds propagated backwards, for hidden layers too. ``"crown-ibp"``:
        intervals for hidden layers, linear bounds for codes. ``"ibp"``: intervals only. ``"auto"``:
        the first of these unless the encoder is large. What is claimed is proved anew in any case.
    seed
        Of the attack.
    max_work
        Multiplications of exact numbers that the recheck may take before it turns to intervals.
    progress
        Called with a stage (``"attack"``, ``"bounds"``, ``"recheck"``) and its number of pairs.

    Returns
    -------
    BoxReport

    Raises
    ------
    NotExactlyEvaluable
        When the encoder cannot be read as a program, or is a table of codes.
    InvalidArgumentError
        For a radius, range, pair or method that is none.
    InternalError
        When a proof and a witness contradict each other.

    Notes
    -----
    Per observation 2d backward passes, one for each hidden unit with ``"crown"``, and the recheck
    of those that a claim rests on; per pair of observations an attack of 200 gradient steps.

    Examples
    --------
    >>> from torch import nn
    >>> identity = nn.Linear(2, 2, bias=False)
    >>> _ = nn.init.eye_(identity.weight)
    >>> subject = Subject(identity, lambda z, a: z, lambda z: z)  # it is shown one-hot vectors
    >>> lamp = DeterministicMDP([[0], [1]], labels=["off", "on"])
    >>> report = certify_boxes(subject, lamp, 0.125)
    >>> report.pairs[0]
    BoxPair(0 and 1: certified, certified 0.75, closest found 0.75)
    >>> certify_boxes(subject, lamp, 0.5)
    BoxReport(radius 0.5: 0 of 1 pairs certified, 1 refuted)
    """
    checked_number(delta, "delta", 0.0)
    if method not in METHODS:
        raise InvalidArgumentError(f"method is {method!r}; use one of {', '.join(METHODS)}.")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InvalidArgumentError(f"seed is {seed!r}; it must be an integer >= 0.")
    program, observations = encoder_program(subject, system)
    region = region_around(observations, radius, clip)
    claims = claims_for(system, pairs)
    tell = progress or (lambda stage, n: None)
    tell("attack", len(claims.pairs))
    x, y, closest = _attack(program, region, claims, seed)
    refuted = (closest == 0) | (closest < delta)
    chosen = np.flatnonzero(~refuted)
    certified = np.zeros(len(closest))
    certificate, arithmetic = None, "none"
    engine = _engine(program, len(observations)) if method == "auto" else method
    if len(chosen):
        tell("bounds", len(chosen))
        names = tuple(system.observations)
        proposal = propose(program, region, names, claims.pairs[chosen], delta, engine)
        tell("recheck", len(proposal.pairs))
        if len(proposal.pairs):
            certificate, arithmetic = prove(proposal, max_work)
            certified = _claimed(certificate.deltas, certificate.pairs, claims.pairs[chosen],
                                 chosen, len(closest))  # fmt: skip
    if bool((certified > closest).any()):
        raise InternalError(
            f"A proved distance {certified.max():g} is above one that was reached; please report "
            "it with the encoder."
        )
    rows = _rows(claims, system, certified, closest, refuted, delta, (x, y))
    if certificate is not None and not len(certificate.pairs):
        certificate = None
    return BoxReport(
        region.radius, region.clip, float(delta), engine, arithmetic, rows, certificate, seed
    )


def encoder_program(subject: Subject, system: System) -> tuple[Program, FloatArray]:
    """Return the encoder as a row program, and what it is shown for each observation.

    Raises
    ------
    NotExactlyEvaluable
        When the encoder cannot be read as a program, or only at the observations.
    InvalidArgumentError
        When ``system`` is neither a ``DeterministicMDP`` nor ``TransitionData``.
    """
    if not isinstance(system, DeterministicMDP | TransitionData):
        raise InvalidArgumentError(
            f"system is a {type(system).__name__}; it must be a DeterministicMDP or TransitionData."
        )
    # The other two parts may be anything: nothing is asked of them.
    alone = replace(subject, predictor=lambda codes, actions: codes, head=lambda codes: codes)
    model = translate(alone, system)
    if model.encoder.is_closed or model.observations is None:
        raise NotExactlyEvaluable(
            "encoder",
            "",
            "for other inputs than the observations: it looks codes up or decides by its input, so "
            "there is nothing to say about boxes. Give an encoder that computes.",
        )
    return model.encoder, np.ascontiguousarray(model.observations, dtype=np.float64)


def _engine(program: Program, n_boxes: int) -> str:
    """Choose how much is bounded backwards, by the multiplications that it takes."""
    passes = 0
    for place, operation in enumerate(program.operations):
        if operation.name in SLOPED:
            steps = program.operations[: place + 1]
            prefix = replace(program, operations=steps, output=program.first_result + place)
            size = int(np.prod(operation.shape, dtype=np.int64))
            passes += 2 * size * work(prefix, 1)
    return "crown" if passes * n_boxes <= _MAX_REFINING else "crown-ibp"


def _attack(
    program: Program, region: Region, claims: Claims, seed: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return inputs in the boxes of each pair, and a distance that their codes do not exceed."""
    found = closest_in_boxes(program, region, claims.pairs, seed=seed)
    x, y = found.x_inputs, found.y_inputs
    for k, (i, j) in enumerate(claims.pairs.tolist()):
        shared = region.shared_point(i, j)
        if shared is not None:
            x[k] = y[k] = shared
    return x, y, enclosed_distances(program, x, y).hi


def _claimed(
    deltas: FloatArray,
    proved: npt.NDArray[np.int64],
    asked: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    n: int,
) -> FloatArray:
    """Return the proved distance of every claim; the certificate counts the boxes it uses only."""
    used = np.unique(asked)
    known = {(int(used[a]), int(used[b])): delta for (a, b), delta in
             zip(proved.tolist(), deltas.tolist(), strict=True)}  # fmt: skip
    result = np.zeros(n)
    for place, (i, j) in zip(places.tolist(), asked.tolist(), strict=True):
        result[place] = known.get((i, j), 0.0)
    return result


def _rows(
    claims: Claims,
    system: System,
    certified: FloatArray,
    closest: FloatArray,
    refuted: npt.NDArray[np.bool_],
    delta: float,
    inputs: tuple[FloatArray, FloatArray],
) -> tuple[BoxPair, ...]:
    rows = []
    starts = np.searchsorted(claims.owners, np.arange(len(claims.names) + 1))
    for row, (x, y) in enumerate(claims.names):
        members = np.arange(starts[row], starts[row + 1])
        proved = float(certified[members].min())
        status: BoxStatus = "certified" if proved > 0 and proved >= delta else "unknown"
        if bool(refuted[members].any()):
            status, proved = "refuted", 0.0
        reached = members[int(closest[members].argmin())]
        tightest = members[int(certified[members].argmin())] if status == "certified" else reached
        i, j = claims.pairs[tightest].tolist()
        witness = (inputs[0][reached], inputs[1][reached]) if status != "certified" else None
        rows.append(
            BoxPair(
                x, y, len(members), status, proved, float(closest[reached]),
                (system.observations[i], system.observations[j]), witness,
            )
        )  # fmt: skip
    return tuple(rows)
