"""Empty headings: one without a word cannot stand in contents and outline, so it goes."""

from __future__ import annotations

from terbit.diagnostics import Finding
from terbit.pipeline.transform.context import Context, Result
from terbit.tree import Document, Header, Image, Node, plain_text, rewrite, walk


def empty_headings(document: Document, context: Context) -> Result:
    findings: list[Finding] = []

    def change(node: Node) -> Node | None:
        if not isinstance(node, Header) or _words(node):
            return node
        findings.append(
            Finding(
                "no-heading",
                "a heading has no words and was left out",
                context.place(node.line),
                "write its words behind the #, or delete the line",
            )
        )
        return None

    return rewrite(document, change), tuple(findings)


def _words(header: Header) -> str:
    alternatives = (n.attr.get("alt") for n in walk(header) if isinstance(n, Image))
    return plain_text(header) + "".join(alternatives)
