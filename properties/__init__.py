"""Strategies, checks, reports, the command line and the pytest plugin.

This is the door of the room. It opens lazily: the pytest plugin passes through here in every pytest
run on a machine, and must not import torch. ``check``, ``replay``, ``audit_report``, ``renderings``
and ``counterexample`` are not listed because their modules have the same names: write
``from tellapart.properties.check import check``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tellapart.properties.audit_report import AuditReport as AuditReport
    from tellapart.properties.cases.case import Case as Case
    from tellapart.properties.cases.check_cases import case_of_check as case_of_check
    from tellapart.properties.cases.files import load_case as load_case
    from tellapart.properties.cases.files import save_case as save_case
    from tellapart.properties.cases.replaying import replay_case as replay_case
    from tellapart.properties.check_report import CheckReport as CheckReport
    from tellapart.properties.counterexamples.counterexample import Counterexample as Counterexample
    from tellapart.properties.data_strategies import transition_data as transition_data
    from tellapart.properties.laws.engine import run_law as run_law
    from tellapart.properties.laws.law import Law as Law
    from tellapart.properties.laws.registry import LAWS as LAWS
    from tellapart.properties.laws.runs import run_laws as run_laws
    from tellapart.properties.sources import Source as Source
    from tellapart.properties.sources import load_source as load_source
    from tellapart.properties.strategies import admissible_partitions as admissible_partitions
    from tellapart.properties.strategies import deterministic_mdps as deterministic_mdps
    from tellapart.properties.strategies import labelings as labelings
    from tellapart.properties.subject_strategies import perturbed_subjects as perturbed_subjects
    from tellapart.properties.subject_strategies import trained_subjects as trained_subjects
    from tellapart.properties.subject_strategies import zero_loss_subjects as zero_loss_subjects
    from tellapart.properties.subjects import load_subject as load_subject
    from tellapart.properties.suite.pytest_way import (
        parametrize_with_checks as parametrize_with_checks,
    )
    from tellapart.properties.suite.results import Report as Report
    from tellapart.properties.suite.running import check_encoder as check_encoder
    from tellapart.properties.word_strategies import words as words

_HOME = {
    "AuditReport": "audit_report",
    "Case": "cases.case",
    "CheckReport": "check_report",
    "Counterexample": "counterexamples.counterexample",
    "LAWS": "laws.registry",
    "Law": "laws.law",
    "Report": "suite.results",
    "Source": "sources",
    "admissible_partitions": "strategies",
    "case_of_check": "cases.check_cases",
    "check_encoder": "suite.running",
    "deterministic_mdps": "strategies",
    "labelings": "strategies",
    "load_case": "cases.files",
    "load_source": "sources",
    "load_subject": "subjects",
    "parametrize_with_checks": "suite.pytest_way",
    "perturbed_subjects": "subject_strategies",
    "replay_case": "cases.replaying",
    "run_law": "laws.engine",
    "run_laws": "laws.runs",
    "save_case": "cases.files",
    "trained_subjects": "subject_strategies",
    "transition_data": "data_strategies",
    "words": "word_strategies",
    "zero_loss_subjects": "subject_strategies",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
