"""Run the suite on every subject of the zoo and print a table for docs/reference/suite-zoo.md.

python tests/benchmarks/suite_zoo.py --jobs 2
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from tellapart.models.zoo.registry import ZOO
from tellapart.properties.suite.registry import Tier
from tellapart.properties.suite.results import CheckResult, Report
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.verdicts import SuiteVerdict

#: One entry for each factory: an entry of the zoo names a system too, and the suite has its own.
NAMES = (
    "tdmpc2-counting", "eb-jepa-counting", "lewm-counting", "tdmpc2-no-reward",
    "eb-jepa-no-vicreg", "lewm-no-sigreg", "modulo-3", "merged-ends", "collinear", "view-noise",
    "fresh-noise", "expert-only", "action-blind", "action-blind-line", "batchnorm-in-train-mode",
    "dropout-in-train-mode", "shrunk-label", "narrow-linear",
)  # fmt: skip
#: Some of these subjects are made for one system; what they cannot be built for is no finding.
CHAIN = ("exact-counting", "exact-capacity/counting-9")
MADE_FOR_THE_CHAIN = ("merged-ends", "collinear", "expert-only", "action-blind-line")


def cell(results: Sequence[CheckResult]) -> str:
    """Return the verdicts of the checks of one tier, and which checks do not hold."""
    counts = Counter(one.verdict for one in results)
    if not results or set(counts) == {SuiteVerdict.SKIPPED}:
        return "not asked"
    shown = ", ".join(
        f"{number} {verdict}" for verdict, number in counts.items()
        if verdict is not SuiteVerdict.SKIPPED
    )  # fmt: skip
    return shown


def row(name: str, report: Report) -> str:
    """Return the line of one subject."""
    tiers = [cell([one for one in report.results if one.tier == tier.value]) for tier in Tier]
    first = report.failed or report.inconclusive
    worst = f"`{first[0].check}`: {first[0].verdict}" if first else ""
    return f"| `{name}` | {' | '.join(tiers)} | {worst} | {report.exit_code} |"


def main() -> None:
    """Run, and print a line as soon as a subject is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--profile", default="smoke")
    asked = parser.parse_args()
    print("| subject |", " | ".join(tier.value for tier in Tier), "| first finding | exit |")
    print("|" + "---|" * (len(Tier) + 3))
    for name in asked.names:
        only = ["contract", *CHAIN] if name in MADE_FOR_THE_CHAIN else []
        report = check_encoder(
            ZOO[name].build, profile=asked.profile, jobs=asked.jobs, only=only, on_fail=None
        )
        print(row(name, report), flush=True)
        print(f"{name}: {report.seconds:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
