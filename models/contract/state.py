"""Probes of state: seeds, state shared by subjects, saving and copying, global state."""

import copy
import pickle

import torch
from torch import Tensor, nn

from tellapart.models.contract.bench import (
    PARTS,
    Answers,
    Bench,
    named_tensors,
    perturb,
    private_random,
    random_state,
    same_bits,
)
from tellapart.models.contract.findings import Finding, broken, fine, note
from tellapart.models.subject import Subject

__all__ = ["probe_global_state", "probe_seeds", "probe_serialisation", "probe_shared_state"]


def probe_seeds(bench: Bench) -> Finding:
    """Build twice with one seed, from two global random states, and once with another seed."""
    made = []
    for state in (1, 2):
        with private_random(state):
            made.append(bench.build(quiet=True))
    first, second = made
    culprit = _first_difference(first, second) or _unlike(bench, first, second)
    if culprit is not None:
        return broken(
            "seeds",
            f"two subjects built with seed {bench.seed} differ in {culprit}.",
            "Everything follows from the seed: the same seed gives the same weights, whatever ran "
            "before.",
            "Call torch.manual_seed(seed) as the first line of the factory, or draw the weights "
            "from torch.Generator().manual_seed(seed).",
        )
    other = bench.build(bench.seed + 1, quiet=True)
    if first.n_parameters == 0:
        return fine("seeds", "the same seed gives the same subject; nothing is trainable")
    if _first_difference(first, other) is None and _unlike(bench, first, other) is None:
        return broken(
            "seeds",
            f"the seeds {bench.seed} and {bench.seed + 1} give the same weights.",
            "Another seed gives another start of training; otherwise runs over several seeds are "
            "one run.",
            "Use the argument seed of the factory in place of a constant.",
        )
    return fine("seeds", "one seed, one subject; another seed, another one")


def _first_difference(first: Subject, second: Subject) -> str | None:
    """Name the first weight or buffer that is not bitwise the same."""
    one, other = named_tensors(first), named_tensors(second)
    if one.keys() != other.keys():
        return sorted(one.keys() ^ other.keys())[0]
    return next((path for path in one if not same_bits(one[path], other[path])), None)


def _unlike(bench: Bench, first: Subject, second: Subject) -> str | None:
    """Name the first part that answers differently."""
    return _unequal(bench.answers(first), bench.answers(second))


def _unequal(first: Answers, second: Answers) -> str | None:
    for part in PARTS:
        if not same_bits(first.of(part), second.of(part)):
            return f"the answers of the {part}"
    return None


def probe_shared_state(bench: Bench) -> Finding:
    """Change the weights of one subject and see whether another one changes."""
    first, second = bench.build(quiet=True), bench.build(quiet=True)
    rule = "Each call of the factory returns a fresh subject; training one leaves others alone."
    fix = "Build all modules inside the factory, not at the top of a file, in a cache or a default."
    owners = {id(tensor): path for path, tensor in named_tensors(first).items()}
    places = {_storage(t): p for p, t in named_tensors(first).items() if _storage(t)}
    for path, tensor in named_tensors(second).items():
        if id(tensor) in owners or _storage(tensor) in places:
            return broken("shared-state", f"two subjects share {path}.", rule, fix)
    before = bench.answers(first)
    with perturb(second):
        bench.answers(second)
        culprit = _unequal(before, bench.answers(first))
    if culprit is not None:
        summary = f"{culprit} of one subject changed with the weights of another."
        return broken("shared-state", summary, rule, fix)
    return fine("shared-state", "two subjects have nothing in common")


def _storage(tensor: Tensor) -> int:
    """Return where the numbers are; 0: nowhere."""
    return 0 if tensor.is_meta else tensor.untyped_storage().data_ptr()


def probe_serialisation(bench: Bench) -> Finding:
    """Save and load the weights, copy the parts, and compare the answers bit by bit."""
    subject = bench.build(quiet=True)
    wanted = bench.answers(subject)
    wrong = _state_dicts(bench, subject, wanted)
    if wrong is not None:
        return wrong
    notes = []
    for part in PARTS:
        original = getattr(subject, part)
        for way in ("deepcopy", "pickle"):
            try:
                if way == "deepcopy":
                    twin = copy.deepcopy(original)
                else:
                    twin = pickle.loads(pickle.dumps(original))
            except Exception as error:  # whatever a user's object raises
                said = f"{way} of the {part} raised {type(error).__name__}: {error}"
                if way == "deepcopy":
                    fix = "Keep what cannot be copied (open files, streams) outside the parts."
                    rule = "A part can be copied: the best weights of a run are kept as a copy."
                    return broken("serialisation", f"{said}.", rule, fix)
                notes.append(said)
                continue
            culprit = _unequal(wanted, bench.answers(_with_part(subject, part, twin)))
            if culprit is not None:
                return broken(
                    "serialisation",
                    f"after {way} of the {part}, {culprit} are others.",
                    "A copy answers what the original answers.",
                    "Look for __getstate__, __deepcopy__ or a tensor that is made anew.",
                )
    if notes:
        return note(
            "serialisation",
            f"{notes[0]}.",
            "Weights can be saved and parts copied, but a part cannot be sent to another process.",
            "Define classes and functions at the top level of a file, and use no lambda.",
        )
    return fine("serialisation", "state_dict, deepcopy and pickle keep every answer")


def _with_part(subject: Subject, part: str, twin: object) -> Subject:
    parts = {name: getattr(subject, name) for name in PARTS} | {part: twin}
    return Subject(**parts, observations=subject.observations)


def _state_dicts(bench: Bench, subject: Subject, wanted: Answers) -> Finding | None:
    """Load the weights into a subject of another seed, which then has to answer the same."""
    target = bench.build(bench.seed + 1, quiet=True)
    shapes = {p: (t.shape, t.dtype) for p, t in named_tensors(subject).items()}
    if shapes != {p: (t.shape, t.dtype) for p, t in named_tensors(target).items()}:
        target = bench.build(quiet=True)  # the architecture depends on the seed
    inputs = subject.inputs(bench.mdp.n_obs, bench.rows)
    for part in PARTS:
        source, fresh = getattr(subject, part), getattr(target, part)
        if not isinstance(source, nn.Module) or not source.state_dict():
            continue
        try:
            fresh.load_state_dict(source.state_dict())
        except Exception as error:  # hooks of a user may raise anything
            return broken(
                "serialisation",
                f"loading the state_dict of the {part} raised {type(error).__name__}: {error}",
                "What state_dict() returns fits another subject of the same factory.",
                "Create all parameters in __init__, with the same names and shapes each time.",
            )
        mixed = _with_part(subject, part, fresh)
        if not same_bits(wanted.of(part), bench.answers(mixed, inputs).of(part)):
            return broken(
                "serialisation",
                f"the {part} answers differently after a round trip through state_dict.",
                "Weights that are saved and loaded give the same answers.",
                "Some state is not in the state_dict: make it an nn.Parameter, or register it "
                "with register_buffer (persistent=True).",
            )
    return None


def probe_global_state(bench: Bench) -> Finding:
    """See whether answering moves global random states, and whether building does."""
    dtype = torch.get_default_dtype()
    with private_random(3):
        before = random_state()
        subject = bench.build(quiet=True)
        built = _moved(before)
    changed = bench.dtype_set
    if changed != dtype:
        return broken(
            "global-state",
            f"the factory changed torch's default dtype from {dtype} to {changed}.",
            "A factory leaves the process as it found it: everything built later would change.",
            f"Pass dtype={changed} to the layers, or call module.to({changed}).",
        )
    with torch.no_grad():
        codes = bench.encode(subject)
        for part in PARTS:
            before = random_state()
            if part == "encoder":
                bench.encode(subject)
            elif part == "predictor":
                bench.predict(subject, codes)
            else:
                subject.head(codes)
            moved = _moved(before)
            if moved:
                return broken(
                    "global-state",
                    f"the {part} moves the global random state of {' and '.join(moved)}, in eval "
                    "mode.",
                    "Answering a question leaves global state alone: otherwise looking at a model "
                    "changes the training that follows.",
                    "Draw from an own torch.Generator, and only in train mode.",
                )
    if built:
        return note(
            "global-state",
            f"the factory moves the global random state of {' and '.join(built)}.",
            "That is usual (torch.manual_seed), and tellapart puts the state back; your own code "
            "after the call sees it moved.",
            "Where that matters draw weights from torch.Generator().manual_seed(seed), or build "
            "inside torch.random.fork_rng().",
        )
    return fine("global-state", "building and answering leave global random states alone")


def _moved(before: dict[str, object]) -> list[str]:
    after = random_state()
    return [name for name in before if before[name] != after[name]]
