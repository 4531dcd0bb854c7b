"""The bound of S10: one step, along a word, tight, and where it says nothing.

Symbols: ``Delta`` is the distance of two labels, ``delta`` and ``eps`` are residuals of labels and
dynamics, ``L`` and ``K`` Lipschitz constants of predictor and head, ``d`` the distance of codes.
"""

from typing import Any

from tellapart.theory.symbolic.checking import Ledger, SymbolicProof
from tellapart.theory.symbolic.formulas import bound, geometric, needed_residual

__all__ = ["prove_one_step", "prove_threshold", "prove_tightness", "prove_unrolled"]

_POSITIVE = "L, K > 0"


def _constants(ledger: Ledger) -> Any:
    return ledger.symbols("Delta delta eps L K", positive=True)


def prove_one_step() -> SymbolicProof:
    """Prove the two rules of value iteration: by the labels of a pair, and by one action (S10).

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_one_step().holds
    True
    """
    ledger = Ledger()
    gap, _, _, lipschitz, head = _constants(ledger)
    d, after, margin = ledger.symbols("d d_after m_after", nonnegative=True)
    one, other = ledger.symbols("r_x r_y", nonnegative=True)
    label_slack = one + other + head * d - gap
    ledger.zero(
        "d - (Delta - r_x - r_y)/K is the slack of the labels over K",
        d - (gap - one - other) / head - label_slack / head,
    )
    step_slack = one + other + lipschitz * d - after
    ledger.zero(
        "d - (m_after - r_x - r_y)/L is the slacks of the step and of m_after, over L",
        d - (margin - one - other) / lipschitz - (step_slack + (after - margin)) / lipschitz,
    )
    ledger.positive("the factor of the labels", 1 / head)
    ledger.positive("the factor of the step", 1 / lipschitz)
    return ledger.proof(
        "S10", "one step",
        "labels and one action bound the distance of two codes from below",
        f"{_POSITIVE}; r_x, r_y are residuals; the slacks r_x + r_y + K d - Delta, "
        "r_x + r_y + L d - d_after and d_after - m_after are >= 0 (triangle inequality, "
        "Lipschitz constants, and the margin of the pair that the action leads to)",
    )  # fmt: skip


def prove_unrolled() -> SymbolicProof:
    """Prove the bound along a word of any length, for L different from 1 and for L = 1 (S10).

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_unrolled().holds
    True
    """
    ledger = Ledger()
    gap, delta, eps, lipschitz, head = _constants(ledger)
    k = ledger.symbols("k", integer=True, nonnegative=True)
    total, one_more = geometric(lipschitz, k), geometric(lipschitz, k + 1)
    ledger.zero("the empty sum", geometric(lipschitz, 0))
    ledger.zero("one more term of the sum", one_more - total - lipschitz**k)
    ledger.zero("the sum at L = 1", ledger.sp.limit(total, lipschitz, 1) - k)
    for case, base, sums in (
        ("", lipschitz, (geometric(lipschitz, 0), total, one_more)),
        (" at L = 1", ledger.sp.Integer(1), (0, k, k + 1)),
    ):
        values = [
            bound(gap, eps, delta, base, head, length, sum_)
            for length, sum_ in zip((0, k, k + 1), sums, strict=True)
        ]
        ledger.zero(f"no step: the bound by labels{case}", values[0] - (gap - 2 * delta) / head)
        ledger.zero(f"one step more{case}", values[2] - (values[1] - 2 * eps) / base)
    solved = _solved(ledger, gap, delta, eps, lipschitz, head, k)
    ledger.zero(
        "the recurrence solved by sympy itself",
        solved - bound(gap, eps, delta, lipschitz, head, k, total),
    )
    return ledger.proof(
        "S10", "unrolled",
        "k steps of value iteration with constant residuals are the bound in closed form",
        f"{_POSITIVE}, k a natural number; L is not 1 where nothing else is said; induction on k "
        "over the checks 'no step' and 'one step more', with the one-step bound",
    )  # fmt: skip


def _solved(
    ledger: Ledger, gap: Any, delta: Any, eps: Any, lipschitz: Any, head: Any, k: Any
) -> Any:
    """Solve m(0) = (Delta - 2 delta)/K, m(k+1) = (m(k) - 2 eps)/L, without our formula."""
    margin = ledger.sp.Function("m")
    return ledger.sp.rsolve(
        margin(k + 1) - (margin(k) - 2 * eps) / lipschitz,
        margin(k),
        {margin(0): (gap - 2 * delta) / head},
    )


def prove_tightness() -> SymbolicProof:
    """Prove that a family of models attains the bound for every length and all constants (S10).

    The family is :class:`tellapart.theory.symbolic.tight.TightFamily`: two chains whose codes are
    ``D/2`` and ``-D/2``, drifting apart as fast as the residuals let them.

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_tightness().holds
    True
    """
    from tellapart.theory.symbolic.tight import code, label

    ledger = Ledger()
    _, delta, eps, lipschitz, head = _constants(ledger)
    start = ledger.symbols("D", positive=True)
    k = ledger.symbols("k", integer=True, nonnegative=True)
    total = geometric(lipschitz, k)
    here = code(start, eps, lipschitz, k, total)
    there = code(start, eps, lipschitz, k + 1, geometric(lipschitz, k + 1))
    last = label(here, delta, head)
    ledger.zero("the first codes are D apart", 2 * code(start, eps, lipschitz, 0, 0) - start)
    ledger.zero("residual of the upper chain is eps", there - lipschitz * here - eps)
    ledger.zero("residual of the lower chain is eps", (-lipschitz * here) - (-there) - eps)
    ledger.zero("residual of the last label is delta", last - head * here - delta)
    ledger.zero(
        "the bound is the distance of the first codes",
        bound(2 * last, eps, delta, lipschitz, head, k, total) - start,
    )
    flat = code(start, eps, 1, k, k)
    ledger.zero("residual at L = 1", code(start, eps, 1, k + 1, k + 1) - flat - eps)
    ledger.zero(
        "the bound at L = 1", bound(2 * label(flat, delta, head), eps, delta, 1, head, k, k) - start
    )
    return ledger.proof(
        "S10", "tight",
        "for every L, K, eps, delta, k and every distance D some model attains the bound exactly",
        f"{_POSITIVE}, D > 0, k a natural number; T(z) = L z and P(z) = K z have these constants",
    )  # fmt: skip


def prove_threshold() -> SymbolicProof:
    """Prove the residual from which the bound says nothing, with its limits (S10).

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_threshold().holds
    True
    """
    ledger = Ledger()
    gap, delta, eps, lipschitz, head = _constants(ledger)
    total = ledger.symbols("S", positive=True)
    k = ledger.symbols("k", integer=True, positive=True)
    least = needed_residual(gap, delta, head, total)
    ledger.zero(
        "the bound is the distance of eps from the threshold, times 2 S/L^k",
        bound(gap, eps, delta, lipschitz, head, k, total)
        - 2 * total / lipschitz**k * (least - eps),
    )
    ledger.positive("that factor", 2 * total / lipschitz**k)
    closed = (gap - 2 * delta) * (lipschitz - 1) / (2 * head * (lipschitz**k - 1))
    threshold = needed_residual(gap, delta, head, geometric(lipschitz, k))
    ledger.zero("closed form of the threshold", threshold - closed)
    ledger.zero(
        "its limit at L = 1",
        ledger.sp.limit(threshold, lipschitz, 1) - (gap - 2 * delta) / (2 * head * k),
    )
    shrink = ledger.symbols("c", positive=True)  # L = 1/(1 + c) runs through (0, 1)
    contracting = closed.subs(lipschitz, 1 / (1 + shrink))
    ledger.zero(
        "for L = 1/(1 + c) < 1 it tends to (1 - L)(Delta - 2 delta)/(2 K) as words get longer",
        ledger.sp.limit(contracting, k, ledger.sp.oo)
        - (gap - 2 * delta) * (1 - 1 / (1 + shrink)) / (2 * head),
    )
    return ledger.proof(
        "S10", "vacuity threshold",
        "the bound along a word of length k is positive exactly below "
        "(Delta - 2 delta)(L - 1)/(2 K (L^k - 1)), which is (Delta - 2 delta)/(2 K k) at L = 1",
        f"{_POSITIVE}, k >= 1; S = 1 + L + ... + L^(k-1) is positive as a sum of such terms",
    )  # fmt: skip
