"""The contract: one check for each rule that training and verdicts rest on."""

from collections.abc import Callable
from functools import partial

from tellapart.models.contract.probe import PROBES
from tellapart.properties.suite.checks.exact import gallery_system
from tellapart.properties.suite.outcomes import Outcome, SystemFacts
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Check, Scenario, SuiteCost, Tier, check
from tellapart.properties.suite.trial import Trial
from tellapart.properties.suite.verdicts import SuiteVerdict

__all__ = ["CONTRACT"]

_VERDICTS = {
    "ok": SuiteVerdict.HOLDS, "note": SuiteVerdict.HOLDS, "broken": SuiteVerdict.BROKEN,
    "not applicable": SuiteVerdict.SKIPPED,
}  # fmt: skip
_WHY = "A verdict about codes is about this encoder only if the rule is kept."
_GRADIENT_WHY = (
    "The theorem promises separation for an encoder that both losses train; a path that is cut "
    "changes what it promises."
)


def _scenarios(profile: SuiteProfile) -> tuple[Scenario, ...]:
    names = ("counting-9", "redundant-pick") if profile.size else ("counting-9",)
    return tuple(Scenario(name, partial(gallery_system, name)) for name in names)


def _run(rule: str, trial: Trial) -> Outcome:
    """Look up what the probe of one rule found."""
    finding = trial.contract().finding(rule)
    fix = f"Fix: {finding.fix}" if finding.fix else ""
    noted = finding.status == "note"
    return Outcome(
        _VERDICTS[finding.status],
        _sentence(finding.summary),
        "\n".join(line for line in (finding.detail, fix) if line),
        system=_facts(trial),
        notes=(f"{rule}: {_sentence(finding.summary)} {finding.detail}".strip(),) if noted else (),
    )


def _facts(trial: Trial) -> SystemFacts:
    mdp = trial.system
    return SystemFacts(trial.scenario.name, mdp.fingerprint, mdp.n_obs, mdp.n_actions, None, None)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _check_of(rule: str) -> Check:
    run: Callable[[Trial], Outcome] = partial(_run, rule)
    run.__module__ = __name__
    return check(
        id=f"contract-{rule}",
        tier=Tier.CONTRACT,
        cost=SuiteCost.INSTANT,
        title=PROBES[rule].rule[0].upper() + PROBES[rule].rule[1:],
        why=_GRADIENT_WHY if rule.endswith("gradient") else _WHY,
        scenarios=_scenarios,
        passes=["tdmpc2-pick" if rule == "own-fit" else "joint"],
        fails=[f"breaks-{rule}"],
    )(run)


#: One check for each probe, in their order.
CONTRACT: tuple[Check, ...] = tuple(_check_of(rule) for rule in PROBES)
