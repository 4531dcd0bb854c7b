"""The page of the suite in a real browser, driven by keys and clicks over the debugging pipe."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tellapart.properties.cases.files import load_case
from tellapart.properties.check import check
from tellapart.properties.suite.outcomes import CaseResult, Outcome
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.tally import tally_of
from tellapart.properties.suite.trial import outcome_of
from tellapart.properties.suite.verdicts import SuiteVerdict, worst

pytestmark = pytest.mark.browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
#: The browser reads commands from file descriptor 3 and answers on 4.
LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); "
    "os.execv(sys.argv[3], sys.argv[3:])"
)
KEYS = {
    "/": ("Slash", 191), "Tab": ("Tab", 9), " ": ("Space", 32), "Enter": ("Enter", 13),
    "Escape": ("Escape", 27), "ArrowLeft": ("ArrowLeft", 37), "ArrowRight": ("ArrowRight", 39),
}  # fmt: skip
TYPED = {"/": "/", " ": " ", "Enter": "\r"}
PATIENCE = 90.0
HOSTILE = "<script>window.ran=1</script><img src=x onerror='window.ran=2'>"


class Browser:
    """One browser with one page, in the DevTools protocol."""

    def __init__(self, path: str, profile: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (ours[0], theirs[1])]
        command = [sys.executable, "-c", LAUNCH, *map(str, ends), path, *FLAGS]
        self.process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}", "about:blank"], pass_fds=ends,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for fd in (*ends, ours[0], theirs[1]):
            os.close(fd)
        self.write, self.read = ours[1], theirs[0]
        self.buffer, self.number = b"", 0
        self.events: list[dict[str, Any]] = []
        self.session = ""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        self.send("Browser.close")
        self.process.wait(timeout=PATIENCE)
        os.close(self.write)
        os.close(self.read)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def receive(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read], [], [], max(0.0, until - time.monotonic()))
            assert ready, "the browser does not answer"
            self.buffer += os.read(self.read, 1 << 20)
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def event(self, method: str) -> dict[str, Any]:
        """Wait for an event."""
        while True:
            for at, event in enumerate(self.events):
                if event.get("method") == method:
                    return self.events.pop(at)["params"]
            self.events.append(self.receive())

    def go(self, address: str) -> None:
        """Load a page afresh, and forget what was said before."""
        for url in ("about:blank", address):
            self.events.clear()
            self.send("Page.navigate", url=url)
            while self.js("document.readyState + location.href") != f"complete{url}":
                self.event("Page.loadEventFired")

    def js(self, expression: str) -> Any:
        """Return what an expression, or the promise it gives, comes to."""
        answer = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True,
            userGesture=False,
        )  # fmt: skip
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true."""
        asked = f"""new Promise((done) => {{
          const end = Date.now() + 20000;
          const look = () => {{
            let found = false;
            try {{ found = Boolean({expression}); }} catch (error) {{ found = false; }}
            if (found || Date.now() > end) done(found); else setTimeout(look, 10);
          }};
          look();
        }})"""
        assert self.js(asked), expression

    def press(self, key: str, commands: tuple[str, ...] = (), modifiers: int = 0) -> None:
        code, number = KEYS.get(key, (f"Key{key.upper()}", ord(key.upper()[0])))
        common = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        text = {} if modifiers else {"text": TYPED[key]} if key in TYPED else {}
        self.send(
            "Input.dispatchKeyEvent", type="keyDown", **common, **text, commands=list(commands)
        )
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        self.send("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as a person does."""
        self.until(f"document.querySelector({selector!r})")
        x, y = self.js(
            f"(() => {{ const one = document.querySelector({selector!r});"
            " one.scrollIntoView({block: 'center'}); const box = one.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def complaints(self) -> list[str]:
        """Return what the console said, what was thrown, and what was asked of the network."""
        self.js("1")
        found = []
        for event in self.events:
            method, told = event.get("method"), event.get("params", {})
            if method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
                found.append(json.dumps(told))
            elif method == "Network.requestWillBeSent":
                address = told["request"]["url"]
                if not address.startswith(("file:", "data:")):
                    found.append(address)
        return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium on PATH; install it with: apt-get install chromium"
        if os.environ.get("TELLAPART_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    opened = Browser(found, tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def result(check_id: str, *outcomes: tuple[str, Outcome]) -> CheckResult:
    """Return a result as the engine makes it, from outcomes made by hand."""
    tier = check_id.split("-")[0]
    cases = [CaseResult(check_id, name, tier, 7, outcome, 0.25) for name, outcome in outcomes]
    tally = tally_of(cases)
    verdict = worst(tally.verdicts.elements(), 0.2)
    return CheckResult(
        check_id, tier, "trained", f"The title of {check_id}", "What a failure means.", verdict,
        verdict, "", False, 0.2, tuple((one.value, n) for one, n in tally.verdicts.items()),
        tuple(tally.grades.items()), tuple(tally.depths.values()), tally.margin, tally.seconds, (),
        tuple(tally.notes), tuple(tally.cases),
    )  # fmt: skip


@pytest.fixture(scope="module")
def report() -> Report:
    collapsed = outcome_of(check("constant", on="gallery:counting-9"), "counting-9")
    holding = outcome_of(check("exact", on="gallery:counting-9"), "counting-9")
    error = Outcome(SuiteVerdict.ERROR, "RuntimeError: boom")
    results = (
        result(
            "contract-seeds", ("counting-9", error), ("hostile", replace(error, summary=HOSTILE))
        ),
        result("exact-counting", ("bad-0", collapsed), ("good-0", holding), ("good-1", holding)),
        result("random-chain", ("good-2", holding)),
    )
    return Report("joint", "ci", 3, "2026.1", (("tellapart", "0.1.0"),), results, 12.0)


@pytest.fixture(scope="module")
def page(report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "suite.html"
    report.to_html(file)
    return file.as_uri()


SHOWN = "[...document.querySelectorAll('.case')].filter(one => one.offsetParent).map(one => one.id)"
LISTED = (
    "[...document.querySelectorAll('.check tbody tr')].filter(one => !one.closest('[hidden]'))"
    ".map(one => one.querySelector('a').textContent)"
)
BAD = "case-exact-counting/bad-0"


def test_cases_open_by_a_click_and_lead_to_each_other_and_back(browser, page):
    browser.go(page)
    assert browser.js(SHOWN) == []
    assert browser.js("document.querySelector('#overview').offsetParent !== null")
    browser.click(f'.check a[href="#{BAD}"]')
    browser.until(f"location.hash === '#{BAD}'")
    browser.until("document.documentElement.classList.contains('reading')")
    assert browser.js(SHOWN) == [BAD]
    assert browser.js("document.activeElement.textContent").startswith("exact-counting/bad-0")
    assert browser.js("document.querySelector('#overview').offsetParent") is None
    assert (
        browser.js(
            "document.querySelector('.case.open .pictures svg').getBoundingClientRect().width"
        )
        > 100
    )
    assert browser.js("document.querySelector('.case.open .place').textContent") == "case 1 of 6"
    browser.click(".case.open .after")
    browser.until("location.hash === '#case-exact-counting/good-0'")
    browser.until("document.querySelector('.case.open').id === 'case-exact-counting/good-0'")
    browser.click(".case.open .before")
    browser.until(f"document.querySelector('.case.open').id === '{BAD}'")
    browser.click(".case.open .back")
    browser.until("!document.documentElement.classList.contains('reading')")
    assert browser.js(SHOWN) == []
    assert browser.js("document.activeElement.textContent") == "bad-0"
    browser.js("history.back()")
    browser.until(f"document.querySelector('.case.open').id === '{BAD}'")
    assert browser.complaints() == []


def test_the_filter_works_by_keys_alone_and_its_address_can_be_shared(browser, page):
    browser.go(page)
    browser.press("/")
    browser.until("document.activeElement.id === 'words'")
    browser.type("good")
    browser.until("location.hash === '#?q=good'")
    assert browser.js(LISTED) == ["good-0", "good-1", "good-2"]
    assert "2 of 3 checks and 3 of 6" in browser.js("document.querySelector('#shown').textContent")
    for _ in range(6):  # the button, three verdicts... and the last of the tiers
        browser.press("Tab")
    assert browser.js("document.activeElement.value") == "exact"
    browser.press("Tab")
    browser.press(" ")
    browser.until("location.hash === '#?q=good&tier=random'")
    assert browser.js(LISTED) == ["good-2"]
    shared = browser.js("location.href")
    browser.go(shared)
    assert browser.js(LISTED) == ["good-2"]
    assert browser.js("document.querySelector('#words').value") == "good"
    browser.click("#filter button")
    browser.until("location.hash === ''")
    assert len(browser.js(LISTED)) == 6
    browser.click("input[value=error]")
    browser.until("location.hash === '#?verdict=error'")
    assert browser.js(LISTED) == ["counting-9", "hostile"]
    groups = "Array.from(document.querySelectorAll('.group')).filter(g => !g.hidden).length"
    assert browser.js(groups) == 1
    assert browser.complaints() == []


def test_a_shared_case_opens_and_the_arrows_keep_to_the_chosen_cases(browser, page):
    browser.go(f"{page}#case-exact-counting/good-1?q=good")
    browser.until("document.querySelector('.case.open').id === 'case-exact-counting/good-1'")
    assert browser.js("document.querySelector('.case.open .place').textContent") == "case 2 of 3"
    browser.press("ArrowLeft")
    browser.until("document.querySelector('.case.open').id === 'case-exact-counting/good-0'")
    assert browser.js("document.querySelector('.case.open .before').hidden")
    browser.press("ArrowRight")
    browser.press("ArrowRight")
    browser.until("document.querySelector('.case.open').id === 'case-random-chain/good-2'")
    browser.press("Escape")
    browser.until("document.querySelector('.case.open') === null")
    assert browser.js("document.activeElement.textContent") == "good-2"
    assert browser.js("location.hash") == "#check-random-chain?q=good"
    assert browser.js(LISTED) == ["good-0", "good-1", "good-2"]
    assert browser.complaints() == []


def test_commands_are_copied(browser, page):
    command = "tellapart suite joint --profile ci --seed 3 --only exact-counting/bad-0"
    browser.go(f"{page}#{BAD}")
    browser.until("document.querySelector('.case.open .copy')")
    browser.click(".case.open .copy")
    browser.until("document.querySelector('.case.open .copy').textContent === 'Copied'")
    assert browser.js("document.querySelector('#said').textContent") == "Copied."
    browser.press("/")
    browser.until("document.activeElement.id === 'words'")
    browser.press("v", ("paste",), modifiers=2)
    browser.until(f"document.querySelector('#words').value === {command!r}")
    assert browser.complaints() == []


def test_the_saved_case_is_the_case(browser, page, report, tmp_path):
    browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path),
                 eventsEnabled=True)  # fmt: skip
    browser.go(f"{page}#{BAD}")
    browser.click(".case.open .save")
    while browser.event("Browser.downloadProgress")["state"] != "completed":
        continue
    (file,) = tmp_path.iterdir()
    held = report.results[1].cases[0].outcome.case
    assert held is not None
    assert load_case(file).to_json() == held.to_json()


def test_what_is_named_like_a_script_does_not_run(browser, page, tmp_path):
    browser.go(f"{page}#case-contract-seeds/hostile")
    browser.until("document.querySelector('.case.open')")
    assert HOSTILE in browser.js("document.querySelector('.case.open').textContent")
    assert browser.js("typeof window.ran") == "undefined"
    assert browser.complaints() == []


def test_a_script_that_is_not_ours_is_refused(browser, report, tmp_path):
    file = tmp_path / "changed.html"
    report.to_html(file)
    text = file.read_text(encoding="utf-8").replace(
        "</footer>", "<script>window.ran=1</script></footer>"
    )
    file.write_text(text, encoding="utf-8")
    browser.go(file.as_uri())
    assert browser.js("typeof window.ran") == "undefined"
    assert any("Content Security Policy" in told for told in browser.complaints())


def test_without_scripts_everything_is_one_long_page(browser, page):
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.go(page)
        assert len(browser.js(SHOWN)) == 6
        assert browser.js("document.querySelector('#filter').offsetParent") is None
        assert browser.js("document.querySelector('.copy').offsetParent") is None
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)


@pytest.mark.parametrize("place", ["", f"#{BAD}"])
@pytest.mark.parametrize("width", [1200, 400])
def test_light_and_dark_wide_and_narrow(browser, page, place, width):
    shots = {}
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.send("Emulation.setDeviceMetricsOverride", **size)
    try:
        for scheme in ("light", "dark"):
            browser.send("Emulation.setEmulatedMedia",
                         features=[{"name": "prefers-color-scheme", "value": scheme}])  # fmt: skip
            browser.go(page + place)
            shown = "getComputedStyle(document.body).backgroundColor"
            shots[scheme] = (browser.js(shown), shot(browser))
            assert browser.js("document.documentElement.scrollWidth") <= width
        browser.go("about:blank")
        blank = shot(browser)
    finally:
        browser.send("Emulation.clearDeviceMetricsOverride")
        browser.send("Emulation.setEmulatedMedia", features=[])
    assert [shots[scheme][0] for scheme in ("light", "dark")] == [
        "rgb(255, 255, 255)", "rgb(20, 23, 27)",
    ]  # fmt: skip
    assert shots["light"][1] != shots["dark"][1]
    assert min(len(data) for _, data in shots.values()) > 5 * len(blank)


def shot(browser: Browser) -> bytes:
    return base64.b64decode(browser.send("Page.captureScreenshot", format="png")["data"])
