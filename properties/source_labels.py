"""Candidate labels of a SOURCE by name, to put side by side (S9)."""

from collections.abc import Hashable, Sequence

from tellapart.properties.source_files import parse_file_source
from tellapart.properties.source_options import SourceError
from tellapart.properties.sources import Progress, Source, load_source, parse_gym_source
from tellapart.theory.environments import LABELINGS, gymnasium_labelings
from tellapart.theory.errors import TellapartError

__all__ = ["ALWAYS", "load_labelings"]

#: Labelings that every source has.
ALWAYS = ("label", "constant", "observation")

Labels = tuple[Hashable, ...]


def load_labelings(
    source: str | Source,
    names: Sequence[str],
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Labels]:
    """Load labelings of a system by their names.

    Parameters
    ----------
    source
        A SOURCE string, or what :func:`~tellapart.properties.sources.load_source` made of it.
    names
        Of any source: ``label`` (its own), ``constant`` (the same for all) and ``observation``
        (its name). Of an environment also ``reward`` and ``done``, along the actions. Of a graph
        file every attribute that all nodes have; of an ``.aut`` file ``enabled``. Of a table any
        column. An attribute or column called ``constant`` or ``observation`` comes before the
        labeling of that name.
    seed, progress
        As in :func:`~tellapart.properties.sources.load_source`.

    Returns
    -------
    By name, one label for each observation of the system; None where it is not known.

    Raises
    ------
    SourceError
        For a name that the source does not have, listing those it has, and for everything that
        keeps the source from being loaded.

    Examples
    --------
    >>> load_labelings("gallery:counting-3", ["label", "constant"])
    {'label': (0, 1, 0), 'constant': (0, 0, 0)}
    """
    loaded = source if isinstance(source, Source) else load_source(
        source, seed=seed, progress=progress
    )  # fmt: skip
    _check_names(names)
    found = _own(loaded, [name for name in names if name != "label"], progress)
    system = loaded.system
    own = tuple(None if i < 0 else system.label_values[i] for i in system.label_ids.tolist())
    always: dict[str, Labels] = {
        "label": own,
        "constant": (0,) * system.n_obs,
        "observation": tuple(system.observations),
    }
    available = {**always, **found, "label": own}
    unknown = [name for name in names if name not in available]
    if unknown:
        raise SourceError(
            f"{loaded.title}: there is no labeling {unknown[0]!r}; there are "
            f"{', '.join(available)}."
        )
    return {name: available[name] for name in names}


def _check_names(names: Sequence[str]) -> None:
    if isinstance(names, str) or not names or not all(isinstance(n, str) and n for n in names):
        raise SourceError(f"The labelings are {names!r}; give a list of at least one name.")
    repeated = [name for name in names if list(names).count(name) > 1]
    if repeated:
        raise SourceError(f"The labeling {repeated[0]!r} is asked for twice; name each once.")


def _own(source: Source, names: list[str], progress: Progress | None) -> dict[str, Labels]:
    """Return the labelings that only this kind of source has."""
    if source.kind == "file":
        file = parse_file_source(source.title)
        if file is None:  # the title of a Source that somebody made by hand
            return {}
        if not file.is_table:
            return file.labelings([])
        columns = file.columns()
        return file.labelings([name for name in names if name in columns]) | {
            name: () for name in columns if name not in names
        }
    if source.kind == "gymnasium":
        if not set(names) & {"reward", "done"}:
            return dict.fromkeys(LABELINGS[:2], ())
        name, options = parse_gym_source(source.title)
        options.pop("label_tolerance", None)
        try:
            return gymnasium_labelings(name, progress=progress, **options)
        except TellapartError as error:
            raise SourceError(f"{source.title}: {error}") from error
    return {}
