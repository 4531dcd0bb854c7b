"""Directives of the theory pages that draw: SVG made at build time, for light and dark pages."""

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from markupsafe import Markup, escape
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tellapart.properties.report.forced_frames import counted_frames
from tellapart.properties.report.forced_picture import draw_forced
from tellapart.properties.report.kernel_interval import draw_interval, interval_counts
from tellapart.theory.mdp import DeterministicMDP

#: Two rooms, a and b, with a box in each, which c and d show after it was taken.
ROOMS = DeterministicMDP(
    [[2], [3], [2], [3]], labels=["full", "full", "empty", "empty"],
    observations=["a", "b", "c", "d"], actions=["take"],
)  # fmt: skip


class _Drawn(SphinxDirective):
    """A figure of one or several pictures with a caption that comes from the code, too."""

    def figure(self, pictures: list[Markup], caption: str) -> list[nodes.Node]:
        """Return the figure as HTML, which is what these pages are built as."""
        inside = Markup("").join(pictures)
        text = Markup(
            '<figure class="drawn"><div class="pictures">{}</div><figcaption>{}</figcaption>'
            "</figure>"
        ).format(inside, Markup(caption))
        return [nodes.raw("", str(text), format="html")]


class KernelInterval(_Drawn):
    """All partitions of four observations, and which of them are kernels at zero loss."""

    def run(self) -> list[nodes.Node]:
        """Draw the picture."""
        kernels, inside, total = interval_counts(ROOMS)
        label = (
            f"All {total} partitions of a, b, c and d. {inside} lie between the identity and B*, "
            f"which is ab|cd; {kernels} of these are kernels of zero-loss encoders."
        )
        caption = (
            f"All {total} partitions of four observations; higher up there are fewer codes. "
            f"{inside} lie between the identity (all apart) and B* (ab|cd). {kernels} of them are "
            "admissible; thick lines are their order. Merging a and b alone is healthy for the "
            "label, but then the codes of c and d would have to be one."
        )
        return self.figure([draw_interval(ROOMS, "abcd", label)], escape(caption))


class ForcedCollapse(_Drawn):
    """Frames of the counting environment, and the merges that +1 forces."""

    option_spec: ClassVar[dict[str, Any]] = {"without-zero": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Draw the picture, and list its merges."""
        shown = counted_frames("without-zero" not in self.options)
        first = min(shown.counts.values())
        drawn = draw_forced(shown, f"Frames of {first} to {max(shown.counts.values())} objects.")
        steps = Markup("").join(Markup("<li>{}</li>").format(step) for step in drawn.steps)
        head = (
            "With the black frame: every count is one code."
            if not first
            else "Without the black frame: only places are merged, shapes and colours stay apart."
        )
        caption = Markup("{}<ol>{}</ol>").format(head, steps)
        return self.figure([drawn.svg], caption)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives."""
    app.add_directive("kernel-interval", KernelInterval)
    app.add_directive("forced-collapse", ForcedCollapse)
    return {"version": "1", "parallel_read_safe": True}
