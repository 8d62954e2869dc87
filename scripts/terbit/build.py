"""The conductor: the steps in order, on one screen.

load → expand → parse → transform → resolve → render → typeset → paginate →
assemble → publish. What each step is, the manual's chapter on architecture says.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from terbit import artifacts, covers, layouts, markup, outputs, toolchain
from terbit.cache import Cache, digest
from terbit.diagnostics import Finding, Place, Severity, blocking, settle
from terbit.metadata import Metadata
from terbit.model import Book, Chapter, Edition, Outcome, Picture, Publication
from terbit.outputs import Made, Tools
from terbit.pipeline import glyphs
from terbit.pipeline.expand import expand
from terbit.pipeline.load import load
from terbit.pipeline.paginate import paginate
from terbit.pipeline.parse import parse
from terbit.pipeline.resolve.book import resolve
from terbit.pipeline.resolve.pictures import examine
from terbit.pipeline.transform.rules import transform
from terbit.settings import DEFAULT_EPOCH, Settings

Progress = Callable[[str, str], None]
Findings = tuple[Finding, ...]


def silent(publication: str, step: str) -> None:
    """The progress of nobody."""


def build(folder: Path, settings: Settings, progress: Progress = silent) -> list[Outcome]:
    """Build a publication's editions; every one gives an outcome, none raises for bad input."""
    progress(folder.name, "load")
    publication, findings = load(folder)
    if publication is None:
        return [
            _failed(folder.resolve().name, "", settle(findings, strict=settings.strict), folder)
        ]
    names = list(publication.editions) if "all" in settings.editions else settings.editions
    return [_edition(publication, n, findings, settings, progress) for n in names]


def _edition(
    publication: Publication, name: str, loaded: Findings, settings: Settings, progress: Progress
) -> Outcome:
    """One edition, from fresh (nothing to do) to failed (nothing changed)."""
    title = publication.metadata.name
    if name not in publication.editions:
        there = ", ".join(n for n in publication.editions if n) or "none"
        wrong = Finding(
            "unknown-edition",
            f"there is no edition {name}",
            Place("publication.yaml", 1),
            f"there are: {there}",
        )
        return _failed(title, name, settle((*loaded, wrong)), publication.folder)
    metadata = publication.editions[name]
    formats = settings.formats or metadata.formats
    place = edition_folder(settings.out, title, name)
    source = source_digest(publication, settings)
    with artifacts.writing(settings.out, title):
        artifacts.recover(place)
        kept = _fresh(place, source, formats)
        if kept is not None:
            return Outcome(title, name, "fresh", kept, (), str(publication.folder))
        state, findings, made = _make(
            publication, name, metadata, formats, loaded, settings, progress
        )
        if state == "failed":
            return _failed(title, name, findings, publication.folder)
        progress(title, "publish")
        about = {
            "name": title,
            "edition": name,
            "title": metadata.title,
            "language": metadata.language,
            "toolchain": toolchain.toolchain(),
            "findings": [_as_json(f) for f in findings],
        }
        try:
            artifacts.publish(place, made, source, about)
        except OSError as error:
            wrong = Finding(
                "unreadable-file",
                f"{place} cannot be written: {error.strerror}",
                None,
                "free some room, or mend the folder's permissions",
            )
            return _failed(title, name, (*findings, wrong), publication.folder)
        return Outcome(
            title, name, "built", findings, tuple(a.path for a in made), str(publication.folder)
        )


def _make(
    publication: Publication,
    name: str,
    metadata: Metadata,
    formats: tuple[str, ...],
    loaded: Findings,
    settings: Settings,
    progress: Progress,
) -> tuple[str, Findings, list[artifacts.Artifact]]:
    """All steps up to the files as bytes."""
    title = publication.metadata.name
    levels = metadata.levels

    def judged(found: Findings) -> tuple[bool, Findings]:
        settled = settle(found, levels, lenient=settings.lenient, strict=settings.strict)
        return blocking(settled, lenient=settings.lenient), settled

    cache = Cache(settings.out / ".cache" / "pieces" if settings.use_cache else None)
    tools, wrong = _tools(publication, metadata, cache)
    findings = loaded + wrong + _format_findings(formats) + _date_findings(metadata)
    progress(title, "parse")
    chapters, expanded, found = read_chapters(publication, metadata, name, cache)
    findings += found
    if tools is not None:
        for chapter in chapters:
            findings += glyphs.check(
                chapter.tree, expanded[chapter.source.slug], chapter.source.file, tools.fonts
            )
        findings += glyphs.check_values(_metadata_words(publication, metadata), tools.fonts)
    progress(title, "resolve")
    book, found = resolve(
        [c.facts for c in chapters], metadata, publication.parts, publication.folder
    )
    cover, wrong = _own_cover(publication, metadata)
    findings += found + wrong + _alternative_texts(chapters)
    stop, settled = judged(findings)
    if stop or tools is None:
        return "failed", settled, []
    progress(title, "render")
    edition = _render(publication, name, metadata, book, chapters, tools, settings)
    printed = "".join(glyphs.printed_text(c.tree) for c in chapters)
    printed += "".join(text for text, _ in _metadata_words(publication, metadata))
    tools = _with(tools, text=printed + "".join(tools.words.messages.values()))
    edition = _with(edition, cover=cover or _drawn_cover(edition, tools))
    edition = _with(edition, own_cover=cover is not None)
    made: list[artifacts.Artifact] = []
    for form in formats:
        result, pages = assemble(form, edition, tools, lambda step: progress(title, step))
        findings += result.findings
        made += [
            artifacts.Artifact(path, form, data, pages)
            for path, data in sorted(result.files.items())
        ]
    stop, settled = judged(findings)
    return ("failed" if stop else "made"), settled, made


def read_chapters(
    publication: Publication, metadata: Metadata, edition: str, cache: Cache
) -> tuple[list[Chapter], dict[str, Any], Findings]:
    """expand, parse and transform every chapter; what cannot be read is left out and said."""
    chapters: list[Chapter] = []
    texts: dict[str, Any] = {}
    findings: Findings = ()
    context = {
        "publication": metadata.model_dump(exclude={"editions", "variables"}),
        "edition": edition,
        "variables": metadata.variables,
        **metadata.variables,
    }
    for source in publication.chapters:
        expanded, wrong = expand(
            source.text, file=source.file, enabled=metadata.templating, context=context
        )
        document, more = parse(
            source, expanded, publication.prelude, metadata.markdown.extensions, cache
        )
        findings += wrong + more
        if document is not None:
            chapter, wrong = transform(
                document, source, metadata, alone=len(publication.chapters) == 1
            )
            findings += wrong
            chapters.append(chapter)
            texts[source.slug] = expanded
    return chapters, texts, findings


def _render(
    publication: Publication,
    name: str,
    metadata: Metadata,
    book: Book,
    chapters: list[Chapter],
    tools: Tools,
    settings: Settings,
) -> Edition:
    shift = 0 if metadata.kind in ("book", "course") else 1
    fragments = tuple(
        markup.render(
            chapter,
            book.slices[chapter.source.slug],
            tools.words,
            shift=shift,
            raw_html="none" if metadata.markdown.raw_html == "none" else "safe",
        )
        for chapter in chapters
    )
    return Edition(publication, name, metadata, book, fragments, moment(metadata, settings))


def assemble(
    form: str, edition: Edition, tools: Tools, step: Callable[[str], None]
) -> tuple[Made, int | None]:
    """One format's files; a paged format is typeset and paginated first. Also its page count."""
    module = outputs.load(form)
    if hasattr(module, "typeset"):
        step(f"typeset {form}")
        pages, pieces, findings = paginate(
            module.units(edition),
            lambda unit, first, known: module.typeset(edition, tools, unit, first, known),
        )
        step(f"assemble {form}")
        made = module.assemble(edition, tools, pieces, pages)
        return Made(made.files, findings + made.findings), len(pages.labels)
    step(f"assemble {form}")
    made = module.make(edition, tools)
    return made, None


# what the steps need


def _tools(
    publication: Publication, metadata: Metadata, cache: Cache
) -> tuple[Tools | None, Findings]:
    places = publication.places
    top = Place("publication.yaml", 1)
    layout = layouts.find(metadata.layout, publication.folder, places.get(("layout",), top))
    if isinstance(layout, Finding):
        return None, (layout,)
    style = {k: places.get(("style", k), top) for k in metadata.style}
    findings = layouts.check_tokens(layout, metadata.style, style)
    own, wrong = layouts.own_fonts(
        publication.folder,
        tuple(f for f in metadata.fonts if (publication.folder / f).is_file()),
        {i: places.get(("fonts", i), top) for i in range(len(metadata.fonts))},
    )
    findings += wrong
    words = layout.words(metadata.language)
    if not words.complete:
        findings += (
            Finding(
                "untranslated-language",
                f"Terbit's own words are not translated to {metadata.language}; they are English",
                places.get(("language",), top),
                "add layouts/<theme>/shared/locales/<language>.po with the words",
            ),
        )
    tokens = layout.tokens(metadata.style)
    return Tools(layout, words, tokens, (*own, *layout.fonts), cache), findings


def _with(value: Any, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(value, **changes)


def _format_findings(formats: tuple[str, ...]) -> Findings:
    there = outputs.names()
    return tuple(
        Finding(
            "unknown-format",
            f"there is no format {form} in this version",
            Place("publication.yaml", 1),
            f"there are: {', '.join(there)}",
        )
        for form in formats
        if form not in there
    )


def _date_findings(metadata: Metadata) -> Findings:
    if metadata.date:
        return ()
    return (
        Finding(
            "no-date",
            "the publication has no date",
            Place("publication.yaml", 1),
            "add a line such as date: 2026-11-24",
        ),
    )


def _metadata_words(publication: Publication, metadata: Metadata) -> list[tuple[str, Place]]:
    """The words of the metadata that are printed, with their places."""
    top = Place("publication.yaml", 1)
    out = []
    for key in ("title", "subtitle", "publisher", "place", "rights", "description", "version"):
        value = getattr(metadata, key)
        if value:
            out.append((value, publication.places.get((key,), top)))
    for i, author in enumerate(metadata.authors):
        place = publication.places.get(("authors", i), top)
        out.append((author.name + (author.affiliation or ""), place))
    out += [(part, publication.places.get(("contents",), top)) for part in publication.parts]
    return out


def _alternative_texts(chapters: list[Chapter]) -> Findings:
    from terbit.tree import Image, plain_text, walk

    return tuple(
        Finding(
            "no-alternative-text",
            f"the picture {node.url[:80]} has no alternative text",
            Place(chapter.source.file, node.line),
            "describe it between the brackets, or say {.decorative} behind it",
        )
        for chapter in chapters
        for node in walk(chapter.tree)
        if isinstance(node, Image)
        and not node.attr.has("decorative")
        and not (node.attr.get("alt") or plain_text(node.content)).strip()
    )


def _own_cover(publication: Publication, metadata: Metadata) -> tuple[Picture | None, Findings]:
    if metadata.cover is None or not (publication.folder / metadata.cover).is_file():
        return None, ()
    place = publication.places.get(("cover",), Place("publication.yaml", 1))
    data = (publication.folder / metadata.cover).read_bytes()
    found = examine(data, metadata.cover, place)
    if isinstance(found, Finding):
        return None, (found,)
    if found.width and not 1.2 <= found.height / found.width <= 1.8:
        shape = Finding(
            "own-cover-shape",
            f"the cover is {found.width:g} × {found.height:g}",
            place,
            "shops ask for 1600 × 2560",
        )
        return found, (shape,)
    return found, ()


def _drawn_cover(edition: Edition, tools: Tools) -> Picture:
    """The layout's cover in the shape of an e-book's, drawn by the PDF's own way."""
    width, height = covers.PAGE_MM
    page = edition.metadata.page.model_copy(
        update={"size": f"{width:g}mm {height:g}mm", "bleed": "0mm", "marks": False}
    )
    metadata = edition.metadata.model_copy(update={"page": page})
    drawing = outputs.load("pdf").draw_cover(_with(edition, metadata=metadata), tools)
    data = covers.rasterise(drawing, tools.cache)
    return Picture("cover.png", "image/png", data, covers.WIDTH, covers.HEIGHT)


def moment(metadata: Metadata, settings: Settings) -> int:
    """The moment that files are dated with: SOURCE_DATE_EPOCH, else the date, else 1980."""
    if settings.epoch is not None:
        return max(settings.epoch, DEFAULT_EPOCH)
    if metadata.date:
        day = dt.date.fromisoformat((metadata.date + "-01-01")[:10])
        start = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
        return max(int(start.timestamp()), DEFAULT_EPOCH)
    return DEFAULT_EPOCH


# outcomes


def edition_folder(out: Path, name: str, edition: str) -> Path:
    return out / name / "editions" / edition if edition else out / name


def _failed(name: str, edition: str, findings: Findings, folder: Path) -> Outcome:
    return Outcome(name, edition, "failed", findings, (), str(folder))


def source_digest(publication: Publication, settings: Settings) -> str:
    """SHA-256 over all that can change a publication's files: source, layout, toolchain."""
    h = hashlib.sha256()
    root = publication.folder
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.is_file() and not any(p.startswith(".") for p in relative.parts):
            h.update(relative.as_posix().encode() + b"\0")
            h.update(hashlib.sha256(path.read_bytes()).digest())
    parts = [repr(publication.editions), repr(publication.siblings), toolchain.digest()]
    for name in sorted({m.layout for m in publication.editions.values()}):
        layout = layouts.find(name, root, Place(""))
        parts.append(name if isinstance(layout, Finding) else layout.digest)
    parts.append(repr((settings.lenient, settings.strict, settings.epoch)))
    return digest(h.digest(), *parts)


def _fresh(place: Path, source: str, formats: tuple[str, ...]) -> Findings | None:
    """The findings of the last build if nothing is to be done, else None."""
    manifest = artifacts.read_manifest(place)
    if manifest.get("source") != source:
        return None
    files = [f for f in manifest.get("files", ()) if f["format"] in formats]
    if {f["format"] for f in files if f["source"] == source} != set(formats):
        return None
    if not all(artifacts.is_intact(place, f) for f in files):
        return None
    return tuple(_from_json(f) for f in manifest.get("findings", ()))


def _as_json(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "severity": finding.severity.word,
        "message": finding.message,
        "hint": finding.hint,
        "place": [place.file, place.line, place.column] if place else None,
    }


def _from_json(value: Mapping[str, Any]) -> Finding:
    place = Place(*value["place"]) if value["place"] else None
    severity = Severity[value["severity"].upper()]
    return Finding(value["code"], value["message"], place, value["hint"], severity)
