"""The command `check`: train an encoder and judge what it keeps apart."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tellapart.properties.cli_explain import json_text, print_foundation
from tellapart.properties.cli_options import SOURCE_HELP, check_target, common, progress_line
from tellapart.theory.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tellapart.properties.check_report import CheckReport

__all__ = ["check"]


def _show_laws(ctx: click.Context, parameter: click.Parameter, asked: bool) -> None:
    """Print the laws and leave; as JSON they are printed by `laws list --json`."""
    if not asked or ctx.resilient_parsing:
        return
    from tellapart.properties.cli_laws import show_laws

    show_laws(as_json=False)
    ctx.exit()


_EXIT_HELP = """\b
Exit codes: 0 holds, 1 collapsed, 2 usage error (bad source, subject or option),
3 inconclusive (vacuous or infeasible), 4 internal error.
"""


@click.command(
    short_help="Train an encoder and judge what it keeps apart.",
    epilog=f"{SOURCE_HELP}\n{_EXIT_HELP}",
)
@click.argument("subject")
@click.option("--on", "source", required=True, metavar="SOURCE", help="The system to check it on.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True,
    help="Of building and training, and of a random: SOURCE that names no seed.",
)  # fmt: skip
@click.option(
    "--merge-tolerance", type=click.FloatRange(0, 1, max_open=True), default=1e-3,
    show_default=True,
    help="Two codes closer than this share of the rms distance between blocks count as one.",
)  # fmt: skip
@click.option(
    "--require", type=click.Choice(["exact", "certified", "resolved"]),
    help="The least grade of the premise that may pass; a lower one is vacuous.",
)  # fmt: skip
@click.option(
    "--certificate", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Save the certificate of margins; `tellapart replay FILE` checks it again.",
)  # fmt: skip
@click.option(
    "--case", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Save the check as a case; `tellapart replay FILE` computes it again.",
)  # fmt: skip
@click.option(
    "--attack", "attacks", is_flag=True,
    help="Also train while pulling pairs together: what can collapse, and what cannot.",
)  # fmt: skip
@click.option(
    "--attack-pairs", type=click.IntRange(min=1), default=60, show_default=True,
    help="Pairs attacked at most.",
)  # fmt: skip
@click.option(
    "--boxes", "box_radius", type=click.FloatRange(min=0), metavar="RADIUS",
    help="Also prove that codes stay apart when each input number changes by up to RADIUS.",
)  # fmt: skip
@click.option(
    "--explain", "explained", is_flag=True,
    help="Also say what the verdict rests on: statements, checkers, assumptions.",
)  # fmt: skip
@click.option(
    "--laws", is_flag=True, is_eager=True, expose_value=False, callback=_show_laws,
    help="List the laws that `tellapart laws run` tries, and exit.",
)  # fmt: skip
@common
def check(
    subject: str,
    source: str,
    seed: int,
    merge_tolerance: float,
    require: str | None,
    certificate: Path | None,
    case: Path | None,
    attacks: bool,
    attack_pairs: int,
    box_radius: float | None,
    explained: bool,
    as_json: bool,
    html: Path | None,
    quiet: bool,
) -> None:
    """Train SUBJECT on a system and judge which observations it keeps apart.

    \b
    SUBJECT is one of
      joint, dynamics-only, aux-only, decoupled, constant, exact    a built-in design
      path/to/file.py:factory or package.module:factory
          your own: factory(mdp, seed) returns Subject(encoder, predictor, head),
          fresh and untrained; encoder [batch, n_obs] -> [batch, d] (one-hot observations),
          predictor ([batch, d], int64[batch]) -> [batch, d], head [batch, d] -> [batch, label_dim]

    \b
    Examples:
      tellapart check joint --on "gym:FrozenLake-v1?is_slippery=false" --html report.html
      tellapart check joint --on gallery:counting-9 --require certified --certificate proof.json
      tellapart check joint --on gallery:redundant-pick --attack
      tellapart check joint --on gallery:counting-9 --explain
    """
    from tellapart.properties.check import check as run

    for target in (html, certificate, case):
        check_target(target)
    with progress_line(quiet) as progress:
        report = run(
            subject, source, seed=seed, merge_tolerance=merge_tolerance, require=require,
            attack_pairs=attack_pairs if attacks else 0, box_radius=box_radius, progress=progress,
        )  # fmt: skip
    if html is not None:
        report.to_html(html)
    _save_case(report, case)
    saved = certificate if _save_certificate(report, certificate) else None
    if as_json:
        click.echo(json_text(report, explained))
    else:
        from tellapart.properties.report.console import print_check

        print_check(report, html, saved)
        print_foundation(report, explained)
    if certificate is not None and saved is None:  # the report is not lost for it
        raise InvalidArgumentError(
            f"There is no certificate to save in {certificate}: {report.no_margins}"
        )
    sys.exit(report.exit_code)


def _save_case(report: "CheckReport", path: Path | None) -> None:
    """Write the check as a case if that was asked for."""
    if path is not None:
        from tellapart.properties.cases.check_cases import case_of_check
        from tellapart.properties.files import write_atomically

        write_atomically(path, case_of_check(report).to_json() + "\n")


def _save_certificate(report: "CheckReport", path: Path | None) -> bool:
    """Write the certificate if it was asked for and there is one; tell whether it was written."""
    if path is None or report.margins is None:
        return False
    from tellapart.properties.files import write_atomically

    write_atomically(path, report.margins.certificate.to_json() + "\n")
    return True
