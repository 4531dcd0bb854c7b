"""The smallest linear or affine model, with a certificate that none is smaller (S12)."""

from dataclasses import dataclass

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.linear.capacity import MAX_BLOCKS, check_mdp
from tellapart.theory.linear.minimality_check import (
    MinimalityCertificate,
    MinimalityCheck,
    check_minimality,
)
from tellapart.theory.linear.realisation import (
    Coordinates,
    LinearRealisation,
    check_coordinates,
    model_of,
)
from tellapart.theory.linear.realisation_check import RealisationCheck
from tellapart.theory.linear.realisation_model import spell
from tellapart.theory.linear.word_space import ClosedSystem, close_system
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import Saved, register

__all__ = ["MinimalRealisation", "MinimalRealisationCheck", "minimal_realisation"]


@register
@dataclass(frozen=True, slots=True)
class MinimalRealisationCheck(Saved):
    """Whether a model has zero loss and none is smaller (D1, S12); ``bool()`` is the answer.

    Attributes
    ----------
    model
        Zero loss, by multiplying out.
    certificate
        The lower bound, by a determinant.
    dimension, bound
        Of the model, and what the certificate proves for models of its kind.
    """

    model: RealisationCheck
    certificate: MinimalityCheck
    dimension: int
    bound: int

    @property
    def holds(self) -> bool:
        """Whether both checks hold and the two numbers are equal."""
        return self.model.holds and self.certificate.holds and self.dimension == self.bound

    def __bool__(self) -> bool:
        return self.holds

    def explain(self) -> str:
        """Return both checks as sentences, and what follows."""
        verdict = (
            f"So {self.dimension} is the smallest dimension."
            if self.holds
            else f"Not proved smallest: dimension {self.dimension}, proved lower bound "
            f"{self.bound}."
        )
        return "\n".join([self.model.explain(), self.certificate.explain(), verdict])


@register
@dataclass(frozen=True, eq=False, repr=False)
class MinimalRealisation(Saved):
    """A zero-loss linear or affine model, and why no smaller one exists (S12).

    Attributes
    ----------
    model
        Codes, matrices and head, as integers and fractions.
    certificate
        Observations and words whose labels have a determinant that is not 0.
    """

    model: LinearRealisation
    certificate: MinimalityCertificate

    @property
    def dimension(self) -> int:
        """Latent dimension of the model."""
        return self.model.dimension

    @property
    def bound(self) -> int:
        """Dimension that the certificate claims to be needed by models of this kind."""
        kind = self.certificate
        return kind.affine_bound if self.model.affine else kind.linear_bound

    def verify(self, system: DeterministicMDP) -> MinimalRealisationCheck:
        """Check both halves in exact arithmetic, by code that shares nothing with their making.

        Raises
        ------
        InvalidArgumentError
            When ``system`` is not a ``DeterministicMDP``.

        Examples
        --------
        >>> from tellapart.theory.gallery import counting_chain
        >>> chain = counting_chain(9)
        >>> print(minimal_realisation(chain, affine=True).verify(chain).explain())
        Zero loss, exactly (D1): 18 transitions and 9 labels compared as rational numbers.
        No zero-loss model is smaller (S12): the determinant is 1, so linear models need at least \
9 dimensions and affine ones at least 8.
        So 8 is the smallest dimension.
        """
        proved = check_minimality(system, self.certificate)
        bound = proved.affine_bound if self.model.affine else proved.linear_bound
        return MinimalRealisationCheck(self.model.verify(system), proved, self.dimension, bound)

    def explain(self) -> str:
        """Say what the model is and what the certificate claims."""
        return f"{self.model.explain()}\n{self.certificate.explain()}"

    def __repr__(self) -> str:
        kind = "affine" if self.model.affine else "linear"
        return (
            f"MinimalRealisation({kind}, d={self.dimension}, {len(self.model.codes)} observations, "
            f"{len(self.model.matrices)} actions)"
        )


def minimal_realisation(
    system: DeterministicMDP,
    affine: bool = False,
    *,
    coordinates: Coordinates = "observations",
    max_blocks: int = MAX_BLOCKS,
    method: str = "auto",
) -> MinimalRealisation:
    """Build the smallest zero-loss model and the certificate that none is smaller (S12).

    Parameters
    ----------
    system, affine, coordinates, max_blocks, method
        As for :func:`.realisation.realise`, which makes the model.

    Returns
    -------
    MinimalRealisation
        Labels along the kept words, from the observations on which all others depend, are
        independent: they are the certificate. An affine model takes a column of ones with them,
        unless that depends on the labels.

    Raises
    ------
    BudgetExceededError, InvalidArgumentError
        As for :func:`.realisation.realise`; ``affine`` must be True or False.

    Notes
    -----
    As for :func:`.realisation.realise`. The certificate has as many words as the dimension, or one
    more, and they may be as long as the dimension.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> found = minimal_realisation(counting_chain(9))
    >>> found
    MinimalRealisation(linear, d=9, 9 observations, 2 actions)
    >>> bool(found.verify(counting_chain(9))), bool(found.verify(counting_chain(9, 3)))
    (True, False)
    """
    check_mdp(system, "minimal_realisation")
    check_coordinates(coordinates)
    if not isinstance(affine, bool):
        raise InvalidArgumentError(f"affine is {affine!r}; it must be True or False.")
    closed = close_system(system, max_blocks, method)
    return MinimalRealisation(model_of(closed, affine, coordinates), _certificate(closed, affine))


def _certificate(closed: ClosedSystem, affine: bool) -> MinimalityCertificate:
    """Return kept words and core observations: H is regular there, as [H, 1] is with a 1."""
    closure, actions = closed.closure, closed.system.actions
    spelled = [spell(closure, word) for word in range(closure.rank)]
    return MinimalityCertificate(
        observations=tuple(closed.name(block) for block in closed.basis(affine)[1]),
        words=tuple(tuple(actions[a] for a in word) for word, _ in spelled),
        coordinates=tuple(coordinate for _, coordinate in spelled),
        constant=affine and not closure.has_one,
    )
