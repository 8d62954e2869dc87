"""Tasks: the same function over many inputs, one after the other or in processes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """How many processes may run at once on this machine."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1


def run(function: Callable[[T], R], inputs: Sequence[T], jobs: int) -> Iterator[tuple[int, R]]:
    """(position, result) for each input, as they come. Exceptions are raised here."""
    if jobs <= 1 or len(inputs) <= 1:
        for i, item in enumerate(inputs):
            yield i, function(item)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(inputs)), mp_context=context) as pool:
        futures = {pool.submit(function, item): i for i, item in enumerate(inputs)}
        for future in as_completed(futures):
            yield futures[future], future.result()
