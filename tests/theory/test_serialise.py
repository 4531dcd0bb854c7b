"""Results survive a round trip through JSON, whatever their names and labels are."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from tellapart.properties.strategies import deterministic_mdps
from tellapart.theory.audit import Audit, audit
from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.serialise import dumps, loads, register
from tellapart.theory.verdict import Judgement, judge


@given(deterministic_mdps())
def test_audit_survives_a_round_trip(mdp):
    findings = audit(mdp)
    again = Audit.from_json(findings.to_json())
    assert again == findings
    assert again.to_json() == findings.to_json()


def test_awkward_names_and_labels_survive():
    mdp = DeterministicMDP(
        [[0, 1], [1, 0], [2, 2]],
        labels=[Fraction(1, 3), "x", (1, 2.5, "y")],
        observations=[("a", 1), b"\x00\xff", "<ö>"],
        actions=[True, "no"],
    )
    findings = audit(mdp)
    again = Audit.from_json(findings.to_json())
    assert again.mdp == mdp
    assert again.mdp.observations == mdp.observations
    assert again.mdp.actions == mdp.actions
    assert again.mdp.labels == mdp.labels


def test_infinite_ratios_survive():
    mdp = DeterministicMDP([[0], [1]], labels=[0, 1])
    codes = np.zeros((2, 1))
    found = judge(bisimulation(mdp), codes, codes[mdp.successors], mdp.label_vectors)
    again = loads(dumps(found), Judgement)
    assert again == found
    assert again.resolution.dynamics_ratio == np.inf
    assert again.verdict is found.verdict


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '{"kind": "Nonsense"}', '{"kind": "Audit"}', '{"what": 1}', "3"]
)
def test_other_text_is_refused(text):
    with pytest.raises(InvalidArgumentError, match="saved"):
        loads(text, Audit)


def test_a_name_that_json_cannot_hold_is_refused():
    mdp = DeterministicMDP([[0]], labels=[0], observations=[frozenset([1])])
    with pytest.raises(InvalidArgumentError, match="frozenset"):
        audit(mdp).to_json()


def test_two_classes_of_one_name_cannot_both_be_registered():
    @dataclass(frozen=True)
    class Verdict:
        n: int

    Verdict.__name__, Verdict.__module__ = "CollapseWitness", "elsewhere"
    with pytest.raises(TypeError, match=r"elsewhere both register CollapseWitness"):
        register(Verdict)
