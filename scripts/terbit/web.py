"""What the site and the self-contained file share: fragments, notes, styles for screens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree
from markupsafe import Markup

from terbit import fonts
from terbit.fragments import address, lower_headings, parse_fragment, serialise
from terbit.furniture import contents_lines
from terbit.markup import inline_html
from terbit.model import Edition, Fragment
from terbit.outputs import Tools

Href = Callable[[str, str], str]


def dress(
    fragment: Fragment,
    tools: Tools,
    href: Href,
    *,
    prefix: str = "",
    down: int = 0,
    picture: Callable[[str], str] = "images/{}".format,
    sizes: dict[str, tuple[float, float]] | None = None,
) -> str:
    """The fragment as HTML with its notes at its end.

    `prefix` goes before every id (where chapters share a page), `down` lowers the
    headings, `picture` gives a picture's address, `sizes` its pixels.
    """
    root = parse_fragment(fragment.html)
    if fragment.notes:
        root.append(_notes(fragment, tools, prefix))
    if down:
        lower_headings(root, down)
    address(root, href)
    for element in root.iter(etree.Element):
        name = element.get("id")
        if name and prefix and not name.startswith(prefix):
            element.set("id", prefix + name)
        element.attrib.pop("xml:lang", None)
        element.attrib.pop("{http://www.w3.org/XML/1998/namespace}lang", None)
        if element.tag == "img":
            _picture(element, picture, sizes or {})
        elif element.get("class") == "table-frame":
            _frame(element, tools)
    return serialise(root, "html")


def _picture(
    element: etree._Element,
    picture: Callable[[str], str],
    sizes: dict[str, tuple[float, float]],
) -> None:
    name = (element.get("src") or "").removeprefix("images/")
    width, height = sizes.get(name, (0, 0))
    if width and height and not element.get("style"):
        element.set("width", f"{width:.0f}")
        element.set("height", f"{height:.0f}")
    element.set("loading", "lazy")
    element.set("src", picture(name))


def _frame(element: etree._Element, tools: Tools) -> None:
    """A wide table scrolls in its frame: by keyboard too, so the frame has a name."""
    parent = element.getparent()
    caption = parent.find("figcaption") if parent is not None else None
    name = " ".join("".join(caption.itertext()).split()) if caption is not None else ""
    element.set("tabindex", "0")
    element.set("role", "region")
    element.set("aria-label", name or tools.words("Table"))


def _notes(fragment: Fragment, tools: Tools, prefix: str) -> etree._Element:
    bodies = []
    for note in fragment.notes:
        body = note.html.strip()
        bodies.append({"anchor": note.anchor, "number": note.number, "html": Markup(body)})
    html = tools.layout.render(
        "html/notes.html", words=tools.words, notes=bodies, prefix=prefix, level=2
    )
    section = parse_fragment(html)
    found = section[0]
    for item in found.iter("li"):
        _back_inside(item)
    return found


def _back_inside(item: etree._Element) -> None:
    """The way back stands at the end of the note's last paragraph."""
    back = item[-1]
    if back.get("role") == "doc-backlink" and len(item) > 1 and item[-2].tag == "p":
        paragraph = item[-2]
        item.remove(back)
        if len(paragraph):
            paragraph[-1].tail = (paragraph[-1].tail or "").rstrip() + " "
        else:
            paragraph.text = (paragraph.text or "").rstrip() + " "
        back.tail = None
        paragraph.append(back)


def contents(edition: Edition, tools: Tools, href: Href, part_href: Callable[[str], str]) -> Any:
    """The contents as lines for the layout's macro."""
    return [
        {
            "depth": line.depth,
            "number": line.entry.number,
            "title": Markup(inline_html(line.entry.title, tools.words)),
            "href": part_href(line.entry.anchor)
            if line.entry.part
            else href(line.entry.slug, line.entry.anchor),
            "part": line.entry.part,
        }
        for line in contents_lines(edition.book.toc, edition.metadata.toc.depth)
    ]


def stylesheet(edition: Edition, tools: Tools, font_url: Callable[[str, bytes], str]) -> str:
    """Faces, tokens, typography, the layout's `html.css`, the publication's own."""
    css = ""
    for font, characters in fonts.needed(tools.fonts, tools.text):
        data = fonts.subset(font, characters, "woff2", tools.cache)
        css += fonts.face_rule(font, font_url(f"{font.slug}.woff2", data))
    css += tools.layout.stylesheet("html", tools.tokens, live=True)
    for name in (*edition.metadata.css.all, *edition.metadata.css.html):
        css += (edition.publication.folder / name).read_text(encoding="utf-8-sig") + "\n"
    return css


def index_titles(fragments: Sequence[Fragment], title: str) -> dict[str, str]:
    """What stands in the index for a chapter: its number, else its title."""
    return {f.slug: f.number or f.title or title for f in fragments}
