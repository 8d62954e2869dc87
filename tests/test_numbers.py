"""The printed number of everything."""

from __future__ import annotations

import pytest

from chapters import chapter, metadata
from terbit.model import Division, TocEntry
from terbit.pipeline.resolve.numbers import Numbers, numbers
from terbit.tree import plain_text

THINGS = """
![A](a.png){#fig:%(n)s1}

![B](b.png){#fig:%(n)s2}

| a |
|---|
| b |

: C {#tbl:%(n)s}
"""


def told(found: Numbers) -> dict[str, str]:
    return {anchor: target.number for (_, anchor), target in found.targets.items()}


def lines(entries: tuple[TocEntry, ...], depth: int = 0) -> list[str]:
    out = []
    for entry in entries:
        out.append("  " * depth + f"{entry.number} {plain_text(entry.title)}".strip())
        out += lines(entry.children, depth + 1)
    return out


BOOK = (
    chapter("# Preface\n\n## For whom\n\n" + THINGS % {"n": "p"}, "p", Division.FRONT),
    chapter("# One\n\n## A\n\n### AA\n\n#### AAA\n\n## B\n\n" + THINGS % {"n": "x"}, "one"),
    chapter("# Plain {.unnumbered}\n\n## Under\n\n" + THINGS % {"n": "y"}, "plain"),
    chapter("# Two\n\n## C\n\n" + THINGS % {"n": "z"}, "two"),
    chapter("# After\n\n## D\n", "after", Division.BACK),
)


def test_a_book() -> None:
    found = numbers([c.facts for c in BOOK], metadata(kind="book"), ())
    assert lines(found.toc) == [
        "Preface",
        "  For whom",
        "1 One",
        "  1.1 A",
        "    1.1.1 AA",
        "      AAA",
        "  1.2 B",
        "Plain",
        "  Under",
        "2 Two",
        "  2.1 C",
        "After",
        "  D",
    ]
    told_ = told(found)
    assert [told_[k] for k in ("fig-x1", "fig-x2", "tbl-x")] == ["1.1", "1.2", "1.1"]
    assert [told_[k] for k in ("fig-z1", "fig-z2", "tbl-z")] == ["2.1", "2.2", "2.1"]
    # outside a numbered chapter they count through the book
    assert [told_[k] for k in ("fig-p1", "fig-p2", "fig-y1", "fig-y2")] == ["1", "2", "3", "4"]


def test_an_article_counts_through() -> None:
    one = chapter("# A\n\n## AA\n\n# B\n\n" + THINGS % {"n": "x"}, about=metadata())
    found = numbers([one.facts], metadata(), ())
    assert lines(found.toc) == ["1 A", "  1.1 AA", "2 B"]
    assert [told(found)[k] for k in ("fig-x1", "fig-x2", "tbl-x")] == ["1", "2", "1"]


@pytest.mark.parametrize(
    ("numbering", "expected"),
    [
        ({"chapters": False}, ["One", "  A", "    AA", "      AAA", "  B"]),
        ({"sections": 0}, ["1 One", "  A", "    AA", "      AAA", "  B"]),
        ({"sections": 1}, ["1 One", "  1.1 A", "    AA", "      AAA", "  1.2 B"]),
        ({"sections": 6}, ["1 One", "  1.1 A", "    1.1.1 AA", "      1.1.1.1 AAA", "  1.2 B"]),
    ],
    ids=str,
)
def test_numbering(numbering: dict[str, object], expected: list[str]) -> None:
    about = metadata(kind="book", numbering=numbering)
    assert lines(numbers([BOOK[1].facts], about, ()).toc) == expected


@pytest.mark.parametrize(("chapters", "last"), [("book", "3"), ("part", "1")])
def test_parts(chapters: str, last: str) -> None:
    files = (
        chapter("# A\n\n" + THINGS % {"n": "a"}, "a", part=0),
        chapter("# B\n", "b", part=0),
        chapter("# C\n\n" + THINGS % {"n": "c"}, "c", part=1),
        chapter("# D\n", "d", Division.BACK),
    )
    about = metadata(kind="book", numbering={"chapters": chapters})
    found = numbers([f.facts for f in files], about, ("First", "Second"))
    assert lines(found.toc) == ["First", "  1 A", "  2 B", "Second", f"  {last} C", "D"]
    figures = [told(found)[k] for k in ("fig-a1", "fig-a2", "fig-c1", "fig-c2")]
    assert len(set(figures)) == 4, "a number names one figure in the whole book"


def test_every_heading_and_label_has_a_target() -> None:
    found = numbers([c.facts for c in BOOK], metadata(kind="book"), ())
    for file in BOOK:
        for heading in file.facts.headings:
            assert (file.facts.slug, heading.anchor) in found.targets
        for thing in file.facts.labelled:
            assert found.targets[file.facts.slug, thing.anchor].number
