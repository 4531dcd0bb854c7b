import copy

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tellapart.models.adapters.methods import MethodPart, claim


class Sums(MethodPart):
    """Adds up the layers that are chosen."""

    def __init__(self, model, chosen):
        super().__init__(model)
        self.chosen = chosen

    def forward(self, x):
        return x + sum(self.model[i](x) for i in self.chosen) if self.chosen else x


@given(st.lists(st.booleans(), min_size=1, max_size=5), st.sets(st.integers(0, 4)))
def test_a_part_owns_what_its_answer_depends_on(trainable, frozen):
    model = nn.ModuleList([nn.Linear(2, 2) for _ in trainable])
    for i in frozen:
        if i < len(model):
            model[i].requires_grad_(False)
    chosen = [i for i, used in enumerate(trainable) if used]
    part = Sums(model, chosen)
    claim(part, torch.ones(3, 2))
    own = {id(w) for w in part.parameters()}
    assert own == {id(w) for i in chosen if i not in frozen for w in model[i].parameters()}
    assert all(w.grad is None for w in model.parameters())


def test_a_copy_is_a_part_of_its_own():
    part = Sums(nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)]), [1])
    claim(part, torch.ones(1, 2))
    other = copy.deepcopy(part)
    with torch.no_grad():
        for weight in other.parameters():
            weight.zero_()
    assert [name for name, _ in other.named_parameters()] == ["model.1.weight", "model.1.bias"]
    assert [name for name, _ in part.named_parameters("p")] == [
        "p.model.1.weight",
        "p.model.1.bias",
    ]
    assert torch.equal(other(torch.ones(1, 2)), torch.ones(1, 2))
    assert float(part.model[1].weight.detach().abs().max()) > 0


def test_objects_that_are_no_modules_own_nothing():
    part = Sums([torch.sin, torch.cos], [0])
    claim(part, torch.ones(1, 2))
    assert list(part.parameters()) == []
