"""A run of the suite as Markdown, for a pull request or for the summary of a job."""

import re

from tellapart.properties.report.suite_rows import (
    HEADINGS,
    cells,
    skipped_lines,
    story,
    tiers,
    what_it_says,
)
from tellapart.properties.report.wording import name_text
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.wording import count

__all__ = ["suite_markdown"]

#: GitHub refuses comments of 65,536 characters; stories beyond this are left out, and counted.
_MOST_CHARACTERS = 60_000
#: A longer line of a story is cut; control characters are never written.
_MOST_OF_A_LINE = 1000
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@$:-])")


def suite_markdown(report: Report) -> str:
    """Return a run as Markdown: the answer, a table of checks, and stories to unfold.

    Parameters
    ----------
    report
        What came of the run.

    Returns
    -------
    str
        GitHub's Markdown, short enough for a comment. Names of subjects and messages are escaped:
        they mention no one and refer to nothing.
    """
    parts = [_head(report), _table(report)]
    stories = [_details(report, one) for one in (*report.failed, *report.inconclusive)]
    tail = [_remarks(report), _foot(report)]
    room = _MOST_CHARACTERS - sum(map(len, [*parts, *tail]))
    for place, text in enumerate(stories):
        room -= len(text) + 2
        if room < 0:
            parts.append(f"and {count(len(stories) - place, 'more story', 'more stories')}.")
            break
        parts.append(text)
    return "\n\n".join(part for part in [*parts, *tail] if part) + "\n"


def _head(report: Report) -> str:
    if report.ok:
        answer = "everything that was asked holds"
    elif report.failed:
        answer = f"failing: {len(report.failed)} of {count(len(report.results), 'check')}"
    else:
        answer = "nothing fails, but too little is shown"
    counts = ", ".join(f"{number} {verdict}" for verdict, number in report.counts())
    stopped = " The run was stopped early." if report.interrupted else ""
    return (
        f"### tellapart: {_plain(report.subject)}: {answer}\n\n"
        f"{count(len(report.results), 'check')}, {count(report.n_cases, 'case')}: "
        f"{counts or 'nothing was run'}.{stopped}"
    )


def _table(report: Report) -> str:
    if not report.results:
        return ""
    rows = [
        f"| check | {' | '.join(HEADINGS)} | verdict |",
        f"|---|{'---:|' * len(HEADINGS)}---|",
    ]
    for tier, results in tiers(report).items():
        rows.append(f"| **{tier}** |{' |' * len(HEADINGS)} |")
        rows += [f"| {one.check} | {' | '.join(cells(one))} | {_verdict(one)} |" for one in results]
    return "\n".join(rows)


def _verdict(one: CheckResult) -> str:
    text = what_it_says(one)
    loud = one.verdict.fails or one.verdict.is_inconclusive or one.verdict is SuiteVerdict.XPASS
    return f"**{text}**" if loud else text


def _details(report: Report, one: CheckResult) -> str:
    """Return a block to unfold; what comes from the subject stands in a code block."""
    text = "\n".join(name_text(line, _MOST_OF_A_LINE) for line in story(report, one))
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    return (
        f"<details>\n<summary>{one.check}: <b>{one.verdict}</b> ({one.verdict.meaning})</summary>"
        f"\n\n{fence}text\n{text}\n{fence}\n\n</details>"
    )


def _remarks(report: Report) -> str:
    expected = [one for one in report.results if one.verdict is SuiteVerdict.XFAIL]
    lines = [f"Expected: {one.check} is {one.measured}: {one.reason}" for one in expected]
    lines += [f"Skipped: {line}" for line in skipped_lines(report.results)]
    lines += [f"Note: {line}" for line in report.notes]
    lines += [f"Warning: {line}" for line in report.warnings]
    return "\n".join(f"- {_plain(line)}" for line in lines)


def _foot(report: Report) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report.versions)
    return (
        f"<sub>Profile {report.profile}, seed {report.seed}, spec {report.spec}, "
        f"{report.seconds:.1f} s. {_plain(versions)}</sub>"
    )


def _plain(text: str) -> str:
    """Return text in one line in which no character means anything to Markdown or GitHub.

    GitHub looks for @name and #12 in what Markdown gave: a space of no width parts them.
    """
    one_line = " ".join(name_text(text, _MOST_OF_A_LINE).split())
    return re.sub(r"([@#])(?=\w)", "\\1\u200b", _SPECIAL.sub(r"\\\1", one_line))
