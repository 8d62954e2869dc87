"""A publication's own style sheets: read inside the fence, and found to need nothing outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tinycss2

from terbit.diagnostics import Finding, Place
from terbit.metadata import Stylesheets
from terbit.pipeline import sources


def check(folder: Path, named: Stylesheets) -> tuple[Finding, ...]:
    """Style sheets that are not CSS, or that ask for a file. Missing ones are `load`'s to say."""
    findings: list[Finding] = []
    for name in dict.fromkeys((*named.all, *named.pdf, *named.epub, *named.html)):
        path = sources.locate(folder, name, None)
        if isinstance(path, Finding):
            continue
        data = sources.read_bytes(path, name, None)
        text = data if isinstance(data, Finding) else sources.decode(data, name)
        if isinstance(text, Finding):
            findings.append(text)
        else:
            rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
            findings += _faults(rules, name)
    return tuple(findings)


def _faults(nodes: Sequence[Any], name: str) -> Iterator[Finding]:
    for node in nodes:
        place = Place(name, node.source_line, node.source_column)
        if node.type == "error":
            yield Finding("bad-stylesheet", f"this is not CSS: {node.message}", place, "mend it")
        elif node.type == "at-rule" and node.lower_at_keyword == "import":
            yield Finding(
                "bad-stylesheet",
                "@import is not followed",
                place,
                "name the other style sheet in css: too",
            )
        elif (address := _address(node)) and not address.startswith("data:"):
            yield Finding(
                "bad-stylesheet",
                f"a style sheet cannot use the file {address[:80]}",
                place,
                "show pictures in the text; name fonts in fonts:; or write a data: address",
            )
        for part in ("prelude", "content", "arguments"):
            inner = getattr(node, part, None)
            if inner:
                yield from _faults(inner, name)


def _address(node: Any) -> str:
    """The address of a `url()` token or function; "" if the node is none."""
    if node.type == "url":
        return str(node.value)
    if node.type == "function" and node.lower_name in ("url", "src", "image-set"):
        return next((str(a.value) for a in node.arguments if a.type == "string"), "")
    return ""
