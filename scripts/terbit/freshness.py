"""Freshness: whether a publication needs to be built at all.

The source digest covers all that can change its files: folder, layout, toolchain
and the settings that shape the outcome.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from terbit import artifacts, layouts, toolchain
from terbit.cache import digest
from terbit.diagnostics import Finding, Place, Severity
from terbit.model import Publication
from terbit.settings import Settings


def source_digest(publication: Publication, settings: Settings) -> str:
    """SHA-256 over all that can change a publication's files: source, layout, toolchain."""
    h = hashlib.sha256()
    root, out = publication.folder, settings.out.resolve()
    for path in sorted(root.rglob("*")):
        if path.resolve().is_relative_to(out):
            continue
        relative = path.relative_to(root)
        if path.is_file() and not any(p.startswith(".") for p in relative.parts):
            h.update(relative.as_posix().encode() + b"\0")
            with contextlib.suppress(OSError):  # what cannot be read, load says
                h.update(hashlib.sha256(path.read_bytes()).digest())
    parts = [repr(publication.editions), repr(publication.siblings), toolchain.digest()]
    for name in sorted({m.layout for m in publication.editions.values()}):
        layout = layouts.find(name, root, Place(""))
        parts.append(name if isinstance(layout, Finding) else layout.digest)
    parts.append(repr((settings.lenient, settings.strict, settings.epoch)))
    return digest(h.digest(), *parts)


def kept_findings(place: Path, source: str, formats: tuple[str, ...]) -> tuple[Finding, ...] | None:
    """The findings of the last build if nothing is to be done, else None."""
    manifest = artifacts.read_manifest(place)
    if manifest.get("source") != source:
        return None
    files = [f for f in manifest.get("files", ()) if f["format"] in formats]
    if {f["format"] for f in files if f["source"] == source} != set(formats):
        return None
    if not all(artifacts.is_intact(place, f) for f in files):
        return None
    return tuple(from_json(f) for f in manifest.get("findings", ()))


def as_json(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "severity": finding.severity.word,
        "message": finding.message,
        "hint": finding.hint,
        "place": [place.file, place.line, place.column] if place else None,
    }


def from_json(value: Mapping[str, Any]) -> Finding:
    place = Place(*value["place"]) if value["place"] else None
    severity = Severity[value["severity"].upper()]
    return Finding(value["code"], value["message"], place, value["hint"], severity)
