"""Strategies, checks, reports, the command line and the pytest plugin.

This is the door of the room. It opens lazily: the pytest plugin passes through here in every pytest
run on a machine, and must not import torch. The functions ``check``, ``replay`` and
``audit_report`` are not listed because their modules have the same names: write
``from tellapart.properties.check import check``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tellapart.properties.audit_report import AuditReport as AuditReport
    from tellapart.properties.check_report import CheckReport as CheckReport
    from tellapart.properties.data_strategies import transition_data as transition_data
    from tellapart.properties.sources import Source as Source
    from tellapart.properties.sources import load_source as load_source
    from tellapart.properties.strategies import admissible_partitions as admissible_partitions
    from tellapart.properties.strategies import deterministic_mdps as deterministic_mdps
    from tellapart.properties.strategies import labelings as labelings
    from tellapart.properties.subjects import load_subject as load_subject

_HOME = {
    "AuditReport": "audit_report",
    "CheckReport": "check_report",
    "Source": "sources",
    "load_source": "sources",
    "admissible_partitions": "strategies",
    "deterministic_mdps": "strategies",
    "labelings": "strategies",
    "load_subject": "subjects",
    "transition_data": "data_strategies",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
