"""The back-of-book index: nested, sorted, each term once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chapters import chapter
from terbit.furniture import index_entries
from terbit.model import IndexLine
from terbit.pipeline.resolve.index import index, sort_key


def shown(lines: tuple[IndexLine, ...], depth: int = 0) -> list[str]:
    out = []
    for line in lines:
        also = "".join(f" see {s}" for s in line.see) + "".join(f" also {s}" for s in line.see_also)
        out.append("  " * depth + f"{line.term} {len(line.places)}{also}")
        out += shown(line.children, depth + 1)
    return out


def test_entries() -> None:
    one = chapter(
        "# One\n\n[pears]{.index} [Apples]{.index} [the *pears*]{.index entry=pears}"
        " []{.index entry='fruit!pears!green'} [x]{.index entry=fruit}\n",
    )
    two = chapter(
        "# Two\n\n[pears]{.index} [y]{.index entry=plums see=pears}"
        " [z]{.index entry=pears see-also='fruit!pears'} [élan]{.index} [elbow]{.index}\n",
        "two",
    )
    found = index([one.facts, two.facts])
    assert shown(found) == [
        "Apples 1",
        "élan 1",
        "elbow 1",
        "fruit 1",
        "  pears 0",
        "    green 1",
        "pears 4 also fruit!pears",
        "plums 0 see pears",
    ]
    places = next(line.places for line in found if line.term == "pears")
    assert [slug for slug, _ in places] == ["one", "one", "two", "two"]
    assert len(set(places)) == 4
    for slug, anchor in places:
        assert anchor in (one if slug == "one" else two).facts.anchors


def test_lines_for_print() -> None:
    one = chapter(
        "# One\n\n[b]{.index} [a]{.index} [A]{.index entry='a!sub'} [c]{.index see='a!sub'}\n"
    )
    lines = index_entries(index([one.facts]))
    assert [(e.depth, e.term, e.letter) for e in lines] == [
        (0, "a", "A"),
        (1, "sub", ""),
        (0, "b", "B"),
        (0, "c", "C"),
    ]
    assert lines[-1].see == ("a, sub",)


def test_order() -> None:
    terms = ["zebra", "Élan", "elan", "éclair", "Apel", "apel", "1984", "kerja sama", "kerja"]
    assert sorted(terms, key=sort_key) == [
        *("1984", "Apel", "apel", "éclair", "elan", "Élan", "kerja", "kerja sama", "zebra"),
    ]


@given(st.lists(st.text(max_size=10)))
def test_the_order_is_total(terms: list[str]) -> None:
    once = sorted(set(terms), key=sort_key)
    assert sorted(reversed(once), key=sort_key) == once
