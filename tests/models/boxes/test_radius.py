import pytest
import torch
from torch import nn

from tellapart.models.boxes.boxes import certify_boxes
from tellapart.models.boxes.radius import RadiusSearch, largest_radius
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain

CHAIN = counting_chain(3)


def identity(z, *_):
    return z


def subject_on_a_line(*places):
    """The identity on one number: boxes of radius r stay apart exactly below half the gap."""
    encoder = nn.Linear(1, 1, bias=False).double()
    with torch.no_grad():
        encoder.weight.fill_(1.0)
    observations = torch.tensor(places, dtype=torch.float64)[:, None]
    return Subject(encoder, identity, identity, observations=observations)


def test_the_radius_of_a_known_encoder_is_bracketed():
    found = largest_radius(subject_on_a_line(0.0, 1.0, 5.0), CHAIN, 3.0, halvings=10)
    assert found.certified < 0.5 <= found.failed
    assert found.failed - found.certified <= 3.0 / 2**10
    assert found.report.radius == found.certified
    assert found.report
    assert [radius for radius, _ in found.tried] == sorted(radius for radius, _ in found.tried)
    assert not certify_boxes(subject_on_a_line(0.0, 1.0, 5.0), CHAIN, found.failed)
    assert "certified up to radius 0.49" in found.explain()
    assert RadiusSearch.from_json(found.to_json()).explain() == found.explain()


def test_a_radius_that_holds_at_once_ends_the_search():
    found = largest_radius(subject_on_a_line(0.0, 1.0, 5.0), CHAIN, 0.25)
    assert (found.certified, found.failed, len(found.tried)) == (0.25, None, 1)
    assert "the largest that was tried" in found.explain()


def test_merged_observations_have_no_radius():
    found = largest_radius(subject_on_a_line(0.0, 0.0, 5.0), CHAIN, 1.0, halvings=2)
    assert found.certified == 0.0
    assert len(found.tried) == 3
    assert found.explain().startswith("At no radius that was tried")


@pytest.mark.parametrize(
    ("most", "halvings", "message"),
    [
        (0.0, 4, "most is 0"),
        (-1.0, 4, "most is -1.0"),
        (1.0, 0, "halvings is 0"),
        (1.0, True, "halvings is True"),
    ],
)
def test_bad_arguments_are_one_clear_error(most, halvings, message):
    with pytest.raises(InvalidArgumentError, match=message):
        largest_radius(subject_on_a_line(0.0, 1.0, 5.0), CHAIN, most, halvings=halvings)
