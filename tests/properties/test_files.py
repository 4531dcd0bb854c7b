"""Atomic writes: an interruption leaves the old file or none, never half of one."""

import os

import pytest

from tellapart.properties.files import check_writable, write_atomically
from tellapart.theory.errors import InvalidArgumentError


def test_a_new_file_is_written_whole_with_ordinary_permissions(tmp_path):
    target = tmp_path / "report.html"
    write_atomically(target, "text")
    assert target.read_text(encoding="utf-8") == "text"
    umask = os.umask(0)
    os.umask(umask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask


def test_an_interrupted_write_keeps_the_old_content_and_no_debris(tmp_path, monkeypatch):
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, "new")
    monkeypatch.undo()
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_missing_folder_is_named_before_the_work_starts(tmp_path):
    with pytest.raises(InvalidArgumentError, match="does not exist"):
        check_writable(tmp_path / "nowhere" / "report.html")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InvalidArgumentError, match="is a folder"):
        check_writable(tmp_path)
