"""Studies are resumed, run by processes, and refuse what they cannot run; all with tiny runs."""

import errno
import json
import multiprocessing
import signal
from dataclasses import replace
from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from study_cases import run_and_die

from tellapart.models.counting import checkpoints
from tellapart.models.counting.checkpoints import CheckpointWriteError, load_checkpoint
from tellapart.models.counting.designs import COUNTING_DESIGNS
from tellapart.models.counting.plan import CountingPlan
from tellapart.properties.counting import run as running
from tellapart.properties.counting import store as storing
from tellapart.properties.counting import workers
from tellapart.properties.counting.run import reproduce_counting
from tellapart.properties.counting.store import RunStore
from tellapart.properties.counting.study import (
    GLYPH_SEEDS,
    PROFILES,
    SEEDS,
    pictured,
    study_plans,
)
from tellapart.theory.errors import InvalidArgumentError

PLANS = (
    CountingPlan("joint", seed=10, steps=20, size=16, batch=8),
    CountingPlan("reward-only", seed=11, steps=20, size=16, batch=8),
)


class StopHereError(Exception):
    pass


def numbers(report):
    """Return everything but the CPU seconds."""
    runs = tuple(replace(run, cpu_seconds=0.0) for run in report.runs)
    return replace(report, runs=runs).to_json()


@cache
def whole():
    return reproduce_counting(plans=PLANS, each=3)


@given(at=st.integers(1, 39))
@settings(max_examples=3)
def test_interrupted_and_resumed_gives_the_same_numbers(tmp_path_factory, at):
    folder = tmp_path_factory.mktemp("study")
    done = []

    def stop(stage, steps, total, note):
        done.append(steps)
        if steps >= at:
            raise StopHereError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "_EVERY", 5)
        with pytest.raises(StopHereError):
            reproduce_counting(plans=PLANS, each=3, folder=folder, progress=stop)
        kept = sorted(path.suffix for path in (folder / "runs").iterdir())
        assert kept == [".json"] * (at > 20) + [".pt"] * ((at - 1) % 20 + 1 >= 5)
        told = []
        again = reproduce_counting(
            plans=PLANS, each=3, folder=folder, progress=lambda *row: told.append(row)
        )
    assert numbers(again) == numbers(whole())
    assert told[0][1] == (20 if at > 20 else 0)
    assert told[-1][1:3] == (40, 40)
    assert {path.suffix for path in (folder / "runs").iterdir()} == {".json"}


def test_processes_change_no_number_and_tell_their_steps(tmp_path, encoder, capfd):
    told = []
    plans = (*PLANS, replace(PLANS[0], encoder=f"{encoder}:small"))
    found = reproduce_counting(
        plans=plans, each=3, jobs=2, folder=tmp_path / "out", encoder=f"{encoder}:small",
        progress=lambda *row: told.append(row),
    )  # fmt: skip
    assert numbers(replace(found, runs=found.runs[:2])) == numbers(
        replace(whole(), claims=found.claims, bars=found.bars)
    )
    assert found.runs[2].plan.encoder == f"{encoder}:small"
    assert found.runs[2].measures.diagnostics.d == 4
    assert capfd.readouterr().out == ""
    assert [row[1] for row in told] == sorted(row[1] for row in told)
    assert told[-1][1:3] == (60, 60)
    assert "3 of 3 runs" in told[-1][3]
    assert sum("measuring" in row[3] for row in told) >= 1


def test_a_killed_command_is_resumed(tmp_path):
    process = multiprocessing.get_context("spawn").Process(
        target=run_and_die, args=(PLANS, tmp_path)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert list((tmp_path / "runs").glob("*.json"))
    assert not (tmp_path / "counting.json").exists()
    assert numbers(reproduce_counting(plans=PLANS, each=3, folder=tmp_path)) == numbers(whole())


def test_finished_runs_are_kept_and_damaged_files_made_again(tmp_path):
    reproduce_counting(plans=PLANS, each=3, folder=tmp_path)
    files = sorted((tmp_path / "runs").iterdir())
    assert [path.suffix for path in files] == [".json", ".json"]
    before = [path.read_bytes() for path in files]
    files[0].write_text("{")
    again = reproduce_counting(plans=PLANS, each=3, folder=tmp_path)
    assert numbers(again) == numbers(whole())
    assert files[1].read_bytes() == before[1]
    assert json.loads(files[0].read_text())["kind"] == "CountingRun"


def test_other_arguments_are_other_runs(tmp_path):
    store, other = RunStore(tmp_path), RunStore(tmp_path, code="edited")
    plan = PLANS[0]
    theirs = replace(plan, encoder="my.py:factory")
    names = {
        store.name(plan, 3, 0), store.name(plan, 4, 0), store.name(plan, 3, 9),
        store.name(replace(plan, batch=9), 3, 0), store.name(theirs, 3, 0),
        other.name(theirs, 3, 0),
    }  # fmt: skip
    assert len(names) == 6
    assert other.name(plan, 3, 0) == store.name(plan, 3, 0)
    assert store.load(plan, 3, 0) is None
    assert RunStore(None).checkpoint(plan, 3, 0) is None


def test_a_run_that_diverges_is_reported_and_the_others_stand(encoder):
    name = f"{encoder}:exploding"
    plans = (PLANS[0], replace(PLANS[0], encoder=name))
    report = reproduce_counting(plans=plans, each=3, encoder=name)
    assert [run.plan for run in report.runs] == [PLANS[0]]
    assert [failure.plan for failure in report.failures] == [plans[1]]
    assert "diverged" in report.failures[0].reason
    assert "Incomplete: 1 run failed" in report.explain()


@pytest.mark.parametrize("jobs", [1, 2])
def test_whatever_an_encoder_does_is_the_end_of_its_run_only(encoder, jobs, capfd):
    name = f"{encoder}:moody"
    plan = replace(PLANS[0], encoder=name, steps=3)
    seeds = (11, 12, 13, 14) if jobs == 2 else (11, 12, 14)  # 13 would end this process
    plans = [replace(plan, seed=seed) for seed in seeds]
    report = reproduce_counting(
        plans=[*plans, replace(PLANS[0], steps=3)], each=3, encoder=name, jobs=jobs
    )
    reasons = {failure.plan.seed: failure.reason for failure in report.failures}
    assert reasons.pop(11) == f"{name} raised ValueError: not with 11."
    assert reasons.pop(12) == f"{name} raised SystemExit: 0."
    if jobs == 2:
        assert reasons.pop(13).startswith("the process of this run died (out of memory?")
    assert not reasons
    assert [run.plan.seed for run in report.runs] == [14, 10]
    assert capfd.readouterr().out == ""


def test_ctrl_c_stops_the_processes_and_keeps_their_checkpoints(tmp_path):
    plans = [replace(plan, steps=30_000) for plan in PLANS]

    def stop(stage, steps, total, note):
        if list(tmp_path.rglob("*.pt")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reproduce_counting(plans=plans, each=3, jobs=2, folder=tmp_path, progress=stop)
    assert not multiprocessing.active_children()
    store = RunStore(tmp_path)
    found = [load_checkpoint(store.checkpoint(plan, 3, 0), plan) for plan in plans]
    decoded = [load_checkpoint(store.checkpoint(plan, 3, 300), plan) for plan in plans]
    assert any(state and state["step"] >= 250 for state in found + decoded)


@pytest.mark.parametrize("damage", ["nothing", "cut", "wrong content", "another plan"])
def test_a_checkpoint_that_cannot_be_continued_is_begun_again(tmp_path, damage):
    folder = RunStore(tmp_path).folder
    kept = {}
    for plan in PLANS:
        job = running._job(plan, 3, RunStore(tmp_path))
        assert job.checkpoint.parent == folder
        torch.save({"version": 2, "plan": plan.to_json(), "state": {"step": 3}}, job.checkpoint)
        kept[plan] = job.checkpoint
    for plan, path in kept.items():
        if damage == "nothing":
            path.write_bytes(b"")
        elif damage == "cut":
            path.write_bytes(path.read_bytes()[:-200])
        elif damage == "another plan":
            other = replace(plan, batch=9).to_json()
            torch.save({"version": 2, "plan": other, "state": {}}, path)
    assert numbers(reproduce_counting(plans=PLANS, each=3, folder=tmp_path)) == numbers(whole())


def no_space(*args, **options):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_cannot_be_written_is_refused_first(tmp_path, monkeypatch):
    monkeypatch.setattr(storing.tempfile, "TemporaryFile", no_space)
    with pytest.raises(InvalidArgumentError, match=r"cannot be used as a folder: No space left"):
        reproduce_counting(plans=PLANS, each=3, folder=tmp_path)


def test_a_full_disk_is_one_clear_error(tmp_path, monkeypatch, encoder):
    name = f"{encoder}:small"
    plans = [replace(PLANS[0], encoder=name, steps=2)]
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints.os, "fsync", no_space)
        with pytest.raises(CheckpointWriteError, match=r"\.pt cannot be written: No space left"):
            reproduce_counting(plans=plans, each=3, folder=tmp_path, encoder=name)
    monkeypatch.setattr(storing, "write_atomically", no_space)
    with pytest.raises(InvalidArgumentError, match=r"\.json cannot be written: No space left"):
        reproduce_counting(plans=plans, each=3, folder=tmp_path, encoder=name)


def test_an_encoder_that_raises_while_it_trains_is_reported(encoder):
    name = f"{encoder}:tired"
    report = reproduce_counting(plans=[replace(PLANS[0], encoder=name)], each=3, encoder=name)
    assert "raised KeyError: 'tired'" in report.failures[0].reason
    assert report.exit_code == 3


@pytest.mark.parametrize(
    "options",
    [
        {"profile": "huge"}, {"jobs": 0}, {"each": 1}, {"plans": ()}, {"jobs": True},
        {"plans": [replace(PLANS[0], encoder="my.py:factory")]},
        {"plans": PLANS, "steps": 3}, {"plans": PLANS, "size": 16}, {"steps": -1}, {"size": 17},
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(options):
    with pytest.raises(InvalidArgumentError):
        reproduce_counting(**options)


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidArgumentError, match="cannot be used as a folder"):
        reproduce_counting(plans=PLANS, folder=tmp_path / "file")


def test_the_profiles_are_what_they_say():
    quick, paper = PROFILES["quick"].plans, PROFILES["paper"].plans
    for plans in (quick, paper):
        assert len(set(plans)) == len(plans)
        assert min(plan.seed for plan in plans) >= 10
        assert {plan.size for plan in plans} == {32}
    designs = [plan.design for plan in quick if plan.control == "frames"]
    assert designs == ["joint"] * 3 + ["reward-only"] + ["dynamics-only"] * 3
    assert {plan.steps for plan in quick if plan.design == "dynamics-only"} == {600}
    ordinary = [p for p in paper if (p.control, p.labels) == ("frames", "sparse")]
    for design in COUNTING_DESIGNS:
        small = [p for p in ordinary if (p.design, p.architecture) == (design, "small-start")]
        assert tuple(plan.seed for plan in small) == SEEDS
    for design in ("joint", "reward-only"):
        glyphs = [p.seed for p in paper if (p.design, p.control) == (design, "glyphs")]
        assert tuple(glyphs) == GLYPH_SEEDS
        assert not set(GLYPH_SEEDS) & set(SEEDS)
    assert sum(plan.labels == "hue" for plan in paper) == 6
    assert sum(map(pictured, quick)) == 3
    assert sum(map(pictured, paper)) == 10


def test_an_encoder_goes_through_three_designs():
    for profile, seeds in (("quick", 1), ("paper", 3)):
        added = study_plans(profile, encoder="my.py:f")[len(PROFILES[profile].plans) :]
        assert [plan.encoder for plan in added] == ["my.py:f"] * 3 * seeds
        assert {plan.design for plan in added} == {"joint", "reward-only", "dynamics-only"}
    assert {plan.steps for plan in study_plans("paper", steps=7, size=16)} == {7}
