"""Encoders of users; study_cases is imported by its file name, also by processes of tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

ENCODER = """
import os
from functools import partial

import torch
from torch import nn

print("loading")

def factory(seed):
    return nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.LazyLinear(4))

def small(seed):
    print("building")
    size = 3 * 4 * 4
    return nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Linear(size, 4))

class Exploding(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.calls = 0

    def forward(self, pictures):
        self.calls += 1
        rows = pictures.flatten(1)[:, :2] * self.weight
        return rows if self.calls < 4 else rows + float("inf")

def exploding(seed):
    return Exploding()

class Tired(nn.Linear):
    def forward(self, pictures):
        if self.training:
            raise KeyError("tired")
        return super().forward(pictures.flatten(1))

def tired(seed):
    return Tired(768, 2)

def broken(seed):
    raise RuntimeError("out of glue")

def wrong(seed):
    return 3

class Gives(nn.Module):
    def __init__(self, make):
        super().__init__()
        self.make = make

    def forward(self, pictures):
        return self.make(pictures.flatten(1)[:, :2])

def whole_numbers(seed):
    return Gives(lambda rows: rows.long())

def on_a_gpu(seed):
    raise RuntimeError("Found no NVIDIA driver on your system.")

def gpu_inside(seed):
    def make(rows):
        raise RuntimeError("Expected all tensors on the same device, but found cuda:0 and cpu")
    return Gives(make)

def leaving(seed):
    raise SystemExit(0)

def leaving_inside(seed):
    def make(rows):
        raise SystemExit("enough")
    return Gives(make)

class Moody(nn.Linear):
    def __init__(self, seed):
        super().__init__(768, 2)
        self.seed = seed

    def forward(self, pictures):
        print("seen")
        if self.training and self.seed == 12:
            raise SystemExit(0)
        if self.training and self.seed == 13:
            os._exit(0)
        return super().forward(pictures.flatten(1))

def moody(seed):
    if seed == 11:
        raise ValueError("not with 11")
    return Moody(seed)

made = partial(Moody)
"""


@pytest.fixture
def encoder(tmp_path):
    path = tmp_path / "my.py"
    path.write_text(ENCODER)
    return path
