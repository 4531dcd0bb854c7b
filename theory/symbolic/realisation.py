"""Which dimension linear and affine models need, by algebra with matrices of any size (S12).

``F`` stands for one action as a 0/1 matrix on observations: row ``o`` has its 1 at ``f(o, a)``. The
label after ``a w`` from ``o`` is the label after ``w`` from ``f(o, a)``, so with ``H`` the labels
after some words, ``F H`` are those after the same words with ``a`` before them. Sizes are symbols:
observations ``n``, latent dimensions ``d``, words ``m``, label coordinates ``q``.
"""

from typing import Any

from tellapart.theory.symbolic.checking import Ledger, SymbolicProof

__all__ = ["prove_affine_is_linear", "prove_rank_is_enough", "prove_rank_is_needed"]


class _Shapes:
    """The matrices of this module, with symbols as sizes."""

    def __init__(self, ledger: Ledger) -> None:
        sp = ledger.sp
        n, d, m, q = ledger.symbols("n d m q", integer=True, positive=True)
        self.E, self.T = sp.MatrixSymbol("E", n, d), sp.MatrixSymbol("T", d, d)
        self.P, self.p = sp.MatrixSymbol("P", d, q), sp.MatrixSymbol("p", n, q)
        self.F, self.H = sp.MatrixSymbol("F", n, n), sp.MatrixSymbol("H", n, m)
        self.S, self.W = sp.MatrixSymbol("S", m, m), sp.MatrixSymbol("W", d, m)
        self.empty = sp.MatrixSymbol("e", m, q)  # picks the columns of the empty word
        self.sizes = (n, d, m, q)


def prove_rank_is_needed() -> SymbolicProof:
    """Prove that a zero-loss linear model has at least as many dimensions as H has rank (S12).

    ``W`` holds, for each word ``a1 .. ak``, the columns ``T_a1 .. T_ak P``. Then ``H = E W``.

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_rank_is_needed().holds
    True
    """
    ledger = Ledger()
    s = _Shapes(ledger)
    ledger.zero_matrix("no letter: E W - H is the label error", label_error(s))
    ledger.zero_matrix("one letter more: E W - H by the dynamics error", one_letter_more(s))
    return ledger.proof(
        "S12", "rank needed",
        "in every system the labels along words are E W for every zero-loss linear model, with d "
        "columns in E, so its dimension d is at least rank H",
        "for the empty word W = P and H = p, with the letter a before them words have T W and F H; "
        "zero loss is E P = p and E T = F E; induction on words; a product has no larger rank than "
        "its factors",
    )  # fmt: skip


def label_error(s: Any) -> Any:
    """Return E W - H of the empty word, less the label error, given W = P and H = p there."""
    word, seen = s.W * s.empty, s.H * s.empty
    return (s.E * word - seen) - (s.E * s.P - s.p) - s.E * (word - s.P) + (seen - s.p)


def one_letter_more(s: Any) -> Any:
    """Return E W - H on words one letter longer, less the two errors that make it zero."""
    return s.E * (s.T * s.W) - s.F * s.H - (s.E * s.T - s.F * s.E) * s.W - s.F * (s.E * s.W - s.H)


def prove_rank_is_enough() -> SymbolicProof:
    """Prove that some linear model of dimension rank H has zero loss, and any larger one (S12).

    Codes are the coordinates of the rows of H in ``d`` independent rows of it, ``W``: ``H = E W``.
    ``T`` are the coordinates of those rows after the action, ``T W = W S``.

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_rank_is_enough().holds
    True
    """
    ledger = Ledger()
    sp = ledger.sp
    s = _Shapes(ledger)
    n, d, m, q = s.sizes
    back = sp.MatrixSymbol("R", m, d)
    error = s.E * s.T - s.F * s.E
    ledger.zero_matrix("the dynamics error times the basis", error_on_basis(s))
    ledger.zero_matrix(
        "the dynamics error itself, by the right inverse of the basis",
        error * s.W * back - error * (s.W * back - sp.Identity(d)) - error,
    )
    ledger.zero_matrix(
        "the label error of the head P = W e",
        (s.E * (s.W * s.empty) - s.p) - (s.E * s.W - s.H) * s.empty - (s.H * s.empty - s.p),
    )
    more = ledger.symbols("k", integer=True, positive=True)
    padded = sp.BlockMatrix([[s.E, sp.ZeroMatrix(n, more)]])
    wider = sp.BlockMatrix(
        [[s.T, sp.ZeroMatrix(d, more)], [sp.ZeroMatrix(more, d), sp.ZeroMatrix(more, more)]]
    )
    head = sp.BlockMatrix([[s.P], [sp.ZeroMatrix(more, q)]])
    ledger.zero_matrix(
        "k dimensions more, all zero: dynamics",
        padded * wider - sp.BlockMatrix([[s.E * s.T, sp.ZeroMatrix(n, more)]]),
    )
    ledger.zero_matrix("k dimensions more, all zero: labels", padded * head - s.E * s.P)
    return ledger.proof(
        "S12", "rank enough",
        "in every system codes that are coordinates in d independent rows of H have zero loss with "
        "linear T and P, for d = rank H, and with zeros for every larger d",
        "the words are finitely many and their columns span those of all words, so F H = H S for "
        "some S, and H e = p; H = E W, with W d independent rows of H, which H has when d is its "
        "rank; T W = W S: rows of W S are rows of F H, so of H, and have coordinates; W R = 1 as "
        "the rows of W are independent",
    )  # fmt: skip


def error_on_basis(s: Any) -> Any:
    """Return (E T - F E) W, less the slacks that make it zero."""
    slacks = s.E * (s.T * s.W - s.W * s.S) + (s.E * s.W - s.H) * s.S + (s.H * s.S - s.F * s.H)
    return (s.E * s.T - s.F * s.E) * s.W - slacks + s.F * (s.E * s.W - s.H)


def prove_affine_is_linear() -> SymbolicProof:
    """Prove that affine models of dimension d are linear ones of d + 1 with a constant (S12).

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Examples
    --------
    >>> prove_affine_is_linear().holds
    True
    """
    ledger = Ledger()
    sp = ledger.sp
    s = _Shapes(ledger)
    n, d, _, q = s.sizes
    ones, column = sp.OneMatrix(n, 1), sp.OneMatrix(d, 1)
    shift, head_shift = sp.MatrixSymbol("b", 1, d), sp.MatrixSymbol("c", 1, q)
    codes = sp.BlockMatrix([[s.E, ones]])
    whole = sp.BlockMatrix([[s.T, sp.ZeroMatrix(d, 1)], [shift, sp.Identity(1)]])
    ledger.zero_matrix(
        "a step of the codes with a 1",
        codes * whole - sp.BlockMatrix([[s.E * s.T + ones * shift, ones]]),
    )
    ledger.zero_matrix(
        "their head",
        codes * sp.BlockMatrix([[s.P], [head_shift]]) - (s.E * s.P + ones * head_shift),
    )
    first, rest = sp.MatrixSymbol("t", 1, d), sp.MatrixSymbol("U", d, d)
    label, labels = sp.MatrixSymbol("l", 1, q), sp.MatrixSymbol("V", d, q)
    origin = ones - s.E * column  # coordinates that add up to 1: the first is what others leave
    for what, at, others in (("a step", first, rest), ("the head", label, labels)):
        ledger.zero_matrix(
            f"{what} of coordinates that add up to 1, without the first of them",
            origin * at + s.E * others - (ones * at + s.E * (others - column * at)),
        )
    return ledger.proof(
        "S12", "affine models",
        "in every system an affine model of dimension d is a linear one of dimension d + 1 for the "
        "labels and the constant 1, and the other way round: the smallest dimension is "
        "rank [H, 1] - 1",
        "with the two other proofs for [H, 1] in place of H; its d + 1 independent rows end in 1, "
        "so coordinates in them add up to 1; t and l are what the first of them becomes, U and V "
        "what the others become, each without its first coordinate",
    )  # fmt: skip
