"""What is not a certificate gives one clear error, whatever it is."""

import dataclasses
import json

import certificate_corruptions
import numpy as np
import pytest
from hand_certificate import by_hand, table
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.margin_checker.checker import check_margins
from tellapart.theory.networks.program import Program

HONEST = st.integers(0, 11).map(certificate_corruptions.honest_certificate)


@given(HONEST, st.data())
@settings(max_examples=80)
def test_any_entry_of_another_type_gives_one_clear_error_or_a_refusal(text, data):
    tree = json.loads(text)
    here, key = {"": tree}, ""
    while isinstance(here[key], dict | list) and here[key]:
        if key and data.draw(st.integers(0, 5)) == 0:
            break
        here = here[key]
        keys = sorted(here) if isinstance(here, dict) else range(len(here))
        key = data.draw(st.sampled_from(list(keys)))
    junk = [None, True, -1, 2**70, 1.5, "x", "1/0", [], {}, {"tuple": []}, {"float": "nan"},
            float("inf"), {"kind": "Program"}, [[]], 10**400]  # fmt: skip
    before = here[key]
    here[key] = data.draw(st.sampled_from(junk))
    changed = json.dumps(tree)
    try:
        accepted = bool(check_margins(changed))
    except InvalidArgumentError as error:
        assert str(error).startswith("This margin certificate cannot be read: ")  # noqa: PT017
    else:
        event("read")
        if accepted:  # then what it says is true, or says nothing
            true = certificate_corruptions.first_falsehood(changed)
            assert true in (None, "unreadable"), (before, here[key])


@given(HONEST, st.floats(0, 0.999))
@settings(max_examples=20)
def test_truncated_texts_are_an_error(text, share):
    with pytest.raises(InvalidArgumentError, match="the text is not JSON"):
        check_margins(text[: int(share * len(text))])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("dynamics_bounds", ["0", "0"], "2 entries; there must be 3, one for each transition"),
        ("dynamics_bounds", ["0", "0", None], "is None, not a rational"),
        ("dynamics_bounds", ["0", "0", "-1"], "is '-1', not a rational"),
        ("dynamics_bounds", ["0", "0", 0], "is 0, not a rational"),
        ("dynamics_bounds", ["0", "0", "0.5"], "is '0.5', not a rational"),
        ("dynamics_bounds", ["0", "0", "nan"], "is 'nan', not a rational"),
        ("dynamics_bounds", ["0", "0", "1/" + "9" * 5000], "not a rational"),
        ("aux_bounds", ["0", None, "0"], r"aux_bounds\[1\] must be a rational where"),
        ("margins", ["1", "1"], "2 entries; there must be 3, one for each pair"),
        ("margins", ["1", "1", "0"], "holds a margin that is not positive"),
        ("forms", ["label", "step", "guess"], "'guess', not a string of label, step, path"),
        ("forms", ["step", "step", "label"], "which no step claim rests on"),
        ("predictor_sources", ["norm", "norm"], "2 entries; there must be 1"),
        ("predictor_constants", ["-1"], "not a rational"),
    ],
)
def test_malformed_claims_are_an_error_that_names_the_place(field, value, message):
    data = json.loads(by_hand().to_json())
    data[field] = {"tuple": value}
    with pytest.raises(InvalidArgumentError, match=message):
        check_margins(json.dumps(data))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pairs": np.array([[1, 2], [1, 2], [0, 1]])}, "pairs does not list pairs x < y"),
        ({"pairs": np.array([[2, 1], [0, 2], [0, 1]])}, "pairs does not list pairs x < y"),
        ({"pairs": np.array([[1, 3], [0, 2], [0, 1]])}, "is 3, not an integer in 0..2"),
        ({"pairs": np.array([1, 2, 0])}, r"has the shape \[3\], not \[k, 2\]"),
        ({"pairs": np.array([[1.0, 2.0]])}, "dtype 'float64', not int64"),
        ({"supports": np.array([[-1, -1], [1, -1], [0, 1]])}, "no path claim rests on"),
        ({"supports": np.array([[-1, -1], [0, -1], [0, 3]])}, "is 3, not an integer in -1..2"),
        ({"paths": (((0, 7),),)}, "is 7, not an integer in 0..2"),
        ({"paths": (((0, 1, 2),),)}, "is not a pair of transitions"),
        ({"head_source": "feeling"}, "'feeling', not a string of points, norm"),
    ],
)
def test_malformed_arrays_are_an_error_that_names_the_place(changes, message):
    with pytest.raises(InvalidArgumentError, match=message):
        check_margins(by_hand(**changes))


def test_models_must_fit_the_system():
    model = by_hand().model
    for change, message in [
        ({"predictors": ()}, "has 0 programs for 1 actions"),
        ({"encoder": table(0, 1)}, r"gives the shape \[2, 1\], not \[3, 1\]"),
        ({"head": table(0, 1)}, r"model.head gives the shape \[2, 1\]"),
        ({"head": Program(((1, 2),), (), (), 0)}, r"model.head gives the shape \[1, 2\]"),
        ({"encoder": Program(((1, 1),), (), (), 0)}, "observations is not an array"),
        (
            {"encoder": Program(((1, 1),), (), (), 0), "observations": np.zeros((2, 1))},
            "observations has the shape",
        ),
    ]:
        with pytest.raises(InvalidArgumentError, match=message):
            check_margins(by_hand(model=dataclasses.replace(model, **change)))


@pytest.mark.parametrize("thing", [None, 3, b"{}", {}, by_hand().model])
def test_something_else_than_a_certificate_is_an_error(thing):
    with pytest.raises(InvalidArgumentError, match="give a MarginCertificate or the text"):
        check_margins(thing)
