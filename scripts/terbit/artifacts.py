"""The only writer: staged, journalled, renamed, the manifest last.

Files are written beside their place, the journal says what will be renamed and
removed, then it happens. A build that fails before the journal leaves what was
there; one that is killed after it is finished by the next start.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

MANIFEST = "manifest.json"
_STAGE = ".staged"
_JOURNAL = ".journal.json"


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file: path within the edition's folder, the format that made it, its bytes."""

    path: str
    format: str
    data: bytes
    pages: int | None = None


@contextlib.contextmanager
def writing(out: Path, name: str) -> Iterator[None]:
    """One writer a publication: waits for another build of the same name to end."""
    locks = out / ".cache" / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / f"{name}.lock"):
        yield


def recover(folder: Path) -> None:
    """Finish what a killed build had journalled; drop what it had only staged."""
    journal, stage = folder / _JOURNAL, folder / _STAGE
    if journal.is_file():
        try:
            plan = json.loads(journal.read_text(encoding="utf-8"))
        except ValueError:
            plan = None
        if isinstance(plan, dict) and {"rename", "remove"} <= plan.keys():
            _carry_out(folder, plan)
        else:  # no journal of ours was ever begun: it is renamed into its place when whole
            journal.unlink()
    if stage.exists():
        shutil.rmtree(stage)


def is_unfinished(folder: Path) -> bool:
    """True if a build was killed here: `recover` has something to do."""
    return (folder / _JOURNAL).exists() or (folder / _STAGE).exists()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of what is published there; {} if there is none that can be read."""
    try:
        value = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def is_intact(folder: Path, entry: Mapping[str, Any]) -> bool:
    """True if a file of the manifest is there with the bytes it was published with."""
    try:
        data = (folder / entry["path"]).read_bytes()
    except OSError:
        return False
    return bool(hashlib.sha256(data).hexdigest() == entry["sha256"])


def publish(
    folder: Path, artifacts: list[Artifact], source: str, about: Mapping[str, Any]
) -> dict[str, Any]:
    """Put the artifacts in place and return the new manifest.

    Files of formats that were not made now stay, marked stale if their source was
    another; files that their format no longer makes go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    recover(folder)
    old = read_manifest(folder)
    made = {a.format for a in artifacts}
    entries = [
        {
            "path": a.path,
            "format": a.format,
            "bytes": len(a.data),
            "sha256": hashlib.sha256(a.data).hexdigest(),
            "source": source,
            "stale": False,
            **({"pages": a.pages} if a.pages is not None else {}),
        }
        for a in artifacts
    ]
    paths = {a.path for a in artifacts}
    gone = []
    for entry in old.get("files", ()):
        if entry["path"] in paths:
            continue
        if entry["format"] in made:
            gone.append(entry["path"])
        else:
            entries.append({**entry, "stale": entry["source"] != source})
    entries.sort(key=lambda e: (e["format"], e["path"]))
    manifest = {**about, "source": source, "files": entries}
    stage = folder / _STAGE
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    plan: dict[str, list[str]] = {"rename": [*sorted(paths), MANIFEST], "remove": sorted(gone)}
    try:
        for artifact in artifacts:
            _write(stage / artifact.path, artifact.data)
        _write(stage / MANIFEST, text.encode())
        _write(stage / _JOURNAL, json.dumps(plan).encode())
        (stage / _JOURNAL).replace(folder / _JOURNAL)
    except OSError:
        shutil.rmtree(stage, ignore_errors=True)
        with contextlib.suppress(OSError):  # of a first build nothing stays, not even a folder
            folder.rmdir()
        raise
    _sync_folder(folder)
    _carry_out(folder, plan)
    return manifest


def withdraw(folder: Path) -> bool:
    """Remove what the manifest there lists, and the manifest; False if there is none of ours."""
    manifest = read_manifest(folder)
    if not {"toolchain", "source", "files"} <= manifest.keys():
        return False
    recover(folder)
    for entry in (*read_manifest(folder).get("files", ()), {"path": MANIFEST}):
        path = folder / entry["path"]
        if path.resolve().is_relative_to(folder.resolve()):
            path.unlink(missing_ok=True)
            _prune(path.parent, folder)
    with contextlib.suppress(OSError):
        folder.rmdir()
    return True


def _carry_out(folder: Path, plan: Mapping[str, Any]) -> None:
    """Rename, remove, forget the journal. May be repeated from any point."""
    stage = folder / _STAGE
    for name in plan["rename"]:
        if (stage / name).exists():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (stage / name).replace(target)
    for name in plan["remove"]:
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()
        _prune((folder / name).parent, folder)
    _sync_folder(folder)
    with contextlib.suppress(FileNotFoundError):
        (folder / _JOURNAL).unlink()
    shutil.rmtree(stage, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make renames durable where the system can (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _prune(folder: Path, root: Path) -> None:
    """Remove folders that have become empty."""
    while folder != root and root in folder.parents:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
