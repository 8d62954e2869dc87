"""Parse: a chapter's Markdown -> Pandoc tree, with the source line of every node.

The book's prelude (link definitions, abbreviations, macros) is read before each
chapter. What Pandoc cannot read, or warns about, becomes findings.
"""

from __future__ import annotations

import json
import re

from terbit import pandoc, tree
from terbit.cache import Cache, digest
from terbit.diagnostics import Finding, Place
from terbit.model import ChapterSource
from terbit.pipeline.expand import Expanded
from terbit.pipeline.places import place
from terbit.tree_json import from_json

MAX_DEPTH = 60
_DEPTH_HINT = "nest lists and quotations less deeply"
# a line that opens many containers at once: markers of lists and quotations
_MARKERS = re.compile(
    r"^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d+[.)](?=[ \t])|\(?[a-zA-Z#@][.)](?=[ \t])))+"
)


def parse(
    source: ChapterSource, expanded: Expanded, prelude: str, extensions: str, cache: Cache
) -> tuple[tree.Document | None, tuple[Finding, ...]]:
    """Read one chapter. No tree comes back if Pandoc could not read it."""
    deep = _too_deep(source, expanded)
    if deep:
        return None, (deep,)
    before = prelude.rstrip("\n") + "\n\n" if prelude.strip() else ""
    text = before + expanded.text
    key = digest("parse 2", pandoc.version(), extensions, text)
    kept = cache.get(key)
    if kept is not None:
        value, warnings = json.loads(kept)
    else:
        try:
            value, warnings = pandoc.read(text, extensions)
        except pandoc.PandocFailed as error:
            return None, (_failure(source, str(error)),)
        cache.put(key, json.dumps([value, warnings]).encode())
    try:
        document = from_json(value)
        lines = (0,) * before.count("\n") + expanded.lines
        document = place(document, text, lines)
    except RecursionError:
        return None, (
            Finding(
                "too-deep", "the chapter is nested too deeply", Place(source.file, 1), _DEPTH_HINT
            ),
        )
    found = (_warning(source, w, before, expanded) for w in warnings)
    return document, tuple(f for f in found if f)


def _too_deep(source: ChapterSource, expanded: Expanded) -> Finding | None:
    for number, line in enumerate(expanded.text.split("\n"), 1):
        markers = _MARKERS.match(line)
        indent = len(line) - len(line.lstrip(" \t"))
        many = markers and len(markers[0].split()) > MAX_DEPTH
        brackets = max(line.count("["), line.count("{")) > 1500 and "[[[[[[[[" in line
        if many or indent > 1000 or brackets:
            at = expanded.lines[number - 1] if number <= len(expanded.lines) else 0
            return Finding(
                "too-deep", "this line is nested too deeply", Place(source.file, at), _DEPTH_HINT
            )
    return None


def _failure(source: ChapterSource, reason: str) -> Finding:
    found = re.search(r"\(line (\d+), column (\d+)\)", reason)
    line = int(found[1]) if found else 1
    return Finding(
        "pandoc-failed",
        f"Pandoc could not read the chapter: {reason}",
        Place(source.file, line),
        "look for an unclosed construct, or halve the file to find the place",
    )


def _warning(source: ChapterSource, text: str, before: str, expanded: Expanded) -> Finding | None:
    """A warning of Pandoc's at its line; none for what the prelude defines and this chapter
    leaves unused, nor for doubled identifiers, which `transform/anchors.py` reports itself."""
    found = re.search(r" at (?:chunk |input )?line (\d+)( column \d+)?", text)
    line = 0
    if found:
        line = int(found[1]) - before.count("\n")
        if line < 1:
            return None
        line = expanded.lines[min(line, len(expanded.lines)) - 1]
    if text.startswith("Duplicate identifier"):
        return None
    if found:
        text = text.replace(found[0], "", 1)
    hint = "use it or delete it: what is defined and not used is not published"
    return Finding(
        "reader-warning",
        f"Pandoc says: {text}",
        Place(source.file, line),
        hint if "not used" in text else "mend the Markdown at this line",
    )
