"""What tests share: running the command line in this process, and writing publications."""

from __future__ import annotations

import functools
import json
import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from terbit import covers
from terbit.cache import Cache
from terbit.cli import main

# how long an example takes says nothing on a busy machine
settings.register_profile("terbit", deadline=None)
settings.load_profile("terbit")

ROOT = Path(__file__).parent.parent
METADATA = "title: Sample\nlanguage: en\ndate: 2026-01-02\n"
_ERROR = re.compile(r"^error: (.*) \[([a-z0-9-]+)\]$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What one command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """The outcomes of `--report json`."""
        return list(json.loads(self.out))

    @property
    def findings(self) -> list[dict[str, Any]]:
        """All findings: of the outcomes, and those that ended the run before there were any."""
        found = [f for o in self.outcomes for f in o["findings"]] if self.out[:1] == "[" else []
        empty = {"severity": "error", "file": None, "line": None, "column": None}
        early = [{**empty, "code": c, "message": m} for m, c in _ERROR.findall(self.err)]
        return found or early

    @property
    def codes(self) -> list[str]:
        return [f["code"] for f in self.findings]


_draw = covers.rasterise


@functools.cache
def _cover(pdf: bytes, width: int, height: int) -> bytes:
    return _draw(pdf, Cache(None), width, height)


def rasterise(
    pdf: bytes, cache: Cache, width: int = covers.WIDTH, height: int = covers.HEIGHT
) -> bytes:
    """The cover, drawn once for all tests that have the same: it is half of a small build."""
    return _cover(pdf, width, height)


Terbit = Callable[..., Run]
Write = Callable[..., Path]


@pytest.fixture
def terbit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terbit:
    """Runs the command line in a temporary folder: `terbit("build", "book") -> Run`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setattr(covers, "rasterise", rasterise)

    def run(*arguments: str) -> Run:
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        return Run(code, said.out, said.err)

    return run


def command(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own."""
    inherited = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from terbit.cli import main; sys.exit(main())",
            *arguments,
        ],
        cwd=cwd,
        env={**inherited, "PYTHONPATH": str(ROOT / "scripts"), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder; `publication.yaml` need not be given."""
    for name, data in {"publication.yaml": METADATA, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


@pytest.fixture
def publication(tmp_path: Path) -> Write:
    """Writes a publication into the temporary folder.

    `publication("# One", yaml="kind: book\\n", name="book", **files) -> its folder`
    """

    def make(
        text: str | bytes | None = "# One\n\nText.\n",
        yaml: str = "",
        name: str = "sample",
        files: Mapping[str, str | bytes] | None = None,
    ) -> Path:
        chapter = {"01.md": text} if text is not None else {}
        return write(
            tmp_path / name, {"publication.yaml": METADATA + yaml, **chapter, **(files or {})}
        )

    return make


def png(width: int, height: int) -> bytes:
    """A grey picture."""
    rows = b"".join(b"\0" + b"\x80" * (3 * width) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


def tree_bytes(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but what Terbit keeps for itself."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".cache" not in p.relative_to(folder).parts
    }
