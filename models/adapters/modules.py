"""Any three modules as a subject: the form of the actions and the time axis are options."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from tellapart.models.adapters.actions import ActionForm, ActionInput, ActionVectors
from tellapart.models.adapters.adapters import AdaptedSubject, Hint, as_system, checked, untouched
from tellapart.models.adapters.frozen_head import head_and_fit
from tellapart.models.subject import Part, Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["from_modules"]

_SEQUENCES = ("encoder", "predictor")


class _StepEncoder(nn.Module):
    """An encoder of sequences, shown sequences of one step."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, observations: Tensor) -> Any:
        answer = self.encoder(observations.unsqueeze(1))
        return answer[:, -1] if isinstance(answer, Tensor) and answer.ndim == 3 else answer


def from_modules(
    encoder: Any,
    predictor: Any,
    head: Any,
    mdp: DeterministicMDP,
    *,
    action: ActionForm = "index",
    vectors: Tensor | nn.Module | None = None,
    sequence: Sequence[str] = (),
    observations: Tensor | None = None,
    fit: "Callable[[Subject, DeterministicMDP, int], object] | None" = None,
    name: str = "modules",
) -> AdaptedSubject:
    """Make a subject (D1) of three modules or functions.

    Parameters
    ----------
    encoder, predictor
        The parts; they stay yours and are trained in place.
    head
        Latents ``[batch, d]`` to labels ``[batch, label_dim]``. None: a linear head is solved on
        frozen codes after your ``fit``, and ``joint_training`` counts as dropped.
    mdp
        The system that your factory is called with.
    action
        How the predictor takes actions: ``"index"``, int64 ``[batch]``; ``"onehot"``, vectors
        ``[batch, A]`` as second argument; ``"concat"``, one argument ``[batch, d + A]``.
    vectors
        The vector of each action, floating ``[n_actions, A]``, or a module such as
        ``nn.Embedding``; None: one-hot vectors.
    sequence
        Parts that work on sequences ``[batch, T, ...]``: ``("predictor",)`` or ``("encoder",
        "predictor")``. They are given sequences of one step, and their last step counts.
    observations
        What the encoder is shown, floating ``[n_obs, *obs_shape]``; None: one-hot vectors.
    fit
        Your own trainer ``fit(subject, mdp, seed)``.
    name
        Name in reports.

    Returns
    -------
    AdaptedSubject

    Raises
    ------
    SubjectError
        When shapes do not fit; the message says which option would make them fit.
    InvalidArgumentError
        For unknown options.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> mdp = counting_chain(5)
    >>> subject = from_modules(
    ...     nn.Linear(5, 3), nn.Linear(3 + 2, 3), nn.Linear(3, 1), mdp, action="concat"
    ... )
    >>> subject.predictor(torch.zeros(4, 3), torch.tensor([0, 1, 1, 0])).shape
    torch.Size([4, 3])
    """
    mdp = as_system(mdp)
    _check_sequence(sequence)
    Subject(encoder, predictor, _reader if head is None else head, observations)  # names the part
    vectors_of = ActionVectors(mdp.n_actions, action, vectors)
    time = "predictor" in sequence
    stepped = _StepEncoder(encoder) if "encoder" in sequence else encoder
    adapted = predictor
    if action != "index" or time:
        adapted = ActionInput(predictor, vectors_of, action == "concat", time)
    reads, trains = head_and_fit(head, fit, stepped, observations, mdp)
    subject = AdaptedSubject(
        stepped,
        adapted,
        reads,
        observations=observations,
        fit=trains,
        name=name,
        shape="triple of modules",
        origin=(encoder, predictor, head),
        dropped=() if head is not None else (Hypothesis.JOINT_TRAINING,),
    )
    return checked(subject, mdp, _hints(predictor, mdp, action, vectors, time))


def _check_sequence(sequence: object) -> None:
    named = isinstance(sequence, Sequence) and not isinstance(sequence, str)
    if not named or not all(part in _SEQUENCES for part in sequence):  # type: ignore[attr-defined]
        raise InvalidArgumentError(
            f"sequence is {sequence!r}; it names the parts that work on [batch, T, ...]: (), "
            "('encoder',), ('predictor',) or ('encoder', 'predictor')."
        )


def _hints(
    predictor: Any, mdp: DeterministicMDP, action: str, vectors: Any, time: bool
) -> dict[Part, Hint]:
    label_dim = mdp.label_vectors.shape[1]

    def encoder_hint(shown: Tensor) -> str:
        return (
            "The encoder takes [batch, *obs_shape] and returns [batch, d]: flatten its output, "
            "write sequence=('encoder', ...) if it works on [batch, T, ...], or give observations= "
            "of the shape it takes."
        )

    def predictor_hint(codes: Tensor) -> str:
        fitting = _fitting_forms(predictor, mdp, codes, vectors)
        if fitting:
            return f"It fits with {' or '.join(fitting)}."
        return (
            f"No way to pass {mdp.n_actions} actions fits; the latent has width {codes.shape[1]}. "
            "Adapt its layers, or pass vectors= of the width it takes."
        )

    def head_hint(codes: Tensor) -> str:
        return (
            f"The labels of this system have {label_dim} coordinates "
            "(mdp.label_vectors.shape[1]); give the last layer that width."
        )

    return {"encoder": encoder_hint, "predictor": predictor_hint, "head": head_hint}


def _fitting_forms(predictor: Any, mdp: DeterministicMDP, codes: Tensor, vectors: Any) -> list[str]:
    """Try all options on two latents, and return those whose answer has the right shape."""
    actions = torch.tensor([0, mdp.n_actions - 1], device=codes.device)
    forms: tuple[ActionForm, ...] = ("index", "onehot", "concat")
    found: list[str] = []
    for time in (False, True):
        if found:  # most predictors that fit without a time axis fit with one too
            break
        for form in forms[1:] if vectors is not None else forms:
            inputs = ActionVectors(mdp.n_actions, form, vectors)
            trial = ActionInput(predictor, inputs, form == "concat", time)
            try:
                with untouched(trial), torch.no_grad():
                    answer = trial(codes, actions)
            except Exception:  # a form that does not fit raises whatever it likes
                continue
            if isinstance(answer, Tensor) and answer.shape == codes.shape:
                found.append(f"action={form!r}" + (", sequence=('predictor',)" if time else ""))
    return found


def _reader(codes: Tensor) -> Tensor:
    return codes
