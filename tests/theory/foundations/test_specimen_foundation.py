"""Foundations of counterexamples: one for each hypothesis, each checked once more."""

from dataclasses import replace

import pytest

from tellapart.properties.proofs.statements import STATEMENTS
from tellapart.theory.counterexamples.search import smallest_counterexamples
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.foundations.specimens import specimen_foundation
from tellapart.theory.hypotheses import Hypothesis

CONTRADICTED = {"determinism", "action_conditioning", "markov_observation"}


@pytest.mark.parametrize("hypothesis", Hypothesis)
def test_each_hypothesis_rests_on_what_its_checker_compares(hypothesis):
    specimen = smallest_counterexamples(hypothesis).specimens[0]
    found = specimen_foundation(specimen, minimal=True)
    forced = hypothesis.value in CONTRADICTED
    assert found.statements == (("S2", "S4", "S7") if forced else ("D4", "S4", "S7", "S8"))
    assert set(found.statements) <= STATEMENTS.keys()
    assert found.checkers == ("specimen checker",)
    assert not found.measured
    assert found.claim.startswith(f"Without {hypothesis}, ")
    assert found.grounds[-1].checkers == ()  # that nothing is smaller
    assert specimen_foundation(specimen).grounds == found.grounds[:-1]


def test_what_is_no_counterexample_has_no_foundation():
    specimen = smallest_counterexamples("dynamics_loss").specimens[0]
    with pytest.raises(InvalidArgumentError, match="no counterexample"):
        specimen_foundation(replace(specimen, word=()))
    with pytest.raises(InvalidArgumentError, match="needs a Specimen"):
        specimen_foundation("aux_loss")
