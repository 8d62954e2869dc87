"""Fragment -> print: ids unique in the whole book, notes at their calls.

One PDF is one space of names, so an anchor `x` of chapter `c` becomes `c--x`.
A note's body stands inside its call's place, where CSS takes it to the foot of
the page (GCPM 3, 2.1).
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from terbit.fragments import address, parse_fragment, serialise
from terbit.model import Fragment, RenderedNote

_INLINE = ("a", "em", "strong", "i", "b", "code", "span", "cite", "q", "s", "sub", "sup", "img")
_BLOCKS = frozenset(("p", "div", "blockquote", "pre", "figure", "aside", "dl", "hr", "section"))


_CALLS = ".//a[@role='doc-noteref']"


def anchor(slug: str, name: str) -> str:
    return f"{slug}--{name}" if name else slug


def dress(fragment: Fragment, longest: int = 1200) -> str:
    """The fragment's content for the page, as XHTML.

    WeasyPrint cuts a note that is longer than a page: one of more than `longest`
    characters stands at the chapter's end, where its call leads.
    """
    root = parse_fragment(fragment.html)
    notes = {n.anchor: n for n in fragment.notes}
    for call in root.xpath(_CALLS):
        note = notes[call.get("href").rpartition("/")[2]]
        body = _note(note, notes)
        if len("".join(body.itertext())) > longest:
            body.tag = "div"
            body.set("class", "long-note")
            body.set("id", note.anchor)
            body.text = f"{note.number}. {body.text or ''}"
            root.append(body)
            continue
        body.set("class", "footnote")
        body.set("id", note.anchor)
        body.set("data-number", note.number)
        body.tail = call.tail
        call.getparent().replace(call, body)
    _wrap_items(root)
    _part_spaces(root)
    for element in root.iter(etree.Element):
        name = element.get("id")
        if name:
            element.set("id", anchor(fragment.slug, name))
    address(root, lambda slug, name: f"#{anchor(slug, name)}")
    _link_words(root)
    return serialise(root, "xml")


def _note(note: RenderedNote, notes: Mapping[str, RenderedNote]) -> etree._Element:
    """A note's body. A note that it calls in its turn stands at its end, behind its number."""
    body = parse_fragment(note.html)
    body.tag = "span"
    for paragraph in body.iter("p"):
        paragraph.tag = "span"
        paragraph.set("class", "note-paragraph")
    _strip_ends(body)
    for call in body.xpath(_CALLS):
        inner = notes[call.get("href").rpartition("/")[2]]
        call.tag = "sup"
        call.attrib.clear()
        below = _note(inner, notes)
        below.set("class", "note-paragraph")
        below.set("id", inner.anchor)
        below.text = f"{inner.number}. {below.text or ''}"
        if len(below):  # its first paragraph stands beside its number
            below[0].attrib.pop("class", None)
        body.append(below)
    return body


def link_words(html: str) -> str:
    """Links around words alone, in XHTML that no fragment is: of contents, of index."""
    root = parse_fragment(html)
    _link_words(root)
    return serialise(root, "xml")


def _link_words(root: etree._Element) -> None:
    """`<a>the <em>sun</em></a>` becomes `<a>the </a><em><a>sun</a></em>`.

    WeasyPrint makes a link of each element within one too, and tags it as something else
    (PDF/UA-1, 7.18.5). A picture that is a link stays as it is.
    """
    for link in [a for a in root.iter("a") if len(a) and a.get("href")]:
        if next(link.iter("img"), None) is not None:
            continue
        attributes = dict(link.attrib)
        link.tag = "span"
        for name in ("href", "title", "role"):
            link.attrib.pop(name, None)
        attributes.pop("id", None)
        for element in list(link.iter(etree.Element)):
            for child in reversed(list(element)):
                if child.tail:
                    element.insert(element.index(child) + 1, _linked(child.tail, attributes))
                    child.tail = None
            if element.text:
                element.insert(0, _linked(element.text, attributes))
                element.text = None


def _linked(text: str, attributes: dict[str, str]) -> etree._Element:
    link = etree.Element("a", attributes)
    link.text = text
    return link


def _wrap_items(root: etree._Element) -> None:
    """Paragraphs of list items get a `dd` around them, which WeasyPrint tags as LBody.

    A list item of a tagged PDF may hold nothing but label and body (ISO 32000-1, 14.8.4.3.3).
    """
    for item in list(root.iter("li")):
        if any(child.tag in _BLOCKS for child in item):
            body = etree.Element("dd")
            body.text, item.text = item.text, None
            body.extend(list(item))
            item.append(body)


def _part_spaces(root: etree._Element) -> None:
    """A space between words and an element gets a `span` of its own.

    Where words end a line exactly, and only the space after them does not fit, WeasyPrint 70
    breaks the line within its first word.
    """
    for element in list(root.iter(*_INLINE)):
        parent, before = element.getparent(), element.getprevious()
        if parent is None or parent.tag in ("pre", "code"):
            continue
        text = (before.tail if before is not None else parent.text) or ""
        words = text.rstrip(" \n")
        if not words or words == text:
            continue
        if before is not None:
            before.tail = words
        else:
            parent.text = words
        space = etree.Element("span")
        space.text = " "
        element.addprevious(space)


def _strip_ends(body: etree._Element) -> None:
    """No white space at the ends of a note: it would show after its mark."""
    if body.text:
        body.text = body.text.lstrip()
    if len(body) and body[-1].tail:
        body[-1].tail = body[-1].tail.rstrip()
