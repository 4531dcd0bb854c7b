"""The peers: how each is given a system, what is timed, and how its blocks are counted.

Every function takes an instance and returns the number of blocks and the CPU seconds of the
algorithm alone; building the tool's own model of the system is not timed.
"""

import importlib.metadata
import importlib.util
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bisimulation_families import chain_tables, random_tables
from peers_instances import Instance, trimmed_blocks

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["OURS", "PEERS", "Measured", "Peer", "aut_text", "boa_bytes", "expected_blocks"]


@dataclass(frozen=True)
class Measured:
    """One run: number of blocks, CPU seconds of the algorithm, peak MiB of a program if known."""

    blocks: int
    seconds: float
    peak_mib: float | None = None


@dataclass(frozen=True)
class Peer:
    """One tool.

    Attributes
    ----------
    name, run
        Name in the table, and the function that measures it.
    module, package, program
        What has to be importable (and its distribution), or to lie on the path.
    timed
        What the time includes, beyond refining the partition.
    most, most_labels
        Sizes above which it is not run.
    keeps
        ``"all"`` observations, the ``"reachable"`` ones, or the ``"live"`` ones: reachable and
        with label 1 ahead.
    """

    name: str
    run: Callable[[Instance], Measured]
    timed: str
    module: str = ""
    package: str = ""
    program: str = ""
    most: int = 10_000_000
    most_labels: int = 1000
    keeps: str = "all"

    @property
    def is_here(self) -> bool:
        """Whether it can be run."""
        if self.program:
            return shutil.which(self.program) is not None
        return importlib.util.find_spec(self.module.partition(".")[0]) is not None

    @property
    def version(self) -> str:
        """Version of the installed package; programs do not tell."""
        return importlib.metadata.version(self.package) if self.package else "on the path"

    def why_not(self, instance: Instance) -> str | None:
        """Return the rule by which an instance is left out, or None."""
        n = len(instance.labels)
        if n > self.most:
            return f"at most {self.most:,} observations"
        if instance.n_labels > self.most_labels:
            return f"at most {self.most_labels} labels"
        return None


def ours(instance: Instance) -> Measured:
    """Time what a user calls; the compiled kernels are loaded by small calls before."""
    for warm in (chain_tables(65), random_tables(2000, actions=3)):  # every kernel
        bisimulation(DeterministicMDP(*warm), method="compiled")
    mdp = DeterministicMDP(instance.successors, instance.labels)
    start = time.process_time()
    result = bisimulation(mdp)
    seconds = time.process_time() - start
    return Measured(result.partition.n_blocks, seconds)


def storm(instance: Instance) -> Measured:
    """Lump a Markov chain: action ``a`` has probability 2^a / (2^|A| - 1), so that sums tell."""
    import stormpy
    from stormpy import datastructures, models, transformations

    n, n_actions = instance.successors.shape
    order = np.argsort(instance.successors, axis=1, kind="stable")
    columns = np.take_along_axis(instance.successors, order, axis=1)
    opens = np.diff(columns, axis=1, prepend=-1) != 0  # one entry for actions with one successor
    places = np.flatnonzero(opens)
    weights = (2.0 ** np.arange(n_actions) / (2**n_actions - 1))[order]
    values = np.add.reduceat(weights.ravel(), places)
    builder = datastructures.SparseMatrixBuilder[float](n, n, len(places))
    entries = (places // n_actions).tolist(), columns.ravel()[places].tolist(), values.tolist()
    builder.add_next_values(*entries, [])
    labeling = models.StateLabeling(n)
    for label in range(instance.n_labels):
        labeling.add_label(f"L{label}")
        members = np.flatnonzero(instance.labels == label).tolist()
        labeling.set_states(f"L{label}", datastructures.BitVector(n, members))
    labeling.add_label("init")
    labeling.add_label_to_state("init", 0)
    chain = models.SparseDtmc[float](
        models.SparseModelComponents[float](
            transition_matrix=builder.build(), state_labeling=labeling
        )
    )
    text = ";".join(f'P=? [F "L{label}"]' for label in range(instance.n_labels))
    properties = stormpy.parse_properties(text)
    start = time.process_time()
    quotient = transformations.perform_bisimulation(chain, properties)
    return Measured(quotient.nr_states, time.process_time() - start)


def openfst(instance: Instance) -> Measured:
    """Minimise an acceptor; with more than two labels each has an arc of its own to one end."""
    import pynini

    n, n_actions = instance.successors.shape
    fst = pynini.Fst()
    one = pynini.Weight.one(fst.weight_type())
    fst.reserve_states(n + 1)
    fst.add_states(n)
    fst.set_start(0)
    extra = instance.n_labels > 2
    end = fst.add_state() if extra else 0
    labels = instance.labels.tolist()
    for o, row in enumerate(instance.successors.tolist()):
        for action, target in enumerate(row, start=1):
            fst.add_arc(o, pynini.Arc(action, action, one, target))
        if extra:
            letter = n_actions + 1 + labels[o]
            fst.add_arc(o, pynini.Arc(letter, letter, one, end))
        elif labels[o] == 1:
            fst.set_final(o, one)
    if extra:
        fst.set_final(end, one)
    start = time.process_time()
    fst.minimize()
    return Measured(fst.num_states() - extra, time.process_time() - start)


def automata_lib(instance: Instance) -> Measured:
    """Minimise a complete DFA whose final states are those of label 1."""
    from automata.fa.dfa import DFA

    n, n_actions = instance.successors.shape
    letters = [str(action) for action in range(n_actions)]
    rows = enumerate(instance.successors.tolist())
    dfa = DFA(
        states=set(range(n)),
        input_symbols=set(letters),
        transitions={o: dict(zip(letters, row, strict=True)) for o, row in rows},
        initial_state=0,
        final_states=set(np.flatnonzero(instance.labels == 1).tolist()),
    )
    start = time.process_time()
    small = dfa.minify()
    return Measured(len(small.states), time.process_time() - start)


def mata(instance: Instance) -> Measured:
    """Minimise a DFA by Hopcroft's algorithm, which wants useless states removed before."""
    from libmata.nfa.nfa import Nfa, minimize

    automaton = Nfa(len(instance.labels))
    automaton.make_initial_state(0)
    for o, row in enumerate(instance.successors.tolist()):
        for action, target in enumerate(row):
            automaton.add_transition(o, action, target)
    automaton.make_final_states(np.flatnonzero(instance.labels == 1).tolist())
    automaton.trim()
    start = time.process_time()
    small = minimize(automaton, {"algorithm": "hopcroft"})
    return Measured(small.num_of_states(), time.process_time() - start)


def bispy_split_edges(instance: Instance) -> Measured:
    """Refine a plain graph: a node for each transition, classed by its action."""
    import bispy
    import networkx as nx

    n, n_actions = instance.successors.shape
    graph = nx.DiGraph()
    graph.add_nodes_from(range(n * (n_actions + 1)))
    present = range(instance.n_labels)
    classes = [tuple(np.flatnonzero(instance.labels == label).tolist()) for label in present]
    for action in range(n_actions):
        nodes = range(n * (action + 1), n * (action + 2))
        classes.append(tuple(nodes))
        graph.add_edges_from(enumerate(nodes))
        targets = instance.successors[:, action].tolist()
        graph.add_edges_from(zip(nodes, targets, strict=True))
    start = time.process_time()
    found = bispy.compute_maximum_bisimulation(
        graph, initial_partition=classes, algorithm=bispy.Algorithms.PaigeTarjan
    )
    seconds = time.process_time() - start
    return Measured(sum(min(block) < n for block in found), seconds)


def aalpy_moore(instance: Instance) -> Measured:
    """Merge the states of a Moore machine that its characterisation set does not tell apart."""
    from aalpy.automata import MooreMachine, MooreState

    labels = instance.labels.tolist()
    states = [MooreState(str(o), label) for o, label in enumerate(labels)]
    for state, row in zip(states, instance.successors.tolist(), strict=True):
        state.transitions = {action: states[target] for action, target in enumerate(row)}
    machine = MooreMachine(states[0], states)
    machine.compute_prefixes = lambda: None  # would trip over what state 0 does not reach
    start = time.process_time()
    machine.minimize()
    return Measured(len(machine.states), time.process_time() - start)


def aut_text(instance: Instance) -> Iterable[str]:
    """Yield the lines of an Aldebaran file; a letter is an action with the label it starts from."""
    n, n_actions = instance.successors.shape
    labels = instance.labels.tolist()
    yield f"des (0,{n * n_actions},{n})\n"
    for o, row in enumerate(instance.successors.tolist()):
        for action, target in enumerate(row):
            yield f'({o},"a{action}_{labels[o]}",{target})\n'


def boa_bytes(instance: Instance) -> bytes:
    """Return Boa's binary format: a dictionary of headers, then one list for each observation.

    A header (tag = label, length = number of actions) is one byte, twice its place in the
    dictionary; a successor is four bytes, little endian, ``4 * index + 1``.
    """
    n, n_actions = instance.successors.shape
    headers = np.zeros(128, dtype="<u4")
    tags = np.arange(instance.n_labels, dtype="<u4")
    headers[: len(tags)] = ((tags << 16 | n_actions) << 1) | 1
    rows = np.empty(n, dtype=[("header", "u1"), ("targets", "<u4", (n_actions,))])
    rows["header"] = instance.labels << 1
    rows["targets"] = (instance.successors.astype("<u4") << 2) | 1
    return headers.tobytes() + bytes(8 * 128) + rows.tobytes()


def mcrl2(instance: Instance) -> Measured:
    """Run ``ltsconvert`` on a file; its own time of the reduction, without reading or writing."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "in.aut"), Path(folder, "out.aut")
        with source.open("w") as file:
            file.writelines(aut_text(instance))
        command = ["ltsconvert", "--equivalence=bisim", "--timings", str(source), str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        with target.open() as file:
            return read_mcrl2(done.stderr, file.readline())


def read_mcrl2(report: str, header: str) -> Measured:
    """Read the time from the report and the number of states from the header of the result."""
    seconds = re.search(r"reduction:\s*([\d.]+)", report)
    states = re.match(r"des\s*\(\s*\d+\s*,\s*\d+\s*,\s*(\d+)\s*\)", header)
    if seconds is None or states is None:
        raise ValueError(f"ltsconvert was not understood: {report!r}, {header!r}")
    return Measured(int(states[1]), float(seconds[1]), _children_mib())


def boa(instance: Instance) -> Measured:
    """Run ``boa nlogn`` on a file; its own time of the algorithm, without reading."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.boa")
        source.write_bytes(boa_bytes(instance))
        command = ["boa", "nlogn", str(source)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return read_boa(done.stdout)


def read_boa(report: str) -> Measured:
    """Read number of blocks and seconds from what Boa prints."""
    found = dict(re.findall(r"^(\w+): (.+)$", report, re.MULTILINE))
    if not {"n_states_min", "selfreport_time_s"} <= found.keys():
        raise ValueError(f"boa was not understood: {report!r}")
    seconds = float(found["selfreport_time_s"])
    return Measured(int(found["n_states_min"]), seconds, _children_mib())


def _children_mib() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


OURS = Peer(
    "tellapart", ours, "all blocks, canonical ids, depth, counts, word log; kernels are loaded",
    module="tellapart", package="tellapart",
)  # fmt: skip

PEERS = (
    Peer("Storm", storm, "quotient model", module="stormpy", package="stormpy"),
    Peer(
        "OpenFst", openfst, "removing useless states, smaller automaton",
        module="pynini", package="pynini", most=2_000_000, keeps="live",
    ),
    Peer(
        "libmata", mata, "smaller automaton (Hopcroft)", module="libmata",
        package="libmata", most=2_000_000, most_labels=2, keeps="live",
    ),
    Peer(
        "automata-lib", automata_lib, "removing unreachable states, smaller automaton",
        module="automata", package="automata-lib", most=200_000, most_labels=2, keeps="reachable",
    ),
    Peer(
        "BisPy", bispy_split_edges, "blocks", module="bispy", package="bispy", most=20_000
    ),
    Peer("AALpy", aalpy_moore, "merging in place", module="aalpy", package="aalpy", most=200),
    Peer("Boa", boa, "reverse table; self-reported", program="boa", most_labels=128),
    Peer("mCRL2", mcrl2, "self-reported", program="ltsconvert", keeps="all"),
)  # fmt: skip


def expected_blocks(instance: Instance) -> dict[str, int]:
    """Return how many blocks a tool must find, by what it keeps."""
    mdp = DeterministicMDP(instance.successors, instance.labels)
    partition = bisimulation(mdp).partition
    return {
        "all": partition.n_blocks,
        "reachable": trimmed_blocks(instance, partition, drops_dead=False),
        "live": trimmed_blocks(instance, partition, drops_dead=instance.n_labels <= 2),
    }
