"""When counts come apart: looks at a training, and what they say about pairs."""

from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.counting.emergence import LOOKS, Emergence, Look, Watcher
from tellapart.models.counting.plan import CountingPlan
from tellapart.models.counting.runs import CountingRun, run_counting
from tellapart.models.counting.training import train_counting
from tellapart.theory.errors import InvalidArgumentError

PAIRS = tuple(combinations(range(4), 2))
LOOKED = st.lists(st.sets(st.sampled_from(PAIRS)).map(sorted), min_size=1, max_size=6).map(
    lambda rows: Emergence((0, 1, 2, 3), tuple(Look(k, tuple(row)) for k, row in enumerate(rows)))
)


@given(LOOKED, st.sampled_from(PAIRS))
def test_a_pair_is_apart_from_the_first_look_after_its_last_merge(found, pair):
    step = found.apart_from(*pair)
    assert found.apart_from(*reversed(pair)) == step
    merged = [look.step for look in found.looks if pair in look.merged]
    expected = max(merged, default=-1) + 1
    assert step == (expected if expected < len(found.looks) else None)


@given(LOOKED)
def test_the_last_pairs_are_those_that_no_pair_follows(found):
    order = {pair: found.apart_from(*pair) for pair in PAIRS}
    late = max(float("inf") if step is None else step for step in order.values())
    assert found.last_pairs == tuple(
        pair for pair, step in order.items() if (float("inf") if step is None else step) == late
    )
    assert all(1 <= groups <= 4 for groups in found.groups)
    assert Emergence.__name__ in repr(found)


@pytest.mark.parametrize("pair", [(0, 0), (0, 4), (-1, 2)])
def test_only_pairs_of_counts_are_asked_about(pair):
    with pytest.raises(InvalidArgumentError, match="two different counts"):
        Emergence((0, 1, 2, 3), (Look(1, ()),)).apart_from(*pair)


class Brightness(nn.Module):
    """A latent that counts lit pixels; it draws noise while it is trained."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, pictures):
        lit = (pictures.amax(dim=1) > 0.05).float().sum(dim=(1, 2))
        noise = torch.randn_like(lit) if self.training else 0.0
        return (self.scale * lit + 1000 * noise)[:, None]


def test_a_look_is_in_evaluation_mode_and_leaves_the_mode_as_it_was():
    watcher, encoder = Watcher(CountingPlan(size=32, steps=60)), nn.Sequential(Brightness())
    encoder.train()
    encoder[0].eval()
    watcher.look(encoder, 1)
    assert (encoder.training, encoder[0].training) == (True, False)
    encoder[0].train()
    watcher.look(encoder, 2)
    first, second = watcher.looks
    assert first.merged == second.merged
    assert not any(0 in pair for pair in first.merged)  # no pixel is lit


def test_latents_that_are_no_numbers_tell_nothing_apart():
    class Lost(nn.Module):
        def forward(self, pictures):
            return pictures.new_full((len(pictures), 2), float("nan"))

    watcher = Watcher(CountingPlan(size=16))
    watcher.look(Lost(), 1)
    assert watcher.found().groups == (1,)
    assert len(watcher.looks[0].merged) == 36


@pytest.mark.parametrize(("steps", "looks"), [(1, 1), (7, 7), (600, LOOKS), (1500, LOOKS)])
def test_a_training_is_looked_at_about_thirty_times(steps, looks):
    watcher = Watcher(CountingPlan(size=16, steps=steps))
    due = [step for step in range(1, steps + 1) if watcher.due(step, steps)]
    assert len(due) == looks
    assert due[-1] == steps


def test_looks_are_part_of_a_run_and_survive_an_interruption(tmp_path):
    plan = CountingPlan(size=16, steps=5, batch=4)
    whole = run_counting(plan, each=3)
    assert [look.step for look in whole.emergence.looks] == [1, 2, 3, 4, 5]
    assert CountingRun.from_json(whole.to_json()).emergence == whole.emergence

    class StopError(Exception):
        pass

    def stop(step, *_):
        if step == 3:
            raise StopError

    file = tmp_path / "run.pt"
    with pytest.raises(StopError):
        train_counting(plan, checkpoint=file, every=2, progress=stop)
    assert train_counting(plan, checkpoint=file).emergence == whole.emergence
