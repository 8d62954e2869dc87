"""Furniture that all formats share: lines of the contents, of the imprint, of the index."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from terbit.metadata import Author, Metadata
from terbit.model import IndexLine, TocEntry
from terbit.words import Words

_CREATIVE_COMMONS = {
    "BY": "Attribution",
    "BY-SA": "Attribution-ShareAlike",
    "BY-NC": "Attribution-NonCommercial",
    "BY-ND": "Attribution-NoDerivatives",
    "BY-NC-SA": "Attribution-NonCommercial-ShareAlike",
    "BY-NC-ND": "Attribution-NonCommercial-NoDerivatives",
}


@dataclass(frozen=True, slots=True)
class ContentsLine:
    """A line of the contents at its depth, from 0."""

    depth: int
    entry: TocEntry


def contents_lines(toc: Sequence[TocEntry], depth: int) -> list[ContentsLine]:
    """The contents flattened to `depth` levels of headings; parts count as none."""

    def lines(entries: Sequence[TocEntry], at: int, left: int) -> list[ContentsLine]:
        out: list[ContentsLine] = []
        for entry in entries:
            out.append(ContentsLine(at, entry))
            under = left if entry.part else left - 1
            if under > 0:
                out += lines(entry.children, at + (0 if entry.part else 1), under)
        return out

    return lines(toc, 0, depth) if depth else []


@dataclass(frozen=True, slots=True)
class ImprintLine:
    """A line of the imprint: a term (may be empty), its text, and where it leads."""

    term: str
    text: str
    url: str = ""


def identifier(metadata: Metadata) -> str:
    """The publication's own identifier: its UUID, else one made of name, language and title."""
    own = metadata.identifiers.uuid
    if own is None:
        key = f"terbit:{metadata.name}:{metadata.language}:{metadata.title}"
        own = str(uuid.uuid5(uuid.NAMESPACE_URL, key))
    return f"urn:uuid:{own}"


def license_name(spdx: str) -> tuple[str, str]:
    """A licence's name and address, from its SPDX identifier."""
    pieces = spdx.split("-")
    if spdx.startswith("CC-") and pieces[-1][:1].isdigit():
        kind = "-".join(pieces[1:-1])
        if kind in _CREATIVE_COMMONS:
            return (
                f"Creative Commons {_CREATIVE_COMMONS[kind]} {pieces[-1]}",
                f"https://creativecommons.org/licenses/{kind.lower()}/{pieces[-1]}/",
            )
    if spdx == "CC0-1.0":
        return "Creative Commons Zero 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"
    simple = " " not in spdx
    return spdx, f"https://spdx.org/licenses/{spdx}.html" if simple else ""


def people(authors: Sequence[Author], role: str = "aut") -> list[Author]:
    return [a for a in authors if a.role == role]


def _orcid_url(orcid: str) -> str:
    return f"https://orcid.org/{orcid}"


_ROLES = {
    "edt": "Edited by",
    "trl": "Translated by",
    "ill": "Illustrated by",
    "ctb": "With contributions by",
    "bkd": "Designed by",
}


def imprint_lines(metadata: Metadata, words: Words, form: str) -> list[ImprintLine]:
    """What the imprint says: what is known, and in words that author or rights are not."""
    lines: list[ImprintLine] = []

    def add(term: str, text: str | None, url: str = "") -> None:
        if text:
            lines.append(ImprintLine(words(term) if term else "", text, url))

    authors = [a.name for a in people(metadata.authors)]
    add("Author", ", ".join(authors) or (words("not known") if not metadata.authors else None))
    for author in metadata.authors:
        if author.orcid:
            lines.append(
                ImprintLine("ORCID", f"{author.name} {author.orcid}", _orcid_url(author.orcid))
            )
    for role, term in _ROLES.items():
        add(term, ", ".join(a.name for a in people(metadata.authors, role)))
    published = ", ".join(x for x in (metadata.publisher, metadata.place) if x)
    add("Published by", published)
    add("Date", words.date(metadata.date) if metadata.date else None)
    add("Version", metadata.version)
    add("Audience", metadata.audience)
    if metadata.series:
        number = metadata.series.number
        add("Series", metadata.series.title + (f", {number}" if number is not None else ""))
    add(
        "Rights",
        metadata.rights
        or (None if metadata.license else words("not known; none are claimed here")),
    )
    if metadata.license:
        name, url = license_name(metadata.license)
        add("Licence", name, url)
    isbn = metadata.identifiers.isbn
    for name, value in (("PDF", isbn.pdf), ("EPUB", isbn.epub), (words("print"), isbn.print)):
        add("", f"ISBN {value} ({name})" if value else None)
    doi = metadata.identifiers.doi
    add("", f"DOI {doi}" if doi else None, f"https://doi.org/{doi}")
    add("", identifier(metadata) if not any((isbn.pdf, isbn.epub, isbn.print, doi)) else None)
    return lines


@dataclass(frozen=True, slots=True)
class IndexEntryLine:
    """One printed line of the index, at its depth from 0."""

    depth: int
    term: str
    places: tuple[tuple[str, str], ...]
    see: tuple[str, ...]
    see_also: tuple[str, ...]
    letter: str = ""


def index_entries(lines: Sequence[IndexLine], depth: int = 0) -> list[IndexEntryLine]:
    """The index flattened; `letter` is set on the first entry of each initial."""
    out: list[IndexEntryLine] = []
    letter = ""
    for line in lines:
        initial = line.term[:1].upper()
        new = initial if depth == 0 and initial != letter else ""
        letter = initial
        see = tuple(s.replace("!", ", ") for s in line.see)
        also = tuple(s.replace("!", ", ") for s in line.see_also)
        out.append(IndexEntryLine(depth, line.term, line.places, see, also, new))
        out += index_entries(line.children, depth + 1)
    return out
