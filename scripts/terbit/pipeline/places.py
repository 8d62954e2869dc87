"""Places: find the source line of everything in a tree.

Pandoc gives no positions for its Markdown, so the tree and the source are
written down as two rows of *words* and aligned as two versions of a file are.
Words are runs of letters and digits, whatever punctuation, smart quotes or
emphasis stand between them. Between them stand *signs*, which a source and its
tree show in the same places: a heading, a picture and its target, a label, a
code fence, a div, a rule, the call of a note. A sign begins with a character
that no word has.

What stands elsewhere in the source than in the tree has a row of its own: the
text of a note, which is aligned with its definition; a caption, with what
surrounds its table or figure; the parts of a citation, with its text.

A word without a match lies between two that have one: the line breaks of the
tree tell on which line. So every line is known, at worst approximately, and the
time is near linear in the size of the text, whatever it holds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import accumulate, islice
from typing import Any, cast

from terbit.pipeline.align import align
from terbit.pipeline.source_rows import (
    CALL,
    DIV,
    FENCE,
    HEADING,
    LABEL,
    PICTURE,
    RULE,
    TARGET,
    WORD,
    Source,
    fence_sign,
    scan,
)
from terbit.tree import (
    Attr,
    Blocks,
    Caption,
    Cell,
    Citation,
    Cite,
    Code,
    CodeBlock,
    Div,
    Document,
    Figure,
    Header,
    HorizontalRule,
    Image,
    LineBreak,
    Link,
    Math,
    Node,
    Note,
    Para,
    Plain,
    RawBlock,
    RawInline,
    Row,
    SoftBreak,
    Space,
    Str,
    Table,
    TableBody,
)


def place(document: Document, text: str, lines: Sequence[int] | None = None) -> Document:
    """The same tree with every `line` filled in: the line of the source, from 1.

    `text` is what Pandoc read; `lines[i]` is the source line of its line i+1
    (None: the same), 0 for what has none.
    """
    source = scan(text.split("\n"))
    tree = _flatten(document.blocks, source)
    found = _lines(tree, source)
    if lines is not None:
        found = [lines[line - 1] if line <= len(lines) else 0 for line in found]
    return replace(document, blocks=_rebuild(document.blocks, tree.nodes, found))


@dataclass(slots=True)
class _Row:
    """The words and signs of a text that stands together in the source, and of which entries.

    A row that does not stand where the tree has it belongs to the entry `owner`,
    which took the keys from `start` to `end` of the row `parent`.
    """

    owner: int = -1
    parent: int = -1
    start: int = 0
    end: int = 0
    keys: list[str] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)
    above: list[int] = field(default_factory=list)  # lines of the entry's own above the key
    depth: int = 0  # the lines that the row takes at least, so far
    window: list[int] = field(default_factory=list)  # the keys of the source to look among
    found: list[int] = field(default_factory=list)  # which of them each key is, or -1
    before: list[int] = field(default_factory=list)  # the nearest found before each key, or -1
    after: list[int] = field(default_factory=list)  # and from it on, or the number of all keys
    tables: list[tuple[int, int]] = field(default_factory=list)  # where the keys of one stand

    def add(self, entry: int, keys: Sequence[str], above: int = 0) -> None:
        """Write down keys of an entry, which has `above` lines of its own above them."""
        self.keys.extend(keys)
        self.entries.extend([entry] * len(keys))
        self.above.extend([above] * len(keys))


@dataclass(slots=True)
class _Tree:
    """A tree written down: its nodes and table parts in the order of the source, parents first."""

    nodes: list[Any] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    homes: list[int] = field(default_factory=list)  # the row of each entry
    depths: list[int] = field(default_factory=list)  # the row's depth where it begins
    rows: list[_Row] = field(default_factory=lambda: [_Row()])


# The sign that stands before the words of a node.
_SIGNS = {
    Header: HEADING,
    Image: PICTURE,
    HorizontalRule: RULE,
    Note: CALL,
}
_BREAKS = (SoftBreak, LineBreak)
_BARE = (Space, *_BREAKS)
_BLOCKS_OF_CODE = (CodeBlock, RawBlock)
_LEAVES = (Str, Code, Math, RawInline, *_BLOCKS_OF_CODE)
# What stands elsewhere in the source than in the tree.
_ELSEWHERE = {(Note, "content"), (Cite, "citations"), (Figure, "caption"), (Table, "caption")}
# How many lines a block or a row takes at least, with the empty one before it.
_DEPTHS = {
    **dict.fromkeys((Para, Header, CodeBlock, RawBlock, HorizontalRule), 2),
    **dict.fromkeys((Plain, Div, Row), 1),
}
_ORDER = (
    *("short", "prefix", "content", "citations", "items", "lines"),
    *("head", "rows", "cells", "bodies", "foot", "suffix", "caption"),
)
# The fields of nodes and table parts that hold others, in the order of the source.
_CHILDREN = {
    kind: tuple(name for name in _ORDER for f in fields(kind) if f.name == name and f.type != "int")
    for kind in (*Node.__subclasses__(), Caption, Citation, Cell, Row, TableBody)
}


@dataclass(frozen=True, slots=True)
class _End:
    """Where the children of an entry end, and the rows of those that stand elsewhere."""

    entry: int
    rows: tuple[_Row, ...]


def _flatten(blocks: Blocks, source: Source) -> _Tree:
    """Write a tree down as entries and rows of words and signs."""
    tree, known = _Tree(), set(source.keys)
    stack: list[tuple[object, int, int]] = [(blocks, -1, 0)]
    while stack:
        value, parent, home = stack.pop()
        if value is None or isinstance(value, Space):
            continue
        if isinstance(value, tuple):
            stack.extend([(item, parent, home) for item in reversed(value)])
        elif isinstance(value, _BREAKS):
            tree.rows[home].depth += 1
        elif isinstance(value, _End):
            for row in value.rows:
                row.end = len(tree.rows[home].keys)
                if isinstance(tree.nodes[value.entry], Table):
                    tree.rows[home].tables.append((row.start, row.end))
            _add_targets(tree.rows[home], value.entry, tree.nodes[value.entry], known)
        else:
            _enter(tree, value, parent, home, known)
            if not isinstance(value, _LEAVES):
                stack.extend(reversed(_inside(tree, len(tree.nodes) - 1, value, home)))
    return tree


def _enter(tree: _Tree, value: object, parent: int, home: int, known: Collection[str]) -> None:
    """Write down an entry and what stands before its children."""
    row, entry = tree.rows[home], len(tree.nodes)
    if parent < 0 or not isinstance(tree.nodes[parent], Cell):  # cells stand beside each other
        row.depth += _DEPTHS.get(type(value), 0)
    tree.nodes.append(value)
    tree.parents.append(parent)
    tree.homes.append(home)
    tree.depths.append(row.depth)
    if isinstance(value, Str):
        row.add(entry, WORD.findall(value.text))
        return
    if sign := _SIGNS.get(type(value)):
        row.add(entry, [sign])
    if isinstance(value, Div):
        row.add(entry, [DIV + "".join(value.attr.classes[:1])])
    if isinstance(value, Div | CodeBlock):
        _add_sign(row, entry, LABEL, value.attr.id, known)
    if isinstance(value, _LEAVES):
        first, *rest = value.text.split("\n")
        if isinstance(value, _BLOCKS_OF_CODE):
            row.add(entry, [fence_sign(first)])
        row.add(entry, WORD.findall(first))
        for above, part in enumerate(rest, 1):
            row.add(entry, WORD.findall(part), above)
        row.depth += len(rest)


def _inside(tree: _Tree, entry: int, value: Any, home: int) -> list[tuple[object, int, int]]:
    """What is to be written down below an entry, each with its row."""
    out: list[tuple[object, int, int]] = []
    rows: list[_Row] = []
    for name in _CHILDREN[type(value)]:
        at = home
        if (type(value), name) in _ELSEWHERE:
            at = len(tree.rows)
            rows.append(_Row(entry, home, len(tree.rows[home].keys)))
            tree.rows.append(rows[-1])
        out.append((getattr(value, name), entry, at))
    return [*out, (_End(entry, tuple(rows)), entry, home)]


def _add_targets(row: _Row, entry: int, value: Any, known: Collection[str]) -> None:
    """Write down what stands after the children of an entry: a target and a label."""
    if isinstance(value, Link | Image):
        _add_sign(row, entry, TARGET, value.url, known)
    if not isinstance(value, Div) and isinstance(attr := getattr(value, "attr", None), Attr):
        _add_sign(row, entry, LABEL, attr.id, known)


def _add_sign(row: _Row, entry: int, sign: str, text: str, known: Collection[str]) -> None:
    """Write down a target or label if the source has it like this, with its words."""
    if text and sign + text in known:
        row.add(entry, [sign + text, *WORD.findall(text)])


# one to the other --------------------------------------------------------


def _lines(tree: _Tree, source: Source) -> list[int]:
    """The line of each entry."""
    members: list[list[int]] = [[] for _ in tree.rows]
    for entry, home in enumerate(tree.homes):
        members[home].append(entry)
    placed = [0] * len(tree.nodes)  # by a match
    lines = [0] * len(tree.nodes)
    for row, inside in zip(tree.rows, members, strict=True):
        row.window = source.main if row.owner < 0 else _window(row, tree, source)
        _find(row, source)
        _take(row, tree, source, placed)
        bounds = (lines[row.owner] if row.owner >= 0 else 1, source.size)
        _interpolate(inside, placed, tree.depths, lines, bounds)
    earliest = [0] * len(tree.nodes)  # among the children
    for entry in range(len(lines) - 1, -1, -1):
        line = earliest[entry]
        if not line or (placed[entry] and placed[entry] < line):
            line = lines[entry]
        lines[entry] = line
        parent = tree.parents[entry]
        if parent >= 0 and tree.homes[parent] == tree.homes[entry]:
            earliest[parent] = min(earliest[parent] or line, line)
    return lines


def _window(row: _Row, tree: _Tree, source: Source) -> list[int]:
    """The keys of the source among which a row's are to be looked for.

    For a note that is its definition, for all others what stands around the place
    where the tree has the row: around a table's cells, if it is a table's caption.
    """
    parent = tree.rows[row.parent]
    owner = tree.nodes[row.owner]
    taken: set[int] = set()
    if not row.keys:
        return []
    if isinstance(owner, Note):
        call = parent.found[row.start - 1]
        if call < 0:
            return []
        if label := source.calls[call]:
            return source.notes.get(label, [])
    elif isinstance(owner, Table):
        taken.update(parent.found[row.start : row.end])
    return _around(parent, row.start, row.end, taken, len(row.keys))


def _around(row: _Row, start: int, end: int, taken: Collection[int], size: int) -> list[int]:
    """The keys of the source between what was found before `start` and from `end` on in a row.

    Not those that are taken, and not many more than the `size` of what is looked for.
    """
    low, high = row.before[start], row.after[end]
    places = range(bisect_right(row.window, low), bisect_left(row.window, high))
    around = (key for at in places if (key := row.window[at]) not in taken)
    return list(islice(around, 100 + 20 * size))


def _find(row: _Row, source: Source) -> None:
    """Look for the keys of a row in its window, and again for those in the cells of tables.

    For the cells of a row may stand beside each other on several lines, so that
    the source has their words in another order than the tree.
    """
    found = align(row.keys, [source.keys[at] for at in row.window])
    row.found = [row.window[at] if at >= 0 else -1 for at in found]
    none = len(source.keys)
    row.before = list(accumulate(row.found, max, initial=-1))
    backwards = (at if at >= 0 else none for at in reversed(row.found))
    row.after = list(accumulate(backwards, min, initial=none))[::-1]
    for start, end in row.tables:
        for _ in range(8):
            rest = [at for at in range(start, end) if row.found[at] < 0]
            window = _around(row, start, end, set(row.found[start:end]), len(rest)) if rest else []
            found = align([row.keys[at] for at in rest], [source.keys[at] for at in window])
            if max(found, default=-1) < 0:
                break
            for place, at in zip(rest, found, strict=True):
                row.found[place] = window[at] if at >= 0 else -1


def _take(row: _Row, tree: _Tree, source: Source, placed: list[int]) -> None:
    """Give each entry the line where the first of its keys that was found says it begins."""
    unsure: set[int] = set()  # code of which no word was found so far
    for key, entry, above, at in zip(row.keys, row.entries, row.above, row.found, strict=True):
        if at < 0 or (placed[entry] and entry not in unsure):
            continue
        line = max(1, source.lines[at] - above)
        if key.startswith(FENCE):
            unsure.add(entry)
        elif isinstance(tree.nodes[entry], _BLOCKS_OF_CODE):
            unsure.discard(entry)
            line -= line - 1 in source.fences
        placed[entry] = line


def _interpolate(
    entries: Sequence[int],
    placed: Sequence[int],
    depths: Sequence[int],
    lines: list[int],
    bounds: tuple[int, int],
) -> None:
    """Fill in `lines` of the entries of a row: as placed, or else between those that are.

    `bounds` are the line of the row itself and the last line there is.
    """
    known = [entry for entry in entries if placed[entry]]
    line, depth = bounds[0], depths[entries[0]] if entries else 0
    passed = 0
    for entry in entries:
        if placed[entry]:
            line, depth = placed[entry], depths[entry]
            lines[entry] = line
            passed += 1
            continue
        below = depths[entry] - depth
        if passed == len(known):
            lines[entry] = min(line + below, bounds[1])
            continue
        following = known[passed]
        height, rest = placed[following] - line, depths[following] - depths[entry]
        if not passed:
            lines[entry] = max(1, placed[following] - rest)
        else:
            lines[entry] = line + max(0, height) * below // max(1, below + rest)


def _rebuild(blocks: Blocks, nodes: Sequence[Any], lines: Sequence[int]) -> Blocks:
    """The blocks with their lines; `nodes` are all that they hold, parents first."""
    done: list[object] = []  # the nodes below and behind, the next in the text last
    for node, line in zip(reversed(nodes), reversed(lines), strict=True):
        if type(node) is Str:
            done.append(Str(node.text, line))
            continue
        changed: dict[str, object] = {"line": line} if hasattr(node, "line") else {}
        for name in _CHILDREN[type(node)]:
            changed[name] = _refilled(getattr(node, name), done)
        done.append(replace(node, **changed))
    return cast(Blocks, _refilled(blocks, done))


def _refilled(value: object, done: list[object]) -> object:
    """The same value with the next nodes that are done in it."""
    if isinstance(value, tuple):
        return tuple([_refilled(item, done) for item in value])
    return value if value is None or isinstance(value, _BARE) else done.pop()
