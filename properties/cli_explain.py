"""The option ``--explain`` of commands that report a verdict: what it rests on."""

from typing import Protocol

import click

from tellapart.theory.foundations.foundation import Foundation

__all__ = ["json_text", "print_foundation"]


class _Report(Protocol):
    @property
    def foundation(self) -> Foundation:
        """What it rests on."""
        ...

    def to_json(self) -> str:
        """Return everything as JSON text."""
        ...


def json_text(report: _Report, explained: bool) -> str:
    """Return the JSON of a report, with the key ``rests_on`` if that was asked for."""
    if not explained:
        return report.to_json()
    from tellapart.properties.foundations import with_rests_on

    return with_rests_on(report.to_json(), report.foundation)


def print_foundation(report: _Report, explained: bool) -> None:
    """Print the tree of what a report rests on, if that was asked for."""
    if explained:
        from tellapart.properties.foundations import explain_foundation

        click.echo(f"\n{explain_foundation(report.foundation)}")
