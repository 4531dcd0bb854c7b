"""Parquet and CSV: the same data as the columns in memory, and one clear error for a bad file."""

import gzip
import os

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tellapart.theory.data.columns import Column
from tellapart.theory.data.rows import RowNames
from tellapart.theory.data.tables import label_data
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import (
    DataFileError,
    DuplicateTransitionError,
    InvalidArgumentError,
    InvalidLabelError,
    InvalidMDPError,
    TellapartError,
)

SHARED_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADER = "observation,action,next_observation,label\n"
COLUMNS = {
    "observations": "observation",
    "actions": "action",
    "next_observations": "next_observation",
    "labels": "label",
    "next_labels": "next_label",
}
TEXT = st.text("abxy ,\"'-éß", min_size=1, max_size=4).filter(lambda name: name.strip() == name)


def table_of(log):
    return pa.table({COLUMNS[key]: column for key, column in log.items()})


@SHARED_FOLDER
@given(st.data())
def test_parquet_gives_what_the_columns_give(tmp_path, log_columns, content_of, data):
    names = data.draw(st.sampled_from([st.integers(-3, 40), st.floats(-2, 2, width=16), TEXT]))
    log = data.draw(log_columns(names))
    pq.write_table(
        table_of(log),
        tmp_path / "log.parquet",
        row_group_size=data.draw(st.integers(1, 20)),
        use_dictionary=data.draw(st.booleans()),
    )
    loaded = TransitionData.from_parquet(tmp_path / "log.parquet", next_label="next_label")
    expected = TransitionData.from_arrays(**log)
    assert loaded == expected
    assert content_of(loaded) == content_of(expected)


@SHARED_FOLDER
@given(st.data())
def test_csv_gives_what_the_columns_give(tmp_path, log_columns, content_of, data):
    log = data.draw(log_columns(data.draw(st.sampled_from([st.integers(-3, 40), TEXT]))))
    path = tmp_path / "log.csv"
    pacsv.write_csv(table_of(log), path)
    loaded = TransitionData.from_csv(path, next_label="next_label")
    expected = TransitionData.from_arrays(**log)
    assert loaded == expected
    assert content_of(loaded) == content_of(expected)


@SHARED_FOLDER
@given(st.data())
def test_several_files_and_the_first_rows_are_parts_of_one_log(
    tmp_path, log_columns, content_of, data
):
    log = data.draw(log_columns())
    table = table_of(log)
    cut = data.draw(st.integers(0, len(table)))
    paths = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    pq.write_table(table.slice(0, cut), paths[0], row_group_size=2)
    pq.write_table(table.slice(cut), paths[1])
    count = data.draw(st.integers(1, len(table)))
    loaded = TransitionData.from_parquet(paths, next_label="next_label", max_rows=count)
    expected = TransitionData.from_arrays(**{key: column[:count] for key, column in log.items()})
    assert content_of(loaded) == content_of(expected)
    for k, row in enumerate(loaded.first_rows.tolist()):
        name = f"row {row} of one.parquet" if row < cut else f"row {row - cut} of two.parquet"
        assert loaded.row_text(k) == name


@SHARED_FOLDER
@given(st.data())
def test_several_columns_make_a_tuple(tmp_path, log_columns, data):
    kinds = data.draw(st.sampled_from([(int, int), (int, float), (int, str)]))
    log = data.draw(log_columns(st.tuples(st.integers(0, 2), st.integers(0, 2))))
    table = {"action": log["actions"]}
    columns = {}
    for key, prefix in (("observations", ""), ("next_observations", "next_")):
        parts = list(zip(*log[key], strict=True))
        columns[key] = [f"{prefix}x", f"{prefix}y"]
        for name, kind, part in zip(columns[key], kinds, parts, strict=True):
            table[name] = [kind(value) for value in part]
    pq.write_table(pa.table(table), tmp_path / "log.parquet")
    loaded = TransitionData.from_parquet(
        tmp_path / "log.parquet",
        observation=columns["observations"],
        next_observation=columns["next_observations"],
    )
    x, y = kinds
    named = {key: [(x(a), y(b)) for a, b in log[key]] for key in columns}
    assert loaded == TransitionData.from_arrays(**named, actions=log["actions"])


def save(tmp_path, name="log.parquet", **columns):
    base = {"observation": [0, 1, 2], "action": ["l", "l", "r"], "next_observation": [1, 2, 0]}
    pq.write_table(pa.table({**base, **columns}), tmp_path / name)
    return tmp_path / name


def test_lists_are_vectors_and_images(tmp_path):
    images = np.arange(60).reshape(3, 4, 5).tolist()
    kind = pa.list_(pa.list_(pa.int64(), 5))
    path = save(
        tmp_path,
        observation=pa.array(images, kind),
        next_observation=pa.array(images[::-1], kind),
        label=[[1.0, 2.0], None, [1.0, 3.0]],
    )
    loaded = TransitionData.from_parquet(path)
    array = np.array(images)
    assert set(loaded.label_values) == {(1.0, 2.0), (1.0, 3.0)}
    expected = TransitionData.from_arrays(
        array, ["l", "l", "r"], array[::-1], labels=[(1.0, 2.0), None, (1.0, 3.0)]
    )
    assert loaded == expected


def test_types_of_arrow_columns(tmp_path):
    values = [
        pa.array(["x", "y", "x"]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([3, 1, 3]), pa.array(["no", "y", "-", "x"])),
        pa.array(["x", "y", "x"], pa.large_string()),
    ]
    expected = TransitionData.from_arrays([*"xyx"], ["l", "l", "r"], [*"xyx"])
    for column in values:
        path = save(tmp_path, observation=column, next_observation=column)
        assert TransitionData.from_parquet(path) == expected
    flags = pa.array([True, False, None])
    days = pa.array([1, 2, 1], pa.date32())
    path = save(tmp_path, label=flags, observation=days, next_observation=days)
    loaded = TransitionData.from_parquet(path)
    assert loaded.label_values == (True, False)
    assert [str(day) for day in loaded.observations] == ["1970-01-02", "1970-01-03"]
    raw = pa.array([b"x" * 40, b"y", b"y"])
    loaded = TransitionData.from_parquet(save(tmp_path, observation=raw, next_observation=raw))
    assert all(name.startswith("bytes:") for name in loaded.observations)
    empty = TransitionData.from_parquet(save(tmp_path, label=pa.nulls(3)))
    assert empty.n_labelled == 0


def test_the_label_column_is_read_where_there_is_one(tmp_path):
    path = save(tmp_path, label=[7, None, 9], reward=[1, 2, 3], colour=["red", None, "blue"])
    assert TransitionData.from_parquet(path).label_values == (7, 9)
    assert TransitionData.from_parquet(path, label=None).n_labelled == 0
    assert TransitionData.from_parquet(path, label="reward").label_values == (1, 2, 3)
    assert TransitionData.from_parquet(path, label=["reward", "colour"]).label_values == (
        (1, "red"),
        (3, "blue"),
    )
    assert TransitionData.from_parquet(path, label="colour").label_values == ("red", "blue")
    assert TransitionData.from_parquet(save(tmp_path)).n_labelled == 0


def test_csv_options(tmp_path):
    path = tmp_path / "log.tsv"
    path.write_text(
        'observation\taction\tnext_observation\tlabel\n007\ta\t7\t1\n\n7\t"b\nc"\t007\t\n'
    )
    numbers = TransitionData.from_csv(path, delimiter="\t")
    assert list(numbers.observations) == [7]
    assert list(numbers.actions) == ["a", "b\nc"]
    text = TransitionData.from_csv(path, delimiter="\t", text=["observation", "next_observation"])
    assert list(text.observations) == ["007", "7"]
    assert text.label_of(0) == 1
    assert text.n_labelled == 1


def test_compressed_files_and_byte_order_marks(tmp_path):
    text = (HEADER + "0,a,1,1\n").encode()
    expected = TransitionData.from_arrays([0], ["a"], [1], labels=[1])
    (tmp_path / "marked.csv").write_bytes(b"\xef\xbb\xbf" + text)
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress(text))
    for name in ("marked.csv", "packed.csv.gz"):
        assert TransitionData.from_csv(tmp_path / name) == expected


def test_nulls_inside_a_dictionary_are_nulls():
    values = pa.DictionaryArray.from_arrays(pa.array([1, 0, None]), pa.array([None, "x"]))
    column = Column({"label": pa.chunked_array([values])}, "label", "column", RowNames().text)
    found = label_data(column)
    assert (found.ids.tolist(), found.values) == ([0, -1, -1], ["x"])


def message(error, call, *arguments, **options):
    with pytest.raises(TellapartError) as caught:
        call(*arguments, **options)
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ({"observation": [0, None, 2]}, InvalidMDPError, ["Row 1", "null", "'observation'"]),
        ({"action": ["l", "r", None]}, InvalidMDPError, ["Row 2", "no action", "null"]),
        ({"next_observation": [None, 1, 2]}, InvalidMDPError, ["Row 0", "no successor"]),
        ({"observation": pa.nulls(3)}, InvalidMDPError, ["Row 0", "null"]),
        ({"observation": [0.0, np.nan, 1.0]}, InvalidMDPError, ["Row 1", "nan"]),
        ({"observation": ["0", "1", "2"]}, InvalidMDPError, ["numbers", "text"]),
        ({"observation": [[1], [1, 2], [3]]}, InvalidMDPError, ["Row 1", "2 entries"]),
        ({"observation": [[1], [None], [3]]}, InvalidMDPError, ["Row 1", "null inside"]),
        ({"observation": [[[1]], [[1]], [[]]]}, InvalidMDPError, ["Row 2", "0 entries"]),
        ({"observation": [["a"]] * 3}, DataFileError, ["lists of string"]),
        ({"observation": [{"a": 1}] * 3}, DataFileError, ["struct", "'observation'"]),
        ({"label": [0.0, np.nan, None]}, InvalidLabelError, ["Row 1", "nan", "'label'"]),
        ({"label": [0.0, 1.0, np.inf]}, InvalidLabelError, ["Row 2", "inf"]),
        ({"label": [{"a": 1}] * 3}, DataFileError, ["struct", "'label'"]),
        ({"observation": [0, 0, 0], "label": [1, 1, 2]}, InvalidLabelError,
         ["Observation 0", "1 (row 0)", "2 (row 2)"]),
    ],
)  # fmt: skip
def test_bad_cells_are_refused_with_file_and_row(tmp_path, columns, error, words):
    text = message(error, TransitionData.from_parquet, save(tmp_path, **columns))
    for word in ["log.parquet: ", *words]:
        assert word in text


def test_contradictions_are_refused_with_file_and_rows(tmp_path):
    path = save(tmp_path, observation=[0, 0, 0])
    text = message(DuplicateTransitionError, TransitionData.from_parquet, path, deterministic=True)
    assert text.startswith("log.parquet: Observation 0 with action 'l' leads to 1 (row 0) and to 2")
    text = message(
        DuplicateTransitionError,
        TransitionData.from_parquet,
        [save(tmp_path, "b.parquet"), path],
        deterministic=True,
    )
    assert "row 0 of b.parquet" in text
    assert "row 1 of log.parquet" in text


def test_files_that_are_not_parquet(tmp_path):
    whole = save(tmp_path).read_bytes()

    def refused(name, content):
        (tmp_path / name).write_bytes(content)
        text = message(DataFileError, TransitionData.from_parquet, tmp_path / name)
        assert name in text
        return text

    assert "empty (0 bytes)" in refused("empty.parquet", b"")
    assert "from_csv" in refused("text.parquet", HEADER.encode())
    assert "truncated" in refused("cut.parquet", whole[: len(whole) // 2])
    assert "truncated" in refused("stub.parquet", b"PAR1")
    assert "damaged" in refused("wrong.parquet", whole[:-8] + b"\xff\xff\xff\x00PAR1")
    assert "damaged" in refused("inside.parquet", whole[:4] + b"\xff" * 60 + whole[64:])
    assert "There is no file" in message(
        DataFileError, TransitionData.from_parquet, tmp_path / "none.parquet"
    )
    assert "is a folder" in message(DataFileError, TransitionData.from_parquet, tmp_path)


def test_every_truncation_is_one_clear_error(tmp_path):
    whole = save(tmp_path).read_bytes()
    path = tmp_path / "cut.parquet"
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        assert "cut.parquet" in message(DataFileError, TransitionData.from_parquet, path)


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = save(tmp_path)

    def forbidden(*arguments, **options):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(path), "open", forbidden)
    assert "permissions" in message(DataFileError, TransitionData.from_parquet, path)


def test_missing_columns_are_named_with_those_there_are(tmp_path):
    path = save(tmp_path)
    text = message(DataFileError, TransitionData.from_parquet, path, observation="observations")
    assert "no column 'observations'" in text
    assert "'observation', 'action', 'next_observation'" in text
    assert "Did you mean 'observation'?" in text
    text = message(DataFileError, TransitionData.from_parquet, path, label="reward")
    assert "label=" in text


def test_no_rows(tmp_path):
    path = tmp_path / "none.parquet"
    pq.write_table(pq.read_table(save(tmp_path)).slice(0, 0), path)
    for options in ({}, {"max_rows": 3}):
        assert "no rows" in message(DataFileError, TransitionData.from_parquet, path, **options)
    (tmp_path / "none.csv").write_text(HEADER)
    assert "no rows" in message(DataFileError, TransitionData.from_csv, tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", DataFileError, ["empty (0 bytes)"]),
        ("\n\n", DataFileError, ["only empty lines"]),
        (HEADER + "0,a,1,1\n1,a,2\n", DataFileError, ["row 1", "3 cells", "header has 4"]),
        (HEADER + "0,a,1,1\n1,a,2,3,4\n", DataFileError, ["row 1", "5 cells"]),
        (HEADER + "0,a,1,1\nx,a,2,1\n", DataFileError,
         ["'observation' changes type", "row 0", "'0'", "row 1", "'x'", "text=['observation']"]),
        (HEADER + "x,a,x,1\ny,a,x,1\n3,a,x,1\n", DataFileError, ["row 2", "number '3'"]),
        (HEADER + "0,a,1,1\n1,a,0,n/a\n", DataFileError, ["'label' changes type", "row 1", "n/a"]),
        (HEADER + "0,a,1,1\n1,a,0,nan\n", InvalidLabelError, ["Row 1", "nan"]),
        (HEADER + "0,a,1,1\n,a,0,2\n", InvalidMDPError, ["Row 1", "no observation"]),
        (HEADER + "a,a,b,1\n,a,b,2\n", InvalidMDPError, ["Row 1", "no observation"]),
        ("observation,action\n1,2\n", DataFileError, ["no column 'next_observation'"]),
        ("observation,action,next_observation,action\n1,2,3,4\n", DataFileError,
         ["2 columns named 'action'"]),
    ],
)  # fmt: skip
def test_bad_csv_is_refused_with_the_row(tmp_path, text, error, words):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    found = message(error, TransitionData.from_csv, path)
    for word in ["bad.csv", *words]:
        assert word in found


def test_csv_that_is_not_text(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(HEADER.encode() + b"\xff\xfe,1,2,3\n")
    assert "UTF-8" in message(DataFileError, TransitionData.from_csv, path)
    assert "from_parquet" in message(DataFileError, TransitionData.from_csv, save(tmp_path))
    path.write_bytes(os.urandom(8) + bytes(range(256)))
    assert "bad.csv" in message(DataFileError, TransitionData.from_csv, path)


def test_files_of_unlike_columns_do_not_go_together(tmp_path):
    paths = [save(tmp_path, "a.parquet"), save(tmp_path, "b.parquet", action=[1, 2, 3])]
    assert "different types" in message(DataFileError, TransitionData.from_parquet, paths)
    paths[1] = save(tmp_path, "b.parquet", label=[1, 2, 3])
    assert "all files need the same" in message(DataFileError, TransitionData.from_parquet, paths)


@pytest.mark.parametrize(
    "options",
    [
        {"paths": []},
        {"paths": 5},
        {"paths": [b"x", 3]},
        {"max_rows": 0},
        {"max_rows": True},
        {"max_rows": 1.0},
        {"observation": []},
        {"observation": 3},
        {"observation": None},
        {"action": ["a", 1]},
        {"label": 5},
        {"delimiter": ";;"},
        {"delimiter": 3},
        {"text": 4},
    ],
)
def test_bad_options_are_refused(tmp_path, options):
    (tmp_path / "log.csv").write_text(HEADER + "0,a,1,1\n")
    message(
        InvalidArgumentError, TransitionData.from_csv, **{"paths": tmp_path / "log.csv", **options}
    )


def test_text_columns_must_exist(tmp_path):
    (tmp_path / "log.csv").write_text(HEADER + "0,a,1,1\n")
    assert "no column 'x'" in message(
        DataFileError, TransitionData.from_csv, tmp_path / "log.csv", text="x"
    )


def test_without_pyarrow_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = save(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert "pip install pyarrow" in message(DataFileError, TransitionData.from_parquet, path)


def test_signed_whole_numbers_of_a_csv_are_integers(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("observation,action,next_observation,label\n0,-1,0,0.5\n0,+1,1,0.5\n")
    data = TransitionData.from_csv(path)
    assert [(name, type(name)) for name in data.actions] == [(-1, int), (1, int)]
    assert data.label_values == (0.5,)
