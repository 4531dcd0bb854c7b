"""The independent checker: honest certificates are confirmed, and no false statement is."""

import ast
import dataclasses
import json
import random
from fractions import Fraction
from pathlib import Path

import certificate_corruptions
import certificate_truth
import numpy as np
import pytest
from hand_certificate import LATENT, by_hand, table, times
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.margin_checker import checker
from tellapart.theory.margin_checker.checker import MarginCheck, check_margins
from tellapart.theory.margins.certificate import MarginCertificate
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.networks.program import NetworkModel, Operation, Program

HONEST = st.integers(0, 11).map(certificate_corruptions.honest_certificate)


@given(HONEST)
@settings(max_examples=12)
def test_honest_certificates_are_confirmed_and_true(text):
    assert certificate_corruptions.first_falsehood(text) is None
    check = check_margins(text)
    assert check, check.explain()
    assert check == check_margins(MarginCertificate.from_json(text))
    assert MarginCheck.from_json(check.to_json()) == check
    assert check.n_claims == len(MarginCertificate.from_json(text).forms)
    assert check.covers_all == (check.n_missing == 0)


@given(HONEST, st.sampled_from(sorted(certificate_corruptions.CORRUPTIONS)), st.integers(0, 10**6))
@settings(max_examples=100)
def test_single_corruptions_that_make_a_statement_false_are_refused(text, kind, seed):
    changed = certificate_corruptions.corrupted(text, kind, random.Random(seed))
    if changed is None:
        return
    reason = certificate_corruptions.first_falsehood(changed)
    event("false" if reason else "still true")
    if reason is not None:
        assert not certificate_corruptions.accepts(changed), reason


def test_the_script_counts_what_it_refused():
    found = certificate_corruptions.survey(20, seed=3, n_certificates=6)
    assert sum(found["false"].values()) == 20
    assert not any(found["accepted"].values())


@given(HONEST, st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_weaker_statements_stay_confirmed(text, rng):
    """A claim that no step rests on may be lowered, and a bound that no step uses be raised."""
    certificate = MarginCertificate.from_json(text)
    ends = [o for _, _, o in certificate_truth.Evaluated(certificate).transitions]
    rows = zip(certificate.forms, certificate.supports.tolist(), strict=True)
    steps = [support for form, support in rows if form == "step"]
    led_to = [sorted(ends[k] for k in support) for support in steps]
    data = json.loads(text)
    margins, bounds = data["margins"]["tuple"], data["dynamics_bounds"]["tuple"]
    for i, pair in enumerate(certificate.pairs.tolist()):
        if pair not in led_to and rng.random() < 0.5:
            margins[i] = certificate_corruptions.scaled(margins[i], "1/3")
    for k, bound in enumerate(bounds):
        if not any(k in support for support in steps):
            bounds[k] = str(Fraction(bound) + 1)
    data["model"]["dtype"] = "float32"
    assert check_margins(json.dumps(data))


@given(HONEST)
@settings(max_examples=12)
def test_fewer_claims_are_confirmed_but_no_longer_cover_all(text):
    certificate = MarginCertificate.from_json(text)
    labels = [i for i, form in enumerate(certificate.forms) if form == "label"]
    fewer = dataclasses.replace(
        certificate,
        pairs=certificate.pairs[labels],
        margins=tuple(certificate.margins[i] for i in labels),
        forms=tuple(certificate.forms[i] for i in labels),
        supports=certificate.supports[labels],
    )
    check = check_margins(fewer)
    assert check.holds
    assert check.n_missing == check.n_required - len(labels)
    if check.n_missing:
        assert f"{check.n_missing} of the {check.n_required} pair" in check.explain()
    assert check.covers_all == (check.n_missing == 0)


def test_exact_models_have_exact_margins():
    check = check_margins(by_hand())
    assert check.explain() == (
        "Margin certificate confirmed: 3 claims proved; all 3 pairs that must be told apart have "
        "one."
    )
    assert (check.n_claims, check.n_required, check.n_missing) == (3, 3, 0)
    assert check.covers_all


def test_paths_hold_in_either_orientation():
    for steps in (((0, 1),), ((1, 0),)):
        path = by_hand(forms=("label", "label", "path"), paths=(steps,),
                       supports=np.array([[-1, -1], [-1, -1], [0, -1]]))  # fmt: skip
        assert check_margins(path)


LITTLE = Fraction(1, 10**40)


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"margins": (str(1 + LITTLE), "1", "1")}, "the label claim on 'b' and 'c' fails: a dist"),
        ({"margins": ("1", str(2 + LITTLE), "1")}, "the path claim on 'a' and 'c' fails: a dist"),
        ({"margins": ("1", "1", str(1 + LITTLE))}, "the step claim on 'a' and 'b' fails: a dist"),
        ({"head_constant": str(2 - LITTLE)}, "is not shown to be a constant of the head for 'b'"),
        ({"head_constant": "0"}, "0 is not shown to be a constant of the head"),
        ({"head_constant": None}, "there is no positive constant of the head"),
        ({"head_constant": str(2 - LITTLE), "head_source": "norm"}, "the norm of the head is not"),
        ({"predictor_constants": ("1/2",)}, "1/2 is not shown to be a constant of action 'up'"),
        ({"predictor_constants": (None,)}, "there is no positive constant of action 'up'"),
        ({"predictor_constants": ("3/2",)}, "the step claim on 'a' and 'b' fails"),
        ({"predictor_constants": ("9/10",), "predictor_sources": ("norm",)}, "norm of action 'up'"),
        ({"dynamics_bounds": ("0", "1/4", "0")}, "the step claim on 'a' and 'b' fails"),
        ({"aux_bounds": ("0", "1/4", "0")}, "the label claim on 'b' and 'c' fails"),
        ({"supports": np.array([[-1, -1], [0, -1], [0, 2]])}, "are not one action from both"),
        ({"paths": (((0, 2), (1, 2)),)}, "the path claim on 'a' and 'c' fails: a distance"),
        ({"paths": (((0, 1),),)}, "is not one action from 'a' and 'c'"),
    ],
)
def test_refusals_name_the_false_statement(changes, failure):
    check = check_margins(by_hand(**changes))
    assert not check.holds
    assert not check.covers_all
    assert failure in check.failure
    assert check.explain() == f"Margin certificate refused: {check.failure}."


def test_norms_are_accepted_where_they_bound_every_slope():
    wide = {"predictor_constants": ("2",), "predictor_sources": ("norm",),
            "margins": ("1", "1", "1/2"), "head_source": "norm"}  # fmt: skip
    assert check_margins(by_hand(**wide))


def test_residuals_are_named():
    shifted = by_hand().model
    moved = dataclasses.replace(shifted, encoder=table(0, 1.25, 2))
    assert check_margins(by_hand(model=moved)).failure == (
        "the dynamics residual of ('a', 'up', 'b') is not shown to be at most 0"
    )
    head = dataclasses.replace(shifted, head=times(1.0))
    assert check_margins(by_hand(model=head)).failure == (
        "the label residual of 'b' is not shown to be at most 0"
    )


def test_claims_that_rest_on_each_other_are_refused():
    """Every inequality holds here, with a contraction; but nothing starts the chain."""
    mdp = DeterministicMDP([[1], [0], [3], [2]], ["p", "p", "q", "q"])
    model = NetworkModel(table(0, 0, 0, 0), (times(0.5),), times(0.0), None, "float64")
    head = Program(LATENT, (np.zeros((1, 2)),), (Operation("matmul", (0, 1), (1, 2)),), 2)
    lie = MarginCertificate(
        mdp, dataclasses.replace(model, head=head), ("0",) * 4, ("1",) * 4, ("1/2",), ("norm",),
        None, "points", np.array([[0, 2], [1, 3]]), ("8", "8"), ("step", "step"),
        np.array([[0, 2], [1, 3]]), (),
    )  # fmt: skip
    check = check_margins(lie)
    assert check.failure == "the claim on 0 and 2 rests on itself"
    alone = dataclasses.replace(
        lie, pairs=lie.pairs[:1], margins=("8",), forms=("step",), supports=lie.supports[:1]
    )
    assert "there is no claim on 1 and 3" in check_margins(alone).failure


def test_constants_of_nothing_prove_nothing():
    """With a constant head the number 0 is a true K, and must not divide."""
    mdp = DeterministicMDP([[0], [1]], [0.0, 1.0])
    model = NetworkModel(table(0, 0), (times(1.0),), times(0.0, 0.5), None, "float64")
    lie = MarginCertificate(
        mdp, model, ("0", "0"), ("1/2", "1/2"), ("1",), ("points",), "0", "norm",
        np.array([[0, 1]]), ("5",), ("label",), np.array([[-1, -1]]), (),
    )  # fmt: skip
    assert "no positive constant of the head" in check_margins(lie).failure
    path = dataclasses.replace(lie, forms=("path",), supports=np.array([[0, -1]]), paths=((),))
    assert "does not follow" in check_margins(path).failure


def test_equal_codes_have_equal_images_only_under_open_programs():
    mdp = DeterministicMDP([[0], [1]], [0.0, 0.0])
    closed = Program((), (np.array([[0.0], [9.0]]),), (), 0)
    none = np.zeros((0, 2), dtype=np.int64)
    fields = (("0", "9"), ("0", "0"), ("1",), ("points",), "0", "points", none, (), (), none, ())
    model = NetworkModel(table(0, 0), (times(7.0),), times(0.0), None, "float64")
    assert check_margins(MarginCertificate(mdp, model, *fields)).covers_all
    lists = dataclasses.replace(model, predictors=(closed,))
    failure = check_margins(MarginCertificate(mdp, lists, *fields)).failure
    assert failure == "1 is not shown to be a constant of action 0 for 0 and 1"
    norm = (*fields[:3], ("norm",), *fields[4:])
    assert "closed program" in check_margins(MarginCertificate(mdp, lists, *norm)).failure


def test_tiny_scales_are_resolved():
    """Codes of size 1e-60: the number of digits follows what is claimed."""
    mdp = DeterministicMDP([[0], [1]], [0.0, 1.0])
    tanh = Operation("tanh", (0,), (1, 1))
    head = Program(LATENT, (np.array([[1e60]]),), (tanh, Operation("mul", (2, 1), (1, 1))), 3)
    stay = Program(LATENT, (), (), 0)
    model = NetworkModel(table(0, 1e-60), (stay,), head, None, "float64")
    honest = MarginCertificate(
        mdp, model, ("0", "0"), (f"1/{10**15}",) * 2, ("1",), ("norm",),
        str(Fraction(10**60) * (1 + LITTLE) + 10**45), "norm", np.array([[0, 1]]),
        (f"9/{10**61}",), ("label",), np.array([[-1, -1]]), (),
    )  # fmt: skip
    assert check_margins(honest).covers_all
    assert not check_margins(dataclasses.replace(honest, margins=(f"11/{10**61}",)))


def test_partial_data_with_missing_labels():
    data = TransitionData([[0, 0, 1], [1, 0, 2]], {2: 2.0, 1: 0.0}, ["a", "b", "c"], ["up"])
    base = by_hand()
    fields = {"system": data, "dynamics_bounds": ("0", "0"), "aux_bounds": (None, "0", "0")}
    check = check_margins(dataclasses.replace(base, **fields))
    assert "the path claim on 'a' and 'c' fails: the path ends at 'a'" in check.failure
    fewer = dataclasses.replace(
        base, **fields, pairs=base.pairs[[0, 2]], margins=("1", "1"), forms=("label", "step"),
        supports=base.supports[[0, 2]],
    )  # fmt: skip
    assert check_margins(fewer).covers_all
    label = dataclasses.replace(fewer, forms=("label", "label"), supports=base.supports[[0, 0]])
    assert "they are not both labelled" in check_margins(label).failure


# -- texts that cannot be read --------------------------------------------------------------------


def test_progress_is_told():
    told = []
    check_margins(by_hand(), progress=lambda *moment: told.append(moment))
    assert {stage for stage, *_ in told} == {"margin check"}
    assert {name for *_, name in told} >= {"constants", "claims", "labels"}
    assert all(0 <= done < total for _, done, total, _ in told)


def test_the_checker_shares_nothing_with_what_makes_certificates():
    allowed = {"errors", "serialise", "margins.certificate"}
    modules = sorted(Path(checker.__file__).parent.glob("*.py"))
    assert len(modules) >= 5
    for path in modules:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [a.name for node in ast.walk(tree) if isinstance(node, ast.Import)
                  for a in node.names]  # fmt: skip
        for name in names:
            inside = name.removeprefix("tellapart.theory.")
            own = inside.startswith("margin_checker.")
            if name.startswith("tellapart"):
                assert (
                    own or (path.name == "checker.py" and inside in allowed) or inside == "errors"
                )
