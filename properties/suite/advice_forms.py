"""How predictor and head are written: the bounds of S12 hold for linear and affine parts only."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP

if TYPE_CHECKING:
    from tellapart.models.subject import Subject
    from tellapart.properties.check_report import CheckReport

__all__ = ["Form", "Forms", "forms_of"]

Form = Literal["linear", "affine", "other", "unknown"]


@dataclass(frozen=True)
class Forms:
    """How predictor and head are written: linear, affine, something else, or not known."""

    predictor: Form = "unknown"
    head: Form = "unknown"

    @property
    def both(self) -> Form:
        """The wider of the two forms, as S12 asks for it."""
        order: tuple[Form, ...] = ("linear", "affine", "other", "unknown")
        return max(self.predictor, self.head, key=order.index)


def forms_of(report: "CheckReport", subject: "Subject | None") -> Forms:
    """Read the forms of predictor and head, each by itself, whatever the encoder is.

    Raises
    ------
    InvalidArgumentError
        When a part of the subject does not take the latents of the report.
    """
    if subject is None:
        return Forms()
    import torch

    from tellapart.models.designs import IdentityPredictor
    from tellapart.models.linear import AffineHead, CodeTable
    from tellapart.models.subject import Subject

    predictor, head, mdp = subject.predictor, subject.head, report.mdp
    codes = torch.tensor(report.codes, dtype=getattr(torch, report.dtype))
    first = torch.zeros(1, dtype=torch.int64)
    _check_fits(subject, "predictor", lambda: predictor(codes[:1], first))
    _check_fits(subject, "head", lambda: head(codes[:1]))
    d, width = codes.shape[1], mdp.label_vectors.shape[1]
    zeros = AffineHead(codes.new_zeros((d, width)), codes.new_zeros(width))
    plain = Subject(CodeTable(codes), IdentityPredictor(), zeros)
    return Forms(
        _form(replace(plain, predictor=predictor), mdp, "predictor"),
        _form(replace(plain, head=head), mdp, "head"),
    )


def _check_fits(subject: "Subject", part: str, ask: Callable[[], Any]) -> None:
    import torch

    try:
        with torch.no_grad():
            ask()
    except Exception as error:  # whatever a user's part raises
        raise InvalidArgumentError(
            f"The {part} of subject={subject.name!r} raised {type(error).__name__} on a latent of "
            f"the report: {error}. Pass the subject that was checked, or a fresh one of the same "
            "factory."
        ) from error


def _form(subject: "Subject", mdp: DeterministicMDP, part: str) -> Form:
    from tellapart.models.translation.errors import NotExactlyEvaluable
    from tellapart.models.translation.subject import translate
    from tellapart.theory.networks.structure import affinity

    try:
        model = translate(subject, mdp)
    except NotExactlyEvaluable:
        return "unknown"
    kinds = {affinity(p) for p in (model.predictors if part == "predictor" else (model.head,))}
    if None in kinds:
        return "other"
    return "affine" if "affine" in kinds else "linear"
