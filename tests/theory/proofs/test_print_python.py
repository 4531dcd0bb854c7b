"""The printer of extracted code: what it prints computes the same, and it refuses the unknown."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

SOURCE = Path(__file__).parents[3] / "theory" / "proofs" / "extraction" / "print_python.py"


@pytest.fixture(scope="module")
def printer():
    spec = importlib.util.spec_from_file_location("print_python", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rel(name):
    return {"what": "expr:rel", "name": name}


def glob(name):
    return {"what": "type:glob", "name": name, "args": []}


def arrow(*types):
    first, *rest = types
    return {"what": "type:arrow", "left": first, "right": arrow(*rest)} if rest else first


def apply(name, *arguments, kind="global"):
    function = {"what": f"expr:{kind}", "name": name}
    return {"what": "expr:apply", "func": function, "args": list(arguments)}


def constructor(name, *arguments):
    return {"what": "expr:constructor", "name": name, "args": list(arguments)}


def lambda_(names, body):
    return {"what": "expr:lambda", "argnames": names, "body": body}


def case(e, *cases):
    return {
        "what": "expr:case",
        "expr": e,
        "cases": [
            {
                "what": "case",
                "pat": {"what": "pat:constructor", "name": n, "argnames": a},
                "body": b,
            }
            for n, a, b in cases
        ],
    }


def if_(test, yes, no):
    return case(test, ("True", [], yes), ("False", [], no))


NAT, BOOL = glob("nat"), glob("bool")
TRUE, FALSE = constructor("True"), constructor("False")
S = "S"


def nat_case(variable, bound, zero, more):
    return case(rel(variable), ("O", [], zero), (S, [bound], more))


def again(function):
    return apply(function, rel("n'"), rel("m'"))


#: The functions of the standard library as Coq extracts them.
LIBRARY = {
    "eqb": nat_case("n", "n'", nat_case("m", "_", TRUE, FALSE),
                    nat_case("m", "m'", FALSE, again("eqb"))),
    "leb": nat_case("n", "n'", TRUE, nat_case("m", "m'", FALSE, again("leb"))),
    "ltb": apply("leb", constructor(S, rel("n")), rel("m")),
    "min": nat_case("n", "n'", constructor("O"),
                    nat_case("m", "m'", constructor("O"), constructor(S, again("min")))),
}  # fmt: skip
STANDARD = [
    {
        "what": "decl:term",
        "name": n,
        "type": arrow(NAT, NAT, NAT if n == "min" else BOOL),
        "value": lambda_(["n", "m"], body),
    }
    for n, body in LIBRARY.items()
]
STANDARD.append(
    {
        "what": "decl:term",
        "name": "pred",
        "type": arrow(NAT, NAT),
        "value": lambda_(["n"], nat_case("n", "u", rel("n"), rel("u"))),
    }
)


def run(printer, *functions):
    """Print a module of these functions and execute it."""
    declared = [{"what": "decl:term", "name": n, "type": t, "value": v} for n, t, v in functions]
    text = printer.print_module({"declarations": STANDARD + declared})
    scope = {}
    exec(compile(text, "printed", "exec"), scope)
    return scope


#: Truth values with their value in Python, over the variables p, q and r.
LEAVES = st.sampled_from(
    [
        (apply("eqb", rel("p"), rel("q")), lambda p, q, r: p == q),
        (apply("ltb", rel("q"), rel("r")), lambda p, q, r: q < r),
        (apply("leb", constructor("S", rel("p")), rel("r")), lambda p, q, r: p + 1 <= r),
        (
            apply("eqb", rel("p"), if_(apply("ltb", rel("q"), rel("r")), rel("q"), rel("r"))),
            lambda p, q, r: p == (q if q < r else r),
        ),
        (
            apply("leb", apply("pred", rel("p")), apply("min", rel("q"), constructor("O"))),
            lambda p, q, r: max(p - 1, 0) <= min(q, 0),
        ),
        (TRUE, lambda p, q, r: True),
        (FALSE, lambda p, q, r: False),
    ]
)
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.tuples(inner, inner, inner).map(
        lambda t: (
            if_(t[0][0], t[1][0], t[2][0]),
            lambda *v: t[1][1](*v) if t[0][1](*v) else t[2][1](*v),
        )
    ),
    max_leaves=12,
)
NUMBERS = st.integers(0, 3)


@given(FORMULAS, NUMBERS, NUMBERS, NUMBERS)
def test_nested_conditions_keep_their_meaning(printer, formula, p, q, r):
    term, meaning = formula
    scope = run(printer, ("f", arrow(NAT, NAT, NAT, BOOL), lambda_(["p", "q", "r"], term)))
    assert scope["f"](p, q, r) == meaning(p, q, r)


LOOP = (
    "all_below",
    arrow(NAT, arrow(NAT, BOOL), BOOL),
    lambda_(
        ["n", "test"],
        case(
            rel("n"),
            ("O", [], TRUE),
            ("S", ["i"], if_(apply("test", rel("i"), kind="rel"),
                             apply("all_below", rel("i"), rel("test")), FALSE)),
        ),
    ),
)  # fmt: skip


def test_recursion_at_the_end_becomes_a_loop_of_any_length(printer):
    scope = run(printer, LOOP)
    assert scope["all_below"](100_000, lambda i: i >= 0)
    assert not scope["all_below"](100_000, lambda i: i != 7)


@given(st.integers(0, 4), st.integers(0, 4))
def test_two_inner_functions_of_one_role_are_kept_apart(printer, p, q):
    def below(bound):
        return apply("all_below", rel(bound), lambda_(["j"], apply("ltb", rel("j"), rel("p"))))

    body = if_(below("p"), below("q"), FALSE)
    scope = run(printer, LOOP, ("f", arrow(NAT, NAT, BOOL), lambda_(["p", "q"], body)))
    assert scope["f"](p, q) == (q <= p)


@given(st.integers(0, 5), st.integers(0, 5))
def test_an_inner_function_does_not_hide_a_variable_of_its_name(printer, p, q):
    inner = lambda_(["j"], apply("leb", rel("j"), rel("test")))
    body = apply("all_below", rel("p"), inner)
    scope = run(printer, LOOP, ("f", arrow(NAT, NAT, BOOL), lambda_(["p", "test"], body)))
    assert scope["f"](p, q) == all(j <= q for j in range(p))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (case(rel("p"), ("Nil", [], TRUE), ("Cons", ["x"], TRUE)), "a match that is not known"),
        (if_(apply("f", rel("p")), FALSE, TRUE), "does more after calling itself"),
        ({"what": "expr:axiom"}, "an expression that is not known"),
        (rel("min"), "means something else"),
    ],
)
def test_the_unknown_is_an_error(printer, value, message):
    with pytest.raises(ValueError, match=message):
        run(printer, ("f", arrow(NAT, BOOL), lambda_(["p"], value)))


def test_another_function_under_a_name_of_the_standard_library_is_an_error(printer):
    with pytest.raises(ValueError, match="eqb is not the one of the standard library"):
        run(printer, ("eqb", arrow(BOOL, BOOL, BOOL), lambda_(["b", "c"], TRUE)))


def test_types_that_are_not_known_are_an_error(printer):
    with pytest.raises(KeyError, match="list"):
        run(printer, ("f", arrow(glob("list"), BOOL), lambda_(["p"], TRUE)))


@pytest.mark.parametrize(
    ("function", "body"),
    [
        ("min", rel("m")),
        ("min", nat_case("n", "n'", rel("m"), again("min"))),
        ("eqb", apply("leb", rel("n"), rel("m"))),
        ("ltb", apply("leb", rel("n"), rel("m"))),
        ("leb", LIBRARY["eqb"]),
    ],
)
def test_a_home_made_function_of_the_same_name_and_type_is_an_error(printer, function, body):
    t = arrow(NAT, NAT, NAT if function == "min" else BOOL)
    with pytest.raises(ValueError, match=f"{function} is not the one of the standard library"):
        run(printer, (function, t, lambda_(["n", "m"], body)))


@given(st.integers(0, 6), NUMBERS, NUMBERS)
def test_a_round_of_a_loop_changes_all_parameters_at_once(printer, rounds, a, b):
    body = nat_case("n", "i", rel("a"), apply("swap", rel("i"), rel("b"), rel("a")))
    swap = ("swap", arrow(NAT, NAT, NAT, NAT), lambda_(["n", "a", "b"], body))
    assert run(printer, swap)["swap"](rounds, a, b) == (a, b)[rounds % 2]
