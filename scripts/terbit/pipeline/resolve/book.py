"""Resolve: all chapters' facts -> the `Book`, with the slice that each chapter uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from terbit.diagnostics import Finding
from terbit.metadata import Metadata
from terbit.model import Book, Facts, Picture, Slice
from terbit.pipeline.resolve.index import index
from terbit.pipeline.resolve.links import links, references
from terbit.pipeline.resolve.numbers import numbers
from terbit.pipeline.resolve.pictures import picture


def resolve(
    chapters: Sequence[Facts], metadata: Metadata, parts: Sequence[str], folder: Path
) -> tuple[Book, tuple[Finding, ...]]:
    """Numbers, targets, links, pictures, contents and index of the whole book."""
    resolved = numbers(chapters, metadata, parts)
    findings = list(_label_clashes(chapters))
    pictures: dict[str, Picture] = {}
    slices: dict[str, Slice] = {}
    exists = _files(folder)
    for chapter in chapters:
        names: dict[str, str] = {}
        for use in chapter.pictures:
            if use.target in names:
                continue
            found = picture(folder, chapter.file, use, metadata.links.root)
            if isinstance(found, Finding):
                findings.append(found)
            else:
                pictures[found.name] = found
                names[use.target] = found.name
        led, wrong = links(chapter, chapters, metadata.links.root, exists)
        referred, more = references(chapter, chapters, resolved.targets)
        findings += wrong + more
        own = {a: t.number for (slug, a), t in resolved.targets.items() if slug == chapter.slug}
        slices[chapter.slug] = Slice(own, referred, led, names)
    book = Book(
        toc=resolved.toc,
        index=index(chapters) if metadata.index else (),
        pictures=dict(sorted(pictures.items())),
        slices=slices,
        titles={c.slug: c.title for c in chapters},
    )
    return book, tuple(findings)


def _label_clashes(chapters: Sequence[Facts]) -> list[Finding]:
    """A label of a numbered thing is unique in the book: references go by it alone."""
    first: dict[str, str] = {}
    out = []
    for chapter in chapters:
        for thing in chapter.labelled:
            if thing.label in first and first[thing.label] != chapter.file:
                out.append(
                    Finding(
                        "duplicate-label",
                        f"the label {thing.label} is also used in {first[thing.label]}",
                        thing.place,
                        "rename one of them, and what refers to it",
                    )
                )
            first.setdefault(thing.label, chapter.file)
    return out


def _files(folder: Path) -> Mapping[str, bool]:
    return {
        p.relative_to(folder).as_posix(): True for p in sorted(folder.rglob("*")) if p.is_file()
    }
