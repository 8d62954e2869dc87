"""The chapter's title: where there is no heading, the chapter's own front matter gives it.

An article whose one first-level heading repeats the title has its title twice;
the heading goes and the sections below it move up a level.
"""

from __future__ import annotations

from dataclasses import replace

from terbit.diagnostics import Finding
from terbit.pipeline.transform.context import Context, Result
from terbit.tree import Attr, Document, Header, Node, plain_text
from terbit.tree_json import meta_inlines


def title(document: Document, context: Context) -> Result:
    article = context.metadata.kind in ("article", "handout")
    headers = [b for b in document.blocks if isinstance(b, Header)]
    tops = [h for h in headers if h.level == 1]
    if article:
        lone = context.alone and len(tops) == 1 and document.blocks[0] is tops[0]
        if lone and _same(plain_text(tops[0]), context.metadata.title):
            return replace(document, blocks=_promote(document.blocks[1:])), ()
        return document, ()
    if headers:
        return document, ()
    words = meta_inlines(document.meta.get("title"))
    if words:
        header = Header(1, Attr("title"), words, 1)
        return replace(document, blocks=(header, *document.blocks)), ()
    return document, (
        Finding(
            "no-heading",
            "the chapter has no heading",
            context.place(1),
            "begin it with a line such as “# Title”: contents and outline need it",
        ),
    )


def _same(one: str, other: str) -> bool:
    def letters(text: str) -> str:
        return "".join(c for c in text.casefold() if c.isalnum())

    return letters(one) == letters(other)


def _promote(blocks: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(
        replace(b, level=b.level - 1) if isinstance(b, Header) and b.level > 1 else b
        for b in blocks
    )
