"""Reading cases of older versions: one function for each step from a schema to the next."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tellapart.properties.cases.case import SCHEMA
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["MIGRATIONS", "Migration", "migrate"]

#: Takes the JSON object of a case of one schema, returns that of the next one.
Migration = Callable[[dict[str, Any]], dict[str, Any]]

#: ``MIGRATIONS[v]`` leads from schema ``v`` to ``v + 1``. Schema 1 is the first of all, so there is
#: none yet; what was written before there were cases has no schema and is read by
#: :func:`tellapart.properties.replay.replay` as it is.
MIGRATIONS: Mapping[int, Migration] = MappingProxyType({})


def migrate(
    data: dict[str, Any],
    *,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    newest: int = SCHEMA,
) -> dict[str, Any]:
    """Bring the JSON object of a case to the newest schema.

    Parameters
    ----------
    data
        What ``json.loads`` gives for the file; not changed.
    migrations
        Steps by the schema that they start from.
    newest
        The schema to reach.

    Returns
    -------
    dict
        A new object of schema ``newest``; ``data`` itself where it is of that schema.

    Raises
    ------
    InvalidArgumentError
        When the schema is missing, no positive integer, newer than this version of tellapart
        knows, or when a step on the way is missing.

    Examples
    --------
    >>> def second(data):
    ...     return {**data, "name": data["title"]}
    >>> migrate({"schema": 1, "title": "S4"}, migrations={1: second}, newest=2)
    {'schema': 2, 'title': 'S4', 'name': 'S4'}
    """
    schema = data.get("schema")
    if isinstance(schema, bool) or not isinstance(schema, int) or schema < 1:
        raise InvalidArgumentError(
            f"The schema of this case is {schema!r}; it must be an integer from 1 to {newest}. "
            "The file was not written by save_case()."
        )
    if schema > newest:
        raise InvalidArgumentError(
            f"This case has schema {schema}; this version of tellapart reads up to {newest}. "
            "Install a newer one."
        )
    while schema < newest:
        if schema not in migrations:
            raise InvalidArgumentError(
                f"There is no migration of cases from schema {schema} to {schema + 1}; install the "
                "version of tellapart that wrote the case."
            )
        data = {**migrations[schema](data), "schema": schema + 1}
        schema += 1
    return data
