"""Numbers and contents: facts of all chapters -> the printed number of every heading and label.

Chapters are numbered through the book or within each part; sections below them
to the depth of `numbering.sections`; figures, tables, equations and listings
within a numbered chapter (4.2), else through the book. Front and back matter
have no numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from terbit.metadata import Metadata
from terbit.model import Division, Facts, Heading, Kind, Target, TocEntry
from terbit.tree import Str

Anchor = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """`targets`: what each (slug, anchor) is; `toc`: the contents, whole."""

    targets: Mapping[Anchor, Target]
    toc: tuple[TocEntry, ...]


@dataclass(slots=True)
class _Count:
    """Running counters. `levels[i]` counts headings of level i+1."""

    levels: list[int] = field(default_factory=lambda: [0] * 6)
    things: dict[tuple[str, Kind], int] = field(default_factory=dict)
    part: int | None = None

    def heading(self, level: int) -> str:
        self.levels[level - 1] += 1
        self.levels[level:] = [0] * (6 - level)
        return ".".join(str(n) for n in self.levels[:level])


def numbers(chapters: Sequence[Facts], metadata: Metadata, parts: Sequence[str]) -> Numbers:
    book = metadata.kind in ("book", "course")
    depth = metadata.numbering.sections + (1 if book else 0)
    targets: dict[Anchor, Target] = {}
    entries: list[TocEntry] = []
    count = _Count()
    for chapter in chapters:
        if chapter.part is not None and chapter.part != count.part:
            count.part = chapter.part
            if metadata.numbering.chapters == "part":
                count.levels = [0] * 6
            entries.append(_part_entry(chapter, parts))
        counts = chapter.division is Division.BODY and metadata.numbering.chapters is not False
        lines: list[tuple[int, TocEntry]] = []
        heads: dict[str, str] = {}
        open_number = ""
        for heading in chapter.headings:
            shown = heading.numbered and counts and heading.level <= depth
            shown = shown and _parents_numbered(heading, chapter.headings)
            number = count.heading(heading.level) if shown else ""
            heads[heading.anchor] = number
            if heading.level == 1:
                open_number = number
            targets[chapter.slug, heading.anchor] = Target(
                chapter.slug, heading.anchor, Kind.SECTION, number, heading.content, heading.level
            )
            entry = TocEntry(
                chapter.slug, heading.anchor, number, heading.content, division=chapter.division
            )
            lines.append((heading.level, entry))
        prefix = open_number if book else ""
        _things(chapter, prefix, count, targets)
        entries += _nest(lines) or [_untitled(chapter, metadata, alone=len(chapters) == 1)]
    return Numbers(targets, tuple(_under_parts(entries)))


def _parents_numbered(heading: Heading, headings: Sequence[Heading]) -> bool:
    """A section below an unnumbered chapter has no number either."""
    level = heading.level
    for other in reversed(headings[: headings.index(heading)]):
        if other.level < level:
            if not other.numbered:
                return False
            level = other.level
    return True


def _things(chapter: Facts, prefix: str, count: _Count, targets: dict[Anchor, Target]) -> None:
    for thing in chapter.labelled:
        scope = (prefix, thing.kind)
        n = count.things[scope] = count.things.get(scope, 0) + 1
        number = f"{prefix}.{n}" if prefix else str(n)
        targets[chapter.slug, thing.anchor] = Target(
            chapter.slug, thing.anchor, thing.kind, number, thing.title
        )


def _part_entry(chapter: Facts, parts: Sequence[str]) -> TocEntry:
    assert chapter.part is not None
    anchor = f"part-{chapter.part + 1}"
    return TocEntry("", anchor, "", (Str(parts[chapter.part]),), part=True)


def _untitled(chapter: Facts, metadata: Metadata, *, alone: bool) -> TocEntry:
    """A chapter without a heading is in the contents all the same, or no reader finds it."""
    title = metadata.title if alone else PurePosixPath(chapter.file).stem
    return TocEntry(chapter.slug, "", "", (Str(title),), division=chapter.division)


def _nest(lines: Sequence[tuple[int, TocEntry]]) -> list[TocEntry]:
    """A flat list of (level, entry) as a tree."""
    out: list[TocEntry] = []
    i = 0
    while i < len(lines):
        level, entry = lines[i]
        j = i + 1
        while j < len(lines) and lines[j][0] > level:
            j += 1
        out.append(replace(entry, children=tuple(_nest(lines[i + 1 : j]))))
        i = j
    return out


def _under_parts(entries: Sequence[TocEntry]) -> list[TocEntry]:
    """Chapters of the body become children of the part before them."""
    out: list[TocEntry] = []
    for entry in entries:
        if out and out[-1].part and not entry.part and entry.division is Division.BODY:
            out[-1] = replace(out[-1], children=(*out[-1].children, entry))
        else:
            out.append(entry)
    return out
