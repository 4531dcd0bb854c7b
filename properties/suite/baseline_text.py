"""The file of a baseline: JSON, one line for each check and each case, sorted."""

import json
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tellapart.properties.suite.baseline import SCHEMA, Baseline, KnownCase, KnownCheck
from tellapart.properties.suite.outcomes import DepthShare
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["MIGRATIONS", "Migration", "migrated", "read_baseline", "write_baseline"]

#: Takes the JSON object of a baseline of one schema, returns that of the next one.
Migration = Callable[[dict[str, Any]], dict[str, Any]]

#: ``MIGRATIONS[v]`` leads from schema ``v`` to ``v + 1``. Schema 1 is the first of all.
MIGRATIONS: Mapping[int, Migration] = MappingProxyType({})


def write_baseline(baseline: Baseline) -> str:
    """Return the text: the same baseline gives the same bytes."""
    head = {
        "kind": "Baseline",
        "schema": SCHEMA,
        "subject": baseline.subject,
        "profile": baseline.profile,
        "seed": baseline.seed,
        "spec": baseline.spec,
        "merge_tolerance": baseline.merge_tolerance,
        "versions": dict(baseline.versions),
    }
    lines = [f"  {_text(key)}: {_text(value)}," for key, value in head.items()]
    checks = ",\n".join(_check_lines(one) for one in baseline.checks)
    return "\n".join(["{", *lines, '  "checks": {', *([checks] if checks else []), "  }", "}"])


def _check_lines(one: KnownCheck) -> str:
    fields: dict[str, Any] = {"verdict": one.verdict.value}
    if one.advisory:
        fields["advisory"] = True
    fields["counts"] = dict(one.counts)
    if one.grades:
        fields["grades"] = dict(one.grades)
    if one.by_depth:
        fields["depths"] = {
            str(row.depth): [row.n_pairs, row.n_merged, row.relative] for row in one.by_depth
        }
    if one.margin is not None:
        fields["margin"] = one.margin
    fields["seconds"] = one.seconds
    start = f"    {_text(one.check)}: {_text(fields)[:-1]}, "
    cases = ",\n".join(f"      {_text(c.scenario)}: {_text(_case(c))}" for c in one.cases)
    return f'{start}"cases": {{\n{cases}\n    }}}}' if cases else f'{start}"cases": {{}}}}'


def _case(case: KnownCase) -> dict[str, Any]:
    """Return the fields that are there: most checks measure only some of them."""
    fields = {
        "verdict": case.verdict.value,
        "grade": case.grade,
        "system": case.system,
        "distance": case.distance,
        "margin": case.margin,
        "ratio": case.ratio,
        "merged": {str(depth): number for depth, number in case.merged} or None,
        "depths": list(case.depths) or None,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _text(value: Any) -> str:
    return json.dumps(_plain(value), allow_nan=False)


def _plain(value: Any) -> Any:
    """Write infinities as words: JSON has no number for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def read_baseline(text: str) -> Baseline:
    """Read the text of a baseline of this schema or of an older one.

    Raises
    ------
    InvalidArgumentError
        When the text is no baseline, lacks something, or is of a newer schema.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(
            f"This is no JSON ({error}), so it is not a baseline, or not all of one. Take it from "
            "version control again, or write it anew with --update-baseline."
        ) from error
    if not isinstance(data, dict) or data.get("kind") != "Baseline":
        kind = data.get("kind") if isinstance(data, dict) else type(data).__name__
        raise InvalidArgumentError(
            f"This is not a baseline but {kind or 'something else'!r}; make one of a report with "
            "Baseline.of(report)."
        )
    data = migrated(data)
    try:
        return _baseline(data)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidArgumentError(
            f"This baseline is damaged ({type(error).__name__}: {error}). Take it from version "
            "control again, or write it anew with --update-baseline."
        ) from error


def migrated(
    data: dict[str, Any],
    migrations: Mapping[int, Migration] = MIGRATIONS,
    newest: int = SCHEMA,
) -> dict[str, Any]:
    """Bring the JSON object of a baseline to the newest schema.

    Raises
    ------
    InvalidArgumentError
        When the schema is missing, newer than this version of tellapart knows, or too old.

    Examples
    --------
    >>> def second(data):
    ...     return {**data, "seed": 0}
    >>> migrated({"schema": 1}, {1: second}, newest=2)
    {'schema': 2, 'seed': 0}
    """
    schema = data.get("schema")
    if isinstance(schema, bool) or not isinstance(schema, int) or schema < 1:
        raise InvalidArgumentError(
            f"The schema of this baseline is {schema!r}; it must be an integer from 1 to {newest}. "
            "The file was not written by Baseline.save()."
        )
    if schema > newest:
        raise InvalidArgumentError(
            f"This baseline has schema {schema}, and this version of tellapart knows those up to "
            f"{newest}; install a newer tellapart, or write the baseline anew."
        )
    for step in range(schema, newest):
        if step not in migrations:
            raise InvalidArgumentError(
                f"Baselines of schema {step} cannot be read any more; write it anew with "
                "--update-baseline."
            )
        data = {**migrations[step](data), "schema": step + 1}
    return data


def _baseline(data: dict[str, Any]) -> Baseline:
    return Baseline(
        subject=_word(data["subject"]),
        profile=_word(data["profile"]),
        seed=_whole(data["seed"]),
        spec=_word(data["spec"]),
        versions=tuple((name, _word(value)) for name, value in data["versions"].items()),
        checks=tuple(_check(id, data["checks"][id]) for id in sorted(data["checks"])),
        merge_tolerance=float(data["merge_tolerance"]),
    )


def _check(id: str, data: dict[str, Any]) -> KnownCheck:
    rows = {int(depth): row for depth, row in data.get("depths", {}).items()}
    cases = data["cases"]
    return KnownCheck(
        check=id,
        verdict=SuiteVerdict(data["verdict"]),
        advisory=bool(data.get("advisory", False)),
        counts=tuple((SuiteVerdict(one).value, _whole(n)) for one, n in data["counts"].items()),
        grades=tuple((one, _whole(n)) for one, n in data.get("grades", {}).items()),
        by_depth=tuple(
            DepthShare(depth, _whole(rows[depth][0]), _whole(rows[depth][1]), float(rows[depth][2]))
            for depth in sorted(rows)
        ),
        margin=_number(data.get("margin")),
        seconds=float(data["seconds"]),
        cases=tuple(_known_case(name, cases[name]) for name in sorted(cases)),
    )


def _known_case(name: str, data: dict[str, Any]) -> KnownCase:
    merged = data.get("merged", {}).items()
    return KnownCase(
        scenario=name,
        verdict=SuiteVerdict(data["verdict"]),
        grade=None if data.get("grade") is None else _word(data["grade"]),
        system=None if data.get("system") is None else _word(data["system"]),
        distance=_number(data.get("distance")),
        margin=_number(data.get("margin")),
        ratio=_number(data.get("ratio")),
        merged=tuple(sorted((int(depth), _whole(number)) for depth, number in merged)),
        depths=tuple(_whole(depth) for depth in data.get("depths", [])),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value
