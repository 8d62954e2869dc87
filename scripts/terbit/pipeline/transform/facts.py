"""Facts: what the rest of the book may know of a chapter, gathered from its final tree."""

from __future__ import annotations

from terbit.diagnostics import Place
from terbit.model import Facts, Heading, IndexEntry, Kind, Labelled, Use
from terbit.pipeline.transform.anchors import LABEL, raw_anchors
from terbit.pipeline.transform.context import Context
from terbit.tree import (
    Attr,
    Cite,
    CodeBlock,
    Document,
    Figure,
    Header,
    Image,
    Inlines,
    Link,
    Node,
    Note,
    Span,
    Str,
    Table,
    plain_text,
    walk,
)

NUMBERED_KINDS = {kind.value: kind for kind in Kind if kind is not Kind.SECTION}


def facts(document: Document, context: Context) -> Facts:
    headings: list[Heading] = []
    labelled: list[Labelled] = []
    anchors: dict[str, Place] = {}
    links: list[Use] = []
    references: list[Use] = []
    pictures: list[Use] = []
    index: list[IndexEntry] = []
    notes = 0
    for node in walk(document):
        place = context.place(getattr(node, "line", 0))
        attr: Attr | None = getattr(node, "attr", None)
        if attr and attr.id:
            anchors.setdefault(attr.id, place)
        match node:
            case Header(level=level, attr=at, content=content):
                numbered = not at.has("unnumbered")
                headings.append(Heading(level, at.id, content, numbered, place))
            case Link(url=url):
                links.append(Use(url, place))
            case Image(url=url):
                pictures.append(Use(url, place))
            case Cite(citations=citations):
                references += [Use(c.key, place) for c in citations]
            case Note():
                notes += 1
            case Span(attr=at, content=content) if at.has("index"):
                index.append(_entry(at, content))
            case _:
                pass
        thing = _labelled(node, place)
        if thing:
            labelled.append(thing)
    if context.metadata.markdown.raw_html != "none":
        for name, line in raw_anchors(document):
            anchors.setdefault(name, context.place(line))
    return Facts(
        slug=context.source.slug,
        file=context.source.file,
        division=context.source.division,
        part=context.source.part,
        title=_title(headings, context),
        headings=tuple(headings),
        labelled=tuple(labelled),
        anchors=anchors,
        links=tuple(links),
        references=tuple(references),
        pictures=tuple(pictures),
        index=tuple(index),
        notes=notes,
    )


def _title(headings: list[Heading], context: Context) -> Inlines:
    """The chapter's title; an article of one file has that of the publication."""
    article = context.metadata.kind in ("article", "handout")
    if not headings or headings[0].level != 1 or (article and context.alone):
        return ()
    return headings[0].content


def caption_of(node: Node) -> Inlines:
    """A figure's, table's or listing's caption as inlines."""
    match node:
        case Figure(caption=caption) | Table(caption=caption):
            return tuple(i for b in caption.content for i in getattr(b, "content", ()))
        case CodeBlock(attr=attr):
            return (Str(attr.get("caption")),) if attr.get("caption") else ()
    return ()


def _labelled(node: Node, place: Place) -> Labelled | None:
    if not isinstance(node, (Figure, Table, CodeBlock, Image)) or not node.attr.id:
        return None
    found = LABEL.match(node.attr.id)
    kind = NUMBERED_KINDS.get(found[1]) if found else None
    if kind is None:
        return None
    title = node.content if isinstance(node, Image) else caption_of(node)
    return Labelled(kind, node.attr.id, node.attr.id, title, place)


def _entry(attr: Attr, content: Inlines) -> IndexEntry:
    words = attr.get("entry") or plain_text(content)
    path = tuple(w.strip() for w in words.split("!") if w.strip())
    return IndexEntry(path, attr.id, attr.get("see"), attr.get("seealso") or attr.get("see-also"))
