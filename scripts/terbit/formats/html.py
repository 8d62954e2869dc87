"""HTML: a site with a page for each chapter, readable from a disk, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from terbit import web
from terbit.furniture import imprint_lines, index_entries
from terbit.model import Edition
from terbit.outputs import Made, Tools

SITE = "site"
INDEX = "index.html"
BOOK_INDEX = "book-index"


def make(edition: Edition, tools: Tools) -> Made:
    """`site/index.html`, a page for each chapter, part and the index, `404.html`, and files."""
    files: dict[str, bytes] = {}
    assets: dict[str, bytes] = {}

    def font_url(name: str, data: bytes) -> str:
        assets[f"fonts/{name}"] = data
        return f"fonts/{name}"

    css = web.stylesheet(edition, tools, font_url)
    assets["style.css"] = css.encode()
    for picture in edition.book.pictures.values():
        assets[f"images/{picture.name}"] = picture.data
    if edition.cover:
        assets[f"images/{edition.cover.name}"] = edition.cover.data
    for name, text in _pages(edition, tools).items():
        files[name] = text.encode()
    return Made({f"{SITE}/{name}": data for name, data in {**files, **assets}.items()})


def _pages(edition: Edition, tools: Tools) -> dict[str, str]:
    """Every page of the site: name -> HTML."""
    sequence = _sequence(edition, tools)
    alone = len(edition.fragments) == 1 and len(sequence) == 1
    sizes = {p.name: (p.width, p.height) for p in edition.book.pictures.values()}

    def href_from(here: str) -> Callable[[str, str], str]:
        def href(slug: str, anchor: str) -> str:
            page = INDEX if alone else f"{slug}.html"
            if page == here and anchor:
                return f"#{anchor}"
            return page + (f"#{anchor}" if anchor else "")

        return href

    part_href = "{}.html".format
    # an article's headings leave room for its title, which here stands on the first page alone
    down = 0 if alone or edition.metadata.kind in ("book", "course") else -1
    common: dict[str, Any] = {
        "metadata": edition.metadata,
        "words": tools.words,
        "style": Markup('<link rel="stylesheet" href="style.css">'),
        "previous": None,
        "next": None,
    }
    render = tools.layout.render
    bodies: dict[str, str] = {}
    for fragment in edition.fragments:
        page = INDEX if alone else f"{fragment.slug}.html"
        html = web.dress(fragment, tools, href_from(page), down=down, sizes=sizes)
        if not fragment.title and not alone:
            html = f'<h1 class="book-title">{Markup.escape(edition.metadata.title)}</h1>\n{html}'
        bodies[page] = html
    for name, title in _parts(edition):
        bodies[f"{name}.html"] = render("html/part.html", **common, title=title, id=name)
    if edition.book.index:
        bodies[f"{BOOK_INDEX}.html"] = render(
            "html/book-index.html",
            **common,
            entries=index_entries(edition.book.index),
            href=href_from(f"{BOOK_INDEX}.html"),
            titles=web.index_titles(edition.fragments, edition.metadata.title),
        )
    out: dict[str, str] = {}
    if not alone:
        for i, (name, title) in enumerate(sequence):
            page = f"{name}.html"
            values = {
                **common,
                **_address(edition, page),
                "title": title,
                "alternates": _alternates(edition, tools, page),
                "contents": web.contents(edition, tools, href_from(page), part_href),
                "previous": _turn(sequence, i - 1)
                if i
                else {"href": INDEX, "title": edition.metadata.title},
                "next": _turn(sequence, i + 1) if i + 1 < len(sequence) else None,
            }
            out[page] = render("html/page.html", **values, html=Markup(bodies[page]))
    out[INDEX] = render(
        "html/index.html",
        **{**common, **_address(edition, INDEX)},
        title="",
        alternates=_alternates(edition, tools, INDEX),
        contents=web.contents(edition, tools, href_from(INDEX), part_href),
        start=None if alone else f"{sequence[0][0]}.html",
        html=Markup(bodies[INDEX] if alone else ""),
        imprint=imprint_lines(edition.metadata, tools.words, "html"),
        cover_src=f"images/{edition.cover.name}" if edition.cover else "",
        cover_size=(round(edition.cover.width), round(edition.cover.height))
        if edition.cover
        else (0, 0),
    )
    out["404.html"] = render(
        "html/404.html",
        **common,
        title=tools.words("Page not found"),
        canonical="",
        alternates=[],
        home=edition.metadata.html.url or INDEX,
    )
    return out


def _parts(edition: Edition) -> list[tuple[str, str]]:
    return [(f"part-{n}", title) for n, title in enumerate(edition.publication.parts, 1)]


def _sequence(edition: Edition, tools: Tools) -> list[tuple[str, str]]:
    """The pages in reading order: name and title."""
    chapters = {c.slug: c for c in edition.publication.chapters}
    out: list[tuple[str, str]] = []
    part = None
    for fragment in edition.fragments:
        chapter = chapters[fragment.slug]
        if chapter.part is not None and chapter.part != part:
            part = chapter.part
            out.append(_parts(edition)[part])
        number = f"{fragment.number} " if fragment.number else ""
        out.append((fragment.slug, number + (fragment.title or edition.metadata.title)))
    if edition.book.index:
        out.append((BOOK_INDEX, tools.words("Index")))
    return out


def _turn(sequence: list[tuple[str, str]], i: int) -> dict[str, str]:
    return {"href": f"{sequence[i][0]}.html", "title": sequence[i][1]}


def _address(edition: Edition, page: str) -> dict[str, str]:
    """The canonical address, where the publication says where it stands on the web."""
    base = edition.metadata.html.url
    if not base:
        return {"canonical": ""}
    return {"canonical": base.rstrip("/") + "/" + ("" if page == INDEX else page)}


def _alternates(edition: Edition, tools: Tools, page: str) -> list[dict[str, str]]:
    """The same page of the siblings in other languages, else their first page."""
    out = []
    for sibling in edition.publication.siblings:
        name = page.removesuffix(".html")
        there = page if name in sibling.pages or page == INDEX else INDEX
        if sibling.url:
            href = sibling.url.rstrip("/") + "/" + ("" if there == INDEX else there)
        else:
            href = f"../../{sibling.name}/{SITE}/{there}"
        label = tools.words.language_name(sibling.language)
        out.append({"language": sibling.language, "href": href, "label": label})
    return out
