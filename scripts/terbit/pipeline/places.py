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

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from html import unescape
from itertools import accumulate, islice, pairwise
from typing import Any, cast

from terbit.pipeline.expand import fences
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
    source = _scan(text.split("\n"))
    tree = _flatten(document.blocks, source)
    found = _lines(tree, source)
    if lines is not None:
        found = [lines[line - 1] if line <= len(lines) else 0 for line in found]
    return replace(document, blocks=_rebuild(document.blocks, tree.nodes, found))


_HEADING, _PICTURE, _TARGET, _LABEL = "#", "![", "](", "{#"
_FENCE, _DIV, _RULE, _CALL = "```", ":::", "***", "[^"
_WORD = re.compile(r"[^\W_]+")


def _fence(first: str) -> str:
    """The sign of a fenced block, which tells it from others by its first line."""
    return _FENCE + first.strip(" \t>")


# the source --------------------------------------------------------------


@dataclass(slots=True)
class _Source:
    """The source as one row of words and signs, and which of them belong together."""

    size: int  # in lines
    keys: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # the line of each key, from 1
    main: list[int] = field(default_factory=list)  # the keys outside definitions of footnotes
    notes: dict[str, list[int]] = field(default_factory=dict)  # those inside one, by its label
    calls: dict[int, str] = field(default_factory=dict)  # which label the call of a note names
    fences: set[int] = field(default_factory=set)  # the lines that open a fenced block

    def add(self, line: int, keys: Sequence[str], note: str) -> None:
        """Write down the keys of a line, which the definition of `note` holds if it is not ""."""
        row = self.notes.setdefault(note, []) if note else self.main
        row.extend(range(len(self.keys), len(self.keys) + len(keys)))
        self.keys.extend(keys)
        self.lines.extend([line] * len(keys))


_HEADING_LINE = re.compile(r"[ \t>]*#{1,6}(?:[ \t]|$)")
_UNDERLINE = re.compile(r"[ \t>]*(?:=+|-+)[ \t]*$")
_RULE_LINE = re.compile(r"[ \t>]*([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_DIV_LINE = re.compile(
    r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?:{3}[ \t:]*(?=[^\s:])(?:\{[^.}]*\.?)?(?P<name>[\w-]*)"
    r"|[ \t]*>[ \t]*\[!(?P<alert>\w+)\]"
)
_METADATA = re.compile(r"---[ \t]*\n(?:[\w-]+[ \t]*:|#)")
_METADATA_END = re.compile(r"(?:---|\.\.\.)[ \t]*$")
_DEFINITION = re.compile(r"[ >]*\[(?!\^)[^\]]+\]:[ \t]*<?\S+>?(?:[ \t]+[\"'(].*)?[ \t]*$")
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]+)\]:")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_PLAIN_LINE = re.compile(r"[^\[{<&!^]*$")
_INLINE = re.compile(
    r"(?P<picture>!\[)"
    r"|\]\(\s*<?(?P<target>[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)"
    r"|\[\^(?P<call>[^\]\s]+)\]"
    r"|(?P<inline>\^\[)"
    r"|(?P<div><div\b(?:[^<>]{0,200}class=[\"']?(?P<class>[\w-]+))?)"
    r"|\{[^{}#]{0,200}#(?P<label>[^\s{}]+)"
    r"|[^\W_]+"
)


def _scan(lines: Sequence[str]) -> _Source:
    """Read the words and signs of a source."""
    source = _Source(len(lines))
    closing = fences(lines)
    labels = {match[1] for match in map(_NOTE.match, lines) if match}
    number, note, fresh = 0, "", True  # fresh: nothing stands right above
    while number < len(lines):
        line = lines[number]
        if start := _NOTE.match(line):
            note, line = start[1], line[start.end() :]
        elif fresh and line.strip() and not line.startswith(("    ", "\t")):
            note = ""
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if number in closing:
            source.fences.add(number + 1)
            source.add(
                number + 1, [_fence(following if closing[number] > number + 1 else "")], note
            )
            for inside in range(number + 1, closing[number]):
                source.add(inside + 1, _WORD.findall(lines[inside]), note)
            number, fresh = closing[number], False
        elif fresh and _METADATA.match(f"{line}\n{following}"):
            number = next(
                (n for n in range(number + 1, len(lines)) if _METADATA_END.match(lines[n])), number
            )
        elif not ((fresh and _DEFINITION.match(line)) or (line[:1] == "%" and not source.keys)):
            source.add(number + 1, _block_signs(line, following, fresh), note)
            if _PLAIN_LINE.match(line):
                source.add(number + 1, _WORD.findall(line), note)
            else:
                keys, calls = _inline_keys(line, labels)
                at = (len(source.keys) + place for place, key in enumerate(keys) if key == _CALL)
                source.calls.update(zip(at, calls, strict=True))
                source.add(number + 1, keys, note)
            fresh = not line.strip()
        number += 1
    return source


def _block_signs(line: str, following: str, fresh: bool) -> list[str]:
    """The signs of the blocks that begin on a line, from how it begins."""
    if div := _DIV_LINE.match(line):
        return [_DIV + (div["name"] or (div["alert"] or "").lower())]
    if _HEADING_LINE.match(line) or (line.strip() and _UNDERLINE.match(following)):
        return [_HEADING]
    if fresh and _RULE_LINE.match(line):
        return [_RULE]
    return []


def _inline_keys(line: str, labels: Collection[str]) -> tuple[list[str], list[str]]:
    """The words and signs in a line, and the labels of the notes it calls ("": an inline note)."""
    keys: list[str] = []
    calls: list[str] = []
    line = _ENTITY.sub(lambda match: unescape(match[0]), line)
    for match in _INLINE.finditer(line):
        kind, text = match.lastgroup, match[0]
        if kind is None:
            keys.append(text)
        elif kind == "picture":
            keys.append(_PICTURE)
        elif kind == "div":
            keys += [_DIV + (match["class"] or ""), *_WORD.findall(text)]
        elif kind == "inline" or (kind == "call" and match["call"] in labels):
            keys.append(_CALL)
            calls.append(match["call"] or "")
        else:
            sign = {"target": _TARGET, "label": _LABEL}.get(kind)
            keys += [*([sign + match[kind]] if sign else []), *_WORD.findall(text)]
    return keys, calls


# the tree ----------------------------------------------------------------


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
    Header: _HEADING,
    Image: _PICTURE,
    HorizontalRule: _RULE,
    Note: _CALL,
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


def _flatten(blocks: Blocks, source: _Source) -> _Tree:
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
        row.add(entry, _WORD.findall(value.text))
        return
    if sign := _SIGNS.get(type(value)):
        row.add(entry, [sign])
    if isinstance(value, Div):
        row.add(entry, [_DIV + "".join(value.attr.classes[:1])])
    if isinstance(value, Div | CodeBlock):
        _add_sign(row, entry, _LABEL, value.attr.id, known)
    if isinstance(value, _LEAVES):
        first, *rest = value.text.split("\n")
        if isinstance(value, _BLOCKS_OF_CODE):
            row.add(entry, [_fence(first)])
        row.add(entry, _WORD.findall(first))
        for above, part in enumerate(rest, 1):
            row.add(entry, _WORD.findall(part), above)
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
        _add_sign(row, entry, _TARGET, value.url, known)
    if not isinstance(value, Div) and isinstance(attr := getattr(value, "attr", None), Attr):
        _add_sign(row, entry, _LABEL, attr.id, known)


def _add_sign(row: _Row, entry: int, sign: str, text: str, known: Collection[str]) -> None:
    """Write down a target or label if the source has it like this, with its words."""
    if text and sign + text in known:
        row.add(entry, [sign + text, *_WORD.findall(text)])


# one to the other --------------------------------------------------------


def _lines(tree: _Tree, source: _Source) -> list[int]:
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


def _window(row: _Row, tree: _Tree, source: _Source) -> list[int]:
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


def _find(row: _Row, source: _Source) -> None:
    """Look for the keys of a row in its window, and again for those in the cells of tables.

    For the cells of a row may stand beside each other on several lines, so that
    the source has their words in another order than the tree.
    """
    found = _align(row.keys, [source.keys[at] for at in row.window])
    row.found = [row.window[at] if at >= 0 else -1 for at in found]
    none = len(source.keys)
    row.before = list(accumulate(row.found, max, initial=-1))
    backwards = (at if at >= 0 else none for at in reversed(row.found))
    row.after = list(accumulate(backwards, min, initial=none))[::-1]
    for start, end in row.tables:
        for _ in range(8):
            rest = [at for at in range(start, end) if row.found[at] < 0]
            window = _around(row, start, end, set(row.found[start:end]), len(rest)) if rest else []
            found = _align([row.keys[at] for at in rest], [source.keys[at] for at in window])
            if max(found, default=-1) < 0:
                break
            for place, at in zip(rest, found, strict=True):
                row.found[place] = window[at] if at >= 0 else -1


def _take(row: _Row, tree: _Tree, source: _Source, placed: list[int]) -> None:
    """Give each entry the line where the first of its keys that was found says it begins."""
    unsure: set[int] = set()  # code of which no word was found so far
    for key, entry, above, at in zip(row.keys, row.entries, row.above, row.found, strict=True):
        if at < 0 or (placed[entry] and entry not in unsure):
            continue
        line = max(1, source.lines[at] - above)
        if key.startswith(_FENCE):
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


def _align(old: Sequence[str], new: Sequence[str]) -> list[int]:
    """For each key of `old` where it stands in `new`, or -1; what is found keeps its order.

    A patience diff: keys that both have once are anchors, and the longest chain of
    them in order divides the rest. Where there are none, what both end and begin
    with is the same, and keys that both have equally often are anchors. Where
    nothing helps, or the work has grown too large for the length, keys stay unfound.
    """
    found = [-1] * len(old)
    work = [(list(range(len(old))), list(range(len(new))))]
    effort = 40 * (len(old) + len(new))
    while work and effort >= 0:
        left, right = work.pop()
        effort -= len(left) + len(right)
        if [old[at] for at in left] == [new[at] for at in right]:
            for i, j in zip(left, right, strict=True):
                found[i] = j
            continue
        in_left, in_right = Counter(old[at] for at in left), Counter(new[at] for at in right)
        left = [at for at in left if old[at] in in_right]
        right = [at for at in right if new[at] in in_left]
        alike = {key for key, count in in_left.items() if count == in_right[key]}
        anchors = {key for key in alike if in_left[key] == 1}
        if not anchors:
            left, right = _strip(old, left, new, right, found)
            anchors = alike
        if not left or not right or not anchors:
            continue
        chain = _chain([old[at] for at in left], [new[at] for at in right], anchors)
        for i, j in chain:
            found[left[i]] = right[j]
        for (i, j), (k, m) in pairwise([(-1, -1), *chain, (len(left), len(right))]):
            if k - i > 1 and m - j > 1 and chain:
                work.append((left[i + 1 : k], right[j + 1 : m]))
    return found


def _strip(
    old: Sequence[str], left: list[int], new: Sequence[str], right: list[int], found: list[int]
) -> tuple[list[int], list[int]]:
    """Find what `left` and `right`, places in the two, end and begin with alike; give the rest."""
    least = min(len(left), len(right))
    start = end = 0
    while end < least and old[left[-1 - end]] == new[right[-1 - end]]:
        found[left[-1 - end]] = right[-1 - end]
        end += 1
    while start + end < least and old[left[start]] == new[right[start]]:
        found[left[start]] = right[start]
        start += 1
    return left[start : len(left) - end], right[start : len(right) - end]


def _chain(
    left: Sequence[str], right: Sequence[str], anchors: Collection[str]
) -> list[tuple[int, int]]:
    """The longest chain of anchors, as places in `left` and in `right` that both grow."""
    places: dict[str, list[int]] = {key: [] for key in anchors}
    for at in range(len(right) - 1, -1, -1):
        if right[at] in anchors:
            places[right[at]].append(at)
    pairs = [(at, places[key].pop()) for at, key in enumerate(left) if places.get(key)]
    ends: list[int] = []  # for each length of a chain the least place in `right` where one ends
    last: list[int] = []  # and the pair that ends it
    before: list[int] = []  # for each pair the one before it
    for number, (_, at) in enumerate(pairs):
        length = bisect_left(ends, at)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [at]
        last[length : length + 1] = [number]
    chain = []
    number = last[-1] if last else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


# and back ----------------------------------------------------------------


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
