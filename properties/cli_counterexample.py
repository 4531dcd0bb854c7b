"""The command ``tellapart counterexample``."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tellapart.properties.cli_options import check_target, common, progress_line
from tellapart.theory.hypotheses import Hypothesis

if TYPE_CHECKING:
    from tellapart.properties.counterexamples.counterexample import Counterexample

__all__ = ["counterexample"]

_EPILOG = """\b
Examples:
  tellapart counterexample --list
  tellapart counterexample --drop aux_loss
  tellapart counterexample --drop full_coverage --html story.html --pytest test_coverage.py
  tellapart counterexample --drop determinism --design joint --case found.json
  tellapart check constant --on gallery:counting-9 --json > report.json
  tellapart counterexample --from report.json

\b
Exit codes: 0 a counterexample was found and verified (and the encoder, if one was trained,
collapsed), 2 usage error (no counterexample in the bounds, bad option or file),
3 the encoder that was trained did not collapse, 4 internal error.
"""
#: The encoder did not collapse: nothing is shown by it.
NOT_COLLAPSED = 3


def _target(name: str, text: str) -> Callable[..., Any]:
    return click.option(
        f"--{name}", f"{name}_file", metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False), help=text,
    )  # fmt: skip


@click.command(
    short_help="The smallest system that collapses without a hypothesis.", epilog=_EPILOG
)
@click.option(
    "--drop", type=click.Choice([one.value for one in Hypothesis]),
    help="The hypothesis of the theorem to drop.",
)  # fmt: skip
@click.option("--list", "lists", is_flag=True, help="Show the nine hypotheses and stop.")
@click.option(
    "--from", "source", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Shrink a collapse that happened instead: a case, or a report of `check --json`.",
)  # fmt: skip
@click.option(
    "--max-observations", type=click.IntRange(min=1), default=4, show_default=True,
    help="Bound on the search.",
)  # fmt: skip
@click.option(
    "--design", default="mlp", show_default=True,
    help="The encoder to train: mlp, a built-in design, or path/to/file.py:factory.",
)  # fmt: skip
@click.option(
    "--trained/--no-trained", default=True, show_default=True,
    help="Also train an encoder that collapses on it.",
)  # fmt: skip
@click.option("--all", "show_all", is_flag=True, help="List all counterexamples of this size.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the encoder."
)  # fmt: skip
@_target("svg", "Write a picture.")
@_target("dot", "Write DOT for Graphviz.")
@_target("case", "Save a case; `tellapart replay FILE` computes it again.")
@_target("pytest", "Write a pytest file that fails until the codes in it are fixed.")
@common
def counterexample(
    drop: str | None,
    lists: bool,
    source: Path | None,
    show_all: bool,
    as_json: bool,
    html: Path | None,
    quiet: bool,
    **options: Any,
) -> None:
    """Show the smallest counterexample to the theorem without one of its hypotheses.

    It is found by examining everything smaller, verified by independent code, and told as a story:
    the world, the codes, the two runs of the word that tells the merged pair apart, and the losses.
    Then an encoder is trained that collapses on it.
    """
    if lists:
        _list(as_json)
        return
    if (drop is None) == (source is None):
        raise click.UsageError(
            "Give --drop HYPOTHESIS (--list shows them) or --from FILE, and not both."
        )
    files = {name: options[f"{name}_file"] for name in ("svg", "dot", "case", "pytest")}
    for target in (html, *files.values()):
        check_target(target)
    with progress_line(quiet) as progress:

        def tell(text: str) -> None:
            progress("counterexample", 0, None, text)

        found = _find(drop, source, options, tell)
    if html is not None:
        found.to_html(html)
    _write(found, files)
    click.echo(found.to_json() if as_json else found.explain(show_all=show_all))
    written = [str(path) for path in (html, *files.values()) if path is not None]
    if written and not as_json:
        click.echo(f"\nwritten: {', '.join(written)}")
    sys.exit(0 if found.trained is None or found.trained.collapsed else NOT_COLLAPSED)


def _find(
    drop: str | None, source: Path | None, options: dict[str, Any], tell: Callable[[str], None]
) -> "Counterexample":
    design = _design(options["design"])
    trained, seed = options["trained"], options["seed"]
    if source is not None:
        from tellapart.properties.counterexamples.shrunk import counterexample_from

        return counterexample_from(
            source, design=design if trained else None, seed=seed, progress=tell
        )
    from tellapart.properties.counterexamples.counterexample import counterexample as run

    return run(
        drop or "", max_observations=options["max_observations"], design=design, trained=trained,
        seed=seed, progress=tell,
    )  # fmt: skip


def _design(name: str) -> Any:
    """Return a factory for code of the user's own, and the name of anything built in."""
    if ":" not in name:
        return name
    from tellapart.properties.subjects import load_subject

    return load_subject(name).build


def _write(found: "Counterexample", files: dict[str, Path | None]) -> None:
    from tellapart.properties.files import write_atomically

    texts: dict[str, Callable[[], str]] = {
        "svg": found.to_svg,
        "dot": found.to_dot,
        "case": lambda: found.case().to_json() + "\n",
        "pytest": found.to_pytest,
    }
    for name, path in files.items():
        if path is not None:
            write_atomically(path, texts[name]())


def _list(as_json: bool) -> None:
    if as_json:
        import json

        rows = [
            {"name": h.value, "dropped": h.dropped, "consequence": h.consequence,
             "needed": h.needed}
            for h in Hypothesis
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    for hypothesis in Hypothesis:
        click.echo(f"{hypothesis.value:20}  {hypothesis.dropped}: {hypothesis.consequence}")
