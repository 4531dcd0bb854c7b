"""Ways into transition data: columns in memory, files, and episodes."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import Enum
from os import PathLike
from typing import TYPE_CHECKING, Any, Self, cast

from tellapart.theory.data.rows import RowNames

if TYPE_CHECKING:
    from tellapart.theory.data.transitions import TransitionData

__all__ = ["IF_PRESENT", "Columns", "IfPresent", "Loaders", "Paths"]

#: One file or several; the rows of several are read one file after the other.
Paths = str | PathLike[str] | Sequence[str | PathLike[str]]

#: One column by its name, or several, which make a tuple.
Columns = str | Sequence[str]


class IfPresent(Enum):
    """The default of ``label=``: the column of that name where there is one."""

    IF_PRESENT = "if present"


#: Read labels from the column (or key) ``label`` (``labels`` in episodes) where there is one.
IF_PRESENT = IfPresent.IF_PRESENT


class Loaders:
    """Class methods of :class:`~tellapart.theory.data.transitions.TransitionData` that load data.

    All of them compare observations and actions by value, and understand these options.

    Parameters
    ----------
    deterministic
        Refuse several successors for one pair (observation, action).
    label_tolerance
        Merge numeric labels that differ by at most this; default: compare exactly.
    observation_names, action_names
        All names there are, in the order that you want; also names that occur in no row. Default:
        the names that occur; sorted when all are numbers, or all text, or tuples of the same kinds
        of these; else by first appearance.
    """

    @classmethod
    def from_arrays(
        cls,
        observations: Any,
        actions: Any,
        next_observations: Any,
        labels: Any = None,
        next_labels: Any = None,
        *,
        deterministic: bool = False,
        label_tolerance: float | None = None,
        row_names: RowNames | None = None,
        observation_names: Iterable[Hashable] | None = None,
        action_names: Iterable[Hashable] | None = None,
    ) -> Self:
        """Load columns in memory: entry ``i`` of each column belongs to row ``i``.

        Parameters
        ----------
        observations, actions, next_observations
            ``[n_rows]`` numbers, text, tuples or other hashable values, as array or list; or an
            array of numbers ``[n_rows, ...]``; or dictionaries, or one dictionary of columns.
            Vectors of up to 16 entries are named by the tuple of them. Larger arrays, dictionaries
            and long bytes objects are named by a hash of all they hold, such as
            ``array:1f3a5c0e9b2d7788``; :meth:`TransitionData.first_seen` leads back to the row.
        labels, next_labels
            ``[n_rows]`` or ``[n_rows, k]``: the label of the observation, and of the successor, of
            each row. None and masked entries are not known.
        row_names
            How messages name a row; default ``row 17``.
        deterministic, label_tolerance, observation_names, action_names
            As for all loaders, see :class:`Loaders`.

        Raises
        ------
        InvalidMDPError
            For columns of unlike lengths, no rows, missing or NaN entries, entries that do not
            hash, observations and successors of different kinds, and names that are not among
            those given.
        InvalidLabelError
            For an observation with two labels, with both rows; for NaN labels, with the row.
        DuplicateTransitionError
            With ``deterministic``, for two rows that contradict each other.

        Notes
        -----
        O(m log m) for m rows, plus the size of arrays. Arrays are the same when dtype, shape and
        every value are: a hash proposes, a comparison of all bytes decides. Setting of S1.

        Examples
        --------
        >>> from tellapart.theory.data.transitions import TransitionData
        >>> TransitionData.from_arrays(
        ...     observations=["hall", "hall", "yard"],
        ...     actions=["out", "stay", "stay"],
        ...     next_observations=["yard", "hall", "yard"],
        ...     labels=["dark", None, "light"],
        ... )
        TransitionData(n_obs=2, n_actions=2, n_transitions=3, n_labelled=2, partial)
        """
        from tellapart.theory.data.arrays import Options, from_columns
        from tellapart.theory.data.columns import Column

        rows = row_names or RowNames()
        columns = [
            Column(observations, "observation", "observations", rows.text),
            Column(actions, "action", "actions", rows.text),
            Column(next_observations, "successor", "next_observations", rows.text),
        ]
        places = [(labels, "labels"), (next_labels, "next_labels")]
        options = Options(deterministic, label_tolerance, observation_names, action_names)
        data: Self = from_columns(_data_class(cls), columns, places, rows, options)
        return data

    @classmethod
    def from_parquet(
        cls,
        paths: Paths,
        *,
        observation: Columns = "observation",
        action: Columns = "action",
        next_observation: Columns = "next_observation",
        label: Columns | IfPresent | None = IF_PRESENT,
        next_label: Columns | None = None,
        deterministic: bool = False,
        label_tolerance: float | None = None,
        observation_names: Iterable[Hashable] | None = None,
        action_names: Iterable[Hashable] | None = None,
        max_rows: int | None = None,
    ) -> Self:
        """Load Parquet files, one transition in each row.

        Parameters
        ----------
        paths
            One file or a list of files.
        observation, action, next_observation
            The column of each, or a list of columns that together make a tuple. Columns may hold
            numbers, text, bytes, dates, or lists of numbers (vectors and images).
        label, next_label
            The column with the label of the observation, and of the successor; null: not known.
            Default: the column ``label`` where there is one; None: no labels.
        max_rows
            Read only the first so many rows.
        deterministic, label_tolerance, observation_names, action_names
            As for all loaders, see :class:`Loaders`.

        Raises
        ------
        DataFileError
            For a file that is missing, empty, truncated or not Parquet, and for missing columns.
        InvalidMDPError, InvalidLabelError, DuplicateTransitionError
            As :meth:`from_arrays`, with the file; also for nulls.

        Notes
        -----
        Needs pyarrow. Only the columns asked for are read; no Python object is made for a row.
        """
        from tellapart.theory.data.files import Wanted, from_parquet

        wanted = Wanted(observation, action, next_observation, label, next_label)
        data: Self = from_parquet(
            _data_class(cls), paths, wanted, max_rows,
            (deterministic, label_tolerance, observation_names, action_names),
        )  # fmt: skip
        return data

    @classmethod
    def from_csv(
        cls,
        paths: Paths,
        *,
        observation: Columns = "observation",
        action: Columns = "action",
        next_observation: Columns = "next_observation",
        label: Columns | IfPresent | None = IF_PRESENT,
        next_label: Columns | None = None,
        deterministic: bool = False,
        label_tolerance: float | None = None,
        observation_names: Iterable[Hashable] | None = None,
        action_names: Iterable[Hashable] | None = None,
        max_rows: int | None = None,
        delimiter: str = ",",
        text: Columns = (),
    ) -> Self:
        """Load CSV files with a header line, one transition in each row.

        Parameters
        ----------
        delimiter
            What stands between cells.
        text
            Columns to read as text even where they look like numbers (``007`` is 7 otherwise).
        paths, observation, action, next_observation, label, next_label, max_rows
            As :meth:`from_parquet`. An empty cell is a label that is not known.
        deterministic, label_tolerance, observation_names, action_names
            As for all loaders, see :class:`Loaders`.

        Raises
        ------
        DataFileError
            For a file that is missing, empty or not CSV, rows with too few or too many cells,
            missing columns, and columns that hold numbers in some rows and text in others.
        InvalidMDPError, InvalidLabelError, DuplicateTransitionError
            As :meth:`from_arrays`, with the file.

        Notes
        -----
        Needs pyarrow. Rows are counted from 0 and the header line is not counted.
        """
        from tellapart.theory.data.files import Wanted, from_csv

        wanted = Wanted(observation, action, next_observation, label, next_label)
        data: Self = from_csv(
            _data_class(cls), paths, wanted, max_rows,
            (deterministic, label_tolerance, observation_names, action_names),
            delimiter, text,
        )  # fmt: skip
        return data

    @classmethod
    def from_episodes(
        cls,
        episodes: Iterable[Any],
        *,
        observations: str = "observations",
        actions: str = "actions",
        label: str | IfPresent | None = IF_PRESENT,
        observation: Hashable | Callable[[Any], Any] = None,
        deterministic: bool = False,
        label_tolerance: float | None = None,
        observation_names: Iterable[Hashable] | None = None,
        action_names: Iterable[Hashable] | None = None,
    ) -> Self:
        """Load episodes: T actions and the T + 1 observations around them.

        Parameters
        ----------
        episodes
            Dictionaries, or objects with attributes such as those of a Minari data set.
        observations, actions
            Where an episode keeps its observations (T + 1 of them) and actions (T).
        label
            Where it keeps its labels: T + 1 of them, one for each observation, None where it is
            not known; or T of them, one for each step, as in ``"rewards"`` and
            ``"terminations"``, which are labels of the successors. Default: ``"labels"`` where an
            episode has it; None: no labels.
        observation
            What of an observation counts: a key of dictionary observations, or a function from an
            observation to what stands for it (a number, text, tuple or array). Default: all.
        deterministic, label_tolerance, observation_names, action_names
            As for all loaders, see :class:`Loaders`.

        Raises
        ------
        InvalidMDPError
            For an episode of wrong lengths or without steps, and as :meth:`from_arrays`.
        InvalidLabelError, DuplicateTransitionError
            As :meth:`from_arrays`, with the step and the episode.

        Examples
        --------
        >>> from tellapart.theory.data.transitions import TransitionData
        >>> walk = {"observations": [0, 1, 2], "actions": ["on", "on"], "rewards": [0.0, 1.0]}
        >>> data = TransitionData.from_episodes([walk], label="rewards")
        >>> [data.label_of(o) for o in range(3)], data.row_text(1)
        ([None, 0.0, 1.0], 'step 1 of episode 0')
        """
        from tellapart.theory.data.arrays import Options
        from tellapart.theory.data.episodes import Keys, from_episodes

        keys = Keys(observations, actions, label, observation)
        options = Options(deterministic, label_tolerance, observation_names, action_names)
        data: Self = from_episodes(_data_class(cls), episodes, keys, options)
        return data


def _data_class(cls: Any) -> "type[Any]":
    """Say that the class with these methods is one of transition data."""
    return cast("type[TransitionData]", cls)
