"""Contents: the files that `contents` lists, or all there are, read in their order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from terbit.diagnostics import Finding, Place, Severity
from terbit.metadata import BackMatter, Chapters, FrontMatter, Metadata, PartOfBook
from terbit.model import ChapterSource, Division
from terbit.pipeline import sources, yaml_reader
from terbit.pipeline.complaints import place_of
from terbit.pipeline.yaml_reader import YAML_NAME

Path_ = yaml_reader.Path
# What formats call pages of their own; the pages of parts are part-1, part-2…
RESERVED_SLUGS = frozenset(
    {"index", "404", "nav", "cover", "title", "imprint", "contents", "toc", "book-index"}
)
_PART = re.compile(r"part-\d+")


def _listed(metadata: Metadata) -> list[tuple[str, Division, int | None, Path_]]:
    """Each file of `contents`: name, division, part, path of keys."""
    out: list[tuple[str, Division, int | None, Path_]] = []
    part = -1
    current: int | None = None
    for i, item in enumerate(metadata.contents or ()):
        top: Path_ = ("contents", i)
        match item:
            case FrontMatter(front=names):
                out += [(n, Division.FRONT, None, (*top, "front", k)) for k, n in enumerate(names)]
            case BackMatter(back=names):
                out += [(n, Division.BACK, None, (*top, "back", k)) for k, n in enumerate(names)]
            case PartOfBook(chapters=names):
                part += 1
                current = part
                out += [
                    (n, Division.BODY, part, (*top, "chapters", k)) for k, n in enumerate(names)
                ]
            case Chapters(chapters=names):
                out += [
                    (n, Division.BODY, current, (*top, "chapters", k)) for k, n in enumerate(names)
                ]
            case str():
                out.append((item, Division.BODY, current, top))
    return out


def chapters_of(
    folder: Path, metadata: Metadata, places: Mapping[Path_, Place]
) -> tuple[tuple[ChapterSource, ...], tuple[str, ...], tuple[Finding, ...]]:
    if isinstance(metadata.contents, str):
        wrong = Finding(
            "no-effect-yet",
            "contents from a SUMMARY.md cannot be read in this version",
            place_of(("contents",), places),
            "list the files: contents: [first.md, second.md]",
        )
        return (), (), (replace(wrong, severity=Severity.ERROR),)
    listed = _listed(metadata)
    if metadata.contents is None:
        names = sorted(
            (p.name for p in folder.glob("*.md") if p.name.casefold() != "readme.md"),
            key=natural,
        )
        prelude = PurePosixPath(metadata.prelude).name if metadata.prelude else None
        listed = [(n, Division.BODY, None, ("contents",)) for n in names if n != prelude]
    if not listed:
        wrong = Finding(
            "no-chapters",
            "there is no Markdown file to publish",
            place_of(("contents",), places)
            if metadata.contents is not None
            else Place(YAML_NAME, 1),
            "write a chapter, such as 01-introduction.md, into the folder",
        )
        return (), (), (wrong,)
    chapters: list[ChapterSource] = []
    findings: list[Finding] = []
    slugs: set[str] = set(RESERVED_SLUGS)
    files: set[str] = set()
    for name, division, part, path in listed:
        place = place_of(path, places)
        if name in files:
            findings.append(
                Finding("name-clash", f"“{name}” is listed twice", place, "list each file once")
            )
            continue
        files.add(name)
        text = sources.read_text(folder, name, place)
        if isinstance(text, Finding):
            findings.append(text)
        elif not text.strip():
            findings.append(
                Finding(
                    "empty-file",
                    "the chapter has no text",
                    Place(name, 1),
                    "write it, or leave it out",
                )
            )
        else:
            chapters.append(ChapterSource(name, _slug(name, slugs), text, division, part))
    parts = tuple(i.part for i in metadata.contents or () if isinstance(i, PartOfBook))
    return tuple(chapters), parts, tuple(findings)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts 2.md before 10.md, whatever the locale."""
    pieces = re.split(r"(\d+)", unicodedata.normalize("NFC", name).casefold())
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in pieces if p)


def _slug(file: str, taken: set[str]) -> str:
    """A file name for the chapter that is safe everywhere: ASCII letters, digits, hyphens."""
    stem = str(PurePosixPath(file).with_suffix("")).replace("/", "-")
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    base = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower() or "chapter"
    slug, n = base, 2
    while slug in taken or _PART.fullmatch(slug):
        slug, n = f"{base}-{n}", n + 1
    taken.add(slug)
    return slug
