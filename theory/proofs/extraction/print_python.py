"""Print what Coq extracts (``Extraction Language JSON``) as one Python module with types.

Usage: ``python print_python.py checker.json > extracted_checker.py``

Trusted, and therefore short: ``nat`` is ``int``, ``bool`` is ``bool``, functions are functions;
five functions of the standard library on ``nat``, recognised by their whole text, are operators of
Python; a match on ``nat`` compares with zero; ``if b then c else false`` is ``b and c``; a function
whose only calls of itself are the last thing it does is a loop. Anything else is an error.
"""

import json
import sys
from pathlib import Path
from textwrap import wrap
from typing import Any

__all__ = ["print_module"]

Term = dict[str, Any]

WIDTH = 100
COMPARISONS = {"eqb": "==", "leb": "<=", "ltb": "<"}
NAMES_OF_TYPES = {
    "nat": "int",
    "bool": "bool",
    "nat -> nat": "Table",
    "nat -> nat -> nat": "Table2",
    "nat -> bool": "Test",
}
#: What Coq's standard library says that they are, as :func:`outline` shows it.
BUILT_IN = {
    "eqb": "nat -> nat -> bool: n, m => "
    "[n | O: [m | O: True | S _: False] | S n': [m | O: False | S m': eqb(n', m')]]",
    "leb": "nat -> nat -> bool: n, m => [n | O: True | S n': [m | O: False | S m': leb(n', m')]]",
    "ltb": "nat -> nat -> bool: n, m => leb(S(n), m)",
    "min": "nat -> nat -> nat: n, m => [n | O: O | S n': [m | O: O | S m': S(min(n', m'))]]",
    "pred": "nat -> nat: n => [n | O: n | S u: u]",
}
RESERVED = {"value", "min", "max", "int", "bool", "Table", "Table2", "Test"}
HEADER = Path(__file__).with_name("header.txt")


def coq_type(t: Term) -> str:
    """Return a type in Coq's notation."""
    if t["what"] == "type:arrow":
        left, right = coq_type(t["left"]), coq_type(t["right"])
        return f"({left}) -> {right}" if " " in left else f"{left} -> {right}"
    return str(t["name"])


def outline(e: Term) -> str:
    """Return a term on one line, to compare it with :data:`BUILT_IN`."""
    match e:
        case {"what": "expr:rel", "name": known}:
            return str(known)
        case {"what": "expr:constructor", "name": known, "args": [*args]}:
            return f"{known}({', '.join(map(outline, args))})" if args else str(known)
        case {"what": "expr:apply", "func": {"what": "expr:global", "name": known}, "args": args}:
            return f"{known}({', '.join(map(outline, args))})"
        case {"what": "expr:lambda", "argnames": names, "body": body}:
            return f"{', '.join(names)} => {outline(body)}"
        case {"what": "expr:case", "expr": test, "cases": cases}:
            patterns = [" ".join([c["pat"]["name"], *c["pat"]["argnames"]]) for c in cases]
            bodies = [outline(c["body"]) for c in cases]
            parts = [f" | {each}: {body}" for each, body in zip(patterns, bodies, strict=True)]
            return f"[{outline(test)}{''.join(parts)}]"
    return f"({e['what']})"


def signature(t: Term) -> tuple[list[Term], Term]:
    """Split the type ``a -> b -> c`` into its arguments and its result."""
    arguments = []
    while t["what"] == "type:arrow":
        arguments.append(t["left"])
        t = t["right"]
    return arguments, t


def name(text: str) -> str:
    """Return a Coq name as a Python name."""
    if text in RESERVED:
        raise ValueError(f"the name {text!r} means something else in the printed module")
    return text.replace("'", "_")


def is_constant(e: Term, constructor: str) -> bool:
    """Tell whether an expression is the given truth value."""
    return bool(e["what"] == "expr:constructor" and e["name"] == constructor)


def is_comparison(e: Term) -> bool:
    """Tell whether a call is one of :data:`COMPARISONS`."""
    return e["func"]["what"] == "expr:global" and e["func"]["name"] in COMPARISONS


def branches(e: Term) -> tuple[str, Term, Term, str]:
    """Return ``bool`` or ``nat``, the branches (True or 0 first), the name bound in the second."""
    match [(c["pat"]["name"], c["pat"]["argnames"], c["body"]) for c in e["cases"]]:
        case [("True", [], yes), ("False", [], no)]:
            return "bool", yes, no, ""
        case [("O", [], zero), ("S", [bound], more)]:
            return "nat", zero, more, bound
    raise ValueError(f"a match that is not known: {e['cases']}")


def is_short(e: Term) -> bool:
    """Tell whether an expression needs no statements."""
    if e["what"] == "expr:case":
        kind, yes, no, _ = branches(e)
        return kind == "bool" and all(map(is_short, (e["expr"], yes, no)))
    return bool(e["what"] != "expr:let")


def mentions(e: Term, kind: str, called: str) -> int:
    """Count the places that name a global function or a variable (``expr:rel``)."""
    return json.dumps(e).count(json.dumps({"what": kind, "name": called}))


def tail_calls(e: Term, function: str) -> int:
    """Count the calls of a function that are the last thing an expression does."""
    if e["what"] == "expr:case":
        return sum(tail_calls(case["body"], function) for case in e["cases"])
    return int(e["what"] == "expr:apply" and e["func"].get("name") == function)


class Body:
    """Lines of one function; inner functions come before the line that uses them."""

    def __init__(self, functions: dict[str, Term], indent: str, loop: Term | None = None) -> None:
        self.functions = functions
        self.indent = indent
        self.loop = loop
        self.inner: set[str] = set()
        self.lines: list[str] = []

    def add(self, text: str) -> None:
        """Append a statement; a long ``return`` gets parentheses and several lines."""
        if len(self.indent + text) > WIDTH:
            text = f"return ({text.removeprefix('return ')})"
        further = self.indent + " " * 8
        self.lines += wrap(text, WIDTH, initial_indent=self.indent, subsequent_indent=further)

    def operand(self, e: Term) -> str:
        """Return an expression that an operator can be put next to."""
        call = e["what"] == "expr:apply" and not is_comparison(e)
        plain = call or (e["what"] != "expr:case" and not e.get("args"))
        return self.expression(e) if plain else f"({self.expression(e)})"

    def clause(self, e: Term) -> str:
        """Return an expression that ``and``, ``or`` or ``if`` can be put next to."""
        return self.operand(e) if e["what"] == "expr:case" else self.expression(e)

    def expression(self, e: Term) -> str:
        """Return an expression on one line."""
        match e:
            case {"what": "expr:rel"}:
                return name(e["name"])
            case {"what": "expr:constructor", "name": "S", "args": [number]}:
                return f"{self.operand(number)} + 1"
            case {"what": "expr:constructor", "args": []}:
                return {"O": "0", "True": "True", "False": "False"}[e["name"]]
            case {"what": "expr:case"} if is_short(e):
                return self.conditional(*branches(e)[1:3], e["expr"])
            case {"what": "expr:apply"}:
                return self.call(e["func"], e["args"])
        raise ValueError(f"an expression that is not known: {e}")

    def conditional(self, yes: Term, no: Term, test: Term) -> str:
        """Return ``and``, ``or`` or ``if`` within one expression."""
        if is_constant(no, "False"):
            chain = test["what"] == "expr:case" and is_constant(branches(test)[2], "False")
            return f"{(self.expression if chain else self.clause)(test)} and {self.clause(yes)}"
        if is_constant(yes, "True"):
            return f"{self.clause(test)} or {self.clause(no)}"
        return f"{self.clause(yes)} if {self.clause(test)} else {self.clause(no)}"

    def call(self, function: Term, arguments: list[Term]) -> str:
        """Return a call; operators for the functions of the standard library."""
        called = function["name"]
        if is_comparison({"func": function}):
            return f" {COMPARISONS[called]} ".join(map(self.operand, arguments))
        if function["what"] == "expr:global" and called == "pred":
            return f"max({self.operand(arguments[0])} - 1, 0)"
        if function["what"] == "expr:global" and called != "min":
            types = signature(self.functions[called]["type"])[0]
            roles = self.functions[called]["value"]["argnames"]
            parts = map(self.argument, arguments, types, roles)
            return f"{name(called)}({', '.join(parts)})"
        return f"{called}({', '.join(map(self.expression, arguments))})"

    def argument(self, e: Term, t: Term, role: str) -> str:
        """Return an argument; an anonymous function becomes an inner one, named by its role."""
        if e["what"] != "expr:lambda":
            return self.expression(e)
        if self.loop:
            raise ValueError("a function made inside a loop would see later values")
        while role in self.inner or mentions(e, "expr:rel", role):
            role += "_"
        self.inner.add(role)
        item = {"name": role, "type": t, "value": e}
        self.lines += function_lines(item, self.functions, self.indent)
        return role

    def finish(self, e: Term) -> None:
        """Print the statements that return the value of an expression."""
        if e["what"] == "expr:let":
            self.add(f"{name(e['name'])} = {self.expression(e['nameval'])}")
            self.finish(e["body"])
        elif e["what"] == "expr:case" and (self.loop or not is_short(e)):
            self.match(e, *branches(e))
        elif self.loop and tail_calls(e, self.loop["name"]):
            self.repeat(self.loop["value"]["argnames"], e["args"])
        else:
            self.add(f"return {self.expression(e)}")

    def repeat(self, parameters: list[str], arguments: list[Term]) -> None:
        """Print the next round of a loop; all parameters change at once, as in a call."""
        values = map(self.expression, arguments)
        pairs = [(name(p), v) for p, v in zip(parameters, values, strict=True) if v != name(p)]
        if pairs:
            left, right = zip(*pairs, strict=True)
            line = f"{', '.join(left)} = {', '.join(right)}"
            if len(self.indent + line) > WIDTH:
                raise ValueError(f"a round of a loop does not fit on a line: {line}")
            self.add(line)
        self.add("continue")

    def match(self, e: Term, kind: str, first: Term, second: Term, bound: str) -> None:
        """Print a match as statements."""
        test = self.expression(e["expr"])
        if kind == "nat" and e["expr"]["what"] != "expr:rel":
            self.add(f"value = {test}")
            test = "value"
        self.add(f"if {test} == 0:" if kind == "nat" else f"if {test}:")
        branch = Body(self.functions, self.indent + "    ", self.loop)
        branch.finish(first)
        self.lines += branch.lines
        if kind == "nat":
            self.add(f"{name(bound)} = {test} - 1")
        self.finish(second)


def function_lines(
    item: Term, functions: dict[str, Term], indent: str = "", doc: str = ""
) -> list[str]:
    """Return the lines of one function; one that calls itself becomes a loop."""
    value, (types, result) = item["value"], signature(item["type"])
    recursive = mentions(value, "expr:global", item["name"])
    if recursive != tail_calls(value["body"], item["name"]):
        raise ValueError(f"{item['name']} does more after calling itself; it cannot be a loop")
    names = [NAMES_OF_TYPES[coq_type(t)] for t in types]
    parameters = [f"{name(p)}:\0{t}" for p, t in zip(value["argnames"], names, strict=True)]
    end = f") -> {NAMES_OF_TYPES[coq_type(result)]}:"
    lines = [f"{indent}def {name(item['name'])}({', '.join(parameters)}{end}"]
    if len(lines[0]) > WIDTH:
        within = wrap(", ".join(parameters), WIDTH - 4)
        lines = [f"def {name(item['name'])}(", *(f"    {line}" for line in within), end]
    lines = [line.replace("\0", " ") for line in lines]
    inside = indent + "    "
    lines += [f'{inside}"""{doc}"""'] * bool(doc) + [f"{inside}while True:"] * bool(recursive)
    body = Body(functions, inside + "    " * bool(recursive), item if recursive else None)
    body.finish(value["body"])
    return lines + body.lines


def print_module(extracted: Term) -> str:
    """Return the Python module for a file that Coq extracted."""
    functions: dict[str, Term] = {}
    text = HEADER.read_text()
    for declaration in extracted["declarations"]:
        if declaration["what"] == "decl:ind":
            continue  # bool and nat: NAMES_OF_TYPES and branches know no others
        for item in declaration.get("fixlist", [declaration]):
            functions[item["name"]] = item
            if item["name"] not in BUILT_IN:
                doc = f"Compute ``{item['name']}`` of the proofs."
                text += "\n\n" + "\n".join(function_lines(item, functions, doc=doc)) + "\n"
            elif f"{coq_type(item['type'])}: {outline(item['value'])}" != BUILT_IN[item["name"]]:
                raise ValueError(f"{item['name']} is not the one of the standard library")
    return text


if __name__ == "__main__":
    print(print_module(json.loads(Path(sys.argv[1]).read_text())), end="")
