"""Marks and lines that tell designs apart on paper, in colour and in grey alike."""

from markupsafe import Markup

from tellapart.properties.report.svg import element

__all__ = ["N_STYLES", "STYLE", "mark", "stroke"]

#: Colours of neighbouring designs differ in lightness.
_COLOURS = ("#1b1f24", "#d0601f", "#1f5fa8", "#7fa62e", "#8a3ba8", "#7b8794")
_DASHES = (None, "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2")
#: How many designs look different; later ones begin again.
N_STYLES = len(_COLOURS)
_SIZE = 3.6

STYLE = """
.compared text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  font-size: 11px; fill: #1b1f24; }
.compared .page { fill: #ffffff; }
.compared text.soft { fill: #57606a; font-size: 10.5px; }
.compared text.title { font-size: 13px; font-weight: 600; }
.compared text.name { font-weight: 600; }
.compared .grid { stroke: #dde2e8; fill: none; }
.compared .axis { stroke: #57606a; fill: none; }
"""


def stroke(design: int, path: str) -> Markup:
    """Return the line of a design."""
    k = design % N_STYLES
    return element("path", d=path, fill="none", stroke=_COLOURS[k], stroke_width=1.6,
                   stroke_dasharray=_DASHES[k])  # fmt: skip


def mark(design: int, x: float, y: float, hollow: bool = False) -> Markup:
    """Return the mark of a design at a place: each has a form of its own."""
    k, r = design % N_STYLES, _SIZE
    forms = (
        f"M{x - r:.1f},{y:.1f}a{r},{r} 0 1 0 {2 * r},0a{r},{r} 0 1 0 {-2 * r},0z",
        f"M{x - r:.1f},{y - r:.1f}h{2 * r}v{2 * r}h{-2 * r}z",
        f"M{x:.1f},{y - r - 0.8:.1f}l{r + 0.8},{2 * r}h{-2 * r - 1.6}z",
        f"M{x:.1f},{y - r - 1:.1f}l{r + 1},{r + 1}l{-r - 1},{r + 1}l{-r - 1},{-r - 1}z",
        f"M{x:.1f},{y + r + 0.8:.1f}l{r + 0.8},{-2 * r}h{-2 * r - 1.6}z",
        f"M{x - 1.4:.1f},{y - r:.1f}h2.8v2.2h2.2v2.8h-2.2v2.2h-2.8v-2.2h-2.2v-2.8h2.2z",
    )
    fill = "#ffffff" if hollow else _COLOURS[k]
    return element("path", d=forms[k], fill=fill, stroke=_COLOURS[k], stroke_width=1.2)
