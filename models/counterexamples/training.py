"""Train a real encoder with one hypothesis dropped, such that it collapses."""

import torch

from tellapart.models.counterexamples.attempts import Attempts, Factory
from tellapart.models.counterexamples.collapse import TrainedCollapse, Way
from tellapart.models.counterexamples.measure import Yardstick
from tellapart.models.counterexamples.networks import small_subject
from tellapart.models.counterexamples.rows import rows_of
from tellapart.models.designs import design as design_named
from tellapart.models.fit import check_integer
from tellapart.models.threads import one_thread
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["SEEDS", "train_dropped"]

#: Seeds tried in each way of training.
SEEDS = 3


def train_dropped(
    specimen: Specimen, *, design: str | Factory | None = None, seed: int = 0
) -> TrainedCollapse:
    """Train an encoder with one hypothesis dropped until it merges the pair of a specimen.

    The encoder is trained on those losses that the codes of the specimen make zero (both, where
    exact zero is what was dropped). Then the missing part is fitted on its frozen codes. Three
    ways are tried in turn, each with :data:`SEEDS` seeds: random weights and the losses alone; the
    same with weight decay on the encoder; and while what the specimen merges is pulled together.

    Parameters
    ----------
    specimen
        What to collapse on.
    design
        ``None``: a small tanh network (:func:`.small_subject`). The name of a design, or a factory
        ``(mdp, seed) -> Subject``: its untrained subject is taken; ``mdp`` has the sizes of the
        data. A ``fit`` of its own is not used.
    seed
        The first seed.

    Returns
    -------
    TrainedCollapse
        Of the first training that collapsed, else of the last one, with ``collapsed`` False.

    Raises
    ------
    InvalidArgumentError
        For something that is no specimen, a negative seed, or an unknown design.
    SubjectError
        When the factory returns no subject, or nothing in its encoder can be trained.

    Notes
    -----
    Where small losses will do, a training goes on until they are small and the pair is merged, or
    the steps are spent. At most ``3 * SEEDS`` trainings of at most 150 dense Levenberg-Marquardt
    steps. One torch thread; same call, same bytes.
    """
    if not isinstance(specimen, Specimen):
        raise InvalidArgumentError(
            f"specimen is a {type(specimen).__name__}; give a Specimen, such as "
            "smallest_counterexamples('aux_loss').specimens[0]."
        )
    check_integer("seed", seed, 0)
    build = _build(design)
    work = Attempts(specimen, rows_of(specimen), Yardstick.of(specimen), build)
    attempts = 0
    with one_thread(), torch.random.fork_rng(devices=[]):
        for way in Way:
            for one in range(seed, seed + SEEDS):
                attempts += 1
                torch.manual_seed(one)
                found = work.attempt(way, one, attempts)
                if found.collapsed:
                    return found
    return found


def _build(design: str | Factory | None) -> Factory:
    if design is None or design == "mlp":
        return small_subject
    if isinstance(design, str):
        return design_named(design).build
    if not callable(design):
        raise InvalidArgumentError(
            f"design is a {type(design).__name__}; give the name of a design, or a factory "
            "(mdp, seed) -> Subject."
        )
    return design
