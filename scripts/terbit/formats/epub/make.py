"""Package the EPUB: ebooklib writes the container, this module decides what is in it.

ebooklib 0.20 re-parses XHTML as HTML, swallows errors, and dates by the local
clock: so documents go in as plain items, errors are raised, and the archive is
written again with fixed order, dates and attributes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Any

from ebooklib import epub
from lxml import etree

from terbit import fonts
from terbit.formats.epub.documents import Page, nav_tree, pages
from terbit.furniture import identifier, license_name
from terbit.metadata import Metadata
from terbit.model import Edition
from terbit.outputs import Made, Tools
from terbit.tree import plain_text

FOLDER = "EPUB"
# a picture without words that is not declared decorative
_UNDESCRIBED = re.compile(r'<img [^>]*alt=""(?! role="presentation")')
_STORED = (".png", ".jpg", ".gif", ".webp", ".woff2")


def make(edition: Edition, tools: Tools) -> Made:
    """One EPUB file, `<name>.epub`."""
    book = epub.EpubBook()
    book.FOLDER_NAME = FOLDER
    book.metadata, book.namespaces, book.prefixes = {}, {}, []
    _metadata(book, edition, tools)
    documents = pages(edition, tools)
    items = [_document(p) for p in documents]
    for item in (*_files(edition, tools), *items, _nav(edition, tools, documents)):
        book.add_item(item)
    book.add_item(epub.EpubNcx())
    book.toc = _ncx_tree(edition)
    by_name = {p.name: i for p, i in zip(documents, items, strict=True)}
    nav = book.get_item_with_id("nav")
    spine = [(by_name["cover"], "yes"), (by_name["title"], "yes"), (by_name["imprint"], "yes")]
    rest = [(by_name[p.name], "yes") for p in documents[3:]]
    book.spine = [*spine, (nav, "yes"), *rest]
    book.direction = tools.words.direction
    moment = dt.datetime.fromtimestamp(edition.modified, dt.UTC).replace(tzinfo=None)
    raw = io.BytesIO()
    writer = epub.EpubWriter(
        "unused",
        book,
        {
            "mtime": moment,
            "raise_exceptions": True,
            "epub3_landmark": False,
            "epub3_pages": False,
            "epub2_guide": False,
        },
    )
    writer.file_name = raw
    writer.process()
    writer.write()
    data = _normalise(raw.getvalue(), moment, edition.metadata.language)
    return Made({f"{edition.metadata.name}.epub": data})


# metadata


def _metadata(book: Any, edition: Edition, tools: Tools) -> None:
    metadata = edition.metadata
    book.set_identifier(_main_identifier(metadata))
    book.title, book.language = metadata.title, metadata.language

    def dc(name: str, value: str | None, **attributes: str) -> None:
        if value:
            book.add_metadata("DC", name, value, attributes)

    def meta(name: str, value: str, **attributes: str) -> None:
        book.add_metadata(None, "meta", value, {"property": name, **attributes})

    dc("title", metadata.title, id="title")
    meta("title-type", "main", refines="#title")
    if metadata.subtitle:
        dc("title", metadata.subtitle, id="subtitle")
        meta("title-type", "subtitle", refines="#subtitle")
    dc("language", metadata.language)
    for n, author in enumerate(metadata.authors, 1):
        name = "creator" if author.role == "aut" else "contributor"
        dc(name, author.name, id=f"person-{n}")
        meta("role", author.role, refines=f"#person-{n}", scheme="marc:relators")
        if author.sort:
            meta("file-as", author.sort, refines=f"#person-{n}")
    if metadata.audience:
        meta("dcterms:audience", metadata.audience)
    dc("publisher", metadata.publisher)
    dc("date", metadata.date)
    dc("description", metadata.description)
    for keyword in metadata.keywords:
        dc("subject", keyword)
    for n, subject in enumerate(metadata.subjects, 1):
        dc("subject", subject.label or subject.code, id=f"subject-{n}")
        meta("authority", subject.scheme, refines=f"#subject-{n}")
        meta("term", subject.code, refines=f"#subject-{n}")
    _rights_and_series(book, dc, meta, metadata)
    _accessibility(meta, edition)


def _rights_and_series(book: Any, dc: Any, meta: Any, metadata: Metadata) -> None:
    rights = [metadata.rights, license_name(metadata.license)[0] if metadata.license else None]
    dc("rights", ". ".join(r for r in rights if r) or None)
    if metadata.license:
        url = license_name(metadata.license)[1]
        if url:
            book.add_metadata(None, "link", None, {"rel": "dcterms:license", "href": url})
    if metadata.series:
        meta("belongs-to-collection", metadata.series.title, id="series")
        meta("collection-type", "series", refines="#series")
        if metadata.series.number is not None:
            meta("group-position", str(metadata.series.number), refines="#series")


def _accessibility(meta: Any, edition: Edition) -> None:
    """What is true of every book made here; claims that need checks come with the checks."""
    pictures = bool(edition.book.pictures)
    described = not any(_UNDESCRIBED.search(f.html) for f in edition.fragments)
    meta("schema:accessMode", "textual")
    if pictures:
        meta("schema:accessMode", "visual")
    meta("schema:accessModeSufficient", "textual" if described else "textual,visual")
    for feature in ("tableOfContents", "readingOrder", "structuralNavigation"):
        meta("schema:accessibilityFeature", feature)
    if pictures and described:
        meta("schema:accessibilityFeature", "alternativeText")
    if edition.book.index:
        meta("schema:accessibilityFeature", "index")
    meta("schema:accessibilityHazard", "none")
    if edition.metadata.accessibility.summary:
        meta("schema:accessibilitySummary", edition.metadata.accessibility.summary)


def _main_identifier(metadata: Metadata) -> str:
    isbn = metadata.identifiers.isbn.epub
    return f"urn:isbn:{isbn}" if isbn else identifier(metadata)


# items


def _document(page: Page) -> Any:
    item = epub.EpubItem(
        f"page-{page.name}", f"text/{page.name}.xhtml", "application/xhtml+xml", page.data
    )
    item.properties = list(page.properties)
    item.title = page.title
    return item


def _nav(edition: Edition, tools: Tools, documents: list[Page]) -> Any:
    inner = tools.layout.render(
        "epub/nav.xhtml",
        metadata=edition.metadata,
        words=tools.words,
        lines=nav_tree(edition, tools),
        landmarks=[p for p in documents if p.landmark],
        index=bool(edition.book.index),
        title=tools.words("Contents"),
    )
    item = epub.EpubItem("nav", "nav.xhtml", "application/xhtml+xml", inner.encode())
    item.properties, item.title = ["nav"], tools.words("Contents")
    return item


def _files(edition: Edition, tools: Tools) -> list[Any]:
    """Style sheet, fonts (subsets of what is used), pictures, cover."""
    css = ""
    out = []
    for font, characters in fonts.needed(tools.fonts, tools.text):
        data = fonts.subset(font, characters, None, tools.cache)
        name = f"fonts/{font.slug}{font.path.suffix.lower()}"
        css += fonts.face_rule(font, f"../{name}").replace("font-display:swap", "")
        out.append(epub.EpubItem(f"font-{font.slug}", name, fonts.media_type(font), data))
    css += tools.layout.stylesheet("epub", tools.tokens)
    for name in (*edition.metadata.css.all, *edition.metadata.css.epub):
        css += (edition.publication.folder / name).read_text(encoding="utf-8-sig") + "\n"
    out.append(epub.EpubItem("style", "style/book.css", "text/css", css.encode()))
    for picture in edition.book.pictures.values():
        uid = "picture-" + re.sub(r"\W", "-", picture.name)
        out.append(
            epub.EpubItem(uid, f"text/images/{picture.name}", picture.media_type, picture.data)
        )
    if edition.cover:
        cover = epub.EpubItem(
            "cover-image",
            f"text/images/{edition.cover.name}",
            edition.cover.media_type,
            edition.cover.data,
        )
        cover.properties = ["cover-image"]
        out.append(cover)
    return out


def _ncx_tree(edition: Edition) -> list[Any]:
    """The contents as ebooklib's links, for readers of EPUB 2."""
    from terbit.formats.epub.documents import addresses

    hrefs = addresses(edition)

    def links(entries: Any, left: int) -> list[Any]:
        out = []
        for n, entry in enumerate(entries):
            file = f"{entry.anchor}.xhtml" if entry.part else hrefs[entry.slug]
            href = f"text/{file}" + (f"#{entry.anchor}" if entry.anchor and not entry.part else "")
            title = f"{entry.number} {plain_text(entry.title)}".strip()
            under = links(entry.children, left - (0 if entry.part else 1)) if left > 0 else []
            link = epub.Link(href, title, f"ncx-{left}-{n}")
            out.append((epub.Section(title, href), under) if under else link)
        return out

    return links(edition.book.toc, (edition.metadata.toc.depth or 1) - 1)


# the archive


def _normalise(raw: bytes, moment: dt.datetime, language: str) -> bytes:
    """The same entries in a fixed order and date; `mimetype` first and stored (OCF 4.2)."""
    date = max(moment, dt.datetime(1980, 1, 1)).timetuple()[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(out, "w") as target:
        names = source.namelist()
        first = ["mimetype", "META-INF/container.xml"]
        packages = [n for n in names if n.endswith(".opf")]
        rest = sorted(set(names) - set(first) - set(packages))
        for name in (*first, *packages, *rest):
            data = source.read(name)
            if name.endswith(".opf"):
                data = _package(data, language)
            elif name.endswith(".ncx"):
                data = _ncx(data, language)
            info = zipfile.ZipInfo(name, date)
            info.create_system, info.external_attr = 3, 0o100644 << 16
            plain = name == "mimetype" or name.endswith(_STORED)
            info.compress_type = zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED
            target.writestr(info, data, compresslevel=9)
    return out.getvalue()


def _package(data: bytes, language: str) -> bytes:
    """ebooklib's package document without its own prefix, with the language of its words."""
    root = etree.fromstring(data)
    root.attrib.pop("prefix", None)
    root.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    for link in root.iter("{http://www.idpf.org/2007/opf}link"):
        link.text = None
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _ncx(data: bytes, language: str) -> bytes:
    """Unique ids, the play order and depth that ebooklib leaves out."""
    root = etree.fromstring(data)
    root.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    ncx = "{http://www.daisy.org/z3986/2005/ncx/}"
    depth = 1
    for n, point in enumerate(root.iter(f"{ncx}navPoint"), 1):
        point.set("id", f"point-{n}")
        point.set("playOrder", str(n))
        depth = max(depth, 1 + sum(1 for a in point.iterancestors(f"{ncx}navPoint")))
    for meta in root.iter(f"{ncx}meta"):
        if meta.get("name") == "dtb:depth":
            meta.set("content", str(depth))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
