"""Findings: what Terbit has to say about a source, as data.

A finding is a code, a severity, a place, a sentence and a hint. Every code a
user can meet stands in `RULES`, the catalogue that the manual prints and the
tests hold against `tests/checks/<CODE>/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum


class Severity(IntEnum):
    """How much a finding weighs. An error keeps its edition from being published."""

    OFF = 0
    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the source: a path relative to the publication, line and column from 1.

    A line or column of 0 is not known.
    """

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        text = self.file
        if self.line:
            text += f":{self.line}"
            if self.column:
                text += f":{self.column}"
        return text


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue.

    `lenient` says that `--lenient` may publish in spite of it, with a
    placeholder that can be seen where something is missing.
    """

    severity: Severity
    title: str
    lenient: bool = False


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

RULES: Mapping[str, Rule] = {
    # the folder and its files
    "no-publication": Rule(_E, "The folder holds no publication.yaml."),
    "missing-file": Rule(_E, "A file that the metadata name does not exist."),
    "empty-file": Rule(_E, "A chapter has no text."),
    "no-chapters": Rule(_E, "The publication has no Markdown file."),
    "outside-folder": Rule(_E, "A path leads out of the publication's folder."),
    "not-utf8": Rule(_E, "A text file is not UTF-8."),
    "control-character": Rule(_E, "A text holds a control character."),
    "unreadable-file": Rule(_E, "A file cannot be read."),
    "unwritable-output": Rule(_E, "The output cannot be written."),
    "name-clash": Rule(_E, "Two publications would be built to the same place."),
    # publication.yaml
    "bad-yaml": Rule(_E, "The YAML is malformed."),
    "unknown-key": Rule(_E, "The metadata have a key that Terbit does not know."),
    "missing-key": Rule(_E, "The metadata lack a required key."),
    "wrong-type": Rule(_E, "A value of the metadata has the wrong type or is not allowed."),
    "bad-language": Rule(_E, "A language tag is not BCP 47."),
    "bad-isbn": Rule(_E, "An ISBN is not valid."),
    "bad-identifier": Rule(_E, "A DOI, UUID or ORCID is not valid."),
    "bad-license": Rule(_E, "A licence is not an SPDX expression."),
    "bad-name": Rule(_E, "A name cannot serve as a file name."),
    "bad-token": Rule(_E, "A design token is unknown or its value is not one CSS value."),
    "bad-page": Rule(_E, "The page cannot be set with this size and these margins."),
    "bad-layout": Rule(_E, "The layout does not exist or has a mistake."),
    "bad-stylesheet": Rule(_E, "A style sheet holds something that cannot be used."),
    "bad-font": Rule(_E, "A font file cannot be used."),
    "unknown-edition": Rule(_E, "The edition asked for is not in the metadata."),
    "unknown-format": Rule(_E, "A format is not known to this version."),
    "no-effect-yet": Rule(_W, "A key is read and valid but has no effect in this version."),
    "untranslated-language": Rule(_W, "Terbit's own words are not translated to the language."),
    "no-date": Rule(_N, "The publication has no date."),
    "own-cover-shape": Rule(_N, "The cover's own picture has not the shape of a cover."),
    # text
    "pandoc-failed": Rule(_E, "Pandoc could not read a chapter."),
    "too-deep": Rule(_E, "A chapter is nested too deeply to be read."),
    "template-failed": Rule(_E, "A template in the text has a mistake."),
    "no-heading": Rule(_W, "A chapter of a book has no heading."),
    "skipped-level": Rule(_W, "A heading skips a level."),
    "duplicate-label": Rule(_E, "Two things carry the same label.", lenient=True),
    "broken-link": Rule(_E, "An internal link leads nowhere.", lenient=True),
    "broken-reference": Rule(_E, "A reference names a label that does not exist.", lenient=True),
    "not-a-citation": Rule(_N, "An @name is neither a label nor a citation; it stays text."),
    "missing-picture": Rule(_E, "A picture does not exist.", lenient=True),
    "unreadable-picture": Rule(_E, "A picture cannot be read.", lenient=True),
    "outside-picture": Rule(_E, "A picture lies outside the publication.", lenient=True),
    "no-alternative-text": Rule(_E, "A picture has no alternative text.", lenient=True),
    "missing-glyph": Rule(_E, "No declared font has a character.", lenient=True),
    "raw-markup": Rule(_W, "Raw markup cannot be shown and was left out."),
    "mathematics-as-source": Rule(_W, "A formula is shown as its TeX source."),
    "convention-not-yet": Rule(_W, "A convention has no effect in this version."),
    "unsafe-markup": Rule(_W, "Raw HTML had a part that is not safe and was left out."),
    "reader-warning": Rule(_W, "Pandoc warned about a chapter."),
    "page-numbers-unsettled": Rule(_W, "Page numbers did not settle."),
    "layout-engine": Rule(_W, "WeasyPrint warned about a page."),
    # validators
    "epubcheck": Rule(_E, "epubcheck found a fault in the EPUB."),
    "check-skipped": Rule(_N, "A check was skipped because something it needs is missing."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say: `code` of `RULES`, a sentence, a hint, a place."""

    code: str
    message: str
    place: Place | None = None
    hint: str = ""
    severity: Severity = field(default=Severity.OFF)

    def __post_init__(self) -> None:
        if self.severity is Severity.OFF:
            object.__setattr__(self, "severity", RULES[self.code].severity)


def settle(
    findings: Iterable[Finding],
    levels: Mapping[str, Severity] | None = None,
    *,
    lenient: bool = False,
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Apply the publication's levels and `--strict`; drop doubles; sort by place.

    With `lenient` the findings keep their severity: what it changes is whether
    they block (see `blocking`).
    """
    levels = levels or {}
    out: dict[Finding, None] = {}
    for finding in findings:
        severity = levels.get(finding.code, finding.severity)
        if strict and severity is Severity.WARNING:
            severity = Severity.ERROR
        if severity is not Severity.OFF:
            out.setdefault(replace(finding, severity=severity))
    nowhere = Place("")
    return tuple(sorted(out, key=lambda f: (f.place or nowhere, -f.severity, f.code, f.message)))


def blocking(findings: Iterable[Finding], *, lenient: bool = False) -> bool:
    """True if one of the findings keeps the edition from being published."""
    return any(
        f.severity is Severity.ERROR and not (lenient and RULES[f.code].lenient) for f in findings
    )
