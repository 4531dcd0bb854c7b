"""All symbolic proofs, in the order of the statements."""

from tellapart.theory.symbolic.chain import (
    prove_chain_encoder,
    prove_chain_minimal,
    prove_chain_rank,
)
from tellapart.theory.symbolic.chain_realisation import prove_chain_realisation
from tellapart.theory.symbolic.checking import SymbolicProof
from tellapart.theory.symbolic.margins import (
    prove_one_step,
    prove_threshold,
    prove_tightness,
    prove_unrolled,
)
from tellapart.theory.symbolic.premises import prove_irreducible, prove_resolution
from tellapart.theory.symbolic.realisation import (
    prove_affine_is_linear,
    prove_rank_is_enough,
    prove_rank_is_needed,
)

__all__ = ["symbolic_proofs"]


def symbolic_proofs() -> tuple[SymbolicProof, ...]:
    """Make every symbolic proof anew.

    Raises
    ------
    InvalidArgumentError
        When sympy is not installed.

    Notes
    -----
    A few seconds.

    Examples
    --------
    >>> sorted({proof.statement for proof in symbolic_proofs()})
    ['D1', 'S10', 'S11', 'S12', 'S13']
    """
    return (
        prove_chain_encoder(), prove_one_step(), prove_unrolled(), prove_tightness(),
        prove_threshold(), prove_irreducible(), prove_rank_is_needed(), prove_rank_is_enough(),
        prove_affine_is_linear(), prove_chain_rank(), prove_chain_minimal(),
        prove_chain_realisation(), prove_resolution(),
    )  # fmt: skip
