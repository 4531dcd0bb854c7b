"""The command ``tellapart audit``."""

import sys
from pathlib import Path
from typing import Any

import click

from tellapart.properties.cli_explain import json_text, print_foundation
from tellapart.properties.cli_options import SOURCE_HELP, check_target, common, progress_line

__all__ = ["INFEASIBLE", "INSUFFICIENT", "audit"]

#: Exit codes besides 0: no zero-loss encoder exists; the label does not force the target apart.
INFEASIBLE, INSUFFICIENT = 3, 1

_EXAMPLES = """\b
Examples:
  tellapart audit gallery:counting-9 --horizon 3
  tellapart audit "log.parquet?label=reward" --html audit.html
  tellapart audit gym:Taxi-v4 --compare-labels reward,done
  tellapart audit gallery:pick --suggest observations
  tellapart audit "log.csv" --pair start goal

\b
Exit codes: 0 audited, 1 the label does not force the --target apart, 2 usage error,
3 infeasible (no encoder reaches zero loss on these data), 4 internal error.
"""


@click.command(
    short_help="What an encoder must tell apart, before training.",
    epilog=f"{SOURCE_HELP}\n{_EXAMPLES}",
)
@click.argument("source")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True,
    help="Of a random: SOURCE that names no seed.",
)  # fmt: skip
@click.option(
    "--compare-labels", metavar="A,B,...",
    help="Put these labels side by side: `label` (its own), `constant`, `observation`, reward and "
    "done of an environment, attributes of a graph, columns of a table.",
)  # fmt: skip
@click.option(
    "--target", metavar="PARTITION",
    help="Decide whether the label forces this apart: `observation`, `label`, or a .json or .csv "
    "file that gives each observation its class.",
)  # fmt: skip
@click.option(
    "--suggest",
    type=click.Choice(["observations", "values"]),
    help="Look for the fewest labelled observations, or label values, that force the target apart.",
)
@click.option(
    "--horizon",
    type=click.IntRange(min=0),
    metavar="K",
    help="Say which pairs a K-step training horizon cannot reach.",
)
@click.option(
    "--pair",
    "pairs",
    nargs=2,
    multiple=True,
    metavar="X Y",
    help="Ask about two observations by name; may be repeated.",
)
@click.option(
    "--capacity",
    is_flag=True,
    help="Compute the linear rank at any size (default: up to 128 blocks).",
)
@click.option(
    "--explain", "explained", is_flag=True,
    help="Also say what the answers rest on: statements, checkers, assumptions.",
)  # fmt: skip
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), default=10.0, show_default=True,
    metavar="SECONDS",
    help="Of each search for an optimum; when it is spent, bounds are reported, which may differ "
    "between machines.",
)  # fmt: skip
@common
def audit(
    source: str, explained: bool, as_json: bool, html: Path | None, quiet: bool, **questions: Any
) -> None:
    """Say what the labels and the dynamics of SOURCE force on every encoder, before training.

    \b
    For a complete system: blocks by number of dynamics steps, pairs that must be told apart, the
    hardest pair with its word, the latent dimension that linear dynamics need.
    For logged transitions: which merges the data force and whether zero loss is possible at all,
    which pairs must be told apart, how few codes suffice, and which transition to log next.
    """
    from tellapart.properties.audit_report import audit_report

    check_target(html)
    labels = questions.pop("compare_labels")
    with progress_line(quiet) as progress:
        report = audit_report(
            source, compare_labels=_listed(labels), progress=progress, **questions
        )
    if html is not None:
        report.to_html(html)
    if as_json:
        click.echo(json_text(report, explained))
    else:
        from tellapart.properties.report.console_audit import print_audit

        print_audit(report, html)
        print_foundation(report, explained)
    sys.exit(_exit_code(report))


def _listed(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (names or "").split(",") if name.strip())


def _exit_code(report: Any) -> int:
    if not report.audit.feasible:
        return INFEASIBLE
    return INSUFFICIENT if report.sufficiency is not None and not report.sufficiency else 0
