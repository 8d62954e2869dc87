"""The typed Pandoc tree: frozen nodes, read from and written to Pandoc's JSON.

Node and field names are those of pandoc-types 1.23 (Text.Pandoc.Definition).
Every block, and every link and picture, carries `line`: the source line it
starts on (0 where it is not known), which Pandoc does not give and
`pipeline/places.py` finds. `line` takes no part in comparisons.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias, TypeVar, cast

Json: TypeAlias = Any


def _line() -> Any:
    return field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Attr:
    """Identifier, classes and key-value pairs."""

    id: str = ""
    classes: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    def get(self, key: str, default: str = "") -> str:
        for name, value in self.pairs:
            if name == key:
                return value
        return default

    def has(self, name: str) -> bool:
        return name in self.classes


NO_ATTR = Attr()


@dataclass(frozen=True, slots=True)
class Node:
    """A block or an inline."""


# inlines ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Str(Node):
    text: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Space(Node):
    pass


@dataclass(frozen=True, slots=True)
class SoftBreak(Node):
    pass


@dataclass(frozen=True, slots=True)
class LineBreak(Node):
    pass


@dataclass(frozen=True, slots=True)
class Emph(Node):
    content: Inlines


@dataclass(frozen=True, slots=True)
class Underline(Node):
    content: Inlines


@dataclass(frozen=True, slots=True)
class Strong(Node):
    content: Inlines


@dataclass(frozen=True, slots=True)
class Strikeout(Node):
    content: Inlines


@dataclass(frozen=True, slots=True)
class Superscript(Node):
    content: Inlines


@dataclass(frozen=True, slots=True)
class Subscript(Node):
    content: Inlines


@dataclass(frozen=True, slots=True)
class SmallCaps(Node):
    content: Inlines


@dataclass(frozen=True, slots=True)
class Quoted(Node):
    double: bool
    content: Inlines


@dataclass(frozen=True, slots=True)
class Citation:
    """One key of a `Cite`; `mode` is AuthorInText, SuppressAuthor or NormalCitation."""

    key: str
    prefix: Inlines
    suffix: Inlines
    mode: str


@dataclass(frozen=True, slots=True)
class Cite(Node):
    citations: tuple[Citation, ...]
    content: Inlines
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Code(Node):
    attr: Attr
    text: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Math(Node):
    display: bool
    text: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class RawInline(Node):
    format: str
    text: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Link(Node):
    attr: Attr
    content: Inlines
    url: str
    title: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Image(Node):
    attr: Attr
    content: Inlines
    url: str
    title: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Note(Node):
    content: Blocks
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Span(Node):
    attr: Attr
    content: Inlines
    line: int = _line()


# blocks ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plain(Node):
    content: Inlines
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Para(Node):
    content: Inlines
    line: int = _line()


@dataclass(frozen=True, slots=True)
class LineBlock(Node):
    lines: tuple[Inlines, ...]
    line: int = _line()


@dataclass(frozen=True, slots=True)
class CodeBlock(Node):
    attr: Attr
    text: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class RawBlock(Node):
    format: str
    text: str
    line: int = _line()


@dataclass(frozen=True, slots=True)
class BlockQuote(Node):
    content: Blocks
    line: int = _line()


@dataclass(frozen=True, slots=True)
class OrderedList(Node):
    """`style` and `delimiter` as Pandoc names them: Decimal, LowerRoman, Period, OneParen…"""

    start: int
    style: str
    delimiter: str
    items: tuple[Blocks, ...]
    line: int = _line()


@dataclass(frozen=True, slots=True)
class BulletList(Node):
    items: tuple[Blocks, ...]
    line: int = _line()


@dataclass(frozen=True, slots=True)
class DefinitionList(Node):
    items: tuple[tuple[Inlines, tuple[Blocks, ...]], ...]
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Header(Node):
    level: int
    attr: Attr
    content: Inlines
    line: int = _line()


@dataclass(frozen=True, slots=True)
class HorizontalRule(Node):
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Caption:
    short: Inlines | None
    content: Blocks


@dataclass(frozen=True, slots=True)
class Cell:
    """`align` is AlignLeft, AlignRight, AlignCenter or AlignDefault."""

    attr: Attr
    align: str
    rows: int
    columns: int
    content: Blocks


@dataclass(frozen=True, slots=True)
class Row:
    attr: Attr
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TableBody:
    """`row_heads`: how many columns at the start of each row are heads."""

    attr: Attr
    row_heads: int
    head: tuple[Row, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is a share of the measure, or None for the natural width."""

    align: str
    width: float | None


@dataclass(frozen=True, slots=True)
class Table(Node):
    attr: Attr
    caption: Caption
    columns: tuple[Column, ...]
    head: tuple[Row, ...]
    bodies: tuple[TableBody, ...]
    foot: tuple[Row, ...]
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Figure(Node):
    attr: Attr
    caption: Caption
    content: Blocks
    line: int = _line()


@dataclass(frozen=True, slots=True)
class Div(Node):
    attr: Attr
    content: Blocks
    line: int = _line()


Inlines: TypeAlias = tuple[Node, ...]
Blocks: TypeAlias = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A chapter's tree. `meta` is Pandoc's metadata, as its JSON."""

    blocks: Blocks
    meta: dict[str, Json] = field(default_factory=dict)


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


# walking ---------------------------------------------------------------

N = TypeVar("N")
_PARTS = (Node, Caption, Row, Cell, TableBody, Citation)


def children(node: object) -> Iterator[object]:
    """The nodes (and table parts) right below a node, in reading order."""
    for f in fields(node):  # type: ignore[arg-type]
        yield from _parts(getattr(node, f.name))


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, _PARTS):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _parts(item)


def walk(root: object) -> Iterator[Node]:
    """Every node of a node, a tuple or a document, in reading order, itself included."""
    stack: list[object] = [root.blocks if isinstance(root, Document) else root]
    while stack:
        value = stack.pop()
        if isinstance(value, tuple):
            stack.extend(reversed(value))
        elif isinstance(value, _PARTS):
            if isinstance(value, Node):
                yield value
            stack.extend(reversed([getattr(value, f.name) for f in fields(value)]))


Rewrite: TypeAlias = Callable[[Node], "Node | Sequence[Node] | None"]


def rewrite(root: N, change: Rewrite) -> N:
    """The tree with `change` applied to every node, children first.

    `change` gives a node, several nodes in its place, or None for none.
    Untouched parts of the tree are shared with the old one.
    """
    return cast(N, _rewrite(root, change))


def _rewrite(value: object, change: Rewrite) -> object:
    if isinstance(value, tuple):
        out: list[object] = []
        same = True
        for item in value:
            if isinstance(item, Node):
                new = change(cast(Node, _rewrite_fields(item, change)))
                if new is item:
                    out.append(item)
                    continue
                same = False
                if new is None:
                    continue
                if isinstance(new, Node):
                    out.append(new)
                else:
                    out.extend(new)
            else:
                done = _rewrite(item, change)
                same = same and done is item
                out.append(done)
        return value if same else tuple(out)
    if isinstance(value, (*_PARTS, Document)):
        return _rewrite_fields(value, change)
    return value


def _rewrite_fields(value: Any, change: Rewrite) -> object:
    changed = {}
    for f in fields(value):
        old = getattr(value, f.name)
        if isinstance(old, (tuple, *_PARTS)):
            new = _rewrite(old, change)
            if new is not old:
                changed[f.name] = new
    return replace(value, **changed) if changed else value


# text ------------------------------------------------------------------


def plain_text(root: object) -> str:
    """The words of a tree as one line of text: notes left out, code and formulas as written."""
    out: list[str] = []
    _text(root, out)
    return unicodedata.normalize("NFC", " ".join("".join(out).split()))


def _text(value: object, out: list[str]) -> None:
    match value:
        case Str(text=text) | Code(text=text) | Math(text=text):
            out.append(text)
        case CodeBlock(text=text):
            out.append(text + " ")
        case Space() | SoftBreak() | LineBreak():
            out.append(" ")
        case Note() | RawInline() | RawBlock():
            pass
        case Quoted(double=double, content=content):
            out.append("“" if double else "‘")
            _text(content, out)
            out.append("”" if double else "’")
        case Cite(content=content):
            _text(content, out)
        case tuple():
            for item in value:
                _text(item, out)
        case _:
            for child in children(value):
                _text(child, out)
            if isinstance(value, (Para, Plain, Header, LineBlock)):
                out.append(" ")
