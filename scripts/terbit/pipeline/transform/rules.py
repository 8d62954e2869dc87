"""The transforms in their order: tree -> tree, then the chapter's facts."""

from __future__ import annotations

from collections.abc import Callable

from terbit.diagnostics import Finding
from terbit.metadata import Metadata
from terbit.model import Chapter, ChapterSource
from terbit.pipeline.transform.anchors import anchors
from terbit.pipeline.transform.context import Context, Result
from terbit.pipeline.transform.empty_headings import empty_headings
from terbit.pipeline.transform.facts import facts
from terbit.pipeline.transform.languages import languages
from terbit.pipeline.transform.levels import levels
from terbit.pipeline.transform.title import title
from terbit.pipeline.transform.unshown import unshown
from terbit.tree import Document

Rule = Callable[[Document, Context], Result]

RULES: tuple[tuple[str, Rule], ...] = (
    ("empty_headings", empty_headings),
    ("languages", languages),
    ("title", title),
    ("levels", levels),
    ("anchors", anchors),
    ("unshown", unshown),
)


def transform(
    document: Document, source: ChapterSource, metadata: Metadata, *, alone: bool
) -> tuple[Chapter, tuple[Finding, ...]]:
    """Apply every rule to a chapter; the findings of all of them come back together."""
    context = Context(source, metadata, alone)
    findings: list[Finding] = []
    for _, rule in RULES:
        document, found = rule(document, context)
        findings += found
    return Chapter(source, document, facts(document, context)), tuple(findings)
