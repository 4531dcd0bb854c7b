"""What the maker found, put into a certificate and into words."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.margins.certificate import Form, MarginCertificate
from tellapart.theory.margins.constants import Constants, Distances
from tellapart.theory.margins.iteration import LABEL, PATH, STEP, Estimates, Words
from tellapart.theory.margins.margins import DepthRow, Margins, PairMargin, claim_row, claim_word
from tellapart.theory.margins.paths import letters_of
from tellapart.theory.margins.rounding import as_text
from tellapart.theory.margins.tables import Tables
from tellapart.theory.margins.threshold import Threshold
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.points import ModelPoints
from tellapart.theory.networks.program import NetworkModel

__all__ = ["Findings", "certificate_of", "summary_of"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_FORMS: dict[int, Form] = {LABEL: "label", STEP: "step", PATH: "path"}


@dataclass(frozen=True, eq=False)
class Findings:
    """What the parts of the maker share.

    Attributes
    ----------
    tables, points
        The system by index, and what the model answers on it.
    apart
        Distances between codes.
    bounds, aux_bounds
        Upper bounds of residuals, float64 ``[n_transitions]`` and ``[n_obs]``.
    constants
        Lipschitz constants.
    label_gaps
        float64 ``[n_obs**2]``: lower bounds of distances between labels that differ.
    words
        Shortest covered words.
    required
        bool ``[n_obs**2]``: pairs that must be told apart.
    """

    tables: Tables
    points: ModelPoints
    apart: Distances
    bounds: FloatArray
    aux_bounds: FloatArray
    constants: Constants
    label_gaps: FloatArray
    words: Words
    required: BoolArray


def certificate_of(
    found: Findings,
    system: DeterministicMDP | TransitionData,
    model: NetworkModel,
    estimates: Estimates,
    forests: tuple[Words, ...],
) -> MarginCertificate:
    """Write down the claims; ``forests`` are the words that the numbers of paths speak of."""
    numbers = np.flatnonzero(estimates.values > 0)
    pairs = np.stack(np.divmod(numbers, found.tables.n_obs), axis=1).astype(np.int64)
    forms = estimates.forms[numbers]
    supports = estimates.supports[numbers]
    paths: list[tuple[tuple[int, int], ...]] = []
    for row in np.flatnonzero(forms == PATH):
        words = forests[int(supports[row, 0])]
        supports[row, 0] = len(paths)
        paths.append(letters_of(found.tables, words, int(numbers[row])))
    labelled = found.tables.labelled.tolist()
    constants = found.constants
    return MarginCertificate(
        system=system,
        model=model,
        dynamics_bounds=tuple(map(as_text, found.bounds.tolist())),
        aux_bounds=tuple(
            as_text(bound) if known else None
            for bound, known in zip(found.aux_bounds.tolist(), labelled, strict=True)
        ),
        predictor_constants=tuple(map(_constant_text, constants.predictors.tolist())),
        predictor_sources=constants.sources,
        head_constant=_constant_text(constants.head),
        head_source=constants.head_source,
        pairs=pairs,
        margins=tuple(map(as_text, estimates.values[numbers].tolist())),
        forms=tuple(_FORMS[form] for form in forms.tolist()),
        supports=supports,
        paths=tuple(paths),
    )


def _constant_text(value: float) -> str | None:
    return as_text(value) if np.isfinite(value) else None


def summary_of(
    found: Findings, certificate: MarginCertificate, estimates: Estimates, limit: Threshold
) -> Margins:
    """Count what is proved and what is not, and name the smallest margins."""
    required, lengths, values = found.required, found.words.lengths, estimates.values
    names, n = certificate.system.observations, found.tables.n_obs
    rows = []
    for depth in range(int(lengths[required].max(initial=-1)) + 1):
        mine = np.flatnonzero(required & (lengths == depth))
        positive = mine[values[mine] > 0]
        smallest = _smallest(found, certificate, estimates, positive)
        rows.append(DepthRow(depth, len(mine), len(positive), smallest))
    proved = np.flatnonzero(required & (values > 0))
    missing = np.flatnonzero(required & (values == 0))
    return Margins(
        certificate=certificate,
        n_required=int(required.sum()),
        n_certified=len(proved),
        n_unreachable=int((required & (lengths < 0)).sum()),
        residual=float(found.bounds.max(initial=0.0)),
        aux_residual=float(np.nan_to_num(found.aux_bounds).max(initial=0.0)),
        factor=limit.factor,
        threshold=limit.residual,
        threshold_note=limit.note,
        by_depth=tuple(rows),
        smallest=_smallest(found, certificate, estimates, proved),
        uncertified=tuple((names[k // n], names[k % n]) for k in missing[:1000].tolist()),
        arithmetic=found.points.arithmetic,
        widest=max(
            part.widest for part in (found.points.codes, found.points.predicted, found.points.read)
        ),
    )


def _smallest(
    found: Findings,
    certificate: MarginCertificate,
    estimates: Estimates,
    pairs: npt.NDArray[np.int64],
) -> PairMargin | None:
    """Return the first of the smallest margins among some pairs (numbers)."""
    if not pairs.size:
        return None
    number = int(pairs[np.argmin(estimates.values[pairs])])
    names, n = certificate.system.observations, found.tables.n_obs
    x, y = divmod(number, n)
    row = claim_row(certificate, x, y, n)
    return PairMargin(
        names[x],
        names[y],
        certificate.margins[row],
        float(found.apart.upper[x, y]),
        certificate.forms[row],
        claim_word(certificate, found.tables, row),
    )
