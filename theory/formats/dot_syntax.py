"""The DOT language: nodes, edges and attributes of one directed graph, with line numbers.

The whole grammar is read (defaults, subgraphs, chains of edges, ports, comments, joined strings);
what the attributes mean for a system is said in :mod:`tellapart.theory.formats.dot`.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tellapart.theory.errors import FileFormatError

__all__ = ["DotGraph", "parse_dot"]

#: Deeper nesting of subgraphs is refused.
MAX_DEPTH = 100

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/|(?<![^\n])\#[^\n]*)
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<html><)
    |(?P<edge>->|--)
    |(?P<id>-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)|[A-Za-z_\x80-\U0010ffff][0-9A-Za-z_\x80-\U0010ffff]*)
    |(?P<mark>[{}\[\];,=:+])""",
    re.DOTALL | re.VERBOSE,
)
_TAGS = re.compile(r"[<>]")

Attributes = dict[str, str]


@dataclass
class DotGraph:
    """One directed graph as its file has it.

    Attributes
    ----------
    nodes
        Attributes of each node, in order of first appearance.
    edges
        Source, target and attributes of each edge, in order.
    attributes
        Attributes of the graph itself.
    """

    nodes: dict[str, Attributes] = field(default_factory=dict)
    edges: list[tuple[str, str, Attributes]] = field(default_factory=list)
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "id", "quoted" (also HTML), "edge", a mark itself, or "end"
    text: str
    start: int


def parse_dot(text: str) -> DotGraph:
    r"""Parse DOT text with one directed graph.

    Quotes are taken off and ``\"`` becomes ``"``; other escapes stay for who knows their meaning.

    Raises
    ------
    FileFormatError
        For text that is not DOT, an undirected graph, or several graphs, naming the line.

    Notes
    -----
    O(length), and the number of edges.

    Examples
    --------
    >>> graph = parse_dot('digraph { a [label="off"]; a -> b -> a [label=press] }')
    >>> graph.nodes
    {'a': {'label': 'off'}, 'b': {}}
    >>> graph.edges
    [('a', 'b', {'label': 'press'}), ('b', 'a', {'label': 'press'})]
    """
    return _Parser(text).parse()


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            unclosed = {'"': "a string that does not end", "/": "a comment that does not end"}
            what = unclosed.get(text[place], f"the character {text[place]!r}")
            raise _error(text, place, what)
        kind, place = str(match.lastgroup), match.end()
        if kind == "space":
            continue
        value = match.group()
        if kind == "quoted":
            value = value[1:-1].replace("\\\n", "")
            value = re.sub(r'\\(["\\])', lambda m: '"' if m[1] == '"' else m[0], value)
        elif kind == "html":
            place = _end_of_html(text, match.start())
            kind, value = "quoted", text[match.start() : place]
        yield _Token(value if kind == "mark" else kind, value, match.start())
    yield _Token("end", "the end of the file", len(text))


def _end_of_html(text: str, start: int) -> int:
    depth = 0
    for match in _TAGS.finditer(text, start):
        depth += 1 if match.group() == "<" else -1
        if depth == 0:
            return match.end()
    raise _error(text, start, "an HTML string that does not end")


def _error(text: str, place: int, what: str) -> FileFormatError:
    return FileFormatError(f"line {text.count(chr(10), 0, place) + 1}: {what}")


@dataclass
class _Scope:
    """Defaults that hold between two braces, and the nodes named there, in order."""

    nodes: Attributes
    edges: Attributes
    members: dict[str, None] = field(default_factory=dict)


class _Parser:
    """Recursive descent with one token of lookahead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.token = next(self.tokens)
        self.graph = DotGraph()

    def parse(self) -> DotGraph:
        if self.is_word("strict"):
            self.take()
        if self.is_word("graph"):
            raise self.error("an undirected graph; transitions have a direction, so use digraph")
        if not self.is_word("digraph"):
            raise self.error(f"{self.token.text[:40]!r} where 'digraph' should be")
        self.take()
        if self.token.kind in ("id", "quoted"):
            self.take()
        self.expect("{")
        self.statements(_Scope({}, {}), depth=0)
        if self.token.kind != "end":
            raise self.error("something after the graph; a file holds one graph")
        return self.graph

    def error(self, what: str) -> FileFormatError:
        return _error(self.text, self.token.start, what)

    def take(self) -> str:
        text = self.token.text
        self.token = next(self.tokens)
        return text

    def expect(self, kind: str) -> None:
        if self.token.kind != kind:
            raise self.error(f"{self.token.text[:40]!r} where {kind!r} should be")
        self.take()

    def is_word(self, word: str) -> bool:
        return self.token.kind == "id" and self.token.text.lower() == word

    def identifier(self) -> str:
        if self.token.kind == "id":
            return self.take()
        if self.token.kind != "quoted":
            raise self.error(f"{self.token.text[:40]!r} where a name or value should be")
        text = self.take()
        while self.token.kind == "+":
            self.take()
            if self.token.kind != "quoted":
                raise self.error(f"{self.token.text[:40]!r} where a string should be")
            text += self.take()
        return text

    def statements(self, outer: _Scope, depth: int) -> dict[str, None]:
        """Read up to the closing brace; return the nodes named inside."""
        if depth > MAX_DEPTH:
            raise self.error(f"subgraphs nested deeper than {MAX_DEPTH}")
        scope = _Scope(dict(outer.nodes), dict(outer.edges))
        while self.token.kind != "}":
            self.statement(scope, depth)
            if self.token.kind == ";":
                self.take()
        self.take()
        outer.members.update(scope.members)
        return scope.members

    def statement(self, scope: _Scope, depth: int) -> None:
        for word, defaults in (("node", scope.nodes), ("edge", scope.edges), ("graph", None)):
            if self.is_word(word):
                self.take()
                given = self.attributes()
                if defaults is not None:
                    defaults.update(given)
                elif depth == 0:
                    self.graph.attributes.update(given)
                return
        name = None
        if self.token.kind in ("id", "quoted") and not self.is_word("subgraph"):
            name = self.identifier()
            if self.token.kind == "=":
                self.take()
                value = self.identifier()
                if depth == 0:
                    self.graph.attributes[name] = value
                return
            self.add_node(name, scope)
            first = {name: None}
        else:
            first = self.subgraph(scope, depth)
        self.edges(name, first, scope, depth)

    def edges(self, name: str | None, first: dict[str, None], scope: _Scope, depth: int) -> None:
        """Read the rest of a statement that begins with a node or a subgraph."""
        ends = [first]
        while self.token.kind == "edge":
            if self.token.text == "--":
                raise self.error("an undirected edge '--'; write '->'")
            self.take()
            ends.append(self.endpoint(scope, depth))
        given = self.attributes()
        if len(ends) == 1 and name is not None:
            self.graph.nodes[name].update(given)
        for sources, targets in itertools.pairwise(ends):
            pairs = itertools.product(sources, targets)
            self.graph.edges.extend((x, y, scope.edges | given) for x, y in pairs)

    def endpoint(self, scope: _Scope, depth: int) -> dict[str, None]:
        if self.token.kind == "{" or self.is_word("subgraph"):
            return self.subgraph(scope, depth)
        name = self.identifier()
        self.add_node(name, scope)
        return {name: None}

    def subgraph(self, scope: _Scope, depth: int) -> dict[str, None]:
        if self.is_word("subgraph"):
            self.take()
            if self.token.kind in ("id", "quoted"):
                self.identifier()
        self.expect("{")
        return self.statements(scope, depth + 1)

    def add_node(self, name: str, scope: _Scope) -> None:
        while self.token.kind == ":":  # a port says where an edge meets the picture of the node
            self.take()
            self.identifier()
        if name not in self.graph.nodes:
            self.graph.nodes[name] = dict(scope.nodes)
        scope.members[name] = None

    def attributes(self) -> Attributes:
        given: Attributes = {}
        while self.token.kind == "[":
            self.take()
            while self.token.kind != "]":
                key = self.identifier()
                given[key] = "true"
                if self.token.kind == "=":
                    self.take()
                    given[key] = self.identifier()
                if self.token.kind in (";", ","):
                    self.take()
            self.take()
        return given
