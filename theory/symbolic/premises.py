"""Two inequalities behind premises: the smallest loss of codes (S11), and resolution (S13)."""

from tellapart.theory.symbolic.checking import Ledger, SymbolicProof

__all__ = ["prove_irreducible", "prove_resolution"]


def prove_irreducible() -> SymbolicProof:
    """Prove that the mean of a group has the least squared error, zero iff all agree (S11).

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_irreducible().holds
    True
    """
    ledger = Ledger()
    n = ledger.symbols("n", positive=True)
    sums, squares, c, x = ledger.symbols("Sx Sxx c x", real=True)
    spread = squares - sums**2 / n
    ledger.zero(
        "squared error at c, less that at the mean, is n times a square",
        squares - 2 * c * sums + n * c**2 - spread - n * (c - sums / n) ** 2,
    )
    ledger.zero(
        "one number more adds a square to the squared error at the mean",
        squares + x**2 - (sums + x) ** 2 / (n + 1)
        - spread - n / (n + 1) * (x - sums / n) ** 2,
    )  # fmt: skip
    ledger.positive("the factor of the first square", n)
    ledger.positive("the factor of the second square", n / (n + 1))
    return ledger.proof(
        "S11", "groups",
        "over all functions of code and action the mean of each group has the smallest loss; it is "
        "zero exactly when the successor codes of the group are equal",
        "n numbers with sum Sx and sum of squares Sxx, one coordinate at a time; induction on n "
        "for the second check",
    )  # fmt: skip


def prove_resolution() -> SymbolicProof:
    """Prove that a resolved prediction is nearest to the code it should be, at every scale (S13).

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_resolution().holds
    True
    """
    ledger = Ledger()
    residual, gap, apart, other = ledger.symbols("r g h q", nonnegative=True)
    scale = ledger.symbols("s", positive=True)
    slacks = (other + residual - apart) + (apart - gap)
    ledger.zero(
        "q - r is the slacks of the triangle and of the gap, plus 2 (g/2 - r)",
        (other - residual) - slacks - 2 * (gap / 2 - residual),
    )
    ledger.zero(
        "the ratio does not change when latents are scaled",
        (scale * residual) / (scale * gap / 2) - residual / (gap / 2),
    )
    return ledger.proof(
        "S13", "nearest code",
        "where the residual is below half of the gap, every code that must be told apart from the "
        "true successor is farther from the prediction than the true one is; rescaling latents "
        "changes nothing",
        "r residual, g gap, h >= g the distance of the two codes, q that of the prediction from "
        "the wrong one; q + r >= h (triangle inequality) and g/2 > r",
    )  # fmt: skip
