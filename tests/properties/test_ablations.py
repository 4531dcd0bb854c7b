"""The ablation matrix: intervals, sentences, tables, figure, resuming, the command."""

import csv
import io
import json
import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tellapart.models.ablations.cell import AblationCell, AblationRun, DepthCount
from tellapart.properties import ablations
from tellapart.properties.ablations import AblationReport, reproduce_ablations
from tellapart.properties.ablations_sentences import sentences
from tellapart.properties.ablations_statistics import summarise, wilson
from tellapart.properties.ablations_store import CellKey, CellStore
from tellapart.properties.cli import cli
from tellapart.properties.report.ablation_figure import draw_ablations
from tellapart.properties.report.ablation_table import csv_table, latex_table, text_table
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.verdict import Verdict

SMALL = {"designs": ["joint", "aux-only"], "families": ["counting-9"], "seeds": 2, "steps": 5}


def run(seed, verdict, apart=10, *, met=True, size=1.0, covered=True):
    ratio = 0.5 if met else 2.0
    counts = (DepthCount(0, 4, min(4, apart)), DepthCount(1, 6, max(0, apart - 4)))
    return AblationRun(seed, verdict, verdict, ratio, 0.1, covered, counts, counts, size)


def cell(design, runs, decay=3.0, family="chain"):
    return AblationCell(design, family, decay, 100, tuple(runs))


def holding(design, **changes):
    return cell(design, [run(k, Verdict.HOLDS, **changes) for k in range(5)])


def collapsed(design, **changes):
    runs = [run(k, Verdict.COLLAPSED, apart=6, met=False, **changes) for k in range(5)]
    return cell(design, runs)


def report_of(*cells):
    designs = tuple(dict.fromkeys(c.design for c in cells))
    return AblationReport(designs, ("chain",), 5, 100, (3.0,), tuple(cells))


@given(st.floats(0, 1), st.integers(1, 1000))
def test_wilson_ends_are_where_the_score_test_turns(mean, runs):
    rate, z = wilson(mean, runs), 1.959963984540054
    assert 0 <= rate.low <= mean <= rate.high <= 1
    for end in {rate.low, rate.high} - {0.0, 1.0, mean}:
        assert abs(mean - end) == pytest.approx(
            z * math.sqrt(end * (1 - end) / runs), rel=1e-6, abs=1e-9
        )


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5, 0.9])
def test_wilson_covers_about_as_often_as_it_says(p):
    n = 10
    covered = sum(
        math.comb(n, k) * p**k * (1 - p) ** (n - k)
        for k in range(n + 1)
        if wilson(k / n, n).low <= p <= wilson(k / n, n).high
    )
    assert 0.89 <= covered <= 0.995


@pytest.mark.parametrize(("mean", "runs"), [(-0.1, 5), (1.1, 5), (float("nan"), 5), (0.5, 0)])
def test_no_rate_of_nothing(mean, runs):
    with pytest.raises(InvalidArgumentError):
        wilson(mean, runs)


def test_a_summary_is_the_mean_over_runs():
    found = summarise([cell("x", [run(0, Verdict.HOLDS), run(1, Verdict.COLLAPSED, apart=4)])])
    assert found.apart.mean == pytest.approx((1.0 + 0.4) / 2)
    assert [(depth, rate.mean) for depth, rate in found.by_depth] == [(0, 1.0), (1, 0.5)]
    assert (found.holds.mean, found.collapsed.mean, found.vacuous.mean) == (0.5, 0.5, 0.0)
    with pytest.raises(InvalidArgumentError, match="no run"):
        summarise([])


def test_the_sentences_follow_the_numbers_and_not_the_names():
    usual = "\n".join(sentences([holding("joint"), collapsed("aux-only")]))
    opposite = "\n".join(sentences([collapsed("joint"), holding("aux-only")]))
    for text, good, bad in ((usual, "joint", "aux-only"), (opposite, "aux-only", "joint")):
        assert f"every pair that it must: {good}." in text
        assert f"merged (collapsed): {bad} (5 of 5 runs)." in text
        assert "In none of the 5 runs" in text


def test_sentences_tell_the_rest():
    vacuous = cell("dynamics-only", [run(k, Verdict.VACUOUS, met=False) for k in range(3)])
    assert "(vacuous): dynamics-only (3 of 3 runs)" in "\n".join(sentences([vacuous]))
    assert "not put to the test" in sentences([vacuous])[-1]
    assert "faded" in "\n".join(sentences([holding("joint", size=1e-9)]))
    assert "faded" not in "\n".join(sentences([holding("joint")]))
    text = "\n".join(sentences([holding("value-target", covered=False)]))
    assert "does not ask for all that the task needs: value-target (5 of 5 runs)" in text
    assert sentences([replace(holding("joint"), weight_decay=0.0)])[0].startswith("Without weight")


def test_a_merged_pair_under_a_met_premise_is_not_hidden():
    broken = cell("joint", [run(0, Verdict.COLLAPSED, apart=9), run(1, Verdict.HOLDS)])
    assert sentences([broken])[-1].startswith("In 1 of the 2 runs that met the premise")


def test_the_text_table_shows_rates_intervals_and_counts():
    text = text_table(report_of(holding("joint"), collapsed("aux-only")))
    rows = {line.split()[0]: line.split() for line in text.split("\n") if line}
    lines = [line for line in text.split("\n") if line.startswith("aux-only")]
    assert "0.60 [0.23, 0.88]" in lines[0]
    assert lines[1].split() == ["aux-only", "0.60", "5c"]
    assert rows["joint"] == ["joint", "1", "5h"]


def test_the_csv_has_a_line_for_each_cell_and_depth():
    rows = list(csv.DictReader(io.StringIO(csv_table(report_of(holding("a"), collapsed("b"))))))
    assert [(row["design"], row["depth"]) for row in rows] == [
        (design, depth) for design in "ab" for depth in ("all", "0", "1")
    ]
    assert float(rows[3]["apart"]) == 0.6
    assert float(rows[3]["low"]) < 0.6 < float(rows[3]["high"])
    assert (rows[0]["holds"], rows[3]["collapsed"]) == ("1", "1")
    assert (rows[4]["apart"], rows[5]["apart"]) == ("1", "0.333333")


def test_the_latex_table_is_balanced():
    text = latex_table(report_of(holding("joint"), collapsed("aux-only")))
    for name in ("table*", "tabular"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 1
    rows = [line for line in text.split("\n") if line.startswith(("design", "joint", "aux-only"))]
    assert len(rows) == 3
    assert len({row.count("&") for row in rows}) == 1
    assert text.count("{") == text.count("}")
    assert r"95 \%" in text


def test_the_figure_shows_the_numbers():
    text = str(draw_ablations(report_of(holding("joint"), collapsed("aux-only"))))
    root = ElementTree.fromstring(text)
    titles = [node.text for node in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "aux-only on chain, depth 1: 0.333 told apart [0.09, 0.72], 5 runs" in titles
    assert "holds: 1 of 5 runs [0.57, 1.00]" in titles
    assert "prefers-color-scheme: dark" in text


def test_bytes_do_not_depend_on_processes_or_on_an_interruption(tmp_path):
    whole = reproduce_ablations(**SMALL)
    done = []

    def stop_after_two(stage, n, total, note):
        done.append((n, total))
        if n == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reproduce_ablations(**SMALL, folder=tmp_path, progress=stop_after_two)
    assert done == [(0, 4), (1, 4), (2, 4)]
    starts = []
    resumed = reproduce_ablations(
        **SMALL, jobs=2, folder=tmp_path, progress=lambda *state: starts.append(state)
    )
    assert starts[0] == ("ablations", 2, 4, "2 found")
    assert resumed == whole
    assert resumed.to_json() == whole.to_json()
    assert AblationReport.from_json(whole.to_json()) == whole


def test_finished_cells_are_not_made_again_and_damaged_ones_are(tmp_path, monkeypatch):
    first = reproduce_ablations(**SMALL, folder=tmp_path)
    files = sorted((tmp_path / "cells").iterdir())
    assert len(files) == 4
    files[0].write_text(files[0].read_text()[:100])  # half a file
    files[1].write_text(files[2].read_text())  # the cell of another key
    made = []

    def watched(key):
        made.append(key)
        return original(key)

    original = ablations._make
    monkeypatch.setattr(ablations, "_make", watched)
    assert reproduce_ablations(**SMALL, folder=tmp_path) == first
    assert {key.filename for key in made} == {files[0].name, files[1].name}


def test_another_setting_is_another_cell(tmp_path):
    key = CellKey("joint", "chain", 3.0, 5, 100)
    store = CellStore(tmp_path)
    store.save(key, holding("joint"))
    assert store.load(key) == holding("joint")
    for change in ({"seeds": 4}, {"steps": 99}, {"weight_decay": 0.0}, {"design": "aux-only"}):
        assert store.load(replace(key, **change)) is None
        assert replace(key, **change).filename != key.filename


@pytest.mark.parametrize(
    "change",
    [
        {"designs": []}, {"designs": ["joint", "joint"]}, {"designs": ["vicreg"]},
        {"families": ["ring"]}, {"profile": "long"}, {"seeds": 0}, {"steps": True}, {"jobs": 0},
    ],
)  # fmt: skip
def test_bad_arguments_are_refused(change):
    with pytest.raises(InvalidArgumentError):
        reproduce_ablations(**(SMALL | change))


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InvalidArgumentError, match="cannot be used as a folder"):
        CellStore(tmp_path / "taken")


def command(*extra):
    small = ["--seeds", "2", "--steps", "5"]
    options = ["--designs", "joint,aux-only", "--families", "counting-9", *small]
    return CliRunner().invoke(cli, ["reproduce", "ablations", *options, *extra])


def test_the_command_writes_everything(tmp_path):
    page, folder = tmp_path / "out" / "page.html", tmp_path / "out"
    found = command("--out", str(folder), "--html", str(page))
    assert found.exit_code == 0, found.output
    names = {"ablations.json", "table.txt", "table.csv", "table.tex", "figure.svg", "page.html"}
    assert {path.name for path in folder.iterdir()} == names | {"cells"}
    assert "By family, weight decay 3" in found.output
    report = AblationReport.from_json((folder / "ablations.json").read_text())
    assert (folder / "table.txt").read_text() == report.explain() + "\n"
    html = page.read_text()
    assert html.count("<svg") == html.count("</svg>") == 1
    assert all(sentence in html for sentence in report.sentences)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    again = command("--out", str(folder), "--html", str(page))
    assert again.output == found.output
    assert before == {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_the_command_prints_json_and_names_mistakes():
    assert json.loads(command("--json").output)["kind"] == "AblationReport"
    wrong = CliRunner().invoke(cli, ["reproduce", "ablations", "--designs", "vicreg"])
    assert wrong.exit_code == 2
    assert "no ablation design named 'vicreg'" in wrong.output
