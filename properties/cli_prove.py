"""The command ``tellapart prove``: how each statement of the theory is known."""

import sys
from pathlib import Path

import click

from tellapart.properties.cli_options import home_of_hypothesis, progress_line

__all__ = ["prove"]

_EXAMPLES = """\b
Examples:
  tellapart prove --quick
  tellapart prove --statement S4 --statement S10
  tellapart prove --strict --json > proofs.json

\b
Exit codes: 0 everything was run and holds, 1 something failed, 2 usage error, 3 nothing failed but
something was not run. With --strict 1 in place of 3.
"""


@click.command(short_help="How each statement of the theory is known.", epilog=_EXAMPLES)
@click.option(
    "--statement", "names", multiple=True, metavar="NAME",
    help="Only this one (D1 to D4, S1 to S13), with all details; may be repeated.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="Run what takes seconds: no Coq, smaller sizes.")
@click.option(
    "--profile", type=click.Choice(["smoke", "ci"]), default="smoke", show_default=True,
    help="How many examples the laws get: seconds or minutes.",
)  # fmt: skip
@click.option(
    "--proofs", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="FOLDER",
    help="The folder theory/proofs of a checkout, whose script `build` is run. Default: beside the "
    "package, where an installed wheel has none.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="Exit 1 when a layer is missing or was not run.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def prove(
    names: tuple[str, ...], quick: bool, profile: str, proofs: Path | None, strict: bool,
    as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Run every layer that is installed, and say what each statement is known by.

    \b
    The layers are: proofs checked by Coq, SMT over sorts of any size, algebra with symbols, SAT
    size by size, lists of all small systems, and laws tried on drawn examples. A layer that is not
    installed is named with the command that installs it.
    """
    from tellapart.properties.proofs.prove import prove as run

    with home_of_hypothesis(), progress_line(quiet) as progress:
        report = run(names, profile=profile, quick=quick, proofs=proofs, progress=progress)
    if as_json:
        click.echo(report.to_json())
    else:
        from tellapart.properties.proofs.console import print_proofs

        print_proofs(report, details=bool(names))
    sys.exit(report.exit_code(strict))
