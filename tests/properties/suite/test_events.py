"""NDJSON: what is read is what was written, whatever it was; broken files are told by line."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_runs import events_of, reports

from tellapart.properties.report.suite_events import EventWriter, event_name, read_events
from tellapart.properties.suite.events import CaseDone, CheckDone, Started, Stopped, Warned
from tellapart.properties.suite.running import check_encoder
from tellapart.theory.errors import InvalidArgumentError


def written(events):
    stream = io.StringIO()
    writer = EventWriter(stream)
    for event in events:
        writer(event)
    return stream.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("events")


@settings(max_examples=25)  # a report is a large example
@given(report=reports(), data=st.data())
def test_what_is_read_is_what_was_written(folder, report, data):
    events = events_of(report)
    # A consumer that is asked late, or a run that takes up known results, misses the beginning.
    events = events[data.draw(st.integers(0, len(events))) :]
    file = folder / "events.ndjson"
    file.write_text(written(events), encoding="utf-8", newline="")
    found = list(read_events(file))
    assert [one.to_json() for one in found] == [one.to_json() for one in events]


@settings(max_examples=25)  # a report is a large example
@given(reports())
def test_each_line_is_one_object_that_names_its_event(report):
    events = events_of(report)
    text = written(events)
    assert text.isascii()
    lines = text.splitlines()
    assert [json.loads(line)["event"] for line in lines] == [event_name(type(e)) for e in events]
    # Cases are not written three times.
    assert sum(line.count('"CaseResult"') for line in lines) == sum(
        isinstance(event, CaseDone) for event in events
    )


@settings(max_examples=25)  # a report is a large example
@given(reports(), st.data())
def test_a_file_that_was_cut_off_gives_the_events_before(folder, report, data):
    events = events_of(report)
    text = written(events)
    kept = text[: data.draw(st.integers(0, len(text)))]
    file = folder / "cut.ndjson"
    file.write_text(kept, encoding="utf-8", newline="")
    found = list(read_events(file))
    assert [one.to_json() for one in found] == [one.to_json() for one in events[: kept.count("\n")]]


def test_names_of_events():
    names = [event_name(one) for one in (Started, CaseDone, CheckDone, Warned, Stopped)]
    assert names == ["started", "case-done", "check-done", "warned", "stopped"]


def test_every_event_is_flushed_when_it_happens():
    class Watched(io.StringIO):
        flushed = 0

        def flush(self):
            self.flushed = len(self.getvalue())

    stream = Watched()
    writer = EventWriter(stream)
    for number in range(3):
        writer(Warned(f"number {number}"))
        assert stream.flushed == len(stream.getvalue())
    assert stream.getvalue().count("\n") == 3


def test_a_real_run_can_be_read_with_nothing_but_json(tmp_path):
    file = tmp_path / "events.ndjson"
    with file.open("w", encoding="utf-8") as stream:
        report = check_encoder(
            "constant", profile="smoke", only=["exact-counting"], on_fail=None,
            consumers=[EventWriter(stream)],
        )  # fmt: skip
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    verdicts = [one["result"]["outcome"]["verdict"] for one in lines if one["event"] == "case-done"]
    assert verdicts == ["collapsed"]
    *_, last = read_events(file)
    assert last.report.to_json() == report.to_json()


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        "{}",
        '{"event": "party"}',
        '{"event": "warned"}',
        '{"event": "check-done", "result": {"cases": {"told": ["a/b"]}}}',
        '{"event": "check-done", "result": 3}',
        '{"event": "stopped"}',
        "[" * 100_000,
    ],
)
def test_a_broken_line_is_named(tmp_path, line):
    file = tmp_path / "events.ndjson"
    file.write_text(written([Warned("one")]) + line + "\n")
    events = read_events(file)
    assert next(events) == Warned("one")
    with pytest.raises(InvalidArgumentError, match=r"events\.ndjson, line 2: this is no event"):
        next(events)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InvalidArgumentError, match="cannot be read"):
        list(read_events(tmp_path / "none"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\n")
    with pytest.raises(InvalidArgumentError, match="cannot be read"):
        list(read_events(tmp_path / "binary"))
