"""Heading levels: the first is 1 and none is skipped (PDF/UA-1 7.4.2, WCAG 1.3.1).

A chapter that starts below level 1 is moved up whole; a skipped level is closed
and reported.
"""

from __future__ import annotations

from dataclasses import replace

from terbit.diagnostics import Finding
from terbit.pipeline.transform.context import Context, Result
from terbit.tree import Document, Header, Node, plain_text, rewrite, walk


def levels(document: Document, context: Context) -> Result:
    found = [n for n in walk(document) if isinstance(n, Header)]
    if not found:
        return document, ()
    shift = min(h.level for h in found) - 1
    findings: list[Finding] = []
    new: dict[int, int] = {}
    stack: list[int] = []  # source levels of the open headings
    for header in found:
        level = header.level - shift
        while stack and stack[-1] >= level:
            stack.pop()
        stack.append(level)
        depth = len(stack)
        new[id(header)] = depth
        if depth != level:
            findings.append(
                Finding(
                    "skipped-level",
                    f"the heading “{plain_text(header)}” is of level {header.level}"
                    f" where level {depth + shift} was due",
                    context.place(header.line),
                    f"write {'#' * (depth + shift)} instead of {'#' * header.level};"
                    f" it is set as level {depth + shift}",
                )
            )
    if all(new[id(h)] == h.level for h in found):
        return document, ()
    order = iter([new[id(h)] for h in found])
    return rewrite(document, lambda node: _relevel(node, order)), tuple(findings)


def _relevel(node: Node, order: object) -> Node:
    if isinstance(node, Header):
        return replace(node, level=next(order))  # type: ignore[call-overload]
    return node
