"""Preparation: what the steps work with beside the text, and what is wrong with it.

The layout with its tokens, words and fonts; the cover; formats; pictures without
a description.
"""

from __future__ import annotations

from collections.abc import Sequence

from terbit import layouts, outputs
from terbit.cache import Cache
from terbit.diagnostics import Finding, Place
from terbit.errors import LayoutFault
from terbit.metadata import Metadata
from terbit.model import Chapter, Picture, Publication
from terbit.outputs import Tools
from terbit.pipeline import sources, stylesheets
from terbit.pipeline.resolve.pictures import examine
from terbit.tree import Image, plain_text, walk
from terbit.words import Words

Findings = tuple[Finding, ...]


def tools_for(
    publication: Publication, edition: str, metadata: Metadata, cache: Cache
) -> tuple[Tools | None, Findings]:
    places = publication.places
    top = Place("publication.yaml", 1)
    layout = layouts.find(metadata.layout, publication.folder, places.get(("layout",), top))
    if isinstance(layout, Finding):
        return None, (layout,)
    style = {k: place_of(publication, edition, "style", k) for k in metadata.style}
    findings = layouts.check_tokens(layout, metadata.style, style)
    own, wrong = layouts.own_fonts(
        publication.folder,
        tuple(f for f in metadata.fonts if (publication.folder / f).is_file()),
        {i: places.get(("fonts", i), top) for i in range(len(metadata.fonts))},
    )
    findings += wrong
    words = layout.words(metadata.language)
    if not words.complete:
        findings += (
            Finding(
                "untranslated-language",
                f"Terbit's own words are not translated to {metadata.language}; they are English",
                places.get(("language",), top),
                "add layouts/<theme>/shared/locales/<language>.po with the words",
            ),
        )
    try:
        tools = Tools(layout, words, layout.tokens(metadata.style), (*own, *layout.fonts), cache)
    except LayoutFault as error:
        return None, (*findings, layout_finding(error, publication))
    return tools, findings + stylesheets.check(publication.folder, metadata.css)


def layout_finding(error: LayoutFault, publication: Publication) -> Finding:
    place = publication.places.get(("layout",), Place("publication.yaml", 1))
    return Finding("bad-layout", str(error), place, "mend the layout, or choose another")


def unknown_formats(publication: Publication, edition: str, formats: Sequence[str]) -> Findings:
    there = outputs.names()
    return tuple(
        Finding(
            "unknown-format",
            f"there is no format {form} in this version",
            place_of(publication, edition, "formats", i),
            f"there are: {', '.join(there)}",
        )
        for i, form in enumerate(formats)
        if form not in there
    )


def place_of(publication: Publication, edition: str, *path: str | int) -> Place:
    """Where an edition's value stands: in its own changes, else in the publication's keys."""
    for top in (("editions", edition, *path), path) if edition else (path,):
        while top and (top[0] != "editions" or len(top) > 2):
            if top in publication.places:
                return publication.places[top]
            top = top[:-1]
    return Place("publication.yaml", 1)


def undated(metadata: Metadata) -> Findings:
    if metadata.date:
        return ()
    return (
        Finding(
            "no-date",
            "the publication has no date",
            Place("publication.yaml", 1),
            "add a line such as date: 2026-11-24",
        ),
    )


def printed_words(publication: Publication, metadata: Metadata) -> list[tuple[str, Place]]:
    """The words of the metadata that are printed, with their places."""
    top = Place("publication.yaml", 1)
    out = []
    for key in ("title", "subtitle", "publisher", "place", "rights", "description", "version"):
        value = getattr(metadata, key)
        if value:
            out.append((value, publication.places.get((key,), top)))
    for i, author in enumerate(metadata.authors):
        place = publication.places.get(("authors", i), top)
        out.append((author.name + (author.affiliation or ""), place))
    out += [(part, publication.places.get(("contents",), top)) for part in publication.parts]
    return out


def made_words(
    publication: Publication, edition: str, metadata: Metadata, words: Words
) -> list[tuple[str, Place]]:
    """The words that Terbit adds itself, in the publication's language: the date's and its own."""
    language = place_of(publication, edition, "language")
    out = [("".join(words.messages.values()), language)]
    if metadata.date:
        out.append((words.date(metadata.date), place_of(publication, edition, "date")))
    return out


def undescribed(chapters: Sequence[Chapter]) -> Findings:
    return tuple(
        Finding(
            "no-alternative-text",
            f"the picture {node.url[:80]} has no alternative text",
            Place(chapter.source.file, node.line),
            "describe it between the brackets, or say {.decorative} behind it",
        )
        for chapter in chapters
        for node in walk(chapter.tree)
        if isinstance(node, Image)
        and not node.attr.has("decorative")
        and not (node.attr.get("alt") or plain_text(node.content)).strip()
    )


def own_cover(
    publication: Publication, edition: str, metadata: Metadata
) -> tuple[Picture | None, Findings]:
    if metadata.cover is None:
        return None, ()
    place = place_of(publication, edition, "cover")
    path = sources.locate(publication.folder, metadata.cover, place)
    if isinstance(path, Finding):  # load has said it
        return None, ()
    data = sources.read_bytes(path, metadata.cover, place)
    found = data if isinstance(data, Finding) else examine(data, metadata.cover, place)
    if isinstance(found, Finding):
        return None, (found,)
    if found.width and not 1.2 <= found.height / found.width <= 1.8:
        shape = Finding(
            "own-cover-shape",
            f"the cover is {found.width:g} × {found.height:g}",
            place,
            "shops ask for 1600 × 2560",
        )
        return found, (shape,)
    return found, ()
