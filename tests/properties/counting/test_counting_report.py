"""The report of a study: text, figure, page, files and the command; from runs of known numbers."""

import base64
import json
import re
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from study_cases import run, study

from tellapart.models.counting.emergence import Emergence, Look
from tellapart.models.counting.reconstructions import Reconstructions
from tellapart.properties.cli import cli
from tellapart.properties.counting import run as running
from tellapart.properties.counting.report import CountingReport, Failure, counting_report
from tellapart.properties.report.counting_figure import FIGURE_DESIGNS
from tellapart.properties.report.counting_latents import _labels, counts_text
from tellapart.properties.report.counting_paper import REPORTED, draw_reported
from tellapart.properties.report.counting_png import data_address, png
from tellapart.properties.report.counting_rows import setting_rows

SVG = "{http://www.w3.org/2000/svg}"


def report_of(runs, profile="paper", failures=()):
    plans = [one.plan for one in runs] + [failure.plan for failure in failures]
    return counting_report(profile, plans, [*runs, *failures])


def pictured(one, fill=200):
    pixels = np.full((len(one.measures.counts), 16, 16, 3), fill, dtype=np.uint8).tobytes()
    made = Reconstructions(one.measures.counts, 16, pixels, pixels, 5, 0.01, 0.02, 0.015)
    return replace(one, reconstructions=made)


def whole_study(**options):
    first = "small-start"
    return report_of(
        [
            pictured(one) if (one.plan.seed, one.plan.architecture) == (10, first) else one
            for one in study(**options)
        ]
    )


REPORT = whole_study()
OPPOSITE = whole_study(joint="one", reward="nine", glyphs=("nine", "nine"))


def page_of(report, folder):
    report.to_html(folder / "page.html")
    return (folder / "page.html").read_text("utf-8")


def test_the_text_has_claims_bars_runs_and_theory():
    text, other = REPORT.explain(), OPPOSITE.explain()
    assert "shown         The paper: Joint training gives nine clusters" in text
    assert "the opposite  The paper: Joint training gives nine clusters" in other
    assert (
        "met           joint: held-out accuracy at least 0.98: 1, 1, 1 (seeds 10, 11, 12)" in text
    )
    assert "missed        joint: held-out accuracy at least 0.98" in other
    assert "(empty, +1) -> (1, 'red')" in text
    assert "told apart by -1 -1 -1 -1" in text
    assert max(map(len, text.splitlines())) <= 160


def test_a_row_sums_up_its_seeds():
    rows = {row[0]: row for row in setting_rows(REPORT)}
    assert rows["joint"][1:5] == ("3", "1.000", "9 9 9", "1.000")
    assert rows["joint, glyphs, default-cnn"][1] == "5"
    assert rows["reward-only"][3] == "2 2 2"
    assert {len(row) for row in rows.values()} == {13}
    least = {name: row[-1] for name, row in rows.items()}
    assert least["run"] == "least loss"
    assert least["joint"] == "0"
    two = run("two", "reward-only").measures.irreducible
    assert least["reward-only"] == f"{float(two.dynamics + two.auxiliary):.2g}" != "0"
    page = {row[0]: row for row in setting_rows(REPORT, intervals=True)}
    assert page["joint"][2] == "1.000"
    assert re.fullmatch(r"0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]", page["reward-only"][2])
    mine = replace(run("nine"), plan=replace(run("nine").plan, encoder="my.py:factory"))
    assert setting_rows(report_of([run("nine"), mine]))[2][0] == "joint, my.py:factory"


def with_numbers(one, *, encoder=None, **numbers):
    """Let a run of known numbers pass for one of the profile quick."""
    own = {"steps": 600 if one.plan.design == "dynamics-only" else 1500, "size": 32}
    plan = replace(one.plan, seed=one.plan.seed + 20, encoder=encoder, **{**own, **numbers})
    return replace(one, plan=plan)


def test_a_trial_judges_nothing_and_says_so(tmp_path):
    runs = study()[:9]
    for numbers, words in (
        ({"steps": 2}, "a trial of 2 steps"), ({"steps": 1}, "a trial of 1 step"),
        ({"steps": 600}, "a trial of 600 steps"),
        ({"size": 16}, "a trial on pictures of side 16"),
        ({"steps": 2, "size": 16, "batch": 8},
         "a trial of 2 steps on pictures of side 16 with batches of 8"),
        ({"steps": 2, "encoder": "my.py:factory"}, "a trial of 2 steps"),
    ):  # fmt: skip
        report = report_of([with_numbers(one, **numbers) for one in runs], "quick")
        assert report.trial == words
        assert {claim.verdict for claim in report.claims} == {"not measured"}
        assert {words in claim.measured.lower() for claim in report.claims} == {True}
        assert {bar.outcome for bar in report.bars} <= {"not measured"}
        assert {bar.reason for bar in report.bars} <= {words}
    assert report_of([with_numbers(one, steps=2) for one in runs], "own plans").trial
    report = report_of([with_numbers(one, steps=2) for one in runs], "quick")
    assert report.exit_code == 3
    said = "This is a trial of 2 steps: no claim and no bar is judged."
    assert report.explain().splitlines()[1] == said
    assert said in page_of(report, tmp_path)
    assert CountingReport.from_json(report.to_json()).trial == report.trial
    assert set(json.loads(report.to_json())) == set(json.loads(REPORT.to_json()))


def test_a_study_as_it_was_planned_is_no_trial(tmp_path):
    whole = report_of([with_numbers(one) for one in study()[:9]], "quick")
    assert (whole.trial, REPORT.trial) == ("", "")
    assert whole.claims[0].verdict == whole.claims[3].verdict == "shown"
    assert {bar.outcome for bar in whole.bars} == {"met"}
    for text in (whole.explain(), page_of(whole, tmp_path)):
        assert "trial" not in text.lower()
        assert "none was loosened" in " ".join(text.split())


@given(st.dictionaries(
    st.integers(0, 8), st.tuples(st.integers(0, 190), st.integers(0, 150)), min_size=1
))  # fmt: skip
def test_labels_of_counts_lie_apart(centres):
    found = _labels({k: np.array(place, dtype=float) for k, place in centres.items()})
    assert sorted(k for _, members in found for k in members) == sorted(centres)
    boxes = [(x, y, 4.25 * len(counts_text(members))) for (x, y), members in found]
    for (x, y, half), (u, v, other) in combinations(boxes, 2):
        assert abs(y - v) >= 13 or abs(x - u) > half + other


def test_labels_as_wide_as_their_text_are_joined():
    groups = {0: (0, 0), 1: (2, 0), 2: (4, 0), 3: (20, 5), 4: (22, 5), 8: (90, 0)}
    found = _labels({k: np.array(place, dtype=float) for k, place in groups.items()})
    assert [counts_text(members) for _, members in found] == ["0-4", "8"]


def test_the_figure_shows_the_numbers():
    text = REPORT.figure()
    root = ElementTree.fromstring(text)
    titles = [node.text for node in root.iter(f"{SVG}title")]
    assert "joint: 1.000 (n = 3, no interval)" in titles
    assert any(re.fullmatch(r"reward-only: 0\.\d+ \[0\.\d+, 0\.\d+\] \(n = 3\)", t) for t in titles)
    assert sum(title.startswith("0 and 8: distance") for title in titles) == 4
    words = [node.text for node in root.iter(f"{SVG}text")]
    for heading in ("joint", "random-aux", "reward-only", "dynamics-only", "original", "decoded"):
        assert heading in words
    assert len(list(root.iter(f"{SVG}image"))) == 8
    assert "prefers-color-scheme: dark" in text
    assert text == REPORT.figure()
    assert text != OPPOSITE.figure()


def test_the_paper_stands_beside_each_row_as_a_schematic():
    root = ElementTree.fromstring(REPORT.figure())
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert set(REPORTED) == set(FIGURE_DESIGNS)
    for reported in REPORTED.values():
        assert set(reported.lines) <= set(words)
        assert sorted(k for group in reported.groups for k in group) == list(range(9))
    frames = [node for node in root.iter(f"{SVG}rect") if "schematic" in node.get("class", "")]
    assert len(frames) == 4
    assert "not in the paper" in "".join(map(str, draw_reported("vicreg", 0, 0)))


def with_looks(one, *merged):
    looks = tuple(Look(10 * (k + 1), pairs) for k, pairs in enumerate(merged))
    return replace(one, emergence=Emergence(tuple(range(9)), looks))


def test_the_course_of_training_is_drawn_from_the_looks():
    every = tuple(combinations(range(9), 2))
    late = tuple(pair for pair in every if 4 not in pair)
    joint = [with_looks(one, every, late, ()) for one in study()[:3]]
    root = ElementTree.fromstring(report_of(joint).figure())
    titles = [node.text for node in root.iter(f"{SVG}title")]
    groups = [title for title in titles if re.match(r"joint: [129]\.000 \(n = 3, no", title)]
    assert [title[:8] for title in dict.fromkeys(groups)][-3:] == [
        "joint: 1",
        "joint: 2",
        "joint: 9",
    ]
    text = "\n".join(titles)
    for depth in range(1, 5):  # pairs without 4: none apart, none apart, all apart
        shares = re.findall(rf"depth {depth}: ([01]\.000)", text)
        assert list(dict.fromkeys(shares)) == ["0.000", "1.000"]
    unseen = [replace(one, emergence=None) for one in joint]
    assert report_of(unseen).figure().count("not measured in this profile") == 3


def test_crosses_mark_what_is_not_told_apart():
    def crosses(report):
        root = ElementTree.fromstring(report.figure())
        return sum(node.get("class") == "cross" for node in root.iter(f"{SVG}path"))

    def expected(report):
        chosen = [
            next(one for one in report.runs if one.plan.design == design)
            for design in ("joint", "random-aux", "reward-only", "dynamics-only")
        ]
        return 2 * sum(len(one.measures.without_noise.merged) for one in chosen)

    assert crosses(REPORT) == expected(REPORT) > 0
    assert crosses(OPPOSITE) == expected(OPPOSITE) != expected(REPORT)


def test_a_figure_of_little_says_what_is_missing():
    text = report_of([run("nine")]).figure()
    ElementTree.fromstring(text)
    assert "no decoder was trained" in text
    assert "not measured in this profile" in text


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 255))
def test_a_png_holds_its_pixels(height, width, fill):
    source = np.random.default_rng(fill)
    pixels = source.integers(256, size=(height, width, 3), dtype=np.uint8)
    file = base64.b64decode(data_address(pixels).removeprefix("data:image/png;base64,"))
    assert file == png(pixels)
    assert struct.unpack(">II", file[16:24]) == (width, height)
    size = struct.unpack(">I", file[33:37])[0]
    assert file[37:41] == b"IDAT"
    rows = np.frombuffer(zlib.decompress(file[41 : 41 + size]), dtype=np.uint8)
    rows = rows.reshape(height, 1 + 3 * width)
    assert not rows[:, 0].any()
    assert (rows[:, 1:].reshape(height, width, 3) == pixels).all()
    assert struct.unpack(">I", file[41 + size : 45 + size])[0] == zlib.crc32(file[37 : 41 + size])


@given(st.sets(st.integers(0, 8), min_size=1))
def test_counts_as_ranges_name_the_same_counts(counts):
    found = set()
    for part in counts_text(sorted(counts)).split():
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == counts


def test_the_page_is_whole_and_offline(tmp_path):
    page, other = page_of(REPORT, tmp_path), page_of(OPPOSITE, tmp_path)
    assert re.findall(r'(?:src|href)="(?!#|data:|https://arxiv\.org)([^"]*)"', page) == []
    assert "<script" not in page
    for claim in REPORT.claims:
        assert claim.claim.replace("'", "&#39;") in page
    for word, text in (("holds", page), ("collapsed", other)):
        nine = text[text.index("Joint training gives nine clusters") :]
        assert re.search(r'<td class="word (\w+)">', nine).group(1) == word
    assert "(empty, +1)" in page
    assert page == page_of(REPORT, tmp_path)


def test_a_report_is_saved_whole(tmp_path):
    paths = REPORT.save(tmp_path)
    assert [path.name for path in paths] == ["counting.json", "counting.txt", "counting.svg"]
    again = CountingReport.from_json(paths[0].read_text("utf-8"))
    assert again.to_json() == REPORT.to_json()
    assert again.explain() == REPORT.explain() == paths[1].read_text("utf-8").rstrip("\n")
    assert again.figure() == REPORT.figure()
    assert repr(again) == "CountingReport(paper: 37 runs, 8 of 8 bars met)"


def test_exit_codes(tmp_path):
    failure = Failure(replace(run("nine").plan, encoder="my.py:factory"), "diverged <here>")
    lost = Failure(replace(run("nine").plan, seed=13), "diverged")
    assert (REPORT.exit_code, OPPOSITE.exit_code) == (0, 1)
    failed = report_of(REPORT.runs, failures=[failure])
    assert failed.exit_code == 3
    assert "diverged &lt;here&gt;" in page_of(failed, tmp_path)
    assert report_of(REPORT.runs, failures=[lost]).bars[0].outcome == "not measured"


@pytest.fixture
def command(monkeypatch):
    """The command, with the study of a test in place of hours of training."""
    asked = {}

    def prepared(report):
        def fake(profile, **options):
            asked.update(options, profile=profile)
            return report

        monkeypatch.setattr(running, "reproduce_counting", fake)
        return lambda *words: CliRunner().invoke(cli, ["reproduce", "counting", *map(str, words)])

    return prepared, asked


def test_the_command_prints_writes_and_returns(command, tmp_path):
    prepared, asked = command
    call = prepared(REPORT)
    page, figure = tmp_path / "page.html", tmp_path / "figure.svg"
    found = call(
        "--profile", "paper", "--jobs", 2, "--out", tmp_path / "out", "--html", page,
        "--figure", figure, "--encoder", "my.py:factory", "--steps", 7, "--quiet",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert REPORT.explain() in found.stdout
    assert found.stdout.count("\nwritten  ") == 5
    assert figure.read_text("utf-8") == REPORT.figure()
    assert page.exists()
    del asked["progress"]
    assert asked == {
        "profile": "paper", "jobs": 2, "folder": tmp_path / "out", "encoder": "my.py:factory",
        "steps": 7,
    }  # fmt: skip
    assert prepared(OPPOSITE)().exit_code == 1


def test_the_command_prints_json(command):
    prepared, _ = command
    found = prepared(REPORT)("--json")
    assert json.loads(found.stdout)["kind"] == "CountingReport"
    assert CountingReport.from_json(found.stdout).to_json() == REPORT.to_json()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--profile", "huge"], "huge"), (["--jobs", "0"], "--jobs"),
        (["--encoder", "none.py:factory"], "does not exist"), (["--encoder", "factory"], "write"),
        (["--figure", "no/such/folder/figure.svg"], "folder"), (["--steps", "0"], "--steps"),
    ],
)  # fmt: skip
def test_the_command_refuses_bad_options(words, message):
    found = CliRunner().invoke(cli, ["reproduce", "counting", *words])
    assert found.exit_code == 2
    assert message in found.output
