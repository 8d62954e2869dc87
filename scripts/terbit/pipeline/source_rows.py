"""Source rows: a Markdown text as words and signs, the side of the source in `places`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from html import unescape

from terbit.pipeline.code_spans import fences

# signs: what stands between words, the same in a source and in its tree
HEADING, PICTURE, TARGET, LABEL = "#", "![", "](", "{#"
FENCE, DIV, RULE, CALL = "```", ":::", "***", "[^"
WORD = re.compile(r"[^\W_]+")


def fence_sign(first: str) -> str:
    """The sign of a fenced block, which tells it from others by its first line."""
    return FENCE + first.strip(" \t>")


# the source --------------------------------------------------------------


@dataclass(slots=True)
class Source:
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


def scan(lines: Sequence[str]) -> Source:
    """Read the words and signs of a source."""
    source = Source(len(lines))
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
                number + 1, [fence_sign(following if closing[number] > number + 1 else "")], note
            )
            for inside in range(number + 1, closing[number]):
                source.add(inside + 1, WORD.findall(lines[inside]), note)
            number, fresh = closing[number], False
        elif fresh and _METADATA.match(f"{line}\n{following}"):
            number = next(
                (n for n in range(number + 1, len(lines)) if _METADATA_END.match(lines[n])), number
            )
        elif not ((fresh and _DEFINITION.match(line)) or (line[:1] == "%" and not source.keys)):
            source.add(number + 1, _block_signs(line, following, fresh), note)
            if _PLAIN_LINE.match(line):
                source.add(number + 1, WORD.findall(line), note)
            else:
                keys, calls = inline_keys(line, labels)
                at = (len(source.keys) + place for place, key in enumerate(keys) if key == CALL)
                source.calls.update(zip(at, calls, strict=True))
                source.add(number + 1, keys, note)
            fresh = not line.strip()
        number += 1
    return source


def _block_signs(line: str, following: str, fresh: bool) -> list[str]:
    """The signs of the blocks that begin on a line, from how it begins."""
    if div := _DIV_LINE.match(line):
        return [DIV + (div["name"] or (div["alert"] or "").lower())]
    if _HEADING_LINE.match(line) or (line.strip() and _UNDERLINE.match(following)):
        return [HEADING]
    if fresh and _RULE_LINE.match(line):
        return [RULE]
    return []


def inline_keys(line: str, labels: Collection[str]) -> tuple[list[str], list[str]]:
    """The words and signs in a line, and the labels of the notes it calls ("": an inline note)."""
    keys: list[str] = []
    calls: list[str] = []
    line = _ENTITY.sub(lambda match: unescape(match[0]), line)
    for match in _INLINE.finditer(line):
        kind, text = match.lastgroup, match[0]
        if kind is None:
            keys.append(text)
        elif kind == "picture":
            keys.append(PICTURE)
        elif kind == "div":
            keys += [DIV + (match["class"] or ""), *WORD.findall(text)]
        elif kind == "inline" or (kind == "call" and match["call"] in labels):
            keys.append(CALL)
            calls.append(match["call"] or "")
        else:
            sign = {"target": TARGET, "label": LABEL}.get(kind)
            keys += [*([sign + match[kind]] if sign else []), *WORD.findall(text)]
    return keys, calls


# the tree ----------------------------------------------------------------
