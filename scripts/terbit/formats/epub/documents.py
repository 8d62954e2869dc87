"""The content documents of the EPUB: fragments in XHTML, notes as asides, roles beside types.

EPUB 3.3, 3.4 and EPUB Accessibility 1.1: `epub:type` says to reading systems what
DPUB-ARIA roles say to assistive technology.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree
from markupsafe import Markup

from terbit.fragments import address, parse_fragment, serialise
from terbit.furniture import contents_lines, imprint_lines, index_entries
from terbit.markup import inline_html
from terbit.model import Division, Edition, Fragment
from terbit.outputs import Tools

# stands for epub:type until the page around it declares the namespace
_EPUB_TYPE = "data-epub-type-of-terbit"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TYPES = {
    "doc-noteref": "noteref",
    "doc-footnote": "footnote",
    "doc-backlink": "backlink",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One content document. `linear` pages stand in the reading order."""

    name: str
    title: str
    data: bytes
    properties: tuple[str, ...] = ()
    landmark: str = ""


def pages(edition: Edition, tools: Tools) -> list[Page]:
    """Cover, title page, imprint, chapters with a page for each part, index: in spine order."""
    hrefs = addresses(edition)
    common: dict[str, Any] = {
        "metadata": edition.metadata,
        "words": tools.words,
        "cover": edition.cover,
    }

    def page(name: str, title: str, template: str, landmark: str = "", **values: Any) -> Page:
        inner = tools.layout.render(f"epub/{template}.xhtml", **common, title=title, **values)
        text = tools.layout.render("epub/page.xhtml", **common, title=title, body=Markup(inner))
        properties = ("svg",) if "<svg" in text else ()
        return Page(name, title, text.encode(), properties, landmark)

    words = tools.words
    out = [
        page("cover", words("Cover"), "cover", "cover"),
        page("title", edition.metadata.title, "title", "titlepage"),
        page(
            "imprint",
            words("Imprint"),
            "imprint",
            "copyright-page",
            imprint=imprint_lines(edition.metadata, words, "epub"),
        ),
    ]
    chapters = {c.slug: c for c in edition.publication.chapters}
    part, body = None, False
    for fragment in edition.fragments:
        chapter = chapters[fragment.slug]
        start = "bodymatter" if chapter.division is Division.BODY and not body else ""
        if chapter.part is not None and chapter.part != part:
            part = chapter.part
            title = edition.publication.parts[part]
            out.append(page(f"part-{part + 1}", title, "part", start, id=f"part-{part + 1}"))
            start, body = "", True
        body = body or bool(start)
        title = fragment.title or edition.metadata.title
        out.append(
            page(
                fragment.slug,
                title,
                "chapter",
                start,
                html=Markup(dress(fragment, hrefs, tools)),
                type=_division(chapter.division),
                division=chapter.division,
            )
        )
    if edition.book.index:
        out.append(
            page(
                "index",
                words("Index"),
                "index",
                "index",
                entries=index_entries(edition.book.index),
                hrefs=hrefs,
                titles=section_titles(edition, tools),
            )
        )
    return out


def _division(division: Division) -> tuple[str, str]:
    """`epub:type` and role of a chapter in that division."""
    if division is Division.FRONT:
        return "foreword", "doc-foreword"
    return ("appendix", "doc-appendix") if division is Division.BACK else ("chapter", "doc-chapter")


def addresses(edition: Edition) -> dict[str, str]:
    return {f.slug: f"{f.slug}.xhtml" for f in edition.fragments}


def section_titles(edition: Edition, tools: Tools) -> dict[tuple[str, str], str]:
    """What stands in the index where print has a page number: the chapter's number or title."""
    out = {}
    for fragment in edition.fragments:
        name = fragment.number or fragment.title or edition.metadata.title
        out[fragment.slug, ""] = name
    return out


def dress(fragment: Fragment, hrefs: dict[str, str], tools: Tools) -> str:
    """The fragment for reading systems: its notes as asides at its end, links to files."""
    root = parse_fragment(fragment.html)
    for note in fragment.notes:
        aside = parse_fragment(note.html)
        aside.tag = "aside"
        aside.set("role", "doc-footnote")
        aside.set("id", note.anchor)
        back = etree.Element("a", {"href": f"#fnref-{note.number}", "role": "doc-backlink"})
        back.set("aria-label", tools.words("Back to the text"))
        back.text = note.number
        back.tail = " "
        first = aside[0] if len(aside) and aside[0].tag == "p" else aside
        back.tail = " " + (first.text or "").lstrip()
        first.text = None
        first.insert(0, back)
        root.append(aside)
    for element in root.iter(etree.Element):
        kind = TYPES.get(element.get("role") or "")
        if kind and kind != "backlink":
            element.set(_EPUB_TYPE, kind)
        if "xml:lang" in element.attrib or element.get(_XML_LANG):
            element.attrib.pop("xml:lang", None)
        language = element.get("lang")
        if language:
            element.set(_XML_LANG, language)
        element.attrib.pop("tabindex", None)
    address(root, lambda slug, name: _href(hrefs, fragment.slug, slug, name))
    return serialise(root, "xml").replace(f" {_EPUB_TYPE}=", " epub:type=")


def _href(hrefs: dict[str, str], here: str, slug: str, name: str) -> str:
    if slug == here and name:
        return f"#{name}"
    return hrefs[slug] + (f"#{name}" if name else "")


def nav_tree(edition: Edition, tools: Tools) -> list[dict[str, Any]]:
    """Lines of the contents for the navigation document and the NCX."""
    hrefs = addresses(edition)
    out = []
    for line in contents_lines(edition.book.toc, edition.metadata.toc.depth or 1):
        entry = line.entry
        top = line.depth == 0 or entry.part
        file = f"{entry.anchor}.xhtml" if entry.part else hrefs[entry.slug]
        out.append(
            {
                "depth": line.depth,
                "number": entry.number,
                "title": Markup(inline_html(entry.title, tools.words)),
                "href": f"text/{file}"
                + (f"#{entry.anchor}" if entry.anchor and not entry.part else ""),
                "part": entry.part,
                "top": top,
            }
        )
    return out
