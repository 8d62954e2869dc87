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
