"""Exported queries against ONNX's own checker and reference implementation."""

import numpy as np
import pytest
import torch
from torch import nn

from tellapart.models.boxes.export import export_query
from tellapart.models.subject import Subject
from tellapart.theory.gallery import counting_chain

onnx = pytest.importorskip("onnx")

pytestmark = pytest.mark.oracle


def identity(z, *_):
    return z


def encoders():
    torch.manual_seed(0)
    yield nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 3))
    yield nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.Sigmoid(), nn.Linear(8, 3), nn.Tanh())
    yield nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.LeakyReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 3), nn.Hardtanh(),
    ).eval()  # fmt: skip
    yield nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Linear(16, 4), nn.Softmax(dim=1))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("encoder", list(encoders()), ids=lambda e: type(e[-1]).__name__)
def test_onnx_accepts_the_graph_and_computes_the_difference(encoder, dtype, tmp_path):
    shown = torch.rand((3, 1, 8, 8), generator=torch.Generator().manual_seed(1))
    subject = Subject(encoder, identity, identity, observations=shown)
    query = export_query(subject, counting_chain(3), 0, 2, 0.1, tmp_path, dtype=dtype)
    model = onnx.load(query.onnx)
    onnx.checker.check_model(model, full_check=True)
    given = np.random.default_rng(0).random((1, query.n_inputs)).astype(dtype)
    evaluator = pytest.importorskip("onnx.reference").ReferenceEvaluator(model)
    (found,) = evaluator.run(None, {"X": given})
    with torch.no_grad():
        codes = encoder(torch.tensor(given.reshape(2, 1, 8, 8)).float()).numpy()
    assert found.dtype == dtype
    assert np.allclose(found[0], codes[0] - codes[1], rtol=1e-3, atol=1e-5)
