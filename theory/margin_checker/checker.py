"""Independent checker of margin certificates: integers and rationals only, nothing taken on trust.

What is checked
---------------
The checker reads the JSON text itself and accepts iff all of this holds, for the real functions
that the stored weights define:

1. the programs and tables are well formed;
2. each bound is at least the residual that it bounds, in the sup norm: ``|T(E(o), a) - E(o')|``
   for a transition, ``|P(E(o)) - p(o)|`` for a label;
3. each constant is one, by its source. ``points``: ``L |E(x) - E(y)| >= |T(E(x), a) - T(E(y), a)|``
   for all observations x, y from which the action is covered (for the head: that have labels);
   equal codes have equal images, except where a closed program lists the images itself.
   ``norm``: L is at least every column sum of absolute values of a matrix that contains all
   difference quotients of the program;
4. each claim follows. ``label``: ``m K <= |p(x) - p(y)| - δ(x) - δ(y)`` with ``K > 0``. ``step``:
   ``m L <= m' - ε(s) - ε(t)`` with ``L > 0`` and m' claimed for the pair that the transitions s
   and t lead to. ``path``: the inequality along the word;
5. steps are well founded: following them from any claim ends at a label or a path.

Then ``|E(x) - E(y)| >= m`` for every claim, by S10 and induction along the steps.

Residuals, constants and quotients are enclosed by integers at a scale ``2^-bits`` with outward
rounding (:mod:`.numbers`); claims are compared as rationals. No code is shared with what
makes certificates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.margin_checker.arrays import Arithmetic
from tellapart.theory.margin_checker.claims import FIELDS, Claims, read_claims
from tellapart.theory.margin_checker.model import (
    Evaluation,
    Model,
    Row,
    largest_gap,
    least_gap,
    precision,
    read_model,
)
from tellapart.theory.margin_checker.networks import Runner
from tellapart.theory.margin_checker.numbers import Refused
from tellapart.theory.margin_checker.paths import Paths
from tellapart.theory.margin_checker.reading import parse
from tellapart.theory.margin_checker.slopes import Quotients
from tellapart.theory.margin_checker.system import System, read_system, required_pairs
from tellapart.theory.serialise import Saved, register

if TYPE_CHECKING:
    from tellapart.theory.margins.certificate import MarginCertificate

__all__ = ["MarginCheck", "check_margins"]

Progress = Callable[[str, int, int | None, str], None]


@register
@dataclass(frozen=True)
class MarginCheck(Saved):
    """The checker's answer; ``bool()`` of it is ``holds``.

    Attributes
    ----------
    holds
        Whether every statement of the certificate is proved.
    covers_all
        Whether it holds and there is a claim for every pair that must be told apart (D3 for a
        complete system, S3 for partial data).
    n_claims
        Number of claims.
    n_required
        Number of pairs that must be told apart.
    n_missing
        How many of those have no claim.
    failure
        The first statement that is false or does not follow; None when all are proved.
    """

    holds: bool
    covers_all: bool
    n_claims: int
    n_required: int
    n_missing: int
    failure: str | None

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return the answer in words."""
        if not self.holds:
            return f"Margin certificate refused: {self.failure}."
        if self.n_missing:
            covered = (
                f"{self.n_missing} of the {_count(self.n_required, 'pair')} that must be told "
                "apart have no claim"
            )
        elif self.n_required == 1:
            covered = "the one pair that must be told apart has one"
        else:
            covered = f"all {self.n_required} pairs that must be told apart have one"
        return f"Margin certificate confirmed: {_count(self.n_claims, 'claim')} proved; {covered}."


def check_margins(
    certificate: "MarginCertificate | str", *, progress: Progress | None = None
) -> MarginCheck:
    """Verify every claim of a margin certificate from its system and its weights alone.

    Parameters
    ----------
    certificate
        A certificate, or the JSON text that its ``to_json()`` gave.
    progress
        Called with ``"margin check"``, how much of a stage is done, how much there is, and its
        name.

    Returns
    -------
    MarginCheck
        False claims, and true ones that do not follow as the certificate says, are refused with
        the first of them, never raised.

    Raises
    ------
    InvalidArgumentError
        When the text cannot be read as a certificate: the message names the place.

    Notes
    -----
    One evaluation of each program for each observation, O(n^2) comparisons for each constant from
    points, one quotient matrix for each pair of transitions on a path; O(n |A|) for each pair of
    partial data.

    Examples
    --------
    >>> import numpy as np
    >>> from tellapart.theory.margins.maker import certify_margins
    >>> from tellapart.theory.mdp import DeterministicMDP
    >>> from tellapart.theory.networks.program import NetworkModel, Operation, Program
    >>> flip = DeterministicMDP([[1], [0]], labels=[0.0, 1.0], actions=["flip"])
    >>> table = Program((), (np.array([[0.0], [1.0]]),), (), 0)
    >>> turn = Operation("sub", (1, 0), (1, 1))
    >>> turn = Program(((1, 1),), (np.array(1.0),), (turn,), 2)
    >>> model = NetworkModel(table, (turn,), Program(((1, 1),), (), (), 0), None, "float64")
    >>> text = certify_margins(flip, model).certificate.to_json()
    >>> check_margins(text).explain()
    'Margin certificate confirmed: 1 claim proved; the one pair that must be told apart has one.'
    >>> check_margins(text.replace('"head_constant": "1"', '"head_constant": "1/2"')).explain()
    'Margin certificate refused: 1/2 is not shown to be a constant of the head for 0 and 1.'
    """
    if not isinstance(certificate, str):
        if type(certificate).__name__ != "MarginCertificate" or not isinstance(certificate, Saved):
            raise InvalidArgumentError(
                f"certificate is a {type(certificate).__name__}; give a MarginCertificate or the "
                "text of its to_json()."
            )
        certificate = certificate.to_json()
    system_, model_, *rest = parse(certificate).fields(
        "MarginCertificate", "system", "model", *FIELDS
    )
    system = read_system(system_)
    model = read_model(model_, system)
    claims = read_claims(rest, system)
    failure = _failure(system, model, claims, progress)
    required = required_pairs(system, progress)
    missing = sum(pair not in claims.number for pair in required)
    return MarginCheck(
        holds=failure is None,
        covers_all=failure is None and not missing,
        n_claims=len(claims.pairs),
        n_required=len(required),
        n_missing=missing,
        failure=failure,
    )


def _failure(system: System, model: Model, claims: Claims, progress: Progress | None) -> str | None:
    """Return the first statement that is not proved, or None."""
    arithmetic = Arithmetic(precision(model, claims.numbers()))
    try:
        evaluation = Evaluation(model, system, arithmetic, progress)
        _check_bounds(system, evaluation, claims)
        _check_constants(system, evaluation, claims, progress)
        _check_claims(system, evaluation, claims, progress)
    except Refused as refusal:
        return str(refusal)
    return None


def _check_bounds(system: System, evaluation: Evaluation, claims: Claims) -> None:
    """Check statement 2."""
    fixed = evaluation.arithmetic.fixed
    for number, (source, action, successor) in enumerate(system.transitions):
        residual = largest_gap(evaluation.predicted[source, action], evaluation.codes[successor])
        if claims.dynamics_bounds[number] * fixed.one < residual:
            raise Refused(
                f"the dynamics residual of {system.transition_text(number)} is not shown to be at "
                f"most {_shown(claims.dynamics_bounds[number])}"
            )
    for observation, bound in enumerate(claims.aux_bounds):
        target = system.target(observation)
        if target is None or bound is None:
            continue
        wanted = tuple(fixed.enclose(value) for value in target)
        if bound * fixed.one < largest_gap(evaluation.read[observation], wanted):
            raise Refused(
                f"the label residual of {system.observations[observation]!r} is not shown to be at "
                f"most {_shown(bound)}"
            )


def _check_constants(
    system: System, evaluation: Evaluation, claims: Claims, progress: Progress | None
) -> None:
    """Check statement 3."""
    given = zip(claims.predictor_constants, claims.predictor_sources, strict=True)
    for action, (constant, source) in enumerate(given):
        if progress is not None:
            progress("margin check", action, len(system.actions) + 1, "constants")
        runner, what = evaluation.predictors[action], f"action {system.actions[action]!r}"
        images = {o: row for (o, a), row in evaluation.predicted.items() if a == action}
        _check_constant(system, evaluation, runner, images, what, constant, source)
    constant, source = claims.head_constant, claims.head_source
    _check_constant(
        system, evaluation, evaluation.head, evaluation.read, "the head", constant, source
    )


def _check_constant(
    system: System,
    evaluation: Evaluation,
    runner: Runner,
    images: dict[int, Row],
    what: str,
    constant: Fraction | None,
    source: str,
) -> None:
    if constant is None:
        return
    if source == "norm":
        try:
            sums = Quotients(runner).anywhere().largest_size().sum(axis=0)
        except Refused as refusal:
            raise Refused(f"the constant of {what} is no norm: {refusal}") from None
        if constant * evaluation.arithmetic.fixed.one < max(sums.tolist()):
            raise Refused(f"the norm of {what} is not shown to be at most {_shown(constant)}")
        return
    top, bottom = constant.as_integer_ratio()
    for x, y in combinations(sorted(images), 2):
        apart = least_gap(evaluation.codes[x], evaluation.codes[y])
        if top * apart >= bottom * largest_gap(images[x], images[y]):
            continue
        if runner.network.is_closed or not evaluation.same_code(x, y):
            raise Refused(
                f"{_shown(constant)} is not shown to be a constant of {what} for "
                f"{system.observations[x]!r} and {system.observations[y]!r}"
            )


def _check_claims(
    system: System, evaluation: Evaluation, claims: Claims, progress: Progress | None
) -> None:
    """Check statements 4 and 5."""
    paths = Paths(system, evaluation)
    for number, (pair, form) in enumerate(zip(claims.pairs, claims.forms, strict=True)):
        if progress is not None:
            progress("margin check", number, len(claims.pairs), "claims")
        margin, support = claims.margins[number], claims.supports[number]
        try:
            if form == "label":
                follows = _follows_by_label(system, claims, pair, margin)
            elif form == "step":
                follows = _follows_by_step(system, claims, pair, margin, support)
            else:
                follows = paths.shows(pair, claims.paths[support[0]], margin)
            reason = "" if follows else f"a distance of {_shown(margin)} does not follow"
        except Refused as refusal:
            reason = str(refusal)
        if reason:
            raise Refused(f"the {form} claim on {_named(system, pair)} fails: {reason}")
    _check_founded(system, claims)


def _follows_by_label(
    system: System, claims: Claims, pair: tuple[int, int], margin: Fraction
) -> bool:
    x, y = pair
    one, other = system.target(x), system.target(y)
    bounds = claims.aux_bounds[x], claims.aux_bounds[y]
    if one is None or other is None or bounds[0] is None or bounds[1] is None:
        raise Refused("they are not both labelled")
    constant = claims.head_constant
    if not constant:
        raise Refused("there is no positive constant of the head")
    gap = max(abs(a - b) for a, b in zip(one, other, strict=True))
    return margin * constant <= gap - bounds[0] - bounds[1]


def _follows_by_step(
    system: System,
    claims: Claims,
    pair: tuple[int, int],
    margin: Fraction,
    support: tuple[int, int],
) -> bool:
    (x, action, x_next), (y, other, y_next) = (system.transitions[k] for k in support)
    if (min(x, y), max(x, y)) != pair or action != other:
        texts = " and ".join(system.transition_text(k) for k in support)
        raise Refused(f"{texts} are not one action from both")
    constant = claims.predictor_constants[action]
    if not constant:
        raise Refused(f"there is no positive constant of action {system.actions[action]!r}")
    led_to = claims.number.get((min(x_next, y_next), max(x_next, y_next)))
    if led_to is None:
        raise Refused(f"there is no claim on {_named(system, (x_next, y_next))}")
    residuals = claims.dynamics_bounds[support[0]] + claims.dynamics_bounds[support[1]]
    return margin * constant <= claims.margins[led_to] - residuals


def _check_founded(system: System, claims: Claims) -> None:
    """Check statement 5; every step is known to lead to a claim."""
    founded = {number for number, form in enumerate(claims.forms) if form != "step"}
    for start in range(len(claims.pairs)):
        chain: dict[int, None] = {}
        number = start
        while number not in founded:
            if number in chain:
                raise Refused(
                    f"the claim on {_named(system, claims.pairs[number])} rests on itself"
                )
            chain[number] = None
            x, y = (system.transitions[k][2] for k in claims.supports[number])
            number = claims.number[min(x, y), max(x, y)]
        founded |= chain.keys()


def _named(system: System, pair: tuple[int, int]) -> str:
    return " and ".join(repr(system.observations[o]) for o in pair)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _shown(number: Fraction) -> str:
    """Write a number for people: exactly when that is short."""
    text = str(number)
    if len(text) <= 24:
        return text
    size = number.numerator.bit_length() - number.denominator.bit_length()
    return f"{float(number):.6g}" if abs(size) < 1000 else f"about 2^{size}"
