"""Languages: what a `lang` attribute says is a language tag, or it is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import langcodes

from terbit.diagnostics import Finding
from terbit.pipeline.transform.context import Context, Result
from terbit.tree import Attr, Document, Node, rewrite


def languages(document: Document, context: Context) -> Result:
    findings: list[Finding] = []

    def change(node: Any) -> Node:
        attr: Attr | None = getattr(node, "attr", None)
        tag = attr.get("lang") if attr else ""
        if attr is None or not tag or langcodes.tag_is_valid(tag):
            return node  # type: ignore[no-any-return]
        findings.append(
            Finding(
                "bad-language",
                f"“{tag}” is not a language tag",
                context.place(getattr(node, "line", 0)),
                "write a BCP 47 tag, such as id, en, en-GB or zh-Hant",
            )
        )
        pairs = tuple((key, value) for key, value in attr.pairs if key != "lang")
        return replace(node, attr=replace(attr, pairs=pairs))  # type: ignore[no-any-return]

    return rewrite(document, change), tuple(findings)
