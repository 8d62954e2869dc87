"""The layout units of a book: what lies between two forced page breaks."""

from __future__ import annotations

from collections.abc import Sequence

from terbit.model import Division, Edition
from terbit.outputs import Unit


def units(edition: Edition) -> Sequence[Unit]:
    """Cover, title page and imprint, contents, chapters (with a page for each part), index.

    A book's title page, first chapter and parts start on a recto; an article has
    one opening page and starts its text on the next, whichever side that is.
    """
    book = edition.metadata.kind in ("book", "course")
    out = [Unit("cover", "cover")]
    out.append(Unit("title", "front", cites=not book, recto=book))
    if book and edition.metadata.toc.depth:
        out.append(Unit("contents", "front", cites=True))
    chapters = {c.slug: c for c in edition.publication.chapters}
    part, first = None, True
    for fragment in edition.fragments:
        chapter = chapters[fragment.slug]
        if chapter.division is Division.FRONT:
            out.append(Unit(f"chapter:{fragment.slug}", "front"))
            continue
        if chapter.part is not None and chapter.part != part:
            part = chapter.part
            out.append(Unit(f"part:{part + 1}", "body", recto=book))
            first = False
        out.append(Unit(f"chapter:{fragment.slug}", "body", recto=book and first))
        first = False
    if edition.book.index:
        out.append(Unit("index", "body", cites=True))
    return out
