"""The values that the steps hand to each other: frozen, compared by content.

A `Publication` is what a folder says; `Facts` are what other chapters may know
of one chapter; a `Book` is what resolving makes of all facts; `Pages` are the
folios of every anchor; an `Edition` is all that a format needs to make its files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from terbit.diagnostics import Finding, Place
from terbit.metadata import Metadata
from terbit.tree import Document, Inlines

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Division(StrEnum):
    """Where in the book a chapter stands."""

    FRONT = "front"
    BODY = "body"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class ChapterSource:
    """One Markdown file. `slug` names it in every format; `part` counts from 0."""

    file: str
    slug: str
    text: str
    division: Division = Division.BODY
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Sibling:
    """The same publication in another language, beside this one."""

    name: str
    language: str
    title: str
    url: str | None
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Publication:
    """A folder, read and checked.

    `editions` maps an edition's name to its metadata; the default edition's
    name is "". Of a publication that is not `sound` nothing is published.
    """

    folder: Path
    editions: Mapping[str, Metadata]
    chapters: tuple[ChapterSource, ...]
    parts: tuple[str, ...] = ()
    prelude: str = ""
    siblings: tuple[Sibling, ...] = ()
    places: Mapping[tuple[str | int, ...], Place] = field(default_factory=dict)
    sound: bool = True

    @property
    def metadata(self) -> Metadata:
        return self.editions[""]


class Kind(StrEnum):
    """What a label names. The value is the prefix of its labels."""

    SECTION = "sec"
    FIGURE = "fig"
    TABLE = "tbl"
    EQUATION = "eq"
    LISTING = "lst"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a chapter: `level` from 1; `anchor` within the chapter."""

    level: int
    anchor: str
    content: Inlines
    numbered: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Labelled:
    """A numbered thing that is no heading; `title` is its caption."""

    kind: Kind
    label: str
    anchor: str
    title: Inlines
    place: Place


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """An index term at an anchor. `path` is entry and sub-entries; `see` leads elsewhere."""

    path: tuple[str, ...]
    anchor: str
    see: str = ""
    see_also: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A link, a reference or a picture: what it names, and where it stands."""

    target: str
    place: Place


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rest of the book may know of a chapter. `anchors` holds every id."""

    slug: str
    file: str
    division: Division
    part: int | None
    title: Inlines
    headings: tuple[Heading, ...]
    labelled: tuple[Labelled, ...]
    anchors: Mapping[str, Place]
    links: tuple[Use, ...]
    references: tuple[Use, ...]
    pictures: tuple[Use, ...]
    index: tuple[IndexEntry, ...]
    notes: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter on its way: its source, its tree, its facts."""

    source: ChapterSource
    tree: Document
    facts: Facts


@dataclass(frozen=True, slots=True)
class Target:
    """What a label or a heading resolves to: `number` as printed, or ""."""

    slug: str
    anchor: str
    kind: Kind
    number: str
    title: Inlines
    level: int = 1


@dataclass(frozen=True, slots=True)
class TocEntry:
    """One line of the contents. A part has no number of its own kind: `part` is True."""

    slug: str
    anchor: str
    number: str
    title: Inlines
    children: tuple[TocEntry, ...] = ()
    part: bool = False
    division: Division = Division.BODY


@dataclass(frozen=True, slots=True)
class IndexLine:
    """One entry of the back-of-book index: anchors as (slug, anchor)."""

    term: str
    places: tuple[tuple[str, str], ...] = ()
    see: tuple[str, ...] = ()
    see_also: tuple[str, ...] = ()
    children: tuple[IndexLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes, read inside the fence. Sizes are CSS pixels, 0 if not known."""

    name: str
    media_type: str
    data: bytes
    width: float = 0
    height: float = 0


@dataclass(frozen=True, slots=True)
class Slice:
    """What one chapter's rendering needs of the resolved book, and nothing else.

    `numbers` maps an anchor of this chapter to its printed number, `targets` a
    reference's label to what it names, `links` a URL as written to (slug, anchor),
    `pictures` a path as written to the name of the picture's file.
    """

    numbers: Mapping[str, str]
    targets: Mapping[str, Target]
    links: Mapping[str, tuple[str, str]]
    pictures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Book:
    """The resolved book: contents, index, pictures, and each chapter's slice."""

    toc: tuple[TocEntry, ...]
    index: tuple[IndexLine, ...]
    pictures: Mapping[str, Picture]
    slices: Mapping[str, Slice]
    titles: Mapping[str, Inlines]


@dataclass(frozen=True, slots=True)
class RenderedNote:
    """A note's body as semantic HTML."""

    anchor: str
    number: str
    html: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """A chapter as semantic XHTML (no namespace declarations), the same for all formats.

    Ids and internal links are local: `href="#slug/anchor"` names another chapter's
    anchor, which each format turns into its own address.
    """

    slug: str
    division: Division
    title: str
    number: str
    html: str
    notes: tuple[RenderedNote, ...]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What laying out a unit says: page count, and anchor -> page, counted from 0."""

    count: int
    anchors: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Pages:
    """The folio of every anchor, and the label of every page in order."""

    folios: Mapping[tuple[str, str], str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """All that a format needs: nothing else reaches it."""

    publication: Publication
    name: str
    metadata: Metadata
    book: Book
    fragments: tuple[Fragment, ...]
    modified: int
    cover: Picture | None = None
    own_cover: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one edition: `state` is built, fresh, checked or failed."""

    publication: str
    edition: str
    state: str
    findings: tuple[Finding, ...] = ()
    files: Sequence[str] = ()
    folder: str = ""
