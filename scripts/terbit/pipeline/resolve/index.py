"""The back-of-book index: entries of all chapters, nested and sorted for the language."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from terbit.model import Facts, IndexLine


@dataclass(slots=True)
class _Node:
    places: list[tuple[str, str]] = field(default_factory=list)
    see: list[str] = field(default_factory=list)
    see_also: list[str] = field(default_factory=list)
    children: dict[str, _Node] = field(default_factory=dict)


def index(chapters: Sequence[Facts]) -> tuple[IndexLine, ...]:
    root = _Node()
    for chapter in chapters:
        for entry in chapter.index:
            node = root
            for term in entry.path:
                node = node.children.setdefault(term, _Node())
            if entry.see:
                node.see.append(entry.see)
                continue
            node.places.append((chapter.slug, entry.anchor))
            if entry.see_also:
                node.see_also.append(entry.see_also)
    return _lines(root)


def _lines(node: _Node) -> tuple[IndexLine, ...]:
    return tuple(
        IndexLine(
            term,
            tuple(child.places),
            tuple(dict.fromkeys(child.see)),
            tuple(dict.fromkeys(child.see_also)),
            _lines(child),
        )
        for term, child in sorted(node.children.items(), key=lambda item: sort_key(item[0]))
    )


def sort_key(term: str) -> tuple[str, str, str]:
    """Letters first without accents and case, then with accents, then as written.

    Right for Indonesian and English; other languages' own orders come with a
    collation library.
    """
    folded = unicodedata.normalize("NFKD", term).casefold()
    bare = "".join(c for c in folded if c.isalnum() or c == " ")
    return bare, folded, term
