"""Encoders of users: what is refused before a study begins, and what makes one another."""

import sys

import pytest

from tellapart.properties.counting.encoders import load_encoder
from tellapart.properties.errors import SubjectSourceError
from tellapart.theory.errors import InvalidArgumentError


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("factory", "my.py"), ("my.py", "write path"), ("nowhere.py:factory", "does not exist"),
        ("no.such.module:factory", "does not import"), ("{}:nothing", "has no 'nothing'"),
        ("{}:broken", "my.py:broken raised RuntimeError: out of glue"),
        ("{}:wrong", "my.py:wrong: encoder_factory returned a int; return a torch.nn.Module"),
        ("{}:whole_numbers", r"my.py:whole_numbers: .* gave \(4, 2\) of torch.int64"),
        ("{}:on_a_gpu", r"on_a_gpu raised .* runs on the CPU: do not call .cuda"),
        ("{}:gpu_inside", r"gpu_inside: .* runs on the CPU: do not call .cuda"),
        ("{}:leaving", "my.py:leaving raised SystemExit: 0"),
        ("{}:leaving_inside", "leaving_inside raised SystemExit: enough"),
        ("{}:torch", "is of type module"),
        (":factory", "write path"), ("{}:", "write path"),
    ],
)  # fmt: skip
def test_an_encoder_that_cannot_be_used_is_refused_first(encoder, name, message):
    wanted = name.format(encoder)
    expected = "write path" if name == "factory" else message
    with pytest.raises((SubjectSourceError, InvalidArgumentError), match=expected):
        load_encoder(wanted, size=16)


def test_an_edited_encoder_is_another_one(encoder):
    first = load_encoder(f"{encoder}:factory")
    encoder.write_text(encoder.read_text() + "\n# better\n")
    assert first.digest != load_encoder(f"{encoder}:factory").digest
    assert first.factory(0) is not None


def test_an_edited_partial_is_another_encoder(encoder):
    first = load_encoder(f"{encoder}:made", size=16).digest
    assert first == load_encoder(f"{encoder}:made", size=16).digest
    encoder.write_text(encoder.read_text() + "\n# better\n")
    assert first != load_encoder(f"{encoder}:made", size=16).digest


HELPED = """
from torch import nn
from helper_of_mine import WIDTH, scaled

class Mine(nn.Linear):
    def forward(self, pictures):
        return scaled(super().forward(pictures.flatten(1)))

def factory(seed):
    return Mine(768, WIDTH)
"""


def test_an_edited_helper_makes_another_encoder(tmp_path, monkeypatch):
    path = tmp_path / "helped.py"
    path.write_text(HELPED)
    digests = []
    for width, scale in ((4, 1), (4, 1), (16, 1), (16, "2.0")):
        (tmp_path / "helper_of_mine.py").write_text(
            f"WIDTH = {width}\n\ndef scaled(rows):\n    return {scale} * rows\n"
        )
        monkeypatch.delitem(sys.modules, "helper_of_mine", raising=False)
        digests.append(load_encoder(f"{path}:factory", size=16).digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_a_file_that_ends_the_program_is_refused(tmp_path):
    path = tmp_path / "script.py"
    path.write_text("import sys\nsys.exit(0)\n")
    with pytest.raises(SubjectSourceError, match=r"script.py does not import: SystemExit: 0.*main"):
        load_encoder(f"{path}:factory")
