"""Weights in few digits: a subject that shows the same thing with numbers that people can read."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.wording import count

__all__ = ["RoundedSubject", "rounded_subject"]

#: Decimals tried at most; a float64 below 1 has about this many that count.
_MOST_DIGITS = 17


@dataclass(frozen=True, eq=False)
class RoundedSubject:
    """A subject with rounded weights for which the predicate still holds.

    Attributes
    ----------
    subject
        A copy; the subject that was given is not changed.
    digits
        Pairs (weight tensor, decimals it was rounded to); None where it was left as it was.
    n_zeros, n_weights
        How many numbers are zero now, of how many.
    """

    subject: Subject
    digits: tuple[tuple[str, int | None], ...]
    n_zeros: int
    n_weights: int

    def explain(self) -> str:
        """Return how far each weight tensor was rounded, in a few lines."""
        lines = [f"{count(self.n_weights, 'number')}, {self.n_zeros} of them zero."]
        for name, digits in self.digits:
            how = "as it was" if digits is None else count(digits, "decimal")
            lines.append(f"  {name}: {how}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"RoundedSubject({self.subject.name!r}: {self.n_zeros} of {self.n_weights} zero)"


def rounded_subject(
    subject: Subject,
    violates: Callable[[Subject], bool],
    *,
    max_digits: int = _MOST_DIGITS,
) -> RoundedSubject:
    """Round the weights of a subject to the fewest decimals at which a predicate still holds.

    Parameters
    ----------
    subject
        Parts that are ``nn.Module`` are rounded, buffers included; other parts stay as they are.
    violates
        ``(subject) -> bool``: what must stay true, such as "this pair shares a code". Called with
        copies; it must answer the same when asked again.
    max_digits
        Decimals tried at most.

    Returns
    -------
    RoundedSubject
        First all weights together are rounded to the fewest decimals that do; then each tensor on
        its own to fewer, for as long as one can be: at the end no single tensor takes fewer.

    Raises
    ------
    InvalidArgumentError
        When the predicate does not hold for the subject itself, or ``max_digits`` is no integer
        >= 0.

    Notes
    -----
    Calls the predicate at most (tensors + 1) * (max_digits + 1) times a round. Rounding is not
    monotone: a predicate may hold at 2 decimals and not at 3, so all counts are tried from 0 up.

    Examples
    --------
    >>> from tellapart.models.designs import constant_subject
    >>> from tellapart.theory.gallery import counting_chain
    >>> rounded_subject(constant_subject(counting_chain(9)), lambda subject: True)
    RoundedSubject('constant': 9 of 9 zero)
    """
    if isinstance(max_digits, bool) or not isinstance(max_digits, int) or max_digits < 0:
        raise InvalidArgumentError(f"max_digits is {max_digits!r}; it must be an integer >= 0.")
    if not violates(_copied(subject)):
        raise InvalidArgumentError(
            "The predicate does not hold for the subject as it is, so there is nothing to keep; "
            "give one that does."
        )
    current = _copied(subject)
    exact = {name: weight.clone() for name, weight in _weights(current)}
    digits: dict[str, int | None] = dict.fromkeys(exact)
    for count_of in range(max_digits + 1):
        together = _with_digits(current, exact, dict.fromkeys(exact, count_of))
        if violates(_copied(together)):
            digits = dict.fromkeys(exact, count_of)
            break
    while _lower_one(current, exact, digits, violates, max_digits):
        continue
    final = _with_digits(current, exact, digits)
    numbers = [weight for _, weight in _weights(final)]
    return RoundedSubject(
        subject=final,
        digits=tuple(digits.items()),
        n_zeros=sum(int((weight == 0).sum()) for weight in numbers),
        n_weights=sum(weight.numel() for weight in numbers),
    )


def _lower_one(
    subject: Subject,
    exact: dict[str, Tensor],
    digits: dict[str, int | None],
    violates: Callable[[Subject], bool],
    max_digits: int,
) -> bool:
    """Round one tensor further where one can be; tell whether one was."""
    for name, known in digits.items():
        for fewer in range(max_digits + 1 if known is None else known):
            tried = {**digits, name: fewer}
            if violates(_copied(_with_digits(subject, exact, tried))):
                digits[name] = fewer
                return True
    return False


def _with_digits(
    subject: Subject, exact: dict[str, Tensor], digits: dict[str, int | None]
) -> Subject:
    """Return a copy in which each weight tensor is the exact one, rounded."""
    made = _copied(subject)
    with torch.no_grad():
        for name, weight in _weights(made):
            decimals = digits[name]
            value = exact[name]
            weight.copy_(value if decimals is None else torch.round(value, decimals=decimals) + 0.0)
    return made


def _copied(subject: Subject) -> Subject:
    parts = (subject.encoder, subject.predictor, subject.head)
    encoder, predictor, head = copy.deepcopy(parts)  # together: parts may share weights
    return replace(subject, encoder=encoder, predictor=predictor, head=head)


def _weights(subject: Subject) -> Iterator[tuple[str, Tensor]]:
    """Yield the floating tensors of the parts by name; a shared one once."""
    seen: set[int] = set()
    parts = (("encoder", subject.encoder), ("predictor", subject.predictor), ("head", subject.head))
    for part, module in parts:
        if not isinstance(module, nn.Module):
            continue
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if tensor.is_floating_point() and id(tensor) not in seen:
                seen.add(id(tensor))
                yield f"{part}.{name}", tensor.detach()
