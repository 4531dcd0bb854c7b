"""S10: a margin bounds the distance of two codes from below, for every model whatever."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tellapart.properties.laws.claims import broken, facts_of, levels
from tellapart.properties.laws.instances import LawModel, models_of_all_kinds
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.margin_checker.checker import MarginCheck, check_margins
from tellapart.theory.margins.certificate import MarginCertificate
from tellapart.theory.margins.reference import reference_margins

if TYPE_CHECKING:
    from tellapart.models.subject import Subject

__all__ = ["LAWS", "built"]

Pair = tuple[int, int]
Claims = Mapping[Pair, Fraction]
Make = Callable[[LawModel], Claims]
Check = Callable[[MarginCertificate], Any]
FloatArray = npt.NDArray[np.float64]

_BUILDS = ("quotient", "table", "piecewise", "untrained", "untrained")
#: What float64 may round in a code, in parts of the largest code.
_ROUNDING = 1e-9


def built(example: LawModel) -> "Subject":
    """Build the model of an example: the same one, bit for bit, each time."""
    if example.build == "untrained":
        from tellapart.models.untrained import untrained_subject

        return untrained_subject(example.mdp, example.seed)
    if example.build == "trained":
        from tellapart.models.fit import fit
        from tellapart.models.networks import reference_subject

        subject = reference_subject(example.mdp, seed=example.seed)
        fit(subject, example.mdp, method="lm", seed=example.seed, max_steps=example.exponent)
        return subject
    from tellapart.models.recipes import SubjectRecipe

    epsilon = 2.0**-example.exponent
    return SubjectRecipe(
        example.mdp, example.partition, example.build, example.seed, epsilon
    ).build()


def _certificate(example: LawModel) -> MarginCertificate:
    from tellapart.models.certify import margin_certificate

    return margin_certificate(example.mdp, built(example)).certificate


def _claims(example: LawModel) -> Claims:
    """Return the margins that the maker certifies."""
    made = _certificate(example)
    pairs = [(x, y) for x, y in made.pairs.tolist()]
    return dict(zip(pairs, map(Fraction, made.margins), strict=True))


def _recomputed(example: LawModel, constant: Fraction, residual: int) -> Claims:
    """Iterate as S10 says, with constants and residuals multiplied by these."""
    made, mdp = _certificate(example), example.mdp
    table = mdp.successors.tolist()
    rows = [(o, a, s) for o, row in enumerate(table) for a, s in enumerate(row)]
    labels = [tuple(map(Fraction, row)) for row in mdp.label_vectors.tolist()]
    factors = [
        None if one is None else Fraction(one) * constant for one in made.predictor_constants
    ]
    head = None if made.head_constant is None else Fraction(made.head_constant) * constant
    bounds = [Fraction(one) * residual for one in made.dynamics_bounds]
    aux = [None if one is None else Fraction(one) * residual for one in made.aux_bounds]
    if any(one is not None and one < 1 for one in factors):
        return _labels_alone(labels, aux, head)  # wrong constants need not converge below 1
    return reference_margins(rows, labels, bounds, aux, factors, head)


def _labels_alone(
    labels: Sequence[Sequence[Fraction]], aux: Sequence[Fraction | None], head: Fraction | None
) -> Claims:
    return reference_margins([], labels, [], aux, [], head)


def _halved_constants(example: LawModel) -> Claims:
    """Halve every Lipschitz constant: known bad."""
    return _recomputed(example, Fraction(1, 2), 1)


def _no_residuals(example: LawModel) -> Claims:
    """Take every residual for zero: known bad."""
    return _recomputed(example, Fraction(1), 0)


def _check_margins(example: LawModel, make: Make) -> Seen:
    claims, names = make(example), example.mdp.observations
    distances, rounding = _measured(example)
    tightest = None
    for (x, y), margin in claims.items():
        distance = distances[x, y]
        if float(margin) > distance + rounding:
            broken(
                f"The codes of {names[x]!r} and {names[y]!r} are {distance:.17g} apart, and the "
                f"margin is {float(margin):.17g}."
            )
        share = float(margin) / distance if distance > rounding else 0.0
        tightest = share if tightest is None else max(tightest, share)
    why = None if claims else "no pair has a margin"
    history = levels(facts_of(example.mdp))
    notes = {"model": example.build}
    return Seen(why, len(history) - 1, 1 + max(history[-1]), tightest, notes)


def _measured(example: LawModel) -> tuple[dict[Pair, float], float]:
    """Return distances of codes in the sup norm, measured in float64, and what that may round.

    Weights in float32 are exact in float64, so the function is the same.
    """
    import torch
    from torch import nn

    subject = built(example)
    shown = subject.observations
    inputs = torch.eye(example.mdp.n_obs) if shown is None else shown
    encoder = (
        subject.encoder.double() if isinstance(subject.encoder, nn.Module) else subject.encoder
    )
    with torch.no_grad():
        codes: FloatArray = encoder(inputs.double()).numpy()
    distances = {
        (x, y): float(np.abs(codes[x] - codes[y]).max())
        for x, y in combinations(range(len(codes)), 2)
    }
    return distances, _ROUNDING * float(np.abs(codes).max())


def _check_checker(example: LawModel, check: Check) -> Seen:
    made, names = _certificate(example), example.mdp.observations
    if not len(made.pairs):
        return Seen("no pair has a margin")
    if not check(made).holds:
        broken(f"The certificate that was made for {example.build!r} is refused.")
    distances, rounding = _measured(example)
    for k in {0, len(made.pairs) - 1}:
        x, y = made.pairs[k].tolist()
        false = 2 * (Fraction(distances[x, y]) + Fraction(rounding)) + 1
        if check(_with_margin(made, k, false)).holds:
            broken(
                f"The codes of {names[x]!r} and {names[y]!r} are {distances[x, y]:.17g} apart, and "
                f"a certificate of the margin {float(false):.17g} is accepted."
            )
    return Seen(notes={"model": example.build, "form": made.forms[0]})


def _with_margin(made: MarginCertificate, row: int, margin: Fraction) -> MarginCertificate:
    from dataclasses import replace

    margins = tuple(str(margin) if k == row else one for k, one in enumerate(made.margins))
    return replace(made, margins=margins)


def _accepts_all(made: MarginCertificate) -> MarginCheck:
    """Accept whatever is claimed: known bad."""
    return MarginCheck(True, True, len(made.pairs), len(made.pairs), 0, None)


def _refuses_all(made: MarginCertificate) -> MarginCheck:
    """Refuse whatever is claimed: known bad."""
    return MarginCheck(False, False, len(made.pairs), len(made.pairs), 0, "it is refused")


_BAD: Mapping[str, Make] = {
    "halved Lipschitz constants": _halved_constants,
    "residuals ignored": _no_residuals,
}
LAWS: tuple[Law, ...] = (
    Law(
        id="S10",
        statement="S10",
        title="no margin exceeds the distance that it bounds, for any model",
        text="Of models with random weights, and of constructed ones moved by residuals of a known "
        "size, every margin that is certified is at most the measured distance of the two codes.",
        cost=Cost.ALGEBRAIC,
        cases=lambda: models_of_all_kinds(_BUILDS),
        check=_check_margins,
        subject=_claims,
        bad=_BAD,
    ),
    Law(
        id="S10-checker",
        statement="S10",
        title="the checker accepts what the maker proves, and refuses a margin that is false",
        text="The independent checker confirms the certificate of any model, and refuses it when "
        "one margin is raised above the distance of the codes.",
        cost=Cost.ALGEBRAIC,
        cases=lambda: models_of_all_kinds(_BUILDS, most=4),
        check=_check_checker,
        subject=check_margins,
        bad={"accepts everything": _accepts_all, "refuses everything": _refuses_all},
    ),
    Law(
        id="S10-trained",
        statement="S10",
        title="no margin exceeds the distance that it bounds, anywhere in training",
        text="The same for networks after some steps of training, few or many.",
        cost=Cost.TRAINED,
        cases=lambda: models_of_all_kinds(("trained",), most=4),
        check=_check_margins,
        subject=_claims,
        bad=_BAD,
    ),
)
