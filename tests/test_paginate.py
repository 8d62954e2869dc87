"""Page numbers flow back until nothing changes, with a typesetter that is invented here."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terbit.model import PageFacts, Pages
from terbit.outputs import Piece, Unit
from terbit.pipeline.paginate import ROUNDS, folio, paginate, roman

Set = Callable[[Unit, int, Pages], Piece]


def typesetter(lengths: dict[str, int | Callable[[Pages], int]], log: list[str]) -> Set:
    """Sets a unit on a number of pages, which may depend on the page numbers it cites."""

    def typeset(unit: Unit, first: int, pages: Pages) -> Piece:
        log.append(f"{unit.name}@{first}")
        length = lengths.get(unit.name, 1)
        count = length(pages) if callable(length) else length
        return Piece(PageFacts(count, {(unit.name, ""): 0, (unit.name, "end"): count - 1}), unit)

    return typeset


def test_front_matter_is_roman_and_the_body_begins_at_one() -> None:
    units = [Unit("cover", "cover"), Unit("title", "front"), Unit("one", "body")]
    pages, pieces, found = paginate(units, typesetter({"title": 2, "one": 3}, []))
    assert pages.labels == ("C1", "i", "ii", "1", "2", "3")
    assert pages.folios["one", ""] == "1"
    assert pages.folios["one", "end"] == "3"
    assert [p.body.name for p in pieces] == ["cover", "title", "one"]
    assert not found


def test_a_unit_that_wants_a_recto_gets_a_blank_before_it() -> None:
    units = [Unit("one", "body"), Unit("two", "body", recto=True)]
    pages, pieces, _ = paginate(units, typesetter({"one": 1}, []))
    assert [p.body.name for p in pieces] == ["one", "blank", "two"]
    assert pages.folios["two", ""] == "3"


def test_front_matter_of_odd_length_is_closed_before_a_recto() -> None:
    units = [Unit("title", "front"), Unit("one", "body", recto=True)]
    pages, pieces, _ = paginate(units, typesetter({}, []))
    assert [p.body.name for p in pieces] == ["title", "blank", "one"]
    assert pages.labels == ("i", "ii", "1")


def test_units_that_cite_no_page_are_set_once() -> None:
    log: list[str] = []
    units = [Unit("contents", "front", cites=True), Unit("one", "body"), Unit("two", "body")]
    paginate(units, typesetter({"one": 4}, log))
    assert log.count("one@1") == 1
    assert log.count("two@5") == 1
    assert log.count("contents@1") == 2


def test_contents_that_grow_with_their_numbers_settle() -> None:
    def contents(pages: Pages) -> int:
        return 2 if pages.folios else 1

    units = [Unit("contents", "body", cites=True), Unit("one", "body")]
    pages, _, found = paginate(units, typesetter({"contents": contents}, []))
    assert pages.folios["one", ""] == "3"
    assert not found


def test_numbers_that_never_settle() -> None:
    """The finding page-numbers-unsettled."""
    log: list[str] = []

    def contents(pages: Pages) -> int:
        return 1 if pages.folios.get(("one", "")) == "3" else 2

    units = [Unit("contents", "body", cites=True), Unit("one", "body")]
    pages, pieces, found = paginate(units, typesetter({"contents": contents}, log))
    assert [f.code for f in found] == ["page-numbers-unsettled"]
    assert len(log) <= 2 * (ROUNDS + 1)
    assert len(pages.labels) in (2, 3)
    assert [p.body.name for p in pieces] == ["contents", "one"]


def test_the_outcome_starts_from_the_same_guess_each_time() -> None:
    def contents(pages: Pages) -> int:
        return 1 + len(pages.labels) // 10

    units = [Unit("contents", "front", cites=True), *(Unit(f"c{n}", "body") for n in range(12))]
    first = paginate(units, typesetter({"contents": contents}, []))
    second = paginate(units, typesetter({"contents": contents}, []))
    assert first[0] == second[0]


UNITS = st.lists(
    st.builds(
        Unit,
        st.uuids().map(str),
        st.sampled_from(["front", "body"]),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
).map(lambda units: sorted(units, key=lambda u: u.numbering, reverse=True))


@given(UNITS, st.data())
def test_every_page_has_a_label_and_every_recto_an_odd_number(
    units: list[Unit], data: st.DataObject
) -> None:
    lengths = {u.name: data.draw(st.integers(1, 30)) for u in units}
    pages, pieces, found = paginate(units, typesetter(dict(lengths), []))
    assert not found
    assert len(pages.labels) == sum(p.facts.count for p in pieces)
    numbers = {"front": 0, "body": 0}
    for piece in pieces:
        unit = piece.body
        if unit.recto:
            assert numbers[unit.numbering] % 2 == 0
        if unit.name != "blank":
            expected = folio(unit.numbering, numbers[unit.numbering] + 1)
            assert pages.folios[unit.name, ""] == expected
        numbers[unit.numbering] += piece.facts.count


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "i"), (4, "iv"), (9, "ix"), (14, "xiv"), (40, "xl"), (99, "xcix"), (1994, "mcmxciv")],
)
def test_roman(number: int, text: str) -> None:
    assert roman(number) == text


_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


@given(st.integers(1, 3999))
def test_roman_can_be_read_back(number: int) -> None:
    values = [_VALUES[letter] for letter in roman(number)]
    following = [*values[1:], 0]
    assert number == sum(-v if v < n else v for v, n in zip(values, following, strict=True))


def test_folio() -> None:
    assert [folio(kind, 3) for kind in ("cover", "front", "body")] == ["C3", "iii", "3"]
