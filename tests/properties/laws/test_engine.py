"""The engine that runs laws: what it counts, concludes, keeps small, and refuses."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tellapart.properties.cases.files import load_case
from tellapart.properties.laws.engine import run_law
from tellapart.properties.laws.law import Cost, Law, LawBroken, Seen
from tellapart.properties.laws.profiles import PROFILES, profile_named
from tellapart.properties.laws.registry import LAWS, law_named, laws_named
from tellapart.properties.laws.replaying import outcome, save_cases
from tellapart.properties.laws.runs import run_laws
from tellapart.properties.laws.summary import LawResult, LawsReport, LawVerdict, merged
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.serialise import Saved, register


@register
@dataclass(frozen=True)
class EngineNumber(Saved):
    """An example: a number."""

    n: int


def check(example, subject):
    if example.n == 0:
        return Seen("zero")
    if not subject(example.n):
        raise LawBroken(f"{example.n} is not as it should be.")
    return Seen(None, example.n % 3, example.n % 2, float(example.n), {"even": example.n % 2 == 0})


def numbers(top=50):
    return lambda: st.integers(0, top).map(EngineNumber)


def fails_on_seven(n):
    return 1 // (n - 7) is not None


LAW = Law(
    id="toy",
    statement="S1",
    title="every number will do",
    text="Every number will do.",
    cost=Cost.EXACT,
    cases=numbers(1000),
    check=check,
    subject=lambda n: True,
    bad={"small only": lambda n: n < 13, "raises": fails_on_seven},
)


def plain(result):
    return replace(result, seconds=0.0)


SOME = plain(run_law(LAW, max_examples=2))


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 5)), unique_by=lambda c: c[0]),
    st.integers(0, 20),
    st.integers(1, 20),
)
def test_merging_adds_what_was_counted(counts, first_examples, second_examples):
    one = replace(SOME, vacuous=tuple(sorted(counts)))
    one = replace(one, n_examples=first_examples + one.n_vacuous, n_rounds=3, first_seed=10)
    other = replace(one, n_examples=second_examples + one.n_vacuous, first_seed=13, n_rounds=1)
    both = merged(one, other)
    assert both.n_examples == one.n_examples + other.n_examples
    assert both.n_vacuous == 2 * one.n_vacuous
    assert dict(both.vacuous) == {why: 2 * number for why, number in counts}
    assert (both.first_seed, both.n_rounds) == (10, 4)


def test_a_law_that_holds_is_counted():
    result = run_law(LAW, max_examples=200)
    assert result.verdict is LawVerdict.HOLDS
    assert result.n_examples == 200
    assert dict(result.vacuous) == {"zero": result.n_vacuous}
    assert sum(number for _, number in result.depths) == 200 - result.n_vacuous
    assert {value for value, _ in result.depths} == {0, 1, 2}
    assert {name for name, _, _ in result.notes} == {"even"}
    assert result.best_target == 1000  # the search was steered to the largest number
    assert (result.subject, result.case, result.message) == ("its own", None, None)
    assert "200 examples" in result.explain()


def test_the_same_call_gives_the_same_result_and_another_seed_another():
    results = [run_law(LAW, max_examples=50, seed=seed) for seed in (0, 0, 1)]
    assert plain(results[0]) == plain(results[1])
    assert results[0].depths != results[2].depths


def test_a_broken_law_comes_with_the_smallest_example():
    result = run_law(LAW, subject=LAW.bad["small only"])
    assert result.verdict is LawVerdict.BROKEN
    assert result.subject == "small only"
    assert result.case.content == EngineNumber(13)
    assert result.message == "13 is not as it should be."
    assert (result.case.about, result.case.name) == ("law", "toy")
    assert dict(result.case.outcome) == {"subject": "small only", "broken": result.message}
    assert "EngineNumber(n=13)" in result.explain()


def test_any_other_exception_breaks_a_law_too():
    result = run_law(replace(LAW, cases=numbers(9)), subject=LAW.bad["raises"])
    assert result.case.content == EngineNumber(7)
    assert result.message.startswith("the check raised ZeroDivisionError")


def test_an_example_that_cannot_be_drawn_breaks_a_law():
    def wrong(n):
        raise ValueError("no such number")

    result = run_law(replace(LAW, cases=lambda: st.integers().map(wrong)))
    assert result.verdict is LawVerdict.BROKEN
    assert result.message == "drawing an example raised ValueError: no such number"
    assert result.case is None


def test_an_example_that_cannot_be_saved_is_shown_without_a_case():
    law = replace(LAW, cases=lambda: st.just(object()), check=lambda example, subject: 1 // 0)
    result = run_law(law)
    assert result.verdict is LawVerdict.BROKEN
    assert result.case is None


def test_a_law_whose_examples_say_nothing_is_vacuous():
    nothing = replace(LAW, cases=numbers(0))
    result = run_law(nothing)
    assert result.verdict is LawVerdict.VACUOUS
    assert result.n_vacuous == result.n_examples == 1  # there is only one example to draw
    strict = replace(PROFILES["ci"], most_vacuous=0.0)
    assert run_law(replace(LAW, cases=numbers(5)), profile=strict).verdict is LawVerdict.VACUOUS
    assert run_law(replace(LAW, cases=numbers(5)), profile="ci").verdict is LawVerdict.HOLDS


def test_examples_that_a_check_refuses_are_discarded_and_never_enough():
    def picky(example, subject):
        assume(example.n > 500)
        return Seen()

    some = run_law(replace(LAW, check=picky), max_examples=20)
    assert some.verdict is LawVerdict.HOLDS
    assert some.n_discarded > 0
    none = run_law(replace(LAW, check=picky, cases=numbers(10)), max_examples=20)
    assert none.verdict is LawVerdict.VACUOUS
    assert none.n_examples == 0


def test_nothing_begins_after_the_time_is_over():
    slow = run_law(LAW, max_seconds=1e-9)
    assert slow.n_examples == 0
    assert slow.verdict is LawVerdict.VACUOUS


def test_shrinking_stops_when_its_time_is_over():
    hurried = replace(PROFILES["ci"], shrink_seconds=0.0)
    result = run_law(LAW, profile=hurried, subject=LAW.bad["small only"])
    assert result.verdict is LawVerdict.BROKEN
    assert result.n_shrinks == 0
    assert result.case.content.n >= 13


def test_profiles_that_repeat_go_on_with_the_seeds_that_follow(tmp_path):
    few = replace(PROFILES["nightly"], examples={Cost.EXACT: 10})
    result = run_law(LAW, profile=few, max_seconds=0.3, database=tmp_path)
    assert result.n_rounds > 1
    assert result.n_examples > 10
    other = run_law(LAW, profile=few, max_seconds=0.1, database=tmp_path)
    assert other.first_seed != result.first_seed


def test_a_database_tries_the_known_failure_first(tmp_path):
    law = replace(LAW, subject=lambda n: n % 97 != 5)
    first = run_law(law, database=tmp_path)
    assert first.n_examples > 10
    again = run_law(law, database=tmp_path, seed=1)
    assert again.n_examples == 1
    assert again.case.content.n % 97 == 5
    assert {path.name for path in tmp_path.iterdir()} == {"toy"}


def test_results_are_saved_and_loaded():
    for subject in (None, *LAW.bad.values()):
        result = run_law(LAW, subject=subject, max_examples=30)
        assert LawResult.from_json(result.to_json()) == result
    report = run_laws([LAW], profile="smoke")
    assert LawsReport.from_json(report.to_json()) == report


def test_many_laws_come_in_the_order_in_which_they_were_given():
    laws = [replace(LAW, id=name) for name in ("c", "a", "b")]
    laws.append(replace(LAW, id="d", subject=LAW.bad["small only"]))
    told = []
    report = run_laws(laws, profile="smoke", progress=lambda *step: told.append(step))
    assert [result.law for result in report.results] == ["c", "a", "b", "d"]
    assert [result.law for result in report.broken] == ["d"]
    assert report.exit_code == 1
    assert report.result("a").holds
    assert told[-1][:3] == ("laws", 4, 4)
    assert "3 of 4 laws hold" in report.explain()
    with pytest.raises(InvalidArgumentError, match="'e' was not run"):
        report.result("e")


def test_the_exit_code_of_a_run_without_a_broken_law():
    vacuous = replace(LAW, id="v", cases=numbers(0))
    assert run_laws([LAW], profile="smoke").exit_code == 0
    assert run_laws([LAW, vacuous], profile="smoke").exit_code == 3


def test_a_night_goes_round_and_leaves_out_what_is_broken(tmp_path):
    night = replace(PROFILES["nightly"], slice_seconds=0.5)
    laws = [LAW, replace(LAW, id="d", subject=LAW.bad["small only"])]
    report = run_laws(laws, profile=night, hours=2.5 / 3600, seed=5, database=tmp_path)
    first, second = report.results
    assert second.verdict is LawVerdict.BROKEN
    assert first.holds
    assert first.first_seed == 5
    assert first.n_rounds >= 2
    assert first.seconds > 3 * second.seconds
    assert not report.interrupted


def test_stopping_a_night_gives_the_results_so_far(tmp_path):
    def stop(stage, done, total, note):
        if done == 1:
            raise KeyboardInterrupt

    laws = [LAW, replace(LAW, id="d")]
    night = replace(PROFILES["campaign"], slice_seconds=0.2)
    report = run_laws(laws, profile=night, database=tmp_path, progress=stop)
    assert report.interrupted
    assert [result.law for result in report.results] == ["toy"]
    with pytest.raises(KeyboardInterrupt):
        run_laws(laws, profile="smoke", progress=stop)


def test_several_processes_give_the_results_of_one():
    laws = laws_named(["S2", "S9"])
    two = run_laws(laws, profile="smoke", jobs=2)
    assert [result.law for result in two.results] == [law.id for law in laws]
    assert all(result.holds for result in two.results)
    # Not the same examples: Hypothesis also tries constants of the modules that are loaded.
    assert {result.n_examples for result in two.results} == {PROFILES["smoke"].examples[Cost.EXACT]}


@pytest.mark.parametrize("name", ["S9", "S11", "S12"])
def test_a_case_of_a_law_is_replayed(name, tmp_path):
    law = law_named(name)
    bad = next(iter(law.bad))
    hurried = replace(PROFILES["ci"], shrink_seconds=0.3)
    result = run_law(law, subject=law.bad[bad], profile=hurried)
    report = LawsReport("ci", (result,), 0.0)
    (file,) = save_cases(report, tmp_path / "new")
    case = load_case(file)
    assert outcome(case) == {"subject": bad, "broken": result.message}
    mended = replace(case, outcome=(("broken", "once upon a time"),))
    assert outcome(mended) == {"subject": "its own", "broken": None}


def test_cases_that_cannot_be_replayed_say_why():
    case = run_law(LAW, subject=lambda n: n < 4).case
    assert case.content == EngineNumber(4)
    with pytest.raises(InvalidArgumentError, match="no law named 'toy'"):
        outcome(case)
    with pytest.raises(InvalidArgumentError, match="subject that is not saved"):
        outcome(replace(case, name="S11"))
    with pytest.raises(InvalidArgumentError, match="about a check"):
        outcome(replace(case, about="check"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"profile": "daily"}, "no profile named 'daily'"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": True}, "seed is True"),
        ({"max_examples": 0}, "max_examples is 0"),
        ({"max_seconds": 0}, "max_seconds is 0"),
        ({"max_seconds": float("nan")}, "max_seconds is nan"),
        ({"max_seconds": "1"}, "max_seconds is '1'"),
    ],
)
def test_bad_arguments_of_one_law(arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        run_law(LAW, **arguments)


@pytest.mark.parametrize(
    ("laws", "arguments", "message"),
    [
        ([], {}, "no law to run"),
        ([LAW, LAW], {}, "'toy' is given twice"),
        (["S4"], {}, "'S4' is a str"),
        ([LAW], {"jobs": 0}, "jobs is 0"),
        ([LAW], {"jobs": 2}, "not in the registry"),
        ([LAW], {"hours": 1}, "one round of examples"),
        ([LAW], {"hours": -1, "profile": "nightly"}, "hours is -1"),
    ],
)
def test_bad_arguments_of_many_laws(laws, arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        run_laws(laws, **arguments)


def test_bad_laws_and_profiles():
    with pytest.raises(InvalidArgumentError, match="'S4' is a str"):
        run_law("S4")
    with pytest.raises(InvalidArgumentError, match="not one of PROFILES"):
        run_laws([LAWS["S11"]], profile=replace(PROFILES["ci"]), jobs=2)
    with pytest.raises(InvalidArgumentError, match="no profile named 3"):
        profile_named(3)
    with pytest.raises(InvalidArgumentError, match="no law named 'S99'"):
        laws_named(["S4", "S99"])


def test_every_statement_has_a_law_and_every_law_a_bad_subject():
    assert {law.statement for law in LAWS.values()} == {f"S{k}" for k in range(1, 14)}
    for law in LAWS.values():
        assert law.bad
        assert law.id.startswith(law.statement)
        assert law.text.endswith(".")
        assert not law.title.endswith(".")
        assert all(bad is not law.subject for bad in law.bad.values())
