"""Advice from what is known before training: the label, and the shape of the parts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tellapart.properties.suite.advice_forms import Form, Forms
from tellapart.properties.suite.advice_item import Advice, numbers_of
from tellapart.theory.linear.capacity import Capacity, capacity
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import Grade
from tellapart.theory.wording import count

if TYPE_CHECKING:
    from tellapart.properties.check_report import CheckReport

__all__ = ["from_capacity", "from_label"]

#: Ranks of larger quotients are not computed only to advise.
MAX_BLOCKS = 200
#: A smaller share of pairs that must be told apart counts as little.
SMALL_SHARE = 0.5

_RAISE = "Raise the latent dimension to at least {needed}, or use a {part} that is not linear."


def from_label(report: "CheckReport") -> Iterator[Advice]:
    """Advise where the label asks for nothing, or for little."""
    found, mdp = report.audit, report.mdp
    if not found.n_must_separate:
        label = mdp.label_values[0]
        yield Advice(
            "nothing-to-tell-apart",
            f"The label is {label!r} on all {count(mdp.n_obs, 'observation')}, so no pair has to "
            "be told apart and the theorem promises nothing.",
            "Use a label that differs somewhere (tellapart audit shows what each label forces), or "
            "data in which it does.",
            "proved",
            numbers_of(observations=mdp.n_obs, labels=len(mdp.label_values), pairs=0),
        )
        return
    pairs = mdp.n_obs * (mdp.n_obs - 1) // 2
    if found.n_must_separate < SMALL_SHARE * pairs:
        depths = ", ".join(map(str, found.blocks_by_depth))
        yield Advice(
            "uninformative-label",
            f"The label and the dynamics tell apart {found.n_must_separate} of {pairs} pairs "
            f"({count(found.min_codes, 'block')} of {mdp.n_obs} observations; by depth: {depths}), "
            "so a met premise may promise less than you want.",
            "Choose a label with more values, or one that more words of actions lead to "
            "(tellapart.theory.choice compares labels).",
            "possible",
            numbers_of(
                pairs=pairs, must_separate=found.n_must_separate, blocks=found.min_codes,
                observations=mdp.n_obs,
            ),
        )  # fmt: skip


def from_capacity(report: "CheckReport", forms: Forms) -> Iterator[Advice]:
    """Advise where the latent has fewer dimensions than the rank of S12."""
    d, reason = report.codes.shape[1], report.judgement.proofs.infeasible
    small = report.audit.min_codes <= MAX_BLOCKS
    found = capacity(report.mdp) if small else None
    if reason is not None:
        fix = _RAISE.format(needed=_needed(found, forms.both), part="predictor")
        yield Advice("capacity", reason, fix, "proved", _sizes(d, found))
    elif found is not None and report.judgement.grade is Grade.UNMET:
        known = _of_both(d, found, forms.both) or _of_head(d, report.mdp, forms.head)
        if known is not None:
            yield known
        elif _trained_jointly(report) and found.allows(d, affine=True) is False:
            yield _possibly(d, found, forms)


def _of_both(d: int, found: Capacity, form: Form) -> Advice | None:
    if not _too_few(d, found, form):
        return None
    needed = _needed(found, form)
    return Advice(
        "capacity",
        f"With {form} predictor and head the latent needs {needed} dimensions (S12) and has {d}.",
        _RAISE.format(needed=needed, part="predictor"),
        "proved",
        _sizes(d, found),
    )


def _of_head(d: int, mdp: DeterministicMDP, form: Form) -> Advice | None:
    """Advise by the rank of the labels alone, which a head needs whatever the predictor is."""
    still = [[o] for o in range(len(mdp.label_values))]
    found = capacity(DeterministicMDP(still, labels=list(mdp.label_values)))
    if not _too_few(d, found, form):
        return None
    needed = _needed(found, form)
    return Advice(
        "capacity",
        f"The {form} head needs {needed} dimensions to read "
        f"{count(len(mdp.label_values), 'label')} (the rank of the label vectors), and the latent "
        f"has {d}.",
        _RAISE.format(needed=needed, part="head"),
        "proved",
        _sizes(d, found),
    )


def _possibly(d: int, found: Capacity, forms: Forms) -> Advice:
    needed = _needed(found, "affine")
    return Advice(
        "capacity",
        f"The latent has {count(d, 'dimension')} and affine parts would need {needed} (S12); "
        f"{_said(forms)}, so {d} may be too few.",
        f"Try a larger latent dimension; at {needed} even affine parts reach zero loss.",
        "possible",
        _sizes(d, found),
    )


def _too_few(d: int, found: Capacity, form: Form) -> bool:
    known = form in ("linear", "affine")
    return known and found.allows(d, affine=form == "affine") is False


def _said(forms: Forms) -> str:
    known = [p for p in ("predictor", "head") if getattr(forms, p) == "other"]
    if known:
        verb = "is" if len(known) == 1 else "are"
        return f"{' and '.join(known)} {verb} not affine, for which no bound is known"
    return "whether predictor and head are affine is not known here"


def _needed(found: Capacity | None, form: str) -> int | str:
    if found is None:
        return "that rank"
    return (found.linear_bounds if form == "linear" else found.affine_bounds)[0]


def _sizes(d: int, found: Capacity | None) -> tuple[tuple[str, float], ...]:
    if found is None:
        return numbers_of(latent_dim=d)
    return numbers_of(
        latent_dim=d,
        needed_linear=found.linear_bounds[0],
        needed_affine=found.affine_bounds[0],
    )


def _trained_jointly(report: "CheckReport") -> bool:
    """Tell whether training aimed at the whole premise: only then room may be what it lacked."""
    training = report.training
    return training is not None and training.objective == "joint" and training.method != "none"
