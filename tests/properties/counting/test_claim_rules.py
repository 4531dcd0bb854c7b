"""The rules of claims, and the statements that stand beside the runs."""

from hypothesis import given
from hypothesis import strategies as st
from study_cases import run, runs

from tellapart.properties.counting.claim_rules import every_seed, whole_interval
from tellapart.properties.counting.statements import statement_for, theory_of_counting
from tellapart.properties.counting.statistics import t_interval


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_every_seed_means_every_seed(values):
    verdict = every_seed(values, lambda n: n == 9, lambda n: n <= 4, "").verdict
    assert (verdict == "shown") == (set(values) == {9})
    assert (verdict == "the opposite") == (max(values) <= 4)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=5))
def test_a_mean_is_judged_with_its_whole_interval(values):
    interval = t_interval(values)
    found = whole_interval(interval, 0.1, 0.0, "").verdict
    mirrored = whole_interval(interval, 0.1, 0.0, "", smaller=True).verdict
    turned = {"shown": "the opposite", "the opposite": "shown", "not shown": "not shown"}
    assert mirrored == turned[found]
    assert (found == "shown") == (interval.lower > 0.1)


def test_the_theory_beside_it():
    theory = theory_of_counting()
    assert (theory.counts.min_codes, theory.counts.depth, theory.counts.joint_gain) == (9, 4, 7)
    assert not theory.with_zero.feasible
    assert theory.without_zero.feasible
    assert "(empty, +1)" in theory.chain
    assert theory.chain in theory.explain()


def test_statements_depend_on_losses_and_on_what_is_seen():
    expected = {
        "joint": "S4", "reward-only": "S8", "dynamics-only": "S8", "random-aux": "S2",
        "vicreg": "S8", "ema": "S8", "joint-ema": "S4",
    }  # fmt: skip
    for design, number in expected.items():
        assert number in statement_for(run("nine", design)).numbers
    resolved, merged = (statement_for(run(kind)) for kind in ("nine", "two"))
    assert "The premise is met" in resolved.text
    assert "9 groups" in resolved.text
    assert ("is not met" in merged.text, "S11" in merged.numbers) == (True, True)
    assert "2 groups" in merged.text
    hue = {"labels": "hue", "architecture": "default-cnn"}
    assert "impossible" in statement_for(run("nine", **hue)).text
    assert "is possible" in statement_for(run("nine", control="no-zero", **hue)).text
    assert "8 groups (S4)" in statement_for(run("nine", control="no-zero")).text


def test_a_statement_of_a_setting_tells_all_its_seeds():
    mixed = [run("nine", seed=10), run("two", seed=11), run("nine", seed=12)]
    found = statement_for(mixed)
    assert "Seen: groups 9, 2, 9 without noise, groups 9, 2, 9 under 2 % noise" in found.text
    assert "not met on every seed (0.0%, " in found.text
    assert "S11" in found.numbers
    assert "The premise is met" in statement_for(mixed[::2]).text
    assert statement_for(mixed[:1]) == statement_for(mixed[0])
    hue = runs("nine", "joint", labels="hue", architecture="default-cnn", blunder=0.5)
    errors = ", ".join(f"{one.measures.error_of(0, '+1'):.3g}" for one in hue)
    assert f"from 0: {errors} of" in statement_for(hue).text
