import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from tellapart.models.translation.errors import NotExactlyEvaluable
from tellapart.models.translation.recorder import Recorder
from tellapart.theory.networks.running import run

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


def agrees(layer, image):
    """Compare a layer with its recorded program, on one row and on rows that are constants."""
    layer = layer.double()
    with torch.no_grad():
        expected = layer(image)
        for closed in (False, True):
            recorder = Recorder("encoder", layer)
            with recorder.watching():
                answer = layer(image * 1 if closed else recorder.feed(image))
            program = recorder.tape.finish(recorder.memories.value_of(answer))
            found = run(program, [] if closed else [image.numpy()[None]])
            found = torch.tensor(found).reshape(expected.shape)
            assert torch.allclose(found, expected, rtol=1e-11, atol=1e-12)


def image_of(data, channels, depth):
    sizes = [data.draw(st.integers(1, 6)) for _ in range(depth)]
    batch = data.draw(st.sampled_from([(1,), ()]))
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 5)))
    return torch.rand((*batch, channels, *sizes), generator=generator, dtype=torch.float64) - 0.5


def fits(layer, image):
    """Tell whether torch takes the sizes (a window larger than its image is an error)."""
    try:
        with torch.no_grad():
            answer = layer.double()(image)
            return answer.numel() > 0 and bool(answer.isfinite().all())
    except RuntimeError:
        return False


@settings(max_examples=40)
@given(st.data(), st.integers(1, 2), st.booleans(), pairs, pairs, pairs, pairs)
def test_convolutions(data, groups, transposed, kernel, stride, dilation, outputs):
    image = image_of(data, 2 * groups, 2)
    padding = (data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2)))
    kind = nn.ConvTranspose2d if transposed else nn.Conv2d
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layer = kind(
            2 * groups, outputs[0] * groups, kernel, stride, padding,
            dilation=dilation, groups=groups, bias=outputs[1] > 1,
        )  # fmt: skip
    assume(fits(layer, image))
    agrees(layer, image)


@settings(max_examples=40)
@given(st.data(), st.booleans(), pairs, pairs, st.booleans(), st.booleans())
def test_pooling(data, largest, kernel, stride, ceil_mode, inside_only):
    image = image_of(data, 2, 2)
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    if largest:
        dilation = data.draw(pairs)
        layer = nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    else:
        divisor = data.draw(st.sampled_from([None, 3]))
        layer = nn.AvgPool2d(kernel, stride, padding, ceil_mode, not inside_only, divisor)
    assume(fits(layer, image))
    agrees(layer, image)


@given(st.data(), st.booleans(), st.integers(1, 7), st.integers(1, 7))
def test_adaptive_pooling(data, largest, rows, columns):
    layer = (nn.AdaptiveMaxPool2d if largest else nn.AdaptiveAvgPool2d)((rows, columns))
    agrees(layer, image_of(data, 2, 2))


def test_a_window_of_padding_only_has_no_largest_entry():
    layer, image = nn.MaxPool2d((1, 2), 1, (0, 1), (1, 2)), torch.rand(1, 1, 1, 1)
    recorder = Recorder("encoder", layer)
    with torch.no_grad(), pytest.raises(NotExactlyEvaluable, match="padding"), recorder.watching():
        layer(recorder.feed(image))
