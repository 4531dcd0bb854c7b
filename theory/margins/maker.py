"""The maker of margin certificates: value iteration over all pairs, then paths where they help.

Everything is rounded to the proved side, so that what comes out holds; the independent checker
does not believe it anyway.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import BudgetExceededError, InternalError, InvalidArgumentError
from tellapart.theory.margins.constants import choose_constants, distances, residuals
from tellapart.theory.margins.findings import Findings, certificate_of, summary_of
from tellapart.theory.margins.iteration import (
    PATH,
    STEP,
    Estimates,
    Words,
    iterate,
    label_margins,
    require_well_founded,
    shortest_words,
)
from tellapart.theory.margins.margins import Margins
from tellapart.theory.margins.paths import PathEngine, chosen_words, path_engine
from tellapart.theory.margins.required import label_gaps, required_pairs
from tellapart.theory.margins.tables import Tables, tables_of
from tellapart.theory.margins.threshold import Threshold, find_threshold
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.evaluation import enclose_points
from tellapart.theory.networks.points import ModelPoints
from tellapart.theory.networks.program import NetworkModel
from tellapart.theory.partial.border import positive_int

__all__ = ["MAX_OBSERVATIONS", "MAX_PATH_WORK", "certify_margins"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Progress = Callable[[str, int, int | None, str], None]

#: Time and memory grow with the square of the number of observations.
MAX_OBSERVATIONS = 3000
#: Multiply-adds for margins along words.
MAX_PATH_WORK = 4_000_000_000
#: Letters of all paths in a certificate.
_MAX_LETTERS = 1_000_000
#: Observations up to which all pairs are tried along words, not only those without a margin.
_SMALL = 64
#: A path replaces a claim that it beats by more than this factor.
_WORTH = 1.0 + 1e-6
_STAGES = ("codes", "constants", "value iteration", "pairs to tell apart", "paths", "threshold")


def certify_margins(
    system: DeterministicMDP | TransitionData,
    model: NetworkModel,
    points: ModelPoints | None = None,
    *,
    max_path_work: int = MAX_PATH_WORK,
    threshold: bool = True,
    progress: Progress | None = None,
) -> Margins:
    """Prove lower bounds of the distances between codes, from small residuals (S10).

    Parameters
    ----------
    system
        A deterministic MDP, or transition data of any coverage that are feasible (S2).
    model
        The triple (E, T, P) as programs.
    points
        What the model answers on the system; computed when it is not given.
    max_path_work
        Multiply-adds that margins along words may take; beyond it pairs keep what label and step
        claims give. 0: no words.
    threshold
        Find out by how much residuals could grow; False saves that time.
    progress
        Called with ``"margins"``, the number of a stage, how many there are, and its name.

    Returns
    -------
    Margins
        With the certificate for :func:`tellapart.theory.margin_checker.checker.check_margins`.

    Raises
    ------
    InvalidArgumentError
        For arguments of another type, infeasible data, a model of another system, or points that
        are not finite.
    BudgetExceededError
        For more observations than :data:`MAX_OBSERVATIONS`.
    InternalError
        When a margin is larger than the distance that it bounds: a bug in our mathematics or code.

    Notes
    -----
    O(n² |A|) for each round of value iteration, in which only pairs that changed take part, and
    O(n² |A| d) for the constants. Margins hold for every model, trained or not.

    Examples
    --------
    >>> from tellapart.theory.networks.program import Operation, Program
    >>> flip = DeterministicMDP([[1], [0]], labels=[0.0, 1.0], actions=["flip"])
    >>> table = Program((), (np.array([[0.0], [1.0]]),), (), 0)
    >>> one = np.array(1.0)
    >>> turn = Program(((1, 1),), (one,), (Operation("sub", (1, 0), (1, 1)),), 2)
    >>> read = Program(((1, 1),), (), (), 0)
    >>> result = certify_margins(flip, NetworkModel(table, (turn,), read, None, "float64"))
    >>> result.certified, result.margin(0, 1), result.form(0, 1)
    (True, Fraction(1, 1), 'label')
    """
    _check_arguments(system, model)
    work_limit = positive_int(max_path_work, "max_path_work")

    def stage(number: int) -> None:
        if progress is not None:
            progress("margins", number, len(_STAGES), _STAGES[number])

    stage(0)
    if points is None:
        points = enclose_points(model, system)
    tables = tables_of(system)
    _check_points(points, tables)
    stage(1)
    apart = distances(points)
    bounds, aux_bounds = residuals(points, system)
    constants = choose_constants(tables, model, points, apart)
    stage(2)
    gaps = label_gaps(tables)
    start = label_margins(tables, gaps, aux_bounds, constants.head)
    estimates, _ = iterate(tables, start, bounds, constants.predictors)
    words = shortest_words(tables)
    stage(3)
    required = required_pairs(system, words)
    work = Findings(tables, points, apart, bounds, aux_bounds, constants, gaps, words, required)
    stage(4)
    estimates, forests = _with_paths(work, model, estimates, work_limit)
    _require_true(work, estimates, system)
    certificate = certificate_of(work, system, model, estimates, forests)
    stage(5)
    found = Threshold(None, None, "it was not asked for")
    if threshold:
        found = find_threshold(
            tables, constants, bounds, aux_bounds, gaps, apart.upper.reshape(-1), required
        )
    return summary_of(work, certificate, estimates, found)


def _check_arguments(system: object, model: object) -> None:
    if not isinstance(system, DeterministicMDP | TransitionData):
        raise InvalidArgumentError(
            f"system is a {type(system).__name__}; it must be a DeterministicMDP or TransitionData."
        )
    if not isinstance(model, NetworkModel):
        raise InvalidArgumentError(
            f"model is a {type(model).__name__}; it must be a NetworkModel. Make one of a trained "
            "subject with tellapart.models.translation."
        )
    if len(model.predictors) != system.n_actions:
        raise InvalidArgumentError(
            f"The model has {len(model.predictors)} predictors and the system {system.n_actions} "
            "actions; give one program for each action."
        )
    if system.n_obs > MAX_OBSERVATIONS:
        raise BudgetExceededError(
            f"There are {system.n_obs} observations; margins are of pairs, whose number grows with "
            f"the square, and stop at {MAX_OBSERVATIONS}. Certify the quotient by bisimulation, or "
            "a part of the data."
        )


def _check_points(points: ModelPoints, tables: Tables) -> None:
    n, d = tables.n_obs, points.codes.shape[-1]
    wanted = {
        "codes": (points.codes, (n, d)),
        "predicted": (points.predicted, (n, tables.n_actions, d)),
        "read": (points.read, (n, tables.labels.shape[1])),
    }
    for name, (values, shape) in wanted.items():
        if values.shape != shape:
            raise InvalidArgumentError(
                f"{name} of the model has shape {values.shape}; on this system it must be {shape}."
            )
        if not (np.isfinite(values.lo).all() and np.isfinite(values.hi).all()):
            raise InvalidArgumentError(
                f"{name} of the model is not finite for some observation; such a model has no "
                "margins. Look for weights that overflow."
            )


def _with_paths(
    work: Findings, model: NetworkModel, estimates: Estimates, max_work: int
) -> tuple[Estimates, tuple[Words, ...]]:
    """Try words, keep what is better, and let the better margins spread."""
    tables = work.tables
    small = tables.n_obs <= _SMALL
    wanted = work.required & (work.words.lengths > 0)
    if not small:
        wanted &= estimates.values == 0
    useful = max_work > 0 and bool(wanted.any())
    engine = path_engine(tables, model, work.points) if useful else None
    if engine is None:
        return estimates, ()
    forests = [work.words]
    if small and (estimates.forms == STEP).any():
        forests.append(chosen_words(tables, estimates))
    improved, spent = estimates, 0
    for number, words in enumerate(forests):
        improved, spent = _along(engine, words, number, wanted, improved, max_work, spent)
    if not (improved.forms == PATH).any():
        return estimates, ()
    spread, _ = iterate(tables, improved, work.bounds, work.constants.predictors)
    return spread, tuple(forests)


def _along(
    engine: PathEngine,
    words: Words,
    number: int,
    wanted: BoolArray,
    estimates: Estimates,
    max_work: int,
    spent: int,
) -> tuple[Estimates, int]:
    """Replace the margins that the words of one forest beat."""
    found, spent = engine.margins(words, wanted, max_work, spent)
    better = np.flatnonzero(found > estimates.values * _WORTH)
    better = better[np.argsort(words.lengths[better], kind="stable")]
    better = better[words.lengths[better].cumsum() <= _MAX_LETTERS]
    values, forms = estimates.values.copy(), estimates.forms.copy()
    supports = estimates.supports.copy()
    values[better], forms[better] = found[better], PATH
    supports[better, 0], supports[better, 1] = number, -1
    return Estimates(values, forms, supports), spent


def _require_true(
    work: Findings, estimates: Estimates, system: DeterministicMDP | TransitionData
) -> None:
    """Raise InternalError when a margin is not true, or rests on itself."""
    wrong = np.flatnonzero(estimates.values > work.apart.upper.reshape(-1))
    if wrong.size:
        x, y = divmod(int(wrong[0]), work.tables.n_obs)
        raise InternalError(
            f"The certified margin of {system.observations[x]!r} and {system.observations[y]!r} is "
            f"{estimates.values[wrong[0]]:.17g}, but their codes are at most "
            f"{work.apart.upper[x, y]:.17g} apart: a bug in our mathematics or code. Please report "
            "it with the system and the model."
        )
    require_well_founded(work.tables, estimates)
