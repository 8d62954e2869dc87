"""Typeset: one unit -> pages laid out by WeasyPrint, and what they say of themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from markupsafe import Markup

from terbit.diagnostics import Finding, Place
from terbit.fonts import face_rule
from terbit.formats.pdf import engine
from terbit.formats.pdf.dress import anchor, dress, link_words
from terbit.formats.pdf.pagebox import page_css, text_area_mm
from terbit.furniture import contents_lines, imprint_lines, index_entries
from terbit.markup import inline_html
from terbit.model import Edition, PageFacts, Pages
from terbit.outputs import Piece, Tools, Unit

VARIANT = "pdf/ua-1"
_BLANK = "blank"


def typeset(edition: Edition, tools: Tools, unit: Unit, first: int, pages: Pages) -> Piece:
    """Lay one unit out; its first page has the number `first` of its numbering.

    The body of the piece is (WeasyPrint document, findings).
    """
    body = _body(edition, tools, unit, pages)
    if unit.cites:
        body = link_words(body)
    side = "left" if first % 2 == 0 else "right"
    head = f"html{{break-before:{side}}}@page:first{{counter-reset:page {first}}}"
    xhtml = tools.layout.render(
        "pdf/unit.html",
        metadata=edition.metadata,
        words=tools.words,
        unit=unit,
        kind=unit.name.partition(":")[0],
        body=Markup(body),
        css=Markup(head),
        parts=bool(edition.publication.parts),
    )
    configuration = engine.font_configuration(_font_folders(tools))
    files = _files(edition, tools)
    own = tuple(f.path for f in tools.fonts if f.own)
    with engine.messages() as said, engine.fenced():
        css, own_sheets = _css(edition, tools)
        sheet = engine.stylesheet(css, _font_folders(tools), own)
        rendered = engine.document(xhtml, files).render(
            font_config=configuration,
            stylesheets=[sheet],
            pdf_variant=VARIANT,
            pdf_tags=True,
        )
    findings = tuple(_said(message, own_sheets) for message in dict.fromkeys(said))
    facts = PageFacts(len(rendered.pages), _anchors(rendered))
    return Piece(facts, (rendered, findings))


def draw_cover(edition: Edition, tools: Tools) -> bytes:
    """The cover alone as an untagged PDF of one page."""
    piece = typeset(edition, tools, Unit("cover", "cover"), 1, Pages())
    with engine.messages(), engine.dated(edition.modified):
        data: bytes = piece.body[0].write_pdf(pdf_identifier=b"cover")
    return data


def _anchors(rendered: Any) -> dict[tuple[str, str], int]:
    out: dict[tuple[str, str], int] = {}
    for number, page in enumerate(rendered.pages):
        for name in page.anchors:
            slug, _, rest = name.partition("--")
            out.setdefault((slug, rest), number)
    return out


def _font_folders(tools: Tools) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(f.path.parent for f in tools.fonts if not f.own))


def _files(edition: Edition, tools: Tools) -> dict[str, tuple[str, bytes]]:
    files = {f"images/{p.name}": (p.media_type, p.data) for p in edition.book.pictures.values()}
    if edition.cover and edition.own_cover:
        files["cover"] = (edition.cover.media_type, edition.cover.data)
    return files


def _css(edition: Edition, tools: Tools) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The edition's style sheet: own faces, cover, pages, page box, the publication's own.

    Also the line on which each of the publication's own files begins in it.
    """
    css = "".join(face_rule(f, f"fonts/{f.path.name}") for f in tools.fonts if f.own)
    css += tools.layout.stylesheet("cover", tools.tokens)
    css += tools.layout.stylesheet("pdf", tools.tokens) + page_css(
        edition.metadata.page, tools.tokens
    )
    css = css.rstrip("\n") + "\n"
    starts: list[tuple[int, str]] = []
    for name in (*edition.metadata.css.all, *edition.metadata.css.pdf):
        starts.append((css.count("\n") + 1, name))
        text = (edition.publication.folder / name).read_text(encoding="utf-8-sig")
        css += text.rstrip("\n") + "\n"
    return css, tuple(starts)


def _said(message: str, own_sheets: tuple[tuple[int, str], ...]) -> Finding:
    """A message of WeasyPrint's, at its line of the publication's own style sheet."""
    place = None
    found = re.search(r" at (\d+):(\d+)", message)
    for start, name in own_sheets:
        if found and int(found[1]) >= start:
            place = Place(name, int(found[1]) - start + 1, int(found[2]))
    if found and place:
        message = message.replace(found[0], "", 1)
    hint = "mend the style sheet" if place else "see the layout's style sheet"
    return Finding("layout-engine", f"WeasyPrint says: {message}", place, hint)


def _longest_note(edition: Edition, tools: Tools) -> int:
    """About as many characters as fill two fifths of a page with notes."""
    width, height = text_area_mm(edition.metadata.page, tools.tokens)
    size = 10.5 * float(tools.tokens["scale"]) * 0.86 * 25.4 / 72
    return int(0.4 * (width / (0.45 * size)) * (height / (1.32 * size)))


def _body(edition: Edition, tools: Tools, unit: Unit, pages: Pages) -> str:
    """The unit's content, as XHTML."""
    kind, _, name = unit.name.partition(":")
    render, metadata = tools.layout.render, edition.metadata
    common: dict[str, Any] = {"metadata": metadata, "words": tools.words}
    match kind:
        case "chapter":
            fragment = next(f for f in edition.fragments if f.slug == name)
            html = Markup(dress(fragment, _longest_note(edition, tools)))
            return render("pdf/chapter.html", **common, fragment=fragment, html=html)
        case "part":
            title = edition.publication.parts[int(name) - 1]
            return render("pdf/part.html", **common, title=title, id=f"--part-{name}")
        case "cover":
            return render("cover/cover.html", **common, cover="cover" if edition.own_cover else "")
        case "title":
            return render(
                "pdf/title.html",
                **common,
                imprint=imprint_lines(metadata, tools.words, "pdf"),
                contents=_contents(edition, tools, pages),
            )
        case "contents":
            return render("pdf/contents.html", **common, contents=_contents(edition, tools, pages))
        case "index":
            entries = index_entries(edition.book.index)
            folios = {key: pages.folios.get(key, "0") for e in entries for key in e.places}
            return render("pdf/index.html", **common, entries=entries, folios=folios, anchor=anchor)
        case _:
            return ""


def _contents(edition: Edition, tools: Tools, pages: Pages) -> list[dict[str, Any]]:
    return [
        {
            "depth": line.depth,
            "number": line.entry.number,
            "title": Markup(inline_html(line.entry.title, tools.words)),
            "href": f"#{anchor(line.entry.slug, line.entry.anchor)}",
            "folio": pages.folios.get((line.entry.slug, line.entry.anchor), "0"),
            "part": line.entry.part,
        }
        for line in contents_lines(edition.book.toc, edition.metadata.toc.depth)
    ]
