"""Glyphs: every character that is printed must be in a declared font.

Looked for in the source text, so that the place is exact to the column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from terbit.diagnostics import Finding, Place
from terbit.fonts import Font, character_name, missing
from terbit.pipeline.expand import Expanded
from terbit.tree import (
    Code,
    CodeBlock,
    Document,
    Image,
    Math,
    Node,
    RawBlock,
    RawInline,
    Str,
    walk,
)

SHOWN = 12


def printed_text(document: Document) -> str:
    """Every character that a chapter prints."""
    out: list[str] = []
    for node in walk(document):
        if isinstance(node, (Str, Code, CodeBlock, Math, RawInline, RawBlock)):
            out.append(node.text)
        if isinstance(node, CodeBlock):
            out.append(node.attr.get("caption"))
        if isinstance(node, Image):
            out.append(node.attr.get("alt"))
    return "".join(out)


def check(
    document: Document, expanded: Expanded, file: str, fonts: Sequence[Font]
) -> tuple[Finding, ...]:
    """A finding for each character without a glyph, at its first place in the source."""
    gone = missing(printed_text(document), fonts)
    findings = [_finding(c, _place(c, expanded, file, document)) for c in gone[:SHOWN]]
    if len(gone) > SHOWN:
        rest = "".join(gone[SHOWN : SHOWN + 40])
        findings.append(
            Finding(
                "missing-glyph",
                f"{len(gone) - SHOWN} more characters are in no declared font: {rest}",
                Place(file, 1),
                "declare a font for this script: fonts: [fonts/….otf]",
            )
        )
    return tuple(findings)


def check_values(values: Sequence[tuple[str, Place]], fonts: Sequence[Font]) -> tuple[Finding, ...]:
    """The same for the metadata's words."""
    return tuple(_finding(c, place) for text, place in values for c in missing(text, fonts))


def _finding(character: str, place: Place) -> Finding:
    return Finding(
        "missing-glyph",
        f"no declared font has the character “{character}” ({character_name(character)})",
        place,
        "declare a font that has it: fonts: [fonts/….otf]",
    )


def _has(node: Node, character: str) -> TypeGuard[Str]:
    return isinstance(node, Str) and character in node.text


def _place(character: str, expanded: Expanded, file: str, document: Document) -> Place:
    offset = expanded.text.find(character)
    if offset < 0:  # it was written otherwise, as an entity
        return Place(file, next((n.line for n in walk(document) if _has(n, character)), 0))
    line = expanded.text.count("\n", 0, offset)
    column = offset - (expanded.text.rfind("\n", 0, offset) + 1) + 1
    return Place(file, expanded.lines[line] if line < len(expanded.lines) else 0, column)
