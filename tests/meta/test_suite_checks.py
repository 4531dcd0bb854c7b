"""Every check of the suite passes what it must pass and fails what it must fail."""

import pytest

from tellapart.models.designs import DESIGNS
from tellapart.models.zoo.named import SUBJECTS, subject_named
from tellapart.properties.suite.profiles import SuiteProfile
from tellapart.properties.suite.registry import Tier, all_checks
from tellapart.properties.suite.running import check_encoder
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.hypotheses import Hypothesis

#: One case of each kind; the larger size is for checks that have no small case.
SMALL, LARGER = (SuiteProfile("meta", "one case of each kind", 1, 1, size) for size in (0, 1))

PASSES = [(check.id, name) for check in all_checks().values() for name in check.passes]
FAILS = [(check.id, name) for check in all_checks().values() for name in check.fails]


def profile_of(check):
    return SMALL if check.scenarios(SMALL) else LARGER


def verdict(check, name):
    subject = name if name in DESIGNS else subject_named(name)
    profile = profile_of(all_checks()[check])
    report = check_encoder(subject, profile=profile, only=[check], on_fail=None)
    return report.result(check).verdict, report.explain()


@pytest.mark.parametrize(("check", "name"), PASSES, ids=[f"{c}: {n}" for c, n in PASSES])
def test_a_check_passes_what_it_must_pass(check, name):
    found, story = verdict(check, name)
    assert found is SuiteVerdict.HOLDS, story


@pytest.mark.parametrize(("check", "name"), FAILS, ids=[f"{c}: {n}" for c, n in FAILS])
def test_a_check_does_not_pass_what_it_must_fail(check, name):
    found, story = verdict(check, name)
    assert found.fails or found.is_inconclusive, story


@pytest.mark.parametrize("check", all_checks().values(), ids=str)
def test_a_check_says_what_it_is(check):
    assert check.passes
    assert check.fails
    assert set(check.passes) | set(check.fails) <= set(SUBJECTS)
    assert check.id.startswith(check.tier.value)
    assert check.title[0].isupper()
    assert not check.title.endswith(".")
    assert check.why.endswith(".")
    assert check.run.__module__.startswith("tellapart.properties.suite.checks.")
    assert set(check.assumes) <= set(Hypothesis)
    names = [scenario.name for scenario in check.scenarios(profile_of(check))]
    assert names
    assert len(set(names)) == len(names)


def test_every_tier_has_a_check():
    assert {check.tier for check in all_checks().values()} == set(Tier)
