"""The conductor: the steps in order, on one screen.

load → expand → parse → transform → resolve → render → typeset → paginate →
assemble → publish. What each step is, the manual's chapter on architecture says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from terbit import artifacts, covers, freshness, markup, outputs, preparation, toolchain
from terbit.cache import Cache
from terbit.diagnostics import Finding, Place, blocking, settle
from terbit.errors import LayoutFault
from terbit.metadata import Metadata
from terbit.model import Book, Chapter, Edition, Outcome, Picture, Publication
from terbit.outputs import Made, Tools
from terbit.pipeline import glyphs
from terbit.pipeline.expand import Expanded, expand
from terbit.pipeline.load import load
from terbit.pipeline.paginate import paginate
from terbit.pipeline.parse import parse
from terbit.pipeline.resolve.book import resolve
from terbit.pipeline.transform.rules import transform
from terbit.settings import DEFAULT_EPOCH, Settings

Progress = Callable[[str, str], None]
Findings = tuple[Finding, ...]


def silent(publication: str, step: str) -> None:
    """The progress of nobody."""


@dataclass(frozen=True, slots=True)
class Job:
    """One edition to be built, and how."""

    publication: Publication
    edition: str
    metadata: Metadata
    formats: tuple[str, ...]
    settings: Settings
    progress: Progress

    def step(self, name: str) -> None:
        self.progress(self.publication.metadata.name, name)

    def judge(self, findings: Findings) -> tuple[bool, Findings]:
        """Whether the findings keep the edition from being published, and the findings settled."""
        settled = settle(findings, self.metadata.levels, strict=self.settings.strict)
        return blocking(settled, lenient=self.settings.lenient), settled

    def outcome(self, state: str, findings: Findings, files: tuple[str, ...] = ()) -> Outcome:
        name, folder = self.publication.metadata.name, str(self.publication.folder)
        return Outcome(name, self.edition, state, findings, files, folder)


def build(folder: Path, settings: Settings, progress: Progress = silent) -> list[Outcome]:
    """Build a publication's editions; each gives an outcome, and none raises for bad input."""
    progress(folder.name, "load")
    publication, found = load(folder)
    if publication is None:
        findings = settle(found, strict=settings.strict)
        return [Outcome(folder.resolve().name, "", "failed", findings, (), str(folder))]
    names = editions_meant(publication, settings) if publication.sound else ("",)
    return [_edition(publication, name, found, settings, progress) for name in names]


def fresh(folder: Path, settings: Settings) -> list[Outcome] | None:
    """The outcomes if there is nothing to do, else None: a look before any worker starts."""
    if not settings.use_cache:
        return None
    publication, _ = load(folder)
    if publication is None or not publication.sound:
        return None
    name, out = publication.metadata.name, []
    source = freshness.source_digest(publication, settings)
    for edition in editions_meant(publication, settings):
        metadata = publication.editions.get(edition)
        if metadata is None:
            return None
        place = edition_folder(settings.out, name, edition)
        formats = settings.formats or metadata.formats
        kept = None
        if not artifacts.is_unfinished(place):
            kept = freshness.kept_findings(place, source, formats)
        if kept is None:
            return None
        out.append(Outcome(name, edition, "fresh", kept, (), str(publication.folder)))
    return out


def editions_meant(publication: Publication, settings: Settings) -> tuple[str, ...]:
    """The names of the editions to build; the default edition's is the empty one."""
    return tuple(publication.editions) if "all" in settings.editions else settings.editions


def _edition(
    publication: Publication, name: str, loaded: Findings, settings: Settings, progress: Progress
) -> Outcome:
    """One edition: fresh (nothing to do), built, or failed (nothing changed)."""
    metadata = publication.editions.get(name, publication.metadata)
    formats = settings.formats or metadata.formats
    job = Job(publication, name, metadata, formats, settings, progress)
    if name not in publication.editions:
        there = ", ".join(n for n in publication.editions if n) or "none"
        place = publication.places.get(("editions",), Place("publication.yaml", 1))
        unknown = Finding(
            "unknown-edition", f"there is no edition {name}", place, f"there are: {there}"
        )
        return job.outcome("failed", job.judge((*loaded, unknown))[1])
    title = publication.metadata.name
    folder = edition_folder(settings.out, title, name)
    source = freshness.source_digest(publication, settings)
    try:
        with artifacts.writing(settings.out, title):
            artifacts.recover(folder)
            kept = freshness.kept_findings(folder, source, formats) if settings.use_cache else None
            if kept is not None:
                return job.outcome("fresh", kept)
            made, findings = _make(job, loaded)
            if made is None:
                return job.outcome("failed", findings)
            job.step("publish")
            artifacts.publish(folder, made, source, _about(job, findings))
    except OSError as error:
        what = f"{error.filename or folder} cannot be written: {error.strerror or error}"
        hint = "free some room, or mend the folder's permissions"
        return job.outcome("failed", (*loaded, Finding("unwritable-output", what, None, hint)))
    return job.outcome("built", findings, tuple(a.path for a in made))


def _make(job: Job, loaded: Findings) -> tuple[list[artifacts.Artifact] | None, Findings]:
    """All steps up to the files as bytes; None in place of files that must not be published."""
    cache = Cache(job.settings.out / ".cache" / "pieces" if job.settings.use_cache else None)
    tools, prepared = preparation.tools_for(job.publication, job.edition, job.metadata, cache)
    findings = (
        *loaded,
        *prepared,
        *preparation.unknown_formats(job.publication, job.edition, job.formats),
        *(preparation.undated(job.metadata) if job.publication.sound else ()),
    )
    job.step("parse")
    chapters, texts, found = read_chapters(job, cache)
    findings += found + preparation.undescribed(chapters)
    if tools is not None:
        findings += _glyphs(job, chapters, texts, tools)
    job.step("resolve")
    facts = [chapter.facts for chapter in chapters]
    book, found = resolve(facts, job.metadata, job.publication.parts, job.publication.folder)
    cover, more = preparation.own_cover(job.publication, job.edition, job.metadata)
    stop, settled = job.judge(findings + found + more)
    if stop or tools is None or not job.publication.sound:
        return None, settled
    try:
        edition, tools = _render(job, book, chapters, cover, tools)
        made, late = _assemble_all(job, edition, tools)
    except LayoutFault as error:
        made, late = [], (preparation.layout_finding(error, job.publication),)
    stop, settled = job.judge(findings + found + more + late)
    return (None if stop else made), settled


def read_chapters(job: Job, cache: Cache) -> tuple[list[Chapter], dict[str, Expanded], Findings]:
    """expand, parse, transform: every chapter; what cannot be read is left out and said."""
    metadata = job.metadata
    chapters: list[Chapter] = []
    texts: dict[str, Expanded] = {}
    findings: Findings = ()
    context: dict[str, Any] = {
        "publication": metadata.model_dump(exclude={"editions", "variables"}),
        "edition": job.edition,
        "variables": metadata.variables,
    }
    prelude, extensions = job.publication.prelude, metadata.markdown.extensions
    alone = len(job.publication.chapters) == 1
    for source in job.publication.chapters:
        expanded, wrong = expand(
            source.text, file=source.file, enabled=metadata.templating, context=context
        )
        document, found = parse(source, expanded, prelude, extensions, cache)
        findings += wrong + found
        if document is not None:
            chapter, wrong = transform(document, source, metadata, alone=alone)
            findings += wrong
            chapters.append(chapter)
            texts[source.slug] = expanded
    return chapters, texts, findings


def _glyphs(
    job: Job, chapters: list[Chapter], texts: dict[str, Expanded], tools: Tools
) -> Findings:
    """Every character that is printed has a glyph, or is named at its place."""
    findings: Findings = ()
    for chapter in chapters:
        source = chapter.source
        findings += glyphs.check(chapter.tree, texts[source.slug], source.file, tools.fonts)
    printed = preparation.printed_words(job.publication, job.metadata)
    printed += preparation.made_words(job.publication, job.edition, job.metadata, tools.words)
    return findings + glyphs.check_values(printed, tools.fonts)


def _render(
    job: Job, book: Book, chapters: list[Chapter], cover: Picture | None, tools: Tools
) -> tuple[Edition, Tools]:
    """render: chapters as fragments; and the cover, drawn if the publication has none."""
    job.step("render")
    metadata = job.metadata
    shift = 0 if metadata.kind in ("book", "course") else 1
    raw_html = "none" if metadata.markdown.raw_html == "none" else "safe"
    fragments = tuple(
        markup.render(
            chapter,
            book.slices[chapter.source.slug],
            tools.words,
            shift=shift,
            raw_html=raw_html,
        )
        for chapter in chapters
    )
    printed = [glyphs.printed_text(chapter.tree) for chapter in chapters]
    printed += [text for text, _ in preparation.printed_words(job.publication, metadata)]
    tools = replace(tools, text="".join((*printed, *tools.words.messages.values())))
    edition = Edition(
        job.publication,
        job.edition,
        metadata,
        book,
        fragments,
        moment(metadata, job.settings),
        cover,
        own_cover=cover is not None,
    )
    return replace(edition, cover=cover or _drawn_cover(edition, tools)), tools


def _drawn_cover(edition: Edition, tools: Tools) -> Picture:
    """The layout's cover in the shape of an e-book's, drawn by the PDF's own way."""
    width, height = covers.PAGE_MM
    page = edition.metadata.page.model_copy(
        update={"size": f"{width:g}mm {height:g}mm", "bleed": "0mm", "marks": False}
    )
    metadata = edition.metadata.model_copy(update={"page": page})
    drawing = outputs.load("pdf").draw_cover(replace(edition, metadata=metadata), tools)
    data = covers.rasterise(drawing, tools.cache)
    return Picture("cover.png", "image/png", data, covers.WIDTH, covers.HEIGHT)


def _assemble_all(
    job: Job, edition: Edition, tools: Tools
) -> tuple[list[artifacts.Artifact], Findings]:
    """typeset, paginate, assemble: every format's files."""
    made: list[artifacts.Artifact] = []
    findings: Findings = ()
    for form in job.formats:
        result, pages = assemble(form, edition, tools, job.step)
        findings += result.findings
        made += [
            artifacts.Artifact(path, form, data, pages)
            for path, data in sorted(result.files.items())
        ]
    return made, findings


def assemble(
    form: str, edition: Edition, tools: Tools, step: Callable[[str], None]
) -> tuple[Made, int | None]:
    """One format's files; a paged format is typeset and paginated first, and has a page count."""
    module = outputs.load(form)
    if not hasattr(module, "typeset"):
        step(f"assemble {form}")
        return module.make(edition, tools), None
    step(f"typeset {form}")
    pages, pieces, found = paginate(
        module.units(edition),
        lambda unit, first, known: module.typeset(edition, tools, unit, first, known),
    )
    step(f"assemble {form}")
    made = module.assemble(edition, tools, pieces, pages)
    return Made(made.files, found + made.findings), len(pages.labels)


def moment(metadata: Metadata, settings: Settings) -> int:
    """The moment that files are dated with: SOURCE_DATE_EPOCH, else the date, else 1980."""
    if settings.epoch is not None:
        return max(settings.epoch, DEFAULT_EPOCH)
    if metadata.date:
        day = dt.date.fromisoformat(metadata.date + "-01-01"[len(metadata.date) - 4 :])
        start = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
        return max(int(start.timestamp()), DEFAULT_EPOCH)
    return DEFAULT_EPOCH


def edition_folder(out: Path, name: str, edition: str) -> Path:
    """Where an edition's files go."""
    return out / name / "editions" / edition if edition else out / name


def _about(job: Job, findings: Findings) -> dict[str, Any]:
    """What the manifest says beside the files."""
    return {
        "name": job.publication.metadata.name,
        "edition": job.edition,
        "title": job.metadata.title,
        "language": job.metadata.language,
        "toolchain": toolchain.toolchain(),
        "findings": [freshness.as_json(f) for f in findings],
    }
