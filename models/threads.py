"""One torch thread where results must repeat: sums split over threads round in varying order."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """Use one thread for torch operations on the CPU; the number is put back afterwards.

    Measured: with two threads, 240 steps of training on Taxi ended in three different results in
    three runs; with one, always in the same.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
