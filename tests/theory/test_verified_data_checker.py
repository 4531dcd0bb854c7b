"""The extracted checkers of partial data: they agree with the fast ones and with brute force."""

import dataclasses
import importlib.util
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from tellapart.theory import extracted_checker, verified_data_checker
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain
from tellapart.theory.partial.chain import infeasibility
from tellapart.theory.partial.classes import forced_classes
from tellapart.theory.partial.merge_proof import merge_steps
from tellapart.theory.partial.pairs import separation_of
from tellapart.theory.partial.proof_checker import check_merges
from tellapart.theory.partition import Partition
from tellapart.theory.verified_data_checker import (
    check_admissible_verified,
    check_forced_verified,
    check_infeasibility_verified,
    check_separation_verified,
)

_SCRIPT = Path(__file__).parents[1] / "benchmarks" / "data_agreement.py"


def _load():
    name = "tellapart_data_agreement"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _SCRIPT)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


AGREEMENT = _load()


@st.composite
def some_data(draw, most=5):
    """Data with gaps, several successors and few labels."""
    n, m = draw(st.integers(2, most)), draw(st.integers(1, 2))
    observation = st.integers(0, n - 1)
    row = st.tuples(observation, st.integers(0, m - 1), observation)
    rows = draw(st.lists(row, min_size=1, max_size=2 * n))
    labels = draw(st.dictionaries(observation, st.integers(0, 2), max_size=n))
    return TransitionData(rows, labels, [f"o{o}" for o in range(n)], range(m))


SEEDS = st.integers(0, 2**32).map(random.Random)


@given(some_data(), SEEDS)
def test_what_the_library_claims_is_confirmed_and_true(data, rng):
    evidence = AGREEMENT.evidence_of(data, rng)
    event(type(evidence).__name__)
    assert AGREEMENT.verdicts(data, evidence) == (True, True)
    assert AGREEMENT.Truth(data).is_true(evidence)


@given(some_data(), SEEDS)
def test_corrupted_evidence_is_judged_alike_and_never_accepted_for_an_untrue_claim(data, rng):
    evidence = AGREEMENT.corrupted(data, AGREEMENT.evidence_of(data, rng), rng)
    extracted, fast = AGREEMENT.verdicts(data, evidence)
    event(f"{type(evidence).__name__} still accepted: {extracted}")
    assert extracted == fast, evidence
    assert not extracted or AGREEMENT.Truth(data).is_true(evidence)


@given(some_data(), st.data())
def test_a_partition_is_accepted_iff_it_is_admissible(data, draw):
    ids = draw.draw(st.lists(st.integers(0, 2), min_size=data.n_obs, max_size=data.n_obs))
    canonical = tuple(Partition(ids).ids.tolist())
    true = canonical in AGREEMENT.Truth(data).admissible
    event(f"admissible: {true}")
    assert check_admissible_verified(data, Partition(ids)).ok == true


@given(some_data(), st.data())
def test_wrong_hints_never_prove_what_is_not_true(data, draw):
    """The extracted function is sound whatever tables it is given: here they are arbitrary."""
    n, rows, steps = data.n_obs, data.n_transitions, draw.draw(st.integers(0, 2))
    table = st.lists(st.integers(0, n), min_size=n, max_size=n)
    blocks = draw.draw(st.lists(table, min_size=steps + 1, max_size=steps + 1))
    chosen = st.lists(st.integers(0, rows), min_size=steps, max_size=steps)
    first, second = draw.draw(chosen), draw.draw(chosen)
    u, v, x, y = (draw.draw(st.integers(0, n - 1)) for _ in range(4))
    columns = (data.sources.tolist(), data.action_ids.tolist(), data.targets.tolist())
    accepted = extracted_checker.accepts_clash(
        n,
        rows,
        *(column.__getitem__ for column in columns),
        [label + 1 for label in data.label_ids.tolist()].__getitem__,
        u,
        v,
        steps,
        first.__getitem__,
        second.__getitem__,
        lambda i, o: blocks[i][o],
        x,
        y,
    )
    event(f"accepted: {accepted}")
    admissible = AGREEMENT.Truth(data).admissible
    assert not accepted or all(ids[u] != ids[v] for ids in admissible)


@given(some_data(most=12))
def test_the_steps_of_forced_merges_are_few_and_each_is_needed_once(data):
    classes = forced_classes(data)
    steps = merge_steps(classes)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    ends = [frozenset([(s.x, s.x_next), (s.y, s.y_next)]) for s in steps]
    assert len({(s.action, end) for s, end in zip(steps, ends, strict=True)}) == len(steps)
    assert not data.is_functional or not steps
    shorter = check_forced_verified(data, classes.partition, steps[:-1])
    assert shorter.ok == check_merges(data, steps[:-1], classes.partition).ok


FORK = TransitionData([[0, 0, 1], [0, 0, 2], [1, 0, 3], [2, 0, 4]], {1: "round", 2: "square"})
WITNESS = infeasibility(FORK)
CLASSES = forced_classes(FORK)
STEPS = merge_steps(CLASSES)
CHAIN = TransitionData.from_mdp(counting_chain(9))
APART = separation_of(CHAIN, 0, 8)
SAME = separation_of(TransitionData([[0, 0, 1], [1, 0, 1]], {1: "a"}), 0, 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"steps": ()}, "are not joined, or have the same label"),
        ({"steps": (dataclasses.replace(STEPS[0], x_next=4), *STEPS[1:])}, "no row leads from 0"),
        ({"steps": (dataclasses.replace(STEPS[0], action=7), *STEPS[1:])}, "no action named 7"),
        ({"steps": STEPS[:0:-1]}, "sources do not share a code by the steps before it"),
        ({"steps": ("so it is",)}, "not made of steps"),
        ({"steps": None}, "not made of steps"),
        ({"clash": None}, "it needs a contradiction"),
        ({"clash": dataclasses.replace(WITNESS.clash, x=3)}, "3 does not have the label 'round'"),
        ({"clash": dataclasses.replace(WITNESS.clash, x=9)}, "no observation named 9"),
        ({"clash": dataclasses.replace(WITNESS.clash, x_label="square")}, "does not have the"),
        (
            {"clash": dataclasses.replace(WITNESS.clash, x=2, x_label="square")},
            "are not joined, or have the same label",
        ),
    ],
)
def test_refusals_of_a_witness_name_what_is_wrong(changes, reason):
    check = check_infeasibility_verified(FORK, dataclasses.replace(WITNESS, **changes))
    assert not check
    assert reason in check.explain()


@pytest.mark.parametrize(
    ("partition", "steps", "reason"),
    [
        (Partition([0, 1, 1, 2, 2]), STEPS[:1], "the steps end in another partition"),
        (Partition([0, 1, 1, 2, 3]), STEPS[:1], "two successors for one action"),
        (Partition([0, 0, 0, 0, 0]), STEPS, "the steps end in another partition"),
        (Partition([0, 1]), STEPS, "a partition of the 5 observations"),
        (None, STEPS, "a partition of the 5 observations"),
    ],
)
def test_refusals_of_forced_merges_name_what_is_wrong(partition, steps, reason):
    check = check_forced_verified(FORK, partition, steps)
    assert not check
    assert reason in check.reason
    assert not check_merges(FORK, steps, partition)


def test_refusals_of_models_and_pairs_name_what_is_wrong():
    assert "two labels" in check_admissible_verified(FORK, CLASSES.partition).reason
    assert "two successors" in check_admissible_verified(FORK, Partition.identity(5)).reason
    assert (
        "it needs a contradiction"
        in check_separation_verified(CHAIN, dataclasses.replace(APART, clash=None)).explain()
    )
    apart = dataclasses.replace(SAME, partition=Partition.identity(2))
    data = TransitionData([[0, 0, 1], [1, 0, 1]], {1: "a"})
    assert "does not merge 0 and 1" in check_separation_verified(data, apart).reason
    unknown = dataclasses.replace(SAME, x=5)
    assert "no observation named 5" in check_separation_verified(data, unknown).reason
    assert "not made of steps" in check_separation_verified(data, "0 and 1").reason


class Lying(Partition):
    """A partition that says of itself what it is not."""

    __slots__ = ()
    n_blocks = 99

    def same_block(self, x, y):
        return True

    def __eq__(self, other):
        return True

    __hash__ = Partition.__hash__


class Narrow(Lying):
    """One that has more ids than it counts."""

    __slots__ = ()
    n_blocks = 1


class TwoFaced(Partition):
    """One whose ids, when asked, are not those it answers by."""

    __slots__ = ()

    @property
    def ids(self):
        return np.arange(len(self), dtype=np.int32)


@pytest.mark.parametrize("partition", [Lying(range(9)), Narrow(range(9)), TwoFaced([0] * 9)])
def test_a_partition_that_lies_of_itself_merges_nothing(partition):
    """0 and 8 of the chain must be told apart; only the identity is admissible."""
    false = dataclasses.replace(APART, separated=False, steps=(), clash=None, partition=partition)
    check = check_separation_verified(CHAIN, false)
    assert check.reason == "the partition does not merge 0 and 8."


class Changing:
    """Evidence whose attributes are others when they are read again."""

    def __init__(self, first, then):
        self.first, self.then, self.reads = first, then, []

    def __getattr__(self, name):
        again = name in self.reads
        self.reads.append(name)
        return getattr(self.then if again else self.first, name)


def test_a_result_is_what_it_was_when_it_was_read():
    identity = dataclasses.replace(APART, separated=False, partition=Partition.identity(9))
    one_block = dataclasses.replace(identity, partition=Partition.single_block(9))
    for first, then in ((identity, one_block), (one_block, identity)):
        changing = Changing(first, then)
        assert not check_separation_verified(CHAIN, changing)
        assert len(changing.reads) == len(set(changing.reads))
    changing = Changing(APART, dataclasses.replace(APART, x=1, y=2))
    check = check_separation_verified(CHAIN, changing)
    assert check.reason == "every zero-loss encoder tells 0 and 8 apart."
    clash = Changing(WITNESS.clash, dataclasses.replace(WITNESS.clash, x=3, x_label="square"))
    witness = Changing(dataclasses.replace(WITNESS, clash=clash), None)
    assert check_infeasibility_verified(FORK, witness)
    steps = tuple(Changing(step, None) for step in STEPS)
    assert check_forced_verified(FORK, CLASSES.partition, steps)


@pytest.mark.parametrize("kind", [Lying, Narrow])
def test_blocks_are_counted_in_what_was_checked(kind):
    same = check_admissible_verified(CHAIN, kind(range(9)))
    assert same.reason == "a model with 9 codes has zero loss."
    forced = check_forced_verified(FORK, kind(CLASSES.partition.ids), STEPS)
    assert forced.reason == "the partition into 3 blocks is the forced one."


class Raises:
    """What raises an error of its own, in any way that it is read."""

    def __init__(self, error):
        self.__dict__["error"] = error

    def _give_up(self, *arguments):
        raise self.__dict__["error"]

    __getattr__ = __len__ = __iter__ = __eq__ = __ne__ = __bool__ = __hash__ = __repr__ = _give_up


ERRORS = [ValueError("no"), KeyError(3), IndexError("no"), TypeError("no"), RecursionError("no")]


@pytest.mark.parametrize("error", ERRORS)
def test_evidence_that_raises_when_it_is_read_is_refused(error):
    bad = Raises(error)

    class Broken(Partition):
        ids = property(lambda self: bad.ids)

    assert not check_infeasibility_verified(FORK, bad)
    assert not check_separation_verified(CHAIN, bad)
    assert not check_forced_verified(FORK, bad, bad)
    assert not check_forced_verified(FORK, CLASSES.partition, bad)
    assert not check_forced_verified(FORK, CLASSES.partition, [bad])
    assert not check_admissible_verified(FORK, bad)
    assert not check_admissible_verified(FORK, Broken(range(5)))
    for field in ("steps", "clash"):
        assert not check_infeasibility_verified(FORK, dataclasses.replace(WITNESS, **{field: bad}))
    for field in ("x", "y", "separated", "steps", "clash"):
        assert not check_separation_verified(CHAIN, dataclasses.replace(APART, **{field: bad}))
    for field in ("x", "y", "x_label", "y_label"):
        clash = dataclasses.replace(WITNESS.clash, **{field: bad})
        assert not check_infeasibility_verified(FORK, dataclasses.replace(WITNESS, clash=clash))
    for field in ("action", "x", "x_next", "y", "y_next"):
        step = dataclasses.replace(STEPS[0], **{field: bad})
        assert not check_forced_verified(FORK, CLASSES.partition, [step, *STEPS[1:]])


def test_values_of_the_wrong_kind_are_refused():
    array = dataclasses.replace(WITNESS.clash, x_label=np.array([1, 2]))
    assert not check_infeasibility_verified(FORK, dataclasses.replace(WITNESS, clash=array))
    maybe = dataclasses.replace(APART, separated=np.array([True, False]))
    assert "no True, no False" in check_separation_verified(CHAIN, maybe).reason
    endless = iter(lambda: STEPS[0], None)
    assert not check_forced_verified(FORK, CLASSES.partition, endless)


def test_a_long_proof_of_a_pair_is_confirmed():
    assert len(APART.steps) == 4
    check = check_separation_verified(CHAIN, APART)
    assert check.explain() == (
        "Evidence confirmed by the proof: every zero-loss encoder tells 0 and 8 apart."
    )
    assert not check_separation_verified(CHAIN, dataclasses.replace(APART, steps=APART.steps[1:]))


def test_what_it_does_not_take_is_an_error(monkeypatch):
    with pytest.raises(InvalidArgumentError, match="A str is not TransitionData"):
        check_infeasibility_verified("log.csv", WITNESS)
    monkeypatch.setattr(verified_data_checker, "MOST_TRANSITIONS", 3)
    with pytest.raises(InvalidArgumentError, match=r"5 observations and 4 transitions.*1000 and 3"):
        check_infeasibility_verified(FORK, WITNESS)
