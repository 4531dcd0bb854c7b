"""The zoo: named subjects, each with the system it is shown on and what a check must say of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import MappingProxyType

from tellapart.models.designs import constant_subject
from tellapart.models.diagnostics.encoders import (
    collinear_subject,
    merged_ends_subject,
    modulo_subject,
    noisy_collapsed_subject,
    shrunk_label_subject,
)
from tellapart.models.subject import Subject
from tellapart.models.zoo.adversarial import (
    action_blind_line_subject,
    action_blind_subject,
    batchnorm_subject,
    dropout_subject,
    expert_subject,
    fresh_noise_subject,
)
from tellapart.models.zoo.narrow import narrow_linear_subject
from tellapart.models.zoo.world_models import (
    EbJepaFit,
    LewmFit,
    TdMpc2Fit,
    eb_jepa_subject,
    lewm_subject,
    tdmpc2_subject,
)
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import blow_up, counting_chain, pick
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import Verdict

__all__ = ["SUBJECT_ERROR", "ZOO", "ZooEntry", "zoo_entry"]

#: Expected in place of a verdict where a check raises
#: :class:`~tellapart.models.subject.SubjectError`.
SUBJECT_ERROR = "SubjectError"

Build = Callable[[DeterministicMDP, int], Subject]


@dataclass(frozen=True, repr=False)
class ZooEntry:
    """A subject of the zoo.

    Attributes
    ----------
    name, summary
        What it is, in one line.
    build
        ``(mdp, seed) -> Subject``, fresh and untrained; takes other systems too.
    system
        Returns the system on which the expectation holds.
    expects
        Verdicts (or :data:`SUBJECT_ERROR`) that a check may give; one, unless seeds differ.
    why
        The reason, in one sentence.
    """

    name: str
    summary: str
    build: Build
    system: Callable[[], DeterministicMDP]
    expects: tuple[str, ...]
    why: str

    @property
    def must_pass(self) -> bool:
        """Tell whether ``holds`` is the only right answer."""
        return self.expects == (Verdict.HOLDS.value,)

    @property
    def must_not_pass(self) -> bool:
        """Tell whether ``holds`` would be a wrong answer."""
        return Verdict.HOLDS.value not in self.expects

    def __repr__(self) -> str:
        return f"ZooEntry({self.name!r}: {self.summary}; expects {' or '.join(self.expects)})"


def zoo_entry(name: str) -> ZooEntry:
    """Return one entry by name.

    Raises
    ------
    InvalidArgumentError
        When there is none of that name.

    Examples
    --------
    >>> zoo_entry("modulo-3").expects
    ('collapsed',)
    """
    if name not in ZOO:
        close = get_close_matches(str(name), ZOO, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise InvalidArgumentError(
            f"There is no subject {name!r} in the zoo.{hint} Names: {', '.join(ZOO)}."
        )
    return ZOO[name]


def _tdmpc2_without_reward(mdp: DeterministicMDP, seed: int) -> Subject:
    subject = tdmpc2_subject(mdp, seed)
    return replace(subject, fit=TdMpc2Fit(reward=0.0), name="tdmpc2-no-reward")


def _eb_jepa_without_terms(mdp: DeterministicMDP, seed: int) -> Subject:
    subject = eb_jepa_subject(mdp, seed)
    return replace(subject, fit=EbJepaFit(variance=0.0, covariance=0.0), name="eb-jepa-no-vicreg")


def _lewm_without_sigreg(mdp: DeterministicMDP, seed: int) -> Subject:
    subject = lewm_subject(mdp, seed)
    return replace(subject, fit=LewmFit(weight=0.0), name="lewm-no-sigreg")


def _constant(mdp: DeterministicMDP, seed: int) -> Subject:
    return constant_subject(mdp)


def _chain() -> DeterministicMDP:
    return counting_chain(9)


def _views() -> DeterministicMDP:
    return blow_up(counting_chain(9), copies=32)


def _unlabelled() -> DeterministicMDP:
    return counting_chain(9).with_labels([0] * 9)


_HOLDS, _COLLAPSED, _VACUOUS = Verdict.HOLDS.value, Verdict.COLLAPSED.value, Verdict.VACUOUS.value
_INFEASIBLE = Verdict.INFEASIBLE.value
_JOINT = "reward and consistency train the encoder together, and the premise is met"
_BY_REGULARISER = (
    "the regulariser keeps the codes apart and a head can be fitted, so the premise is met in the "
    "end; joint_training is dropped, so nothing promised that it would be"
)
_NOT_A_FUNCTION = "a code is no function of its observation, so the theorem does not apply"

_WORLD_MODELS = (
    ZooEntry(
        "tdmpc2-pick", "TD-MPC2-shaped, SimNorm latents, on pick",
        tdmpc2_subject, pick, (_HOLDS,), _JOINT,
    ),
    ZooEntry(
        "tdmpc2-counting", "TD-MPC2-shaped, SimNorm latents, on the counting chain",
        tdmpc2_subject, _chain, (_HOLDS,), _JOINT,
    ),
    ZooEntry(
        "eb-jepa-pick", "eb_jepa-shaped, VICReg terms, head fitted afterwards, on pick",
        eb_jepa_subject, pick, (_HOLDS,), _BY_REGULARISER,
    ),
    ZooEntry(
        "eb-jepa-counting",
        "eb_jepa-shaped, VICReg terms, head fitted afterwards, on the counting chain",
        eb_jepa_subject, _chain, (_HOLDS,), _BY_REGULARISER,
    ),
    ZooEntry(
        "lewm-pick", "LeWM-shaped, SIGReg, head fitted afterwards, on pick",
        lewm_subject, pick, (_HOLDS,), _BY_REGULARISER,
    ),
    ZooEntry(
        "lewm-counting", "LeWM-shaped, SIGReg, head fitted afterwards, on the counting chain",
        lewm_subject, _chain, (_HOLDS,), _BY_REGULARISER,
    ),
    ZooEntry(
        "tdmpc2-no-reward", "TD-MPC2-shaped without its reward loss, on the counting chain",
        _tdmpc2_without_reward, _chain, (_VACUOUS,),
        "SimNorm keeps the scale and the codes apart, but no label is read: aux_loss is dropped",
    ),
    ZooEntry(
        "eb-jepa-no-vicreg", "eb_jepa-shaped without its VICReg terms, on pick",
        _eb_jepa_without_terms, pick, (_COLLAPSED, _VACUOUS),
        "prediction alone shrinks the codes to nothing, and no label can be read; whether a pair "
        "merges first depends on the seed",
    ),
    ZooEntry(
        "lewm-no-sigreg", "LeWM-shaped without SIGReg, on pick",
        _lewm_without_sigreg, pick, (_COLLAPSED, _VACUOUS),
        "prediction alone shrinks the codes to nothing, and no label can be read; whether a pair "
        "merges first depends on the seed",
    ),
)  # fmt: skip

_ADVERSARIAL = (
    ZooEntry(
        "modulo-3", "the count modulo 3: zero inverse dynamics error",
        modulo_subject, _chain, (_COLLAPSED,),
        "counts that differ by 3 share a code, although every action can be told from the codes",
    ),
    ZooEntry(
        "merged-ends", "merges 0 and 8 and nothing else",
        merged_ends_subject, _chain, (_COLLAPSED,),
        "the only pair of depth 4 shares a code, a small change of the loss",
    ),
    ZooEntry(
        "collinear", "nine codes on one line: rank 1, and healthy",
        collinear_subject, _chain, (_HOLDS,),
        "both losses are exactly zero; rank says nothing about pairs",
    ),
    ZooEntry(
        "view-noise", "one code for everything plus full-rank noise of the view",
        noisy_collapsed_subject, _views, (_COLLAPSED,),
        "the same view of different counts has the same code, whatever the rank",
    ),
    ZooEntry(
        "fresh-noise", "one code for everything plus full-rank noise, new in each call",
        fresh_noise_subject, _chain, (SUBJECT_ERROR,), _NOT_A_FUNCTION,
    ),
    ZooEntry(
        "constant-label", "one code where the label is constant on the data",
        _constant, _unlabelled, (_VACUOUS,),
        "both losses are zero, but no pair has to be told apart: informative_label is dropped",
    ),
    ZooEntry(
        "expert-only", "zero loss on the data of an expert, judged on the whole system",
        expert_subject, _chain, (_COLLAPSED,),
        "the data need five codes; what only untried actions tell apart is merged: full_coverage "
        "is dropped",
    ),
    ZooEntry(
        "action-blind", "the reference design with a predictor that ignores actions, trained",
        action_blind_subject, _chain, (_COLLAPSED, _VACUOUS),
        "no function of the code alone meets the successors of both actions: action_conditioning "
        "is dropped",
    ),
    ZooEntry(
        "action-blind-line",
        "ignores actions, on nine codes in a row so close that the dynamics loss is 1e-6",
        action_blind_line_subject, _chain, (_VACUOUS,),
        "margins prove the codes apart, because neighbouring residuals cancel (S10), but no "
        "prediction is within half its gap (S13): the losses are not small",
    ),
    ZooEntry(
        "batchnorm-in-train-mode", "trained jointly, BatchNorm left in train mode",
        batchnorm_subject, _chain, (SUBJECT_ERROR,), _NOT_A_FUNCTION,
    ),
    ZooEntry(
        "dropout-in-train-mode", "trained jointly, dropout left on",
        dropout_subject, _chain, (SUBJECT_ERROR,), _NOT_A_FUNCTION,
    ),
    ZooEntry(
        "narrow-linear", "linear parts with 7 dimensions, where 8 are needed, trained",
        narrow_linear_subject, _chain, (_INFEASIBLE,),
        "the rank of the observability matrix rules out zero loss for affine parts (S12)",
    ),
    ZooEntry(
        "shrunk-label", "the label code times 1e-12: losses of 1e-25",
        shrunk_label_subject, _chain, (_COLLAPSED,),
        "the loss is small because the latents are; relative to their spread it is not, and eight "
        "counts share a code",
    ),
)  # fmt: skip

#: All subjects by name: world models first, then the adversarial ones.
ZOO: Mapping[str, ZooEntry] = MappingProxyType(
    {entry.name: entry for entry in (*_WORLD_MODELS, *_ADVERSARIAL)}
)
