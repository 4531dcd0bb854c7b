"""Directives of the theory pages: what a statement is known by, and the table of all statements."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from docutils import nodes
from evidence import Row, depends_on, rows_of, summary_of
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tellapart.properties.proofs.statements import STATEMENTS, Statement, statements_named
from tellapart.theory.errors import InvalidArgumentError

#: File names are written as code.
_FILE = re.compile(r"(theory/proofs/\w+\.v)")


class _Generated(SphinxDirective):
    """A table that is made anew when the code behind it has changed."""

    @property
    def quick(self) -> bool:
        """Whether the layers stay with smaller sizes."""
        return bool(self.config.statement_evidence_quick)

    def table(self, header: Sequence[str], rows: Sequence[nodes.row], kind: str) -> nodes.table:
        """Build the docutils table."""
        for path in depends_on():
            self.env.note_dependency(str(path))
        group = nodes.tgroup(cols=len(header))
        group += [nodes.colspec(colwidth=1) for _ in header]
        group += nodes.thead("", _row([[nodes.Text(text)] for text in header]))
        group += nodes.tbody("", *rows)
        return nodes.table("", group, classes=["colwidths-auto", kind])


class StatementEvidence(_Generated):
    """What one statement or definition is known by: ``{statement-evidence} S4``."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Build the table; a definition without facts about it has none."""
        try:
            (statement,) = statements_named([self.arguments[0]])
            rows = rows_of(statement, quick=self.quick)
        except (InvalidArgumentError, ValueError) as error:
            raise self.error(str(error)) from error
        if not rows:
            text = "A definition: there is nothing to prove."
            return [nodes.paragraph("", text, classes=["evidence"])]
        cells = [_evidence_cells(row) for row in _joined(rows)]
        return [self.table(("known by", "what", "for"), [_row(row) for row in cells], "evidence")]


class StatementTable(_Generated):
    """All definitions and statements, each with where it is proved."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        header = ("number", "what it says", "Coq", "besides", "no proof covers")
        rows = []
        for statement in STATEMENTS.values():
            said = summary_of(statement, quick=self.quick)
            cells = [_link(statement), [nodes.Text(statement.title)]]
            rows.append(_row([*cells, *([nodes.Text(text)] for text in said)]))
        return [self.table(header, rows, "statements")]


def _joined(rows: Sequence[Row]) -> list[list[Row]]:
    """Put the rows of one kind into one row of the table."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.by, []).append(row)
    return list(groups.values())


def _evidence_cells(rows: Sequence[Row]) -> list[list[nodes.Node]]:
    first = rows[0]
    scopes = ", ".join(dict.fromkeys(row.scope for row in rows if row.scope))
    what = [nodes.paragraph("", "", *_what(row)) for row in rows]
    return [[nodes.Text(first.by)], what, [nodes.Text(scopes)]]


def _what(row: Row) -> list[nodes.Node]:
    """Write names as code, then words, then the note."""
    inline: list[nodes.Node] = []
    for name in row.names:
        inline += [nodes.Text(", ")] if inline else []
        inline.append(nodes.literal("", name))
    if row.text:
        inline.append(nodes.Text(f": {row.text}" if inline else row.text))
    if row.note:
        inline.append(nodes.Text(" ("))
        inline += [
            nodes.literal("", part) if _FILE.fullmatch(part) else nodes.Text(part)
            for part in _FILE.split(row.note)
            if part
        ]
        inline.append(nodes.Text(")"))
    return inline


def _link(statement: Statement) -> list[nodes.Node]:
    """Return a link to the section of a statement."""
    target = addnodes.pending_xref(
        "", nodes.inline("", statement.id), refdomain="std", reftype="ref",
        reftarget=statement.id.lower(), refexplicit=True, refwarn=True,
    )  # fmt: skip
    return [target]


def _row(cells: Sequence[Sequence[nodes.Node]]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        blocks = cell and isinstance(cell[0], nodes.paragraph)
        row += nodes.entry("", *(cell if blocks else [nodes.paragraph("", "", *cell)]))
    return row


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_config_value("statement_evidence_quick", False, "env", [bool])
    app.add_directive("statement-evidence", StatementEvidence)
    app.add_directive("statement-table", StatementTable)
    return {"version": "1", "parallel_read_safe": True}
