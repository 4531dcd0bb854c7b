"""S10: a step of a margin pays for both residuals, and the checker insists on it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tellapart.properties.laws.claims import broken
from tellapart.properties.laws.instances import LawModel
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.properties.laws.s10_margins import built
from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.margin_checker.checker import MarginCheck, check_margins
from tellapart.theory.margins.certificate import MarginCertificate
from tellapart.theory.partition import Partition

__all__ = ["LAWS"]

#: Forged certificates that are checked for one example.
_MOST = 2


@st.composite
def _deep_models(draw: st.DrawFn) -> LawModel:
    """Draw systems with words of some length, and models of which every residual is known."""
    families = ("chain", "counter", "near-miss")
    mdp = draw(
        deterministic_mdps(min_observations=3, max_observations=5, max_actions=2, families=families)
    )
    build = draw(st.sampled_from(["quotient", "table"]))
    partition = bisimulation(mdp).partition
    if build == "table":
        partition = Partition.identity(mdp.n_obs)
    return LawModel(mdp, partition, build, draw(st.integers(0, 99)), 2 + draw(st.integers(0, 10)))


def _check_steps(example: LawModel, check: Callable[[MarginCertificate], Any]) -> Seen:
    """Raise the margins of steps to what would follow without residuals: none may pass."""
    from tellapart.models.certify import margin_certificate

    made = margin_certificate(example.mdp, built(example)).certificate
    names, forged = example.mdp.observations, 0
    for row, allowed, without in _steps(example, made):
        x, y = (names[o] for o in made.pairs[row].tolist())
        if Fraction(made.margins[row]) > allowed:
            broken(f"The margin of {x!r} and {y!r} is more than what its step gives.")
        if without == allowed or forged == _MOST:
            continue
        forged += 1
        margins = tuple(str(without) if k == row else m for k, m in enumerate(made.margins))
        if check(replace(made, margins=margins)).holds:
            broken(
                f"A step to {x!r} and {y!r} gives a margin of {float(allowed):.6g}, and "
                f"{float(without):.6g}, without its residuals, is accepted."
            )
    return Seen(None if forged else "no step has residuals", notes={"model": example.build})


def _steps(example: LawModel, made: MarginCertificate) -> Iterator[tuple[int, Fraction, Fraction]]:
    """Yield the claims by steps, with what S10 gives and what it would without residuals."""
    ends = [s for row in example.mdp.successors.tolist() for s in row]
    pairs = [(x, y) for x, y in made.pairs.tolist()]
    number = {pair: row for row, pair in enumerate(pairs)}
    for row, form in enumerate(made.forms):
        if form != "step":
            continue
        s, t = made.supports[row].tolist()
        constant = Fraction(made.predictor_constants[s % example.mdp.n_actions] or 0)
        u, v = sorted((ends[s], ends[t]))
        ahead = Fraction(made.margins[number[u, v]])
        residuals = Fraction(made.dynamics_bounds[s]) + Fraction(made.dynamics_bounds[t])
        yield row, (ahead - residuals) / constant, ahead / constant


def _accepts_all(made: MarginCertificate) -> MarginCheck:
    """Accept whatever is claimed: known bad."""
    return MarginCheck(True, True, len(made.pairs), len(made.pairs), 0, None)


LAWS: tuple[Law, ...] = (
    Law(
        id="S10-steps",
        statement="S10",
        title="a step pays for its residuals, and the checker refuses one that does not",
        text="No margin by a step is more than the inequality gives, and a certificate in which "
        "one margin is raised to what would follow without residuals is refused, even where it "
        "is below the distance of the codes.",
        cost=Cost.ALGEBRAIC,
        cases=_deep_models,
        check=_check_steps,
        subject=check_margins,
        bad={"accepts everything": _accepts_all},
    ),
)
