"""Exported queries, read back by readers of our own: protocol buffers and VNN-LIB."""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from tellapart.models.boxes import export_onnx
from tellapart.models.boxes.export import export_query
from tellapart.models.boxes.export_vnnlib import merging_query
from tellapart.models.boxes.onnx_messages import tensor, value
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.gallery import counting_chain

CHAIN = counting_chain(3)
SHOWN = torch.rand((3, 1, 6, 6), generator=torch.Generator().manual_seed(0))


def identity(z, *_):
    return z


def subject_of(encoder):
    dtype = next(encoder.parameters()).dtype
    return Subject(encoder, identity, identity, observations=SHOWN.to(dtype))


def convolutional(dtype=torch.float32):
    torch.manual_seed(0)
    encoder = nn.Sequential(
        nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(27, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 3), nn.Hardtanh(),
    )  # fmt: skip
    return encoder.eval().to(dtype)


def plain():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 5), nn.Tanh(), nn.Linear(5, 2), nn.Sigmoid())


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def message(data):
    """Fields of a protocol buffer: ``{number: [integer or bytes, ...]}``."""
    fields, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        assert key & 7 in (0, 2)
        item, at = varint(data, at)
        if key & 7 == 2:
            item, at = data[at : at + item], at + item
        fields.setdefault(key >> 3, []).append(item)
    return fields


def array_of(data):
    fields = message(data)
    dtype = {1: "<f4", 7: "<i8", 11: "<f8"}[fields[2][0]]
    shape = fields.get(1, [])
    return fields[8][0].decode(), np.frombuffer(fields[9][0], dtype).reshape(shape)


def erf(x):
    return torch.erf(torch.tensor(x)).numpy()


RUN = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "Max": np.maximum,
    "Min": np.minimum, "Neg": np.negative, "Abs": np.abs, "Tanh": np.tanh, "Exp": np.exp,
    "Sqrt": np.sqrt, "MatMul": np.matmul, "Erf": erf, "Relu": lambda x: np.maximum(x, 0),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Reshape": lambda x, s: x.reshape(s.tolist()),
    "Gather": lambda x, i, axis: np.take(x, i, axis=axis),
    "Concat": lambda *x, axis: np.concatenate(x, axis=axis),
    "ReduceSum": lambda x, a, keepdims: x.sum(axis=tuple(a.tolist()), keepdims=bool(keepdims)),
    "ReduceMax": lambda x, axes, keepdims: x.max(axis=tuple(axes), keepdims=bool(keepdims)),
}  # fmt: skip


def attributes(node):
    found = {}
    for data in node.get(5, []):
        fields = message(data)
        found[fields[1][0].decode()] = fields[8] if fields[20] == [7] else fields.get(3, [0])[0]
    return found


def run_onnx(path, shown):
    """Run an exported graph in NumPy."""
    graph = message(message(path.read_bytes())[7][0])
    known = dict(array_of(data) for data in graph[5])
    known["X"] = shown
    for data in graph[1]:
        node = message(data)
        given = [known[name.decode()] for name in node[1]]
        if node[4] == [b"Split"]:
            halves = np.split(given[0], len(node[2]), **attributes(node))
            known |= {name.decode(): half for name, half in zip(node[2], halves, strict=True)}
            continue
        known[node[2][0].decode()] = RUN[node[4][0].decode()](*given, **attributes(node))
    return known["Y"]


@pytest.mark.parametrize(
    ("encoder", "dtype"),
    [(convolutional(), "float64"), (convolutional(torch.float64), "float64"), (plain(), "float32")],
)
def test_the_graph_computes_the_difference_of_codes(encoder, dtype, tmp_path):
    query = export_query(subject_of(encoder), CHAIN, 0, 2, 0.1, tmp_path)
    assert (query.dtype, query.weights_exact) == (dtype, True)
    shown = np.random.default_rng(0).random((1, query.n_inputs)).astype(dtype)
    found = run_onnx(query.onnx, shown)
    assert found.shape == (1, query.n_outputs)
    with torch.no_grad():
        weights = next(encoder.parameters()).dtype
        codes = encoder(torch.tensor(shown.reshape(2, 1, 6, 6)).to(weights)).double().numpy()
    assert np.allclose(found[0], codes[0] - codes[1], rtol=1e-4, atol=1e-5)


def test_large_lookups_are_written_as_lookups(tmp_path, monkeypatch):
    monkeypatch.setattr(export_onnx, "_SELECTION", 0)
    encoder = convolutional(torch.float64)
    query = export_query(subject_of(encoder), CHAIN, 0, 2, 0.1, tmp_path)
    shown = np.random.default_rng(0).random((1, 72))
    with torch.no_grad():
        codes = encoder(torch.tensor(shown.reshape(2, 1, 6, 6))).numpy()
    assert np.allclose(run_onnx(query.onnx, shown)[0], codes[0] - codes[1])
    written = query.onnx.read_bytes()
    assert b"Split" in written
    assert b"Gather" in written


def test_weights_that_are_rounded_are_told(tmp_path):
    query = export_query(subject_of(convolutional()), CHAIN, 0, 1, 0.1, tmp_path, dtype="float32")
    assert not query.weights_exact
    assert "rounded" in query.explain()


ASSERTION = re.compile(r"\(assert \((<=|>=) ([XY])_(\d+) (-?[0-9.]+)\)\)")


def read_vnnlib(text):
    """Exact bounds of every variable: ``{(letter, number): [lo, hi]}``."""
    bounds = {}
    for line in text.splitlines():
        if line.startswith("(declare-const"):
            letter, number = re.fullmatch(r"\(declare-const ([XY])_(\d+) Real\)", line).groups()
            bounds[letter, int(number)] = [None, None]
        elif not line.startswith(";"):
            sign, letter, number, limit = ASSERTION.fullmatch(line).groups()
            place = bounds[letter, int(number)]
            assert place[sign == "<="] is None
            place[sign == "<="] = Fraction(limit)
    return bounds


def test_the_property_says_what_the_claim_says(tmp_path):
    query = export_query(
        subject_of(plain()), CHAIN, 1, 2, 0.1, tmp_path / "new", delta=0.3, clip=(0.0, 1.0)
    )
    bounds = read_vnnlib(query.vnnlib.read_text(encoding="utf-8"))
    shown = [Fraction(v) for v in SHOWN[1:].double().reshape(-1).tolist()]
    radius, unit = Fraction(0.1), Fraction(1, 2**53)
    assert len(bounds) == 72 + 2
    for k, centre in enumerate(shown):
        lo, hi = bounds["X", k]
        assert max(centre - radius, 0) - unit <= lo <= max(centre - radius, 0)
        assert min(centre + radius, 1) <= hi <= min(centre + radius, 1) + unit
    for k in range(2):
        assert bounds["Y", k] == [-Fraction(0.3), Fraction(0.3)]
    assert "at most 0.3 apart; unsat" in query.explain()


def test_small_and_negative_numbers_are_written_without_exponent():
    text = merging_query(np.array([-1e-20]), np.array([-0.0]), 1, 2.0**-60, "title")
    bounds = read_vnnlib(text)
    assert bounds["X", 0] == [Fraction(-1e-20), 0]
    assert bounds["Y", 0] == [-Fraction(1, 2**60), Fraction(1, 2**60)]


def test_messages_hold_what_was_written():
    name, array = array_of(tensor("weights", np.arange(300.0).reshape(3, 100)))
    assert name == "weights"
    assert np.array_equal(array, np.arange(300.0).reshape(3, 100))
    kind = message(message(message(value("X", "float32", (1, 300)))[2][0])[1][0])
    assert kind[1] == [1]
    assert [message(d)[1][0] for d in message(kind[2][0])[1]] == [1, 300]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y": 0}, "are both 0"),
        ({"y": "nowhere"}, "nowhere"),
        ({"delta": -1.0}, "delta is -1.0"),
        ({"dtype": "float16"}, "dtype is 'float16'"),
        ({"radius": -1.0}, "radius is -1.0"),
    ],
)
def test_bad_arguments_are_one_clear_error(options, message, tmp_path):
    arguments = {"x": 0, "y": 1, "radius": 0.1, "folder": tmp_path} | options
    with pytest.raises(InvalidArgumentError, match=message):
        export_query(subject_of(plain()), CHAIN, **arguments)


def test_a_file_is_no_folder(tmp_path):
    place = tmp_path / "taken"
    place.write_text("")
    with pytest.raises(InvalidArgumentError, match="which is a file"):
        export_query(subject_of(plain()), CHAIN, 0, 1, 0.1, place)
