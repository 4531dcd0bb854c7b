"""Tables made at build time from the code they describe: gallery, designs, checks of the suite."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class _Table(SphinxDirective):
    """A table whose first column is code."""

    header: ClassVar[Sequence[str]]
    rows: Callable[[], list[Sequence[str]]]  # the cells of the body, row by row

    def run(self) -> list[nodes.Node]:
        """Build the docutils table."""
        group = nodes.tgroup(cols=len(self.header))
        group += [nodes.colspec(colwidth=1) for _ in self.header]
        group += nodes.thead("", _row([nodes.Text(text) for text in self.header]))
        body = nodes.tbody()
        for first, *others in self.rows():
            body += _row([nodes.literal("", first), *(nodes.Text(text) for text in others)])
        group += body
        return [nodes.table("", group, classes=["colwidths-auto"])]


class GalleryTable(_Table):
    """The named systems with their known answers."""

    header = ("name", "pattern", "what it is", "observations", "blocks", "depth")

    def rows(self) -> list[Sequence[str]]:
        """Return one row for each entry of the gallery."""
        from tellapart.theory.gallery import gallery

        return [
            (e.name, e.pattern, e.summary, str(e.n_obs), str(e.n_blocks), str(e.depth))
            for e in gallery()
        ]


class DesignTable(_Table):
    """The built-in designs with the verdict to expect."""

    header = ("design", "what it is", "what to expect")

    def rows(self) -> list[Sequence[str]]:
        """Return one row for each design."""
        from tellapart.models.designs import DESIGNS

        return [(d.name, d.summary, d.expects) for d in DESIGNS.values()]


class CheckTable(_Table):
    """The checks of the suite, with what they must pass and must fail."""

    header = ("check", "what it asks", "one case costs", "passes", "fails")

    def rows(self) -> list[Sequence[str]]:
        """Return one row for each check."""
        from tellapart.properties.suite.registry import all_checks

        return [
            (c.id, c.title, c.cost.value, ", ".join(c.passes), ", ".join(c.fails))
            for c in all_checks().values()
        ]


def _row(cells: Sequence[nodes.Node]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", "", cell))
    return row


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("gallery-table", GalleryTable)
    app.add_directive("design-table", DesignTable)
    app.add_directive("check-table", CheckTable)
    return {"version": "1", "parallel_read_safe": True}
