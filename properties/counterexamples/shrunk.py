"""From a collapse that happened, a saved case or report, to a small counterexample."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tellapart.models.counterexamples.attempts import Factory
from tellapart.properties.cases.case import Case
from tellapart.properties.cases.check_cases import CheckContent
from tellapart.properties.cases.files import case_from_json
from tellapart.properties.check_report import CheckReport
from tellapart.properties.counterexamples.content import CounterexampleContent
from tellapart.properties.counterexamples.counterexample import Counterexample, counterexample_of
from tellapart.properties.errors import ReplayError
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.counterexamples.shrink import Shrunk, shrink
from tellapart.theory.counterexamples.specimen import Specimen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.losses.irreducible import irreducible_loss
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.separation import Separation, separation

__all__ = ["counterexample_from", "shrunk_counterexample"]

Progress = Callable[[str], None]


def counterexample_from(
    path: str | Path,
    *,
    design: str | Factory | None = "mlp",
    seed: int = 0,
    progress: Progress | None = None,
) -> Counterexample:
    """Shrink a saved collapse to a small counterexample, and train an encoder into it.

    Parameters
    ----------
    path
        A case of a check or of a counterexample, or a report of ``tellapart check --json``.
    design, seed
        As for :func:`~.counterexample.counterexample`; None: train nothing.
    progress
        Called with a line of text before each stage.

    Returns
    -------
    Counterexample

    Raises
    ------
    ReplayError
        When the file cannot be read or is none of these.
    InvalidArgumentError
        When no pair in it is merged that must be told apart.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
        kind = json.loads(text).get("kind")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise ReplayError(f"{path} cannot be read as a case or report: {error}") from error
    if kind == "CheckReport":
        report = CheckReport.from_json(text)
        _need_merged(report.judgement.separation, f"{path}: {report.verdict}")
        return shrunk_counterexample(
            report.mdp, report.codes, origin=f"{report.subject} on {report.source}",
            tolerance=report.judgement.separation.threshold, design=design, seed=seed,
            progress=progress,
        )  # fmt: skip
    if kind != "Case":
        raise ReplayError(
            f"{path} holds {f'a {kind}' if kind else 'no saved result'}; give a case, or a report "
            "written by `tellapart check ... --json`."
        )
    return _from_case(case_from_json(text), design, seed, progress)


def _from_case(
    case: Case, design: str | Factory | None, seed: int, progress: Progress | None
) -> Counterexample:
    content = case.content
    if isinstance(content, CounterexampleContent):
        origin = f"the case {case.digest[:12]}"
        return counterexample_of(
            content.specimen, origin=origin, design=design, seed=seed, progress=progress
        )
    if isinstance(content, CheckContent):
        measured = separation(
            bisimulation(content.mdp), content.codes, content.merge_tolerance,
            epsilon=content.epsilon,
        )  # fmt: skip
        _need_merged(measured, f"the case {case.digest[:12]}")
        return shrunk_counterexample(
            content.mdp, content.codes, origin=f"{content.subject} on {content.source}",
            tolerance=measured.threshold, design=design, seed=seed, progress=progress,
        )  # fmt: skip
    raise ReplayError(
        f"This is a case about a {case.about}; a counterexample is made of a case about a check "
        "or about a counterexample."
    )


def _need_merged(measured: Separation, where: str) -> None:
    if not measured.n_merged:
        raise InvalidArgumentError(
            f"There is no collapse to shrink in {where}. Of {measured.n_must_separate} pairs that "
            "must be told apart none is merged; give a report or case that says collapsed."
        )


def shrunk_counterexample(
    mdp: DeterministicMDP,
    codes: Any,
    *,
    origin: str = "",
    tolerance: float = 0.0,
    design: str | Factory | None = "mlp",
    seed: int = 0,
    progress: Progress | None = None,
) -> Counterexample:
    """Shrink a system and codes that merge what must be told apart to a small counterexample.

    Of the merged pairs one with the shortest word is kept. If its labels differ at once, what is
    left has zero dynamics loss: the auxiliary loss was missing. Else no labels differ inside a
    code, and it was the dynamics loss.

    Parameters
    ----------
    mdp
        The system.
    codes
        One code for each observation, ``[n_obs]`` or ``[n_obs, d]``.
    origin
        What they came from, for the story.
    tolerance
        Codes at most this far apart count as one.
    design, seed, progress
        As for :func:`~.counterexample.counterexample`; ``design=None``: train nothing.

    Returns
    -------
    Counterexample

    Raises
    ------
    InvalidArgumentError
        When no merged pair must be told apart, or the arguments do not fit.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> found = shrunk_counterexample(counting_chain(9), [0] * 9, design=None)
    >>> found.hypothesis.value, found.specimen.n_observations
    ('aux_loss', 2)
    """
    if not isinstance(mdp, DeterministicMDP):
        raise InvalidArgumentError(
            f"mdp is a {type(mdp).__name__}; a counterexample is shrunk from a DeterministicMDP."
        )
    if progress is not None:
        progress("shrinking")
    small = shrink(mdp, codes, kind="total", tolerance=tolerance)
    before = small.before
    text = f"{origin or 'a system'} ({before.observations} observations, {before.actions} actions)"
    return counterexample_of(
        _specimen(small), origin=text, design=design, seed=seed, progress=progress
    )


def _specimen(small: Shrunk) -> Specimen:
    world = small.system
    if not isinstance(world, DeterministicMDP):
        raise InvalidArgumentError("Only a deterministic MDP can be the world of a counterexample.")
    data = TransitionData.from_mdp(world)
    numbers = {code: k for k, code in enumerate(dict.fromkeys(small.codes))}
    codes = tuple(numbers[code] for code in small.codes)
    losses = irreducible_loss(data, np.eye(len(numbers), dtype=np.int64)[list(codes)])
    return Specimen(
        hypothesis=Hypothesis.DYNAMICS_LOSS if losses.auxiliary == 0 else Hypothesis.AUX_LOSS,
        world=world,
        data=data,
        shows=tuple(range(world.n_obs)),
        codes=codes,
        x=small.x,
        y=small.y,
        word=bisimulation(world).distinguishing_word(small.x, small.y) or (),
    )
