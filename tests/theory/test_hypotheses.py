import pytest

from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.hypotheses import Hypothesis, hypothesis_named


def test_the_theorem_has_nine_hypotheses_each_with_its_texts():
    assert len(Hypothesis) == 9
    for one in Hypothesis:
        texts = (one.dropped, one.consequence, one.needed)
        assert len(set(texts)) == 3
        assert all(text and text[0].islower() and not text.endswith(".") for text in texts)


@pytest.mark.parametrize("name", ["aux_loss", "aux-loss", Hypothesis.AUX_LOSS])
def test_a_hypothesis_is_found_by_name(name):
    assert hypothesis_named(name) is Hypothesis.AUX_LOSS


@pytest.mark.parametrize("name", ["aux", "", None, 3])
def test_an_unknown_name_lists_the_known_ones(name):
    with pytest.raises(InvalidArgumentError, match="informative_label"):
        hypothesis_named(name)
