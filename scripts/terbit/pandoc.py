"""The one door to Pandoc: Markdown -> Pandoc's JSON, in a child process with limits.

The binary is the one that the pypandoc_binary wheel carries, so the version is
locked with the project. It runs sandboxed (no file or network access), with a
bound on its heap and its time.
"""

from __future__ import annotations

import functools
import json
import subprocess
from typing import Any

import pypandoc

SECONDS = 60
HEAP = "3g"


class PandocFailed(Exception):
    """Pandoc gave no tree; the text says why, `line` where if it said so."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


@functools.cache
def version() -> str:
    return str(pypandoc.get_pandoc_version())


def read(text: str, extensions: str = "", seconds: float = SECONDS) -> tuple[Any, tuple[str, ...]]:
    """Pandoc's JSON of a Markdown text, and what Pandoc warned about.

    `extensions` is a string such as `+hard_line_breaks-smart`.
    Raises PandocFailed.
    """
    command = [
        pypandoc.get_pandoc_path(),
        "+RTS",
        f"-M{HEAP}",
        "-RTS",
        f"--from=markdown{extensions}",
        "--to=json",
        "--sandbox",
        "--preserve-tabs",
    ]
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise PandocFailed(f"Pandoc did not finish within {seconds:g} seconds") from None
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode:
        if "heap" in said.casefold():
            raise PandocFailed(f"Pandoc needed more than {HEAP} of memory")
        raise PandocFailed(" ".join(said.split())[:400] or f"Pandoc ended with {done.returncode}")
    return json.loads(done.stdout), _warnings(said)


def _warnings(said: str) -> tuple[str, ...]:
    """Pandoc's `[WARNING]` messages, each joined to one line."""
    out: list[str] = []
    for line in said.splitlines():
        if line.startswith("[WARNING] "):
            out.append(line.removeprefix("[WARNING] ").strip())
        elif out and line.startswith(" "):
            out[-1] += " " + line.strip()
    return tuple(out)
