"""What every public function of this package accepts; checked here, once."""

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["as_data", "positive_int"]


def as_data(system: TransitionData | DeterministicMDP) -> TransitionData:
    """Return transition data as they are, and the transitions of a deterministic MDP.

    Raises
    ------
    InvalidArgumentError
        For anything else.

    Examples
    --------
    >>> as_data(DeterministicMDP([[0]], labels=["a"]))
    TransitionData(n_obs=1, n_actions=1, n_transitions=1, n_labelled=1)
    """
    if isinstance(system, TransitionData):
        return system
    if isinstance(system, DeterministicMDP):
        return TransitionData.from_mdp(system)
    raise InvalidArgumentError(
        f"data is a {type(system).__name__}; it must be TransitionData or a DeterministicMDP. "
        "Build one with TransitionData(triples, labels)."
    )


def positive_int(value: object, name: str, least: int = 0) -> int:
    """Return an integer bound that was checked to be one, and at least ``least``.

    Raises
    ------
    InvalidArgumentError
        For a bool, for anything that is not an integer, and for one that is too small.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")
    return value
