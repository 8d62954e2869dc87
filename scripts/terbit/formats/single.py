"""HTML in one self-contained file: pictures, faces and styles inside, nothing fetched."""

from __future__ import annotations

import base64

from markupsafe import Markup

from terbit import web
from terbit.furniture import imprint_lines, index_entries
from terbit.model import Edition
from terbit.outputs import Made, Tools


def make(edition: Edition, tools: Tools) -> Made:
    """`<name>.html`. Every id carries its chapter's slug, as chapters share the page."""
    pictures = {p.name: _data(p.media_type, p.data) for p in edition.book.pictures.values()}
    sizes = {p.name: (p.width, p.height) for p in edition.book.pictures.values()}
    css = web.stylesheet(edition, tools, lambda name, data: _data("font/woff2", data))
    book = edition.metadata.kind in ("book", "course")

    def href(slug: str, anchor: str) -> str:
        return f"#{slug}--{anchor}" if anchor else f"#{slug}--"

    parts = dict(enumerate(edition.publication.parts))
    chapters = {c.slug: c for c in edition.publication.chapters}
    out: list[str] = []
    part = None
    for fragment in edition.fragments:
        chapter = chapters[fragment.slug]
        if chapter.part is not None and chapter.part != part:
            part = chapter.part
            title = Markup.escape(parts[part])
            out.append(f'<div class="part-page" id="part-{part + 1}"><h2>{title}</h2></div>\n')
        html = web.dress(
            fragment,
            tools,
            href,
            prefix=f"{fragment.slug}--",
            down=1 if book else 0,
            picture=lambda name: pictures.get(name, ""),
            sizes=sizes,
        )
        out.append(f'<div class="chapter" id="{fragment.slug}--">\n{html}</div>\n')
    if edition.book.index:
        html = tools.layout.render(
            "html/book-index.html",
            words=tools.words,
            entries=index_entries(edition.book.index),
            href=href,
            titles=web.index_titles(edition.fragments, edition.metadata.title),
        )
        out.append(html.replace("<h1 ", "<h2 ").replace("</h1>", "</h2>"))
    cover = edition.cover
    text = tools.layout.render(
        "html/index.html",
        metadata=edition.metadata,
        words=tools.words,
        style=Markup(f"<style>\n{css}</style>"),
        title="",
        canonical=edition.metadata.html.url or "",
        alternates=[],
        previous=None,
        next=None,
        start=None,
        contents=web.contents(edition, tools, href, "#{}".format),
        html=Markup("".join(out)),
        imprint=imprint_lines(edition.metadata, tools.words, "html"),
        cover_src=_data(cover.media_type, cover.data) if cover else "",
        cover_size=(round(cover.width), round(cover.height)) if cover else (0, 0),
    )
    return Made({f"{edition.metadata.name}.html": text.encode()})


def _data(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
