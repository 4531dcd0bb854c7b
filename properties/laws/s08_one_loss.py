"""S8: what each loss alone forces, and what both together gain."""

from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING

from tellapart.properties.laws.claims import broken, facts_of, levels, pairs_merged
from tellapart.properties.laws.examples import LawSystem, systems
from tellapart.properties.laws.instances import LawOneLoss, one_loss
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.audit import audit
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.mdp import DeterministicMDP

if TYPE_CHECKING:
    from tellapart.models.subject import Subject

__all__ = ["LAWS", "zero_of_one_loss"]

Build = Callable[[LawOneLoss], "Subject"]
Gain = Callable[[DeterministicMDP], int]


def zero_of_one_loss(example: LawOneLoss) -> "Subject":
    """Build an encoder with the kernel asked for, on which one loss is exactly zero.

    Exact subjects (S1) of the system without its labels, or without its transitions.
    """
    from tellapart.models.exact import exact_subject

    mdp = example.mdp
    if example.loss == "dynamics":
        relaxed = mdp.with_labels([0] * mdp.n_obs)
    else:
        stay = [[o] * mdp.n_actions for o in range(mdp.n_obs)]
        relaxed = DeterministicMDP(stay, mdp.labels, mdp.observations, mdp.actions)
    return exact_subject(relaxed, example.partition, gauge="random", seed=example.seed)


def _one_code(example: LawOneLoss) -> "Subject":
    """Give one code to everything, and claim zero loss of either kind: known bad."""
    from tellapart.models.designs import constant_subject

    return constant_subject(example.mdp)


def _label_codes(example: LawOneLoss) -> "Subject":
    """Give the code of the label, and claim zero loss of either kind: known bad."""
    from tellapart.models.designs import scaled_label_subject

    return scaled_label_subject(example.mdp)


def _check_one_loss(example: LawOneLoss, build: Build) -> Seen:
    import torch

    mdp, subject = example.mdp, build(example)
    names = mdp.observations
    with torch.no_grad():
        codes = subject.encoder(torch.eye(mdp.n_obs, dtype=torch.float64))
        rows = [tuple(row) for row in codes.tolist()]
        if example.loss == "auxiliary":
            read = subject.head(codes).tolist()
            for o, wanted in enumerate(mdp.label_vectors.tolist()):
                if read[o] != wanted:
                    broken(f"The label of {names[o]!r} is {wanted}, and {read[o]} is read.")
        else:
            for a in range(mdp.n_actions):
                moved = subject.predictor(codes, torch.full((mdp.n_obs,), a)).tolist()
                for o, s in enumerate(mdp.successors[:, a].tolist()):
                    if tuple(moved[o]) != rows[s]:
                        broken(
                            f"{names[o]!r} with {mdp.actions[a]!r} leads to {names[s]!r} with the "
                            f"code {rows[s]}, and {moved[o]} is predicted."
                        )
    if pairs_merged(rows) != pairs_merged(example.partition.ids.tolist()):
        broken(f"The encoder does not merge what {example.partition!r} merges, and nothing else.")
    return _seen(mdp, {"loss": example.loss, "codes": len(set(rows))})


def _seen(mdp: DeterministicMDP, notes: Mapping[str, Hashable]) -> Seen:
    history = levels(facts_of(mdp))
    return Seen(None, len(history) - 1, 1 + max(history[-1]), None, notes)


def _check_gain(example: LawSystem, gain: Gain) -> Seen:
    history = levels(facts_of(example.mdp))
    wanted = max(history[-1]) - max(history[0])
    found = gain(example.mdp)
    if found != wanted:
        broken(
            f"Both losses together force {max(history[-1]) + 1} codes and the auxiliary loss alone "
            f"{max(history[0]) + 1}; the gain is {wanted}, and {found} was said."
        )
    return Seen(None, len(history) - 1, 1 + max(history[-1]), float(wanted))


def _gain(mdp: DeterministicMDP) -> int:
    return audit(mdp).joint_gain


def _one_step(mdp: DeterministicMDP) -> int:
    """Count what the first step alone gains: known bad."""
    counts = bisimulation(mdp).blocks_by_depth
    return counts[min(1, len(counts) - 1)] - counts[0]


def _blocks(mdp: DeterministicMDP) -> int:
    """Count all blocks as gained: known bad."""
    return bisimulation(mdp).partition.n_blocks


LAWS: tuple[Law, ...] = (
    Law(
        id="S8",
        statement="S8",
        title="each loss alone is zero on kernels that the theorem rules out",
        text="The auxiliary loss alone is exactly zero for a model of any kernel inside the label "
        "classes; the dynamics loss alone for any kernel that the actions respect, one code for "
        "everything included.",
        cost=Cost.ALGEBRAIC,
        cases=one_loss,
        check=_check_one_loss,
        subject=zero_of_one_loss,
        bad={"one code": _one_code, "label codes": _label_codes},
    ),
    Law(
        id="S8-gain",
        statement="S8",
        title="joint training gains the blocks of B* beyond those of the label",
        text="The gain that an audit states is the number of codes that both losses together "
        "force, less the number that the auxiliary loss alone forces.",
        cost=Cost.EXACT,
        cases=systems,
        check=_check_gain,
        subject=_gain,
        bad={"one step only": _one_step, "all blocks": _blocks},
    ),
)
