"""Anchors: every heading and labelled thing has an id that is valid and unique in its chapter.

Labels are written `fig:map` (pandoc-crossref) or `fig-map` (Quarto) and mean the
same. An id in the output is an XML name without colons, so that one form serves
EPUB, HTML and PDF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from terbit.diagnostics import Finding
from terbit.pipeline.transform.context import Context, Result
from terbit.tree import (
    Attr,
    Document,
    Header,
    Node,
    RawBlock,
    RawInline,
    Span,
    plain_text,
    rewrite,
    walk,
)

LABEL = re.compile(r"(fig|tbl|eq|lst|sec|ex|thm|lem|prp|cor|def|exm|prf|rem)[:-](.+)")

# ids that notes and index terms get by themselves
_OURS = re.compile(r"(fn|fnref|index)-\d+")


# What a name may begin with and hold (XML 1.0, 2.3), but the colon. Not every letter or digit
# of Unicode is among them: no ², no ª.
_START = (
    r"A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    r"\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NOT_IN_NAMES = re.compile(rf"[^{_START}\-.0-9\u00b7\u0300-\u036f\u203f\u2040]")
_STARTS_NAME = re.compile(f"[{_START}]")


def anchor_of(identifier: str) -> str:
    """An id as it stands in every output: `fig:a b` becomes `fig-a-b`, `1x` becomes `_1x`."""
    name = _NOT_IN_NAMES.sub("-", re.sub(r"[^\w.-]", "-", identifier))
    return name if _STARTS_NAME.match(name) else f"_{name}"


_RAW_ID = re.compile(r"<[a-zA-Z][^<>]*?\sid\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")


def raw_anchors(document: Document) -> Iterator[tuple[str, int]]:
    """The ids that raw HTML gives, and their lines: those that links can name."""
    for node in walk(document):
        if isinstance(node, (RawBlock, RawInline)) and node.format.startswith("html"):
            for found in _RAW_ID.finditer(node.text):
                name = next(filter(None, found.groups()), "")
                if name and anchor_of(name) == name:
                    yield name, node.line


def anchors(document: Document, context: Context) -> Result:
    seen = {name: (name, line) for name, line in _shown_raw(document, context)}
    findings: list[Finding] = []
    terms = 0

    def change(node: Node) -> Node:
        nonlocal terms
        attr: Attr | None = getattr(node, "attr", None)
        if attr is None:
            return node
        identifier = attr.id
        if not identifier and isinstance(node, Span) and attr.has("index"):
            terms += 1
            identifier = f"index-{terms}"
        if not identifier and isinstance(node, Header):
            identifier = _from_text(plain_text(node)) or "section"
            unique, n = identifier, 1
            while anchor_of(unique) in seen or _OURS.fullmatch(anchor_of(unique)):
                unique, n = f"{identifier}-{n}", n + 1
            identifier = unique
        if not identifier:
            return node
        name, line = anchor_of(identifier), getattr(node, "line", 0)
        if attr.id and _OURS.fullmatch(name):
            if not isinstance(node, Header):  # whose id may be Pandoc's, made of its words
                findings.append(
                    Finding(
                        "duplicate-label",
                        f"the label {identifier} is one that notes and index terms get",
                        context.place(line),
                        "give it another name, and change what refers to it",
                    )
                )
            name = f"own-{name}"
        if name in seen:
            other, first = seen[name]
            findings.append(
                Finding(
                    "duplicate-label",
                    f"the label {identifier} is used twice in this chapter"
                    + (f", first in line {first}" if first else ""),
                    context.place(line),
                    f"rename one of them, and what refers to it ({other})"
                    if other != identifier
                    else "rename one of them, and what refers to it",
                )
            )
            n = 2
            while f"{name}-{n}" in seen:
                n += 1
            name = f"{name}-{n}"
        seen[name] = (identifier, line)
        return _with_attr(node, replace(attr, id=name))

    return rewrite(document, change), tuple(findings)


def _shown_raw(document: Document, context: Context) -> Iterator[tuple[str, int]]:
    if context.metadata.markdown.raw_html != "none":
        yield from raw_anchors(document)


def _from_text(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text.casefold()).strip("-.")


def _with_attr(node: Any, attr: Attr) -> Node:
    changed: Node = node if attr == node.attr else replace(node, attr=attr)
    return changed
