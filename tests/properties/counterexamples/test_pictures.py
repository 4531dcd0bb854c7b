"""Pictures, pages and test files of counterexamples."""

import re
from functools import cache
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tellapart.properties.counterexamples.counterexample import counterexample, counterexample_of
from tellapart.properties.counterexamples.picture import dot_text, svg_file
from tellapart.properties.counterexamples.pytest_text import specimen_test
from tellapart.properties.counterexamples.shrunk import shrunk_counterexample
from tellapart.theory.counterexamples.search import smallest_counterexamples
from tellapart.theory.formats.dot import dot_graph
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP

TEST = "test_the_pair_is_told_apart"


@cache
def specimens(hypothesis):
    return smallest_counterexamples(hypothesis).specimens


any_specimen = st.sampled_from(list(Hypothesis)).flatmap(
    lambda hypothesis: st.sampled_from(specimens(hypothesis))
)


def loaded(text):
    names = {}
    exec(compile(text, "test_file.py", "exec"), names)
    return names


@given(any_specimen)
@settings(max_examples=30)
def test_the_test_file_fails_until_the_codes_separate_the_pair(specimen):
    names = loaded(specimen_test(specimen))
    assert names["WORLD"] == specimen.world
    with pytest.raises(AssertionError, match="share the code"):
        names[TEST]()
    names["my_codes"] = lambda mdp: list(range(mdp.n_obs))
    names[TEST]()


def test_the_test_file_keeps_names_of_any_kind():
    world = DeterministicMDP(
        [[0], [1]], labels=["it's", 'a "quote"\\'], observations=[("x", 1), "\u00e9\n"],
        actions=[None],
    )  # fmt: skip
    found = shrunk_counterexample(world, [0, 0], design=None)
    text = found.to_pytest()
    assert text.isascii()
    assert loaded(text)["WORLD"] == found.specimen.world


@given(any_specimen)
@settings(max_examples=30)
def test_the_picture_is_a_file_with_every_observation_and_a_halo_each(specimen):
    text = svg_file(specimen)
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert text.count('class="halo"') == 2
    assert text.count('class="node"') == specimen.n_observations
    runs = {(end, a) for end, a in _followed(specimen)}
    assert text.count('class="edge run"') == len(runs)
    assert svg_file(specimen) == text


@given(any_specimen)
@settings(max_examples=30)
def test_dot_is_read_back_as_the_world_with_marks(specimen):
    text = dot_text(specimen)
    graph = dot_graph(text.encode())
    assert sorted(map(str, graph.nodes)) == sorted(map(str, specimen.world.observations))
    assert graph.number_of_edges() == specimen.n_observations * specimen.n_actions
    assert text.count("fillcolor") == specimen.n_observations
    assert len(re.findall(r"-> .*penwidth=3", text)) == len(_followed(specimen))
    assert len(re.findall(r"fillcolor.*penwidth=3", text)) == 2


def _followed(specimen):
    """Follow the word by plain steps: the pairs of observation and action on both runs."""
    world = specimen.world
    steps = set()
    for name in (specimen.x, specimen.y):
        here = world.observation_index(name)
        for action in specimen.word:
            column = list(world.actions).index(action)
            steps.add((here, column))
            here = int(world.successors[here][column])
    return steps


@pytest.mark.parametrize("hypothesis", list(Hypothesis), ids=str)
def test_the_page_says_what_the_story_says(hypothesis, tmp_path):
    found = counterexample(hypothesis, trained=False)
    path = tmp_path / "page.html"
    found.to_html(path)
    page = path.read_text()
    assert f"Without {hypothesis.value}, {found.specimen.x} and" in page
    assert page.count("<svg") >= len(found.specimens)
    assert page.count("<svg") == page.count("</svg>")
    assert str(found.specimen.losses.dynamics) in page
    assert 'id="trained"' not in page
    assert "<script" not in page
    found.to_html(path)
    assert path.read_text() == page


def test_the_page_shows_the_trained_encoder():
    from tellapart.properties.report.counterexample_page import render_counterexample

    found = counterexample_of(specimens(Hypothesis.DETERMINISM)[0])
    page = render_counterexample(found)
    assert 'id="trained"' in page
    assert "It collapsed by itself" in page
