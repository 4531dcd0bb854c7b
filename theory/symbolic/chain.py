"""The counting chain of every size: a zero-loss encoder with ReLU, and its linear rank (D1, S12).

Observations are ``0 .. N-1``, the actions move by one and stop at the ends, the label is 1 at the
target ``t`` and 0 elsewhere. The code of ``c`` is ``c`` itself.
"""

from collections.abc import Callable
from typing import Any

from tellapart.theory.symbolic.checking import Ledger, SymbolicProof

__all__ = [
    "landing",
    "prove_chain_encoder",
    "prove_chain_minimal",
    "prove_chain_rank",
    "read_label",
    "step_down",
    "step_up",
]

Relu = Callable[[Any], Any]
Choice = Callable[[Any, Any], Any]


def step_up(z: Any, n: Any, relu: Relu) -> Any:
    """Return T(z, +1) on the chain of ``n``; for codes ``0 .. n-1`` it is min(z + 1, n - 1).

    Examples
    --------
    >>> [step_up(z, 3, lambda x: max(x, 0)) for z in range(3)]
    [1, 2, 2]
    """
    return n - 1 - relu(n - 2 - z)


def step_down(z: Any, relu: Relu) -> Any:
    """Return T(z, -1); it is max(z - 1, 0).

    Examples
    --------
    >>> [step_down(z, lambda x: max(x, 0)) for z in range(3)]
    [0, 0, 1]
    """
    return relu(z - 1)


def read_label(z: Any, target: Any, relu: Relu) -> Any:
    """Return P(z): a hat that is 1 at the target and 0 at all other integers.

    Examples
    --------
    >>> [read_label(z, 1, lambda x: max(x, 0)) for z in range(4)]
    [0, 1, 0, 0]
    """
    z = z - target
    return relu(z + 1) - 2 * relu(z) + relu(z - 1)


def prove_chain_encoder() -> SymbolicProof:
    """Prove that E(c) = c with these ReLU maps has zero loss, for every N and target (D1).

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_chain_encoder().holds
    True
    """
    ledger = Ledger()
    sp = ledger.sp
    z, n, t = ledger.symbols("z N t", real=True)
    ledger.zero("the clipped step up is a ReLU", step_up(z, n, ledger.relu) - sp.Min(z + 1, n - 1))
    ledger.zero("and so is the step down", step_down(z, ledger.relu) - sp.Max(z - 1, 0))
    _check_hat(ledger, t)
    return ledger.proof(
        "D1", "counting chain, every N",
        "the code E(c) = c has zero loss with T(z, +1) = N - 1 - ReLU(N - 2 - z), "
        "T(z, -1) = ReLU(z - 1) and a hat of three ReLU as head",
        "z, N, t real; i a natural number, so t, t + 1 + i and t - 1 - i are all codes",
    )  # fmt: skip


def _check_hat(ledger: Ledger, t: Any) -> None:
    i = ledger.symbols("i", integer=True, nonnegative=True)
    ledger.zero("the label at the target", read_label(t, t, ledger.relu) - 1)
    ledger.zero("the label above it", read_label(t + 1 + i, t, ledger.relu))
    ledger.zero("the label below it", read_label(t - 1 - i, t, ledger.relu))


def prove_chain_rank() -> SymbolicProof:
    """Prove that linear models of the counting chain need N dimensions and affine ones N - 1 (S12).

    The labels after the words ``+1 .. +1`` (0 to t letters) and ``-1 .. -1`` (1 to N - 1 - t) are
    the N unit vectors, each once.

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_chain_rank().holds
    True
    """
    ledger = Ledger()
    sp = ledger.sp
    n, t = ledger.symbols("N t", integer=True, nonnegative=True)
    i, s = ledger.symbols("i s", integer=True, nonnegative=True)
    for where, at in (("inside", n - 1 - s), ("at the end", n + s)):
        ledger.zero(
            f"one letter more, {where}: min(min(u, N-1) + 1, N-1) is min(u + 1, N-1)",
            sp.Min(sp.Min(at, n - 1) + 1, n - 1) - sp.Min(at + 1, n - 1),
        )
    for case, r, room in (
        ("where the word leads to t", sp.Integer(0), 1 + i),
        ("where it stays short of t", -1 - i, 1 + s),
        ("where it passes t and stays inside", 1 + i, 1 + i + s),
        ("where it passes t and is stopped", 1 + i + s, 1 + i),
    ):
        wanted = 1 if r == 0 else 0
        up, down = (t + sp.Min(r, room), t - sp.Min(r, room))
        ledger.zero(f"label after +1 .. +1, {case}", read_label(up, t, ledger.relu) - wanted)
        ledger.zero(f"label after -1 .. -1, {case}", read_label(down, t, ledger.relu) - wanted)
    ledger.zero("there are N such words", (t + 1) + (n - 1 - t) - n)
    return ledger.proof(
        "S12", "counting chain, every N",
        "the labels along words have rank N: linear zero-loss models need N dimensions, affine "
        "ones N - 1, for every N >= 3 and every target that is not an end",
        "N, t natural numbers, 0 < t < N - 1; a word leads from a code to t + min(r, room) or "
        "t - min(r, room), where r is how far it would pass t and room >= 1 the way from t to the "
        "end; N different unit vectors have rank N, and N rows allow no more",
    )  # fmt: skip


def landing(i: Any, j: Any, target: Any, last: Any, least: Choice, most: Choice) -> Any:
    """Return where the word of observation ``j`` leads from ``i``; from ``j`` to the target.

    With +1 only (``j <= t``) the sum is never below 0, with -1 only never above the last.

    Examples
    --------
    >>> [landing(i, 1, 2, 3, min, max) for i in range(4)]
    [1, 2, 3, 3]
    """
    return most(least(i + target - j, last), 0)


def prove_chain_minimal() -> SymbolicProof:
    """Prove that the certificate is triangular with ones, for every N and every target (S12).

    The word of ``j`` is ``t - j`` times +1, or ``j - t`` times -1. Rows are the counts that it
    starts from.

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_chain_minimal().holds
    True
    """
    ledger = Ledger()
    sp = ledger.sp
    i, k, s, u = ledger.symbols("i k s u", integer=True, nonnegative=True)
    _check_letters(ledger, i, k, s, u)
    for case, row, column, t, last, wanted in (
        ("diagonal", i, i, k, k + s, 1),
        ("t > 0, above the diagonal, the word fits", i, i + 1 + k, 1 + k + u, 1 + k + u + s, 0),
        ("t > 0, above the diagonal, stopped at 0", i, i + 1 + k + u, 1 + k, 1 + k + s, 0),
        ("t = 0, below the diagonal", i + 1 + k, i, sp.Integer(0), i + 1 + k + s, 0),
    ):
        end = landing(row, column, t, last, sp.Min, sp.Max)
        ledger.zero(f"label, {case}", read_label(end, t, ledger.relu) - wanted)
    return ledger.proof(
        "S12", "chain certificate",
        "the labels along N words are a triangular matrix with ones on the diagonal, determinant "
        "1: linear models need N dimensions, affine ones N - 1, for every N and every target",
        "i, k, s, u natural numbers that range over all rows, columns, targets t and N = last + 1; "
        "induction on letters for where words lead; a rank is at least the size of a part with "
        "determinant 1, and at most the N rows",
    )  # fmt: skip


def _check_letters(ledger: Ledger, i: Any, k: Any, s: Any, u: Any) -> None:
    """Check the landing of the empty word and of one letter more: the base and step of induction.

    The target is called ``t``; ``t - j`` times +1 is the word of ``j``, so that of ``j - 1`` has
    one letter more, and likewise beyond ``t``.
    """
    sp = ledger.sp
    t = ledger.symbols("t", integer=True, nonnegative=True)

    def end(start: Any, j: Any, last: Any) -> Any:
        return landing(start, j, t, last, sp.Min, sp.Max)

    ledger.zero("no letter", end(i, t, i + s) - i)
    for where, word, last in (("inside", k, i + k + 1 + s), ("at the end", s + k, i + s)):
        ledger.zero(
            f"one +1 more, {where}",
            end(i, t - word - 1, last) - step_up(end(i, t - word, last), last + 1, ledger.relu),
        )
    for where, start, word in (("inside", k + 1 + s, k), ("at 0", s, s + k)):
        ledger.zero(
            f"one -1 more, {where}",
            end(start, t + word + 1, start + u)
            - step_down(end(start, t + word, start + u), ledger.relu),
        )
