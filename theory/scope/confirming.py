"""Check what a solver calls a counterexample, by the definitions and without the solver."""

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InternalError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.scope.exhaustion import ScopeCollapse
from tellapart.theory.stability import is_admissible

__all__ = ["confirm_collapse"]


def confirm_collapse(collapse: ScopeCollapse, drop: Hypothesis | None) -> None:
    """Check that a kernel reaches zero on the losses that are kept, and is against S4.

    Parameters
    ----------
    collapse
        System and kernel.
    drop
        The loss that may be anything.

    Raises
    ------
    InternalError
        When it is not what the solver said.
    """
    mdp, kernel = collapse.mdp, collapse.kernel
    kept = mdp
    if drop is Hypothesis.AUX_LOSS:
        kept = mdp.with_labels([0] * mdp.n_obs)
    elif drop is Hypothesis.DYNAMICS_LOSS:  # nothing moves, so nothing has to be predicted
        kept = DeterministicMDP([[o] for o in range(mdp.n_obs)], mdp.labels)
    answer = is_admissible(kept, kernel)
    if not answer:
        raise InternalError(f"The model {collapse!r} has a loss that is not zero: {answer}.")
    if kernel.refines(bisimulation(mdp).partition):
        raise InternalError(f"The model {collapse!r} merges bisimilar observations only.")
