"""Pandoc's JSON -> the typed tree (pandoc-api-version 1.23)."""

from __future__ import annotations

from collections.abc import Callable

from terbit.tree import (
    NO_ATTR,
    Attr,
    BlockQuote,
    BulletList,
    Caption,
    Cell,
    Citation,
    Cite,
    Code,
    CodeBlock,
    Column,
    DefinitionList,
    Div,
    Document,
    Emph,
    Figure,
    Header,
    HorizontalRule,
    Image,
    Inlines,
    Json,
    LineBlock,
    LineBreak,
    Link,
    Math,
    Node,
    Note,
    OrderedList,
    Para,
    Plain,
    Quoted,
    RawBlock,
    RawInline,
    Row,
    SmallCaps,
    SoftBreak,
    Space,
    Span,
    Str,
    Strikeout,
    Strong,
    Subscript,
    Superscript,
    Table,
    TableBody,
    Underline,
)

# from Pandoc's JSON ----------------------------------------------------


def _attr(j: Json) -> Attr:
    if not j[0] and not j[1] and not j[2]:
        return NO_ATTR
    return Attr(j[0], tuple(j[1]), tuple((k, v) for k, v in j[2]))


def _nodes(j: Json) -> tuple[Node, ...]:
    return tuple(_READ[n["t"]](n.get("c")) for n in j)


def _caption(j: Json) -> Caption:
    return Caption(None if j[0] is None else _nodes(j[0]), _nodes(j[1]))


def _rows(j: Json) -> tuple[Row, ...]:
    return tuple(
        Row(
            _attr(row[0]),
            tuple(Cell(_attr(c[0]), c[1]["t"], c[2], c[3], _nodes(c[4])) for c in row[1]),
        )
        for row in j
    )


def _table(c: Json) -> Table:
    return Table(
        _attr(c[0]),
        _caption(c[1]),
        tuple(Column(s[0]["t"], s[1].get("c")) for s in c[2]),
        _rows(c[3][1]),
        tuple(TableBody(_attr(b[0]), b[1], _rows(b[2]), _rows(b[3])) for b in c[4]),
        _rows(c[5][1]),
    )


def _citations(j: Json) -> tuple[Citation, ...]:
    return tuple(
        Citation(
            c["citationId"],
            _nodes(c["citationPrefix"]),
            _nodes(c["citationSuffix"]),
            c["citationMode"]["t"],
        )
        for c in j
    )


_SPACE, _SOFT, _BREAK = Space(), SoftBreak(), LineBreak()
_READ: dict[str, Callable[[Json], Node]] = {
    "Str": Str,
    "Space": lambda c: _SPACE,
    "SoftBreak": lambda c: _SOFT,
    "LineBreak": lambda c: _BREAK,
    "Emph": lambda c: Emph(_nodes(c)),
    "Underline": lambda c: Underline(_nodes(c)),
    "Strong": lambda c: Strong(_nodes(c)),
    "Strikeout": lambda c: Strikeout(_nodes(c)),
    "Superscript": lambda c: Superscript(_nodes(c)),
    "Subscript": lambda c: Subscript(_nodes(c)),
    "SmallCaps": lambda c: SmallCaps(_nodes(c)),
    "Quoted": lambda c: Quoted(c[0]["t"] == "DoubleQuote", _nodes(c[1])),
    "Cite": lambda c: Cite(_citations(c[0]), _nodes(c[1])),
    "Code": lambda c: Code(_attr(c[0]), c[1]),
    "Math": lambda c: Math(c[0]["t"] == "DisplayMath", c[1]),
    "RawInline": lambda c: RawInline(c[0], c[1]),
    "Link": lambda c: Link(_attr(c[0]), _nodes(c[1]), c[2][0], c[2][1]),
    "Image": lambda c: Image(_attr(c[0]), _nodes(c[1]), c[2][0], c[2][1]),
    "Note": lambda c: Note(_nodes(c)),
    "Span": lambda c: Span(_attr(c[0]), _nodes(c[1])),
    "Plain": lambda c: Plain(_nodes(c)),
    "Para": lambda c: Para(_nodes(c)),
    "LineBlock": lambda c: LineBlock(tuple(_nodes(line) for line in c)),
    "CodeBlock": lambda c: CodeBlock(_attr(c[0]), c[1]),
    "RawBlock": lambda c: RawBlock(c[0], c[1]),
    "BlockQuote": lambda c: BlockQuote(_nodes(c)),
    "OrderedList": lambda c: OrderedList(
        c[0][0], c[0][1]["t"], c[0][2]["t"], tuple(_nodes(i) for i in c[1])
    ),
    "BulletList": lambda c: BulletList(tuple(_nodes(i) for i in c)),
    "DefinitionList": lambda c: DefinitionList(
        tuple((_nodes(term), tuple(_nodes(d) for d in defs)) for term, defs in c)
    ),
    "Header": lambda c: Header(c[0], _attr(c[1]), _nodes(c[2])),
    "HorizontalRule": lambda c: HorizontalRule(),
    "Table": _table,
    "Figure": lambda c: Figure(_attr(c[0]), _caption(c[1]), _nodes(c[2])),
    "Div": lambda c: Div(_attr(c[0]), _nodes(c[1])),
}


def from_json(j: Json) -> Document:
    """Read what `pandoc -t json` wrote (pandoc-api-version 1.23)."""
    return Document(_nodes(j["blocks"]), j.get("meta", {}))


def meta_inlines(value: Json) -> Inlines:
    """The inlines of one metadata value; () if it is none."""
    match value:
        case {"t": "MetaInlines", "c": c}:
            return _nodes(c)
        case {"t": "MetaString", "c": c}:
            return (Str(c),)
        case {"t": "MetaBlocks", "c": [{"t": "Para" | "Plain", "c": c}]}:
            return _nodes(c)
    return ()
