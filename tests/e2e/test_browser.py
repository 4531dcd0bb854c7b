"""The page in a real browser: it renders, logs nothing, asks the network for nothing."""

import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tellapart.properties.audit_report import audit_report
from tellapart.properties.check import check
from tellapart.theory.data.transitions import TransitionData

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--enable-logging=stderr",
)


@pytest.fixture(scope="module")
def browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium on PATH; install it with: apt-get install chromium"
        if os.environ.get("TELLAPART_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    subjects = {"holds": "exact", "collapsed": "constant"}
    paths = {name: folder / f"{name}.html" for name in (*subjects, "audit", "data")}
    for name, subject in subjects.items():
        report = check(subject, on="gallery:counting-9")
        report.to_html(paths[name])
    audit_report("gallery:redundant-pick", suggest="values").to_html(paths["audit"])
    rows = [[0, 0, 1], [0, 0, 2], [1, 1, 0], [2, 0, 3]]
    audit_report(TransitionData(rows, {1: 0, 3: 1})).to_html(paths["data"])
    return paths


def run(browser: str, tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the browser once, with a profile of its own."""
    command = [browser, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.mark.parametrize(
    ("name", "pictures", "expected"),
    [
        ("holds", 5, 'class="verdict">holds</p>'),
        ("collapsed", 5, 'class="verdict">collapsed</p>'),
        ("audit", 4, "32 pairs must be told apart"),
        ("data", 3, "What to log next"),
    ],
)
def test_page_renders_without_a_complaint(browser, pages, tmp_path, name, pictures, expected):
    done = run(browser, tmp_path, "--dump-dom", pages[name].as_uri())
    assert "CONSOLE" not in done.stderr
    dom = done.stdout
    assert dom.count("<svg") >= pictures
    assert dom.count("<svg") == dom.count("</svg>")
    assert expected in dom
    assert "</footer>" in dom


def test_console_messages_would_be_seen(browser, tmp_path):
    page = tmp_path / "loud.html"
    page.write_text("<!doctype html><title>x</title><script>console.error('loud')</script>")
    done = run(browser, tmp_path, "--dump-dom", page.as_uri())
    assert "CONSOLE" in done.stderr


def test_the_policy_of_the_page_blocks_scripts_and_pictures(browser, pages, tmp_path):
    page = tmp_path / "attacked.html"
    attack = '<img src="http://127.0.0.1:9/x.png"><script>document.title="run"</script></footer>'
    text = pages["holds"].read_text(encoding="utf-8").replace("</footer>", attack)
    page.write_text(text, encoding="utf-8")
    done = run(browser, tmp_path, "--dump-dom", page.as_uri())
    assert "Content Security Policy" in done.stderr
    assert "<title>run" not in done.stdout


@pytest.mark.parametrize(("width", "height"), [(1200, 2400), (500, 1600)])
def test_screenshot_has_the_size_of_the_window_and_something_on_it(
    browser, pages, tmp_path, width, height
):
    shot = tmp_path / "page.png"
    run(
        browser, tmp_path, f"--screenshot={shot}", f"--window-size={width},{height}",
        pages["holds"].as_uri(),
    )  # fmt: skip
    data = shot.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (width, height)
    blank = tmp_path / "blank.html"
    blank.write_text("<!doctype html><title>blank</title>")
    empty = tmp_path / "blank.png"
    run(
        browser, tmp_path, f"--screenshot={empty}", f"--window-size={width},{height}",
        blank.as_uri(),
    )  # fmt: skip
    assert len(data) > 5 * len(empty.read_bytes())
