"""S1: a partition is the kernel of some zero-loss model exactly when it is admissible."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tellapart.properties.laws.claims import (
    Codes,
    all_partitions,
    broken,
    clash_of,
    facts_of,
    label_clash,
    levels,
    row_clash,
)
from tellapart.properties.laws.examples import (
    LawData,
    LawKernel,
    any_kernels,
    data_examples,
    kernels,
)
from tellapart.properties.laws.law import Cost, Law, Seen
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.partial.admissible import is_admissible_for
from tellapart.theory.partition import Partition
from tellapart.theory.stability import Stability

if TYPE_CHECKING:
    from tellapart.models.subject import Subject

__all__ = ["LAWS", "constant", "constructed", "label_codes"]

Build = Callable[[LawKernel], "Subject"]
Decide = Callable[[TransitionData, Partition], Any]


def constructed(example: LawKernel) -> "Subject":
    """Build a zero-loss encoder with the kernel asked for (S1); ``"linear"`` ones have B*."""
    mdp, partition, seed = example.mdp, example.partition, example.seed
    if example.build == "linear":
        from tellapart.models.gauges import gauged_linear_subject

        return gauged_linear_subject(mdp, seed=seed)
    if example.build == "piecewise":
        from tellapart.models.piecewise import piecewise_subject

        return piecewise_subject(mdp, partition, seed=seed)
    from tellapart.models.exact import exact_subject

    return exact_subject(mdp, partition, gauge=example.build, seed=seed)  # type: ignore[arg-type]


def label_codes(example: LawKernel) -> "Subject":
    """Build an encoder that sees the label only, whatever kernel is asked for: known bad."""
    from tellapart.models.designs import scaled_label_subject

    return scaled_label_subject(example.mdp)


def constant(example: LawKernel) -> "Subject":
    """Build one code for everything, whatever kernel is asked for: known bad."""
    from tellapart.models.designs import constant_subject

    return constant_subject(example.mdp)


def _unasked(example: LawKernel) -> "Subject":
    """Build tables from the first member of each block without asking whether they fit: bad."""
    from tellapart.models.exact import exact_subject
    from tellapart.theory.mdp import DeterministicMDP

    mdp, partition = example.mdp, example.partition
    first = partition.representatives[partition.ids]
    forgetful = DeterministicMDP(mdp.successors[first], [mdp.labels[o] for o in first.tolist()])
    joined = partition.ids.tolist()
    if clash_of(facts_of(forgetful), joined) is None:
        return exact_subject(forgetful, partition)
    return exact_subject(mdp, Partition.identity(mdp.n_obs))


def _check_realised(example: LawKernel, build: Build) -> Seen:
    """Check that the model has exactly this kernel, and every one of its equations."""
    from tellapart.models.evaluation import evaluate

    facts, mdp = facts_of(example.mdp), example.mdp
    wanted = tuple(example.partition.ids.tolist())
    clash = clash_of(facts, wanted)
    if clash is not None:
        broken(f"The partition {example.partition!r} was called admissible, yet {clash}.")
    found = evaluate(build(example), mdp)
    codes = [tuple(code) for code in found.codes.tolist()]
    for x in range(facts.n):
        for y in range(x):
            if (codes[x] == codes[y]) != (wanted[x] == wanted[y]):
                said = "share" if codes[x] == codes[y] else "do not share"
                broken(f"{facts.names[y]!r} and {facts.names[x]!r} {said} a code, against "
                       f"{example.partition!r}.")  # fmt: skip
    for o, a, s in facts.rows:
        if tuple(found.predicted[o, a].tolist()) != codes[s]:
            broken(f"The latent predicted from {facts.names[o]!r} under {facts.actions[a]!r} is "
                   f"not the code of {facts.names[s]!r}: the dynamics loss is not 0.")  # fmt: skip
    for o, label in enumerate(mdp.label_vectors.tolist()):
        if found.read[o].tolist() != label:
            broken(f"The label read from {facts.names[o]!r} is {found.read[o].tolist()}, not "
                   f"{label}: the auxiliary loss is not 0.")  # fmt: skip
    history = levels(facts)
    return Seen(None, len(history) - 1, 1 + max(history[-1]), notes={"build": example.build})


def _check_refused(example: LawKernel, build: Build) -> Seen:
    """Check that a partition is refused when, and only when, no model has that kernel."""
    facts = facts_of(example.mdp)
    clash = clash_of(facts, example.partition.ids.tolist())
    try:
        build(example)
    except InvalidArgumentError as refusal:
        if clash is None:
            broken(f"{example.partition!r} is admissible, yet it was refused: {refusal}")
    else:
        if clash is not None:
            broken(f"A model was built for {example.partition!r}, yet {clash}.")
    return Seen(notes={"admissible": clash is None})


def _check_decided(example: LawData, decide: Decide) -> Seen:
    """Check for every partition that admissible means: tables T and P exist on its codes."""
    facts = facts_of(example.data)
    admissible = 0
    for ids in all_partitions(facts.n):
        partition, clash = Partition(ids), clash_of(facts, ids)
        answer = decide(example.data, partition)
        if bool(answer) != (clash is None):
            broken(f"{partition!r} was called {'' if answer else 'not '}admissible, yet "
                   f"{clash or 'a model with this kernel has zero loss'}.")  # fmt: skip
        if isinstance(answer, Stability) and not answer:
            _check_witness(answer, ids, example)
        admissible += clash is None
    return Seen(notes={"admissible": min(admissible, 5)})


def _check_witness(answer: Stability, ids: Codes, example: LawData) -> None:
    facts = facts_of(example.data)
    block = dict(zip(facts.names, ids, strict=True))
    one, other = answer.evidence or (None, None)
    said = f"The witness {answer!r} does not show that {Partition(ids)!r} is not admissible"
    if block[answer.x] != block[answer.y]:
        broken(f"{said}: the two share no block.")
    if answer.kind == "label":
        if (facts.label(answer.x), facts.label(answer.y)) != (one, other) or one == other:
            broken(f"{said}: these are not two labels.")
        return
    rows = (
        facts.has_row(answer.x, answer.action, one),
        facts.has_row(answer.y, answer.action, other),
    )
    if not all(rows) or block[one] == block[other]:
        broken(f"{said}: these are not rows to two blocks.")


def _labels_only(data: TransitionData, partition: Partition) -> bool:
    return label_clash(facts_of(data), partition.ids.tolist()) is None


def _functional_rows_only(data: TransitionData, partition: Partition) -> bool:
    """Compare each observation with others but never with itself: misses several successors."""
    facts, ids = facts_of(data), partition.ids.tolist()
    pairs = [(r, q) for r in facts.rows for q in facts.rows if r[0] != q[0] and r[1] == q[1]]
    apart = any(ids[r[0]] == ids[q[0]] and ids[r[2]] != ids[q[2]] for r, q in pairs)
    return not apart and label_clash(facts, ids) is None


def _rows_only(data: TransitionData, partition: Partition) -> bool:
    return row_clash(facts_of(data), partition.ids.tolist()) is None


LAWS: tuple[Law, ...] = (
    Law(
        id="S1",
        statement="S1",
        title="every admissible partition is the kernel of a zero-loss model",
        text="For every partition anywhere in the interval of admissible ones, the constructed "
        "model has exactly this kernel and both losses are 0, number by number.",
        cost=Cost.ALGEBRAIC,
        cases=kernels,
        check=_check_realised,
        subject=constructed,
        bad={"label codes": label_codes, "one code": constant},
    ),
    Law(
        id="S1-refused",
        statement="S1",
        title="a partition that is not admissible is no kernel, and is refused",
        text="A model is built for a partition exactly when tables for T and P exist on its "
        "codes; every other partition is refused.",
        cost=Cost.EXACT,
        cases=any_kernels,
        check=_check_refused,
        subject=constructed,
        bad={"never refuses": _unasked, "one code": constant},
    ),
    Law(
        id="S1-data",
        statement="S1",
        title="admissible for data means that tables for T and P exist",
        text="For every partition of the observations of any data, partial and non-functional "
        "ones included: it is called admissible exactly when a latent dynamics and a head "
        "with zero loss exist on its codes; a witness against it stands.",
        cost=Cost.EXACT,
        cases=lambda: data_examples(most=4, also=()),
        check=_check_decided,
        subject=is_admissible_for,
        bad={
            "labels only": _labels_only,
            "dynamics only": _rows_only,
            "blind to several successors": _functional_rows_only,
        },
    ),
)
