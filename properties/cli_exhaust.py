"""The command ``tellapart exhaust``: the theorem on every system of small size."""

import json
import sys

import click

from tellapart.properties.cli_options import progress_line

__all__ = ["exhaust"]

_EXAMPLES = """\b
Examples:
  tellapart exhaust
  tellapart exhaust --drop aux_loss --max-observations 3
  tellapart exhaust --sat 5 --sat 6

\b
Exit codes: 0 no kernel of zero loss merges what must be told apart, 1 some do, 2 usage error.
"""


@click.command(short_help="The theorem on every system of small size.", epilog=_EXAMPLES)
@click.option(
    "--max-observations", type=click.IntRange(min=1), default=4, show_default=True,
    help="List all systems up to this many observations.",
)  # fmt: skip
@click.option(
    "--max-actions", type=click.IntRange(min=1), default=2, show_default=True,
    help="And up to this many actions.",
)  # fmt: skip
@click.option(
    "--labels", type=click.IntRange(min=1), default=2, show_default=True,
    help="Label values that a system may use (of those listed; --sat has two).",
)  # fmt: skip
@click.option(
    "--sat", "sizes", type=click.IntRange(min=2), multiple=True, metavar="N",
    help="Search all systems of N observations and --max-actions actions by SAT; may be repeated.",
)  # fmt: skip
@click.option(
    "--drop", metavar="LOSS", help="Let this loss be anything: aux_loss or dynamics_loss."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def exhaust(
    max_observations: int, max_actions: int, labels: int, sizes: tuple[int, ...],
    drop: str | None, as_json: bool, quiet: bool,
) -> None:  # fmt: skip
    """Check every deterministic MDP up to a size, with every kernel that an encoder could have.

    \b
    Systems are counted up to renaming observations, actions and label values, and the counts are
    compared with formulas. Larger sizes are searched by SAT: one formula says that some system
    has a kernel of zero loss which merges two observations that a word tells apart.
    """
    from tellapart.theory.scope.exhaustion import exhaust as run
    from tellapart.theory.scope.sat import SatRefutation, refute_by_sat

    with progress_line(quiet) as progress:
        listed = run(
            max_observations, max_actions, labels, drop=drop,
            progress=lambda done, total: progress("systems", done, total, ""),
        )  # fmt: skip
        found: list[SatRefutation] = []
        for n in sizes:
            progress("SAT", len(found), len(sizes), f"{n} observations")
            found.append(refute_by_sat(n, max_actions, drop=drop))
    if as_json:
        parts = [json.loads(each.to_json()) for each in (listed, *found)]
        click.echo(json.dumps({"exhaustion": parts[0], "sat": parts[1:]}, indent=1))
    else:
        click.echo("\n\n".join([listed.explain(), *(each.explain() for each in found)]))
    sys.exit(0 if listed.holds and all(each.holds for each in found) else 1)
