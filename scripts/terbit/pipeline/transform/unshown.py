"""Unshown: what no format can show as it was written is said, never dropped in silence.

Raw markup of other formats is left out, raw HTML is cleaned of all that can act,
formulas are shown as their source, and some conventions have no effect yet. The
tree stays as it is.
"""

from __future__ import annotations

from html.parser import HTMLParser

from terbit.diagnostics import Finding
from terbit.pipeline.transform.context import Context, Result
from terbit.raw_html import is_address, is_safe
from terbit.tree import (
    CodeBlock,
    Div,
    Document,
    Link,
    Math,
    Node,
    RawBlock,
    RawInline,
    Span,
    walk,
)

LATER = ("include", "content-visible", "content-hidden")
HTML = ("html", "html5", "html4")


def unshown(document: Document, context: Context) -> Result:
    """Findings alone."""
    findings: list[Finding] = []
    formulas: list[Math] = []
    shows_html = context.metadata.markdown.raw_html != "none"
    for node in walk(document):
        if isinstance(node, Math):
            formulas.append(node)
        unknown = _not_yet(node)
        if unknown:
            findings.append(
                Finding(
                    "convention-not-yet",
                    f"{unknown} has no effect in this version",
                    context.place(getattr(node, "line", 0)),
                    "its content, if it has any, is shown in every format",
                )
            )
        if not isinstance(node, (RawBlock, RawInline)):
            continue
        place = context.place(node.line)
        if node.format not in HTML or not shows_html:
            if not _says_nothing(node):
                shown = " ".join(node.text.split())[:60]
                findings.append(
                    Finding(
                        "raw-markup",
                        f"raw {node.format} was left out: {shown}",
                        place,
                        "write it in Markdown, which every format can show",
                    )
                )
            continue
        for what in _unsafe_parts(node.text):
            findings.append(
                Finding(
                    "unsafe-markup",
                    f"{what} was left out",
                    place,
                    "write it in Markdown, or go without",
                )
            )
    if formulas:
        n = len(formulas)
        findings.append(
            Finding(
                "mathematics-as-source",
                "a formula is shown as its TeX source"
                if n == 1
                else f"{n} formulas are shown as their TeX source",
                context.place(formulas[0].line),
                "a later version sets formulas",
            )
        )
    return document, tuple(findings)


def _not_yet(node: Node) -> str:
    """The convention that a node asks for and that this version does not follow; "" if none."""
    if isinstance(node, (Div, Span)):
        return next((f".{name}" for name in LATER if node.attr.has(name)), "")
    if isinstance(node, CodeBlock) and node.attr.get("file"):
        return "file= of a code block"
    if isinstance(node, Link) and node.attr.has("page"):
        return ".page of a link"
    return ""


def _says_nothing(node: RawBlock | RawInline) -> bool:
    """White space, and of HTML a comment or the end of what was named where it began."""
    text = node.text.strip()
    comment = text.startswith("<!--") and text.endswith("-->")
    return not text or (node.format in HTML and (comment or text.startswith("</")))


class _Reader(HTMLParser):
    """Gathers the tags and attributes that `raw_html.make_safe` takes out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not is_safe(tag):
            self.found[f"the tag <{tag}>"] = None
            return
        values = dict(attrs)
        if tag == "img":
            self.found[f"the picture {(values.get('src') or '')[:80]} of raw HTML"] = None
        if tag == "a" and values.get("href") and not is_address(values["href"] or ""):
            self.found[f"the link {(values['href'] or '')[:80]} of raw HTML"] = None
        for name, value in attrs:
            if not is_safe(tag, name, value or ""):
                self.found[f"the attribute {name} of <{tag}>"] = None


def _unsafe_parts(html: str) -> tuple[str, ...]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(reader.found)
