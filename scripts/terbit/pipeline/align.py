"""Align: a patience diff of two rows of words (Bram Cohen), near linear in their length."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise


def align(old: Sequence[str], new: Sequence[str]) -> list[int]:
    """For each key of `old` where it stands in `new`, or -1; what is found keeps its order.

    A patience diff: keys that both have once are anchors, and the longest chain of
    them in order divides the rest. Where there are none, what both end and begin
    with is the same, and keys that both have equally often are anchors. Where
    nothing helps, or the work has grown too large for the length, keys stay unfound.
    """
    found = [-1] * len(old)
    work = [(list(range(len(old))), list(range(len(new))))]
    effort = 40 * (len(old) + len(new))
    while work and effort >= 0:
        left, right = work.pop()
        effort -= len(left) + len(right)
        if [old[at] for at in left] == [new[at] for at in right]:
            for i, j in zip(left, right, strict=True):
                found[i] = j
            continue
        in_left, in_right = Counter(old[at] for at in left), Counter(new[at] for at in right)
        left = [at for at in left if old[at] in in_right]
        right = [at for at in right if new[at] in in_left]
        alike = {key for key, count in in_left.items() if count == in_right[key]}
        anchors = {key for key in alike if in_left[key] == 1}
        if not anchors:
            left, right = _strip(old, left, new, right, found)
            anchors = alike
        if not left or not right or not anchors:
            continue
        chain = _chain([old[at] for at in left], [new[at] for at in right], anchors)
        for i, j in chain:
            found[left[i]] = right[j]
        for (i, j), (k, m) in pairwise([(-1, -1), *chain, (len(left), len(right))]):
            if k - i > 1 and m - j > 1 and chain:
                work.append((left[i + 1 : k], right[j + 1 : m]))
    return found


def _strip(
    old: Sequence[str], left: list[int], new: Sequence[str], right: list[int], found: list[int]
) -> tuple[list[int], list[int]]:
    """Find what `left` and `right`, places in the two, end and begin with alike; give the rest."""
    least = min(len(left), len(right))
    start = end = 0
    while end < least and old[left[-1 - end]] == new[right[-1 - end]]:
        found[left[-1 - end]] = right[-1 - end]
        end += 1
    while start + end < least and old[left[start]] == new[right[start]]:
        found[left[start]] = right[start]
        start += 1
    return left[start : len(left) - end], right[start : len(right) - end]


def _chain(
    left: Sequence[str], right: Sequence[str], anchors: Collection[str]
) -> list[tuple[int, int]]:
    """The longest chain of anchors, as places in `left` and in `right` that both grow."""
    places: dict[str, list[int]] = {key: [] for key in anchors}
    for at in range(len(right) - 1, -1, -1):
        if right[at] in anchors:
            places[right[at]].append(at)
    pairs = [(at, places[key].pop()) for at, key in enumerate(left) if places.get(key)]
    ends: list[int] = []  # for each length of a chain the least place in `right` where one ends
    last: list[int] = []  # and the pair that ends it
    before: list[int] = []  # for each pair the one before it
    for number, (_, at) in enumerate(pairs):
        length = bisect_left(ends, at)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [at]
        last[length : length + 1] = [number]
    chain = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


# and back ----------------------------------------------------------------
