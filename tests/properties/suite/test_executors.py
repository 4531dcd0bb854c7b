"""Executors: processes that can be killed, and that do not outlive the one that started them."""

import os
import signal
import subprocess
import sys
from concurrent.futures import BrokenExecutor

import pytest

from tellapart.properties.suite.executors import (
    InlineExecutor,
    dask_executors,
    local_processes,
)
from tellapart.theory.errors import InvalidArgumentError


def test_inline_runs_at_once_and_keeps_errors():
    executor = InlineExecutor()
    assert executor.submit(max, 3, 4).result() == 4
    assert isinstance(executor.submit(int, "x").exception(), ValueError)
    with pytest.raises(KeyboardInterrupt):
        executor.submit(interrupt)


def interrupt():
    raise KeyboardInterrupt


def test_workers_can_be_killed_and_ignore_ctrl_c():
    executor = local_processes(1)
    assert executor.submit(signal.getsignal, signal.SIGINT).result() is signal.SIG_IGN
    worker = executor.submit(os.getpid).result()
    assert worker != os.getpid()
    stuck = executor.submit(signal.pause)
    executor.kill_workers()
    assert isinstance(stuck.exception(), BrokenExecutor)
    executor.shutdown(wait=True)
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


PARENT = """
import os, signal, sys
from tellapart.properties.suite.executors import local_processes
if __name__ == "__main__":
    executor = local_processes(1)
    print(executor.submit(os.getpid).result(), flush=True)
    sys.stdin.readline()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    reading, writing = os.pipe()
    parent = subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=writing, text=True
    )
    os.close(writing)
    with os.fdopen(reading) as output:
        worker = int(output.readline())
        assert worker > 0
        parent.communicate("\n")
        assert parent.returncode == -signal.SIGKILL
        assert output.read() == ""  # the end of the file: the worker, which had it open, is gone


def test_nobody_answers():
    opened = dask_executors("nonsense")
    with pytest.raises(InvalidArgumentError, match="No Dask scheduler answers at 'nonsense'"):
        opened.__enter__()


def test_dask_is_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    opened = dask_executors("tcp://127.0.0.1:1")
    with pytest.raises(InvalidArgumentError, match=r"pip install 'tellapart\[dask\]'"):
        opened.__enter__()
