"""Two laws that seeded bugs asked for: they hold, and known-bad subjects break them."""

import pytest

from tellapart.properties.laws import s01_losses, s10_forged
from tellapart.properties.laws.engine import run_law
from tellapart.properties.laws.summary import LawVerdict

(LOSSES,), (STEPS,) = s01_losses.LAWS, s10_forged.LAWS


@pytest.mark.parametrize(("law", "examples"), [(LOSSES, 100), (STEPS, 15)])
def test_it_holds(law, examples):
    result = run_law(law, max_examples=examples)
    assert result.verdict is LawVerdict.HOLDS, result.explain()


@pytest.mark.parametrize("law", [LOSSES, STEPS])
def test_every_bad_subject_breaks_it(law):
    for name, bad in law.bad.items():
        result = run_law(law, subject=bad, max_examples=50, max_seconds=60)
        assert result.verdict is LawVerdict.BROKEN, name
        assert result.subject == name
        assert result.case.content is not None
