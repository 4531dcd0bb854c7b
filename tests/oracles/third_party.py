"""Bisimilarity according to unrelated libraries, as partitions; and a long comparison with them.

    python tests/oracles/third_party.py --examples 5000 --seed 0

Every MDP is refined by each of our engines and partitioned by each library that is installed: BisPy
(Paige-Tarjan on a graph with split edges), AALpy (a distinguishing sequence for every pair of
states of a Moore machine), automata-lib (minimal DFAs, one for each label) and, where `ltsconvert`
lies on the path, mCRL2. Exits with 1 and prints the MDP at the first difference.
"""

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from tellapart.theory.bisimulation import METHODS, bisimulation
from tellapart.theory.mdp import DeterministicMDP

__all__ = ["ORACLES", "available", "disagreement"]

Blocks = frozenset[frozenset[int]]


def _blocks(blocks: Iterable[Iterable[int]]) -> Blocks:
    return frozenset(frozenset(block) for block in blocks)


def bispy_blocks(mdp: DeterministicMDP) -> Blocks:
    """Use BisPy, which knows no actions: one node for each transition, classed by action."""
    import bispy
    import networkx as nx

    graph = nx.DiGraph()
    n, n_actions = mdp.n_obs, mdp.n_actions
    graph.add_nodes_from(range(n * (n_actions + 1)))
    labels = range(len(mdp.label_values))
    classes = [tuple(np.flatnonzero(mdp.label_ids == label).tolist()) for label in labels]
    for action in range(n_actions):
        nodes = range(n * (action + 1), n * (action + 2))
        classes.append(tuple(nodes))
        graph.add_edges_from(enumerate(nodes))
        graph.add_edges_from(zip(nodes, mdp.successors[:, action].tolist(), strict=True))
    found = bispy.compute_maximum_bisimulation(
        graph, initial_partition=classes, algorithm=bispy.Algorithms.PaigeTarjan
    )
    return _blocks(block for block in found if min(block) < n)


def moore_machine(mdp: DeterministicMDP):
    """Return AALpy's Moore machine of an MDP and its states, in order."""
    from aalpy.automata import MooreMachine, MooreState

    states = [MooreState(str(o), int(mdp.label_ids[o])) for o in range(mdp.n_obs)]
    for state, row in zip(states, mdp.successors.tolist(), strict=True):
        state.transitions = {action: states[target] for action, target in enumerate(row)}
    return MooreMachine(states[0], states), states


def aalpy_blocks(mdp: DeterministicMDP) -> Blocks:
    """Use AALpy: put together what it finds no distinguishing sequence for, pair by pair."""
    machine, states = moore_machine(mdp)
    letters = list(range(mdp.n_actions))
    blocks: list[list[int]] = []
    for o, state in enumerate(states):
        alike = [
            [machine.find_distinguishing_seq(states[other], state, letters) is None for other in b]
            for b in blocks
        ]
        if any(len(set(row)) > 1 for row in alike) or sum(row[0] for row in alike) > 1:
            raise ValueError(f"AALpy's relation is not transitive at observation {o}")
        home = next((b for b, row in zip(blocks, alike, strict=True) if row[0]), None)
        if home is None:
            blocks.append([o])
        else:
            home.append(o)
    return _blocks(blocks)


def automata_blocks(mdp: DeterministicMDP) -> Blocks:
    """Use automata-lib: states that are merged in the minimal DFA of every label.

    It drops what the initial state does not reach, so there is a root with a letter to each
    observation; those letters lead from everywhere else to a sink.
    """
    from automata.fa.dfa import DFA

    n = mdp.n_obs
    jumps = {f"to {o}": o for o in range(n)}
    fall = dict.fromkeys(jumps, "sink")
    moves = [f"action {action}" for action in range(mdp.n_actions)]
    transitions = {
        o: {**fall, **dict(zip(moves, row, strict=True))}
        for o, row in enumerate(mdp.successors.tolist())
    }
    transitions["sink"] = {**fall, **dict.fromkeys(moves, "sink")}
    transitions["root"] = {**jumps, **dict.fromkeys(moves, "sink")}
    seen: list[list[int]] = [[] for _ in range(n)]
    for label in range(len(mdp.label_values)):
        dfa = DFA(
            states=set(transitions),
            input_symbols={*jumps, *moves},
            transitions=transitions,
            initial_state="root",
            final_states=set(np.flatnonzero(mdp.label_ids == label).tolist()),
        )
        for number, merged in enumerate(dfa.minify(retain_names=True).states):
            for state in merged:
                if isinstance(state, int):
                    seen[state].append(number)
    together: dict[tuple[int, ...], list[int]] = {}
    for o, numbers in enumerate(seen):
        together.setdefault(tuple(numbers), []).append(o)
    return _blocks(together.values())


def mcrl2_blocks(mdp: DeterministicMDP) -> Blocks:
    """Use mCRL2: merge what ``ltscompare`` calls bisimilar, pair by pair of initial states."""
    blocks: list[list[int]] = []
    with tempfile.TemporaryDirectory() as folder:
        for o in range(mdp.n_obs):
            _write_aut(mdp, o, Path(folder, f"{o}.aut"))
        for o in range(mdp.n_obs):
            home = next((b for b in blocks if _mcrl2_bisimilar(folder, b[0], o)), None)
            if home is None:
                blocks.append([o])
            else:
                home.append(o)
    return _blocks(blocks)


def _write_aut(mdp: DeterministicMDP, start: int, path: Path) -> None:
    """Write the transitions; a letter is an action with the label that it starts from."""
    lines = [f"des ({start},{mdp.successors.size},{mdp.n_obs})"]
    for o, row in enumerate(mdp.successors.tolist()):
        label = mdp.label_ids[o]
        lines += [f'({o},"a{action}_{label}",{target})' for action, target in enumerate(row)]
    path.write_text("\n".join(lines) + "\n")


def _mcrl2_bisimilar(folder: str, x: int, y: int) -> bool:
    command = ["ltscompare", "--equivalence=bisim", f"{x}.aut", f"{y}.aut"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return read_ltscompare(done.stdout + done.stderr)


def read_ltscompare(report: str) -> bool:
    """Read whether mCRL2 found two systems equal."""
    found = re.search(r"LTSs are (not )?equal", report)
    if found is None:
        raise ValueError(f"ltscompare was not understood: {report!r}")
    return found[1] is None


#: Name of each library, what has to be there, and its partition.
ORACLES: Mapping[str, tuple[str, Callable[[DeterministicMDP], Blocks]]] = {
    "BisPy": ("bispy", bispy_blocks),
    "AALpy": ("aalpy", aalpy_blocks),
    "automata-lib": ("automata", automata_blocks),
    "mCRL2": ("ltscompare", mcrl2_blocks),
}


def available() -> tuple[str, ...]:
    """Return the names of the libraries and programs that are installed."""
    return tuple(
        name
        for name, (needed, _) in ORACLES.items()
        if importlib.util.find_spec(needed) or shutil.which(needed)
    )


def disagreement(mdp: DeterministicMDP, names: Iterable[str]) -> str | None:
    """Return which library and which engine partition an MDP differently, or None."""
    ours = {m: _blocks(bisimulation(mdp, method=m).partition.blocks) for m in METHODS}
    for name in names:
        theirs = ORACLES[name][1](mdp)
        for method, blocks in ours.items():
            if blocks != theirs:
                return f"{name} and method={method!r}"
    return None


def main() -> int:
    """Run the comparison."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    from engine_agreement import FAMILIES, draw

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=16, help="observations")
    options = parser.parse_args()
    names = available()
    rng = np.random.default_rng(options.seed)
    start = time.process_time()
    merged = deep = 0
    for number in range(options.examples):
        family = FAMILIES[number % len(FAMILIES)]
        mdp = draw(rng, family, options.most)
        found = disagreement(mdp, names)
        if found:
            print(f"example {number} ({family}): {found} give different partitions")
            print(f"successors={mdp.successors.tolist()}\nlabels={mdp.labels}")
            return 1
        result = bisimulation(mdp)
        merged += 1 < result.partition.n_blocks < mdp.n_obs
        deep += result.depth > 2
    print(
        f"{options.examples} MDPs: all engines agree with {', '.join(names)}; {merged} have some "
        f"but not all observations merged, {deep} have depth above 2 "
        f"({time.process_time() - start:.0f} s CPU)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
