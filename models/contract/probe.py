"""All probes of the contract, in order, on one factory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tellapart.models.contract.bench import Bench, Factory, private_random
from tellapart.models.contract.findings import ContractReport, Finding, broken, not_applicable
from tellapart.models.contract.gradients import (
    probe_auxiliary_path,
    probe_encoder,
    probe_prediction_path,
    probe_target_path,
)
from tellapart.models.contract.modes import probe_modes
from tellapart.models.contract.outputs import (
    probe_device,
    probe_dtypes,
    probe_finite,
    probe_shapes,
)
from tellapart.models.contract.own_fit import probe_own_fit, watch_fit
from tellapart.models.contract.repeats import probe_actions, probe_batches, probe_determinism
from tellapart.models.contract.state import (
    probe_global_state,
    probe_seeds,
    probe_serialisation,
    probe_shared_state,
)
from tellapart.models.contract.weights import probe_finite_gradients, probe_unused
from tellapart.models.fit import check_integer
from tellapart.models.subject import Subject, SubjectError
from tellapart.models.threads import one_thread
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["PROBES", "Probe", "probe"]

Progress = Callable[[str, int, int | None, str], None]


@dataclass(frozen=True)
class Probe:
    """One question about a subject.

    Attributes
    ----------
    rule
        What the contract demands, in one line.
    run
        Asks it.
    needs
        Probes that must not be broken or blocked for the answer to mean anything.
    trainable
        Whether there is nothing to ask of a subject without trainable weights.
    """

    rule: str
    run: Callable[[Bench], Finding]
    needs: tuple[str, ...] = ()
    trainable: bool = False


_USABLE = ("dtypes",)
_REPEATABLE = ("determinism", "finite")
_GRADED = ("dtypes", "finite")

#: All probes by id, in the order in which they run.
PROBES: Mapping[str, Probe] = MappingProxyType(
    {
        "device": Probe("all weights and buffers are on one device", probe_device),
        "shapes": Probe("answers have the shapes of the contract", probe_shapes, ("device",)),
        "dtypes": Probe(
            "answers are floating, codes and predictions alike", probe_dtypes, ("shapes",)
        ),
        "finite": Probe("answers are finite before training", probe_finite, _USABLE),
        "determinism": Probe("the same question gets the same answer", probe_determinism, _USABLE),
        "seeds": Probe("the seed decides the weights, and it alone", probe_seeds, ("determinism",)),
        "shared-state": Probe(
            "two subjects share nothing", probe_shared_state, ("seeds", "finite")
        ),
        "global-state": Probe(
            "random state of the process is left alone", probe_global_state, ("determinism",)
        ),
        "serialisation": Probe(
            "saving, loading and copying keep the answers", probe_serialisation, ("shared-state",)
        ),
        "batch-independence": Probe(
            "a row's answer depends on that row", probe_batches, _REPEATABLE
        ),
        "actions": Probe("the predictor depends on the action", probe_actions, _REPEATABLE),
        "own-fit": Probe("the subject's own fit trains the encoder", probe_own_fit, _USABLE),
        "modes": Probe("train and eval mode agree as left", probe_modes, _REPEATABLE),
        "encoder-gradient": Probe(
            "codes carry gradients to the encoder's weights", probe_encoder, _GRADED, True
        ),
        "prediction-gradient": Probe(
            "the dynamics loss reaches codes through T", probe_prediction_path, _GRADED, True
        ),
        "target-gradient": Probe(
            "the dynamics loss reaches the encoder through its target",
            probe_target_path,
            (*_GRADED, "encoder-gradient"),
            True,
        ),
        "auxiliary-gradient": Probe(
            "the auxiliary loss reaches codes through P", probe_auxiliary_path, _GRADED, True
        ),
        "unused-parameters": Probe(
            "every trainable weight gets a gradient", probe_unused, _GRADED, True
        ),
        "finite-gradients": Probe(
            "gradients of the joint loss are finite", probe_finite_gradients, _GRADED, True
        ),
    }
)


def probe(
    factory: Factory,
    mdp: DeterministicMDP,
    seed: int = 0,
    *,
    own_fit: bool = True,
    progress: Progress | None = None,
) -> ContractReport:
    """Ask whether subjects of a factory keep the contract that training and verdicts rest on.

    Parameters
    ----------
    factory
        ``(mdp, seed) -> Subject``, or a tuple of encoder, predictor and head; fresh, untrained.
    mdp
        The system. Of large ones 128 observations at most are shown.
    seed
        The factory is called with it, and with ``seed + 1``.
    own_fit
        Whether the subject's own fit, if it has one, is run once (on a fresh subject) and watched.
    progress
        Called as ``progress("contract", done, total, id)`` before each probe.

    Returns
    -------
    ContractReport
        Whatever the subject does wrong is a finding in it. Nothing is raised for that.

    Raises
    ------
    InvalidArgumentError
        When the factory cannot be called, ``mdp`` is no system, or the seed no integer >= 0.

    Notes
    -----
    The global random states of torch (CPU), numpy and random are put back afterwards. Some twenty
    fresh subjects are built. Outputs are compared in eval mode, so that dropout and BatchNorm
    answer for themselves in the probe ``modes`` alone. A question that has no answer because an
    earlier rule is broken is ``"not applicable"``.

    Examples
    --------
    >>> from tellapart.models.networks import reference_subject
    >>> from tellapart.theory.gallery import counting_chain
    >>> report = probe(lambda mdp, seed: reference_subject(mdp, seed=seed), counting_chain(9))
    >>> report
    ContractReport('reference': 0 broken, 0 note, 18 ok, 1 not applicable)
    """
    _check_arguments(factory, mdp, seed, own_fit)
    bench = Bench(factory, mdp, int(seed))
    with one_thread(), private_random(bench.seed):
        try:
            subject = bench.build()
        except SubjectError as error:
            return _no_subject(factory, bench.seed, error)
        findings = _run_all(bench, subject, own_fit, progress)
    return ContractReport(subject.name, bench.seed, findings)


def _check_arguments(factory: Any, mdp: Any, seed: Any, own_fit: Any) -> None:
    if not callable(factory):
        raise InvalidArgumentError(
            f"factory is of type {type(factory).__name__}; it must be a function (mdp, seed) -> "
            "Subject."
        )
    if isinstance(factory, Subject):
        raise InvalidArgumentError("factory is a Subject; pass the function that builds it.")
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"mdp is of type {type(mdp).__name__}; it must be a DeterministicMDP, such as "
            "counting_chain(9)."
        )
    check_integer("seed", seed, 0)
    if not isinstance(own_fit, bool):
        raise InvalidArgumentError(f"own_fit is {own_fit!r}; it must be True or False.")


def _no_subject(factory: Factory, seed: int, error: SubjectError) -> ContractReport:
    """Report a factory that builds nothing that could be asked."""
    made = broken(
        "shapes",
        f"no subject was built: {error}",
        "A factory is called as factory(mdp, seed) and returns Subject(encoder, predictor, head).",
        "Call it by hand on the same system to see the traceback.",
    )
    rest = {id: not_applicable(id, "there is no subject") for id in PROBES}
    findings = tuple((rest | {"shapes": made}).values())
    return ContractReport(getattr(factory, "__name__", "factory"), seed, findings)


def _run_all(
    bench: Bench, subject: Subject, own_fit: bool, progress: Progress | None
) -> tuple[Finding, ...]:
    found: dict[str, Finding] = {}
    blocked: dict[str, str] = {}  # id -> the broken probe that it waits for
    for done, (id, asked) in enumerate(PROBES.items()):
        if progress is not None:
            progress("contract", done, len(PROBES), id)
        cause = next((blocked[need] for need in asked.needs if need in blocked), None)
        if cause is not None:
            blocked[id] = cause
            found[id] = not_applicable(id, f"no answer while {cause!r} is broken")
            continue
        found[id] = _run(bench, subject, id, asked, own_fit)
        if found[id].status == "broken":
            blocked[id] = id
    return tuple(found.values())


def _run(bench: Bench, subject: Subject, id: str, asked: Probe, own_fit: bool) -> Finding:
    """Run one probe; what the subject raises in it is the finding."""
    if asked.trainable and subject.n_parameters == 0 and not any(map(_is_plain, _parts(subject))):
        return not_applicable(id, "the subject has no trainable weights")
    try:
        if id == "own-fit" and own_fit:
            bench.fitted = watch_fit(bench)
        return asked.run(bench)
    except Exception as error:  # the subject's doing: it fails on a question that the rule allows
        return broken(
            id,
            f"the subject raised {type(error).__name__} while this was asked: {error}",
            f"The rule: {asked.rule}. A subject answers every question of the contract.",
            "Run the part by hand on a few rows, in eval and in train mode, to see the traceback.",
        )


def _parts(subject: Subject) -> tuple[object, ...]:
    return (subject.encoder, subject.predictor, subject.head)


def _is_plain(part: object) -> bool:
    """Tell whether weights may hide in a part: it is no module that could list them."""
    from torch import nn

    return not isinstance(part, nn.Module)
