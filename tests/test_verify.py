"""What the validators say, as findings; what they cannot say, said."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import Terbit, Write
from terbit.diagnostics import Severity
from terbit.verify import epub

MESSAGE = {
    "ID": "RSC-005",
    "severity": "ERROR",
    "message": "Error while parsing file",
    "additionalLocations": 2,
    "locations": [{"path": "EPUB/text/one.xhtml", "line": 7, "column": 3}],
    "suggestion": "mend it",
}


def answer(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setattr(epub, "missing", lambda: "")
    monkeypatch.setattr(subprocess, "run", run)


def says(*messages: dict[str, Any]) -> Any:
    text = json.dumps({"messages": messages}).encode()
    return lambda *_, **__: subprocess.CompletedProcess([], 1, text, b"")


def test_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, says(MESSAGE))
    (finding,) = epub.check(Path("book.epub"))
    assert finding.message == "RSC-005: Error while parsing file (and 2 more)"
    assert str(finding.place) == "book.epub/EPUB/text/one.xhtml:7"
    assert (finding.severity, finding.hint) == (Severity.ERROR, "mend it")


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("FATAL", Severity.ERROR),
        ("ERROR", Severity.ERROR),
        ("WARNING", Severity.WARNING),
        ("INFO", Severity.NOTE),
        ("USAGE", Severity.NOTE),
    ],
)
def test_severities(word: str, severity: Severity, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, says({**MESSAGE, "severity": word, "locations": []}))
    (finding,) = epub.check(Path("book.epub"))
    assert finding.severity is severity


def timeout(*_: object, **__: object) -> None:
    raise subprocess.TimeoutExpired("java", epub.SECONDS)


def gone(*_: object, **__: object) -> None:
    raise OSError(8, "Exec format error")


def nonsense(*_: object, **__: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.CompletedProcess([], 1, b"", b"Unrecognized VM option\nmore")


@pytest.mark.parametrize(
    ("run", "part"),
    [
        (timeout, "did not finish within"),
        (gone, "Exec format error"),
        (nonsense, "Unrecognized VM option"),
    ],
)
def test_a_validator_that_fails_is_said_to_be_skipped(
    run: Any, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, run)
    (finding,) = epub.check(Path("book.epub"))
    assert finding.code == "check-skipped"
    assert part in finding.message


def test_check_is_found_wanting(
    publication: Write, terbit: Terbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication()
    monkeypatch.setattr(epub, "check", lambda _: (epub.Finding("epubcheck", "RSC-005: a fault"),))
    run = terbit("check", "sample", "--to", "epub", "--report", "json")
    assert (run.code, run.codes) == (1, ["epubcheck"])
    assert Path("build/sample/sample.epub").is_file(), "published all the same"


def test_check_of_what_cannot_be_built(publication: Write, terbit: Terbit) -> None:
    publication("# One\n\n[x](#nowhere)\n")
    assert terbit("check", "sample", "--to", "epub").code == 2
