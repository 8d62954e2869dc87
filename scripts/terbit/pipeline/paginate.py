"""Paginate: page facts of all units -> `Pages`, the folio of every anchor.

Units that hold page numbers (contents, index) are set last, and again until
nothing changes: always from the same first guess, at most three rounds, so the
outcome does not depend on what was built before. Front matter has roman folios
of its own and keeps the contents from moving the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from terbit.diagnostics import Finding
from terbit.model import Pages
from terbit.outputs import Piece, Unit

ROUNDS = 3
SetUnit = Callable[[Unit, int, Pages], Piece]


def paginate(
    units: Sequence[Unit], typeset: SetUnit
) -> tuple[Pages, tuple[Piece, ...], tuple[Finding, ...]]:
    """Set every unit; `typeset(unit, first_page, pages)` lays one out.

    Page numbers count from 1 within the front matter and within the body. A
    unit that must start on a recto gets a blank page before it (name `blank`).
    """
    pages = Pages()
    kept: dict[tuple[str, int, bool], Piece] = {}
    for _ in range(ROUNDS):
        pieces = _set(units, typeset, pages, kept)
        new = _pages(units, pieces)
        if new == pages:
            return pages, tuple(p for _, p in pieces), ()
        pages = new
    pieces = _set(units, typeset, pages, kept)
    if _pages(units, pieces) == pages:
        return pages, tuple(p for _, p in pieces), ()
    finding = Finding("page-numbers-unsettled", "the page numbers in the contents did not settle")
    return pages, tuple(p for _, p in pieces), (finding,)


_BLANK = "blank"


def _set(
    units: Sequence[Unit],
    typeset: SetUnit,
    pages: Pages,
    kept: dict[tuple[str, int, bool], Piece],
) -> list[tuple[Unit, Piece]]:
    """One round. Units that cite no page are set once for each first page."""
    out: list[tuple[Unit, Piece]] = []
    next_page = {"cover": 1, "front": 1, "body": 1}
    previous = ""
    for unit in units:
        first = next_page[unit.numbering]
        leaves_front = previous in ("cover", "front") and unit.numbering != previous
        # the leaf before is closed: what follows starts on a right-hand page
        if leaves_front and unit.recto and next_page[previous] % 2 == 0:
            blank = Unit(_BLANK, previous)
            piece = _one(blank, next_page[previous], typeset, pages, kept)
            out.append((blank, piece))
            next_page[previous] += 1
        if unit.recto and first % 2 == 0:
            blank = Unit(_BLANK, unit.numbering)
            out.append((blank, _one(blank, first, typeset, pages, kept)))
            first += 1
        piece = _one(unit, first, typeset, pages, kept)
        out.append((unit, piece))
        next_page[unit.numbering] = first + piece.facts.count
        previous = unit.numbering
    return out


def _one(
    unit: Unit,
    first: int,
    typeset: SetUnit,
    pages: Pages,
    kept: dict[tuple[str, int, bool], Piece],
) -> Piece:
    if unit.cites:
        return typeset(unit, first, pages)
    key = (unit.name + unit.numbering, first, False)
    if key not in kept:
        kept[key] = typeset(unit, first, pages)
    return kept[key]


def _pages(units: Sequence[Unit], pieces: Sequence[tuple[Unit, Piece]]) -> Pages:
    folios: dict[tuple[str, str], str] = {}
    labels: list[str] = []
    next_page = {"cover": 1, "front": 1, "body": 1}
    for unit, piece in pieces:
        first = next_page[unit.numbering]
        own = [folio(unit.numbering, first + i) for i in range(piece.facts.count)]
        labels += own
        for anchor, page in piece.facts.anchors.items():
            folios.setdefault(anchor, own[page])
        next_page[unit.numbering] = first + piece.facts.count
    return Pages(folios, tuple(labels))


def folio(numbering: str, number: int) -> str:
    """A page's number as printed: roman in the front matter; a cover's is C1, C2…"""
    if numbering == "front":
        return roman(number)
    return f"C{number}" if numbering == "cover" else str(number)


def roman(number: int) -> str:
    out = ""
    for value, letters in (
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ):
        while number >= value:
            out, number = out + letters, number - value
    return out
