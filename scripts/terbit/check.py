"""Check: build, then every validator on every file; what is skipped is said, never silent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from terbit import artifacts
from terbit.build import Progress, build, edition_folder, silent
from terbit.diagnostics import Finding, settle
from terbit.model import Outcome
from terbit.settings import Settings
from terbit.verify import epub


def check(folder: Path, settings: Settings, progress: Progress = silent) -> list[Outcome]:
    """The outcomes of building, with the validators' findings added."""
    out = []
    for outcome in build(folder, settings, progress):
        if outcome.state == "failed":
            out.append(outcome)
            continue
        progress(outcome.publication, "verify")
        place = edition_folder(settings.out, outcome.publication, outcome.edition)
        found: list[Finding] = []
        for entry in artifacts.read_manifest(place).get("files", ()):
            if entry["format"] == "epub" and entry["path"].endswith(".epub"):
                found += epub.check(place / entry["path"])
        said = settle((*outcome.findings, *found), strict=settings.strict)
        state = "checked" if outcome.state == "fresh" else outcome.state
        out.append(replace(outcome, state=state, findings=said))
    return out
