"""Findings and outcomes as text for people and as JSON for programs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from terbit.diagnostics import Finding, Severity
from terbit.model import Outcome


def shown_path(folder: str, finding: Finding) -> str:
    """A finding's place as a path from where the user stands: an editor can open it."""
    if finding.place is None or not finding.place.file:
        return ""
    path = os.path.normpath(Path(folder) / finding.place.file) if folder else finding.place.file
    relative = os.path.relpath(path)
    path = path if relative.startswith(os.pardir + os.sep + os.pardir) else relative
    text = Path(path).as_posix()
    if finding.place.line:
        text += f":{finding.place.line}"
        if finding.place.column:
            text += f":{finding.place.column}"
    return text


def text(outcomes: Sequence[Outcome], out: Path) -> str:
    """Every finding on a line with its hint below, then what was published."""
    lines: list[str] = []
    for outcome in outcomes:
        for finding in outcome.findings:
            where = shown_path(outcome.folder, finding)
            head = f"{where}: " if where else f"{outcome.publication}: "
            lines.append(f"{head}{finding.severity.word}: {finding.message} [{finding.code}]")
            if finding.hint:
                lines.append(f"    {finding.hint}")
    for outcome in outcomes:
        lines.append(summary(outcome, out))
    return "\n".join(lines)


def summary(outcome: Outcome, out: Path) -> str:
    """One line: what became of an edition."""
    name = outcome.publication + (f" ({outcome.edition})" if outcome.edition else "")
    errors = sum(f.severity is Severity.ERROR for f in outcome.findings)
    warnings = sum(f.severity is Severity.WARNING for f in outcome.findings)
    counts = ", ".join(
        f"{n} {word}{'s' if n != 1 else ''}"
        for n, word in ((errors, "error"), (warnings, "warning"))
        if n
    )
    said = f" ({counts})" if counts else ""
    if outcome.state == "checked":
        return f"{name}: checked{said or ', nothing found wrong'}"
    if outcome.state == "fresh":
        return f"{name}: nothing to do, all is up to date{said}"
    if outcome.state == "failed":
        return f"{name}: not published{said}; what was published before is untouched"
    names = [f for f in outcome.files if "/" not in f]
    if any(f.startswith("site/") for f in outcome.files):
        names.append("site/index.html")
    place = out / outcome.publication / (f"editions/{outcome.edition}" if outcome.edition else "")
    return f"{name}: published {', '.join(names)} in {place}{said}"


def as_json(outcomes: Sequence[Outcome]) -> str:
    """The same for programs: a list of outcomes, each with its findings."""
    value = [
        {
            "publication": o.publication,
            "edition": o.edition,
            "state": o.state,
            "files": list(o.files),
            "findings": [
                {
                    "code": f.code,
                    "severity": f.severity.word,
                    "message": f.message,
                    "hint": f.hint,
                    "file": shown_path(o.folder, f).split(":")[0] or None,
                    "line": f.place.line or None if f.place else None,
                    "column": f.place.column or None if f.place else None,
                }
                for f in o.findings
            ],
        }
        for o in outcomes
    ]
    return json.dumps(value, ensure_ascii=False, indent=1)
